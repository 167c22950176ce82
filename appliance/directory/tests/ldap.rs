//! Copies of a real LDAP server, and what becomes of a server that is away, slow, or no LDAP server.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{BASE, Slapd};
use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};
use tabellion_directory::ldap::{Former, LdapFailure, look};
use tabellion_domain::{
    directory::DirectoryEntry,
    settings::{DirectoryLogin, DirectoryServer, LdapUrl, Secret},
};
use time::{Duration, OffsetDateTime, macros::datetime};

const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);

/// A look by a box that has this copy.
async fn copied(server: &DirectoryServer, former: &Former, at: OffsetDateTime) -> (Former, bool) {
    let look = look(server, former.clone(), at).await.unwrap();
    let changed = look.entries.is_some();
    let entries = look.entries.unwrap_or_else(|| former.entries.clone());
    (Former { mark: Some(look.mark), entries }, changed)
}

fn named<'a>(copy: &'a Former, name: &str) -> Option<&'a DirectoryEntry> {
    copy.entries.iter().find(|entry| entry.name == name)
}

#[tokio::test]
async fn everybody_is_copied_page_by_page_over_tls_and_by_starttls() {
    let slapd = Slapd::start();
    slapd.add_people(0..1_203);
    slapd.add(&format!("dn: cn=vide,{BASE}\nobjectClass: inetOrgPerson\ncn: vide\nsn: x\n"));
    for server in [slapd.settings(), slapd.starttls()] {
        let look = look(&server, Former::default(), NINE).await.unwrap();
        let entries = look.entries.unwrap();
        assert_eq!((entries.len(), look.refused), (1_203, 1));
        let one = entries.iter().find(|entry| entry.name == "Personne 0042").unwrap();
        assert_eq!((one.crpcen.as_str(), one.office.as_str()), ("00042", "Étude 14"));
        assert_eq!((one.entity.as_str(), one.town.as_str()), ("Notaire", "Saint-Étienne"));
        assert_eq!((one.postal_code.as_str(), one.account.as_str()), ("01000", "1099000042"));
        assert_eq!(one.key.len(), 36, "entryUUID");
    }
}

#[tokio::test]
async fn changes_are_copied_by_themselves_and_deletions_within_a_day() {
    let slapd = Slapd::start();
    slapd.add_people(0..10);
    let server = slapd.settings();
    let (first, _) = copied(&server, &Former::default(), NINE).await;
    let (same, changed) = copied(&server, &first, NINE + Duration::hours(6)).await;
    assert!(!changed && same.entries == first.entries);
    slapd
        .modify(&format!("dn: cn=p3,{BASE}\nchangetype: modify\nreplace: displayName\ndisplayName: Autre\n"));
    slapd.add_people(10..11);
    slapd.delete("p7");
    let (second, changed) = copied(&server, &same, NINE + Duration::hours(12)).await;
    assert!(changed && second.entries.len() == 11);
    assert!(named(&second, "Autre").is_some() && named(&second, "Personne 0003").is_none());
    assert!(named(&second, "Personne 0010").is_some());
    assert!(named(&second, "Personne 0007").is_some(), "changes do not tell what was deleted");
    let (third, changed) = copied(&server, &second, NINE + Duration::hours(25)).await;
    assert!(changed && third.entries.len() == 10 && named(&third, "Personne 0007").is_none());
}

#[tokio::test]
async fn a_server_that_shows_nothing_or_much_less_is_not_believed() {
    let slapd = Slapd::start();
    let server = slapd.settings();
    let nothing = look(&server, Former::default(), NINE).await;
    assert!(matches!(nothing, Err(LdapFailure::Nothing { refused: 0 })), "{nothing:?}");
    slapd.add_people(0..10);
    let (copy, _) = copied(&server, &Former::default(), NINE).await;
    (0..6).for_each(|n| slapd.delete(&format!("p{n}")));
    let fewer = look(&server, copy.clone(), NINE + Duration::hours(25)).await;
    assert!(matches!(fewer, Err(LdapFailure::TooFew { found: 4, former: 10 })), "{fewer:?}");
    let wanted = DirectoryServer { filter: "(displayName=*)".to_owned(), ..server };
    assert_eq!(copied(&wanted, &copy, NINE + Duration::hours(25)).await.0.entries.len(), 4);
}

#[tokio::test]
async fn what_is_wrong_with_the_settings_is_told_apart() {
    let slapd = Slapd::start();
    slapd.add_people(0..3);
    let good = slapd.settings();
    let failure = async |server: DirectoryServer| look(&server, Former::default(), NINE).await.unwrap_err();
    let login = DirectoryLogin { password: Secret::new("faux"), ..good.login.clone().unwrap() };
    let wrong = failure(DirectoryServer { login: Some(login), ..good.clone() }).await;
    assert!(matches!(wrong, LdapFailure::Login), "{wrong:?}");
    for server in [slapd.settings(), slapd.starttls()] {
        let unknown = failure(DirectoryServer { authority_pem: None, ..server }).await;
        assert!(matches!(unknown, LdapFailure::Untrusted(_)), "{unknown:?}");
    }
    let base = failure(DirectoryServer { base: "dc=ailleurs".to_owned(), ..good.clone() }).await;
    assert!(matches!(base, LdapFailure::Refused { code: 32 }), "{base:?}");
    let filter = failure(DirectoryServer { filter: "(((cn=x)))".to_owned(), ..good.clone() }).await;
    assert!(matches!(filter, LdapFailure::Filter), "{filter:?}");
    let url = good.url.clone();
    drop(slapd);
    let away = failure(DirectoryServer { url, ..good }).await;
    assert!(matches!(away, LdapFailure::Unreachable(_)), "{away:?}");
}

/// Something that takes a connection, hears the first bytes, answers with these and hangs up; or never answers.
fn stranger(answer: Option<&'static [u8]>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Ends with the connection, at the latest with the test's process.
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = [0; 512];
        let _ = stream.read(&mut heard);
        if let Some(answer) = answer {
            let _ = stream.write_all(answer);
            return;
        }
        while stream.read(&mut heard).is_ok_and(|length| length > 0) {}
    });
    port
}

fn at(scheme: &str, port: u16) -> DirectoryServer {
    DirectoryServer {
        url: LdapUrl::new(&format!("{scheme}://127.0.0.1:{port}")).unwrap(),
        base: BASE.to_owned(),
        filter: "(objectClass=person)".to_owned(),
        login: None,
        authority_pem: None,
        hours: 6,
        attributes: Default::default(),
    }
}

#[tokio::test]
async fn whatever_answers_instead_of_a_server_is_an_error_and_no_crash() {
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"\x30\x00",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"\xff\xff\xff\xff\xff\xff\xff",
    ] {
        for scheme in ["ldap", "ldaps"] {
            let failed = look(&at(scheme, stranger(Some(answer))), Former::default(), NINE).await;
            assert!(failed.is_err(), "{answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up() {
    for scheme in ["ldap", "ldaps"] {
        let silent = look(&at(scheme, stranger(None)), Former::default(), NINE).await;
        assert!(matches!(silent, Err(LdapFailure::Slow)), "{silent:?}");
    }
}
