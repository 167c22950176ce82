//! What is found, as plain values: the rows and their judgements.

use crate::{arguments::Task, inventory::Inventory};
use serde::{Deserialize, Serialize};

/// How something came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Verdict {
    /// Within its limit.
    Pass,
    /// Not within its limit, or not to be had at all.
    Fail,
    /// The machine does not have it.
    Absent,
    /// Told without being judged.
    Measured,
}

impl Verdict {
    /// As it is printed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Absent => "ABSENT",
            Self::Measured => "–",
        }
    }
}

/// What was measured.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Value {
    /// In the judgement's unit.
    Number(f64),
    /// A name.
    Text(String),
    /// There was nothing to measure.
    Nothing(()),
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.filter(|number| number.is_finite()).map_or(Self::Nothing(()), Self::Number)
    }
}

/// What a value must be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Limit {
    /// No less.
    AtLeast(f64),
    /// No more.
    AtMost(f64),
    /// Both ends included.
    Between(f64, f64),
    /// This name.
    Exactly(String),
}

impl Limit {
    /// Whether a value is within. One that is missing, or of the wrong kind, is not.
    pub(crate) fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::AtLeast(least), Value::Number(number)) => number >= least,
            (Self::AtMost(most), Value::Number(number)) => number <= most,
            (Self::Between(low, high), Value::Number(number)) => (low..=high).contains(&number),
            (Self::Exactly(asked), Value::Text(text)) => asked == text,
            _ => false,
        }
    }
}

/// One property of an element.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Judgement {
    /// What is judged.
    pub(crate) what: String,
    /// What came out.
    pub(crate) measured: Value,
    /// Of the value and the limit; empty for names.
    pub(crate) unit: String,
    /// What is asked; none where the value is only told.
    pub(crate) limit: Option<Limit>,
    /// How the two compare.
    pub(crate) verdict: Verdict,
}

impl Judgement {
    /// Compares a value with its limit.
    pub(crate) fn new(what: &str, measured: impl Into<Value>, unit: &str, limit: Option<Limit>) -> Self {
        let measured = measured.into();
        let verdict = match &limit {
            None => Verdict::Measured,
            Some(limit) if limit.admits(&measured) => Verdict::Pass,
            Some(_) => Verdict::Fail,
        };
        Self { what: what.into(), measured, unit: unit.into(), limit, verdict }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What was found of one element.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// GStreamer's name of it.
    pub(crate) element: String,
    /// What was used to judge it: the decoder of an encoder, the encoder and the other decoder of a decoder.
    pub(crate) judged_with: Vec<String>,
    /// FAIL where one of the judgements is, or where the element stopped, crashed or hung.
    pub(crate) verdict: Verdict,
    /// Why it is absent or stopped; what could not be set.
    pub(crate) remarks: Vec<String>,
    /// One property each.
    pub(crate) judgements: Vec<Judgement>,
}

impl Row {
    /// The row of an element that could not be judged to the end.
    pub(crate) fn without_judgement(element: &str, verdict: Verdict, why: String) -> Self {
        Self { element: element.into(), judged_with: vec![], verdict, remarks: vec![why], judgements: vec![] }
    }

    /// The row of an element that was judged to the end.
    pub(crate) fn judged(
        element: &str,
        judged_with: Vec<String>,
        remarks: Vec<String>,
        judgements: Vec<Judgement>,
    ) -> Self {
        let failed = judgements.iter().any(|judgement| judgement.verdict == Verdict::Fail);
        let verdict = if failed { Verdict::Fail } else { Verdict::Pass };
        Self { element: element.into(), judged_with, verdict, remarks, judgements }
    }
}

/// Everything.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Of this program.
    pub(crate) version: &'static str,
    /// FAIL where a row is.
    pub(crate) verdict: Verdict,
    /// What the machine is.
    pub(crate) inventory: Inventory,
    /// What was asked.
    pub(crate) task: Task,
    /// An element each.
    pub(crate) rows: Vec<Row>,
}

impl Report {
    /// Sums up.
    pub(crate) fn new(inventory: Inventory, task: Task, rows: Vec<Row>) -> Self {
        let failed = rows.iter().any(|row| row.verdict == Verdict::Fail);
        let verdict = if failed { Verdict::Fail } else { Verdict::Pass };
        Self { version: env!("CARGO_PKG_VERSION"), verdict, inventory, task, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_compared_with_its_limit() {
        let verdict = |value: Option<f64>, limit| Judgement::new("it", value, "dB", limit).verdict;
        assert_eq!(verdict(Some(32.0), Some(Limit::AtLeast(32.0))), Verdict::Pass);
        assert_eq!(verdict(Some(31.9), Some(Limit::AtLeast(32.0))), Verdict::Fail);
        assert_eq!(verdict(Some(3.0), Some(Limit::AtMost(2.0))), Verdict::Fail);
        assert_eq!(verdict(Some(3.0), Some(Limit::Between(2.0, 3.0))), Verdict::Pass);
        assert_eq!(verdict(Some(3.0), None), Verdict::Measured);
    }

    #[test]
    fn what_could_not_be_measured_fails() {
        assert_eq!(Judgement::new("it", None, "dB", Some(Limit::AtMost(2.0))).verdict, Verdict::Fail);
        assert_eq!(
            Judgement::new("it", Some(f64::NAN), "dB", Some(Limit::AtMost(2.0))).verdict,
            Verdict::Fail
        );
    }

    #[test]
    fn a_row_survives_the_way_between_the_processes() {
        let judgements = vec![
            Judgement::new("a", Some(1.5), "s", Some(Limit::Between(1.0, 2.0))),
            Judgement::new("b", "main".to_owned(), "", Some(Limit::Exactly("high".into()))),
            Judgement::new("c", None, "s", None),
        ];
        let row = Row::judged("x264enc", vec!["avdec_h264".into()], vec![], judgements);
        assert_eq!(row.verdict, Verdict::Fail);
        assert_eq!(serde_json::from_str::<Row>(&serde_json::to_string(&row).unwrap()).unwrap(), row);
    }
}
