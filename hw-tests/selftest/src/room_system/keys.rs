//! Keys as packets among the sound's (RFC 4733): while a key is pressed, its packets stand in place of the sound's.

use super::sdp::EVENTS;
use std::collections::VecDeque;

/// Packets of a press, 20 ms each; the last three say that it is over (§2.5.1.4).
const PRESS: u16 = 5;
const ENDS: u16 = 3;
/// Packets of sound between two presses.
const PAUSE: u16 = 4;
/// Samples of G.711 a packet.
const SAMPLES: u16 = 160;
/// −10 dBm0.
const VOLUME: u8 = 10;
/// Length of an RTP header without extensions.
const HEADER: usize = 12;

/// Keys that wait, and the one that is pressed.
#[derive(Default, Debug)]
pub(super) struct Keys {
    waiting: VecDeque<u8>,
    pressed: Option<Press>,
    pause: u16,
}

#[derive(Debug)]
struct Press {
    event: u8,
    timestamp: [u8; 4],
    packets: u16,
}

impl Keys {
    /// Presses keys after those that wait. What is no digit, `*` or `#` is left out.
    pub(super) fn press(&mut self, keys: &str) {
        let event = |key| "0123456789*#".find(key).and_then(|at| u8::try_from(at).ok());
        self.waiting.extend(keys.chars().filter_map(event));
    }

    /// Lets a packet of sound through, or puts the pressed key's in its place.
    pub(super) fn replace(&mut self, packet: &mut Vec<u8>) {
        if packet.len() < HEADER {
            return;
        }
        if self.pressed.is_none() {
            self.pause = self.pause.saturating_sub(1);
            if self.pause > 0 {
                return;
            }
            let Some(event) = self.waiting.pop_front() else { return };
            let timestamp = [packet[4], packet[5], packet[6], packet[7]];
            self.pressed = Some(Press { event, timestamp, packets: 0 });
        }
        let Some(press) = &mut self.pressed else { return };
        press.packets += 1;
        press.write(packet);
        if press.packets == PRESS {
            (self.pressed, self.pause) = (None, PAUSE);
        }
    }
}

impl Press {
    fn write(&self, packet: &mut Vec<u8>) {
        let first = self.packets == 1;
        let duration = SAMPLES * self.packets.min(PRESS - ENDS + 1);
        let end = if self.packets > PRESS - ENDS { 0x80 } else { 0 };
        packet.truncate(HEADER);
        packet[1] = EVENTS | if first { 0x80 } else { 0 };
        packet[4..8].copy_from_slice(&self.timestamp);
        packet.extend([self.event, end | VOLUME]);
        packet.extend(duration.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets of sound, 20 ms apart, as they leave.
    fn sent(keys: &mut Keys, count: u8) -> Vec<Vec<u8>> {
        let packet =
            |number: u8| [&[0x80, 8, 0, number, 0, 0, number, 0, 9, 9, 9, 9][..], &[0xd5; 160]].concat();
        (0..count)
            .map(|number| {
                let mut packet = packet(number);
                keys.replace(&mut packet);
                packet
            })
            .collect()
    }

    #[test]
    fn a_press_is_five_packets_with_one_timestamp_and_a_threefold_end() {
        let mut keys = Keys::default();
        keys.press("#");
        let packets = sent(&mut keys, 6);
        let payloads: Vec<_> = packets[..5].iter().map(|packet| packet[12..].to_vec()).collect();
        let expected =
            [[11, 10, 0, 160], [11, 10, 1, 64], [11, 138, 1, 224], [11, 138, 1, 224], [11, 138, 1, 224]];
        assert_eq!(payloads, expected);
        assert!(packets[..5].iter().all(|packet| packet[4..8] == packets[0][4..8]));
        assert_eq!(packets[..2].iter().map(|packet| packet[1]).collect::<Vec<_>>(), [0x80 | EVENTS, EVENTS]);
        assert_eq!(packets[4][3], 4, "the sequence goes on");
        assert_eq!(packets[5].len(), 172, "and then sound again");
    }

    #[test]
    fn keys_follow_each_other_after_a_pause_of_sound() {
        let mut keys = Keys::default();
        keys.press("1 2");
        let events: Vec<_> =
            sent(&mut keys, 16).iter().filter(|packet| packet.len() == 16).map(|packet| packet[12]).collect();
        assert_eq!(events, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    }
}
