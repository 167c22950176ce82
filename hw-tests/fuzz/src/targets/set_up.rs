//! `setup.toml` from a stick, and the same as JSON from the set-up page.

use crate::Target;
use tabellion_domain::{
    settings::{SETUP_TEMPLATE, Settings, SetupFile},
    testing::SETUP,
};

pub(crate) const TARGET: Target = Target { name: "set_up", run, seeds, words: WORDS, costs: 300 };

fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    check(&SetupFile::parse(text).map_err(|errors| errors.iter().map(ToString::to_string).collect()));
    if let Ok(document) = serde_json::from_str(text) {
        check(
            &SetupFile::from_json(&document)
                .map_err(|errors| errors.iter().map(ToString::to_string).collect()),
        );
    }
    let _ = Settings::from_json(text);
}

/// What is accepted is stored as it is; what is not says why.
fn check(read: &Result<SetupFile, Vec<String>>) {
    match read {
        Ok(file) => {
            let settings = file.settings();
            assert_eq!(Settings::from_json(&settings.to_json()).ok().as_ref(), Some(settings));
        }
        Err(errors) => assert!(!errors.is_empty(), "a refusal without a reason"),
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let filled = SETUP_TEMPLATE.replace("password = \"\"", "password = \"Bien-trop-secret-2026\"");
    // All its tables and keys, those that are commented out, too.
    let uncommented = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.contains(" = ") => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    let full: String = filled.lines().map(uncommented).collect();
    [&filled, &full, SETUP, JSON].map(|text| text.as_bytes().to_vec()).to_vec()
}

const JSON: &str = r#"{"office":{"name":"Office","crpcen":"00001","domain":"visio.office.fr","number_prefix":""},
"network":{"mode":"dhcp","address":""},"certificate":{"kind":"uploaded","chain":"-----BEGIN CERTIFICATE-----\nMAUCAQECAQI=\n-----END CERTIFICATE-----","key":"x"},
"administrator":{"first_name":"C","last_name":"M","login":"claire","email":"c@office.fr","mobile":"0612345678","password":"Bien-trop-secret"}}"#;

const WORDS: &[&str] = &[
    "[office]\n",
    "[network]\n",
    "[network.room_systems]\n",
    "[names]\n",
    "[time]\n",
    "[mail]\n",
    "[certificate]\n",
    "[certificate.gandi]\n",
    "[administrator]\n",
    "[ports]\n",
    "[updates]\n",
    "[support]\n",
    "kind = \"acme\"\n",
    "kind = \"uploaded\"\n",
    "mode = \"fixed\"\n",
    "vlan = 4094\n",
    "directory = \"https://",
    "contact = \"",
    "dns_provider = \"ovh\"\n",
    "window = ",
    "channel = ",
    "-----BEGIN CERTIFICATE-----\n",
    "-----END CERTIFICATE-----",
    "-----BEGIN PRIVATE KEY-----\n",
    "\"\"\"",
    "'''",
    "[[",
    "]]",
    "1979-05-27T07:32:00Z",
    "nan",
    "0x7fffffffffffffff",
    "\\u0000",
    "{a.b=1}",
    "$argon2id$v=19$m=19456,t=2,p=1$",
];
