//! Work that is done in steps, by a thread of its own.

use crate::edge;
use std::{
    io,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

/// A clock that is behind by more than this jumps instead of catching up.
const LATE: Duration = Duration::from_millis(200);

/// The running clock. Stops when dropped.
#[derive(Debug)]
pub struct Ticking {
    _stop: Sender<()>,
}

impl Ticking {
    /// Calls `step` with each step's number and the time at which it is due; it says how long after that the next one is. `name`: the
    /// thread's.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn start(
        name: String,
        mut step: impl FnMut(u64, Instant) -> Duration + Send + 'static,
    ) -> io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        thread::Builder::new().name(name).spawn(move || {
            let mut due = edge::now();
            for number in 0.. {
                let now = edge::now();
                if now.saturating_duration_since(due) > LATE {
                    due = now;
                }
                match stopped.recv_timeout(due.saturating_duration_since(now)) {
                    Err(RecvTimeoutError::Timeout) => {}
                    _ => return,
                }
                due += step(number, due);
            }
        })?;
        Ok(Self { _stop: stop })
    }
}
