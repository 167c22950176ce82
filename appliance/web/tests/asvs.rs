//! What `SECURITY.md` names as proof of a requirement is there.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::{fs, path::Path};

/// The texts of all tests, those of Rust and the end-to-end ones, and the names of their files.
#[derive(Default)]
struct Tests {
    rust: String,
    pages: String,
    files: Vec<String>,
}

impl Tests {
    fn read(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | "dist") {
                    self.read(&path);
                }
            } else if name.ends_with(".rs") {
                self.rust += &fs::read_to_string(&path).unwrap();
            } else if name.ends_with(".spec.ts") {
                self.pages += &fs::read_to_string(&path).unwrap();
                self.files.push(name);
            }
        }
    }

    fn have(&self, proof: &str) -> bool {
        match proof.strip_prefix('[') {
            Some(_) => {
                self.pages.contains(&format!("test(\"{proof}")) || self.pages.contains(&format!("{proof} "))
            }
            None if proof.ends_with(".spec.ts") => self.files.iter().any(|file| file == proof),
            None => self.rust.contains(&format!("fn {proof}()")),
        }
    }
}

/// The names in a row's last column: `` `a_test` ``, `` `a.spec.ts` ``, `[AUTH-01]`.
fn proofs(row: &str) -> Vec<String> {
    let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
    last.split_whitespace().map(|word| word.trim_matches('`').to_owned()).collect()
}

#[test]
fn each_requirement_is_proved_by_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut tests = Tests::default();
    for folder in ["appliance", "media-pipeline", "hw-tests", "webui/e2e/tests"] {
        tests.read(&root.join(folder));
    }
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (_, table) = text.split_once("## OWASP ASVS").expect("SECURITY.md has the table");
    let rows: Vec<_> =
        table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| requirement")).collect();
    let rows = rows.into_iter().filter(|row| !row.starts_with("| ---"));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in rows {
        count += 1;
        let proofs = proofs(row);
        if proofs.is_empty() {
            wrong.push(format!("nothing proves: {row}"));
        }
        wrong.extend(
            proofs
                .iter()
                .filter(|proof| !tests.have(proof))
                .map(|proof| format!("there is no {proof}: {row}")),
        );
    }
    assert!(count > 30, "{count} rows");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
