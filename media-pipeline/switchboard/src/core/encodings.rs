//! The encodings of one picture that its sender gives (simulcast, RFC 8853), and which of them fits a tile.

use super::{
    packet::{Format, Packet},
    rate::Meter,
    red,
};
use std::time::{Duration, Instant};
use str0m::rtp::Ssrc;

/// Names that our pages give a picture's encodings (RFC 8851 §3), smallest first: a quarter, a half, and all of its sides.
const NAMES: [&str; LAYERS] = ["q", "h", "f"];
/// Most encodings of one picture.
const LAYERS: usize = 3;
/// A picture of which nothing came for this long is not sent any more. A shared screen that stands still sends little.
const GONE: Duration = Duration::from_secs(3);
/// An encoding that is behind another one of the same picture by this much has been stopped: by a browser whose line is weak.
const STOPPED: Duration = Duration::from_millis(700);
/// An encoding that nobody watches is sent for this long: a tile that was small for a moment finds it again.
const UNNEEDED: Duration = Duration::from_secs(3);
/// Bit/s of each, until they are measured: what our pages give their encoders at most.
const RATES: [u64; LAYERS] = [150_000, 500_000, 1_500_000];
/// Bit/s of a picture in one size, until it is measured: a room system's.
const RATE_OF_ONE: u64 = 1_000_000;
/// By how much a picture may be lower than its tile, in eighths: nobody sees that, and the next size costs four times as much.
const TOLERANCE: u64 = 7;

/// One of a picture's encodings: 0 is the smallest, and the only one of a sender without simulcast.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Layer(u8);

impl Layer {
    /// Where there is but one.
    pub(super) const ONLY: Self = Self(0);
    /// Those of our pages, by the sides of the picture.
    pub(super) const QUARTER: Self = Self(0);
    pub(super) const HALF: Self = Self(1);
    pub(super) const WHOLE: Self = Self(2);

    /// By its name in RTP (RFC 8852 §3.1). None for a name that is none of ours.
    pub(super) fn named(rid: &str) -> Option<Self> {
        let place = NAMES.iter().position(|name| *name == rid)?;
        u8::try_from(place).ok().map(Self)
    }

    /// Its bit in a set of encodings.
    fn bit(self) -> u8 {
        1 << self.0
    }

    pub(super) fn all() -> impl DoubleEndedIterator<Item = Self> {
        (0..LAYERS as u8).map(Self)
    }
}

/// Packets that are remembered as recovered: one that comes after so many more is none of a browser's.
const RECOVERED: usize = 16;

/// What is known of one encoding.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Encoding {
    /// What it is sent with now.
    pub ssrc: Option<Ssrc>,
    pub heard_at: Option<Instant>,
    /// What the newest packet was, and its number.
    pub newest: Option<(Format, u64)>,
    /// Rows of its picture, once a key frame has told.
    pub height: Option<u32>,
    pub meter: Meter,
    /// The latest packets that were made of the ones after them.
    recovered: [Option<u64>; RECOVERED],
}

impl Encoding {
    /// The packet before this one, where that did not come and this one carries it (RFC 2198). Once for each.
    pub(super) fn recover(&mut self, packet: &Packet) -> Option<Packet> {
        self.newest.filter(|(_, newest)| packet.sequence > newest + 1)?;
        let (ticks, payload) = red::before(packet.redundant.as_deref()?)?;
        let sequence = packet.sequence - 1;
        self.recovered.rotate_right(1);
        self.recovered[0] = Some(sequence);
        Some(Packet {
            sequence,
            timestamp: packet.timestamp.wrapping_sub(ticks),
            marker: false,
            level: packet.level,
            format: packet.format,
            payload: payload.into(),
            redundant: None,
        })
    }

    /// Whether this packet comes after it was given up and recovered: two of one number must not be encrypted (RFC 7714 §8).
    pub(super) fn was_recovered(&self, packet: &Packet) -> bool {
        self.recovered.contains(&Some(packet.sequence))
    }

    /// Its numbers begin anew.
    pub(super) fn begin_anew(&mut self) {
        (self.newest, self.recovered) = (None, [None; RECOVERED]);
    }

    /// Whether a packet was sent before another format than its own began: again, or late. It must not end that one.
    pub(super) fn is_past(&self, packet: &Packet) -> bool {
        self.newest.is_some_and(|(format, number)| packet.format != format && packet.sequence < number)
    }

    /// Takes note of a packet.
    pub(super) fn heard(&mut self, packet: &Packet, now: Instant) {
        self.meter.count(packet.payload.len(), now);
        self.heard_at = Some(now);
        if self.newest.is_none_or(|(_, number)| packet.sequence > number) {
            self.newest = Some((packet.format, packet.sequence));
        }
    }
}

/// All encodings of one picture, or a sound's only one.
#[derive(Clone, Default, Debug)]
pub(super) struct Encodings {
    known: [Encoding; LAYERS],
    /// That the sender has offered by name, smallest first. Empty without simulcast.
    offered: Vec<Layer>,
    /// That it was told to send, and since when more of them than are needed.
    told: Layers,
    unneeded_since: Option<Instant>,
}

/// A set of encodings.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Layers(u8);

impl Layers {
    pub(super) fn add(&mut self, layer: Layer) {
        self.0 |= layer.bit();
    }

    pub(super) fn remove(&mut self, layer: Layer) {
        self.0 &= !layer.bit();
    }

    pub(super) fn has(self, layer: Layer) -> bool {
        self.0 & layer.bit() != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn has_all_of(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

impl Extend<Layer> for Layers {
    fn extend<T: IntoIterator<Item = Layer>>(&mut self, layers: T) {
        layers.into_iter().for_each(|layer| self.add(layer));
    }
}

impl FromIterator<Layer> for Layers {
    fn from_iter<T: IntoIterator<Item = Layer>>(layers: T) -> Self {
        let mut set = Self::default();
        set.extend(layers);
        set
    }
}

impl Encodings {
    /// As its sender offers them. All are sent until it is told otherwise.
    pub(super) fn offered(mut layers: Vec<Layer>) -> Self {
        layers.sort();
        let told = layers.iter().copied().collect();
        Self { offered: layers, told, ..Self::default() }
    }

    pub(super) fn get(&self, layer: Layer) -> &Encoding {
        &self.known[usize::from(layer.0)]
    }

    pub(super) fn get_mut(&mut self, layer: Layer) -> &mut Encoding {
        &mut self.known[usize::from(layer.0)]
    }

    /// What the sender was told to send, by name; the only one has none.
    pub(super) fn told(&self) -> Vec<Option<String>> {
        if self.offered.is_empty() {
            return vec![None];
        }
        let told = self.offered.iter().filter(|layer| self.told.has(**layer));
        told.map(|layer| Some(NAMES[usize::from(layer.0)].to_owned())).collect()
    }

    /// Those that it was told not to send.
    pub(super) fn not_told(&self) -> impl Iterator<Item = Layer> {
        Layer::all().filter(|layer| !self.told.has(*layer))
    }

    /// The encodings that a tile of so many rows (none: as large as can be) may get, smallest first, up to the one that fills it,
    /// whether they come now or not; each with its rate in bit/s. None for a tile without rows.
    pub(super) fn choices(&self, tile: Option<u32>) -> Vec<(Layer, u64)> {
        let offered = if self.offered.is_empty() { &[Layer::ONLY][..] } else { &self.offered };
        let filling = offered.iter().position(|layer| self.fills(*layer, tile));
        let up_to = match tile {
            Some(0) => &[],
            _ => &offered[..filling.map_or(offered.len(), |at| at + 1)],
        };
        up_to.iter().map(|layer| (*layer, self.rate(*layer))).collect()
    }

    /// As [`Self::choices`], of those up to `most`; but never none for that.
    pub(super) fn choices_within(&self, tile: Option<u32>, most: Layer) -> Vec<(Layer, u64)> {
        let mut choices = self.choices(tile);
        let within = choices.iter().filter(|(layer, _)| *layer <= most).count();
        choices.truncate(within.max(1));
        choices
    }

    fn rate(&self, layer: Layer) -> u64 {
        self.get(layer).meter.rate().unwrap_or_else(|| self.possible_rate(layer))
    }

    /// What an encoding may come to need, bit/s: a picture that stands still will move.
    pub(super) fn possible_rate(&self, layer: Layer) -> u64 {
        if self.offered.is_empty() { RATE_OF_ONE } else { RATES[usize::from(layer.0)] }
    }

    /// That the sender should send for whom this one is meant: the encoding itself, and where that does not come, the next
    /// smaller, too.
    pub(super) fn ideal(&self, target: Layer, now: Instant) -> impl Iterator<Item = Layer> {
        let below = self.offered.iter().rev().find(|layer| **layer < target).copied();
        let is_offered = self.offered.contains(&target);
        is_offered.then_some(target).into_iter().chain(below.filter(move |_| !self.comes(target, now)))
    }

    /// Whether an encoding comes now.
    pub(super) fn comes(&self, layer: Layer, now: Instant) -> bool {
        let newest = self.known.iter().filter_map(|encoding| encoding.heard_at).max();
        self.get(layer).heard_at.zip(newest).is_some_and(|(at, newest)| {
            now.saturating_duration_since(at) < GONE && newest.saturating_duration_since(at) < STOPPED
        })
    }

    /// Takes note of what all who watch need together. Whether the sender has to be told: at once what is missing, and what is
    /// not needed once that has lasted. The smallest is always sent: whoever comes next has a picture at once.
    pub(super) fn need(&mut self, mut needed: Layers, now: Instant) -> bool {
        let Some(smallest) = self.offered.first() else { return false };
        needed.add(*smallest);
        if needed == self.told {
            self.unneeded_since = None;
            return false;
        }
        let missing = !self.told.has_all_of(needed);
        let since = *self.unneeded_since.get_or_insert(now);
        let tell = missing || now.saturating_duration_since(since) >= UNNEEDED;
        if tell {
            self.told = needed;
            self.unneeded_since = None;
        }
        tell
    }

    /// Those of which something has come, and what they are sent with.
    pub(super) fn sent(&self) -> impl Iterator<Item = (Layer, Ssrc)> {
        Layer::all().filter_map(|layer| Some((layer, self.get(layer).ssrc?)))
    }

    /// The largest that its sender gives.
    pub(super) fn largest(&self) -> Layer {
        self.offered.last().copied().unwrap_or(Layer::ONLY)
    }

    /// What to show for whom this one is meant, among those that come now: itself, else the next larger, else the next smaller;
    /// on a line that carries no larger one (`narrow`), the other way round. Never a larger one with more than `most` bit/s. None where
    /// nothing comes.
    pub(super) fn nearest(
        &self,
        target: Layer,
        narrow: bool,
        most: Option<u64>,
        now: Instant,
    ) -> Option<Layer> {
        let coming = || Layer::all().filter(|layer| self.comes(*layer, now));
        let above = || {
            coming().find(|layer| {
                *layer >= target && (*layer == target || most.is_none_or(|most| self.rate(*layer) <= most))
            })
        };
        let below = || coming().rev().find(|layer| *layer <= target);
        if narrow { below().or_else(above) } else { above().or_else(below) }
    }

    fn fills(&self, layer: Layer, tile: Option<u32>) -> bool {
        let height = self.get(layer).height;
        // Both are others' words: any number.
        tile.zip(height).is_some_and(|(tile, height)| u64::from(height) * 8 >= u64::from(tile) * TOLERANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encodings(now: Instant, heights: [Option<u32>; LAYERS]) -> Encodings {
        let mut all = Encodings::offered(Layer::all().collect());
        for (layer, height) in Layer::all().zip(heights) {
            *all.get_mut(layer) = Encoding { heard_at: height.map(|_| now), height, ..Encoding::default() };
        }
        all
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn a_tile_may_get_what_fills_it_and_no_more() {
        let all = encodings(Instant::now(), [Some(180), Some(360), Some(720)]);
        let most = |tile| all.choices(tile).last().map(|(layer, _)| layer.0);
        assert_eq!(most(Some(120)), Some(0));
        assert_eq!(most(Some(200)), Some(0), "a few rows less are not seen");
        assert_eq!(most(Some(300)), Some(1));
        assert_eq!(most(Some(2_000)), Some(2), "the largest there is");
        assert_eq!((most(Some(u32::MAX)), most(Some(0))), (Some(2), None));
        assert_eq!(most(None), Some(2));
        assert_eq!(all.choices(None), [(Layer(0), 150_000), (Layer(1), 500_000), (Layer(2), 1_500_000)]);
        assert_eq!(Encodings::default().choices(None), [(Layer::ONLY, RATE_OF_ONE)]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn only_what_comes_is_shown() {
        let start = Instant::now();
        let mut all = encodings(start, [Some(180), None, Some(720)]);
        assert_eq!(all.nearest(Layer(1), false, None, start), Some(Layer(2)));
        assert_eq!(all.nearest(Layer(1), true, None, start), Some(Layer(0)), "no more than the line carries");
        assert_eq!(all.nearest(Layer(2), true, None, start), Some(Layer(2)));
        let later = start + GONE;
        assert_eq!(all.nearest(Layer(2), false, None, later), None);
        all.get_mut(Layer(0)).heard_at = Some(later);
        assert_eq!(all.nearest(Layer(2), false, None, later), Some(Layer(0)));
        all.get_mut(Layer(0)).heard_at = None;
        all.get_mut(Layer(2)).heard_at = Some(later);
        assert_eq!(all.nearest(Layer(0), true, None, later), Some(Layer(2)), "better than nothing");
        assert_eq!(all.nearest(Layer(0), true, Some(500_000), later), None, "but for a limit");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn what_is_missing_is_told_at_once_and_what_is_not_needed_later() {
        let start = Instant::now();
        let mut all = Encodings::offered(vec![Layer(2), Layer(0), Layer(1)]);
        let told = |all: &Encodings| all.told().into_iter().map(Option::unwrap).collect::<Vec<_>>();
        assert_eq!(told(&all), ["q", "h", "f"]);
        let need = |all: &mut Encodings, layers: &[u8], at| {
            all.need(layers.iter().copied().map(Layer).collect(), start + Duration::from_millis(at))
        };
        assert!(!need(&mut all, &[1], 0));
        assert!(!need(&mut all, &[0, 1, 2], 2_000), "needed again");
        assert!(!need(&mut all, &[1], 4_000));
        assert!(!need(&mut all, &[1], 6_900));
        assert!(need(&mut all, &[1], 7_000));
        assert_eq!(told(&all), ["q", "h"], "the smallest always");
        assert!(need(&mut all, &[2], 7_100));
        assert_eq!(told(&all), ["q", "f"]);
        let mut only = Encodings::default();
        assert!(!need(&mut only, &[0], 0), "without simulcast it does not change");
        assert_eq!(only.told(), [None]);
    }

    #[test]
    fn names_are_those_of_our_pages() {
        assert_eq!(
            ["q", "h", "f", "x", ""].map(Layer::named),
            [Some(Layer(0)), Some(Layer(1)), Some(Layer(2)), None, None]
        );
    }
}
