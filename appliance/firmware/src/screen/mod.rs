//! The attached screen (tabellion-screen.service): what this box is, where it is reached, and how it is set up. It shows, and
//! takes no input; what other consoles offer lies on terminals of their own.

mod console;
mod facts;
mod picture;
mod qr;

use crate::run::run;
use anyhow::Result;
use console::Console;
use facts::{Facts, Sources};
use std::{path::PathBuf, thread, time::Duration};
use tracing::warn;

/// Between two looks at the box.
const LOOK: Duration = Duration::from_secs(5);
/// Looks until the picture is drawn again although nothing has changed: others write on the same terminal, the kernel among them.
/// Rare enough for somebody to read what they wrote.
const REPAIR: u32 = 4;

/// What the screen is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The terminal to draw on.
    #[arg(long, value_name = "FILE", default_value = "/dev/tty1")]
    terminal: PathBuf,
    /// Where its size is read (vcs(4)).
    #[arg(long, value_name = "FILE", default_value = "/dev/vcsa1")]
    size: PathBuf,
}

/// Draws whatever changes, until it is ended.
///
/// # Errors
/// The terminal cannot be written to.
pub(crate) fn show(arguments: &Arguments) -> Result<()> {
    let mut console = Console::open(&arguments.terminal, arguments.size.clone())?;
    // What somebody types is shown nowhere, and nobody reads it.
    if let Err(problem) = run("stty", &["-F", &arguments.terminal.display().to_string(), "-echo"]) {
        warn!("what is typed is shown on the screen: {problem:#}");
    }
    let sources = Sources::default();
    let (mut shown, mut looks) = (None, 0);
    loop {
        let now = (Facts::look(&sources), console.size());
        if shown.as_ref() != Some(&now) || looks >= REPAIR {
            let (facts, (columns, rows)) = &now;
            console.draw(&picture::of(facts, *columns, *rows))?;
            (shown, looks) = (Some(now), 0);
        }
        looks += 1;
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "this process does nothing else than look, and wait")]
fn pause() {
    thread::sleep(LOOK);
}
