use super::Trust;
use serde_json::json;
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::net::TcpStream;

/// An authority for tests (<https://github.com/letsencrypt/pebble>).
pub(crate) struct Pebble {
    pub(crate) directory: String,
    pub(crate) trust: Trust,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Pebble {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Pebble {
    /// One that asks the DNS server at this port.
    pub(crate) async fn start(dns_port: u16) -> Self {
        let (folder, trust) = (tempfile::tempdir().unwrap(), Trust::new());
        let (certificate, key) = (folder.path().join("server.pem"), folder.path().join("server.key"));
        std::fs::write(&certificate, &trust.certificate_pem).unwrap();
        std::fs::write(&key, &trust.key_pem).unwrap();
        let (port, management) = (free_port(), free_port());
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": certificate, "privateKey": key,
            "httpPort": 5002, "tlsPort": 5001, "ocspResponderURL": "", "externalAccountBindingRequired": false,
        }});
        let file = folder.path().join("pebble.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let process = Command::new("pebble")
            .arg("-config")
            .arg(&file)
            .args(["-dnsserver", &format!("127.0.0.1:{dns_port}")])
            // It waits for up to 15 s before it looks otherwise.
            .env("PEBBLE_VA_NOSLEEP", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pebble is among the packages of image/packages/test.list");
        let pebble =
            Self { directory: format!("https://127.0.0.1:{port}/dir"), trust, process, _folder: folder };
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        for _ in 0..200 {
            looks.tick().await;
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return pebble;
            }
        }
        panic!("pebble does not listen");
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
