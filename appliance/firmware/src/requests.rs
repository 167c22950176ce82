//! What control asks of root: files in a folder of its own, each taken once by the unit that its path unit starts.

use anyhow::{Context, Result};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// A request that says all by being there.
#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Takes the request away: whatever becomes of it, it is not started again by itself.
///
/// # Errors
/// It cannot be read, or says what nobody asks.
pub(crate) fn take<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    fs::remove_file(path).with_context(|| format!("{} cannot be taken", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not understood", path.display()))
}

/// A file for an answer in a folder of control's own, for root only at first: new, so that no link that lies there leads what is
/// written elsewhere. What is changed of it is changed by its handle, for the same reason.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn make_anew(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o400).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_once_whatever_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("request.json");
        for (text, understood) in [("{}", true), ("{\"command\": \"rm\"}", false), ("", false)] {
            fs::write(&path, text).unwrap();
            assert_eq!(take::<Nothing>(&path).is_ok(), understood, "{text}");
            assert!(!path.exists());
        }
    }

    #[test]
    fn an_answer_is_never_written_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (elsewhere, answer) = (folder.path().join("elsewhere"), folder.path().join("answer"));
        fs::write(&elsewhere, "kept").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &answer).unwrap();
        io::Write::write_all(&mut make_anew(&answer).unwrap(), b"answer").unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"kept");
        assert_eq!(fs::read(&answer).unwrap(), b"answer");
        assert!(fs::symlink_metadata(&answer).unwrap().is_file());
    }
}
