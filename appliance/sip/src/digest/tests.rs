use super::{hash::response, *};
use std::sync::atomic::{AtomicU8, Ordering};

/// Other bytes at each call.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000 + seconds).unwrap()
}

fn device(algorithm: DigestAlgorithm) -> Device {
    Device {
        username: "salle".to_owned(),
        display_name: String::new(),
        algorithm,
        ha1: ha1(algorithm, "salle", "visio.test", "secret"),
    }
}

/// RFC 2617 §3.5 and RFC 7616 §3.9.1.
#[test]
fn the_vectors_of_the_rfcs_come_out() {
    let old = r#"Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
    let read = Credentials::parse(old).unwrap();
    let secret = ha1(DigestAlgorithm::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    assert_eq!(response(DigestAlgorithm::Md5, &secret, "GET", &read), read.response);
    let new = r#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1""#;
    let read = Credentials::parse(new).unwrap();
    let secret = ha1(DigestAlgorithm::Sha256, "Mufasa", "http-auth@example.org", "Circle of Life");
    assert_eq!(response(DigestAlgorithm::Sha256, &secret, "GET", &read), read.response);
}

struct Client {
    server: DigestServer,
    entropy: Counting,
    device: Device,
}

impl Client {
    fn new(algorithm: DigestAlgorithm) -> Self {
        let entropy = Counting::default();
        Self {
            server: DigestServer::new("visio.test".to_owned(), &entropy),
            entropy,
            device: device(algorithm),
        }
    }

    fn nonce(&self, now: OffsetDateTime) -> String {
        let challenge = self.server.challenge(self.device.algorithm, false, now, &self.entropy);
        challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn header(&self, nonce: &str, nc: &str, uri: &str) -> String {
        let algorithm = self.device.algorithm.name();
        let text = format!(
            "Digest username=\"salle\", realm=\"visio.test\", nonce=\"{nonce}\", uri=\"{uri}\", algorithm={algorithm}, qop=auth, nc={nc}, cnonce=\"c\", response="
        );
        let unsigned = Credentials::parse(&format!("{text}\"\"")).unwrap();
        format!("{text}\"{}\"", response(self.device.algorithm, &self.device.ha1, "REGISTER", &unsigned))
    }

    fn check(&self, header: &str, now: OffsetDateTime) -> Verdict {
        let claim = self.server.claimed([header].into_iter()).unwrap();
        self.server.check(&claim, "REGISTER", Some(&self.device), now)
    }
}

#[test]
fn a_nonce_is_used_in_rising_order_also_above_255() {
    for algorithm in [DigestAlgorithm::Md5, DigestAlgorithm::Sha256] {
        let client = Client::new(algorithm);
        let nonce = client.nonce(at(0));
        for nc in ["00000001", "000000ff", "00000100", "0001869F"] {
            let header = client.header(&nonce, nc, "sip:visio.test");
            assert_eq!(client.check(&header, at(10)), Verdict::Proven, "{nc}");
            assert_eq!(client.check(&header, at(10)), Verdict::Stale, "{nc} again");
        }
    }
}

#[test]
fn old_and_foreign_nonces_are_stale_and_wrong_passwords_wrong() {
    let mut client = Client::new(DigestAlgorithm::Md5);
    let nonce = client.nonce(at(0));
    let header = client.header(&nonce, "00000001", "sip:visio.test");
    assert_eq!(client.check(&header, at(301)), Verdict::Stale);
    assert_eq!(client.check(&client.header("AAAA", "00000001", "sip:x"), at(1)), Verdict::Stale);
    let claim = client.server.claimed([header.as_str()].into_iter()).unwrap();
    assert_eq!(
        client.server.check(&claim, "INVITE", Some(&client.device), at(1)),
        Verdict::Wrong,
        "another method"
    );
    assert_eq!(client.server.check(&claim, "REGISTER", None, at(1)), Verdict::Wrong, "no such device");
    client.device.ha1 = "0".repeat(32);
    assert_eq!(client.check(&header, at(1)), Verdict::Wrong);
}

#[test]
fn the_uri_is_hashed_as_it_was_written() {
    let client = Client::new(DigestAlgorithm::Md5);
    let header = client.header(&client.nonce(at(0)), "00000001", "sip:a%20b@visio.test;Transport=Tls");
    assert_eq!(client.check(&header, at(1)), Verdict::Proven);
}

#[test]
fn nonsense_is_no_credentials() {
    for header in
        ["", "Basic abc", "Digest", "Digest username", "Digest qop=auth-int", "Digest nc=00000001,qop=auth"]
    {
        assert_eq!(Credentials::parse(header), None, "{header}");
    }
    let long = format!("Digest username=\"{}\"", "x".repeat(5_000));
    assert_eq!(Credentials::parse(&long), None);
}
