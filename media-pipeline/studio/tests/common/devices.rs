//! Elements with the names and the properties of devices' codecs, which software does the work of; and which fail when they are told
//! to. Registered in this process's registry.
#![allow(unsafe_code, reason = "what glib's macro writes for a type of its own")]

use gstreamer as gst;
use gstreamer::{glib, prelude::*, subclass::prelude::*};
use std::sync::{
    LazyLock, Once,
    atomic::{AtomicU8, Ordering},
};

/// How devices behave from now on.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Health {
    Well,
    /// The next buffer is an error.
    Fails,
    /// Nothing comes out any more.
    Hangs,
    /// Each picture comes out with the next.
    HoldsBack,
}

static HEALTH: AtomicU8 = AtomicU8::new(Health::Well as u8);

pub(crate) fn devices_are(health: Health) {
    HEALTH.store(health as u8, Ordering::Release);
}

pub(crate) const ENCODERS: [&str; 5] = ["vah264enc", "vah264lpenc", "v4l2h264enc", "nvh264enc", "qsvh264enc"];
pub(crate) const DECODERS: [&str; 5] =
    ["vah264dec", "v4l2h264dec", "v4l2slh264dec", "nvh264dec", "qsvh264dec"];
/// What the real ones have of what the studio sets (gst-inspect-1.0 of 1.26).
const PROPERTIES: [&str; 17] = [
    "rate-control",
    "b-frames",
    "ref-frames",
    "target-usage",
    "key-int-max",
    "bitrate",
    "rc-mode",
    "preset",
    "tune",
    "zerolatency",
    "bframes",
    "rc-lookahead",
    "gop-size",
    "repeat-sequence-header",
    "low-latency",
    "extra-controls",
    "async-depth",
];

/// Puts all of them into the registry.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        gst::init().unwrap();
        for name in ENCODERS {
            gst::Element::register(None, name, gst::Rank::NONE, FakeEncoder::static_type()).unwrap();
        }
        for name in DECODERS {
            gst::Element::register(None, name, gst::Rank::NONE, FakeDecoder::static_type()).unwrap();
        }
    });
}

glib::wrapper! {
    pub struct FakeEncoder(ObjectSubclass<imp::Encoder>) @extends gst::Bin, gst::Element, gst::Object;
}

glib::wrapper! {
    pub struct FakeDecoder(ObjectSubclass<imp::Decoder>) @extends gst::Bin, gst::Element, gst::Object;
}

/// Pads of a kind.
fn template(name: &str, direction: gst::PadDirection, caps: &str) -> gst::PadTemplate {
    gst::PadTemplate::new(name, direction, gst::PadPresence::Always, &caps.parse().unwrap()).unwrap()
}

/// Fills a bin with what does the work.
fn fill(bin: &gst::Bin, description: &str) {
    let work = gst::parse::bin_from_description(description, true).unwrap();
    bin.add(&work).unwrap();
    for name in ["sink", "src"] {
        let pad = work.static_pad(name).unwrap();
        let template = bin.pad_template(name).unwrap();
        let ghost =
            gst::GhostPad::builder_from_template_with_target(&template, &pad).unwrap().name(name).build();
        if name == "sink" {
            let bin = bin.downgrade();
            ghost.add_probe(gst::PadProbeType::BUFFER, move |_, _| behave(bin.upgrade().as_ref()));
        }
        bin.add_pad(&ghost).unwrap();
    }
}

fn behave(bin: Option<&gst::Bin>) -> gst::PadProbeReturn {
    match HEALTH.load(Ordering::Acquire) {
        health if health == Health::Fails as u8 => {
            if let Some(bin) = bin {
                gst::element_error!(bin, gst::ResourceError::Failed, ("the device is gone"));
            }
            gst::PadProbeReturn::Drop
        }
        health if health == Health::Hangs as u8 => gst::PadProbeReturn::Drop,
        _ => gst::PadProbeReturn::Ok,
    }
}

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct Encoder;

    #[glib::object_subclass]
    impl ObjectSubclass for Encoder {
        const NAME: &'static str = "TabellionFakeEncoder";
        type Type = super::FakeEncoder;
        type ParentType = gst::Bin;
    }

    impl ObjectImpl for Encoder {
        fn properties() -> &'static [glib::ParamSpec] {
            static ALL: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
                PROPERTIES.map(|name| glib::ParamSpecString::builder(name).build()).to_vec()
            });
            &ALL
        }

        fn set_property(&self, _: usize, value: &glib::Value, spec: &glib::ParamSpec) {
            assert!(value.get::<Option<String>>().unwrap().is_some(), "{} is set to nothing", spec.name());
        }

        fn constructed(&self) {
            self.parent_constructed();
            let late = if HEALTH.load(Ordering::Acquire) == Health::HoldsBack as u8 {
                "rc-lookahead=2 sync-lookahead=2"
            } else {
                "tune=zerolatency"
            };
            fill(
                self.obj().upcast_ref(),
                &format!("videoconvert ! x264enc {late} speed-preset=ultrafast threads=1 bitrate=1500"),
            );
        }
    }

    impl GstObjectImpl for Encoder {}
    impl BinImpl for Encoder {}

    impl ElementImpl for Encoder {
        fn pad_templates() -> &'static [gst::PadTemplate] {
            // As most devices: no I420.
            static ALL: LazyLock<[gst::PadTemplate; 2]> = LazyLock::new(|| {
                [
                    template("sink", gst::PadDirection::Sink, "video/x-raw,format=NV12"),
                    template(
                        "src",
                        gst::PadDirection::Src,
                        "video/x-h264,stream-format=byte-stream,alignment=au",
                    ),
                ]
            });
            &*ALL
        }
    }

    #[derive(Default)]
    pub struct Decoder;

    #[glib::object_subclass]
    impl ObjectSubclass for Decoder {
        const NAME: &'static str = "TabellionFakeDecoder";
        type Type = super::FakeDecoder;
        type ParentType = gst::Bin;
    }

    impl ObjectImpl for Decoder {
        fn constructed(&self) {
            self.parent_constructed();
            fill(
                self.obj().upcast_ref(),
                "avdec_h264 max-threads=1 ! videoconvert ! capsfilter caps=video/x-raw,format=NV12",
            );
        }
    }

    impl GstObjectImpl for Decoder {}
    impl BinImpl for Decoder {}

    impl ElementImpl for Decoder {
        fn pad_templates() -> &'static [gst::PadTemplate] {
            static ALL: LazyLock<[gst::PadTemplate; 2]> = LazyLock::new(|| {
                [
                    template("sink", gst::PadDirection::Sink, "video/x-h264"),
                    template("src", gst::PadDirection::Src, "video/x-raw,format=NV12"),
                ]
            });
            &*ALL
        }
    }
}
