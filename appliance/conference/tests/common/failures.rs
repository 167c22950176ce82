//! What the box logs as an error. A failure is logged once, where it is handled: that tells a test that it was.

use std::sync::{Arc, Mutex};
use tracing::{Event, Level, Metadata, Subscriber, span, subscriber::DefaultGuard};

pub(crate) struct Failures {
    logged: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl Failures {
    /// Everything of this test: its tasks all run on its own thread.
    pub(crate) fn follow() -> Self {
        let logged = Arc::default();
        let guard = tracing::subscriber::set_default(Errors(Arc::clone(&logged)));
        Self { logged, _guard: guard }
    }

    /// Whether this was logged and not taken yet.
    pub(crate) fn take(&self, message: &str) -> bool {
        let mut logged = self.logged.lock().unwrap();
        let at = logged.iter().position(|line| line.contains(message));
        at.map(|at| logged.remove(at)).is_some()
    }
}

struct Errors(Arc<Mutex<Vec<String>>>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            if field.name() == "message" {
                line = format!("{value:?}");
            }
        });
        self.0.lock().unwrap().push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
