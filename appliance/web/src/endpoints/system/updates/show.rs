use super::settings;
use crate::{
    endpoints::system::show::{RejectionView, TrialView, rejections},
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use tabellion_domain::settings::{Day, MaintenanceWindow, Settings, UpdateMode};
use tabellion_system::{
    Zone,
    updater::{Goal, Progress, Updater},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing::warn;
use utoipa::ToSchema;

/// Everything about updates.
#[derive(Serialize, ToSchema)]
pub(crate) struct UpdatingView {
    /// Whether there is a firmware that can be updated: a demonstration has none.
    supported: bool,
    /// The version that runs.
    version: String,
    /// Where updates come from; null: by hand only.
    source: Option<String>,
    /// Whether the box installs by itself what the server has.
    automatic: bool,
    /// When it may restart.
    window: WindowView,
    /// What is being done.
    activity: ActivityView,
    /// What the last look at the server has found.
    look: Option<LookView>,
    /// The version that waits for a restart.
    installed: Option<String>,
    /// How many are in meetings, or in front of them, or in calls: the restart waits for them.
    people: usize,
    /// The version that runs and has not yet passed.
    trial: Option<TrialView>,
    /// Why the last installation did not come to its end, in French.
    failure: Option<String>,
    /// What was taken back, the latest version first.
    rejected: Vec<RejectionView>,
}

/// The maintenance window, by the box's own time.
#[derive(Serialize, ToSchema)]
struct WindowView {
    /// `monday` to `sunday`.
    days: Vec<String>,
    /// `02:00`.
    from: String,
    /// `05:00`.
    to: String,
    /// `Europe/Paris`.
    zone: String,
    /// When it opens next, RFC 3339, in that zone; now, where it is open.
    opens_at: Option<String>,
}

/// What the updater is doing.
#[derive(Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
enum ActivityView {
    /// Nothing.
    Idle,
    /// Looks at the server.
    Looking,
    /// Was asked for an installation.
    Starting,
    /// Fetches it.
    Downloading {
        /// Bytes that are here.
        done: u64,
        /// Of so many.
        total: Option<u64>,
    },
    /// Reads it from the stick.
    Copying {
        /// Bytes that are here.
        done: u64,
        /// Of so many.
        total: Option<u64>,
    },
    /// Checks it, and writes it to the disk.
    Installing,
}

/// What the server has.
#[derive(Serialize, ToSchema)]
struct LookView {
    /// When it was looked at, RFC 3339.
    at: String,
    /// A newer version; null: there is none.
    version: Option<String>,
    /// Its size in bytes.
    bytes: Option<u64>,
    /// Why nothing is known, in French.
    failure: Option<String>,
}

/// Updates, for administrators.
#[utoipa::path(get, path = "/api/system/updates", responses(
    (status = 200, body = UpdatingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<UpdatingView>, ApiError> {
    let (settings, updater) = (settings(&state).await?, &state.config.updater);
    let known = updater.known();
    let source = settings.updates.url();
    let look = updater.look().filter(|(look, _)| source.as_ref() == Some(&look.url));
    let on_trial = known.trial.clone().filter(|trial| trial.starts > 0);
    Ok(Json(UpdatingView {
        supported: updater.is_there(),
        version: state.config.reports.version().await,
        automatic: settings.updates.mode == UpdateMode::Automatic,
        window: window(&settings, state.clock.now()),
        activity: activity(updater),
        look: look.map(|(look, at)| LookView {
            at: rfc3339(at),
            version: look.version,
            bytes: look.bytes,
            failure: look.failure,
        }),
        installed: known.installed().map(str::to_owned),
        people: state.store.open_seats().await?.len(),
        trial: on_trial.map(TrialView::from),
        failure: failure(updater),
        rejected: rejections(known.rejected),
        source,
    }))
}

fn window(settings: &Settings, now: OffsetDateTime) -> WindowView {
    let MaintenanceWindow { days, from, to } = &settings.updates.window;
    let zone = Zone::load(&settings.time.zone).inspect_err(|error| warn!("{error}")).ok();
    let opens = zone.and_then(|zone| {
        let at = settings.updates.window.next_opening(now, &|at| zone.offset_at(at))?;
        Some(at.to_offset(zone.offset_at(at)))
    });
    let word = |day: &Day| format!("{day:?}").to_lowercase();
    WindowView {
        days: days.iter().map(word).collect(),
        from: from.to_string(),
        to: to.to_string(),
        zone: settings.time.zone.to_string(),
        opens_at: opens.map(rfc3339),
    }
}

fn activity(updater: &Updater) -> ActivityView {
    if !updater.is_busy() {
        return ActivityView::Idle;
    }
    match (updater.goal(), updater.progress().map(|(progress, _)| progress)) {
        (Some(Goal::Look), _) => ActivityView::Looking,
        (_, Some(Progress::Downloading { done, total })) => ActivityView::Downloading { done, total },
        (_, Some(Progress::Copying { done, total })) => ActivityView::Copying { done, total },
        (_, Some(Progress::Installing)) => ActivityView::Installing,
        // What became of an earlier one.
        (_, Some(Progress::Installed | Progress::Failed { .. }) | None) => ActivityView::Starting,
    }
}

fn failure(updater: &Updater) -> Option<String> {
    if updater.is_busy() && updater.goal() != Some(Goal::Look) {
        return None;
    }
    match updater.progress()?.0 {
        Progress::Failed { reason, .. } => Some(reason),
        Progress::Installed => None,
        // The updater is gone, and did not say goodbye.
        Progress::Downloading { .. } | Progress::Copying { .. } | Progress::Installing => Some(
            "L’installation a été interrompue. Rien n’a changé sur la boîte\u{a0}; réessayez.".to_owned(),
        ),
    }
}

fn rfc3339(at: OffsetDateTime) -> String {
    let whole = at.replace_nanosecond(0).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Firmware;
    use crate::testing::TestBox;
    use axum::http::StatusCode;
    use serde_json::json;

    const PATH: &str = "/api/system/updates";

    #[tokio::test]
    async fn a_demonstration_says_that_it_has_no_firmware() {
        let test = TestBox::of(|config| config.updater.requests = "/nowhere".into()).await;
        let mut claire = test.logged_in().await;
        let view = claire.get(PATH).await.is(StatusCode::OK);
        assert_eq!((&view["supported"], &view["activity"]["state"]), (&json!(false), &json!("idle")));
        let from = json!({ "from": "stick", "again": false });
        claire.post("/api/system/updates/installation", from).await.refuses(409, "no_firmware");
    }

    #[tokio::test]
    async fn an_installation_is_followed_with_its_figures() {
        let firmware = Firmware::new().await;
        firmware.with_source().await;
        let mut claire = firmware.test.logged_in().await;
        firmware.publishes(
            "available.json",
            r#"{"url":"https://maj.test/stable/","version":"0.2.0","bytes":700,"failure":null}"#,
        );
        firmware.publishes("progress.json", r#"{"state":"failed","reason":"Le serveur ne répond pas."}"#);
        let view = claire.get(PATH).await.is(StatusCode::OK);
        assert_eq!(view["supported"], true);
        assert_eq!(view["source"], "https://maj.test/stable/");
        assert_eq!((&view["look"]["version"], &view["look"]["bytes"]), (&json!("0.2.0"), &json!(700)));
        assert_eq!(view["failure"], "Le serveur ne répond pas.");
        firmware.works_at("install");
        for (progress, activity) in [
            (r#"{"state":"failed","reason":"Le serveur ne répond pas."}"#, json!({ "state": "starting" })),
            (
                r#"{"state":"downloading","done":5,"total":700}"#,
                json!({ "state": "downloading", "done": 5, "total": 700 }),
            ),
            (r#"{"state":"installing"}"#, json!({ "state": "installing" })),
        ] {
            firmware.publishes("progress.json", progress);
            let view = claire.get(PATH).await.is(StatusCode::OK);
            assert_eq!((&view["activity"], &view["failure"]), (&activity, &json!(null)));
        }
        firmware.stops();
        let view = claire.get(PATH).await.is(StatusCode::OK);
        assert!(view["failure"].as_str().unwrap().contains("interrompue"), "{view}");
    }

    #[tokio::test]
    async fn what_waits_for_its_restart_says_until_when_and_for_whom() {
        let firmware = Firmware::new().await;
        firmware.publishes(
            "state.json",
            r#"{"trial":{"from":"0.1.0","to":"0.2.0","written":true,"starts":0},
                "rejected":{"0.1.9":{"reason":"elle n’a pas démarré","detail":["panic"]}}}"#,
        );
        firmware.publishes("progress.json", r#"{"state":"installed"}"#);
        firmware.test.guest_seat().await;
        let view = firmware.test.logged_in().await.get(PATH).await.is(StatusCode::OK);
        assert_eq!(
            (&view["installed"], &view["people"], &view["trial"]),
            (&json!("0.2.0"), &json!(1), &json!(null))
        );
        assert_eq!(view["rejected"][0]["version"], "0.1.9");
        let window = &view["window"];
        assert_eq!(
            (&window["from"], &window["to"], &window["zone"]),
            (&json!("02:00"), &json!("05:00"), &json!("Europe/Paris"))
        );
        assert_eq!(window["days"].as_array().unwrap().len(), 7);
        assert_eq!(window["opens_at"], "2026-11-24T02:00:00+01:00");
    }

    #[tokio::test]
    async fn what_another_server_had_is_not_offered() {
        let firmware = Firmware::new().await;
        firmware.with_source().await;
        firmware.publishes(
            "available.json",
            r#"{"url":"https://other.test/stable/","version":"0.2.0","bytes":null,"failure":null}"#,
        );
        let view = firmware.test.logged_in().await.get(PATH).await.is(StatusCode::OK);
        assert_eq!(view["look"], json!(null));
    }
}
