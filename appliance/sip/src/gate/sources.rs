use super::Admission;
use std::{collections::HashMap, net::IpAddr, time::Duration};
use tabellion_domain::network;
use tokio::time::Instant;

/// Messages a second that a source may send for long. A room system in a call sends fewer than five.
const RATE: f64 = 40.0;
/// Messages that a source may send at once: equipment that starts registers, subscribes and asks for options.
const BURST: f64 = 200.0;
/// Sources remembered at a time. Beyond, newcomers share one allowance.
const MOST: usize = 4096;
/// A source that was silent for so long has its whole allowance back and need not be remembered.
const FORGET: Duration = Duration::from_secs(60);
const SWEEP: Duration = Duration::from_secs(1);
/// Wrong digests in [`WINDOW`] that lead to a ban. Equipment with an old password repeats itself more slowly.
const MISTAKES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
const BAN: Duration = Duration::from_secs(300);

/// Who sent how much, in bounded memory.
#[derive(Default)]
pub(super) struct Sources {
    known: HashMap<IpAddr, Source>,
    others: Option<Source>,
    swept: Option<Instant>,
}

struct Source {
    allowance: f64,
    seen: Instant,
    mistakes: u32,
    first_mistake: Instant,
    banned_until: Option<Instant>,
}

impl Source {
    fn new(now: Instant) -> Self {
        Self { allowance: BURST, seen: now, mistakes: 0, first_mistake: now, banned_until: None }
    }

    fn knock(&mut self, now: Instant) -> Admission {
        let since = now.saturating_duration_since(self.seen);
        self.seen = now;
        if self.banned_until.is_some_and(|until| now < until) {
            return Admission::Banned;
        }
        self.banned_until = None;
        self.allowance = (self.allowance + since.as_secs_f64() * RATE).min(BURST);
        if self.allowance < 1.0 {
            return Admission::Limited;
        }
        self.allowance -= 1.0;
        Admission::Admitted
    }

    fn can_be_forgotten(&self, now: Instant) -> bool {
        self.banned_until.is_none_or(|until| until <= now)
            && now.saturating_duration_since(self.seen) >= FORGET
    }
}

impl Sources {
    pub(super) fn knock(&mut self, source: IpAddr, now: Instant) -> Admission {
        let source = network(source);
        if !self.known.contains_key(&source) && self.known.len() >= MOST {
            self.sweep(now);
            if self.known.len() >= MOST {
                return self.others.get_or_insert_with(|| Source::new(now)).knock(now);
            }
        }
        self.known.entry(source).or_insert_with(|| Source::new(now)).knock(now)
    }

    /// Forgets whom it can, at most once a second: a flood of addresses must not make each message cost a whole look.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.saturating_duration_since(swept) < SWEEP) {
            return;
        }
        self.swept = Some(now);
        self.known.retain(|_, known| !known.can_be_forgotten(now));
    }

    pub(super) fn wrong_password(&mut self, source: IpAddr, now: Instant) {
        // Who is not remembered by now shares the small allowance of the others: guessing is slow enough there.
        let Some(source) = self.known.get_mut(&network(source)) else { return };
        if now.saturating_duration_since(source.first_mistake) > WINDOW {
            source.mistakes = 0;
        }
        if source.mistakes == 0 {
            source.first_mistake = now;
        }
        source.mistakes += 1;
        if source.mistakes >= MISTAKES {
            source.mistakes = 0;
            source.banned_until = Some(now + BAN);
        }
    }

    pub(super) fn right_password(&mut self, source: IpAddr) {
        if let Some(source) = self.known.get_mut(&network(source)) {
            source.mistakes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const ALICE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const BOB: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn flood(sources: &mut Sources, source: IpAddr, count: usize, now: Instant) -> usize {
        (0..count).filter(|_| sources.knock(source, now) == Admission::Admitted).count()
    }

    #[tokio::test]
    async fn a_flood_is_cut_and_others_are_not() {
        let (mut sources, now) = (Sources::default(), crate::edge::now());
        assert_eq!(flood(&mut sources, ALICE, 1_000, now), 200);
        assert_eq!(flood(&mut sources, BOB, 10, now), 10);
        assert_eq!(flood(&mut sources, ALICE, 1_000, now + Duration::from_secs(1)), 40);
        assert_eq!(flood(&mut sources, ALICE, 1_000, now + Duration::from_secs(100)), 200);
    }

    #[tokio::test]
    async fn guessing_leads_to_a_ban_that_ends() {
        let (mut sources, now) = (Sources::default(), crate::edge::now());
        sources.knock(ALICE, now);
        for _ in 0..9 {
            sources.wrong_password(ALICE, now);
        }
        assert_eq!(sources.knock(ALICE, now), Admission::Admitted);
        sources.wrong_password(ALICE, now + Duration::from_secs(30));
        assert_eq!(sources.knock(ALICE, now + Duration::from_secs(31)), Admission::Banned);
        assert_eq!(sources.knock(BOB, now + Duration::from_secs(31)), Admission::Admitted);
        assert_eq!(sources.knock(ALICE, now + Duration::from_secs(331)), Admission::Admitted);
    }

    #[tokio::test]
    async fn slow_mistakes_and_a_right_password_are_forgiven() {
        let (mut sources, now) = (Sources::default(), crate::edge::now());
        sources.knock(ALICE, now);
        for minute in 0..30 {
            sources.wrong_password(ALICE, now + Duration::from_secs(61 * minute));
        }
        for round in 0..30 {
            sources.wrong_password(BOB, now);
            if round % 5 == 0 {
                sources.right_password(BOB);
            }
        }
        let later = now + Duration::from_secs(61 * 30);
        assert_eq!(sources.knock(ALICE, later), Admission::Admitted);
        assert_eq!(sources.knock(BOB, later), Admission::Admitted);
    }

    #[tokio::test]
    async fn memory_is_bounded_and_bans_survive_a_flood_of_addresses() {
        let (mut sources, now) = (Sources::default(), crate::edge::now());
        sources.knock(ALICE, now);
        (0..10).for_each(|_| sources.wrong_password(ALICE, now));
        for number in 0..100_000_u32 {
            sources.knock(IpAddr::V4(Ipv4Addr::from_bits(0x0b00_0000 + number)), now);
        }
        assert!(sources.known.len() <= MOST);
        assert_eq!(sources.knock(ALICE, now), Admission::Banned);
    }
}
