//! A participant as a room system is one: SIP over UDP with digest, G.711 and H.264 by plain RTP, keys by RFC 4733.

mod call;
mod keys;
mod line;
mod picture;
mod rtcp;
mod sdp;
mod sound;

use crate::{
    arguments::Device,
    edge,
    fault::{Fault, Outcome, Side},
    media::Codecs,
    perception::Perception,
};
use call::Call;
use line::Line;
use sdp::{Offered, Session};
use std::{
    net::{IpAddr, SocketAddr},
    time::Instant,
};

/// A room system in a call with a meeting.
pub(crate) struct RoomSystem {
    /// What it sees and hears.
    pub perception: Perception,
    /// When it was let in.
    pub joined_at: Option<Instant>,
    /// Its seat's number, once it has one.
    pub seat: Option<u64>,
    sound: sound::Sound,
    _picture: picture::Picture,
    call: Call,
}

impl RoomSystem {
    /// Calls a meeting and waits for the answer. `own`: this machine's address on the way to the box.
    ///
    /// # Errors
    /// The box does not take the call, or its answer lacks sound or picture.
    pub(crate) async fn dial(
        sip: SocketAddr,
        own: IpAddr,
        device: &Device,
        number: &str,
        (sender, codecs): (u8, Codecs),
    ) -> Outcome<Self> {
        let (audio, video) = (Line::bind(own).await?, Line::bind(own).await?);
        let level = codecs.effort.room_level();
        let offered = Offered { address: own, audio: audio.port(), video: video.port(), level };
        let (call, answer) =
            Call::place(sip, own, device, number, (&offered.text(edge::random()), codecs.effort)).await?;
        let Some(Session { audio: audio_to, video: video_to }) = Session::read(&answer) else {
            let what = "the call was answered without sound or without picture";
            return Err(Fault::new(
                Side::Control,
                what,
                "the box's answer refuses G.711 or H.264: report it",
            ));
        };
        let perception = Perception::default();
        let sound = sound::Sound::start(audio, audio_to, sender, &perception)?;
        let picture = picture::Picture::start(video, video_to, sender, &codecs, &perception)?;
        call.answer_wishes(picture.key_frames());
        Ok(Self { perception, joined_at: None, seat: None, sound, _picture: picture, call })
    }

    /// Presses keys, one after the other; returns at once.
    pub(crate) fn press(&self, keys: &str) {
        self.sound.press(keys);
    }

    /// Why the call is over, if it is.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.call.fault()
    }

    /// Ends the call.
    pub(crate) async fn hang_up(self) {
        self.call.hang_up().await;
    }
}
