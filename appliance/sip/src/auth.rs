use crate::{
    digest::{DigestServer, Verdict},
    edge,
    gate::Gate,
    registry::{Device, Registry},
    stack::{Incoming, ProvenFlows, header},
    text::values,
};
use rsipstack::sip::{Header, Headers};
use std::sync::Arc;
use tabellion_domain::{Clock, Entropy};
use tracing::{error, info};

/// Asks devices for their digest.
pub(crate) struct Authenticator {
    pub digest: DigestServer,
    pub registry: Arc<dyn Registry>,
    pub gate: Arc<Gate>,
    pub proven: Arc<ProvenFlows>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

/// How a request without (good) credentials is answered.
pub(crate) struct Refused {
    pub code: u16,
    pub headers: Vec<Header>,
}

impl Refused {
    pub(crate) fn plain(code: u16) -> Self {
        Self { code, headers: vec![] }
    }

    /// This box's fault, for a while.
    pub(crate) fn unavailable() -> Self {
        Self { code: 503, headers: vec![header("Retry-After", "30")] }
    }
}

impl Authenticator {
    /// Whether a request brings credentials for us at all.
    pub(crate) fn has_credentials(&self, incoming: &Incoming) -> bool {
        self.digest.claimed(credentials(&incoming.request.headers)).is_some()
    }

    /// The device that a request is from. `username` is who it says it is, for the choice of the hash.
    pub(crate) async fn check(&self, incoming: &Incoming, username: &str) -> Result<Device, Refused> {
        let Some(claim) = self.digest.claimed(credentials(&incoming.request.headers)) else {
            let device = self.device(username).await?;
            return Err(self.challenge(device.as_ref(), false));
        };
        let device = self.device(claim.username()).await?;
        let method = incoming.method().to_string();
        let source = incoming.flow.peer.ip();
        match (self.digest.check(&claim, &method, device.as_ref(), self.clock.now()), device) {
            (Verdict::Proven, Some(device)) if device.username == username => {
                self.gate.right_password(source);
                self.proven.note(username, &incoming.flow);
                Ok(device)
            }
            (Verdict::Proven, _) => Err(Refused::plain(403)),
            (Verdict::Stale, device) => Err(self.challenge(device.as_ref(), true)),
            (Verdict::Wrong, _) => {
                self.gate.wrong_password(source, edge::now());
                info!(method, "a device's password is wrong");
                Err(Refused::plain(403))
            }
        }
    }

    async fn device(&self, username: &str) -> Result<Option<Device>, Refused> {
        self.registry.device(username).await.map_err(|error| {
            error!(%error, "a device's account cannot be read");
            Refused::unavailable()
        })
    }

    fn challenge(&self, device: Option<&Device>, stale: bool) -> Refused {
        let algorithm = device.map(|device| device.algorithm).unwrap_or_default();
        let value = self.digest.challenge(algorithm, stale, self.clock.now(), &*self.entropy);
        Refused { code: 401, headers: vec![header("WWW-Authenticate", value)] }
    }
}

/// A user agent server asks with 401; equipment behind a proxy of its own may answer in the proxy's header.
pub(crate) fn credentials(headers: &Headers) -> impl Iterator<Item = &str> {
    values(headers, "Authorization").chain(values(headers, "Proxy-Authorization"))
}
