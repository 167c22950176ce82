//! A seat's WebSocket: what [`tabellion_conference::messages`] describes, one JSON message a text frame.

mod allowance;
#[cfg(test)]
mod tests;

use crate::{connections::Place, csrf, login::SeatLogin, state::AppState};
use allowance::Allowance;
use axum::{
    Extension,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use std::{sync::Arc, time::Duration};
use tabellion_conference::{
    AttachError, LastSeen, SeatSession,
    messages::{SeatCommand, SeatEvent, SeatFrame, SeatReply, SeatRequest, Stage},
};
use tokio::time::{Instant, interval, timeout};
use tracing::debug;

/// Largest frame: an SDP offer with all slots is about 20 kB.
const LARGEST_FRAME: usize = 64 * 1024;
/// A page that is connected says at once which seat it has.
const ATTACH_PATIENCE: Duration = Duration::from_secs(5);
/// How often a page in a meeting counts as activity of its session.
const NOTING: Duration = Duration::from_secs(60);
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// A page that says nothing for this long, not even a pong, is gone.
const SILENCE: Duration = Duration::from_secs(30);
/// A page that takes nothing for this long is gone; the meeting does not wait for it.
const TAKING: Duration = Duration::from_secs(10);

/// Normal, policy violated, internal error (RFC 6455 §7.4.1).
const NORMAL: u16 = 1000;
const VIOLATION: u16 = 1008;
const INTERNAL: u16 = 1011;
/// A frame that is larger than [`LARGEST_FRAME`], or no WebSocket frame at all.
const TOO_BIG: u16 = 1009;
/// Ours: the seat's secret is not known. The page starts again.
const UNKNOWN_SEAT: u16 = 4404;

/// The WebSocket of a seat, in the waiting room and in the meeting.
#[utoipa::path(get, path = "/api/seat", responses(
    (status = 101, description = "text frames: SeatRequest up, SeatFrame down"),
    (status = 403, description = "foreign_page"),
))]
pub(crate) async fn connect(
    State(state): State<AppState>,
    SeatLogin(login): SeatLogin,
    place: Option<Extension<Arc<Place>>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if let Err(refusal) = csrf::refuse_foreign_origin(&headers) {
        return refusal.into_response();
    }
    upgrade.max_message_size(LARGEST_FRAME).max_frame_size(LARGEST_FRAME).on_upgrade(
        move |socket| async move {
            converse(socket, state, login).await;
            drop(place);
        },
    )
}

async fn converse(mut socket: WebSocket, state: AppState, login: Option<[u8; 32]>) {
    let Some(session) = attach(&mut socket, &state).await else { return };
    let _presence = login.map(|login| state.in_call.enter(login));
    let ended = tokio::select! {
        ended = pump(&mut socket, session) => ended,
        () = keep_logged_in(&state, login) => "never",
    };
    debug!(ended, "a seat's connection ends");
}

/// A session does not end by inactivity while its page is in a meeting (AUTH-07).
async fn keep_logged_in(state: &AppState, login: Option<[u8; 32]>) {
    let Some(login) = login else { return std::future::pending().await };
    let mut minutes = interval(NOTING);
    loop {
        minutes.tick().await;
        if let Err(error) = state.store.touch_session(login, state.clock.now()).await {
            tracing::warn!(%error, "a session's activity could not be noted");
        }
    }
}

/// The first message takes the seat.
async fn attach(socket: &mut WebSocket, state: &AppState) -> Option<SeatSession> {
    let first = timeout(ATTACH_PATIENCE, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(text)))) = first else {
        close(socket, VIOLATION, "attach first").await;
        return None;
    };
    let request: Result<SeatRequest, _> = serde_json::from_str(&text);
    let Ok(SeatRequest { id, command: SeatCommand::Attach { seat_token, epoch, after } }) = request else {
        send(socket, &not_understood(&text)).await.ok()?;
        close(socket, VIOLATION, "attach first").await;
        return None;
    };
    let seen = epoch.zip(after).map(|(epoch, seq)| LastSeen { epoch, seq });
    match state.conference.attach(&seat_token, seen).await {
        Ok(session) => {
            let reply = SeatFrame::Reply { reply_to: id, reply: SeatReply::Done };
            send(socket, &reply).await.ok()?;
            Some(session)
        }
        Err(AttachError::Over(reason)) => {
            let event = SeatEvent::Stage { stage: Stage::Ended { reason } };
            send(socket, &SeatFrame::Event { seq: 0, event }).await.ok()?;
            close(socket, NORMAL, "the seat is over").await;
            None
        }
        Err(AttachError::UnknownSeat) => {
            close(socket, UNKNOWN_SEAT, "unknown seat").await;
            None
        }
        Err(error) => {
            tracing::warn!(%error, "a seat could not be taken");
            close(socket, INTERNAL, "try again").await;
            None
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a page is silent is real time, held by tokio's in tests"
)]
fn now() -> Instant {
    Instant::now()
}

/// Carries messages both ways until one side ends. Why it ended.
async fn pump(socket: &mut WebSocket, mut session: SeatSession) -> &'static str {
    let mut ping = interval(PING_INTERVAL);
    let mut heard_at = now();
    let mut allowance = Allowance::full(heard_at);
    loop {
        tokio::select! {
            frame = session.frames.recv() => {
                let Some(frame) = frame else {
                    close(socket, NORMAL, "the seat is over or was taken elsewhere").await;
                    return "the seat is over";
                };
                if send(socket, &frame).await.is_err() { return "the page is gone" }
            }
            message = socket.recv() => {
                let message = match message {
                    Some(Ok(message)) => message,
                    Some(Err(_)) => {
                        close(socket, TOO_BIG, "too large, or no frame").await;
                        return "a frame could not be read";
                    }
                    None => return "the page is gone",
                };
                heard_at = now();
                if !allowance.take(heard_at) {
                    close(socket, VIOLATION, "too many messages").await;
                    return "too many messages";
                }
                if let Message::Text(text) = message && request(socket, &session, &text).await.is_err() {
                    return "the page is gone";
                }
            }
            _ = ping.tick() => {
                if heard_at.elapsed() > SILENCE { return "the page is silent" }
                if put(socket, Message::Ping(Vec::new().into())).await.is_err() { return "the page is gone" }
            }
        }
    }
}

async fn request(socket: &mut WebSocket, session: &SeatSession, text: &str) -> Result<(), axum::Error> {
    match serde_json::from_str::<SeatRequest>(text) {
        Ok(request) => {
            session.request(request).await;
            Ok(())
        }
        Err(error) => {
            debug!(%error, "a page sent what is no request");
            send(socket, &not_understood(text)).await
        }
    }
}

/// The reply carries the request's number where it has one, and zero otherwise.
fn not_understood(text: &str) -> SeatFrame {
    let id = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| value.get("id")?.as_u64())
        .and_then(|id| u32::try_from(id).ok())
        .unwrap_or_default();
    let reply = SeatReply::Error {
        code: "bad_request".to_owned(),
        message: "La page a envoyé une demande que la boîte ne comprend pas. Rechargez-la.".to_owned(),
    };
    SeatFrame::Reply { reply_to: id, reply }
}

async fn send(socket: &mut WebSocket, frame: &SeatFrame) -> Result<(), axum::Error> {
    let text = serde_json::to_string(frame).map_err(axum::Error::new)?;
    put(socket, Message::Text(text.into())).await
}

async fn put(socket: &mut WebSocket, message: Message) -> Result<(), axum::Error> {
    timeout(TAKING, socket.send(message)).await.map_err(axum::Error::new)?
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    // The page may be gone already.
    let _ = put(socket, Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
}
