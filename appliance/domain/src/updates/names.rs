/// The signed list of an update's files, and its signature: what comes first of it.
pub const LIST: [&str; 2] = ["SHA256SUMS", "SHA256SUMS.gpg"];

/// Whether a file of an update may have this name: the list, its signature, a kernel or a partition. What leads out of a
/// folder, or is hidden in it, is none.
#[must_use]
pub fn is_update_file(name: &str) -> bool {
    let image = |rest: &str| {
        let stem = rest.strip_suffix(".efi").or_else(|| rest.strip_suffix(".raw"));
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'~' | b'^');
        stem.is_some_and(|stem| !stem.is_empty() && stem.bytes().all(known))
    };
    // A tar archive's header has room for 100 (POSIX.1-2024 pax, «ustar»).
    name.len() <= 100 && (LIST.contains(&name) || name.strip_prefix("tabellion_").is_some_and(image))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_update_is_made_of_has_such_a_name() {
        for name in [
            "SHA256SUMS",
            "SHA256SUMS.gpg",
            "tabellion_0.2.0~rc1.efi",
            "tabellion_0.2.0.root-x86-64-verity.1234abcd.raw",
        ] {
            assert!(is_update_file(name), "{name}");
        }
        let long = format!("tabellion_{}.efi", "1".repeat(100));
        for name in [
            "",
            "tabellion_.efi",
            "../tabellion_1.efi",
            "tabellion_1/2.efi",
            "tabellion_1.efi\n",
            ".efi",
            &long,
        ] {
            assert!(!is_update_file(name), "{name}");
        }
    }
}
