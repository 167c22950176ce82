//! The pages' server. One endpoint, one file: its errors, its documentation, its handler. What an endpoint decides is
//! in the domain; what it changes, in the store or in a live meeting.

mod access;
mod connections;
mod csrf;
mod deadline;
mod delivery;
mod devices;
mod endpoints;
mod error;
mod extract;
mod headers;
mod in_call;
mod login;
mod machinery;
mod openapi;
mod pages;
mod peer;
mod proxies;
mod qr;
mod server;
mod setup;
mod state;
#[cfg(test)]
mod testing;

pub use endpoints::system::SystemReports;
pub use in_call::InCall;
pub use machinery::{Card, CertificateReport, CertificateTrouble, Machinery};
pub use openapi::openapi;
pub use peer::Peer;
pub use server::{ServeError, TlsIdentity, serve};
pub use setup::{Door, SetupMachine, SetupState};
pub use state::{AppState, WebConfig};

use access::Audience;
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};

/// Everything that is answered: the espace client on the office's networks, and what a meeting's link leads to anywhere.
pub fn router(state: AppState) -> Router {
    served(state, Audience::Everybody)
}

/// What a meeting's link leads to, and nothing else: for a port that the internet reaches.
pub fn guest_router(state: AppState) -> Router {
    served(state, Audience::Guests)
}

fn served(state: AppState, audience: Audience) -> Router {
    let api = endpoints::router(&state, audience).layer(from_fn(csrf::require_header));
    let pages = endpoints::demonstration::page(&state)
        .fallback_service(pages::service(&state.config.pages))
        .layer(from_fn_with_state(state.clone(), access::require_for_pages));
    Router::new()
        .nest("/api", api)
        .merge(endpoints::brand::files())
        .merge(pages)
        .layer(from_fn(deadline::keep))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state((state.clone(), audience), access::look))
        .with_state(state)
}

/// What a box without settings answers: the set-up page and what it asks, and nothing else.
pub fn setup_router(state: SetupState) -> Router {
    let api = endpoints::setup::router().layer(from_fn(csrf::require_header));
    Router::new()
        .nest("/api", api)
        .fallback_service(pages::setup(&state.pages))
        .layer(from_fn(deadline::keep))
        .layer(from_fn(headers::add))
        .with_state(state)
}
