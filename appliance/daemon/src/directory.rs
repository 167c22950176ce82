//! The directory of notaries at the command line.

use crate::adapters::SystemClock;
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};
use tabellion_directory::csv::{self, CsvCopy, CsvRefusal, LARGEST, RefusedLine};
use tabellion_domain::{Clock as _, directory::DirectoryOrigin};
use tabellion_store::{NewDirectory, Store};
use tracing::{info, warn};

/// `tabellion directory …`
#[derive(Args)]
pub(crate) struct DirectoryArguments {
    #[command(subcommand)]
    command: DirectoryCommand,
}

#[derive(Subcommand)]
enum DirectoryCommand {
    /// Puts the entries of a CSV file in the place of the directory. To be run as the user of the control process, which may run
    /// meanwhile.
    Import(ImportArguments),
}

#[derive(Args)]
struct ImportArguments {
    /// Folder of what must survive: database, certificates.
    #[arg(long, value_name = "DIR", default_value = "/var/lib/tabellion")]
    state: PathBuf,
    /// The file, UTF-8 or Windows-1252; its first line names the columns.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Carries it out.
///
/// # Errors
/// Nothing was imported, and why.
pub(crate) fn run(arguments: DirectoryArguments) -> Result<()> {
    let DirectoryCommand::Import(ImportArguments { state, file }) = arguments.command;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(import(&state, &file))
}

async fn import(state: &Path, file: &Path) -> Result<()> {
    let database = state.join("tabellion.db");
    ensure!(database.exists(), "{} is missing: name the box's state folder with --state", database.display());
    let copy = match csv::read(&bytes(file)?) {
        Ok(copy) => copy,
        Err(refusal) => {
            if let CsvRefusal::NoGoodLine { refused, count } = &refusal {
                tell(refused, *count);
            }
            bail!("{}: {refusal}", file.display());
        }
    };
    let CsvCopy { entries, refused, refused_count, absent } = copy;
    tell(&refused, refused_count);
    for field in absent {
        warn!("the file has no column «{field}»: it stays empty");
    }
    let count = entries.len();
    let new =
        NewDirectory { entries, origin: DirectoryOrigin::File, mark: None, refused: refused_count, by: None };
    Store::open(&database)?.replace_directory(new, SystemClock.now()).await?;
    info!(entries = count, refused = refused_count, "the directory was replaced");
    Ok(())
}

/// The file, unless it is longer than one may be.
fn bytes(file: &Path) -> Result<Vec<u8>> {
    let opened = File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut bytes = Vec::new();
    // One byte more tells that it is too long.
    let read = opened.take(LARGEST as u64 + 1).read_to_end(&mut bytes);
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(bytes)
}

fn tell(refused: &[RefusedLine], count: u64) {
    for RefusedLine { line, reason } in refused {
        warn!("line {line}: {reason}");
    }
    let rest = count - refused.len() as u64;
    if rest > 0 {
        warn!("{rest} more lines are refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_imported_beside_a_running_box_and_a_bad_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (state, file) = (folder.path(), folder.path().join("annuaire.csv"));
        std::fs::write(&file, "CRPCEN;Office;Nom\n01001;Étude du Parc;Dupont\n").unwrap();
        let problem = import(state, &file).await.unwrap_err();
        assert!(problem.to_string().contains("--state"), "{problem}");
        let running = Store::open(&state.join("tabellion.db")).unwrap();
        import(state, &file).await.unwrap();
        assert_eq!(running.directory_state().await.unwrap().copy.unwrap().entries, 1);
        std::fs::write(&file, "CRPCEN;Office;Nom\n;;\n").unwrap();
        let problem = import(state, &file).await.unwrap_err();
        assert!(problem.to_string().contains("Aucune ligne"), "{problem}");
        assert!(
            import(state, &state.join("none.csv")).await.unwrap_err().to_string().contains("cannot be read")
        );
        assert_eq!(running.directory_state().await.unwrap().copy.unwrap().entries, 1);
    }
}
