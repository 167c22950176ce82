//! What control asks.

use super::{
    Switchboard,
    browser::Browser,
    encodings::Layer,
    seat::{BrowserSeat, Place as SeatPlace, Seat},
};
use std::time::Instant;
use tabellion_media_protocol::{
    MediaKind, PROTOCOL, RoomId, SeatId,
    control::{Answer, BANDWIDTH_LIMITS, FromMedia, LoadState, MediaError, Publish, Request, Tile, ToMedia},
};

impl Switchboard {
    /// Carries out a request. The answer is among [`Self::say`], at once or later.
    pub fn request(&mut self, message: ToMedia, now: Instant) {
        let id = message.id;
        let answer = match message.request {
            Request::Hello { protocol } if protocol == PROTOCOL => {
                Ok(Answer::Hello { protocol: PROTOCOL, instance: self.instance.clone() })
            }
            Request::Hello { protocol } => Err(MediaError::Protocol { ours: PROTOCOL, asked: protocol }),
            Request::Load => {
                Ok(Answer::Load(LoadState { share_percent: self.load.share(), step: self.load.step() }))
            }
            Request::CodecFailures => Ok(Answer::CodecFailures { failures: self.codec_failures.clone() }),
            Request::Snapshot => Ok(Answer::Snapshot(self.snapshot())),
            Request::JoinBrowser { room, seat, name, offer, slides, publish, muted, limit_kbps } => {
                let join = |limit| {
                    self.join_browser(room, seat, name, (&offer, slides), (publish, muted, limit), now)
                };
                bits(limit_kbps).and_then(join)
            }
            Request::RenegotiateBrowser { seat, offer, slides } => {
                self.renegotiate(seat, &offer, slides, now)
            }
            Request::ShowTiles { seat, tiles } => self.show_tiles(seat, &tiles, now),
            Request::LimitBandwidth { seat, kbps } => {
                bits(kbps).and_then(|limit| self.limit_bandwidth(seat, limit, now))
            }
            Request::OpenLeg { room, seat, name, leg, view, publish } => {
                self.open_leg(id, room, seat, name, (leg, view), publish, now);
                return;
            }
            Request::ShowLeg { seat, view } => self.show_leg(seat, view, now),
            Request::SetPublish { seat, publish } => {
                if self.set_publish(seat, publish, now) {
                    Ok(Answer::Done)
                } else {
                    Err(MediaError::NoSuchSeat { seat })
                }
            }
            Request::SetMuted { seat, muted } => self.set_muted(seat, muted),
            Request::KeyFrame { seat } => self.key_frame_of(seat, now),
            Request::Leave { seat } => {
                self.remove(seat, now);
                Ok(Answer::Done)
            }
        };
        self.answer(id, answer);
        self.drive_written(now);
    }

    pub(super) fn answer(&mut self, id: u64, result: Result<Answer, MediaError>) {
        self.message(FromMedia::Answer { id, result });
    }

    fn join_browser(
        &mut self,
        room: RoomId,
        seat: SeatId,
        name: String,
        (offer, slides): (&str, Vec<String>),
        (publish, muted, limit): (Publish, bool, Option<u64>),
        now: Instant,
    ) -> Result<Answer, MediaError> {
        self.make_sure_of_room(seat)?;
        let (mut browser, answer) = Browser::accept(offer, &self.candidates, limit, now)?;
        let mut reports = Vec::new();
        browser.advance(now, &mut reports);
        // A reload: the former page's transport ends.
        let former = self.seats.get(&seat).filter(|seat| seat.room == room).map(|seat| seat.order);
        match former {
            Some(_) => self.take_out(seat, now),
            None => self.remove(seat, now),
        }
        let order = former.unwrap_or_else(|| self.new_order());
        self.demux.set_ufrag(seat, browser.ufrag());
        let place = SeatPlace::Browser(Box::new(BrowserSeat::new(browser, slides)));
        self.seats.insert(seat, Seat { room, order, name, publish, muted, place, tracks: Vec::new() });
        self.tell_muted(seat);
        self.reports(seat, reports, now);
        self.publish_uplinks(seat);
        self.reassign(room, now);
        Ok(Answer::Sdp { answer })
    }

    /// Whoever is there already may come again.
    pub(super) fn make_sure_of_room(&self, seat: SeatId) -> Result<(), MediaError> {
        if self.load.is_full() && !self.seats.contains_key(&seat) {
            Err(MediaError::Overloaded)
        } else {
            Ok(())
        }
    }

    fn renegotiate(
        &mut self,
        seat: SeatId,
        offer: &str,
        slides: Vec<String>,
        now: Instant,
    ) -> Result<Answer, MediaError> {
        let place = self.browser_mut(seat).ok_or(MediaError::NoSuchSeat { seat })?;
        let mut reports = Vec::new();
        let answer = match place.browser.answer(offer, &mut reports) {
            Ok(answer) => answer,
            Err(refused) => {
                self.reports(seat, reports, now);
                return Err(refused);
            }
        };
        place.browser.advance(now, &mut reports);
        place.follow_offer(slides);
        let ufrag = place.browser.ufrag();
        self.demux.set_ufrag(seat, ufrag);
        let room = self.seats[&seat].room;
        self.reports(seat, reports, now);
        self.withdraw_gone_uplinks(seat);
        self.publish_uplinks(seat);
        self.reassign(room, now);
        Ok(Answer::Sdp { answer })
    }

    fn show_tiles(&mut self, seat: SeatId, tiles: &[Tile], now: Instant) -> Result<Answer, MediaError> {
        let place = self.browser_mut(seat).ok_or(MediaError::NoSuchSeat { seat })?;
        for slot in place.slots.iter_mut().filter(|slot| slot.kind == MediaKind::Video) {
            let shown = tiles.iter().find(|tile| *slot.mid == *tile.mid);
            slot.tile = shown.map(|tile| tile.rows).or(slot.tile);
        }
        self.choose_for_browser(seat, now);
        self.tell_needed_encodings(now);
        Ok(Answer::Done)
    }

    fn limit_bandwidth(
        &mut self,
        seat: SeatId,
        limit: Option<u64>,
        now: Instant,
    ) -> Result<Answer, MediaError> {
        let place = self.browser_mut(seat).ok_or(MediaError::NoSuchSeat { seat })?;
        place.browser.set_limit(limit);
        self.choose_for_browser(seat, now);
        self.tell_needed_encodings(now);
        Ok(Answer::Done)
    }

    fn set_muted(&mut self, seat: SeatId, muted: bool) -> Result<Answer, MediaError> {
        self.seats.get_mut(&seat).ok_or(MediaError::NoSuchSeat { seat })?.muted = muted;
        self.tell_muted(seat);
        Ok(Answer::Done)
    }

    fn key_frame_of(&mut self, seat: SeatId, now: Instant) -> Result<Answer, MediaError> {
        let tracks = self.seats.get(&seat).ok_or(MediaError::NoSuchSeat { seat })?.tracks.clone();
        for id in tracks {
            let largest = self
                .tracks
                .get(&id)
                .and_then(|track| track.encodings.nearest(track.encodings.largest(), false, None, now));
            self.want_key_frame(id, largest.unwrap_or(Layer::ONLY));
        }
        Ok(Answer::Done)
    }
}

/// A limit that was asked for, in bit/s.
fn bits(kbps: Option<u32>) -> Result<Option<u64>, MediaError> {
    match kbps {
        Some(kbps) if !BANDWIDTH_LIMITS.contains(&kbps) => Err(MediaError::BadLimit { kbps }),
        kbps => Ok(kbps.map(|kbps| u64::from(kbps) * 1_000)),
    }
}
