//! GStreamer's H.264 encoders and decoders, in hardware and in software: which there are, and how each is set up for a
//! conversation. The studio uses them so, and `tabellion-hwtest` judges them as they are used.

mod catalogue;
mod setup;

pub use catalogue::{AVDEC, Candidate, Family, OPENH264DEC, Role, X264ENC, hardware};
pub use setup::{bitrate, decoder, encoded_caps, encoder, encoder_settings};
