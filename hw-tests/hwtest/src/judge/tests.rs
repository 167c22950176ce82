use super::*;
use crate::{
    picture::{Picture, Scene},
    psnr::psnr,
    report::Verdict,
    stream::Sps,
};

const TASK: Task = Task { width: 1280, height: 720, rate: 25, seconds: 4, bitrate: 1_000, max_sessions: 8 };

fn verdicts(judgements: &[Judgement]) -> Vec<Verdict> {
    judgements.iter().map(|judgement| judgement.verdict).collect()
}

/// A stream with the bitrates of the two parts and key frames at some pictures.
fn stream(kbps: [usize; 2], key_frames: &[u64]) -> Vec<Unit> {
    let size = |index: u64| kbps[usize::from(index >= TASK.part())] * 1_000 / 8 / TASK.rate as usize;
    let sps = Sps { profile: "constrained-baseline".into(), level: 31, size: Some((1280, 720)) };
    let unit = |index| {
        let idr = key_frames.contains(&index);
        Unit { index, size: size(index), idr, headers: idr, sps: idr.then(|| sps.clone()) }
    };
    (0..TASK.part() * 2 + 25).map(unit).collect()
}

#[test]
fn a_good_stream_passes() {
    let units = stream([1_000, 500], &[0, 208, 216]);
    assert_eq!(verdicts(&bitrates(&units, &TASK)), [Verdict::Pass; 2]);
    assert_eq!(verdicts(&key_frames(&units, &[208, 216])), [Verdict::Pass; 3]);
    assert_eq!(verdicts(&profile(&units, &TASK)), [Verdict::Pass; 3]);
}

#[test]
fn pictures_that_are_damaged_fail() {
    let scene = Scene::new(320, 180);
    let grey_stripe = |mut picture: Picture| {
        picture.data[320 * 90..320 * 140].fill(128);
        picture
    };
    let good: Vec<f64> = (0..20).map(|n| psnr(&scene.draw(n), &scene.draw(n)).unwrap()).collect();
    assert_eq!(verdicts(&quality(&good, 30.0, 26.0)), [Verdict::Pass; 2]);
    let mut one_bad = good.clone();
    one_bad[7] = psnr(&scene.draw(7), &grey_stripe(scene.draw(7))).unwrap();
    assert_eq!(verdicts(&quality(&one_bad, 30.0, 26.0)), [Verdict::Pass, Verdict::Fail]);
    let shifted: Vec<f64> = (0..20).map(|n| psnr(&scene.draw(n), &scene.draw(n + 1)).unwrap()).collect();
    assert_eq!(verdicts(&quality(&shifted, 30.0, 26.0)), [Verdict::Fail; 2]);
    assert_eq!(verdicts(&quality(&[], 30.0, 26.0)), [Verdict::Fail; 2]);
}

#[test]
fn one_lost_picture_fails() {
    assert_eq!(lost(100, 100).verdict, Verdict::Pass);
    assert_eq!(lost(100, 99).verdict, Verdict::Fail);
}

#[test]
fn a_bitrate_that_is_not_kept_fails() {
    assert_eq!(verdicts(&bitrates(&stream([1_300, 500], &[0]), &TASK)), [Verdict::Fail, Verdict::Pass]);
    assert_eq!(verdicts(&bitrates(&stream([700, 500], &[0]), &TASK)), [Verdict::Fail, Verdict::Pass]);
}

#[test]
fn a_bitrate_that_does_not_follow_its_change_fails() {
    assert_eq!(verdicts(&bitrates(&stream([1_000, 1_000], &[0]), &TASK)), [Verdict::Pass, Verdict::Fail]);
    assert_eq!(verdicts(&bitrates(&[], &TASK)), [Verdict::Fail; 2]);
}

#[test]
fn the_first_key_frame_does_not_count_for_the_bitrate() {
    let mut units = stream([1_000, 500], &[0]);
    units[0].size *= 50;
    assert_eq!(bitrates(&units, &TASK)[0].measured, Value::Number(1_000.0));
}

#[test]
fn a_request_that_is_answered_late_or_never_fails() {
    let late = key_frames(&stream([1_000, 500], &[0, 213]), &[208]);
    assert_eq!((&late[0].measured, late[0].verdict), (&Value::Number(5.0), Verdict::Fail));
    let never = key_frames(&stream([1_000, 500], &[0]), &[208]);
    assert_eq!((&never[0].measured, never[0].verdict), (&Value::Nothing(()), Verdict::Fail));
}

#[test]
fn a_key_frame_without_its_headers_fails() {
    let mut units = stream([1_000, 500], &[0, 208]);
    units[208].headers = false;
    assert_eq!(verdicts(&key_frames(&units, &[208])), [Verdict::Pass, Verdict::Fail, Verdict::Pass]);
}

#[test]
fn a_key_frame_every_second_fails() {
    let units = stream([1_000, 500], &[0, 25, 50, 75, 100, 125, 150, 175, 200]);
    assert_eq!(key_frames(&units, &[200])[2].verdict, Verdict::Fail);
}

#[test]
fn a_wrong_profile_level_or_size_fails() {
    let with = |sps: Sps| {
        let mut units = stream([1_000, 500], &[0]);
        units[0].sps = Some(sps);
        verdicts(&profile(&units, &TASK))
    };
    let of = |profile: &str, level, size| Sps { profile: profile.into(), level, size: Some(size) };
    let (pass, fail) = (Verdict::Pass, Verdict::Fail);
    assert_eq!(with(of("high", 31, (1280, 720))), [fail, pass, pass]);
    assert_eq!(with(of("baseline", 31, (1280, 720))), [fail, pass, pass]);
    assert_eq!(with(of("constrained-baseline", 30, (1280, 720))), [pass, fail, pass]);
    assert_eq!(with(of("constrained-baseline", 51, (1280, 720))), [pass, fail, pass]);
    assert_eq!(with(of("constrained-baseline", 31, (1280, 736))), [pass, pass, fail]);
    assert_eq!(verdicts(&profile(&[], &TASK)), [fail; 3]);
}

#[test]
fn latency_is_told_in_frame_times() {
    let mut outputs = vec![(Duration::from_millis(20), 0); 96];
    outputs.extend([(Duration::from_secs(60), 5); 4]);
    let good = latency(&outputs, &TASK, true);
    assert_eq!((&good[0].measured, good[0].verdict), (&Value::Number(0.5), Verdict::Pass));
    assert_eq!(good[1].verdict, Verdict::Pass);
    outputs.extend([(Duration::from_secs(60), 5); 4]);
    assert_eq!(verdicts(&latency(&outputs, &TASK, true)), [Verdict::Fail; 2]);
    assert_eq!(verdicts(&latency(&[], &TASK, false)), [Verdict::Fail; 2]);
}

#[test]
fn the_percentile_is_the_nearest_rank() {
    assert_eq!(percentile_95((1..=100).map(f64::from).collect()), Some(95.0));
    assert_eq!(percentile_95((1..=10).rev().map(f64::from).collect()), Some(10.0));
    assert_eq!(percentile_95(vec![7.0]), Some(7.0));
    assert_eq!(percentile_95(vec![]), None);
}

#[test]
fn processor_and_sessions_are_judged_for_hardware_only() {
    assert_eq!(cpu(Duration::from_secs(2), 100, &TASK, true).verdict, Verdict::Fail);
    assert_eq!(cpu(Duration::from_millis(200), 100, &TASK, true).verdict, Verdict::Pass);
    assert_eq!(cpu(Duration::from_secs(2), 100, &TASK, false).verdict, Verdict::Measured);
    assert_eq!(sessions(1, &TASK, true).verdict, Verdict::Fail);
    assert_eq!(sessions(3, &TASK, true).verdict, Verdict::Pass);
    assert_eq!(sessions(0, &TASK, false).verdict, Verdict::Measured);
    assert_eq!(sessions(1, &Task { max_sessions: 1, ..TASK }, true).verdict, Verdict::Pass);
}
