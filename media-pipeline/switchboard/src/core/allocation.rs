//! What a receiver's line carries, divided among its tiles.

use super::encodings::Layer;

/// What a larger picture needs beyond its rate before it is begun, in hundredths: an estimate that rises and falls a little
/// must not change a picture's size each time.
const MARGIN: u64 = 115;
/// The same of a picture that was left out: one that comes and goes is worse than none.
const MARGIN_TO_RETURN: u64 = 130;
/// The same where not the line but the limit left it out, which is no estimate: only the picture's own rate rises and falls.
const MARGIN_TO_RETURN_WITHIN_LIMIT: u64 = 105;

/// What there is for all tiles together, bit/s.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// What the line carries, as far as is known: an estimate that rises and falls.
    pub line: u64,
    /// What the user wants to get at most.
    pub limit: u64,
}

/// A tile that wants a picture.
#[derive(Clone, Default, Debug)]
pub(super) struct Wish {
    /// The encodings that it may get, smallest first, the last of which fills it; each with its rate in bit/s.
    pub choices: Vec<(Layer, u64)>,
    /// That it should have had up to now.
    pub current: Option<Layer>,
    /// What the one that fills it may come to need, bit/s.
    pub possible: u64,
}

impl Wish {
    /// With what fills it.
    pub(super) fn filled(&self) -> Option<Layer> {
        self.choices.last().map(|(layer, _)| *layer)
    }

    /// Of one of its choices, bit/s; 0 for none.
    pub(super) fn rate_of(&self, layer: Option<Layer>) -> u64 {
        self.choices.iter().find(|(one, _)| Some(*one) == layer).map_or(0, |(_, rate)| *rate)
    }

    /// Whether this step has room beside so many bit/s of the others.
    fn fits(&self, step: usize, others: u64, budget: Budget) -> bool {
        let (layer, rate) = self.choices[step];
        let (of_line, of_limit) = match self.current {
            Some(current) if layer <= current => (100, 100),
            Some(_) => (MARGIN, MARGIN),
            None => (MARGIN_TO_RETURN, MARGIN_TO_RETURN_WITHIN_LIMIT),
        };
        others + rate * of_line / 100 <= budget.line && others + rate * of_limit / 100 <= budget.limit
    }

    fn at(&self, step: Option<usize>) -> Option<Layer> {
        step.map(|step| self.choices[step].0)
    }
}

/// Divides what there is among the wishes, the most important first: at first each gets its smallest encoding, then the most
/// important one as much as it needs, and the others one step each in turn. None where not even the smallest has room.
pub(super) fn allocate(budget: Budget, wishes: &[Wish]) -> Vec<Option<Layer>> {
    let mut steps: Vec<Option<usize>> = vec![None; wishes.len()];
    let mut spent = 0;
    let mut raise = |steps: &mut Vec<Option<usize>>, at: usize| {
        let (wish, step) = (&wishes[at], steps[at]);
        let next = step.map_or(0, |step| step + 1);
        if next >= wish.choices.len() {
            return false;
        }
        let others = spent - wish.rate_of(wish.at(step));
        let fits = wish.fits(next, others, budget);
        if fits {
            spent = others + wish.choices[next].1;
            steps[at] = Some(next);
        }
        fits
    };
    for at in 0..wishes.len() {
        raise(&mut steps, at);
    }
    if !wishes.is_empty() {
        while steps[0].is_some() && raise(&mut steps, 0) {}
    }
    loop {
        let mut any = false;
        for at in 1..wishes.len() {
            any |= steps[at].is_some() && raise(&mut steps, at);
        }
        if !any {
            break;
        }
    }
    wishes.iter().zip(steps).map(|(wish, step)| wish.at(step)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> [Layer; 3] {
        let mut all = Layer::all();
        std::array::from_fn(|_| all.next().expect("three"))
    }

    /// Rates of the three sizes: 150, 500 and 1,500 kb/s.
    fn wish(sizes: usize, current: Option<usize>) -> Wish {
        let all = layers();
        let rates = [150_000, 500_000, 1_500_000];
        let choices = all.into_iter().zip(rates).take(sizes).collect();
        Wish { choices, current: current.map(|at| all[at]), ..Wish::default() }
    }

    #[test]
    fn what_was_left_out_comes_back_with_more_in_hand() {
        assert_eq!(given(190_000, &[wish(1, None)]), [None]);
        assert_eq!(given(196_000, &[wish(1, None)]), [Some(0)]);
        assert_eq!(given(151_000, &[wish(1, Some(0))]), [Some(0)]);
    }

    fn given(line: u64, wishes: &[Wish]) -> Vec<Option<usize>> {
        within(Budget { line, limit: u64::MAX }, wishes)
    }

    fn within(budget: Budget, wishes: &[Wish]) -> Vec<Option<usize>> {
        let place = |layer: Layer| layers().iter().position(|other| *other == layer);
        allocate(budget, wishes).into_iter().map(|layer| layer.and_then(place)).collect()
    }

    #[test]
    fn a_limit_holds_on_a_line_that_carries_more() {
        let limited = |limit, wishes: &[Wish]| within(Budget { line: 10_000_000, limit }, wishes);
        assert_eq!(limited(1_500_000, &[wish(3, Some(2))]), [Some(2)]);
        assert_eq!(limited(1_499_000, &[wish(3, Some(2))]), [Some(1)]);
        assert_eq!(limited(149_000, &[wish(3, Some(2))]), [None]);
        assert_eq!(limited(158_000, &[wish(3, None)]), [Some(0)], "it comes back with less in hand");
        assert_eq!(limited(157_000, &[wish(3, None)]), [None]);
        assert_eq!(within(Budget { line: 160_000, limit: 10_000_000 }, &[wish(3, Some(2))]), [Some(0)]);
    }

    #[test]
    fn the_first_is_raised_whole_then_the_others_in_turn() {
        let four = vec![wish(3, Some(0)); 4];
        assert_eq!(given(10_000_000, &four), [Some(2), Some(2), Some(2), Some(2)]);
        assert_eq!(given(2_200_000, &four), [Some(2), Some(0), Some(0), Some(0)]);
        assert_eq!(given(3_200_000, &four), [Some(2), Some(1), Some(1), Some(1)]);
        assert_eq!(given(800_000, &four), [Some(0), Some(0), Some(0), Some(0)]);
    }

    #[test]
    fn where_not_all_have_room_the_last_have_none() {
        let four = vec![wish(3, Some(0)); 4];
        assert_eq!(given(350_000, &four), [Some(0), Some(0), None, None]);
        assert_eq!(given(0, &four), [None; 4]);
        assert_eq!(given(1_000, &[]), []);
        let large = Wish { choices: vec![(layers()[0], 1_500_000)], ..Wish::default() };
        assert_eq!(
            given(400_000, &[large, wish(3, None)]),
            [None, Some(0)],
            "one that is too large takes nobody's place"
        );
    }

    #[test]
    fn a_tile_gets_no_more_than_fills_it() {
        assert_eq!(
            given(10_000_000, &[wish(1, None), wish(2, None), wish(0, None)]),
            [Some(0), Some(1), None]
        );
    }

    #[test]
    fn what_is_shown_stays_where_it_would_not_be_begun() {
        assert_eq!(given(1_600_000, &[wish(3, Some(0))]), [Some(1)]);
        assert_eq!(given(1_600_000, &[wish(3, Some(1))]), [Some(1)]);
        assert_eq!(given(1_600_000, &[wish(3, Some(2))]), [Some(2)]);
        assert_eq!(given(1_480_000, &[wish(3, Some(2))]), [Some(1)]);
        assert_eq!(given(1_730_000, &[wish(3, Some(1))]), [Some(2)]);
    }
}
