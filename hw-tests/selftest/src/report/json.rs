use super::{Report, Sense};
use crate::{
    fault::{Fault, Outcome, Side},
    media::Codecs,
};
use serde_json::{Value, json};
use std::path::Path;

impl Report {
    /// Writes the report for programs.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn save(&self, file: &Path) -> Outcome<()> {
        std::fs::write(file, format!("{:#}\n", self.json())).map_err(|error| {
            let what = format!("{} cannot be written ({error})", file.display());
            Fault::new(Side::Caller, what, "name a file in a folder that is there with --json")
        })
    }

    /// Writes it to the standard output: all that a program reads there.
    #[expect(clippy::print_stdout, reason = "the report is the program's result")]
    pub(crate) fn print_json(&self) {
        println!("{}", self.json());
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "who": row.who,
                "sense": match row.sense {
                    Sense::Sees => "sees",
                    Sense::Hears => "hears",
                    Sense::NotItself => "not_itself",
                },
                "whom": row.whom,
                "verdict": row.verdict.word().to_lowercase(),
                "reason": row.verdict.reason(),
            })
        });
        let members = self
            .members
            .iter()
            .map(|member| json!({ "name": member.name, "first_picture_ms": member.first_picture_ms }));
        let faults = self.faults.iter().map(
            |fault| json!({ "what": fault.what, "fault_of": fault.side.to_string(), "advice": fault.advice }),
        );
        json!({
            "passed": self.passed(),
            "rows": rows.collect::<Vec<_>>(),
            "participants": members.collect::<Vec<_>>(),
            "codecs": self.codecs.as_ref().map(codecs),
            "faults": faults.collect::<Vec<_>>(),
        })
    }
}

fn codecs(codecs: &Codecs) -> Value {
    let [encoder, decoder] = [codecs.encoder, codecs.decoder]
        .map(|codec| json!({ "element": codec.name, "hardware": codec.hardware }));
    json!({ "encoder": encoder, "decoder": decoder })
}
