use super::Flow;
use crate::registry::SipTransport;
use std::{collections::HashMap, sync::Mutex};

/// The connection over which each device has last proven who it is. What a call's own connection cannot carry any more goes
/// over this one: a device behind a translation, or one whose certificate nobody here can check, is reached in no other
/// way (RFC 5626 §5.3; RFC 5923 §3 allows it for the side that accepted the connection).
#[derive(Default)]
pub(crate) struct ProvenFlows(Mutex<HashMap<String, Flow>>);

impl ProvenFlows {
    /// A digest of this device came over this flow, and was right. Only accounts get here, so strangers cannot fill it.
    pub(crate) fn note(&self, device: &str, flow: &Flow) {
        if flow.transport != SipTransport::Udp {
            self.0.lock().expect("no panic while locked").insert(device.to_owned(), flow.clone());
        }
    }

    /// The device's connection, while it lives and where it is of this transport: what was encrypted stays so.
    pub(crate) fn of(&self, device: &str, transport: SipTransport) -> Option<Flow> {
        let mut flows = self.0.lock().expect("no panic while locked");
        if flows.get(device).is_some_and(|flow| !flow.lives()) {
            flows.remove(device);
        }
        flows.get(device).filter(|flow| flow.transport == transport).cloned()
    }
}
