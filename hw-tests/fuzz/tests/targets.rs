//! Each target over its seeds, over the inputs that once failed, and over mutations of both: the same at each run. What is looked
//! for at length is looked for by `make fuzz`.

use std::{fs, path::Path};
use tabellion_fuzz::{TARGETS, Target};

/// Bytes that all mutations of one target read together: what is slow gets fewer of them.
const BUDGET: usize = 2_500_000;
const LONGEST: usize = 6_000;

/// A small generator (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides.max(1)
    }

    /// Another one of the inputs with a few changes.
    fn mutate(&mut self, inputs: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        let mut bytes = inputs[self.roll(inputs.len())].clone();
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len() + 1);
            let end = at + self.roll(16).min(bytes.len() - at);
            match self.roll(7) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.splice(at..at, bytes[at..end].to_vec()).for_each(drop),
                3 if !words.is_empty() => {
                    let word = words[self.roll(words.len())];
                    bytes.splice(at..end, word.bytes()).for_each(drop);
                }
                4 => {
                    let other = &inputs[self.roll(inputs.len())];
                    let from = self.roll(other.len() + 1);
                    bytes.splice(at.., other[from..].iter().copied()).for_each(drop);
                }
                _ => {
                    let new = [0, 0xff, 0x80, b' ', b'9', self.roll(256) as u8][self.roll(6)];
                    bytes.splice(at..end.min(at + 1), [new]).for_each(drop);
                }
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

/// What once failed, by the name of its target.
fn failed_before(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("failed-before").join(target.name);
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("it is committed")).collect()
}

fn survives(target: &Target) {
    let inputs = [(target.seeds)(), failed_before(target)].concat();
    inputs.iter().for_each(|input| (target.run)(input));
    let (mut dice, mut left) = (Dice(0x7abe_1110), BUDGET);
    while left > 0 {
        let input = dice.mutate(&inputs, target.words);
        (target.run)(&input);
        left = left.saturating_sub(input.len() + target.costs);
    }
}

macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                survives(tabellion_fuzz::target(stringify!($name)).expect("it is a target"));
            }
        )+

        #[test]
        fn no_target_is_left_out() {
            assert_eq!(TARGETS.map(|target| target.name), [$(stringify!($name)),+]);
        }
    };
}

targets!(
    switchboard,
    offers,
    payloads,
    streams,
    handshakes,
    links,
    studio_rtp,
    sip_messages,
    sip_sdp,
    set_up,
    update_file,
    backup,
    seat,
    typed,
    directory,
);
