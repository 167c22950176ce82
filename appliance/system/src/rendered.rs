use std::collections::BTreeMap;

/// One thing of the rendered configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A file.
    File {
        /// Its text.
        content: String,
        /// Its permissions: `0o644`.
        mode: u32,
    },
    /// A symbolic link.
    Link {
        /// Where it leads.
        target: String,
    },
}

/// The rendered configuration: what lies where in its folder, sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rendered {
    entries: BTreeMap<String, Entry>,
}

/// The first line of each file.
const NOTICE: &str = "# Rendered from the box's settings; what is changed here is lost.\n";

impl Rendered {
    /// A file that everybody may read: systemd's services have users of their own.
    pub(crate) fn file(&mut self, path: &str, content: &str) {
        self.entry(path, Entry::File { content: format!("{NOTICE}{content}"), mode: 0o644 });
    }

    /// Puts something at `path`: relative, without `..`.
    pub(crate) fn entry(&mut self, path: &str, entry: Entry) {
        self.entries.insert(path.to_owned(), entry);
    }

    /// Path in the folder, and what lies there, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// What lies at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }
}

/// A file in the form of systemd's configuration.
#[derive(Default)]
pub(crate) struct Unit(String);

impl Unit {
    pub(crate) fn section(&mut self, name: &str) {
        self.0.push_str(&format!("\n[{name}]\n"));
    }

    /// A value comes from types that hold no line breaks.
    pub(crate) fn set(&mut self, key: &str, value: impl std::fmt::Display) {
        self.0.push_str(&format!("{key}={value}\n"));
    }

    pub(crate) fn yes(&mut self, key: &str, value: bool) {
        self.set(key, if value { "yes" } else { "no" });
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}
