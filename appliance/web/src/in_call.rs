use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The sessions whose pages are in a meeting, or in front of one, by their hash: their day ends when that does (AUTH-07). Cheap to clone.
#[derive(Clone, Default)]
pub struct InCall(Arc<Mutex<HashMap<[u8; 32], usize>>>);

/// One page in a meeting, until it is dropped.
pub(crate) struct Presence {
    session: [u8; 32],
    all: InCall,
}

impl InCall {
    /// A page of this session is in a meeting from now on.
    pub(crate) fn enter(&self, session: [u8; 32]) -> Presence {
        *self.open().entry(session).or_default() += 1;
        Presence { session, all: self.clone() }
    }

    /// Whether a page of this session is in a meeting.
    pub(crate) fn has(&self, session: &[u8; 32]) -> bool {
        self.open().contains_key(session)
    }

    /// Whole after each change: one that panicked has left it as it was.
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut open = self.all.open();
        if let Some(pages) = open.get_mut(&self.session) {
            *pages -= 1;
            if *pages == 0 {
                open.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_in_a_meeting_until_its_last_page_has_left() {
        let all = InCall::default();
        let (first, second) = (all.enter([1; 32]), all.enter([1; 32]));
        drop(first);
        assert!(all.has(&[1; 32]) && !all.has(&[2; 32]));
        drop(second);
        assert!(!all.has(&[1; 32]));
        assert!(all.open().is_empty(), "nothing is kept of those who left");
    }
}
