//! The registrar (RFC 3261 §10.3).

use crate::{
    auth::{Authenticator, Refused},
    leg::cseq,
    registry::{Binding, Device, RegistryError},
    stack::{Incoming, header},
    text::{Address, UriParts, split, value, values},
};
use rsipstack::sip::{Header, Headers};
use time::{Duration, OffsetDateTime};
use tracing::{error, info};

/// Shortest registration in seconds: below, 423.
const SHORTEST: u32 = 60;
/// Longest, and the one for who asks for none.
const LONGEST: u32 = 3600;
/// Bindings of one device. Equipment that forgets its old ones leaves some.
const MOST_BINDINGS: usize = 8;
/// Longest Contact URI and User-Agent that are stored, in bytes.
const LONGEST_TEXT: usize = 512;

/// One change that a REGISTER asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wish {
    contact: String,
    /// In seconds; 0 removes.
    expires: u32,
}

/// Answers a REGISTER.
pub(crate) async fn register(auth: &Authenticator, incoming: Incoming) {
    let outcome = match address_of_record(&incoming) {
        Some(user) => match auth.check(&incoming, &user).await {
            Ok(device) => apply(auth, &incoming, &device).await,
            Err(refused) => Err(refused),
        },
        None => Err(Refused::plain(400)),
    };
    match outcome {
        Ok(headers) => incoming.reply(200, headers).await,
        Err(refused) => incoming.reply(refused.code, refused.headers).await,
    }
}

/// The user whose bindings change: the one in To.
fn address_of_record(incoming: &Incoming) -> Option<String> {
    let to = Address::parse(value(&incoming.request.headers, "To")?)?;
    let user = UriParts::parse(to.uri)?.user;
    (!user.is_empty()).then(|| user.to_owned())
}

async fn apply(auth: &Authenticator, incoming: &Incoming, device: &Device) -> Result<Vec<Header>, Refused> {
    let now = auth.clock.now();
    let old = bindings(auth, device, now).await?;
    let wishes = wishes(&incoming.request.headers, &old)?;
    let number = cseq(&incoming.request).ok_or(Refused::plain(400))?;
    let call_id = value(&incoming.request.headers, "Call-ID").unwrap_or_default();
    let outdated = |wish: &Wish| {
        old.iter().any(|old| old.contact == wish.contact && old.call_id == call_id && old.cseq >= number)
    };
    if wishes.iter().any(outdated) {
        return Err(Refused::plain(500));
    }
    let added = wishes
        .iter()
        .filter(|wish| wish.expires > 0 && old.iter().all(|old| old.contact != wish.contact))
        .count();
    if old.len() + added > MOST_BINDINGS {
        return Err(Refused::plain(403));
    }
    for wish in &wishes {
        grant(auth, incoming, device, wish, number, now).await.map_err(|error| failed(&error))?;
    }
    if !wishes.is_empty() {
        let gone = wishes.iter().all(|wish| wish.expires == 0);
        let transport = incoming.flow.transport.parameter();
        info!(device = device.username, transport, gone, "a device registered");
    }
    Ok(contacts(&bindings(auth, device, now).await?, now))
}

fn failed(error: &RegistryError) -> Refused {
    error!(%error, "a registration cannot be stored");
    Refused::unavailable()
}

async fn bindings(
    auth: &Authenticator,
    device: &Device,
    now: OffsetDateTime,
) -> Result<Vec<Binding>, Refused> {
    let mut all = auth.registry.bindings(&device.username).await.map_err(|error| failed(&error))?;
    all.retain(|binding| binding.expires_at > now);
    Ok(all)
}

/// All changes, checked before the first is made.
pub(crate) fn wishes(headers: &Headers, old: &[Binding]) -> Result<Vec<Wish>, Refused> {
    let for_all = match value(headers, "Expires") {
        // RFC 3261 §10.2: what cannot be read counts as the default.
        Some(text) => text.trim().parse().unwrap_or(LONGEST),
        None => LONGEST,
    };
    let contacts: Vec<&str> = values(headers, "Contact").flat_map(|line| split(line, ',')).collect();
    if contacts.contains(&"*") {
        let alone = contacts.len() == 1 && value(headers, "Expires").is_some_and(|text| text.trim() == "0");
        if !alone {
            return Err(Refused::plain(400));
        }
        return Ok(old.iter().map(|old| Wish { contact: old.contact.clone(), expires: 0 }).collect());
    }
    if contacts.len() > MOST_BINDINGS {
        return Err(Refused::plain(400));
    }
    contacts.into_iter().map(|contact| wish(contact, for_all)).collect()
}

fn wish(contact: &str, for_all: u32) -> Result<Wish, Refused> {
    let address = Address::parse(contact).ok_or(Refused::plain(400))?;
    if address.uri.len() > LONGEST_TEXT || UriParts::parse(address.uri).is_none() {
        return Err(Refused::plain(400));
    }
    let expires = match address.parameter("expires") {
        Some(text) => text.parse().unwrap_or(LONGEST),
        None => for_all,
    };
    if expires > 0 && expires < SHORTEST {
        return Err(Refused { code: 423, headers: vec![header("Min-Expires", SHORTEST.to_string())] });
    }
    Ok(Wish { contact: address.uri.to_owned(), expires: expires.min(LONGEST) })
}

async fn grant(
    auth: &Authenticator,
    incoming: &Incoming,
    device: &Device,
    wish: &Wish,
    number: u32,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    if wish.expires == 0 {
        return auth.registry.remove_binding(&device.username, &wish.contact).await;
    }
    let headers = &incoming.request.headers;
    let user_agent = value(headers, "User-Agent").unwrap_or_default();
    let binding = Binding {
        device: device.username.clone(),
        contact: wish.contact.clone(),
        source: incoming.flow.peer,
        transport: incoming.flow.transport,
        call_id: value(headers, "Call-ID").unwrap_or_default().to_owned(),
        cseq: number,
        user_agent: user_agent.chars().take(LONGEST_TEXT / 4).collect(),
        expires_at: now + Duration::seconds(wish.expires.into()),
    };
    auth.registry.save_binding(&binding).await
}

/// The current bindings, as the answer lists them.
fn contacts(bindings: &[Binding], now: OffsetDateTime) -> Vec<Header> {
    let line = |binding: &Binding| {
        let left = (binding.expires_at - now).whole_seconds().max(0);
        header("Contact", format!("<{}>;expires={left}", binding.contact))
    };
    bindings.iter().map(line).collect()
}
