//! Devices' codecs, against a registry that has fake ones. A file of its own, and one story after the other: the registry and the
//! devices' health are the process's.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;
#[path = "common/devices.rs"]
mod devices;

use common::{SipPeer, Switchboard, meeting, picture};
use devices::{DECODERS, ENCODERS, Health, devices_are, install};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tabellion_h264::{AVDEC, Candidate, X264ENC};
use tabellion_media_protocol::{
    AudioCodec, ChosenCodec, CodecFailure, MediaKind, PacketizationMode, TrialOutcome, VideoCodecs,
    studio::FromStudio,
};
use tabellion_studio::hardware::{Machine, probe, trial};

fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let alone = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    install();
    devices_are(Health::Well);
    alone
}

fn found(encoder: &str, decoder: &str) -> VideoCodecs {
    let of = |name: &str| ChosenCodec { element: name.to_owned(), is_device: true };
    VideoCodecs { encoder: of(encoder), decoder: of(decoder), trials: Vec::new() }
}

/// This process's registry, and its trials without a process for each.
struct Here;

impl Machine for Here {
    fn devices(&self) -> Vec<Candidate> {
        tabellion_h264::hardware()
    }

    fn trial(&self, element: &Candidate) -> Result<u32, String> {
        // Devices cost nothing here: which one is taken is the prober's own test.
        trial(element).map(|_| 1).map_err(|problem| format!("{problem:#}"))
    }
}

fn outcome(element: &str) -> Result<u32, String> {
    Here.trial(&Candidate::of_name(element).unwrap())
}

#[test]
fn every_kind_of_device_is_set_up_as_it_wants_and_does_what_a_call_asks() {
    let _alone = alone();
    for element in ENCODERS.into_iter().chain(DECODERS) {
        assert_eq!(outcome(element), Ok(1), "{element}");
    }
    let found = probe(&Here);
    assert!(
        found.trials.iter().all(|trial| matches!(trial.outcome, TrialOutcome::Works { .. })),
        "{found:?}"
    );
    let tried: Vec<_> = found.trials.iter().map(|trial| trial.element.as_str()).collect();
    assert!(ENCODERS.iter().chain(&DECODERS).all(|element| tried.contains(element)), "{tried:?}");
    assert!([X264ENC, AVDEC].iter().all(|element| tried.contains(element)), "{tried:?}");
}

#[test]
fn a_device_that_fails_hangs_or_holds_pictures_back_is_not_taken() {
    let _alone = alone();
    devices_are(Health::Fails);
    assert!(outcome("vah264enc").unwrap_err().contains("the device is gone"));
    assert!(outcome("vah264dec").unwrap_err().contains("the device is gone"));
    devices_are(Health::Hangs);
    assert!(outcome("vah264enc").unwrap_err().contains("holds pictures back"));
    devices_are(Health::HoldsBack);
    assert!(outcome("nvh264enc").unwrap_err().contains("holds pictures back"));
}

/// A room system that sees a browser's green picture, encoded and decoded by devices.
fn call(board: &Switchboard) -> (SipPeer, common::Generator) {
    let source = board.source(1, 1, "Claire", MediaKind::Video, &picture(0x00_ff00, 96));
    let mut room = SipPeer::new(AudioCodec::Pcma);
    // Where every slice has to fit in a packet no device encodes.
    room.mode = PacketizationMode::NonInterleaved;
    board.leg(7, &room, meeting());
    room.viewer.wait_colour("the browser's picture", [30, 30, 70, 60], [0, 255, 0]);
    (room, source)
}

fn left_for_software(board: &Switchboard, element: &str) -> String {
    let report =
        board.expect("the failure is told", |report| matches!(report, FromStudio::CodecFailed { .. }));
    let FromStudio::CodecFailed { failure: CodecFailure { element: failed, reason } } = report else {
        unreachable!()
    };
    assert_eq!(failed, element);
    reason
}

/// It goes on: another picture than that of before is seen.
fn goes_on(board: &Switchboard, room: &SipPeer, source: common::Generator) {
    drop(source);
    let _red = board.source(1, 1, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    room.viewer.wait_colour("the picture after the failure", [30, 30, 70, 60], [255, 0, 0]);
}

#[test]
fn an_encoder_that_fails_in_a_call_is_replaced_within_it() {
    let _alone = alone();
    let board = Switchboard::start_with(found("vah264enc", AVDEC));
    let (room, source) = call(&board);
    devices_are(Health::Fails);
    assert!(left_for_software(&board, "vah264enc").contains("the device is gone"));
    goes_on(&board, &room, source);
}

#[test]
fn an_encoder_that_hangs_in_a_call_is_replaced_within_it() {
    let _alone = alone();
    let board = Switchboard::start_with(found("nvh264enc", AVDEC));
    let (room, source) = call(&board);
    devices_are(Health::Hangs);
    assert!(left_for_software(&board, "nvh264enc").contains("nothing came out"));
    goes_on(&board, &room, source);
}

#[test]
fn a_decoder_that_fails_or_hangs_in_a_call_is_replaced_within_it() {
    let _alone = alone();
    for health in [Health::Fails, Health::Hangs] {
        devices_are(Health::Well);
        let board = Switchboard::start_with(found(X264ENC, "v4l2slh264dec"));
        let (room, source) = call(&board);
        devices_are(health);
        left_for_software(&board, "v4l2slh264dec");
        goes_on(&board, &room, source);
    }
}
