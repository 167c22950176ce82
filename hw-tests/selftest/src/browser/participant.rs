use super::connection::Connection;
use crate::{
    box_api::Client,
    edge,
    fault::{Outcome, Side},
    media::Codecs,
    perception::Perception,
    seat::{Seat, Stage},
};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

/// Connections tried before the way to the switchboard counts as closed.
const ATTEMPTS: u32 = 3;
/// How long ICE and DTLS may take at the first one, and twice as long at each further one; on a good network they take a tenth of a
/// second. OpenSSL repeats what was lost of the handshake after 1 s, then 3 s, then 7 s: where once was not enough, another connection
/// is there sooner.
const CONNECTING: Duration = Duration::from_millis(1_500);

/// A participant in front of a meeting, or in it.
pub(crate) struct Browser {
    /// By which its picture and its tone are known, 0–15.
    pub sender: u8,
    /// Whether it sends its tone. Who does not is as somebody without a microphone.
    pub speaks: bool,
    /// Its place in the meeting.
    pub seat: Seat,
    /// What it sees and hears.
    pub perception: Perception,
    /// When it asked to join.
    pub joined_at: Option<Instant>,
    connection: Option<Connection>,
}

impl Browser {
    /// Takes a seat.
    ///
    /// # Errors
    /// The box does not give it.
    pub(crate) async fn sit_down(
        client: &Client,
        sender: u8,
        speaks: bool,
        seat_token: &str,
    ) -> Outcome<Self> {
        let seat = Seat::take(client, seat_token).await?;
        Ok(Self {
            sender,
            speaks,
            seat,
            perception: Perception::default(),
            joined_at: None,
            connection: None,
        })
    }

    /// Joins the meeting, once accepted, and waits until its media is connected.
    ///
    /// # Errors
    /// The box refuses, or the switchboard cannot be reached.
    pub(crate) async fn join(&mut self, own: IpAddr, codecs: Codecs) -> Outcome<()> {
        let may_enter = |stage: &Stage| matches!(stage, Stage::Accepted | Stage::Inside);
        self.seat.until("acceptance", |view| view.stage.as_ref().is_some_and(may_enter)).await?;
        let (mut attempt, mut patience) = (1, codecs.effort.patience(CONNECTING));
        loop {
            self.connection = None;
            let (mut connection, offer) =
                Connection::offer((self.sender, self.speaks), own, codecs, &self.perception).await?;
            tracing::trace!(offer, "offer");
            self.joined_at = Some(edge::now());
            let answer = self.seat.enter(&offer, self.speaks).await?;
            let outcome = connection.answer(&answer, patience).await;
            self.connection = Some(connection);
            match outcome {
                Err(fault) if fault.side == Side::Network && attempt < ATTEMPTS => {
                    tracing::warn!(attempt, %fault, "trying again");
                    (attempt, patience) = (attempt + 1, patience * 2);
                }
                outcome => {
                    tracing::info!(
                        sender = self.sender,
                        connected = outcome.is_ok(),
                        "a participant has joined"
                    );
                    return outcome;
                }
            }
        }
    }

    /// Leaves the meeting.
    pub(crate) async fn leave(mut self) {
        self.seat.leave().await;
    }
}
