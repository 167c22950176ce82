//! Who is in a picture, and how large.

use super::{FrameBox, Participant, Stage};
use gstreamer as gst;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{Content, Notice, SeatId};

/// People who are shown in rows; with more, whoever speaks is large.
pub(super) const MOST_IN_GRID: usize = 6;
/// People beside what is large.
pub(super) const MOST_BESIDE: usize = 5;
/// A screen that is shown to all may stand still for this long before it is taken for gone.
const STANDING: Duration = Duration::from_secs(10);

/// Whom a meeting's picture is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// One who does not see itself.
    One(SeatId),
    /// Everybody, who see each other and themselves.
    All,
    /// As [`Self::All`], for the one who speaks: who spoke before is large.
    Speaker(SeatId),
}

/// What is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Programme {
    /// A picture with text.
    Notice(Notice),
    /// The meeting.
    Meeting {
        /// For whom.
        audience: Audience,
        /// Shown while there is nobody else.
        alone: Notice,
    },
}

/// How the tiles lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Alone, side by side, in rows.
    Grid,
    /// The first one large, the others in a strip beside it.
    Strip,
}

/// One in the picture.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Who.
    pub seat: SeatId,
    /// Drawn with it.
    pub name: Arc<str>,
    /// The person, or what it shows to all.
    pub content: Content,
    /// Whether its sound is switched off.
    pub muted: bool,
    /// Its picture; none is a tile with the name.
    pub frames: Option<Arc<FrameBox<gst::Sample>>>,
}

impl Shown {
    /// The latest picture, while it counts.
    #[must_use]
    pub fn picture(&self, now: Instant) -> Option<gst::Sample> {
        let frames = self.frames.as_ref()?;
        match self.content {
            Content::Main => frames.get(now),
            Content::Slides => frames.get_within(STANDING, now),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        let frames = |shown: &Self| shown.frames.as_ref().map(Arc::as_ptr);
        self.seat == other.seat && self.name == other.name && frames(self) == frames(other)
    }
}

/// What is in a picture. Another one begins with a key frame.
#[derive(Clone, Debug)]
pub enum Scene {
    /// Text.
    Notice(Notice),
    /// Tiles.
    Mix(Layout, Vec<Shown>),
}

impl Scene {
    /// Of a programme, as everybody is now.
    #[must_use]
    pub fn of(programme: &Programme, stage: &Stage, now: Instant) -> Self {
        match programme {
            Programme::Notice(notice) => Self::Notice(notice.clone()),
            Programme::Meeting { audience, alone } => {
                let (layout, shown) = arrange(*audience, stage, now);
                if shown.is_empty() { Self::Notice(alone.clone()) } else { Self::Mix(layout, shown) }
            }
        }
    }

    /// Whether this is the same picture, but for what moves in it. That somebody's sound is switched off is no other one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Notice(one), Self::Notice(other)) => one == other,
            (Self::Mix(layout, shown), Self::Mix(other_layout, other_shown)) => {
                layout == other_layout
                    && shown.len() == other_shown.len()
                    && shown.iter().zip(other_shown).all(|(one, other)| one.is_same(other))
            }
            (Self::Notice(_), Self::Mix(..)) | (Self::Mix(..), Self::Notice(_)) => false,
        }
    }
}

/// The tiles of a meeting's picture, what is large first.
fn arrange(audience: Audience, stage: &Stage, now: Instant) -> (Layout, Vec<Shown>) {
    let everybody = stage.participants();
    let is_seen = |participant: &&Participant| audience != Audience::One(participant.seat);
    let mut people: Vec<Shown> = everybody.iter().filter(is_seen).flat_map(tiles).collect();
    let speakers = stage.speakers();
    let rank = |shown: &Shown| {
        let spoke = speakers.iter().position(|seat| *seat == shown.seat).unwrap_or(usize::MAX);
        (spoke, shown.frames.is_none(), shown.seat)
    };
    if let Some(slides) = everybody.iter().filter(is_seen).find_map(|one| slides(one, now)) {
        keep(&mut people, MOST_BESIDE, rank);
        people.insert(0, slides);
        return (Layout::Strip, people);
    }
    if people.len() <= MOST_IN_GRID {
        return (Layout::Grid, people);
    }
    let may_be_large = |at: &usize| audience != Audience::Speaker(people[*at].seat);
    let large = (0..people.len()).filter(may_be_large).min_by_key(|at| rank(&people[*at]));
    let large = people.remove(large.unwrap_or(0));
    keep(&mut people, MOST_BESIDE, rank);
    people.insert(0, large);
    (Layout::Strip, people)
}

impl Stage {
    /// Who is large in a picture that everybody shares, where one is.
    #[must_use]
    pub fn large(&self) -> Option<SeatId> {
        let participants = self.participants();
        let people = participants.iter().flat_map(tiles).count();
        let presented = participants.iter().any(|participant| !participant.slides.is_empty());
        let speakers = self.speakers();
        let is_there = |seat: &&SeatId| participants.iter().any(|participant| participant.seat == **seat);
        if people > MOST_IN_GRID && !presented { speakers.iter().find(is_there).copied() } else { None }
    }
}

/// A tile for each picture, and one for who has none.
fn tiles(participant: &Participant) -> Vec<Shown> {
    let tile = |frames| Shown {
        seat: participant.seat,
        name: Arc::clone(&participant.name),
        content: Content::Main,
        muted: participant.muted,
        frames,
    };
    if participant.pictures.is_empty() {
        return vec![tile(None)];
    }
    participant.pictures.iter().map(|frames| tile(Some(Arc::clone(frames)))).collect()
}

/// What somebody shows to all, once there is a picture of it.
fn slides(participant: &Participant, now: Instant) -> Option<Shown> {
    let tile = |frames: &Arc<FrameBox<gst::Sample>>| Shown {
        seat: participant.seat,
        name: Arc::clone(&participant.name),
        content: Content::Slides,
        muted: false,
        frames: Some(Arc::clone(frames)),
    };
    participant.slides.iter().map(tile).find(|shown| shown.picture(now).is_some())
}

/// Leaves so many, those of the first ranks, in the order that they have.
fn keep<R: Ord>(people: &mut Vec<Shown>, most: usize, rank: impl Fn(&Shown) -> R) {
    if people.len() > most {
        let mut ranks: Vec<_> = people.iter().map(&rank).collect();
        ranks.sort();
        let last = ranks.swap_remove(most - 1);
        people.retain(|shown| rank(shown) <= last);
        people.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn participant(seat: u64, has_picture: bool) -> Participant {
        let pictures = if has_picture { vec![Arc::default()] } else { Vec::new() };
        let name = format!("{seat}").into();
        Participant { seat: SeatId(seat), name, muted: false, pictures, slides: Vec::new() }
    }

    fn stage(people: u64, speakers: &[u64]) -> Stage {
        let stage = Stage::default();
        stage.set((1..=people).map(|seat| participant(seat, seat != 2)).collect());
        stage.set_speakers(speakers.iter().copied().map(SeatId).collect());
        stage
    }

    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn arranged(audience: Audience, stage: &Stage) -> (Layout, Vec<u64>) {
        let (layout, shown) = arrange(audience, stage, Instant::now());
        (layout, shown.iter().map(|shown| shown.seat.0).collect())
    }

    #[test]
    fn a_few_are_shown_in_rows_and_nobody_sees_himself_alone() {
        assert_eq!(arranged(Audience::One(SeatId(3)), &stage(4, &[3])), (Layout::Grid, vec![1, 2, 4]));
        assert_eq!(arranged(Audience::One(SeatId(1)), &stage(1, &[])), (Layout::Grid, vec![]));
        assert_eq!(arranged(Audience::All, &stage(4, &[])), (Layout::Grid, vec![1, 2, 3, 4]));
        assert_eq!(arranged(Audience::All, &stage(6, &[])).0, Layout::Grid);
    }

    #[test]
    fn of_many_the_speaker_is_large_with_the_latest_speakers_beside() {
        let nine = stage(9, &[8, 4, 9]);
        assert_eq!(arranged(Audience::All, &nine), (Layout::Strip, vec![8, 1, 3, 4, 5, 9]));
        assert_eq!(arranged(Audience::One(SeatId(4)), &nine), (Layout::Strip, vec![8, 1, 3, 5, 6, 9]));
        let (_, for_the_speaker) = arranged(Audience::Speaker(SeatId(8)), &nine);
        assert_eq!(for_the_speaker, [4, 1, 3, 5, 8, 9]);
        assert_eq!(arranged(Audience::All, &stage(9, &[])), (Layout::Strip, vec![1, 3, 4, 5, 6, 7]));
    }

    #[test]
    fn a_mark_is_no_other_scene_but_another_picture_is() {
        let one = |muted, pictures| {
            let stage = Stage::default();
            stage.set(vec![Participant { muted, pictures, ..participant(1, false) }]);
            let programme = Programme::Meeting {
                audience: Audience::All,
                alone: Notice { office: String::new(), title: String::new(), text: String::new() },
            };
            #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
            Scene::of(&programme, &stage, Instant::now())
        };
        let frames = Arc::<FrameBox<gst::Sample>>::default();
        assert!(one(false, vec![Arc::clone(&frames)]).is_same(&one(true, vec![Arc::clone(&frames)])));
        assert!(!one(false, vec![frames]).is_same(&one(false, vec![Arc::default()])));
        assert!(!one(false, Vec::new()).is_same(&one(false, vec![Arc::default()])));
    }
}
