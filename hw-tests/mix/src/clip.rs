//! What a camera sends, encoded beforehand: played again and again it costs the generator nothing.

use crate::{
    picture::Luma,
    scene::Scene,
    through::{buffer, bytes, through},
};
use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};
use tabellion_h264::{Family, encoded_caps, encoder_settings};
use tabellion_media_protocol::studio::H264;
use tabellion_payload::h264::starts_key_frame;
use tabellion_studio::{codecs, rtp::Packet};

/// Between pictures, ms.
pub(crate) const PERIOD_MS: u64 = 40;
/// Pictures of a clip: eight seconds, longer than any of them is on its way.
const PICTURES: u16 = 200;
/// Pictures from one key frame to the next: who asks for one gets it by a jump.
const KEY_FRAMES: u32 = 50;
/// What each so many-th picture looks like is kept, to be compared.
const KEPT: u16 = 20;
/// Least likeness of what is sent to what was drawn: of a worse camera nothing could be said. dB.
pub(crate) const CAMERA_PSNR: f64 = 38.0;

/// A picture as it is sent.
pub(crate) struct Coded {
    pub number: u16,
    pub is_key_frame: bool,
    /// Of its RTP packets; the last one has the marker.
    pub payloads: Vec<Vec<u8>>,
}

/// Pictures of one size, of which the first may follow the last.
pub(crate) struct Clip {
    pub pictures: Vec<Coded>,
    /// As they are before the studio has them, by number.
    pub kept: BTreeMap<u16, Luma>,
    caps: String,
    units: Vec<Vec<u8>>,
}

impl Clip {
    /// Draws and encodes it, its pictures numbered from `first` on.
    pub(crate) fn encode((width, height): (u32, u32), first: u16, kbps: u32) -> Result<Self> {
        let scene = Scene::new(width as usize, height as usize);
        let raw = codecs::raw_video(width, height);
        let settings: String = encoder_settings(Family::X264, kbps, KEY_FRAMES)
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\" "))
            .collect();
        let coded = encoded_caps(Family::X264, 31);
        let frames = (0..PICTURES).map(|at| buffer(scene.draw(first + at), u64::from(at) * PERIOD_MS));
        let units = collect(&raw, frames, &format!("x264enc {settings} ! {coded}"))?;
        ensure!(units.len() == usize::from(PICTURES), "{} pictures of {PICTURES} were encoded", units.len());
        let caps = format!("{coded},width={width},height={height},framerate=25/1");
        let mut this = Self { pictures: Vec::new(), kept: BTreeMap::new(), caps, units };
        this.packetize(first)?;
        this.keep(first, &scene)?;
        Ok(this)
    }

    fn access_units(&self) -> impl Iterator<Item = gstreamer::Buffer> {
        (0..).step_by(PERIOD_MS as usize).zip(&self.units).map(|(time, unit)| buffer(unit.clone(), time))
    }

    fn packetize(&mut self, first: u16) -> Result<()> {
        let pay = format!("rtph264pay pt={H264} mtu=1200 aggregate-mode=zero-latency config-interval=-1");
        let mut payloads = Vec::new();
        for bytes in collect(&self.caps, self.access_units(), &format!("h264parse ! {pay}"))? {
            let packet = Packet::parse(&bytes).context("rtph264pay gives no RTP")?;
            payloads.push(packet.payload.to_vec());
            if packet.marker {
                let number = first + u16::try_from(self.pictures.len())?;
                let is_key_frame = payloads.iter().any(|payload| starts_key_frame(payload));
                self.pictures.push(Coded { number, is_key_frame, payloads: std::mem::take(&mut payloads) });
            }
        }
        ensure!(self.pictures.len() == self.units.len(), "packets do not make up the pictures");
        ensure!(self.pictures[0].is_key_frame, "the clip does not begin with a key frame");
        Ok(())
    }

    fn keep(&mut self, first: u16, scene: &Scene) -> Result<()> {
        let kept = Arc::<Mutex<BTreeMap<u16, Luma>>>::default();
        let (keeping, mut number) = (Arc::clone(&kept), first);
        let description = format!("h264parse ! avdec_h264 max-threads=1 ! {}", codecs::AS_COMPOSED);
        through(&self.caps, self.access_units(), &description, move |sample| {
            if number.is_multiple_of(KEPT) {
                keeping.lock().expect("only added to under this lock").insert(number, Luma::of(sample)?);
            }
            number += 1;
            Ok(())
        })?;
        self.kept = std::mem::take(&mut kept.lock().expect("only added to under this lock"));
        for (number, luma) in &self.kept {
            let likeness = crate::picture::psnr(&luma.data, &scene.draw(*number)[..luma.data.len()]);
            ensure!(
                likeness >= CAMERA_PSNR,
                "the camera's own picture {number} has {likeness:.1} dB only: raise its bit rate"
            );
        }
        Ok(())
    }

    /// Writes the H.264 of so many turns into a file.
    pub(crate) fn write(&self, file: &Path, turns: usize) -> Result<()> {
        let whole = self.units.concat().repeat(turns);
        std::fs::write(file, whole).with_context(|| format!("{} cannot be written", file.display()))
    }
}

fn collect(
    caps: &str,
    buffers: impl IntoIterator<Item = gstreamer::Buffer>,
    description: &str,
) -> Result<Vec<Vec<u8>>> {
    let all = Arc::<Mutex<Vec<Vec<u8>>>>::default();
    let adding = Arc::clone(&all);
    through(caps, buffers, description, move |sample| {
        adding.lock().expect("only added to under this lock").push(bytes(sample)?.0);
        Ok(())
    })?;
    let all = std::mem::take(&mut *all.lock().expect("only added to under this lock"));
    Ok(all)
}
