mod invite;

use crate::{
    auth::Authenticator,
    calls::Calls,
    config::{SipConfig, SipError},
    digest::DigestServer,
    gate::{Gate, GateCounters},
    leg::{Actor, DialogKey, DialogRecord, Input, Leg, LegEvent, Router},
    options,
    places::Places,
    registrar,
    registry::Registry,
    stack::{Incoming, SipAddresses, Stack, header},
    text::UriParts,
};
use rsipstack::{sip::Method, transaction::TransactionReceiver};
use std::{net::IpAddr, sync::Arc, time::Duration};
use tabellion_domain::{Clock, Entropy};
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tracing::{info, warn};

/// Requests outside of calls that are worked on at a time.
const MOST_REQUESTS: u32 = 256;
/// How long a stop waits for callers to acknowledge their answers (RFC 3261 §17.2.1: twice repeated, after T1 and 2 T1).
const FAREWELL: Duration = Duration::from_millis(1_600);

/// The SIP service. Cheap to clone.
#[derive(Clone)]
pub struct SipService {
    inner: Arc<Inner>,
}

struct Inner {
    stack: Stack,
    gate: Arc<Gate>,
    router: Arc<Router>,
    auth: Authenticator,
    calls: Arc<dyn Calls>,
    address: IpAddr,
    names: Vec<String>,
    places: Arc<Places>,
    room: Arc<Semaphore>,
}

/// What the service does, for the status page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SipStatus {
    /// The gate's counters.
    pub gate: GateCounters,
    /// Calls that run, ringing ones included.
    pub calls: usize,
    /// Transactions that are worked on.
    pub running_transactions: usize,
    /// Transactions kept for retransmissions.
    pub finished_transactions: usize,
}

/// Why a call cannot be taken up again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RestoreError {
    /// It runs here already.
    #[error("the call runs already")]
    Running,
}

impl SipService {
    /// Binds the sockets. Nothing is read yet: what arrives waits in the kernel, so that calls of a former run can be
    /// [restored](Self::restore) before a request of theirs is answered with 481.
    ///
    /// # Errors
    /// [`SipError`]: the address, a port in use, the certificate.
    pub async fn bind(
        config: SipConfig,
        registry: Arc<dyn Registry>,
        calls: Arc<dyn Calls>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SipError> {
        let gate = Arc::new(Gate::default());
        let router = Arc::new(Router::default());
        let stack = Stack::bind(&config, gate.clone(), entropy.clone(), router.clone()).await?;
        let digest = DigestServer::new(config.realm, &*entropy);
        let proven = stack.proven.clone();
        let auth = Authenticator { digest, registry, gate: gate.clone(), proven, clock, entropy };
        let mut names = config.hosts;
        names.push(config.domain);
        let inner = Inner {
            stack,
            gate,
            router,
            auth,
            calls,
            address: config.address,
            names,
            places: Arc::default(),
            room: Arc::new(Semaphore::new(MOST_REQUESTS as usize)),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Starts to answer.
    ///
    /// # Errors
    /// [`SipError::Serving`] at the second time.
    pub fn serve(&self) -> Result<(), SipError> {
        let requests = self.inner.stack.serve()?;
        tokio::spawn(self.inner.clone().run(requests));
        Ok(())
    }

    /// [`Self::bind`] and [`Self::serve`] at once, where there is nothing to restore.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub async fn start(
        config: SipConfig,
        registry: Arc<dyn Registry>,
        calls: Arc<dyn Calls>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SipError> {
        let service = Self::bind(config, registry, calls, clock, entropy).await?;
        service.serve()?;
        Ok(service)
    }

    /// Goes on with a confirmed call of a former run of this service.
    ///
    /// # Errors
    /// [`RestoreError`].
    pub async fn restore(
        &self,
        record: DialogRecord,
    ) -> Result<(Leg, mpsc::Receiver<LegEvent>), RestoreError> {
        if self.inner.router.find(&record.key()).is_some() {
            return Err(RestoreError::Running);
        }
        let place = self.inner.places.keep(record.party().clone());
        Ok(Actor::resume(record, place, self.inner.stack.clone(), self.inner.router.clone()))
    }

    /// Where the service listens.
    #[must_use]
    pub fn addresses(&self) -> SipAddresses {
        self.inner.stack.addresses
    }

    /// What it does.
    #[must_use]
    pub fn status(&self) -> SipStatus {
        let (running_transactions, finished_transactions) = self.inner.stack.transactions();
        SipStatus {
            gate: self.inner.gate.counters(),
            calls: self.inner.router.count(),
            running_transactions,
            finished_transactions,
        }
    }

    /// Refuses what still rings with 503, and closes the sockets. Calls that were answered are not ended: the next run may
    /// take them up. Takes as long as callers need to acknowledge, [`FAREWELL`] at the most.
    pub async fn stop(&self) {
        let inner = &self.inner;
        inner.stack.wind_down();
        let answered = async {
            // Requests that were being looked at; an INVITE among them is refused, or a leg by now.
            let _all = inner.room.acquire_many(MOST_REQUESTS).await;
            inner.router.emptied().await;
        };
        if timeout(FAREWELL, answered).await.is_err() {
            info!("a caller has not acknowledged its answer before the stop");
        }
        inner.stack.stop();
    }
}

impl Inner {
    async fn run(self: Arc<Self>, mut requests: TransactionReceiver) {
        loop {
            let transaction = tokio::select! {
                () = self.stack.stopped() => return,
                received = requests.recv() => match received {
                    Some(transaction) => transaction,
                    None => return,
                },
            };
            let Some(incoming) = Incoming::new(transaction, self.stack.clone()) else { continue };
            self.clone().dispatch(incoming);
        }
    }

    fn dispatch(self: Arc<Self>, incoming: Incoming) {
        if self.stack.winds_down() {
            // Silence: what is repeated finds the next run, which knows the calls of this one.
            return;
        }
        if incoming.to_tag().is_some() {
            return self.within_dialog(incoming);
        }
        let Ok(permit) = self.room.clone().try_acquire_owned() else {
            // Silence: the peer repeats itself, and the gate limits who floods.
            warn!("too many requests at a time; one was dropped");
            return;
        };
        tokio::spawn(async move {
            self.outside_dialog(incoming).await;
            drop(permit);
        });
    }

    fn within_dialog(&self, incoming: Incoming) {
        let leg = DialogKey::of_request(&incoming.request.headers).and_then(|key| self.router.find(&key));
        let refused = match leg {
            None => Some((incoming, 481)),
            Some(leg) => match leg.try_send(Input::Request(Box::new(incoming))) {
                Ok(()) => None,
                Err(mpsc::error::TrySendError::Closed(Input::Request(incoming))) => Some((*incoming, 481)),
                Err(mpsc::error::TrySendError::Full(Input::Request(incoming))) => Some((*incoming, 503)),
                Err(_) => None,
            },
        };
        if let Some((incoming, code)) = refused {
            tokio::spawn(incoming.reply(code, vec![]));
        }
    }

    async fn outside_dialog(&self, incoming: Incoming) {
        if let Some(refused) = options::unsupported(&incoming.request) {
            return incoming.reply(420, vec![header("Unsupported", refused)]).await;
        }
        match incoming.method() {
            Method::Register if self.is_for_us(&incoming) => registrar::register(&self.auth, incoming).await,
            Method::Register => incoming.reply(404, vec![]).await,
            Method::Options => incoming.reply(200, options::all()).await,
            Method::Invite => self.invite(incoming).await,
            Method::Bye | Method::Info | Method::Update | Method::PRack => incoming.reply(481, vec![]).await,
            _ => incoming.reply(405, vec![options::allow()]).await,
        }
    }

    /// Whether the Request-URI's host is this box by any of its names.
    fn is_for_us(&self, incoming: &Incoming) -> bool {
        let uri = incoming.request.uri.to_string();
        UriParts::parse(&uri).is_some_and(|uri| self.is_ours(uri.host))
    }

    fn is_ours(&self, host: &str) -> bool {
        host.parse::<IpAddr>().is_ok_and(|address| address == self.address)
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}
