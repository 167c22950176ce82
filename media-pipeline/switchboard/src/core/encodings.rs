//! The encodings of one picture that its sender gives (simulcast, RFC 8853), and which of them fits a tile.

use std::time::{Duration, Instant};
use str0m::rtp::Ssrc;

/// Names that our pages give a picture's encodings (RFC 8851 §3), smallest first: a quarter, a half, and all of its sides.
const NAMES: [&str; LAYERS] = ["q", "h", "f"];
/// Most encodings of one picture.
const LAYERS: usize = 3;
/// An encoding of which nothing came for this long is not sent any more. A shared screen that stands still sends little.
const GONE: Duration = Duration::from_secs(3);
/// By how much a picture may be lower than its tile, in eighths: nobody sees that, and the next size costs four times as much.
const TOLERANCE: u32 = 7;

/// One of a picture's encodings: 0 is the smallest, and the only one of a sender without simulcast.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Layer(u8);

impl Layer {
    /// Where there is but one.
    pub(super) const ONLY: Self = Self(0);

    /// By its name in RTP (RFC 8852 §3.1). None for a name that is none of ours.
    pub(super) fn named(rid: &str) -> Option<Self> {
        let place = NAMES.iter().position(|name| *name == rid)?;
        u8::try_from(place).ok().map(Self)
    }

    /// Its bit in a set of encodings.
    pub(super) fn bit(self) -> u8 {
        1 << self.0
    }

    fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..LAYERS as u8).map(Self)
    }
}

/// What is known of one encoding.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Encoding {
    /// What it is sent with now.
    pub ssrc: Option<Ssrc>,
    pub heard_at: Option<Instant>,
    /// Rows of its picture, once a key frame has told.
    pub height: Option<u32>,
}

impl Encoding {
    fn comes(&self, now: Instant) -> bool {
        self.heard_at.is_some_and(|at| now.saturating_duration_since(at) < GONE)
    }
}

/// All encodings of one picture, or a sound's only one.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Encodings([Encoding; LAYERS]);

impl Encodings {
    pub(super) fn get(&self, layer: Layer) -> &Encoding {
        &self.0[usize::from(layer.0)]
    }

    pub(super) fn get_mut(&mut self, layer: Layer) -> &mut Encoding {
        &mut self.0[usize::from(layer.0)]
    }

    /// Those of which something has come, and what they are sent with.
    pub(super) fn sent(&self) -> impl Iterator<Item = (Layer, Ssrc)> {
        Layer::all().filter_map(|layer| Some((layer, self.get(layer).ssrc?)))
    }

    /// For a tile of so many rows (none: as large as can be): the smallest encoding that fills it, the largest where none does.
    /// Among those that come now; none where nothing does.
    pub(super) fn fitting(&self, tile: Option<u32>, now: Instant) -> Option<Layer> {
        let coming = || Layer::all().filter(|layer| self.get(*layer).comes(now));
        let fills = |layer: &Layer| {
            let height = self.get(*layer).height;
            tile.zip(height).is_some_and(|(tile, height)| height * 8 >= tile * TOLERANCE)
        };
        coming().find(fills).or_else(|| coming().next_back())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encodings(now: Instant, heights: [Option<u32>; LAYERS]) -> Encodings {
        let mut all = Encodings::default();
        for (layer, height) in Layer::all().zip(heights) {
            *all.get_mut(layer) = Encoding { ssrc: None, heard_at: height.map(|_| now), height };
        }
        all
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn a_tile_gets_the_smallest_encoding_that_fills_it() {
        let now = Instant::now();
        let all = encodings(now, [Some(180), Some(360), Some(720)]);
        let fitting = |tile| all.fitting(tile, now).map(|layer| layer.0);
        assert_eq!(fitting(Some(120)), Some(0));
        assert_eq!(fitting(Some(200)), Some(0), "a few rows less are not seen");
        assert_eq!(fitting(Some(300)), Some(1));
        assert_eq!(fitting(Some(2_000)), Some(2), "the largest there is");
        assert_eq!(fitting(None), Some(2));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn only_what_comes_is_chosen() {
        let start = Instant::now();
        let mut all = encodings(start, [Some(180), None, Some(720)]);
        assert_eq!(all.fitting(Some(300), start), Some(Layer(2)));
        let later = start + GONE;
        assert_eq!(all.fitting(None, later), None);
        all.get_mut(Layer(0)).heard_at = Some(later);
        assert_eq!(all.fitting(None, later), Some(Layer(0)));
    }

    #[test]
    fn names_are_those_of_our_pages() {
        assert_eq!(["q", "h", "f", "x", ""].map(Layer::named), [
            Some(Layer(0)),
            Some(Layer(1)),
            Some(Layer(2)),
            None,
            None
        ]);
    }
}
