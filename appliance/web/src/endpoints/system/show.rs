use super::reports::Check;
use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    machinery::CertificateReport,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap};
use tabellion_conference::media::{ChosenCodec, CodecFailure, LoadState, TrialOutcome, VideoCodecs};
use tabellion_system::updater::{Known, Rejection, Trial};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// The state of the box.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemView {
    /// The firmware's version; without a firmware, the program's.
    version: String,
    /// How what the box keeps is protected.
    protection: Protection,
    /// What the health gate found when this version started; null where unknown.
    checks: Option<Vec<CheckView>>,
    /// Null where unknown.
    updates: Option<UpdatesView>,
    /// What the box proves its name with.
    certificate: CertificateView,
    /// How busy it is with pictures and sound; null while the media engine does not answer.
    load: Option<LoadView>,
    /// What encodes and decodes the pictures of room systems; null where unknown.
    codecs: Option<CodecsView>,
}

/// How busy the media engine is.
#[derive(Serialize, ToSchema)]
struct LoadView {
    /// The share of its time that it worked, over the last second, 0–100.
    share_percent: u8,
    /// What of the pictures was given up for it. Sound never is.
    pictures: Pictures,
}

/// What of the pictures a busy box still gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Pictures {
    /// All that is asked for.
    Whole,
    /// The large ones of those who do not speak are smaller.
    Reduced,
    /// All are smaller, and nobody else is let in.
    Full,
    /// Only some people's, in the smallest size; nobody else is let in.
    Few,
}

impl From<LoadState> for LoadView {
    fn from(LoadState { share_percent, step }: LoadState) -> Self {
        let pictures = match step {
            0 => Pictures::Whole,
            1 => Pictures::Reduced,
            2 => Pictures::Full,
            _ => Pictures::Few,
        };
        Self { share_percent, pictures }
    }
}

/// What encodes and decodes the pictures of room systems.
#[derive(Serialize, ToSchema)]
struct CodecsView {
    encoder: CodecView,
    decoder: CodecView,
    /// Devices that were not taken, and why, in English, for the support.
    refused: Vec<String>,
}

/// One element of GStreamer's.
#[derive(Serialize, ToSchema)]
struct CodecView {
    /// Its name.
    element: String,
    /// Whether a device does the work; the processor does otherwise.
    is_device: bool,
    /// Why it has been left for the processor since, in English, for the support; null while it works.
    failure: Option<String>,
}

impl CodecsView {
    fn new(found: VideoCodecs, failures: &[CodecFailure]) -> Self {
        let view = |ChosenCodec { element, is_device }| {
            let failed = failures.iter().find(|failure| failure.element == element);
            CodecView { failure: failed.map(|failure| failure.reason.clone()), element, is_device }
        };
        let refused = found.trials.into_iter().filter_map(|trial| match trial.outcome {
            TrialOutcome::Fails { reason } => Some(format!("{}: {reason}", trial.element)),
            TrialOutcome::Works { .. } => None,
        });
        Self { refused: refused.collect(), encoder: view(found.encoder), decoder: view(found.decoder) }
    }
}

/// The certificate that is served.
#[derive(Serialize, ToSchema)]
struct CertificateView {
    /// Whether an authority outside the box gave it.
    given: bool,
    /// Until when it can be used, RFC 3339; null where unknown.
    until: Option<String>,
    /// What keeps the certificate of the settings from being fetched.
    trouble: Option<CertificateTroubleView>,
}

/// Why an authority gave no certificate.
#[derive(Serialize, ToSchema)]
struct CertificateTroubleView {
    /// What is wrong and what to do, in French.
    text: String,
    /// For the support, in English.
    detail: String,
    /// When it is tried again, RFC 3339.
    next: String,
}

/// What opens the data partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Protection {
    /// The TPM of this machine.
    Tpm2,
    /// A file on the same disk.
    KeyFile,
    /// Nothing: it is not encrypted.
    None,
    /// This is no firmware of ours, or one that says it in a way that this release does not know.
    Unknown,
}

/// One check of the health gate.
#[derive(Serialize, ToSchema)]
struct CheckView {
    /// `units`, `database`, `network`, `web`, `sip`, `selftest`; later releases may have more.
    check: String,
    /// Whether all was well, or there was nothing to check.
    passed: bool,
    /// Whether there was anything to check: `detail` says why not.
    applicable: bool,
    /// What was found, in English, for the support.
    detail: String,
}

/// What became of updates.
#[derive(Serialize, ToSchema)]
struct UpdatesView {
    /// The one that has not yet passed.
    trial: Option<TrialView>,
    /// What was taken back, the latest version first.
    rejected: Vec<RejectionView>,
}

/// An update on trial.
#[derive(Serialize, ToSchema)]
pub(super) struct TrialView {
    /// The version that comes back where it fails.
    from: String,
    /// The version on trial.
    to: String,
    /// How often it has been started.
    starts: u32,
}

/// An update that was taken back.
#[derive(Serialize, ToSchema)]
pub(super) struct RejectionView {
    /// Its version.
    version: String,
    /// Why, in French.
    reason: String,
    /// For the support, in English.
    detail: Vec<String>,
}

/// The state of the box, for administrators.
#[utoipa::path(get, path = "/api/system", responses(
    (status = 200, body = SystemView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<SystemView>, ApiError> {
    let reports = &state.config.reports;
    Ok(Json(SystemView {
        version: reports.version().await,
        protection: protection(reports.storage().await.as_deref()),
        checks: reports.health().await.map(|checks| checks.into_iter().map(check).collect()),
        updates: reports.updates().await.map(updates),
        certificate: certificate(state.machinery.certificate()),
        load: state.conference.media_load().await.ok().map(LoadView::from),
        codecs: codecs(&state).await,
    }))
}

async fn codecs(state: &AppState) -> Option<CodecsView> {
    let found = state.config.reports.codecs().await?;
    // That the media engine does not answer is told by its load.
    let failures = state.conference.codec_failures().await.unwrap_or_default();
    Some(CodecsView::new(found, &failures))
}

fn protection(word: Option<&str>) -> Protection {
    match word {
        Some("tpm2") => Protection::Tpm2,
        Some("key-file") => Protection::KeyFile,
        Some("none") => Protection::None,
        _ => Protection::Unknown,
    }
}

fn certificate(report: CertificateReport) -> CertificateView {
    let written = |time: OffsetDateTime| time.format(&Rfc3339).unwrap_or_default();
    let trouble = report.trouble.map(|trouble| CertificateTroubleView {
        text: trouble.text,
        detail: trouble.detail,
        next: written(trouble.next),
    });
    CertificateView { given: report.given, until: report.until.map(written), trouble }
}

fn check(Check { check, passed, applicable, detail }: Check) -> CheckView {
    CheckView { check, passed, applicable, detail }
}

fn updates(known: Known) -> UpdatesView {
    UpdatesView { trial: known.trial.map(TrialView::from), rejected: rejections(known.rejected) }
}

/// The latest version first.
pub(super) fn rejections(known: BTreeMap<String, Rejection>) -> Vec<RejectionView> {
    let mut rejected: Vec<_> = known
        .into_iter()
        .map(|(version, why)| RejectionView { version, reason: why.reason, detail: why.detail })
        .collect();
    rejected.sort_by_cached_key(|one| Reverse(numbers(&one.version)));
    rejected
}

impl From<Trial> for TrialView {
    fn from(Trial { from, to, starts, .. }: Trial) -> Self {
        Self { from, to, starts }
    }
}

/// `1.10.0` is later than `1.9.2`.
fn numbers(version: &str) -> Vec<u32> {
    version.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        machinery::{CertificateReport, CertificateTrouble},
        testing::{COLLEAGUE, TestBox},
    };
    use axum::http::StatusCode;
    use serde_json::{Value, json};
    use std::{fs, path::Path};
    use time::macros::datetime;

    /// What a box says whose firmware has written these files.
    async fn state(files: &[(&str, &str)]) -> Value {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let test = with_reports(folder.path()).await;
        test.logged_in().await.get("/api/system").await.is(StatusCode::OK)
    }

    async fn with_reports(folder: &Path) -> TestBox {
        TestBox::of(|config| {
            config.reports.os_release = folder.join("os-release");
            config.reports.storage = folder.join("mode");
            config.reports.health = folder.join("report.json");
            config.reports.updates = folder.join("state.json");
            config.reports.codecs = folder.join("codecs.json");
        })
        .await
    }

    #[tokio::test]
    async fn an_administrator_sees_what_the_firmware_has_written() {
        let health = r#"[{ "check": "units", "passed": true, "detail": "none has failed" },
            { "check": "sip", "passed": false, "applicable": true, "detail": "no answer" },
            { "check": "network", "passed": true, "applicable": false, "detail": "no cable" }]"#;
        let updates = r#"{ "trial": { "from": "0.1.0", "to": "0.11.0", "written": true, "starts": 1, "schema": 3 },
            "rejected": { "0.10.0": { "reason": "elle n’a pas démarré", "detail": ["kernel panic"] },
                          "0.2.0": { "reason": "les pages web ne répondent pas", "detail": [] } } }"#;
        let codecs = r#"{ "encoder": { "element": "x264enc", "is_device": false },
            "decoder": { "element": "vah264dec", "is_device": true },
            "trials": [{ "element": "vah264enc", "outcome": { "fails": { "reason": "no such profile" } } },
                       { "element": "vah264dec", "outcome": { "works": { "cpu_us": 812 } } }] }"#;
        let files = [
            ("codecs.json", codecs),
            ("os-release", "ID=debian\nIMAGE_VERSION=\"0.11.0\"\n"),
            ("mode", "key-file\n"),
            ("report.json", health),
            ("state.json", updates),
        ];
        let expected = json!({
            "version": "0.11.0",
            "protection": "key-file",
            "checks": [
                { "check": "units", "passed": true, "applicable": true, "detail": "none has failed" },
                { "check": "sip", "passed": false, "applicable": true, "detail": "no answer" },
                { "check": "network", "passed": true, "applicable": false, "detail": "no cable" },
            ],
            "updates": {
                "trial": { "from": "0.1.0", "to": "0.11.0", "starts": 1 },
                "rejected": [
                    { "version": "0.10.0", "reason": "elle n’a pas démarré", "detail": ["kernel panic"] },
                    { "version": "0.2.0", "reason": "les pages web ne répondent pas", "detail": [] },
                ],
            },
            "certificate": { "given": false, "until": null, "trouble": null },
            "load": null,
            "codecs": {
                "encoder": { "element": "x264enc", "is_device": false, "failure": null },
                "decoder": { "element": "vah264dec", "is_device": true, "failure": null },
                "refused": ["vah264enc: no such profile"],
            },
        });
        assert_eq!(state(&files).await, expected);
    }

    #[tokio::test]
    async fn what_was_not_written_is_unknown() {
        let unknown = json!({
            "version": env!("CARGO_PKG_VERSION"), "protection": "unknown", "checks": null, "updates": null,
            "certificate": { "given": false, "until": null, "trouble": null },
            "load": null, "codecs": null,
        });
        assert_eq!(state(&[]).await, unknown);
        let torn = [
            ("os-release", "ID=debian\n"),
            ("mode", "tpm3"),
            ("report.json", "["),
            ("state.json", "[]"),
            ("codecs.json", "{}"),
        ];
        assert_eq!(state(&torn).await, unknown);
    }

    #[test]
    fn a_device_that_has_failed_in_a_call_is_told_beside_its_name() {
        let of = |element: &str, is_device| super::ChosenCodec { element: element.to_owned(), is_device };
        let found = super::VideoCodecs {
            encoder: of("vah264enc", true),
            decoder: of("avdec_h264", false),
            trials: Vec::new(),
        };
        let failure = super::CodecFailure { element: "vah264enc".to_owned(), reason: "gone".to_owned() };
        let view = super::CodecsView::new(found, &[failure]);
        assert_eq!((view.encoder.failure.as_deref(), view.decoder.failure.as_deref()), (Some("gone"), None));
    }

    #[tokio::test]
    async fn each_way_of_protecting_the_data_has_its_word() {
        for word in ["tpm2", "key-file", "none"] {
            assert_eq!(state(&[("mode", word)]).await["protection"], word);
        }
    }

    #[tokio::test]
    async fn what_keeps_a_certificate_from_coming_is_told() {
        let test = TestBox::new().await;
        let trouble = CertificateTrouble {
            text: "Gandi refuse le jeton d’accès. Créez-en un.".to_owned(),
            detail: "Gandi answers 401".to_owned(),
            next: datetime!(2026-11-23 12:15 UTC),
        };
        let until = Some(datetime!(2027-11-23 12:00 UTC));
        *test.machine.certificate.lock().unwrap() =
            Some(CertificateReport { given: false, until, trouble: Some(trouble) });
        let state = test.logged_in().await.get("/api/system").await.is(StatusCode::OK);
        let expected = json!({
            "given": false, "until": "2027-11-23T12:00:00Z",
            "trouble": { "text": "Gandi refuse le jeton d’accès. Créez-en un.", "detail": "Gandi answers 401",
                         "next": "2026-11-23T12:15:00Z" },
        });
        assert_eq!(state["certificate"], expected);
    }

    #[test]
    fn each_step_that_a_busy_box_takes_has_its_word() {
        let words = [0, 1, 2, 3, 4].map(|step| {
            let view = super::LoadView::from(super::LoadState { share_percent: 90, step });
            serde_json::to_value(view).unwrap()["pictures"].as_str().unwrap().to_owned()
        });
        assert_eq!(words, ["whole", "reduced", "full", "few", "few"]);
    }

    #[tokio::test]
    async fn only_an_administrator_sees_it() {
        let test = TestBox::new().await;
        test.browser().get("/api/system").await.refuses(401, "not_logged_in");
        let mut colleague = test.logged_in_as(COLLEAGUE).await;
        colleague.get("/api/session").await.is(StatusCode::OK);
        colleague.get("/api/system").await.refuses(403, "not_administrator");
    }
}
