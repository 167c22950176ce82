//! Offers with bytes and lines changed, cut and doubled: whatever comes in, there is an answer or a refusal.

use super::{LocalMedia, accept_answer, negotiate, offer, tests::OFFERS};

/// A small generator (xorshift64*): the same offers at each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
    }
}

fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<Vec<u8>> = text.split("\r\n").map(|line| line.as_bytes().to_vec()).collect();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(lines.len());
        match dice.roll(6) {
            0 => {
                lines.remove(at);
                if lines.is_empty() {
                    lines.push(Vec::new());
                }
            }
            1 => lines.insert(at, lines[at].clone()),
            2 => lines.swap(0, at),
            3 => lines[at].extend(std::iter::repeat_n(b'9', dice.roll(40))),
            4 => {
                let cut = dice.roll(lines[at].len() + 1);
                lines[at].truncate(cut);
            }
            _ => {
                let length = lines[at].len();
                if length > 0 {
                    lines[at][dice.roll(length)] =
                        [b'=', b'/', b' ', b';', b'-', 0xc3, b'0', b'\n'][dice.roll(8)];
                }
            }
        }
    }
    String::from_utf8_lossy(&lines.join(&b"\r\n"[..])).into_owned()
}

#[test]
fn no_offer_makes_us_panic() {
    let local = LocalMedia::new("10.77.0.1".parse().unwrap(), 20_000, 20_002, 2_000);
    let ours = offer(&local);
    let mut dice = Dice(0x7abe_1110);
    let (mut answered, mut refused) = (0, 0);
    for round in 0..20_000 {
        let sdp = mutate(OFFERS[round % 2], &mut dice);
        match negotiate(&sdp, &local) {
            Ok(agreed) => {
                answered += 1;
                assert!(
                    negotiate(&agreed.answer, &local).is_ok(),
                    "our answer can be read\n{sdp}\n{}",
                    agreed.answer
                );
            }
            Err(_) => refused += 1,
        }
        let _ = accept_answer(&ours, &sdp, &local);
    }
    assert!(answered > 1_000 && refused > 1_000, "both outcomes were met: {answered} and {refused}");
}
