/// Keys by their event number (RFC 4733 §3.2).
const KEYS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// Turns telephone-event packets into keys. One press is many packets with one timestamp, the last of them sent
/// three times (RFC 4733 §2.5.1.4): a key counts at its first packet, whichever of them arrives.
#[derive(Default, Debug)]
pub struct Keypad {
    /// SSRC and timestamp of the latest press.
    latest: Option<(u32, u32)>,
}

impl Keypad {
    /// Takes a packet's payload with its SSRC and timestamp; gives the key where it is a new press.
    pub fn press(&mut self, ssrc: u32, timestamp: u32, payload: &[u8]) -> Option<char> {
        let [event, _, _, _, ..] = payload else { return None };
        let key = *KEYS.get(usize::from(*event))?;
        let stale = self.latest.is_some_and(|(of, at)| {
            // Packets of a former press may come late: only a later timestamp is a new press.
            of == ssrc && timestamp.wrapping_sub(at).cast_signed() <= 0
        });
        if stale {
            return None;
        }
        self.latest = Some((ssrc, timestamp));
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A press of a key: an event with a growing duration, its end repeated.
    fn press(keypad: &mut Keypad, event: u8, timestamp: u32) -> String {
        let payloads = [(10, 160), (10, 320), (0x80 | 10, 480), (0x80 | 10, 480), (0x80 | 10, 480_u16)];
        payloads
            .iter()
            .filter_map(|(flags, duration)| {
                let [high, low] = duration.to_be_bytes();
                keypad.press(1, timestamp, &[event, *flags, high, low])
            })
            .collect()
    }

    #[test]
    fn a_press_is_one_key() {
        let mut keypad = Keypad::default();
        let keys: String = [(1, 1_000), (2, 3_000), (2, 5_000), (11, 7_000)]
            .map(|(event, timestamp)| press(&mut keypad, event, timestamp))
            .concat();
        assert_eq!(keys, "122#");
    }

    #[test]
    fn a_press_counts_when_only_its_end_arrives() {
        assert_eq!(Keypad::default().press(1, 9, &[4, 0x8a, 1, 224]), Some('4'));
    }

    #[test]
    fn late_packets_of_a_former_press_do_not_count() {
        let mut keypad = Keypad::default();
        press(&mut keypad, 1, u32::MAX - 10);
        assert_eq!(press(&mut keypad, 2, 2_000), "2", "across the timestamp's wrap");
        assert_eq!(press(&mut keypad, 1, u32::MAX - 10), "");
    }

    #[test]
    fn what_is_no_key_is_left_alone() {
        assert_eq!(Keypad::default().press(1, 9, &[36, 0, 0, 0]), None, "fax tone");
        assert_eq!(Keypad::default().press(1, 9, &[1, 0]), None, "cut short");
    }
}
