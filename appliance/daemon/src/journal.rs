//! The audit journal at the command line.
#![expect(clippy::print_stdout, reason = "this output is the command's result")]

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};
use tabellion_store::Store;

/// `tabellion journal …`
#[derive(Args)]
pub(crate) struct JournalArguments {
    #[command(subcommand)]
    command: JournalCommand,
}

#[derive(Subcommand)]
enum JournalCommand {
    /// Checks that the journal is as it was written, and says where it is not. Prints how many lines it has and the last line's hash: kept
    /// elsewhere, they tell at a later check whether lines were cut off its end. To be run as the user of the control process, which may
    /// run meanwhile.
    Verify(VerifyArguments),
}

#[derive(Args)]
struct VerifyArguments {
    /// Folder of what must survive: database, certificates.
    #[arg(long, value_name = "DIR", default_value = "/var/lib/tabellion")]
    state: PathBuf,
    /// What an earlier check has printed: the journal must still have this line with this hash.
    #[arg(long, value_name = "LINE:HASH")]
    since: Option<Mark>,
}

/// A line of the journal, and its hash: what an earlier check has found at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Mark {
    line: i64,
    hash: [u8; 32],
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.line)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("«{text}» is no mark: give LINE:HASH as an earlier check has printed it");
        let (line, digits) = text.split_once(':').ok_or_else(wrong)?;
        let line = line.parse().map_err(|_| wrong())?;
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(wrong());
        }
        let mut hash = [0; 32];
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self { line, hash })
    }
}

/// Carries it out.
///
/// # Errors
/// The journal is not as it was written, or cannot be read.
pub(crate) fn run(arguments: JournalArguments) -> Result<()> {
    let JournalCommand::Verify(VerifyArguments { state, since }) = arguments.command;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let end = runtime.block_on(verify(&state, since.as_ref()))?;
    println!("the audit journal is as it was written; its end, for a later check with --since: {end}");
    Ok(())
}

/// The journal's end.
async fn verify(state: &Path, since: Option<&Mark>) -> Result<Mark> {
    let database = state.join("tabellion.db");
    ensure!(database.exists(), "{} is missing: name the box's state folder with --state", database.display());
    let store = Store::open(&database)?;
    let (mut begins, mut found) = (None, None);
    let checked = store.check_audit(|check| {
        begins.get_or_insert(check.lines());
        if since.is_some_and(|mark| mark.line == check.lines()) {
            found = Some(check.head());
        }
    });
    let check = checked
        .await?
        .context("what comes after it proves nothing: compare with a backup, and tell the support")?;
    let end = Mark { line: check.lines(), hash: check.head() };
    let Some(mark) = since else { return Ok(end) };
    match found {
        Some(hash) if hash == mark.hash => Ok(end),
        Some(_) => {
            bail!("line {} is not the one of the earlier check: the journal was written anew", mark.line)
        }
        None if mark.line < begins.unwrap_or_default() => bail!(
            "line {} of the earlier check is gone, its retention period is over: use the mark of a later check",
            mark.line
        ),
        None => bail!(
            "the journal ends at line {}, before line {} of the earlier check: lines were cut off",
            end.line,
            mark.line
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_printed_and_nothing_else_is() {
        let mark = Mark { line: 3, hash: [0xa7; 32] };
        assert_eq!(mark.to_string().parse(), Ok(mark));
        for wrong in
            ["", "3", "3:abc", "x:00", &format!("3:{}", "g".repeat(64)), &format!("3:{}", "é".repeat(32))]
        {
            assert!(wrong.parse::<Mark>().unwrap_err().contains("LINE:HASH"), "{wrong}");
        }
    }
}
