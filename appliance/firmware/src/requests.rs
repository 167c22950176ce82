//! What control asks of root: files in a folder of its own, each taken once by the unit that its path unit starts.

use anyhow::{Context, Result};
use serde::{Deserialize, de::DeserializeOwned};
use std::{fs, path::Path};

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
}
