//! Which element encodes pictures and which decodes them: a device's where the machine has one that is worth it, software's otherwise,
//! and from the moment on in which the device fails.

mod probe;
mod trial;

pub use probe::{Machine, ThisMachine, probe};
pub use trial::trial;

use crate::restarting::Failed;
use anyhow::{Context, ensure};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tabellion_h264::{AVDEC, Candidate, X264ENC};
use tabellion_media_protocol::{ChosenCodec, PacketizationMode, VideoCodecs};
use tracing::warn;

/// The elements that a studio works with.
pub struct Codecs {
    encoder: Choice,
    decoder: Choice,
    failed: Box<Told>,
}

type Told = dyn Fn(&Candidate, &str) + Send + Sync;

struct Choice {
    software: Candidate,
    hardware: Option<Candidate>,
    has_failed: AtomicBool,
}

impl Codecs {
    /// Those that were found. `failed` is told once of a device's element that is left for software; it must not wait.
    ///
    /// # Errors
    /// An element is none of H.264's.
    pub fn new(
        found: &VideoCodecs,
        failed: impl Fn(&Candidate, &str) + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let encoder = Choice::new(&found.encoder.element, X264ENC)?;
        let decoder = Choice::new(&found.decoder.element, AVDEC)?;
        Ok(Self { encoder, decoder, failed: Box::new(failed) })
    }

    /// What encodes for a peer that takes this. Where every slice has to fit in a packet by itself it is x264: no device counts bytes.
    #[must_use]
    pub fn encoder(&self, packetization: PacketizationMode) -> &Candidate {
        match packetization {
            PacketizationMode::SingleNal => &self.encoder.software,
            PacketizationMode::NonInterleaved => self.encoder.current(),
        }
    }

    /// What decodes.
    #[must_use]
    pub fn decoder(&self) -> &Candidate {
        self.decoder.current()
    }

    /// What a pipeline with this element is to tell its failure to: [`Self::fails`], then `failed`.
    #[must_use]
    pub fn watched(self: &Arc<Self>, element: &Candidate, failed: Failed) -> Failed {
        let (codecs, element) = (Arc::clone(self), element.clone());
        Box::new(move |reason| {
            codecs.fails(&element, &reason);
            failed(reason);
        })
    }

    /// An element has failed: where it was a device's, software takes its place.
    pub fn fails(&self, element: &Candidate, reason: &str) {
        for choice in [&self.encoder, &self.decoder] {
            let is_it = choice.hardware.as_ref() == Some(element);
            if is_it && !choice.has_failed.swap(true, Ordering::AcqRel) {
                warn!(element = element.name, reason, "a device's codec failed and is left for software");
                (self.failed)(element, reason);
            }
        }
    }
}

impl Choice {
    fn new(found: &str, software: &str) -> anyhow::Result<Self> {
        let of = |name: &str| {
            Candidate::of_name(name).with_context(|| format!("{name} is no element for H.264 that is known"))
        };
        let (found, software) = (of(found)?, of(software)?);
        ensure!(found.role == software.role, "{} works the other way", found.name);
        let hardware = found.family.is_hardware().then_some(found);
        Ok(Self { software, hardware, has_failed: AtomicBool::new(false) })
    }

    fn current(&self) -> &Candidate {
        let hardware = self.hardware.as_ref().filter(|_| !self.has_failed.load(Ordering::Acquire));
        hardware.unwrap_or(&self.software)
    }
}

/// Software, both ways.
#[must_use]
pub fn software() -> VideoCodecs {
    let of = |name: &str| ChosenCodec { element: name.to_owned(), is_device: false };
    VideoCodecs { encoder: of(X264ENC), decoder: of(AVDEC), trials: Vec::new() }
}

/// What [`probe`] has found, as it was written down.
///
/// # Errors
/// It cannot be read.
pub fn read(file: &Path) -> anyhow::Result<VideoCodecs> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not understood", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn found(encoder: &str, decoder: &str) -> VideoCodecs {
        let of = |name: &str| ChosenCodec { element: name.to_owned(), is_device: true };
        VideoCodecs { encoder: of(encoder), decoder: of(decoder), trials: Vec::new() }
    }

    #[test]
    fn a_device_that_fails_is_left_for_software_and_told_once() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&told);
        let failed = move |element: &Candidate, reason: &str| {
            noted.lock().unwrap().push(format!("{}: {reason}", element.name));
        };
        let codecs = Codecs::new(&found("vah264enc", "vah264dec"), failed).unwrap();
        let encoder = codecs.encoder(PacketizationMode::NonInterleaved).clone();
        assert_eq!(encoder.name, "vah264enc");
        assert_eq!(codecs.encoder(PacketizationMode::SingleNal).name, X264ENC);
        codecs.fails(&encoder, "the device is gone");
        codecs.fails(&encoder, "the device is gone");
        assert_eq!(codecs.encoder(PacketizationMode::NonInterleaved).name, X264ENC);
        assert_eq!(codecs.decoder().name, "vah264dec", "the other way is another matter");
        let software = codecs.encoder(PacketizationMode::NonInterleaved).clone();
        codecs.fails(&software, "there is no more memory");
        assert_eq!(
            *told.lock().unwrap(),
            ["vah264enc: the device is gone"],
            "nothing takes software's place"
        );
    }

    #[test]
    fn what_encodes_cannot_decode_and_what_is_unknown_is_refused() {
        assert!(Codecs::new(&found("vah264dec", AVDEC), |_, _| ()).is_err());
        assert!(Codecs::new(&found("fakesink", AVDEC), |_, _| ()).is_err());
        assert!(Codecs::new(&software(), |_, _| ()).is_ok());
    }
}
