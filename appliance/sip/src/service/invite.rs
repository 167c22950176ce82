//! A call that comes in.

use super::Inner;
use crate::{
    auth::Refused,
    calls::{Caller, IncomingCall, Resolution},
    leg::{Actor, DialogRecord, MIN_SESSION, session_asked},
    options,
    places::{Full, Place},
    registry::Device,
    stack::{Incoming, header},
    text::{Address, UriParts, value},
};
use tabellion_domain::Source;
use tracing::{debug, info};

impl Inner {
    pub(super) async fn invite(&self, incoming: Incoming) {
        let number = match self.number(&incoming).await {
            Ok(number) => number,
            Err(refused) => return incoming.reply(refused.code, refused.headers).await,
        };
        let device = match self.device(&incoming).await {
            Ok(device) => device,
            Err(refused) => return incoming.reply(refused.code, refused.headers).await,
        };
        if let Err(refused) = check_invite(&incoming) {
            return incoming.reply(refused.code, refused.headers).await;
        }
        let party = match &device {
            Some(device) => Source::Device(device.username.clone()),
            None => Source::at(incoming.flow.peer.ip()),
        };
        let dialog = match DialogRecord::open(&incoming.request, &incoming.flow, &number, party, &self.stack)
        {
            Ok(dialog) => dialog,
            Err(missing) => {
                debug!(missing = missing.0, "an INVITE opens no dialog");
                return incoming.reply(400, vec![]).await;
            }
        };
        let place = match self.place(dialog.party()) {
            Ok(place) => place,
            Err(refused) => return incoming.reply(refused.code, refused.headers).await,
        };
        let caller = caller(&incoming, device);
        let body = String::from_utf8_lossy(&incoming.request.body).into_owned();
        let offer = (!body.trim().is_empty()).then_some(body);
        let transport = incoming.flow.transport.parameter();
        info!(transport, registered = caller.device.is_some(), late = offer.is_none(), "a call came in");
        let source = incoming.flow.peer.ip();
        let (leg, events) = Actor::open(incoming, dialog, place, self.stack.clone(), self.router.clone());
        self.calls.incoming(IncomingCall { number, caller, source, offer, leg, events }).await;
    }

    /// The dialled number, where it leads somewhere.
    async fn number(&self, incoming: &Incoming) -> Result<String, Refused> {
        let uri = incoming.request.uri.to_string();
        let parts =
            UriParts::parse(&uri).filter(|parts| self.is_ours(parts.host)).ok_or(Refused::plain(404))?;
        match self.calls.resolve(parts.user).await {
            Resolution::Meeting => Ok(parts.user.to_owned()),
            Resolution::Unknown => Err(Refused::plain(404)),
            Resolution::Unavailable => Err(Refused::unavailable()),
        }
    }

    /// The registered device that calls; none for a caller from outside. Who says to be one of ours must prove it.
    async fn device(&self, incoming: &Incoming) -> Result<Option<Device>, Refused> {
        let from =
            value(&incoming.request.headers, "From").and_then(Address::parse).ok_or(Refused::plain(400))?;
        let Some(from) = UriParts::parse(from.uri) else { return Err(Refused::plain(400)) };
        if !self.is_ours(from.host) && !self.auth.has_credentials(incoming) {
            return Ok(None);
        }
        self.auth.check(incoming, from.user).await.map(Some)
    }

    fn place(&self, party: &Source) -> Result<Place, Refused> {
        if self.stack.winds_down() {
            return Err(Refused::unavailable());
        }
        self.places.take(party.clone()).map_err(|full| {
            let registered = matches!(party, Source::Device(_));
            info!(registered, limit = ?full, "a call was refused: as many as may be run already");
            match full {
                // The caller's own doing: 503 would make a proxy shun this box for everybody (RFC 3261 §21.5.4).
                Full::Party => Refused { code: 486, headers: vec![header("Retry-After", "30")] },
                Full::Outside | Full::Everything => Refused::unavailable(),
            }
        })
    }
}

/// What an INVITE must be like, whoever calls.
fn check_invite(incoming: &Incoming) -> Result<(), Refused> {
    let headers = &incoming.request.headers;
    let content_type = value(headers, "Content-Type").unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !incoming.request.body.is_empty() && !kind.eq_ignore_ascii_case("application/sdp") {
        return Err(Refused { code: 415, headers: vec![options::accept()] });
    }
    if session_asked(headers).is_some_and(|interval| interval < MIN_SESSION) {
        return Err(Refused { code: 422, headers: vec![header("Min-SE", MIN_SESSION.to_string())] });
    }
    Ok(())
}

fn caller(incoming: &Incoming, device: Option<Device>) -> Caller {
    let from = value(&incoming.request.headers, "From").and_then(Address::parse);
    let (mut display_name, mut address) = (String::new(), String::new());
    if let Some(from) = from {
        if let Some(parts) = UriParts::parse(from.uri) {
            address = format!("sip:{}@{}", parts.user, parts.host);
        }
        display_name = from.display_name;
    }
    if let Some(device) = &device {
        display_name.clone_from(&device.display_name);
    }
    Caller { device: device.map(|device| device.username), display_name, address }
}
