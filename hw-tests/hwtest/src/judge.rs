//! The judgements: measured values in, verdicts out. No GStreamer here.

use crate::{
    arguments::Task,
    level, limits,
    report::{Judgement, Limit, Value},
    stream::Unit,
};
use std::time::Duration;

/// Share of a part that is left out of its bitrate: rate control needs time after the first key frame and after a
/// change.
const SETTLING: u64 = 4;

/// Of a list of pictures: how near they are to their sources, in dB.
pub(crate) fn quality(psnr: &[f64], mean_limit: f64, worst_limit: f64) -> Vec<Judgement> {
    let mean = (!psnr.is_empty()).then(|| psnr.iter().sum::<f64>() / psnr.len() as f64);
    let worst = psnr.iter().copied().reduce(f64::min);
    vec![
        Judgement::new("PSNR, mean", mean, "dB", Some(Limit::AtLeast(mean_limit))),
        Judgement::new("PSNR, worst picture", worst, "dB", Some(Limit::AtLeast(worst_limit))),
    ]
}

/// Of pictures put in, how many did not come back.
pub(crate) fn lost(put_in: usize, came_back: usize) -> Judgement {
    let lost = put_in.saturating_sub(came_back) as f64;
    Judgement::new("pictures lost", Some(lost), "", Some(Limit::AtMost(0.0)))
}

/// Of the two parts: the bitrate against what was asked, in kb/s.
pub(crate) fn bitrates(units: &[Unit], task: &Task) -> Vec<Judgement> {
    let judge = |what: &str, part: u64, target: u32| {
        let target = f64::from(target);
        let limit = Limit::Between(target * (1.0 - limits::BITRATE), target * (1.0 + limits::BITRATE));
        Judgement::new(what, bitrate(units, part, task), "kb/s", Some(limit))
    };
    vec![judge("bitrate", 0, task.bitrate), judge("bitrate after its change", 1, task.bitrate / 2)]
}

/// Of one of the two parts, in kb/s, without its beginning.
fn bitrate(units: &[Unit], part: u64, task: &Task) -> Option<f64> {
    let length = task.part();
    let pictures = part * length + length / SETTLING..(part + 1) * length;
    let bytes: usize = units.iter().filter(|unit| pictures.contains(&unit.index)).map(|unit| unit.size).sum();
    let seconds = (pictures.end - pictures.start) as f64 / f64::from(task.rate);
    (bytes > 0).then(|| bytes as f64 * 8.0 / 1_000.0 / seconds)
}

/// Of the pictures that key frames were asked for with: whether they came, and could be decoded from.
pub(crate) fn key_frames(units: &[Unit], asked: &[u64]) -> Vec<Judgement> {
    let answer = |asked: u64| units.iter().find(|unit| unit.index >= asked && unit.idr);
    let answers: Option<Vec<&Unit>> = asked.iter().map(|asked| answer(*asked)).collect();
    let longest = answers.as_ref().and_then(|answers| {
        answers.iter().zip(asked).map(|(answer, asked)| answer.index - asked).max().map(|most| most as f64)
    });
    let without = answers.map(|answers| answers.iter().filter(|answer| !answer.headers).count() as f64);
    let expected = 1 + asked.len();
    let unasked = units.iter().filter(|unit| unit.idr).count().saturating_sub(expected) as f64;
    let at_most = |limit| Some(Limit::AtMost(limit));
    vec![
        Judgement::new("key frame on request", longest, "pictures", at_most(limits::KEY_FRAME)),
        Judgement::new("requested key frames without SPS and PPS", without, "", at_most(0.0)),
        Judgement::new("key frames not asked for", Some(unasked), "", at_most(limits::UNASKED_KEY_FRAMES)),
    ]
}

/// Of the first SPS: profile, level and size as asked.
pub(crate) fn profile(units: &[Unit], task: &Task) -> Vec<Judgement> {
    let Task { width, height, rate, bitrate, .. } = *task;
    let sps = units.iter().find_map(|unit| unit.sps.as_ref());
    let text = |text: Option<String>| text.map_or(Value::Nothing(()), Value::Text);
    let exactly = |asked: String| Some(Limit::Exactly(asked));
    // The level that is needed is that of the size: encoders differ in what they make of a bitrate's bursts.
    let lowest = f64::from(level::needed(width, height, rate, 0)) / 10.0;
    let highest = f64::from(level::agreed(width, height, rate, bitrate)) / 10.0;
    let size = sps.and_then(|sps| sps.size).map(|(width, height)| format!("{width}×{height}"));
    vec![
        Judgement::new(
            "profile",
            text(sps.map(|sps| sps.profile.clone())),
            "",
            exactly("constrained-baseline".into()),
        ),
        Judgement::new(
            "level",
            sps.map(|sps| f64::from(sps.level) / 10.0),
            "",
            Some(Limit::Between(lowest, highest)),
        ),
        Judgement::new("size", text(size), "", exactly(format!("{width}×{height}"))),
    ]
}

/// Of all outputs: how long they took, and behind how many later inputs they came.
pub(crate) fn latency(outputs: &[(Duration, u64)], task: &Task, hardware: bool) -> Vec<Judgement> {
    let frame_time = task.frame_time().as_secs_f64();
    let times: Vec<f64> = outputs.iter().map(|(latency, _)| latency.as_secs_f64() / frame_time).collect();
    let held: Vec<f64> = outputs.iter().map(|(_, held)| *held as f64).collect();
    let limit = if hardware { limits::LATENCY_HARDWARE } else { limits::LATENCY_SOFTWARE };
    vec![
        Judgement::new("latency, p95", percentile_95(times), "frame times", Some(Limit::AtMost(limit))),
        Judgement::new(
            "held back, p95",
            percentile_95(held),
            "pictures",
            Some(Limit::AtMost(limits::HELD_BACK)),
        ),
    ]
}

/// The smallest value that 95 of 100 are not above (nearest rank).
fn percentile_95(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * 95).div_ceil(100).checked_sub(1)?).copied()
}

/// Processor time for `pictures`; judged for hardware only.
pub(crate) fn cpu(used: Duration, pictures: usize, task: &Task, hardware: bool) -> Judgement {
    let seconds = pictures as f64 / f64::from(task.rate);
    let size = f64::from(task.width * task.height * task.rate) / f64::from(1_280 * 720 * 25);
    // Below a quarter of 720p what a picture costs does not depend on its size any more.
    let limit = hardware.then(|| Limit::AtMost(limits::CPU_HARDWARE * size.max(0.25)));
    let used = (pictures > 0).then(|| used.as_secs_f64() / seconds);
    Judgement::new("CPU", used, "s a second", limit)
}

/// Sessions that kept up side by side, of those that were tried; judged for hardware only.
pub(crate) fn sessions(kept_up: u32, task: &Task, hardware: bool) -> Judgement {
    let limit = hardware.then(|| Limit::AtLeast(f64::from(limits::SESSIONS.min(task.max_sessions))));
    Judgement::new("sessions in real time", Some(f64::from(kept_up)), "", limit)
}

#[cfg(test)]
mod tests;
