//! A box without settings: serves its set-up page instead of the espace client, on the same port, until it has them. The next
//! run of control, which the service manager starts, is the usual one.

use crate::{
    adapters::{SystemClock, service_manager},
    certificates,
    config::{Places, ServeArguments},
    machinery,
    publication::{self, AGAIN, publish},
    serve::wait,
    setup::note_set_up,
    trial::Trial,
};
use anyhow::{Context, Result};
use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};
use tabellion_domain::{
    Clock, Entropy,
    settings::{Access, Refusal, Settings, SetupError},
};
use tabellion_media_protocol::addresses;
use tabellion_store::Store;
use tabellion_web::{Card, Door, SetupMachine, SetupState, TlsIdentity};
use time::OffsetDateTime;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing::{error, info};

/// Serves the set-up page until the box is set up, or until SIGTERM or SIGINT. `screen`: the file that the attached screen shows
/// the code of.
///
/// # Errors
/// The port, the certificate or the file cannot be used.
pub(crate) async fn serve(
    arguments: ServeArguments,
    screen: PathBuf,
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<()> {
    let door = Door::new(screen.clone(), entropy.clone())
        .with_context(|| format!("the screen cannot be told the code in {}", screen.display()))?;
    let door = Arc::new(door);
    // No run of its own for each address that the box gets meanwhile, nor for a clock that is set: a browser that has let
    // this certificate pass would not know the next one, and the page would be cut off while it is filled in.
    let names = ["tabellion".to_owned(), "localhost".to_owned()];
    let own = addresses::own().unwrap_or_default();
    let identity = certificates::identity(&arguments.state, &names, &own, clock.now())
        .context("the box's certificate cannot be made")?;
    let address = arguments.address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
    let at = SocketAddr::new(address, arguments.ports.https_port);
    let listener = service_manager::listeners(at, None).await?.pages;
    let state = SetupState {
        store: store.clone(),
        clock: clock.clone(),
        entropy,
        door: door.clone(),
        machine: Arc::new(ThisMachine(arguments.places.clone())),
        pages: arguments.pages.clone(),
        https_port: listener.local_addr()?.port(),
        turn: Arc::default(),
    };
    let ended = until_set_up(arguments.publish.clone(), store.clone(), clock.clone(), door)?;
    tokio::spawn(service_manager::give_signs_of_life(store.clone()));
    service_manager::ready()?;
    info!(port = state.https_port, "this box has no settings yet: its set-up page is served");
    let identity = TlsIdentity { certificate_pem: identity.certificate_pem, key_pem: identity.key_pem };
    let access = Access::default();
    tabellion_web::serve(listener, &identity, tabellion_web::setup_router(state), &access, wait(ended))
        .await?;
    if store.settings_state(clock.now()).await?.in_force.is_some() {
        note_set_up(&arguments.state)?;
        Door::close(&screen).context("the code of the set-up page cannot be taken away")?;
    }
    Ok(())
}

/// Becomes true with the first SIGTERM or SIGINT, or with the first settings that are in force. Meanwhile settings that are tried
/// out are published, and taken back after their deadline.
fn until_set_up(
    published: Option<PathBuf>,
    store: Store,
    clock: Arc<dyn Clock>,
    door: Arc<Door>,
) -> Result<watch::Receiver<bool>> {
    let (mut terminated, mut interrupted) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (tell, ended) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
            () = settings_in_force(published.as_deref(), &store, &clock, &door) => {
                info!("this box has settings now: starting anew");
            }
        }
        tell.send_replace(true);
    });
    Ok(ended)
}

async fn settings_in_force(published: Option<&Path>, store: &Store, clock: &Arc<dyn Clock>, door: &Door) {
    let mut news = store.settings_news();
    loop {
        let now = clock.now();
        let next = match look(published, store, now, door).await {
            Ok(Look { in_force: true, .. }) => return,
            Ok(Look { deadline, .. }) => deadline,
            Err(problem) => {
                error!("{problem:#}");
                Some(now + AGAIN)
            }
        };
        tokio::select! {
            // Its sender lives as long as the store that is held here.
            _ = news.changed() => {}
            () = publication::until(next, now) => {}
        }
    }
}

/// What a look at the settings has found.
struct Look {
    in_force: bool,
    /// When those that are tried out are undone.
    deadline: Option<OffsetDateTime>,
}

async fn look(published: Option<&Path>, store: &Store, now: OffsetDateTime, door: &Door) -> Result<Look> {
    publish(store, published, now).await?;
    let standing = store.settings_state(now).await?;
    let deadline = standing.pending.as_ref().and_then(|change| change.deadline);
    door.tell(deadline.is_some()).context("the screen cannot be told")?;
    Ok(Look { in_force: standing.in_force.is_some(), deadline })
}

/// The machine that control runs on.
struct ThisMachine(Places);

impl SetupMachine for ThisMachine {
    fn faults(&self, settings: &Settings) -> Vec<SetupError> {
        match Trial::of(&self.0, SystemClock.now()) {
            Ok(trial) => trial.faults(settings),
            Err(problem) => {
                error!(%problem, "this box's network cards cannot be listed");
                let what = "les cartes réseau de la boîte ne peuvent pas être lues";
                vec![SetupError::new("network", Refusal::new(what, "Redémarrez la boîte, puis recommencez"))]
            }
        }
    }

    fn cards(&self) -> io::Result<Vec<Card>> {
        machinery::cards(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::KernelEntropy;
    use std::fs;
    use tabellion_domain::{SetupNotice, settings::Author, testing::FakeClock};
    use time::Duration;

    struct Box {
        folder: tempfile::TempDir,
        store: Store,
        door: Arc<Door>,
        clock: FakeClock,
    }

    impl Box {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
            let door = Door::new(folder.path().join("screen.json"), Arc::new(KernelEntropy)).unwrap();
            Self { folder, store, door: Arc::new(door), clock: FakeClock::default() }
        }

        fn published(&self) -> PathBuf {
            self.folder.path().join("settings.json")
        }

        async fn look(&self) -> Look {
            look(Some(&self.published()), &self.store, self.clock.now(), &self.door).await.unwrap()
        }

        fn screen(&self) -> SetupNotice {
            serde_json::from_slice(&fs::read(self.folder.path().join("screen.json")).unwrap()).unwrap()
        }
    }

    fn named() -> Settings {
        let mut settings = Settings::default();
        settings.office.name = "Office".to_owned();
        settings
    }

    #[tokio::test]
    async fn first_settings_that_nobody_confirms_leave_the_box_as_it_was() {
        let new = Box::new();
        let before = new.look().await;
        assert!(!before.in_force && before.deadline.is_none() && !new.published().exists());
        new.store.propose_settings(named(), Author::SetupPage, new.clock.now()).await.unwrap();
        let code = new.screen().code;
        let within = new.look().await;
        assert_eq!(within.deadline, Some(new.clock.now() + Duration::minutes(1)));
        assert!(!within.in_force && new.published().exists() && new.screen().to_confirm);
        new.clock.advance(Duration::minutes(1));
        let after = new.look().await;
        assert!(!after.in_force && after.deadline.is_none() && !new.published().exists());
        assert_eq!(new.screen(), SetupNotice { code, to_confirm: false });
    }

    #[tokio::test]
    async fn settings_that_are_in_force_end_the_run() {
        let new = Box::new();
        let clock: Arc<dyn Clock> = Arc::new(new.clock.clone());
        let path = new.published();
        let mut waiting = std::pin::pin!(settings_in_force(Some(&path), &new.store, &clock, &new.door));
        let early = std::time::Duration::from_millis(200);
        assert!(tokio::time::timeout(early, &mut waiting).await.is_err());
        new.store.set_up(named(), Author::SetupPage, new.clock.now()).await.unwrap();
        tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.unwrap();
        assert!(path.exists());
    }
}
