//! Whom the espace client answers (AUTH-04): those on the office's networks and its VPN. What a meeting's link leads to answers anybody.

use crate::{
    error::ApiError,
    pages,
    peer::{Connected, Peer, Reached},
    proxies,
    state::AppState,
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::convert::Infallible;
use tabellion_domain::settings::Access;
use tabellion_store::Office;

/// Whom a port is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Audience {
    /// The office, and guests.
    Everybody,
    /// Guests alone, wherever they are.
    Guests,
}

/// Whether the espace client answers this request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Inside(pub bool);

/// How a request has come: what says where its author is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    connected: Connected,
    reached: Reached,
}

impl<S: Sync> FromRequestParts<S> for Way {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let connected = Connected::from_request_parts(parts, state).await?;
        Ok(Self { connected, reached: Reached::from_request_parts(parts, state).await? })
    }
}

impl Way {
    /// Whom the request is from.
    pub(crate) fn client(&self, headers: &HeaderMap, access: &Access) -> Peer {
        Peer(proxies::client(self.connected.0, headers, access))
    }

    /// Whether the espace client answers it under these settings.
    pub(crate) fn is_inside(&self, headers: &HeaderMap, access: &Access) -> bool {
        // The box's own programs may come by its own address.
        let connected = self.connected.0.to_canonical();
        let own = connected == self.reached.0.ip().to_canonical() && !access.is_proxy(connected);
        // A proxy that nobody has named in the settings would make everybody who comes by it one of the office.
        let unnamed = !access.is_proxy(connected) && proxies::speaks_for_others(headers);
        !unnamed && (own || access.admits(self.client(headers, access).0))
    }
}

/// Finds out who asks, and whether from inside. Outermost: all else goes by it.
pub(crate) async fn look(
    State((state, audience)): State<(AppState, Audience)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(Peer(connected)) = Peer::from_request_parts(&mut parts, &()).await;
    parts.extensions.insert(Connected(connected));
    let Ok(way) = Way::from_request_parts(&mut parts, &()).await;
    let access = &state.config.access;
    let inside = audience == Audience::Everybody && way.is_inside(&parts.headers, access);
    parts.extensions.insert(way.client(&parts.headers, access));
    parts.extensions.insert(Inside(inside));
    next.run(Request::from_parts(parts, body)).await
}

/// Around what belongs to the espace client.
pub(crate) async fn require(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if is_inside(&request) { next.run(request).await } else { refusal(&state.config.office).into_response() }
}

/// The same around pages: whoever is outside is told so on a page.
pub(crate) async fn require_for_pages(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    if is_inside(&request) || pages::is_for_guests(request.uri().path()) {
        return next.run(request).await;
    }
    pages::outside(&state.config.pages).await
}

fn is_inside(request: &Request) -> bool {
    request.extensions().get::<Inside>().is_some_and(|Inside(inside)| *inside)
}

fn refusal(office: &Office) -> ApiError {
    let mut message = "L’espace client ne répond que sur le réseau de l’office et son VPN. Connectez-vous à l’un d’eux, puis \
                       réessayez."
        .to_owned();
    let contact = [&office.support_name, &office.support_phone, &office.support_email];
    let contact: Vec<_> = contact.into_iter().filter(|text| !text.is_empty()).map(String::as_str).collect();
    if !contact.is_empty() {
        message.push_str(&format!(
            " En cas de difficulté, adressez-vous au support\u{a0}: {}.",
            contact.join(", ")
        ));
    }
    ApiError::new(StatusCode::FORBIDDEN, "outside_network", message)
}

#[cfg(test)]
mod tests;
