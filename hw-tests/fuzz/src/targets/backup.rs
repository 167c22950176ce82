//! A backup that is brought to a box: as a file of anybody's, and, behind the right key, what is in it.

use crate::Target;
use nix::sys::memfd::{MFdFlags, memfd_create};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{Seek, Write},
    str::FromStr,
    sync::OnceLock,
};
use tabellion_backup::{BackupKey, Incoming};
use tabellion_domain::testing::FakeEntropy;

pub(crate) const TARGET: Target = Target { name: "backup", run, seeds, words: WORDS, costs: 3000 };

const AS_IT_IS: u8 = 0;
const ENCRYPTED: u8 = 1;

fn run(input: &[u8]) {
    let Some((kind, content)) = input.split_first() else { return };
    let state = tempfile::tempdir().expect("there is room for a folder");
    let key = key();
    let file = if kind % 2 == AS_IT_IS { content.to_vec() } else { encrypted(content, key) };
    let incoming = Incoming::of(state.path());
    if let Ok(manifest) = incoming.unpack(in_memory(&file), key) {
        assert!(manifest.parts.iter().all(|part| !part.name.contains('/')));
    }
    let elsewhere = std::fs::read_dir(state.path()).expect("it is there").flatten();
    assert!(
        elsewhere.into_iter().all(|entry| entry.file_name() == "restore"),
        "only one folder is written to"
    );
}

fn key() -> &'static BackupKey {
    static KEY: OnceLock<BackupKey> = OnceLock::new();
    KEY.get_or_init(|| BackupKey::draw(&FakeEntropy::default()))
}

fn encrypted(content: &[u8], key: &BackupKey) -> Vec<u8> {
    let recipient = age::x25519::Recipient::from_str(&key.recipient()).expect("a key has a recipient");
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient));
    let mut out =
        encryptor.expect("there is a recipient").wrap_output(Vec::new()).expect("it is written to memory");
    out.write_all(content).expect("it is written to memory");
    out.finish().expect("it is written to memory")
}

fn in_memory(bytes: &[u8]) -> File {
    let mut file = File::from(memfd_create("backup", MFdFlags::MFD_CLOEXEC).expect("there is memory"));
    file.write_all(bytes).expect("there is memory");
    file.rewind().expect("a file has a beginning");
    file
}

fn archive(manifest: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in [("manifest.json", manifest.as_bytes())].iter().chain(parts) {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, name, *content).expect("it is written to memory");
    }
    archive.into_inner().expect("it is written to memory")
}

fn seeds() -> Vec<Vec<u8>> {
    let database = [&b"SQLite format 3\0"[..], &[16, 0, 1, 1, 0, 64, 32, 32], &[0; 100]].concat();
    let sha256: String = Sha256::digest(&database).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = database.len();
    let manifest = format!(
        r#"{{"format":1,"version":"0.1.0","schema":5,"made_at":"2026-11-23T09:00:00Z","office":"Office",
        "parts":[{{"name":"tabellion.db","bytes":{bytes},"sha256":"{sha256}"}}]}}"#
    );
    let whole = archive(&manifest, &[("tabellion.db", &database)]);
    let newer = archive(r#"{"format":2,"version":"3.0.0"}"#, &[]);
    let file = encrypted(&whole, key());
    let scrypt = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- x\n";
    vec![
        [&[ENCRYPTED][..], &whole].concat(),
        [&[ENCRYPTED][..], &newer].concat(),
        [&[AS_IT_IS][..], &file].concat(),
        [&[AS_IT_IS][..], scrypt].concat(),
    ]
}

const WORDS: &[&str] = &[
    "age-encryption.org/v1\n",
    "-> X25519 ",
    "-> scrypt ",
    "\n--- ",
    "manifest.json",
    "tabellion.db",
    "ca.pem",
    "ca.key",
    "ustar",
    "\"format\":",
    "\"parts\":[",
    "\"bytes\":",
    "\"sha256\":\"",
    "../",
    "/etc/passwd",
    "77777777777",
];
