use super::{STEP, Step};

/// Up to here sound is left as it is; the rest of the range is for what would not fit.
const KNEE: i64 = 24_576;
const HEADROOM: i64 = 32_767 - KNEE;

/// All voices together, in more bits than come out.
#[must_use]
pub fn sum<'a>(voices: impl IntoIterator<Item = &'a Step>) -> [i32; STEP] {
    let mut total = [0; STEP];
    for voice in voices {
        for (sum, sample) in total.iter_mut().zip(voice) {
            *sum += i32::from(*sample);
        }
    }
    total
}

/// What one participant hears: all but itself, limited without a hard edge.
#[must_use]
pub fn mix_minus(total: &[i32; STEP], own: Option<&Step>) -> Step {
    let mut out = [0; STEP];
    for (i, sample) in out.iter_mut().enumerate() {
        *sample = limit(total[i] - own.map_or(0, |own| i32::from(own[i])));
    }
    out
}

fn limit(sample: i32) -> i16 {
    let sample = i64::from(sample);
    let over = sample.abs() - KNEE;
    let limited = if over <= 0 {
        sample
    } else {
        // Slope 1 at the knee, 0 at infinity; never beyond the range.
        sample.signum() * (KNEE + over * HEADROOM / (over + HEADROOM))
    };
    i16::try_from(limited.clamp(-32_767, 32_767)).expect("clamped to 16 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_hears_himself() {
        let (alice, bob): (Step, Step) = ([1_000; STEP], [-300; STEP]);
        let total = sum([&alice, &bob]);
        assert_eq!(mix_minus(&total, Some(&alice)), bob);
        assert_eq!(mix_minus(&total, Some(&bob)), alice);
        assert_eq!(mix_minus(&total, None), [700; STEP]);
    }

    #[test]
    fn many_loud_voices_neither_wrap_nor_clip_hard() {
        let loud: Step = [30_000; STEP];
        let total = sum([&loud; 9]);
        let nine = mix_minus(&total, None)[0];
        let eight = mix_minus(&total, Some(&loud))[0];
        assert!(nine > eight && eight > 30_000, "{eight} {nine}");
    }

    #[test]
    fn louder_in_is_never_softer_out() {
        let outputs: Vec<_> = (-300_000..300_000).step_by(97).map(limit).collect();
        assert!(outputs.is_sorted());
        assert!((-24_576..=24_576).step_by(64).all(|sample| i32::from(limit(sample)) == sample));
    }
}
