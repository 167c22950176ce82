use super::Input;
use crate::{stack::Retransmissions, text};
use rsipstack::sip::{Headers, Response};
use std::{collections::HashMap, pin::pin, sync::Mutex};
use tokio::sync::{Notify, mpsc};

/// What identifies a dialog (RFC 3261 §12).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct DialogKey {
    pub call_id: String,
    pub local_tag: String,
    pub remote_tag: String,
}

impl DialogKey {
    /// Of a request from the peer.
    pub(crate) fn of_request(headers: &Headers) -> Option<Self> {
        Self::read(headers, "To", "From")
    }

    /// Of a response to a request of ours.
    pub(crate) fn of_response(headers: &Headers) -> Option<Self> {
        Self::read(headers, "From", "To")
    }

    fn read(headers: &Headers, local: &str, remote: &str) -> Option<Self> {
        let tag =
            |name| Some(text::Address::parse(text::value(headers, name)?)?.parameter("tag")?.to_owned());
        let call_id = text::value(headers, "Call-ID")?.to_owned();
        Some(Self { call_id, local_tag: tag(local)?, remote_tag: tag(remote)? })
    }
}

/// All dialogs, and who runs them.
#[derive(Default)]
pub(crate) struct Router {
    legs: Mutex<HashMap<DialogKey, mpsc::Sender<Input>>>,
    removed: Notify,
}

impl Router {
    pub(super) fn insert(&self, key: DialogKey, leg: mpsc::Sender<Input>) {
        self.legs.lock().expect("no panic while locked").insert(key, leg);
    }

    pub(super) fn remove(&self, key: &DialogKey) {
        self.legs.lock().expect("no panic while locked").remove(key);
        self.removed.notify_waiters();
    }

    pub(crate) fn find(&self, key: &DialogKey) -> Option<mpsc::Sender<Input>> {
        self.legs.lock().expect("no panic while locked").get(key).cloned()
    }

    /// Resolves when no call runs.
    pub(crate) async fn emptied(&self) {
        loop {
            // Before the look, so that nothing is missed between it and the waiting.
            let mut removed = pin!(self.removed.notified());
            removed.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            removed.await;
        }
    }

    /// Calls that run.
    pub(crate) fn count(&self) -> usize {
        self.legs.lock().expect("no panic while locked").len()
    }
}

impl Retransmissions for Router {
    fn success(&self, response: &Response) {
        let Some((number, "INVITE")) =
            text::value(&response.headers, "CSeq").and_then(|value| value.split_once(' '))
        else {
            return;
        };
        let leg = DialogKey::of_response(&response.headers).and_then(|key| self.find(&key));
        if let (Some(leg), Ok(number)) = (leg, number.parse()) {
            // A full leg gets the next one.
            let _ = leg.try_send(Input::Success(number));
        }
    }
}
