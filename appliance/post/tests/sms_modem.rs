//! ModemManager, played on a bus of the test's own.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};
use tabellion_post::{ModemSms, Sms, SmsFaultKind};
use zbus::{Connection, OwnedObjectPath, OwnedVariant, fdo, interface};

/// A bus, which ends with the test.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is among the tests' packages");
        let mut address = String::new();
        BufReader::new(daemon.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        Self { daemon, address: address.trim().to_owned() }
    }

    async fn connection(&self) -> Connection {
        zbus::connection::Builder::address(self.address.as_str()).build().await.unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }
}

/// What the modem has done, and how it is.
#[derive(Default)]
struct Log {
    state: i32,
    created: Vec<(String, String)>,
    sent: Vec<String>,
    deleted: Vec<String>,
    refuses: bool,
}

type Shared = Arc<Mutex<Log>>;

struct Modem(Shared);
struct Messaging(Shared);
struct Message(Shared, String);

#[interface(name = "org.freedesktop.ModemManager1.Modem")]
impl Modem {
    /// It is in its network once it has been asked for twice.
    #[zbus(property)]
    fn state(&self) -> i32 {
        let mut log = self.0.lock().unwrap();
        let state = log.state;
        if (4..8).contains(&state) {
            log.state = 8;
        }
        state
    }

    fn enable(&self, enable: bool) {
        assert!(enable);
        self.0.lock().unwrap().state = 7;
    }
}

#[interface(name = "org.freedesktop.ModemManager1.Modem.Messaging")]
impl Messaging {
    async fn create(
        &self,
        properties: HashMap<String, OwnedVariant>,
        #[zbus(object_server)] server: &zbus::ObjectServer,
    ) -> fdo::Result<OwnedObjectPath> {
        let text = |key: &str| <&str>::try_from(&*properties[key]).unwrap().to_owned();
        let path = {
            let mut log = self.0.lock().unwrap();
            log.created.push((text("number"), text("text")));
            format!("/org/freedesktop/ModemManager1/SMS/{}", log.created.len())
        };
        server.at(path.as_str(), Message(self.0.clone(), path.clone())).await?;
        Ok(OwnedObjectPath::try_from(path).unwrap())
    }

    fn delete(&self, path: OwnedObjectPath) {
        self.0.lock().unwrap().deleted.push(path.to_string());
    }
}

#[interface(name = "org.freedesktop.ModemManager1.Sms")]
impl Message {
    fn send(&self) -> fdo::Result<()> {
        let mut log = self.0.lock().unwrap();
        if log.refuses {
            return Err(fdo::Error::Failed("Network timeout".to_owned()));
        }
        log.sent.push(self.1.clone());
        Ok(())
    }
}

struct ModemManager {
    bus: Bus,
    log: Shared,
    _service: Connection,
}

impl ModemManager {
    /// With a modem in this state, and with messaging where its SIM card is not locked.
    async fn with_modem(state: Option<i32>) -> Self {
        let (bus, log) = (Bus::start(), Shared::default());
        let service = bus.connection().await;
        let (server, path) = (service.object_server(), "/org/freedesktop/ModemManager1/Modem/0");
        server.at("/org/freedesktop/ModemManager1", fdo::ObjectManager).await.unwrap();
        if let Some(state) = state {
            log.lock().unwrap().state = state;
            server.at(path, Modem(log.clone())).await.unwrap();
            if state != 2 {
                server.at(path, Messaging(log.clone())).await.unwrap();
            }
        }
        service.request_name("org.freedesktop.ModemManager1").await.unwrap();
        Self { bus, log, _service: service }
    }

    async fn send(&self) -> Result<(), SmsFaultKind> {
        let sms = Sms { to: "+33612345678".to_owned(), text: "Code : 123456".to_owned(), not_after: None };
        ModemSms::on(self.bus.address.clone()).attempt(&sms).await.map_err(|fault| fault.kind)
    }
}

#[tokio::test]
async fn an_sms_goes_out_and_does_not_stay_in_the_modem() {
    let manager = ModemManager::with_modem(Some(8)).await;
    manager.send().await.unwrap();
    let log = manager.log.lock().unwrap();
    assert_eq!(log.created, [("+33612345678".to_owned(), "Code : 123456".to_owned())]);
    assert_eq!((log.sent.len(), &log.deleted), (1, &log.sent));
}

#[tokio::test]
async fn a_modem_that_is_off_is_switched_on_and_waited_for() {
    let manager = ModemManager::with_modem(Some(3)).await;
    manager.send().await.unwrap();
    assert_eq!(manager.log.lock().unwrap().sent.len(), 1);
}

#[tokio::test]
async fn each_fault_has_its_own_reason() {
    assert_eq!(ModemManager::with_modem(None).await.send().await, Err(SmsFaultKind::NoModem));
    assert_eq!(ModemManager::with_modem(Some(2)).await.send().await, Err(SmsFaultKind::SimLocked));
    assert_eq!(ModemManager::with_modem(Some(-1)).await.send().await, Err(SmsFaultKind::NoNetwork), "failed");
    let manager = ModemManager::with_modem(Some(11)).await;
    manager.log.lock().unwrap().refuses = true;
    assert_eq!(manager.send().await, Err(SmsFaultKind::NotSent));
    assert_eq!(manager.log.lock().unwrap().deleted.len(), 1, "and it does not stay there, either");
    let alone = Bus::start();
    let fault = ModemSms::on(alone.address.clone())
        .attempt(&Sms { to: "+33612345678".to_owned(), text: String::new(), not_after: None })
        .await
        .unwrap_err();
    assert_eq!(fault.kind, SmsFaultKind::NoModem, "nobody manages modems on this bus");
    let gone = ModemSms::on("unix:path=/nonexistent/bus".to_owned());
    let sms = Sms { to: "+33612345678".to_owned(), text: String::new(), not_after: None };
    assert_eq!(gone.attempt(&sms).await.unwrap_err().kind, SmsFaultKind::Away);
}
