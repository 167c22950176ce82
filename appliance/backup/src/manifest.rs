use crate::{PARTS, Refusal};
use serde::{Deserialize, Serialize};

/// The first entry of a backup, by this name.
pub(crate) const NAME: &str = "manifest.json";
/// The form of backups that this release writes, and the last one that it reads.
pub(crate) const FORMAT: u32 = 1;
/// The largest manifest that is read, in bytes.
pub(crate) const LARGEST: u64 = 64 * 1024;

/// What a backup is, and what is in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    /// The firmware that made it.
    pub version: String,
    /// The database's schema.
    pub schema: u32,
    /// When, RFC 3339, UTC.
    pub made_at: String,
    /// Whose data: the office's name.
    pub office: String,
    /// What follows, in this order.
    pub parts: Vec<Part>,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// One of a few names.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub(crate) fn read(text: &[u8]) -> Result<Self, Refusal> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
            version: String,
        }
        let Format { format, version } = serde_json::from_slice(text).map_err(|_| Refusal::Damaged)?;
        if format > FORMAT {
            return Err(Refusal::Newer { version });
        }
        let manifest: Self = serde_json::from_slice(text).map_err(|_| Refusal::Damaged)?;
        let mut known = PARTS.iter();
        let in_order = manifest.parts.iter().all(|part| known.any(|name| *name == part.name));
        // A backup without its database restores nothing.
        let whole = manifest.parts.first().is_some_and(|part| part.name == PARTS[0]);
        if in_order && whole { Ok(manifest) } else { Err(Refusal::Damaged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(parts: &[&str]) -> Manifest {
        let part = |name: &&str| Part { name: (*name).to_owned(), bytes: 1, sha256: String::new() };
        Manifest {
            format: FORMAT,
            version: "0.1.0".to_owned(),
            schema: 4,
            made_at: "2026-11-23T09:00:00Z".to_owned(),
            office: "Office".to_owned(),
            parts: parts.iter().map(part).collect(),
        }
    }

    fn read(manifest: &Manifest) -> Result<Manifest, Refusal> {
        Manifest::read(&serde_json::to_vec(manifest).unwrap())
    }

    #[test]
    fn only_the_parts_that_this_release_knows_are_restored_and_never_without_the_database() {
        for good in [&["tabellion.db"][..], &["tabellion.db", "ca.pem", "ca.key"]] {
            assert_eq!(read(&manifest(good)).unwrap(), manifest(good));
        }
        let bad: [&[&str]; 5] = [
            &[],
            &["ca.pem", "ca.key"],
            &["tabellion.db", "tabellion.db"],
            &["tabellion.db", "../passwd"],
            &["tabellion.db", "set-up"],
        ];
        for parts in bad {
            assert!(matches!(read(&manifest(parts)), Err(Refusal::Damaged)), "{parts:?}");
        }
    }

    #[test]
    fn a_later_form_names_the_version_that_made_it_whatever_else_it_says() {
        let later = br#"{ "format": 2, "version": "3.0.0", "sections": [] }"#;
        assert!(matches!(Manifest::read(later), Err(Refusal::Newer { version }) if version == "3.0.0"));
    }
}
