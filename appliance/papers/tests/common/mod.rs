//! Looks at a paper as its readers do: its text, its pages as pictures, its properties (poppler-utils).

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "helpers of tests fail as tests do; no test uses all of them"
)]

mod picture;

pub(crate) use picture::Picture;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tabellion_domain::settings::Support;
use tabellion_papers::{Accent, Brand, Paper};

/// A paper on the disk, in `target/tmp`, where people can look at it, too.
pub(crate) struct Read {
    file: PathBuf,
}

impl Read {
    pub(crate) fn new(name: &str, paper: &Paper) -> Self {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
        fs::write(&file, &paper.bytes).unwrap();
        Self { file }
    }

    /// What stands on all pages, a form feed after each.
    pub(crate) fn text(&self) -> String {
        run("pdftotext", &["-layout", self.path(), "-"])
    }

    /// The text with plain spaces alone, one at a time, and without empty lines.
    pub(crate) fn plain_text(&self) -> String {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        self.text().lines().map(words).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn page_texts(&self) -> Vec<String> {
        self.text().split_terminator('\u{c}').map(str::to_owned).collect()
    }

    /// «Title», «Author», «Pages» …
    pub(crate) fn property(&self, name: &str) -> String {
        let all = run("pdfinfo", &["-isodates", self.path()]);
        let line = all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {name} in {all}")).trim().to_owned()
    }

    /// The structure tree as poppler understands it.
    pub(crate) fn structure(&self) -> String {
        run("pdfinfo", &["-struct-text", self.path()])
    }

    /// A line a font: its name, and whether it is embedded, a subset, and has its characters.
    pub(crate) fn fonts(&self) -> Vec<String> {
        run("pdffonts", &[self.path()]).lines().skip(2).map(str::to_owned).collect()
    }

    /// Each page as it is seen.
    pub(crate) fn pictures(&self) -> Vec<Picture> {
        self.drawn(&["-r", "150"])
    }

    /// The first page from near by.
    pub(crate) fn picture_for_telephones(&self) -> Picture {
        self.drawn(&["-r", "300", "-l", "1"]).remove(0)
    }

    fn drawn(&self, options: &[&str]) -> Vec<Picture> {
        let folder = self.file.with_extension("pages");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let stem = folder.join("page");
        run("pdftoppm", &[options, &["-gray", self.path(), stem.to_str().unwrap()]].concat());
        let mut pages: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        pages.sort();
        pages.iter().map(|file| Picture::read(&fs::read(file).unwrap())).collect()
    }

    fn path(&self) -> &str {
        self.file.to_str().unwrap()
    }
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; install Debian's poppler-utils"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaint.is_empty(), "{program} {arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Compares with what is committed; `UPDATE_SNAPSHOTS=1` writes it anew.
pub(crate) fn assert_snapshot(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&file, text).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, committed, "{} differs: UPDATE_SNAPSHOTS=1 writes it anew", file.display());
}

pub(crate) fn brand() -> Brand {
    Brand {
        service: "Visioconférence des Notaires".to_owned(),
        accent: Accent { red: 0x1f, green: 0x4e, blue: 0x79 },
        support: Support {
            name: "Support Visio".to_owned(),
            phone: "04 00 00 00 00".to_owned(),
            email: "support@visio.example".to_owned(),
            hours: "du lundi au vendredi, 8h30 à 18h00".to_owned(),
        },
    }
}
