use crate::{endpoints::system::SystemReports, machinery::Machinery};
use std::{path::PathBuf, sync::Arc};
use tabellion_conference::Conference;
use tabellion_domain::{Clock, Entropy};
use tabellion_store::{Office, Store};

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
    /// Who this box belongs to.
    pub office: Office,
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
    /// What does not change while running.
    pub config: Arc<WebConfig>,
}
