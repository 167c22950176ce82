use serde::{Deserialize, Serialize};

/// Which elements of GStreamer's encode and decode pictures on a machine, and what they were chosen from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VideoCodecs {
    /// Encodes what room systems see.
    pub encoder: ChosenCodec,
    /// Decodes what they and browsers send.
    pub decoder: ChosenCodec,
    /// Each that was tried; none where the machine has no other than software.
    pub trials: Vec<CodecTrial>,
}

/// One element, chosen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChosenCodec {
    /// GStreamer's name of it.
    pub element: String,
    /// Whether a device does the work.
    pub is_device: bool,
}

/// One element, tried.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodecTrial {
    /// GStreamer's name of it.
    pub element: String,
    /// How it went.
    pub outcome: TrialOutcome,
}

/// How a trial went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialOutcome {
    /// It did what a call asks of it.
    Works {
        /// Processor time for one picture of 1280×720, in µs.
        cpu_us: u32,
    },
    /// It did not.
    Fails {
        /// Why, in English, for the support.
        reason: String,
    },
}

/// An element that failed in a call, and was left for software.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodecFailure {
    /// GStreamer's name of it.
    pub element: String,
    /// Why, in English, for the support.
    pub reason: String,
}
