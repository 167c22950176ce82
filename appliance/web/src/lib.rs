//! The pages' server. One endpoint, one file: its errors, its documentation, its handler. What an endpoint decides is
//! in the domain; what it changes, in the store or in a live meeting.

mod connections;
mod csrf;
mod deadline;
mod delivery;
mod endpoints;
mod error;
mod extract;
mod headers;
mod login;
mod machinery;
mod openapi;
mod pages;
mod peer;
mod qr;
mod server;
mod setup;
mod state;
#[cfg(test)]
mod testing;

pub use endpoints::system::SystemReports;
pub use machinery::{Card, CertificateReport, CertificateTrouble, Machinery};
pub use openapi::openapi;
pub use peer::Peer;
pub use server::{ServeError, TlsIdentity, serve};
pub use setup::{Door, SetupMachine, SetupState};
pub use state::{AppState, WebConfig};

use axum::Router;

/// Everything that is answered.
pub fn router(state: AppState) -> Router {
    let api = endpoints::router(&state).layer(axum::middleware::from_fn(csrf::require_header));
    Router::new()
        .nest("/api", api)
        .merge(endpoints::demonstration::page(&state))
        .merge(endpoints::brand::files())
        .fallback_service(pages::service(&state.config.pages))
        .layer(axum::middleware::from_fn(deadline::keep))
        .layer(axum::middleware::from_fn(headers::add))
        .with_state(state)
}

/// What a box without settings answers: the set-up page and what it asks, and nothing else.
pub fn setup_router(state: SetupState) -> Router {
    let api = endpoints::setup::router().layer(axum::middleware::from_fn(csrf::require_header));
    Router::new()
        .nest("/api", api)
        .fallback_service(pages::setup(&state.pages))
        .layer(axum::middleware::from_fn(deadline::keep))
        .layer(axum::middleware::from_fn(headers::add))
        .with_state(state)
}
