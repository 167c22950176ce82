//! The committed description of the interface, which the pages' types are made from, is the one that the code has.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::Path;

#[test]
fn the_committed_description_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let current = tabellion_web::openapi().unwrap();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == current,
        "{} is stale: run `UPDATE_SNAPSHOTS=1 cargo test -p tabellion-web --test openapi`, then make the pages' \
         types anew",
        file.display()
    );
}
