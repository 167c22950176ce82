//! The program on what every machine has: the software encoders and decoders, small and short.

use serde_json::Value;
use std::{
    path::Path,
    process::{Command, Output},
};

const SOFTWARE: [&str; 4] = ["x264enc", "openh264enc", "avdec_h264", "openh264dec"];
const SMALL: [&str; 10] =
    ["--width", "320", "--height", "180", "--seconds", "2", "--bitrate", "400", "--max-sessions", "1"];

fn hwtest(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tabellion-hwtest")).args(arguments).output().expect("it starts")
}

fn report(path: &Path) -> Value {
    let json = std::fs::read(path).expect("the report is there");
    serde_json::from_slice(&json).expect("it is JSON")
}

#[test]
fn software_is_found_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--json", path.to_str().unwrap()]);
    arguments.extend(SOFTWARE.iter().flat_map(|element| ["--only", element]));
    let output = hwtest(&arguments);
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{table}");
    let report = report(&path);
    assert_eq!(report["verdict"], "PASS");
    assert!(report["inventory"]["cores"].as_u64().unwrap() > 0);
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), SOFTWARE.len());
    for element in SOFTWARE {
        let row = rows.iter().find(|row| row["element"] == element).unwrap();
        assert_eq!(row["verdict"], "PASS", "{table}");
        assert_eq!(row["remarks"].as_array().unwrap().len(), 0, "{table}");
        assert!(table.contains(&format!("PASS   {element}\n")), "{table}");
    }
}

/// Judgements that say nothing would let everything pass: each must have measured something.
#[test]
fn an_encoders_row_has_every_judgement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    hwtest(&[&SMALL[..], &["--only", "x264enc", "--json", path.to_str().unwrap()]].concat());
    let report = report(&path);
    let judgements = report["rows"][0]["judgements"].as_array().unwrap();
    let measured = |what: &str| &judgements.iter().find(|one| one["what"] == what).unwrap()["measured"];
    assert_eq!(measured("profile"), "constrained-baseline");
    assert_eq!(measured("size"), "320×180");
    assert_eq!(measured("pictures lost"), 0.0);
    assert_eq!(measured("key frame on request"), 0.0);
    for what in ["PSNR, mean", "PSNR, worst picture", "bitrate", "bitrate after its change", "level", "CPU"] {
        assert!(measured(what).as_f64().unwrap() > 0.0, "{what}");
    }
    for what in ["latency, p95", "held back, p95", "sessions in real time"] {
        assert!(measured(what).is_number(), "{what}");
    }
    assert_eq!(report["rows"][0]["judged_with"][0], "avdec_h264");
}

#[test]
fn a_wrong_command_line_is_told_apart_from_a_bad_element() {
    for (arguments, said) in [
        (vec!["--only", "vp8enc"], "choose among"),
        (vec!["--width", "321"], "must both be even"),
        (vec!["--json", "/nowhere/report.json", "--only", "x264enc"], "choose a file"),
        (vec!["--frobnicate"], "unexpected argument"),
    ] {
        let output = hwtest(&arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}
