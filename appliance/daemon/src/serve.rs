//! The control process: opens what it needs, wires it, runs until it is told to end.

use crate::{
    acme,
    adapters::{
        KernelEntropy, StoreRegistry, SystemClock,
        network::{self, Found},
        service_manager::{self, Listeners},
    },
    certificates::Identity,
    config::ServeArguments,
    demo_calls, demo_data, demo_directory, demo_scheduled, device_key, directory_server,
    machinery::ThisMachine,
    mail, midnight,
    plan::Plan,
    publication, purge, rehearsal, renewal, restore,
    scheduled::{Scheduled, Ways},
    setup_page, sms, updates,
};
use anyhow::{Context, Result};
use std::{net::SocketAddr, sync::Arc};
use tabellion_conference::{Conference, ConferenceConfig, PortPool, media::Media};
use tabellion_domain::{Clock, Entropy};
use tabellion_post::{DemonstrationGateway, OutboxWorker};
use tabellion_sip::{SipConfig, SipService, SipTls};
use tabellion_store::Store;
use tabellion_web::{AppState, Door, InCall, SystemReports, TlsIdentity, WebConfig};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, watch},
};
use tracing::{info, warn};

/// Largest rate of a room system's picture in kb/s: Lifesize's default call of 1152, less its sound.
const LEG_KBPS: u32 = 1_088;

/// Where root is asked for something, and where the user who carries backups to SFTP servers.
const REQUESTS: &str = "/run/tabellion-requests";
const SFTP_REQUESTS: &str = "/run/tabellion-backup";
/// Backups on their way out.
const OUTGOING: &str = "/var/lib/tabellion-outgoing";

/// Runs until SIGTERM or SIGINT.
pub(crate) fn run(arguments: ServeArguments) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(serve(arguments))
}

async fn serve(arguments: ServeArguments) -> Result<()> {
    std::fs::create_dir_all(&arguments.state)
        .with_context(|| format!("cannot make the state folder {}", arguments.state.display()))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(KernelEntropy);
    let placed = restore::start(&arguments.state)?;
    let store = Store::open(&arguments.state.join("tabellion.db"))?;
    restore::note(placed, &store, clock.as_ref()).await?;
    if arguments.demonstration {
        demo_data::seed(&store, clock.as_ref(), &entropy).await?;
        demo_directory::seed(&store, clock.as_ref()).await?;
        demo_calls::seed(&store, clock.as_ref(), demo_data::USERS[0].login).await?;
        demo_scheduled::seed(&store, clock.as_ref(), &entropy, demo_data::USERS[0].login).await?;
    }
    if let Some(screen) = arguments.screen.clone() {
        if store.settings_state(clock.now()).await?.in_force.is_none() {
            return setup_page::serve(arguments, screen, store, clock, entropy).await;
        }
        Door::close(&screen).context("the code of the set-up page cannot be taken away")?;
    }
    let plan = Plan::new(arguments, &store, clock.as_ref()).await?;

    let (media, news) = Media::start(plan.arguments.runtime.join("media.sock"));
    let config = ConferenceConfig {
        office: plan.office.name.clone(),
        media_address: plan.rooms,
        leg_kbps: LEG_KBPS,
        ports: PortPool::new(plan.ports.rtp_from..plan.ports.rtp_to),
        turn: plan.settings.turn.clone(),
    };
    let conference = Conference::new(config, store.clone(), media, clock.clone(), entropy.clone());
    let parts = AppParts { store, conference, clock, entropy, restart: Arc::default() };
    let identity = plan.identity(parts.clock.as_ref())?;
    let sip = bind_sip(&plan, &identity, &parts).await?;
    // Calls of a former run first: until then, what their equipment sends waits in the sockets.
    parts.conference.take_up(sip.clone(), news).await?;
    sip.serve()?;

    let ended = shutdown_signal(&plan, &identity, &parts)?;
    tokio::spawn(service_manager::give_signs_of_life(parts.store.clone()));
    if let Some(socket) = &plan.arguments.rehearsal {
        let (https, sip) = (plan.ports.https_port, plan.ports.sip_port);
        let door = rehearsal::Door {
            conference: parts.conference.clone(),
            pages: SocketAddr::new(plan.address, https),
            sip: SocketAddr::new(plan.rooms, sip),
            certificate_pem: identity.certificate_pem.clone(),
        };
        door.open(socket)?;
    }
    tokio::spawn(midnight::keep(parts.store.clone(), parts.conference.clone(), parts.clock.clone()));
    tokio::spawn(scheduled_backups(&plan, &parts).await.keep());
    tokio::spawn(update_keeper(&plan, &parts).keep());
    if let Some(server) = plan.settings.directory.clone() {
        let follower =
            directory_server::Follower { server, store: parts.store.clone(), clock: parts.clock.clone() };
        tokio::spawn(follower.follow());
    } else {
        parts.store.forget_directory_trouble().await?;
    }
    tokio::spawn(purge::keep(parts.store.clone(), parts.clock.clone()));
    let worker = tokio::spawn(outbox(&plan, &parts).run(wait(ended.clone())));
    serve_pages(plan, &identity, parts, ended).await?;
    sip.stop().await;
    worker.await.context("the outbox failed")?;
    Ok(())
}

async fn bind_sip(plan: &Plan, identity: &Identity, parts: &AppParts) -> Result<SipService> {
    let config = SipConfig {
        address: plan.rooms,
        udp_port: plan.ports.sip_port,
        tcp_port: plan.ports.sip_port,
        tls: Some(SipTls {
            port: plan.ports.sips_port,
            certificate_pem: identity.certificate_pem.clone(),
            key_pem: identity.key_pem.clone(),
        }),
        domain: plan.office.domain.clone(),
        hosts: plan.public_name().into_iter().collect(),
        realm: plan.office.domain.clone(),
        user_agent: concat!("Tabellion/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let registry = Arc::new(StoreRegistry::new(
        parts.store.clone(),
        parts.clock.clone(),
        parts.conference.clone(),
        plan.office.domain.clone(),
    ));
    let calls = Arc::new(parts.conference.clone());
    Ok(SipService::bind(config, registry, calls, parts.clock.clone(), parts.entropy.clone()).await?)
}

/// What the pages' server shares with the rest.
struct AppParts {
    store: Store,
    conference: Conference,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    restart: Arc<Notify>,
}

async fn serve_pages(
    plan: Plan,
    identity: &Identity,
    parts: AppParts,
    ended: watch::Receiver<bool>,
) -> Result<()> {
    let address = SocketAddr::new(plan.address, plan.ports.https_port);
    let machinery = ThisMachine::new(&plan, identity);
    let config = WebConfig {
        public_url: plan.public_url(),
        pages: plan.arguments.pages.clone(),
        demonstration: plan.arguments.demonstration,
        sms: plan.arguments.demonstration || plan.settings.sms.is_some(),
        reports: SystemReports { codecs: plan.arguments.places.codecs.clone(), ..SystemReports::default() },
        state: plan.arguments.state.clone(),
        requests: REQUESTS.into(),
        sftp_requests: SFTP_REQUESTS.into(),
        updater: plan.arguments.updater(),
        office: plan.office,
        device_key: device_key::kept_in(&plan.arguments.state, parts.entropy.as_ref())?,
        access: plan.settings.access,
    };
    let state = AppState {
        store: parts.store,
        conference: parts.conference,
        clock: parts.clock,
        entropy: parts.entropy,
        machinery: Arc::new(machinery),
        restart: parts.restart,
        in_call: InCall::default(),
        config: Arc::new(config),
    };
    let Listeners { pages, guests } = service_manager::listeners(address, plan.ports.guests_port).await?;
    let restored_to = state.config.state.clone();
    service_manager::ready()?;
    tabellion_backup::served(&restored_to).context("the data before the restore cannot be removed")?;
    info!(port = address.port(), "the web pages are served");
    let identity =
        TlsIdentity { certificate_pem: identity.certificate_pem.clone(), key_pem: identity.key_pem.clone() };
    let access = &state.config.access;
    let guests = async {
        let Some(listener) = guests else { return Ok(()) };
        info!(
            port = listener.local_addr().map_or(0, |at| at.port()),
            "the guests' pages have a port of their own"
        );
        let router = tabellion_web::guest_router(state.clone());
        tabellion_web::serve(listener, &identity, router, access, wait(ended.clone())).await
    };
    let router = tabellion_web::router(state.clone());
    let pages = tabellion_web::serve(pages, &identity, router, access, wait(ended.clone()));
    tokio::try_join!(pages, guests)?;
    Ok(())
}

async fn scheduled_backups(plan: &Plan, parts: &AppParts) -> Scheduled {
    Scheduled {
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        state: plan.arguments.state.clone(),
        ways: Ways { outgoing: OUTGOING.into(), requests: REQUESTS.into(), sftp: SFTP_REQUESTS.into() },
        version: SystemReports::default().version().await,
    }
}

fn update_keeper(plan: &Plan, parts: &AppParts) -> updates::Keeper {
    updates::Keeper {
        updater: plan.arguments.updater(),
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        entropy: parts.entropy.clone(),
    }
}

fn outbox(plan: &Plan, parts: &AppParts) -> OutboxWorker {
    let (store, clock) = (parts.store.clone(), parts.clock.clone());
    if plan.arguments.demonstration {
        let gateway = Arc::new(DemonstrationGateway::new(store.clone()));
        return OutboxWorker::new(store, gateway.clone(), gateway, clock);
    }
    OutboxWorker::new(store, mail::mailer(&plan.settings), sms::gateway(&plan.settings), clock)
}

/// Becomes true with the first SIGTERM or SIGINT, or when this run works with an address, settings or a certificate that are
/// not the box's any more: the next run, which the service manager starts, has the new ones, and takes the meetings up.
fn shutdown_signal(plan: &Plan, identity: &Identity, parts: &AppParts) -> Result<watch::Receiver<bool>> {
    let (followed, publish, settings) =
        (plan.followed(), plan.arguments.publish.clone(), plan.settings.clone());
    let (state, served) = (plan.arguments.state.clone(), identity.certificate_pem.clone());
    let (lasts, store, clock) = (identity.lasts, parts.store.clone(), parts.clock.clone());
    let restart = parts.restart.clone();
    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, ended) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
            () = changed(followed) => warn!("this machine's address has changed: starting anew"),
            () = publication::keep(publish.as_deref(), &settings, &store, &clock) => info!("the settings have changed: starting anew"),
            () = restart.notified() => info!("restored data wait: starting anew"),
            () = acme::keep(&settings, &state, &served, &store, &clock) => info!("a new certificate has come: starting anew"),
            () = renewal::due(lasts, &store, &clock) => info!("the certificate is to be renewed: starting anew"),
        }
        tell.send_replace(true);
    });
    Ok(ended)
}

async fn changed(followed: Option<Found>) {
    match followed {
        Some(found) => network::until_changed(found).await,
        None => std::future::pending().await,
    }
}

pub(crate) async fn wait(mut ended: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is an end, too.
    let _ = ended.wait_for(|ended| *ended).await;
}
