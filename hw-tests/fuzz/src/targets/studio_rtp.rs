//! A leg's RTP and RTCP in the studio: packets of the peer and of others, keys, feedback, and the reports about them.

use crate::{
    Target,
    script::{script, steps},
};
use std::{net::SocketAddr, time::Duration};
use tabellion_studio::rtp::{Continuity, Feedback, Keypad, Packet, Session, SilenceWatch};

pub(crate) const TARGET: Target = Target { name: "studio_rtp", run, seeds, words: &[], costs: 50 };

const FROM_THE_PEER: u8 = 0;
const FROM_ANOTHER: u8 = 1;
const FEEDBACK: u8 = 2;
const SEND: u8 = 3;
const TIME: u8 = 4;
const KINDS: u8 = 5;

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([10, 77, 0, 2], port))
}

fn run(input: &[u8]) {
    let mut now = crate::origin();
    let mut session = Session::new(7, "tabellion".to_owned(), 90_000, address(40_000), now);
    let (mut keypad, mut continuity, mut silence) =
        (Keypad::default(), Continuity::new(90_000), SilenceWatch::new(now));
    for (kind, bytes) in steps(input) {
        match kind % KINDS {
            FROM_THE_PEER | FROM_ANOTHER => {
                let from = address(40_000 + u16::from(kind % KINDS));
                let Some(packet) = session.receive(from, bytes, now) else { continue };
                silence.heard(now);
                let key = keypad.press(packet.ssrc, packet.timestamp, packet.payload);
                assert!(key.is_none_or(|key| "0123456789*#ABCD".contains(key)));
                joins(&mut continuity, bytes, now);
            }
            FEEDBACK => drop(session.receive_feedback(address(40_001), bytes, now)),
            SEND => drop(session.send(bytes, now)),
            _ => {
                let milliseconds = bytes.first_chunk().copied().map_or(20, u16::from_be_bytes);
                now += Duration::from_millis(milliseconds.into());
                let reports = [session.poll_report(now, 1 << 40), session.picture_loss(now, 1 << 40)];
                reports.iter().flatten().for_each(|report| readable(report));
                let _ = silence.report(now);
            }
        }
    }
    readable(&session.bye(now, 1 << 40));
}

/// One stream is made of what comes: it stays what it was but for its numbers.
fn joins(continuity: &mut Continuity, bytes: &[u8], now: std::time::Instant) {
    let mut joined = bytes.to_vec();
    continuity.join(&mut joined, now);
    let (before, after) = (Packet::parse(bytes), Packet::parse(&joined));
    assert_eq!(before.map(|packet| packet.payload), after.map(|packet| packet.payload));
}

fn readable(report: &[u8]) {
    assert!(report.len().is_multiple_of(4), "RTCP is words of 32 bits (RFC 3550 §6.4.1)");
    assert!(Feedback::parse(report).is_some(), "what we send is RTCP: {report:x?}");
}

fn seeds() -> Vec<Vec<u8>> {
    let packet = |sequence, timestamp, payload: &'static [u8]| {
        Packet { payload_type: 101, marker: false, sequence, timestamp, ssrc: 9, payload }.build()
    };
    let key = packet(1, 8_000, &[5, 10, 0, 160]);
    let jump = packet(40_000, 4_000_000_000, &[0x65, 1]);
    let extended = [
        &[0xb1, 0xe0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9][..],
        &[0; 4],
        &[0xbe, 0xde, 0, 1, 0x10, 7, 0, 0, 1, 2, 2],
    ]
    .concat();
    let sender =
        [&[0x80, 200, 0, 6][..], &[0, 0, 0, 9], &[1; 20], &[0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9]]
            .concat();
    let old = [0x80, 192, 0, 1, 0, 0, 0, 9];
    let mut story: Vec<(u8, &[u8])> =
        vec![(FROM_THE_PEER, &key), (TIME, &[2, 88]), (FEEDBACK, &sender), (SEND, &key)];
    story.extend([(FROM_ANOTHER, jump.as_slice()); 6]);
    story.extend([
        (TIME, &[19, 136][..]),
        (FROM_ANOTHER, &jump),
        (FROM_THE_PEER, &extended),
        (FEEDBACK, &old),
        (TIME, &[60, 0]),
    ]);
    vec![script(&story), script(&story[..4])]
}
