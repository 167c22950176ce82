//! What the operating system is told, word by word.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};
use tabellion_system::{Entry, Rendered};

fn text(rendered: &Rendered) -> String {
    let mut text = String::new();
    for (path, entry) in rendered.iter() {
        match entry {
            Entry::File { content, mode } => write!(text, "==== {path} ({mode:o})\n{content}").unwrap(),
            Entry::Link { target } => writeln!(text, "==== {path} -> {target}").unwrap(),
        }
    }
    text
}

#[test]
fn each_box_is_rendered_as_its_snapshot_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut referenced = BTreeSet::new();
    for (name, rendered) in common::boxes() {
        let file = folder.join(format!("{name}.txt"));
        let current = text(&rendered);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&file, &current).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            current == committed,
            "{} is stale: run `UPDATE_SNAPSHOTS=1 cargo test -p tabellion-system --test rendering` and read what \
             changed. It is now:\n{current}",
            file.display()
        );
        referenced.insert(file);
    }
    let present: BTreeSet<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(present, referenced, "a snapshot that no box has is to be deleted");
}

/// The image's own filter stands until the settings' is loaded, and where that fails.
#[test]
fn the_images_filter_is_the_one_of_a_box_without_settings() {
    const HEADER: &str =
        "# Until the box's settings are known (tabellion-filter.service): the pages, and nothing else.\n";
    let rendered = tabellion_system::render_default();
    let Some(Entry::File { content, .. }) = rendered.get("nftables.conf") else { panic!("no filter") };
    let (_, rules) = content.split_once('\n').unwrap();
    let current = format!("{HEADER}{rules}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../image/mkosi/mkosi.extra/usr/lib/tabellion/closed.nft");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&file, &current).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), current, "{} is stale", file.display());
}

#[test]
fn nothing_is_rendered_outside_its_folder() {
    for (name, rendered) in common::boxes() {
        for (path, _) in rendered.iter() {
            let plain =
                Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
            assert!(plain, "{name}: {path}");
        }
    }
}

#[test]
fn no_secret_reaches_the_operating_systems_files() {
    let relay = "[mail]\nhost = \"smtp.office.fr\"\nlogin = \"visio\"\npassword = \"s3cret\"\nsender = \"v@office.fr\"";
    let rendered = text(&common::rendered(relay));
    assert!(!rendered.contains("s3cret") && !rendered.contains("argon2"), "{rendered}");
}
