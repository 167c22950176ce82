use crate::edge;
use anyhow::Context;
use std::{
    io::Read,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};
use tabellion_h264::{AVDEC, Candidate, Role, X264ENC, hardware};
use tabellion_media_protocol::{ChosenCodec, CodecTrial, TrialOutcome, VideoCodecs};

/// How long one trial may take: a driver that hangs is none.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at a trial.
const GLANCE: Duration = Duration::from_millis(20);
/// Of software's processor time a device may take at most this part, in hundredths. One that takes as much is not worth its driver: NVIDIA's
/// decoder with pictures in main memory is such a one.
const WORTH: u32 = 75;

/// What a probe asks of a machine.
pub trait Machine {
    /// Elements that a device's driver brings.
    fn devices(&self) -> Vec<Candidate>;

    /// Has an element work for a while. Processor time for one picture, in µs.
    ///
    /// # Errors
    /// It does not do what a call asks of it: why, in English.
    fn trial(&self, element: &Candidate) -> Result<u32, String>;
}

/// Chooses by what elements do, never by their names alone: a device's element is chosen where it works and takes less of the
/// processor than software. Where there is no device nothing is tried.
pub fn probe(machine: &impl Machine) -> VideoCodecs {
    let devices = machine.devices();
    let mut trials = Vec::new();
    let mut choose = |role: Role, software: &str| {
        let of_role: Vec<_> = devices.iter().filter(|device| device.role == role).collect();
        let software = Candidate::of_name(software).expect("it is one that this release knows");
        if of_role.is_empty() {
            return chosen(&software);
        }
        let mut tried = |element: &Candidate| {
            let outcome = match machine.trial(element) {
                Ok(cpu_us) => TrialOutcome::Works { cpu_us },
                Err(reason) => TrialOutcome::Fails { reason },
            };
            trials.push(CodecTrial { element: element.name.clone(), outcome: outcome.clone() });
            match outcome {
                TrialOutcome::Works { cpu_us } => Some(cpu_us),
                TrialOutcome::Fails { .. } => None,
            }
        };
        let limit = tried(&software).map_or(u32::MAX, |cpu_us| cpu_us / 100 * WORTH);
        let working = of_role.into_iter().filter_map(|device| Some((tried(device)?, device)));
        let best = working.filter(|(cpu_us, _)| *cpu_us <= limit).min_by_key(|(cpu_us, _)| *cpu_us);
        chosen(best.map_or(&software, |(_, device)| device))
    };
    let encoder = choose(Role::Encoder, X264ENC);
    let decoder = choose(Role::Decoder, AVDEC);
    VideoCodecs { encoder, decoder, trials }
}

pub(super) fn chosen(element: &Candidate) -> ChosenCodec {
    ChosenCodec { element: element.name.clone(), is_device: element.family.is_hardware() }
}

/// The machine that this runs on. Each trial is a process of its own (this program, `trial ELEMENT`): drivers crash.
pub struct ThisMachine;

impl Machine for ThisMachine {
    fn devices(&self) -> Vec<Candidate> {
        hardware()
    }

    fn trial(&self, element: &Candidate) -> Result<u32, String> {
        tried_apart(&element.name).map_err(|problem| format!("{problem:#}"))
    }
}

fn tried_apart(element: &str) -> anyhow::Result<u32> {
    let own = std::env::current_exe().context("this program's own file is not known")?;
    let mut child = Command::new(own)
        .args(["trial", element])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let end = edge::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if edge::now() >= end {
            child.kill()?;
            child.wait()?;
            anyhow::bail!("it did not end within {} s", PATIENCE.as_secs());
        }
        thread::park_timeout(GLANCE);
    };
    let said = |stream: Option<&mut dyn Read>| {
        let mut text = String::new();
        // What is not UTF-8 is no answer of ours.
        stream.map(|stream| stream.read_to_string(&mut text));
        text
    };
    let errors = said(child.stderr.as_mut().map(|stream| stream as &mut dyn Read));
    let figure = said(child.stdout.as_mut().map(|stream| stream as &mut dyn Read));
    anyhow::ensure!(status.success(), "{}", failure(status, &errors));
    figure.trim().parse().with_context(|| format!("its trial said {figure:?}"))
}

/// The trial's last words; none where a driver took the process with it.
fn failure(status: ExitStatus, errors: &str) -> String {
    match errors.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) if status.code().is_some() => line.trim().to_owned(),
        _ => format!("its driver ended the process: {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, collections::BTreeMap};

    /// A machine with these elements, software's among them.
    struct FakeMachine {
        elements: BTreeMap<&'static str, Result<u32, &'static str>>,
        tried: RefCell<Vec<String>>,
    }

    impl FakeMachine {
        fn new(elements: &[(&'static str, Result<u32, &'static str>)]) -> Self {
            let software = [(X264ENC, Ok(6_000)), (AVDEC, Ok(2_000))];
            let elements = software.into_iter().chain(elements.iter().copied()).collect();
            Self { elements, tried: RefCell::default() }
        }
    }

    impl Machine for FakeMachine {
        fn devices(&self) -> Vec<Candidate> {
            let known = self.elements.keys().filter_map(|name| Candidate::of_name(name));
            known.filter(|element| element.family.is_hardware()).collect()
        }

        fn trial(&self, element: &Candidate) -> Result<u32, String> {
            self.tried.borrow_mut().push(element.name.clone());
            self.elements[element.name.as_str()].map_err(str::to_owned)
        }
    }

    fn names(elements: &[(&'static str, Result<u32, &'static str>)]) -> (String, String) {
        let found = probe(&FakeMachine::new(elements));
        (found.encoder.element, found.decoder.element)
    }

    #[test]
    fn a_machine_without_devices_is_not_kept_waiting() {
        let machine = FakeMachine::new(&[]);
        assert_eq!(probe(&machine), crate::hardware::software());
        assert!(machine.tried.borrow().is_empty());
    }

    #[test]
    fn of_each_kind_of_hardware_what_works_better_than_software_is_chosen() {
        for encoder in ["vah264enc", "vah264lpenc", "v4l2h264enc", "nvh264enc", "qsvh264enc"] {
            assert_eq!(names(&[(encoder, Ok(900))]), (encoder.to_owned(), AVDEC.to_owned()));
        }
        for decoder in ["vah264dec", "v4l2h264dec", "v4l2slh264dec", "nvh264dec", "qsvh264dec"] {
            assert_eq!(names(&[(decoder, Ok(900))]), (X264ENC.to_owned(), decoder.to_owned()));
        }
    }

    #[test]
    fn the_cheapest_is_chosen_and_what_fails_or_is_not_worth_it_is_not() {
        let both = [("vah264enc", Ok(900)), ("vah264lpenc", Ok(700)), ("qsvh264enc", Ok(800))];
        assert_eq!(names(&both).0, "vah264lpenc");
        assert_eq!(names(&[("vah264enc", Err("no such profile"))]).0, X264ENC);
        assert_eq!(names(&[("vah264enc", Err("it crashed")), ("qsvh264enc", Ok(800))]).0, "qsvh264enc");
        assert_eq!(names(&[("nvh264dec", Ok(1_900))]).1, AVDEC, "as much as software's");
    }

    #[test]
    fn what_was_tried_is_told_with_its_figure_or_its_reason() {
        let found = probe(&FakeMachine::new(&[("nvh264enc", Err("no session is free"))]));
        let written = serde_json::to_value(&found.trials).unwrap();
        let expected = serde_json::json!([
            { "element": "x264enc", "outcome": { "works": { "cpu_us": 6_000 } } },
            { "element": "nvh264enc", "outcome": { "fails": { "reason": "no session is free" } } },
        ]);
        assert_eq!(written, expected);
    }

    #[test]
    fn where_software_is_missing_a_device_stands_in() {
        let mut machine = FakeMachine::new(&[("vah264enc", Ok(9_000))]);
        machine.elements.insert(X264ENC, Err("it is not installed"));
        assert_eq!(probe(&machine).encoder.element, "vah264enc");
    }
}
