//! All endpoints, a file each.

pub(crate) mod brand;
pub(crate) mod calls;
pub(crate) mod demonstration;
pub(crate) mod directory;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod links;
pub(crate) mod meetings;
pub(crate) mod orders;
pub(crate) mod papers;
pub(crate) mod password;
pub(crate) mod personal_data;
pub(crate) mod scheduled;
pub(crate) mod seat;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod system;
pub(crate) mod users;

use crate::{
    access::{self, Audience},
    error::ApiError,
    state::AppState,
};
use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{get, patch, post, put},
};

/// Largest request body in bytes: forms are small.
const LARGEST_BODY: usize = 64 * 1024;

/// The same of the settings: a logo and legal texts are among them.
const LARGEST_SETTINGS: usize = 512 * 1024;

/// The same of a list of participants, and of the message that names them: some thousand people fit in (SCHED-15).
const LARGEST_LIST: usize = 2 * 1024 * 1024;

/// The same of a file that is sent in pieces: one that a slow line takes within a request's patience.
const LARGEST_PIECE: usize = 4 * 1024 * 1024;

/// What the pages of a meeting's link ask.
fn of_guests() -> Router<AppState> {
    Router::new()
        .route("/health", get(health::health))
        .route("/brand", get(brand::show))
        .route("/brand/legal", get(brand::legal))
        .route("/verification/{number}", get(papers::verification::verify))
        .route("/links/{token}", get(links::show::show))
        .route("/links/{token}/requests", post(links::request::request))
        .route("/seat", get(seat::connect))
}

/// What the espace client asks.
fn of_the_office(state: &AppState) -> Router<AppState> {
    let mut router = Router::new()
        .route(
            "/session",
            get(session::show::show).post(session::create::create).delete(session::delete::delete),
        )
        .route("/session/sms", post(session::sms::send))
        .route("/session/authenticator", post(session::enrol::show))
        .route("/session/authenticator/confirmation", post(session::confirm::confirm))
        .route("/session/second-factor", post(session::second_factor::check))
        .route("/session/password", post(password::change::change))
        .route("/password/lost", post(password::lost::ask))
        .route("/password/link", post(password::link::show))
        .route("/password/reset", post(password::link::reset))
        .route("/password/strength", post(password::strength::judge))
        .route("/users", get(users::list::list).post(users::create::create))
        .route("/users/deletion", post(users::delete::delete))
        .route("/users/{id}", patch(users::change::change))
        .route("/users/{id}/credentials", post(users::credentials::send))
        .route("/orders", get(orders::list::list))
        .route("/orders/licences", post(orders::licences::order))
        .route("/orders/export", get(orders::export::export))
        .route("/orders/handover", post(orders::hand_over::hand_over))
        .route("/personal-data", get(personal_data::show::show))
        .route("/personal-data/export", post(personal_data::export::export))
        .route("/system", get(system::show::show))
        .route(
            "/system/settings",
            get(system::settings::show::show)
                .put(system::settings::change::change)
                .layer(DefaultBodyLimit::max(LARGEST_SETTINGS)),
        )
        .route("/system/settings/confirmation", post(system::settings::settle::confirm))
        .route("/system/settings/abandonment", post(system::settings::settle::abandon))
        .route("/system/settings/test-mail", post(system::settings::test_mail::send))
        .route("/system/settings/test-sms", post(system::settings::test_sms::send))
        .route("/system/settings/authority", get(system::settings::authority::download))
        .route("/system/factory-reset", post(system::factory_reset::reset))
        .route("/system/recovery-key", post(system::recovery_key::make))
        .route(
            "/system/console",
            get(system::console::show).post(system::console::open).delete(system::console::close),
        )
        .route("/system/backup", post(system::backup::prepare))
        .route("/system/backup/schedule", get(system::schedule::show).put(system::schedule::change))
        .route("/system/backup/schedule/sftp", post(system::schedule::introduce))
        .route("/system/backup/{ticket}", get(system::backup::download))
        .route(
            "/system/restore/file",
            put(system::restore::receive).layer(DefaultBodyLimit::max(LARGEST_PIECE)),
        )
        .route("/system/restore/check", post(system::restore::check))
        .route("/system/restore", post(system::restore::restore))
        .route("/system/updates", get(system::updates::show::show))
        .route("/system/updates/look", post(system::updates::look::look))
        .route("/system/updates/installation", post(system::updates::install::install))
        .route("/system/updates/upload", post(system::updates::upload::upload))
        .route("/system/updates/restart", post(system::updates::restart::restart))
        .route("/permanent-meetings", get(meetings::list::list).post(meetings::create::create))
        .route("/permanent-meetings/{id}", patch(meetings::change::change).delete(meetings::delete::delete))
        .route("/permanent-meetings/{id}/seat", post(meetings::seat::take))
        .route("/meetings/{id}/sittings", get(papers::sittings::list))
        .route("/meetings/{id}/record", post(papers::record::issue))
        .route("/permanent-meetings/{id}/shares", get(meetings::share::list).post(meetings::share::send))
        .route("/scheduled-meetings", get(scheduled::list::list).post(scheduled::create::create))
        .route("/scheduled-meetings/people", get(scheduled::people::people))
        .route(
            "/scheduled-meetings/{id}",
            get(scheduled::show::show).patch(scheduled::change::change).delete(scheduled::delete::delete),
        )
        .route(
            "/scheduled-meetings/{id}/participants",
            put(scheduled::participants::revise).layer(DefaultBodyLimit::max(LARGEST_LIST)),
        )
        .route(
            "/scheduled-meetings/{id}/validation",
            post(scheduled::validate::validate).layer(DefaultBodyLimit::max(LARGEST_LIST)),
        )
        .route("/scheduled-meetings/{id}/invitations", post(scheduled::send::send))
        .route("/scheduled-meetings/{id}/participants/{participant}/link", post(scheduled::link::make))
        .route("/scheduled-meetings/{id}/seat", post(scheduled::seat::take))
        .route("/directory", get(directory::search::search))
        .route("/directory/state", get(directory::state::state))
        .route("/directory/import", post(directory::import::import))
        .route("/calls", get(calls::list::list))
        .route("/calls/week", get(calls::week::week))
        .route("/events", get(events::connect))
        .route("/attestations", post(papers::attestation::issue));
    if state.config.demonstration {
        router = router.route("/demonstration/messages", get(demonstration::messages));
    }
    router.route_layer(from_fn_with_state(state.clone(), access::require))
}

pub(crate) fn router(state: &AppState, audience: Audience) -> Router<AppState> {
    let router = match audience {
        Audience::Everybody => of_guests().merge(of_the_office(state)),
        Audience::Guests => of_guests(),
    };
    router
        .fallback(unknown)
        .method_not_allowed_fallback(not_done_so)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(Extension(session::LoginTurns::default()))
        .layer(Extension(papers::PaperTurns::default()))
        .layer(Extension(papers::verification::WrongNumbers::default()))
        .layer(Extension(system::backup::Tickets::default()))
        .layer(Extension(system::updates::upload::UploadPlace::default()))
        .layer(Extension(directory::import::ImportPlace::default()))
}

async fn unknown() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "unknown", "Cette adresse n’existe pas.")
}

async fn not_done_so() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "Cette adresse ne se demande pas ainsi.",
    )
}
