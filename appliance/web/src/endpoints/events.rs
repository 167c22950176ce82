//! What has changed, told to the pages as it happens (DASH-08): the pages ask again for what they show of it. A connection ends with
//! its session.

#[cfg(test)]
mod tests;

use crate::{connections::Place, csrf, error::ApiError, login::LoggedIn, state::AppState};
use axum::{
    Extension,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::HeaderMap,
    response::Response,
};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tabellion_store::Topic;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, interval, timeout},
};
use tracing::warn;
use utoipa::ToSchema;

/// The page says nothing but pongs.
const LARGEST_FRAME: usize = 1024;
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// A page that says nothing for this long, not even a pong, is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// A page that takes nothing for this long is gone.
const TAKING: Duration = Duration::from_secs(10);

/// Normal, violation, internal error (RFC 6455 §7.4.1).
const NORMAL: u16 = 1000;
const VIOLATION: u16 = 1008;
const INTERNAL: u16 = 1011;
/// Ours: the session is over. The page asks for the login.
const NO_SESSION: u16 = 4401;

/// What the pages hear: the words of [`Topic`].
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TopicWord {
    /// Permanent meetings.
    PermanentMeetings,
    /// Scheduled meetings.
    ScheduledMeetings,
    /// The users' calls.
    Calls,
    /// Who waits in front of meetings, and who is inside.
    Waiting,
    /// The directory of notaries.
    Directory,
    /// What has become of mails that pages follow.
    Deliveries,
    /// Too much has changed to be told one by one.
    Everything,
    /// Nothing has: the connection carries. At once after it is made, and every twenty seconds.
    Still,
}

/// One message: what it is about has changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeEvent {
    /// What.
    topic: TopicWord,
}

/// News of what pages show. Nothing of its content: each page asks for what its user may see.
#[utoipa::path(get, path = "/api/events", responses(
    (status = 101, description = "text frames: ChangeEvent down, nothing up"),
    (status = 401, description = "not_logged_in"),
    (status = 403, description = "foreign_page"),
))]
pub(crate) async fn connect(
    State(state): State<AppState>,
    login: LoggedIn,
    place: Option<Extension<Arc<Place>>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    csrf::refuse_foreign_origin(&headers)?;
    // From here on, so that nothing is missed between the answer and the first news.
    let topics = state.store.topics();
    Ok(upgrade.max_message_size(LARGEST_FRAME).max_frame_size(LARGEST_FRAME).on_upgrade(
        move |mut socket| async move {
            let (code, reason) = tell(&mut socket, &state, login.session_hash, topics).await;
            // The page may be gone already.
            let close = CloseFrame { code, reason: reason.into() };
            let _ = put(&mut socket, Message::Close(Some(close))).await;
            drop(place);
        },
    ))
}

/// Until the session ends, or the page.
async fn tell(
    socket: &mut WebSocket,
    state: &AppState,
    session: [u8; 32],
    mut topics: tokio::sync::broadcast::Receiver<Topic>,
) -> (u16, &'static str) {
    let mut ping = interval(PING_INTERVAL);
    let mut heard_at = now();
    loop {
        let word = tokio::select! {
            topic = topics.recv() => match topic {
                Ok(Topic::Sessions) => match is_alive(state, session).await {
                    Some(true) => continue,
                    Some(false) => return (NO_SESSION, "the session is over"),
                    None => return (INTERNAL, "try again"),
                },
                Ok(topic) => word(topic),
                Err(RecvError::Lagged(_)) => TopicWord::Everything,
                Err(RecvError::Closed) => return (INTERNAL, "try again"),
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Pong(_) | Message::Ping(_))) => { heard_at = now(); continue }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return (NORMAL, "the page is gone"),
                Some(Ok(_)) => return (VIOLATION, "nothing is asked here"),
            },
            _ = ping.tick() => {
                if heard_at.elapsed() > SILENCE { return (NORMAL, "the page is silent") }
                // Sessions also end by their age, and nobody says so.
                match is_alive(state, session).await {
                    Some(true) => {}
                    Some(false) => return (NO_SESSION, "the session is over"),
                    None => return (INTERNAL, "try again"),
                }
                // Its answer is a pong; what a page hears of pings is nothing, so that it is told by a message, too.
                if put(socket, Message::Ping(Vec::new().into())).await.is_err() { return (NORMAL, "the page is gone") }
                TopicWord::Still
            }
        };
        if send(socket, word).await.is_err() {
            return (NORMAL, "the page is gone");
        }
    }
}

fn word(topic: Topic) -> TopicWord {
    match topic {
        Topic::PermanentMeetings => TopicWord::PermanentMeetings,
        Topic::ScheduledMeetings => TopicWord::ScheduledMeetings,
        Topic::Calls => TopicWord::Calls,
        Topic::Waiting => TopicWord::Waiting,
        Topic::Directory => TopicWord::Directory,
        Topic::Deliveries => TopicWord::Deliveries,
        Topic::Sessions => TopicWord::Everything,
    }
}

/// None where the store cannot say. Listening keeps no session alive.
async fn is_alive(state: &AppState, session: [u8; 32]) -> Option<bool> {
    match state.store.session(session).await {
        Ok(found) => Some(found.is_some_and(|session| session.is_alive(state.clock.now()))),
        Err(error) => {
            warn!(%error, "a session could not be looked at");
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

async fn send(socket: &mut WebSocket, topic: TopicWord) -> Result<(), axum::Error> {
    let text = serde_json::to_string(&ChangeEvent { topic }).map_err(axum::Error::new)?;
    put(socket, Message::Text(text.into())).await
}

async fn put(socket: &mut WebSocket, message: Message) -> Result<(), axum::Error> {
    timeout(TAKING, socket.send(message)).await.map_err(axum::Error::new)?
}
