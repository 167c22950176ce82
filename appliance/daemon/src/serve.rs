//! The control process: opens what it needs, wires it, runs until it is told to end.

use crate::{
    adapters::{KernelEntropy, StoreRegistry, SystemClock, network, service_manager},
    certificates::{self, Identity},
    config::ServeArguments,
    demo_data,
};
use anyhow::{Context, Result, bail};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tabellion_conference::{Conference, ConferenceConfig, PortPool, media::Media};
use tabellion_domain::{Clock, Entropy};
use tabellion_post::{DemonstrationGateway, OutboxWorker, Unconfigured};
use tabellion_sip::{SipConfig, SipService, SipTls};
use tabellion_store::{Office, Store};
use tabellion_web::{AppState, TlsIdentity, WebConfig};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing::{info, warn};

/// Largest rate of a room system's picture in kb/s: Lifesize's default call of 1152, less its sound.
const LEG_KBPS: u32 = 1_088;

/// Runs until SIGTERM or SIGINT.
pub(crate) fn run(arguments: ServeArguments) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(serve(arguments))
}

async fn serve(arguments: ServeArguments) -> Result<()> {
    std::fs::create_dir_all(&arguments.state)
        .with_context(|| format!("cannot make the state folder {}", arguments.state.display()))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(KernelEntropy);
    let store = Store::open(&arguments.state.join("tabellion.db"))?;
    if arguments.demonstration {
        demo_data::seed(&store, clock.as_ref(), &entropy).await?;
    }
    let Some(office) = store.office().await? else {
        bail!("this box belongs to no office yet: start it with --demonstration, or restore a backup");
    };

    let address = match arguments.address {
        Some(address) => address,
        None => network::own_address()?,
    };
    let (media, news) = Media::start(arguments.runtime.join("media.sock"));
    let config = ConferenceConfig {
        office: office.name.clone(),
        media_address: address,
        leg_kbps: LEG_KBPS,
        ports: PortPool::new(arguments.ports.rtp_from..arguments.ports.rtp_to),
    };
    let conference = Conference::new(config, store.clone(), media, clock.clone(), entropy.clone());
    let parts = AppParts { address, store, conference, clock, entropy };
    let identity = identity(&arguments, &office, &parts)?;
    let sip = bind_sip(&arguments, &office, &identity, &parts).await?;
    // Calls of a former run first: until then, what their equipment sends waits in the sockets.
    parts.conference.take_up(sip.clone(), news).await?;
    sip.serve()?;

    let ended = shutdown_signal(arguments.address.is_none().then_some(address))?;
    tokio::spawn(service_manager::give_signs_of_life(parts.store.clone()));
    let worker = tokio::spawn(outbox(&arguments, &parts).run(wait(ended.clone())));
    serve_pages(&arguments, office, &identity, parts, ended).await?;
    sip.stop();
    worker.await.context("the outbox failed")?;
    Ok(())
}

/// The certificate of the web pages and of SIP over TLS.
fn identity(arguments: &ServeArguments, office: &Office, parts: &AppParts) -> Result<Identity> {
    let host = arguments.host.clone().unwrap_or_else(|| office.domain.clone());
    let names = [host, "localhost".to_owned()];
    certificates::identity(&arguments.state, &names, &[parts.address], parts.clock.now())
}

async fn bind_sip(
    arguments: &ServeArguments,
    office: &Office,
    identity: &Identity,
    parts: &AppParts,
) -> Result<SipService> {
    let config = SipConfig {
        address: parts.address,
        udp_port: arguments.ports.sip_port,
        tcp_port: arguments.ports.sip_port,
        tls: Some(SipTls {
            port: arguments.ports.sips_port,
            certificate_pem: identity.certificate_pem.clone(),
            key_pem: identity.key_pem.clone(),
        }),
        domain: office.domain.clone(),
        hosts: arguments.host.clone().into_iter().collect(),
        realm: office.domain.clone(),
        user_agent: concat!("Tabellion/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let registry = Arc::new(StoreRegistry::new(parts.store.clone(), parts.clock.clone()));
    let calls = Arc::new(parts.conference.clone());
    Ok(SipService::bind(config, registry, calls, parts.clock.clone(), parts.entropy.clone()).await?)
}

/// What the pages' server shares with the rest.
struct AppParts {
    address: IpAddr,
    store: Store,
    conference: Conference,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

async fn serve_pages(
    arguments: &ServeArguments,
    office: Office,
    identity: &Identity,
    parts: AppParts,
    ended: watch::Receiver<bool>,
) -> Result<()> {
    let address = SocketAddr::new(parts.address, arguments.ports.https_port);
    let config = WebConfig {
        public_url: arguments.public_url(parts.address),
        pages: arguments.pages.clone(),
        demonstration: arguments.demonstration,
        office,
    };
    let state = AppState {
        store: parts.store,
        conference: parts.conference,
        clock: parts.clock,
        entropy: parts.entropy,
        config: Arc::new(config),
    };
    let listener = service_manager::pages_listener(address).await?;
    service_manager::ready()?;
    info!(port = address.port(), "the web pages are served");
    let identity =
        TlsIdentity { certificate_pem: identity.certificate_pem.clone(), key_pem: identity.key_pem.clone() };
    tabellion_web::serve(listener, &identity, tabellion_web::router(state), wait(ended)).await?;
    Ok(())
}

fn outbox(arguments: &ServeArguments, parts: &AppParts) -> OutboxWorker {
    let (store, clock) = (parts.store.clone(), parts.clock.clone());
    if arguments.demonstration {
        let gateway = Arc::new(DemonstrationGateway::new(store.clone()));
        OutboxWorker::new(store, gateway.clone(), gateway, clock)
    } else {
        OutboxWorker::new(store, Arc::new(Unconfigured), Arc::new(Unconfigured), clock)
    }
}

/// Becomes true with the first SIGTERM or SIGINT, or when `followed` is not this machine's address any more: the next
/// run, which the service manager starts, has the new one.
fn shutdown_signal(followed: Option<IpAddr>) -> Result<watch::Receiver<bool>> {
    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, ended) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
            () = changed(followed) => warn!("this machine's address has changed: starting anew"),
        }
        tell.send_replace(true);
    });
    Ok(ended)
}

async fn changed(followed: Option<IpAddr>) {
    match followed {
        Some(address) => network::until_changed(address).await,
        None => std::future::pending().await,
    }
}

async fn wait(mut ended: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is an end, too.
    let _ = ended.wait_for(|ended| *ended).await;
}
