//! A modem with a SIM card, through ModemManager on the system's bus
//! (<https://www.freedesktop.org/software/ModemManager/api/latest/ref-dbus.html>).

use crate::{Envelope, SendError, Sms, SmsFault, SmsFaultKind, SmsGateway};
use async_trait::async_trait;
use std::{collections::HashMap, time::Duration};
use zbus::{
    Connection, ObjectPath, OwnedObjectPath, Variant,
    fdo::{self, ObjectManagerProxy},
    proxy,
};

const SERVICE: &str = "org.freedesktop.ModemManager1";
const ROOT: &str = "/org/freedesktop/ModemManager1";
const MODEM: &str = "org.freedesktop.ModemManager1.Modem";
const MESSAGING: &str = "org.freedesktop.ModemManager1.Modem.Messaging";

/// `MMModemState`: what a modem has to be before it sends.
mod state {
    pub(super) const LOCKED: i32 = 2;
    pub(super) const DISABLED: i32 = 3;
    pub(super) const REGISTERED: i32 = 8;
}

/// How long a modem that has just been switched on is waited for: it looks for its network.
const REGISTERS_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[proxy(interface = "org.freedesktop.ModemManager1.Modem", default_service = "org.freedesktop.ModemManager1")]
trait Modem {
    fn enable(&self, enable: bool) -> zbus::Result<()>;
    #[zbus(property(emits_changed_signal = "false"))]
    fn state(&self) -> zbus::Result<i32>;
}

#[proxy(
    interface = "org.freedesktop.ModemManager1.Modem.Messaging",
    default_service = "org.freedesktop.ModemManager1"
)]
trait Messaging {
    fn create(&self, properties: HashMap<&str, Variant<'_>>) -> zbus::Result<OwnedObjectPath>;
    fn delete(&self, path: &ObjectPath<'_>) -> zbus::Result<()>;
}

#[proxy(interface = "org.freedesktop.ModemManager1.Sms", default_service = "org.freedesktop.ModemManager1")]
trait Message {
    fn send(&self) -> zbus::Result<()>;
}

/// The modem in this machine; the first one that sends SMS, where there are several.
#[derive(Clone, Debug, Default)]
pub struct ModemSms {
    /// The bus's address; none: the system's.
    bus: Option<String>,
}

impl ModemSms {
    /// On another bus than the system's: for tests.
    #[must_use]
    pub fn on(bus: String) -> Self {
        Self { bus: Some(bus) }
    }

    /// Hands over one SMS, and waits until the mobile network has it.
    ///
    /// # Errors
    /// [`SmsFault`].
    pub async fn attempt(&self, sms: &Sms) -> Result<(), SmsFault> {
        let bus = self.connection().await.map_err(away)?;
        let path = modem_of(&bus).await?;
        ready(&ModemProxy::new(&bus, path.clone()).await.map_err(away)?).await?;
        let messaging = MessagingProxy::new(&bus, path).await.map_err(away)?;
        let (bus, sms) = (bus.clone(), sms.clone());
        // Whoever has waited long enough goes; the message is taken away all the same.
        let handed = tokio::spawn(async move { hand_over(&bus, &messaging, &sms).await });
        handed.await.map_err(|failure| fault(SmsFaultKind::NotSent, &failure.to_string()))?
    }

    async fn connection(&self) -> zbus::Result<Connection> {
        match &self.bus {
            Some(address) => zbus::connection::Builder::address(address.as_str()).build().await,
            None => Connection::system().await,
        }
    }
}

/// A modem holds some dozens of messages, and then no more; and a code has no place on a SIM card.
async fn hand_over(bus: &Connection, messaging: &MessagingProxy<'_>, sms: &Sms) -> Result<(), SmsFault> {
    let properties = HashMap::from([
        ("number", Variant::from(sms.to.as_str())),
        ("text", Variant::from(sms.text.as_str())),
    ]);
    let message = messaging.create(properties).await.map_err(not_sent)?;
    let sent = match MessageProxy::new(bus, message.clone()).await {
        Ok(proxy) => proxy.send().await,
        Err(error) => Err(error),
    };
    if let Err(error) = messaging.delete(&message).await {
        tracing::warn!(%error, "an SMS stays in the modem");
    }
    sent.map_err(not_sent)
}

async fn modem_of(bus: &Connection) -> Result<OwnedObjectPath, SmsFault> {
    let manager = ObjectManagerProxy::new(bus, SERVICE, ROOT).await.map_err(away)?;
    let objects = manager.get_managed_objects().await.map_err(|error| match error {
        // On a box, ModemManager runs while a modem is plugged in.
        fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_) => {
            fault(SmsFaultKind::NoModem, "nobody manages modems here")
        }
        other => away(other.into()),
    })?;
    let has = |interfaces: &HashMap<_, _>, name| {
        interfaces.keys().any(|key: &zbus::names::OwnedInterfaceName| key.as_str() == name)
    };
    let mut modems: Vec<_> = objects.into_iter().filter(|(_, interfaces)| has(interfaces, MODEM)).collect();
    modems.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    // A locked SIM card leaves a modem without messaging: that is the better reason.
    let found = modems.iter().find(|(_, interfaces)| has(interfaces, MESSAGING)).or(modems.first());
    found.map(|(path, _)| path.clone()).ok_or_else(|| fault(SmsFaultKind::NoModem, "no modem is plugged in"))
}

async fn ready(modem: &ModemProxy<'_>) -> Result<(), SmsFault> {
    let mut state = modem.state().await.map_err(away)?;
    if state == state::LOCKED {
        return Err(fault(SmsFaultKind::SimLocked, "the SIM card asks for its PIN"));
    }
    if state == state::DISABLED {
        modem.enable(true).await.map_err(not_sent)?;
        state = modem.state().await.map_err(away)?;
    }
    let mut looks = REGISTERS_WITHIN.as_millis() / LOOK_EVERY.as_millis();
    while (state::DISABLED..state::REGISTERED).contains(&state) && looks > 0 {
        tokio::time::sleep(LOOK_EVERY).await;
        state = modem.state().await.map_err(away)?;
        looks -= 1;
    }
    match state {
        state::REGISTERED.. => Ok(()),
        _ => Err(fault(SmsFaultKind::NoNetwork, &format!("the modem's state is {state}"))),
    }
}

fn fault(kind: SmsFaultKind, detail: &str) -> SmsFault {
    SmsFault { kind, detail: detail.to_owned() }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn away(error: zbus::Error) -> SmsFault {
    fault(SmsFaultKind::Away, &error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn not_sent(error: zbus::Error) -> SmsFault {
    fault(SmsFaultKind::NotSent, &error.to_string())
}

#[async_trait]
impl SmsGateway for ModemSms {
    async fn send_sms(&self, sms: &Sms, _: Envelope) -> Result<(), SendError> {
        Ok(self.attempt(sms).await?)
    }
}
