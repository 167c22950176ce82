use crate::{endpoints::system::SystemReports, in_call::InCall, machinery::Machinery};
use std::{path::PathBuf, sync::Arc};
use tabellion_conference::Conference;
use tabellion_domain::{
    Clock, Entropy,
    settings::{Access, Settings},
};
use tabellion_store::{Office, Store, StoreError};
use tabellion_system::updater::Updater;
use tokio::sync::Notify;

/// What the server is told at its start.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// `https://host:port`: what links begin with.
    pub public_url: String,
    /// Folder of the pages, as built.
    pub pages: PathBuf,
    /// Whether mails and SMS are shown on a page instead of being sent.
    pub demonstration: bool,
    /// Whether a gateway sends SMS: without one, a code by SMS is no second factor.
    pub sms: bool,
    /// Where the firmware says how the box is.
    pub reports: SystemReports,
    /// Folder of what must survive, for backups of it.
    pub state: PathBuf,
    /// Folder of what is asked of the firmware's programs; not there on a box without firmware.
    pub requests: PathBuf,
    /// The same of what is asked of the user who carries backups to SFTP servers.
    pub sftp_requests: PathBuf,
    /// Who installs updates.
    pub updater: Updater,
    /// Who this box belongs to.
    pub office: Office,
    /// Whom the espace client answers, and how long sessions last.
    pub access: Access,
    /// What the cookies of known devices are signed with.
    pub device_key: [u8; 32],
}

/// What every endpoint can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// What survives.
    pub store: Store,
    /// The live meetings.
    pub conference: Conference,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The machine that the box runs on.
    pub machinery: Arc<dyn Machinery>,
    /// Tells the control process to end in order and start again, with the data that wait for it.
    pub restart: Arc<Notify>,
    /// Whose sessions are in a meeting.
    pub in_call: InCall,
    /// What does not change while running.
    pub config: Arc<WebConfig>,
}

impl AppState {
    /// The settings in force, those that wait for their confirmation as well; the usual ones of a box that has none.
    pub(crate) async fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.store.current_settings(self.clock.now()).await?.unwrap_or_default())
    }
}
