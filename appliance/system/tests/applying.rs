//! The configuration comes into its folder whole, or not at all.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::rendered;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use tabellion_system::{apply, render_default};

const ROOMS: &str = "network.room_systems.vlan = 20";

fn files(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

#[test]
fn a_change_takes_away_what_is_no_longer_rendered() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("tabellion-system");
    let first = apply(&rendered(ROOMS), &folder).unwrap();
    assert!(
        first.contains("nftables.conf") && first.contains("network/10-tabellion-rooms.netdev"),
        "{first:?}"
    );
    assert_eq!(
        fs::read_link(folder.join("localtime")).unwrap(),
        Path::new("/usr/share/zoneinfo/Europe/Paris")
    );
    assert_eq!(fs::read_to_string(folder.join("hostname")).unwrap(), "tabellion\n");
    let mode = |path: &str| fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("network"), mode("nftables.conf")), (0o755, 0o644));

    let second = apply(&rendered(""), &folder).unwrap();
    assert_eq!(files(&folder.join("network")), ["89-tabellion-default.network"]);
    assert!(second.contains("network/10-tabellion-rooms.netdev"), "what is gone is told: {second:?}");
    assert!(!second.contains("hostname"), "what stayed is not: {second:?}");
    assert_eq!(files(temporary.path()), ["tabellion-system"], "nothing is left beside it");
}

#[test]
fn what_is_there_already_is_left_alone() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("tabellion-system");
    apply(&render_default(), &folder).unwrap();
    let made = fs::metadata(folder.join("hostname")).unwrap().modified().unwrap();
    assert_eq!(apply(&render_default(), &folder).unwrap().len(), 0);
    assert_eq!(fs::metadata(folder.join("hostname")).unwrap().modified().unwrap(), made);
    fs::write(folder.join("hostname"), "somebody\n").unwrap();
    let mended = apply(&render_default(), &folder).unwrap();
    assert_eq!(mended.into_iter().collect::<Vec<_>>(), ["hostname"]);
    assert_eq!(fs::read_to_string(folder.join("hostname")).unwrap(), "tabellion\n");
}

#[test]
fn a_run_that_was_cut_off_does_not_stop_the_next() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("tabellion-system");
    fs::create_dir_all(temporary.path().join(".tabellion-system.new/network/half")).unwrap();
    apply(&rendered(ROOMS), &folder).unwrap();
    assert_eq!(files(temporary.path()), ["tabellion-system"]);
    assert!(!files(&folder.join("network")).contains(&"half".to_owned()));
}

#[test]
fn where_it_cannot_be_written_the_one_before_stays() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("small/tabellion-system");
    fs::create_dir(temporary.path().join("small")).unwrap();
    // A file system with room for the files of one configuration, not of two.
    let script = r#"
        mount -t tmpfs -o size=64k,nr_inodes=18 tmpfs "$1/small"
        APPLIED_TO="$1/small/tabellion-system" "$TEST" --ignored --exact fills_a_small_file_system
    "#;
    let script = script.replace("$TEST", std::env::current_exe().unwrap().to_str().unwrap());
    let output = common::isolated(&script, temporary.path());
    assert!(output.status.success(), "{}", common::said(&output));
    assert!(!folder.exists(), "the small file system was the child's own");
}

/// Run as a child by the test above, on a file system of its own.
#[test]
#[ignore = "a part of where_it_cannot_be_written_the_one_before_stays"]
fn fills_a_small_file_system() {
    let folder = std::env::var("APPLIED_TO").expect("only run by its parent");
    let folder = Path::new(&folder);
    apply(&render_default(), folder).unwrap();
    let before = files(&folder.join("network"));
    let error = apply(&rendered(ROOMS), folder).unwrap_err();
    assert!(error.to_string().contains("tabellion-system"), "{error}");
    assert_eq!(files(&folder.join("network")), before);
    assert_eq!(fs::read_to_string(folder.join("hostname")).unwrap(), "tabellion\n");
    assert_eq!(
        files(folder.parent().unwrap()),
        ["tabellion-system"],
        "and the half that was written is gone"
    );
}
