//! Judges one element, in the process that is its own.

use crate::{
    arguments::Task,
    decoder::{self, Decoded, Decoder},
    edge, judge, limits,
    picture::{Picture, Scene},
    psnr::psnr,
    pump::Fault,
    report::{Row, Verdict},
    sessions::{self, Load},
    trial,
};
use gstreamer as gst;
use std::{collections::BTreeMap, time::Duration};
use tabellion_h264::{Candidate, Role, X264ENC};

/// Judges an element. What stops it becomes part of the row.
pub(crate) fn judge(candidate: &Candidate, task: &Task) -> Row {
    if let Err(reason) = candidate.probe() {
        return Row::without_judgement(&candidate.name, Verdict::Absent, reason);
    }
    let row = match candidate.role {
        Role::Encoder => encoder(candidate, task),
        Role::Decoder => decoder(candidate, task),
    };
    row.unwrap_or_else(|fault| Row::without_judgement(&candidate.name, Verdict::Fail, fault.to_string()))
}

/// An encoder: its stream is decoded by another's decoder, and the pictures are compared with what went in.
fn encoder(candidate: &Candidate, task: &Task) -> Result<Row, Fault> {
    let scene = Scene::new(task.width, task.height);
    let reference = decoder::reference(candidate)?;
    let mut decoder = Decoder::start(&reference, task)?;
    let mut ratios = vec![];
    let mut compare = |decoded: Vec<Decoded>| {
        ratios.extend(decoded.iter().filter_map(|d| psnr(&scene.draw(d.index), &d.picture)));
    };
    let trial = trial::run(candidate, task, &scene, |index, unit| {
        compare(decoder.step(index, unit)?);
        Ok(())
    })?;
    compare(decoder.finish()?);
    let kept_up = sessions::measure(candidate, task, &Load::pictures(&scene, task)?);
    let hardware = candidate.family.is_hardware();
    let mut judgements = judge::quality(&ratios, limits::PSNR_MEAN, limits::PSNR_WORST);
    judgements.push(judge::lost(trial.pictures, ratios.len()));
    judgements.extend(judge::bitrates(&trial.units, task));
    judgements.extend(judge::key_frames(&trial.units, &trial.asked));
    judgements.extend(judge::profile(&trial.units, task));
    judgements.extend(judge::latency(&trial.latencies, task, hardware));
    judgements.push(judge::cpu(trial.cpu, trial.pictures, task, hardware));
    judgements.push(judge::sessions(kept_up, task, hardware));
    Ok(Row::judged(&candidate.name, vec![reference.name], trial.remarks, judgements))
}

/// A decoder: x264's stream goes into it and into another's decoder, and the pictures of both are compared.
fn decoder(candidate: &Candidate, task: &Task) -> Result<Row, Fault> {
    let scene = Scene::new(task.width, task.height);
    let reference = decoder::reference(candidate)?;
    let x264 = Candidate::of_name(X264ENC).filter(|x264| x264.factory().is_ok());
    let x264 = x264.ok_or_else(|| Fault::Missing(X264ENC.into(), "gstreamer1.0-plugins-ugly"))?;
    let mut units = vec![];
    trial::run(&x264, task, &scene, |index, unit| {
        units.push((index, unit));
        Ok(())
    })?;
    let found = side_by_side(candidate, &reference, task, &units)?;
    let load = Load::Units(units.iter().map(|(_, unit)| unit.clone()).collect());
    let kept_up = sessions::measure(candidate, task, &load);
    let hardware = candidate.family.is_hardware();
    let mut judgements = judge::quality(&found.ratios, limits::DECODERS_AGREE, limits::DECODERS_AGREE);
    judgements.push(judge::lost(units.len(), found.ratios.len()));
    judgements.extend(judge::latency(&found.latencies, task, hardware));
    judgements.push(judge::cpu(found.cpu, units.len(), task, hardware));
    judgements.push(judge::sessions(kept_up, task, hardware));
    Ok(Row::judged(&candidate.name, vec![x264.name, reference.name], found.remarks, judgements))
}

#[derive(Default)]
struct Comparison {
    ratios: Vec<f64>,
    latencies: Vec<(Duration, u64)>,
    cpu: Duration,
    remarks: Vec<String>,
    /// Pictures of the one decoder that the other has not given yet.
    waiting: BTreeMap<u64, Picture>,
}

fn side_by_side(
    candidate: &Candidate,
    reference: &Candidate,
    task: &Task,
    units: &[(u64, gst::Buffer)],
) -> Result<Comparison, Fault> {
    let mut judged = Decoder::start(candidate, task)?;
    let mut other = Decoder::start(reference, task)?;
    let mut found = Comparison { remarks: std::mem::take(&mut judged.remarks), ..Comparison::default() };
    for (index, unit) in units {
        found.pair(other.step(*index, unit.clone())?);
        let before = edge::pipeline_cpu();
        let decoded = judged.step(*index, unit.clone())?;
        found.cpu += edge::pipeline_cpu().saturating_sub(before);
        found.latencies.extend(decoded.iter().map(|decoded| (decoded.latency, decoded.held)));
        found.pair(decoded);
    }
    found.pair(other.finish()?);
    found.pair(judged.finish()?);
    Ok(found)
}

impl Comparison {
    /// Compares pictures with the other decoder's, now or when that comes.
    fn pair(&mut self, decoded: Vec<Decoded>) {
        for Decoded { index, picture, .. } in decoded {
            match self.waiting.remove(&index) {
                Some(other) => self.ratios.extend(psnr(&picture, &other)),
                None => drop(self.waiting.insert(index, picture)),
            }
        }
    }
}
