use super::{Rect, layout::even};
use std::time::{Duration, Instant};

/// How long a tile is on its way to another place.
const WAY: Duration = Duration::from_millis(280);

/// Tiles on their way to where they belong: nobody is lost sight of when people come and go.
#[derive(Debug)]
pub struct Motion<K> {
    tiles: Vec<Moving<K>>,
    since: Option<Instant>,
}

#[derive(Debug)]
struct Moving<K> {
    key: K,
    from: Rect,
    to: Rect,
}

impl<K> Default for Motion<K> {
    fn default() -> Self {
        Self { tiles: Vec::new(), since: None }
    }
}

impl<K: PartialEq> Motion<K> {
    /// Sends tiles to their places. One that was not there before appears where it belongs.
    pub fn send(&mut self, places: impl IntoIterator<Item = (K, Rect)>, now: Instant) {
        let tiles = places.into_iter().map(|(key, to)| {
            let from =
                self.tiles.iter().find(|tile| tile.key == key).map_or(to, |tile| self.place(tile, now));
            Moving { key, from, to }
        });
        self.tiles = tiles.collect();
        self.since = Some(now);
    }

    /// Where they are, in the order in which they were sent.
    #[must_use]
    pub fn places(&self, now: Instant) -> Vec<Rect> {
        self.tiles.iter().map(|tile| self.place(tile, now)).collect()
    }

    fn place(&self, tile: &Moving<K>, now: Instant) -> Rect {
        let passed = self.since.map_or(WAY, |since| now.saturating_duration_since(since));
        if passed >= WAY {
            return tile.to;
        }
        let (passed, way) = (to_i64(passed), to_i64(WAY));
        // Fast at first: slower the nearer it comes.
        let left = (way - passed) * (way - passed);
        let between = |from: usize, to: usize| {
            let (from, to) = (i64::try_from(from).unwrap_or(0), i64::try_from(to).unwrap_or(0));
            even(usize::try_from(to + (from - to) * left / (way * way)).unwrap_or(0))
        };
        let (from, to) = (tile.from, tile.to);
        Rect {
            x: between(from.x, to.x),
            y: between(from.y, to.y),
            width: between(from.width, to.width),
            height: between(from.height, to.height),
        }
    }
}

fn to_i64(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    const LEFT: Rect = Rect { x: 0, y: 0, width: 640, height: 360 };
    const RIGHT: Rect = Rect { x: 640, y: 360, width: 320, height: 180 };

    #[test]
    fn a_tile_goes_steadily_to_its_place_and_another_appears_in_it() {
        let (mut motion, start) = (Motion::default(), Instant::now());
        motion.send([('a', LEFT)], start);
        assert_eq!(motion.places(start), [LEFT], "the first one needs no way");
        motion.send([('b', LEFT), ('a', RIGHT)], start);
        let way: Vec<_> = (0..=8).map(|i| motion.places(start + Duration::from_millis(40) * i)).collect();
        assert!(way.iter().all(|places| places[0] == LEFT));
        assert_eq!((way[0][1], way[8][1]), (LEFT, RIGHT));
        assert!(
            way.windows(2).all(|pair| pair[0][1].x <= pair[1][1].x && pair[0][1].width >= pair[1][1].width)
        );
        assert!(way.iter().flatten().all(|r| (r.x | r.y | r.width | r.height) % 2 == 0));
    }

    #[test]
    fn a_tile_that_is_sent_elsewhere_on_its_way_turns_where_it_is() {
        let (mut motion, start) = (Motion::default(), Instant::now());
        motion.send([('a', LEFT)], start);
        motion.send([('a', RIGHT)], start);
        let half = start + WAY / 2;
        let before = motion.places(half);
        motion.send([('a', LEFT)], half);
        assert_eq!(motion.places(half), before);
        assert_eq!(motion.places(half + WAY), [LEFT]);
    }
}
