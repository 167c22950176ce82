//! A real LDAP server (OpenLDAP's slapd) on the loopback, in a folder of its own, that ends with the test.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tabellion_domain::settings::{DirectoryAttributes, DirectoryLogin, DirectoryServer, LdapUrl, Secret};
use tempfile::TempDir;

pub(crate) const BASE: &str = "dc=exemple,dc=fr";
/// Times 25 ms: a busy machine takes its time.
const PATIENCE: usize = 60 * 40;
const ROOT: &str = "cn=racine,dc=exemple,dc=fr";
pub(crate) const PASSWORD: &str = "secret de la racine";

pub(crate) struct Slapd {
    folder: TempDir,
    process: Child,
    plain: u16,
    tls: u16,
    authority_pem: String,
}

impl Slapd {
    /// A server with the base alone, that answers.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority_pem = certify(folder.path());
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("slapd.conf"), configuration(folder.path())).unwrap();
        let (plain, tls) = (free_port(), free_port());
        let log = fs::File::create(folder.path().join("slapd.log")).unwrap();
        // It ends with the test that started it, however that ends.
        let process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "/usr/sbin/slapd"])
            .args(["-d", "0", "-h", &format!("ldap://127.0.0.1:{plain}/ ldaps://127.0.0.1:{tls}/"), "-f"])
            .arg(folder.path().join("slapd.conf"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("slapd is in image/packages/test.list");
        let mut server = Self { folder, process, plain, tls, authority_pem };
        server.wait();
        server.add(&format!(
            "dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Exemple\ndc: exemple\n"
        ));
        server
    }

    fn wait(&mut self) {
        for _ in 0..PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                let log = fs::read_to_string(self.folder.path().join("slapd.log")).unwrap_or_default();
                panic!("slapd has ended with {status}: {log}");
            }
            if TcpStream::connect(("127.0.0.1", self.tls)).is_ok() {
                return;
            }
            let pause = Duration::from_millis(25);
            // A wait for another process, which tells nobody that it listens.
            let (_keep, waiting) = std::sync::mpsc::channel::<()>();
            let _ = waiting.recv_timeout(pause);
        }
        panic!("slapd does not listen");
    }

    /// The settings of a box that follows this server over TLS.
    pub(crate) fn settings(&self) -> DirectoryServer {
        DirectoryServer {
            url: LdapUrl::new(&format!("ldaps://127.0.0.1:{}", self.tls)).unwrap(),
            base: BASE.to_owned(),
            filter: "(objectClass=person)".to_owned(),
            login: Some(DirectoryLogin { dn: ROOT.to_owned(), password: Secret::new(PASSWORD) }),
            authority_pem: Some(self.authority_pem.clone()),
            hours: 6,
            attributes: DirectoryAttributes {
                name: "displayName".to_owned(),
                ..DirectoryAttributes::default()
            },
        }
    }

    /// The same with StartTLS.
    pub(crate) fn starttls(&self) -> DirectoryServer {
        let url = LdapUrl::new(&format!("ldap://127.0.0.1:{}", self.plain)).unwrap();
        DirectoryServer { url, ..self.settings() }
    }

    /// Puts people there, each with a number.
    pub(crate) fn add_people(&self, numbers: std::ops::Range<usize>) {
        let mut text = String::new();
        for n in numbers {
            write!(
                text,
                "dn: cn=p{n},{BASE}\nobjectClass: inetOrgPerson\nobjectClass: extensibleObject\ncn: p{n}\nsn: x\n\
                 displayName: Personne {n:04}\no: Étude {}\ndepartmentNumber: {n:05}\nbusinessCategory: Notaire\n\
                 postalCode: 01000\nl: Saint-Étienne\ntelephoneNumber: 1099{n:06}\n\n",
                n / 3
            )
            .unwrap();
        }
        self.add(&text);
    }

    pub(crate) fn add(&self, ldif: &str) {
        self.run("ldapadd", &[], ldif);
    }

    pub(crate) fn modify(&self, ldif: &str) {
        self.run("ldapmodify", &[], ldif);
    }

    pub(crate) fn delete(&self, name: &str) {
        self.run("ldapdelete", &[&format!("cn={name},{BASE}")], "");
    }

    fn run(&self, tool: &str, arguments: &[&str], ldif: &str) {
        let mut asked = Command::new(tool)
            .args(["-x", "-H", &format!("ldap://127.0.0.1:{}", self.plain), "-D", ROOT, "-w", PASSWORD])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("ldap-utils is in image/packages/test.list");
        asked.stdin.take().unwrap().write_all(ldif.as_bytes()).unwrap();
        assert!(asked.wait().unwrap().success(), "{tool}");
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // After its end: it writes there.
        let _ = fs::remove_dir_all(self.folder.path().join("data"));
    }
}

fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n\
         include /etc/ldap/schema/inetorgperson.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n\
         pidfile {folder}/slapd.pid\nTLSCertificateFile {folder}/server.pem\nTLSCertificateKeyFile {folder}/server.key\n\
         sizelimit unlimited\ndatabase mdb\nsuffix \"{BASE}\"\nrootdn \"{ROOT}\"\nrootpw \"{PASSWORD}\"\ndirectory {folder}/data\n"
    )
}

/// An authority, and the server's certificate by it.
fn certify(folder: &Path) -> String {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate().unwrap();
    let signed = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("server.pem"), server.pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
    signed.pem()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
