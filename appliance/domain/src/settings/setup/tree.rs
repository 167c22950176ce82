//! A set-up document before it is understood: the same whether it came as TOML or as JSON.

use super::{SetupError, syntax};
use crate::settings::Refusal;
use toml::de::{DeTable, DeValue};

/// A value of a document.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Tree {
    Table(Vec<Entry>),
    Text(String),
    Number(i64),
    List(Vec<Tree>),
    /// A truth value, a date, a fraction: nothing that a set-up takes.
    Other,
}

/// A key and its value.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub name: String,
    pub line: Option<u32>,
    pub value: Tree,
}

/// Reads TOML as far as it can be read: what could be, and the faults of its syntax.
pub(super) fn from_toml(text: &str) -> (Tree, Vec<SetupError>) {
    let (table, faults) = DeTable::parse_recoverable(text);
    let mut errors: Vec<SetupError> = Vec::new();
    for fault in &faults {
        let line = fault.span().map(|span| line(text, span.start));
        // One fault makes the parser stumble several times; the first time says where.
        if errors.iter().all(|error| error.line != line) {
            errors.push(SetupError { line, key: String::new(), refusal: syntax::refusal(fault.message()) });
        }
    }
    (toml_table(text, table.get_ref()), errors)
}

fn toml_table(text: &str, table: &DeTable<'_>) -> Tree {
    let entry = |(key, value): (&toml::Spanned<toml::de::DeString<'_>>, &toml::Spanned<DeValue<'_>>)| Entry {
        name: key.get_ref().to_string(),
        line: Some(line(text, key.span().start)),
        value: toml_value(text, value.get_ref()),
    };
    Tree::Table(table.iter().map(entry).collect())
}

fn toml_value(text: &str, value: &DeValue<'_>) -> Tree {
    match value {
        DeValue::String(string) => Tree::Text(string.to_string()),
        DeValue::Integer(integer) => {
            i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Tree::Other, Tree::Number)
        }
        DeValue::Array(array) => {
            Tree::List(array.iter().map(|value| toml_value(text, value.get_ref())).collect())
        }
        DeValue::Table(table) => toml_table(text, table),
        DeValue::Boolean(_) | DeValue::Float(_) | DeValue::Datetime(_) => Tree::Other,
    }
}

fn line(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

/// The same from JSON, without lines.
pub(super) fn from_json(value: &serde_json::Value) -> Tree {
    use serde_json::Value;
    match value {
        Value::Object(fields) => Tree::Table(
            fields
                .iter()
                // A field that was left empty is one that was not filled in.
                .filter(|(_, value)| !value.is_null() && value.as_str() != Some(""))
                .map(|(name, value)| Entry { name: name.clone(), line: None, value: from_json(value) })
                .collect(),
        ),
        Value::String(text) => Tree::Text(text.clone()),
        Value::Number(number) => number.as_i64().map_or(Tree::Other, Tree::Number),
        Value::Array(values) => Tree::List(values.iter().map(from_json).collect()),
        Value::Bool(_) | Value::Null => Tree::Other,
    }
}

impl Tree {
    /// What it is, in French, for the message that something else was expected.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Table(_) => "une rubrique",
            Self::Text(_) => "un texte",
            Self::Number(_) => "un nombre",
            Self::List(_) => "une liste",
            Self::Other => "une valeur d’un autre type",
        }
    }

    /// A list's texts.
    pub(super) fn texts(&self) -> Result<Vec<String>, Refusal> {
        let refusal = || {
            Refusal::new(
                format!("une liste de textes est attendue, pas {}", self.word()),
                "Mettez chaque élément entre guillemets, et la liste entre crochets : [\"…\", \"…\"]",
            )
        };
        let Self::List(items) = self else { return Err(refusal()) };
        let text = |item: &Self| match item {
            Self::Text(text) => Ok(text.clone()),
            _ => Err(refusal()),
        };
        items.iter().map(text).collect()
    }
}
