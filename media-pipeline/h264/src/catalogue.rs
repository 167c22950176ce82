//! Which elements there are, and what is known of each family of them.

use gstreamer as gst;
use gstreamer::prelude::*;

/// Elements that share a driver interface, and with it their properties.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// VA-API: Intel and AMD.
    Va,
    /// V4L2 with the codec's state in the driver: Raspberry Pi 4, many system-on-chips.
    V4l2,
    /// V4L2 with the codec's state here: Rockchip, Allwinner, Hantro.
    V4l2Stateless,
    /// NVIDIA's NVENC and NVDEC.
    Nvidia,
    /// Intel's Quick Sync by oneVPL.
    QuickSync,
    /// x264, in software.
    X264,
    /// Cisco's OpenH264, in software.
    OpenH264,
    /// FFmpeg, in software.
    Libav,
}

impl Family {
    /// Whether a device does the work.
    pub fn is_hardware(self) -> bool {
        !matches!(self, Self::X264 | Self::OpenH264 | Self::Libav)
    }

    /// The Debian package with the plug-in.
    pub fn package(self) -> &'static str {
        match self {
            Self::V4l2 => "gstreamer1.0-plugins-good",
            Self::X264 => "gstreamer1.0-plugins-ugly",
            Self::Libav => "gstreamer1.0-libav",
            _ => "gstreamer1.0-plugins-bad",
        }
    }
}

/// Which way an element works.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Pictures in, H.264 out.
    Encoder,
    /// H.264 in, pictures out.
    Decoder,
}

/// An element that is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// GStreamer's name of it.
    pub name: String,
    /// What it belongs to.
    pub family: Family,
    /// What it does.
    pub role: Role,
}

/// The encoder that decoders are judged with: the one that the product falls back to.
pub const X264ENC: &str = "x264enc";
/// The decoder that everything else is judged with.
pub const AVDEC: &str = "avdec_h264";
/// The decoder that FFmpeg's is judged with.
pub const OPENH264DEC: &str = "openh264dec";

/// How the names of a family begin; the more special first. A second card's elements carry its node in their
/// names (`varenderD129h264enc`, `v4l2video12h264dec`, `nvh264device1enc`), so names are taken by their ends.
const PREFIXES: [(&str, Family); 8] = [
    ("v4l2sl", Family::V4l2Stateless),
    ("v4l2", Family::V4l2),
    ("va", Family::Va),
    ("nv", Family::Nvidia),
    ("qsv", Family::QuickSync),
    ("x264", Family::X264),
    ("openh264", Family::OpenH264),
    ("avdec_", Family::Libav),
];

impl Candidate {
    /// What a name says. None where it is not that of an H.264 element of a known family.
    pub fn of_name(name: &str) -> Option<Self> {
        let (prefix, family) = PREFIXES.into_iter().find(|(prefix, _)| name.starts_with(prefix))?;
        let role = match name.strip_prefix(prefix)? {
            rest if rest.ends_with("dec") || family == Family::Libav => Role::Decoder,
            rest if rest.ends_with("enc") => Role::Encoder,
            _ => return None,
        };
        (name.contains("h264") || family == Family::X264).then(|| Self { name: name.into(), family, role })
    }

    /// The factory, or why the element is absent.
    pub fn factory(&self) -> Result<gst::ElementFactory, String> {
        gst::ElementFactory::find(&self.name).ok_or_else(|| {
            let package = self.family.package();
            if self.family.is_hardware() {
                format!("GStreamer has no such element: no device for it, or {package} is not installed")
            } else {
                format!("GStreamer has no such element: install the Debian package {package}")
            }
        })
    }

    /// Whether the element can be brought to where it has opened its device; why not otherwise. A factory alone
    /// says nothing: drivers are installed without the hardware, and hardware comes without H.264.
    pub fn probe(&self) -> Result<(), String> {
        let element = self.factory()?.create().build().map_err(|error| error.to_string())?;
        let bus = gst::Bus::new();
        element.set_bus(Some(&bus));
        let opened = [gst::State::Ready, gst::State::Paused]
            .into_iter()
            .find(|state| element.set_state(*state).is_err())
            .map_or(Ok(()), |state| Err(state_refused(state, &bus)));
        // One that cannot close again has nobody to tell: this process ends after the row.
        let _ = element.set_state(gst::State::Null);
        opened
    }
}

fn state_refused(state: gst::State, bus: &gst::Bus) -> String {
    let error = bus.pop_filtered(&[gst::MessageType::Error]);
    let reason = error.as_ref().and_then(|message| match message.view() {
        gst::MessageView::Error(error) => Some(error.error().to_string()),
        _ => None,
    });
    format!("does not reach {state:?}: {}", reason.unwrap_or_else(|| "it does not say why".into()))
}

/// What the registry has of the hardware families, by name.
#[must_use]
pub fn hardware() -> Vec<Candidate> {
    let names = gst::Registry::get().features(gst::ElementFactory::static_type());
    let mut found: Vec<Candidate> = names
        .iter()
        .filter_map(|feature| Candidate::of_name(&feature.name()))
        .filter(|candidate| candidate.family.is_hardware())
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_family_and_role() {
        let of = |name| Candidate::of_name(name).map(|candidate| (candidate.family, candidate.role));
        assert_eq!(of("vah264lpenc"), Some((Family::Va, Role::Encoder)));
        assert_eq!(of("varenderD129h264dec"), Some((Family::Va, Role::Decoder)));
        assert_eq!(of("v4l2slh264dec"), Some((Family::V4l2Stateless, Role::Decoder)));
        assert_eq!(of("v4l2video11h264enc"), Some((Family::V4l2, Role::Encoder)));
        assert_eq!(of("nvh264device1enc"), Some((Family::Nvidia, Role::Encoder)));
        assert_eq!(of("avdec_h264"), Some((Family::Libav, Role::Decoder)));
        assert_eq!(of("x264enc"), Some((Family::X264, Role::Encoder)));
        assert_eq!(of("vah265enc"), None);
        assert_eq!(of("v4l2src"), None);
    }

    #[test]
    fn an_element_that_is_not_there_says_what_to_do() {
        gst::init().unwrap();
        let candidate = Candidate { name: "x264missing".into(), family: Family::X264, role: Role::Encoder };
        assert!(
            candidate.probe().unwrap_err().contains("install the Debian package gstreamer1.0-plugins-ugly")
        );
    }

    #[test]
    fn an_element_that_does_not_start_is_absent() {
        gst::init().unwrap();
        // A factory that is there, and cannot reach PAUSED: without a name, there is no file to open.
        let candidate = Candidate { name: "filesrc".into(), family: Family::V4l2, role: Role::Encoder };
        let reason = candidate.probe().unwrap_err();
        assert!(reason.starts_with("does not reach Paused: No file name"), "{reason}");
        let identity = Candidate { name: "identity".into(), ..candidate };
        assert_eq!(identity.probe(), Ok(()));
    }
}
