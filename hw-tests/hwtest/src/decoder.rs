//! A decoder at work.

use crate::{
    arguments::Task,
    picture::Picture,
    pump::{Fault, Output, Pump},
    trial::element,
};
use gstreamer as gst;
use std::time::Duration;
use tabellion_h264::{AVDEC, Candidate, OPENH264DEC};

/// What goes into decoders.
const ENCODED: &str = "video/x-h264,stream-format=byte-stream,alignment=au";

/// A decoder at work.
pub(crate) struct Decoder {
    pump: Pump,
    size: (usize, usize),
    /// What could not be set.
    pub(crate) remarks: Vec<String>,
}

/// A picture that came back.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// Of the access unit, and drawn into the picture.
    pub(crate) index: u64,
    /// What it shows.
    pub(crate) picture: Picture,
    /// From the access unit to the picture.
    pub(crate) latency: Duration,
    /// Later access units that had gone in before.
    pub(crate) held: u64,
}

impl Decoder {
    /// Starts one.
    ///
    /// # Errors
    /// Where it does not start.
    pub(crate) fn start(candidate: &Candidate, task: &Task) -> Result<Self, Fault> {
        let (pump, remarks) = start(candidate, task)?;
        Ok(Self { pump, size: (task.width as usize, task.height as usize), remarks })
    }

    /// Puts an access unit in.
    ///
    /// # Errors
    /// Where the decoder fails, or what comes out is not what was encoded.
    pub(crate) fn step(&mut self, index: u64, unit: gst::Buffer) -> Result<Vec<Decoded>, Fault> {
        let outputs = self.pump.step(index, unit)?;
        outputs.into_iter().map(|output| decoded(output, self.size)).collect()
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// As those of [`Self::step`], and where it hangs.
    pub(crate) fn finish(self) -> Result<Vec<Decoded>, Fault> {
        let size = self.size;
        self.pump.finish()?.into_iter().map(|output| decoded(output, size)).collect()
    }
}

/// Starts a decoder's pipeline.
///
/// # Errors
/// Where it does not start.
pub(crate) fn start(candidate: &Candidate, task: &Task) -> Result<(Pump, Vec<String>), Fault> {
    let parse = element("h264parse", "gstreamer1.0-plugins-bad")?;
    let decoder = element(&candidate.name, candidate.family.package())?;
    let remarks = tabellion_h264::decoder(&decoder, candidate.family);
    // Out of the device's memory and format into ours.
    let convert = element("videoconvert", "gstreamer1.0-plugins-base")?;
    let elements = [parse, decoder, convert];
    let encoded = format!("{ENCODED},framerate={}/1", task.rate);
    Ok((Pump::start(&encoded, &elements, "video/x-raw,format=I420", task.rate)?, remarks))
}

/// The decoder that another element is judged with: never the same, and made by others.
///
/// # Errors
/// Where it is not installed.
pub(crate) fn reference(of: &Candidate) -> Result<Candidate, Fault> {
    let name = if of.name == AVDEC { OPENH264DEC } else { AVDEC };
    let found = Candidate::of_name(name).filter(|candidate| candidate.factory().is_ok());
    let package = if name == AVDEC { "gstreamer1.0-libav" } else { "gstreamer1.0-plugins-bad" };
    found.ok_or_else(|| Fault::Missing(name.into(), package))
}

fn decoded(output: Output, size: (usize, usize)) -> Result<Decoded, Fault> {
    let Output { index, sample, latency, held } = output;
    let picture = Picture::of_sample(&sample)
        .ok_or_else(|| Fault::Unusable(format!("picture {index} came back unreadable")))?;
    check(&picture, index, size)?;
    Ok(Decoded { index, picture, latency, held })
}

/// Whether a picture is the one that its time says it is.
fn check(picture: &Picture, index: u64, size: (usize, usize)) -> Result<(), Fault> {
    if (picture.width, picture.height) != size {
        let (width, height) = (picture.width, picture.height);
        let text = format!("pictures come back as {width}×{height} instead of {}×{}", size.0, size.1);
        return Err(Fault::Unusable(text));
    }
    match picture.number() {
        Some(number) if u64::from(number) == index => Ok(()),
        Some(number) => Err(Fault::Unusable(format!("in the place of picture {index} came number {number}"))),
        None => Err(Fault::Unusable(format!("the number in picture {index} cannot be read any more"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Scene;

    #[test]
    fn a_picture_in_the_wrong_place_is_refused() {
        let picture = Scene::new(320, 180).draw(5);
        assert_eq!(check(&picture, 5, (320, 180)), Ok(()));
        let wrong = check(&picture, 6, (320, 180)).unwrap_err().to_string();
        assert_eq!(wrong, "in the place of picture 6 came number 5");
    }

    #[test]
    fn a_picture_of_another_size_is_refused() {
        let picture = Scene::new(320, 192).draw(5);
        let wrong = check(&picture, 5, (320, 180)).unwrap_err().to_string();
        assert_eq!(wrong, "pictures come back as 320×192 instead of 320×180");
    }

    #[test]
    fn a_picture_without_its_number_is_refused() {
        let mut picture = Scene::new(320, 180).draw(5);
        picture.data.fill(128);
        assert!(check(&picture, 5, (320, 180)).is_err());
    }

    #[test]
    fn nothing_is_judged_with_itself() {
        gst::init().unwrap();
        let of = |name| reference(&Candidate::of_name(name).unwrap()).unwrap().name;
        assert_eq!(of("avdec_h264"), "openh264dec");
        assert_eq!(of("openh264dec"), "avdec_h264");
        assert_eq!(of("vah264dec"), "avdec_h264");
        assert_eq!(of("x264enc"), "avdec_h264");
    }
}
