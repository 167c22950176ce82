use super::{HostLabel, Server, setup::Answers};
use serde::{Deserialize, Serialize};

/// What the box is called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// Its host name: `tabellion` where nothing else is said.
    pub host: HostLabel,
    /// The name, or address, in the links that it sends out. Without one: its address.
    pub public: Option<Server>,
}

impl Default for Names {
    fn default() -> Self {
        Self { host: HostLabel::new("tabellion").expect("a host name by RFC 1123"), public: None }
    }
}

impl Names {
    pub(super) fn read(answers: &mut Answers) -> Self {
        let host = answers.optional("names.host", HostLabel::new);
        let public = answers.optional("names.public", Server::new);
        Self { host: host.unwrap_or_else(|| Self::default().host), public }
    }
}
