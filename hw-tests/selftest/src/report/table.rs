#![expect(clippy::print_stdout, reason = "the table is the program's result")]

use super::{Report, Row};
use std::fmt::Write as _;

impl Report {
    /// Prints the table for people.
    pub(crate) fn print(&self) {
        print!("{}", self.table());
    }

    fn table(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let columns =
            [|row: &Row| row.who.len(), |row: &Row| row.sense.words().len(), |row: &Row| row.whom.len()];
        let [who, sense, whom] = columns.map(|width| self.rows.iter().map(width).max().unwrap_or(0));
        for row in &self.rows {
            let (words, word, reason) = (row.sense.words(), row.verdict.word(), row.verdict.reason());
            let line = format!("{:who$}  {words:sense$}  {:whom$}  {word:7}  {reason}", row.who, row.whom);
            writeln!(text, "{}", line.trim_end())?;
        }
        writeln!(text)?;
        for member in &self.members {
            match member.first_picture_ms {
                Some(ms) => writeln!(text, "{}: first picture {ms} ms after joining", member.name)?,
                None => writeln!(text, "{}: no picture", member.name)?,
            }
        }
        if let Some(codecs) = &self.codecs {
            let [encoder, decoder] = [codecs.encoder, codecs.decoder].map(|codec| {
                format!("{} ({})", codec.name, if codec.hardware { "hardware" } else { "software" })
            });
            writeln!(text, "encoder {encoder}, decoder {decoder}")?;
        }
        for fault in &self.faults {
            writeln!(text, "\nERROR {}\n  fault of {}: {}", fault.what, fault.side, fault.advice)?;
        }
        writeln!(text, "\n{}", if self.passed() { "PASSED" } else { "FAILED" })
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        fault::{Fault, Side},
        report::{Participation, Report, Row, Sense, Verdict},
    };

    #[test]
    fn the_table_says_who_perceives_whom_and_whose_fault_it_is() {
        let row = |who: &str, sense, whom: &str, verdict| Row {
            who: who.to_owned(),
            sense,
            whom: whom.to_owned(),
            verdict,
        };
        let report = Report {
            members: vec![Participation { name: "organizer".to_owned(), first_picture_ms: Some(210) }],
            rows: vec![
                row("organizer", Sense::Sees, "guest", Verdict::Passed),
                row("guest", Sense::Hears, "organizer", Verdict::Failed("no sound came".to_owned())),
            ],
            faults: vec![Fault::new(Side::Network, "no connection", "open the port")],
            codecs: None,
        };
        let expected = "organizer  sees   guest      PASS\n\
                        guest      hears  organizer  FAIL     no sound came\n\n\
                        organizer: first picture 210 ms after joining\n\n\
                        ERROR no connection\n  fault of the network: open the port\n\nFAILED\n";
        assert_eq!(report.table(), expected);
    }
}
