use super::{
    SetupError,
    keys::{self, Kind},
    tree::{Entry, Tree},
};
use crate::settings::Refusal;
use std::collections::{BTreeMap, BTreeSet};

/// What a set-up document answers, key by key, and what is wrong with it. Each reader takes its keys and goes on after a
/// fault, so that all of them are told at once.
#[derive(Default)]
pub(in crate::settings) struct Answers {
    values: BTreeMap<&'static str, Tree>,
    lines: BTreeMap<String, u32>,
    sections: BTreeSet<&'static str>,
    faulty: BTreeSet<String>,
    errors: Vec<SetupError>,
    remarks: Vec<SetupError>,
    /// Lines that could not be read: what was guessed of them is not judged, and nothing is called missing that may
    /// be in them.
    unreadable: BTreeSet<u32>,
}

/// How a document ended: every fault, or what it says with the remarks on it.
pub(super) struct Outcome {
    pub errors: Vec<SetupError>,
    pub remarks: Vec<SetupError>,
    pub lines: BTreeMap<String, u32>,
}

impl Answers {
    pub(super) fn new(document: Tree, syntax: Vec<SetupError>) -> Self {
        // A fault without a line is at the end, behind all others.
        let unreadable = syntax.iter().map(|error| error.line.unwrap_or(u32::MAX)).collect();
        let mut answers = Self { unreadable, errors: syntax, ..Self::default() };
        if let Tree::Table(entries) = document {
            answers.take("", entries);
        }
        answers
    }

    fn take(&mut self, within: &str, entries: Vec<Entry>) {
        for Entry { name, line, value } in entries {
            let path = if within.is_empty() { name } else { format!("{within}.{name}") };
            if let Some(line) = line {
                self.lines.insert(path.clone(), line);
            }
            let section = keys::SECTIONS.iter().find(|(section, _)| *section == path);
            match (section, keys::find(&path), value) {
                (Some((section, _)), _, Tree::Table(entries)) => {
                    self.sections.insert(section);
                    self.take(section, entries);
                }
                (Some((section, label)), ..) => {
                    let what = format!("« {label} » est une rubrique, pas une valeur");
                    self.refuse(&path, Refusal::new(what, format!("Écrivez [{section}] puis ses lignes")));
                }
                (None, Some(key), value) => match fits(key.kind, &value) {
                    Ok(()) => drop(self.values.insert(key.path, value)),
                    Err(refusal) => self.refuse(&path, refusal),
                },
                (None, None, _) => {
                    let near = keys::nearest(&path);
                    // What was meant is not called missing, too.
                    self.faulty.extend(near.map(ToOwned::to_owned));
                    self.refuse(&path, unknown(near));
                }
            }
        }
    }

    /// Whether the document names the key, rightly or wrongly.
    pub(in crate::settings) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key) || self.faulty.contains(key)
    }

    /// Whether the document has the table.
    pub(in crate::settings) fn has_section(&self, section: &str) -> bool {
        self.sections.contains(section)
    }

    /// Says that the key is missing, where it is.
    pub(in crate::settings) fn needs(&mut self, key: &'static str) {
        if !self.has(key) && self.unreadable.is_empty() {
            self.refuse(key, Refusal::missing());
        }
    }

    /// A text that must be there.
    pub(in crate::settings) fn required<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        self.needs(key);
        self.optional(key, parse)
    }

    /// A text that may be there.
    pub(in crate::settings) fn optional<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        let Some(Tree::Text(text)) = self.values.get(key) else { return None };
        let parsed = parse(text);
        parsed.map_err(|refusal| self.refuse(key, refusal)).ok()
    }

    /// Texts that may be there; the ones that are wrong are each told.
    pub(in crate::settings) fn list<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Vec<T> {
        let texts = self.values.get(key).and_then(|list| list.texts().ok()).unwrap_or_default();
        let parsed = texts.iter().map(|text| parse(text));
        parsed.filter_map(|item| item.map_err(|refusal| self.refuse(key, refusal)).ok()).collect()
    }

    /// Texts of which there must be some, `most` at most. None: there are none, or one is wrong, which is told.
    pub(in crate::settings) fn some<T>(
        &mut self,
        key: &'static str,
        most: usize,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Option<Vec<T>> {
        let given = self.values.get(key).and_then(|list| list.texts().ok()).map(|texts| texts.len());
        match given {
            None => self.needs(key),
            Some(0) => self.refuse(key, Refusal::missing()),
            Some(count) if count > most => {
                self.refuse(
                    key,
                    Refusal::new(format!("{count}, c’est trop"), format!("Gardez-en {most} au plus")),
                );
            }
            Some(_) => {}
        }
        let read = self.list(key, parse);
        (given.is_some_and(|given| (1..=most).contains(&given) && given == read.len())).then_some(read)
    }

    /// A number from `least` to `most` that may be there.
    pub(in crate::settings) fn number(&mut self, key: &'static str, least: u16, most: u16) -> Option<u16> {
        let Some(Tree::Number(number)) = self.values.get(key) else { return None };
        let fitting = u16::try_from(*number).ok().filter(|number| (least..=most).contains(number));
        if fitting.is_none() {
            let what = format!("{number} est hors limites");
            self.refuse(key, Refusal::new(what, format!("Choisissez un nombre de {least} à {most}")));
        }
        fitting
    }

    /// Notes a fault.
    pub(in crate::settings) fn refuse(&mut self, key: &str, refusal: Refusal) {
        self.faulty.insert(key.to_owned());
        let error = self.at(key, refusal);
        if error.line.is_none_or(|line| !self.unreadable.contains(&line)) {
            self.errors.push(error);
        }
    }

    /// Notes something to be looked at, which is no fault.
    pub(in crate::settings) fn remark(&mut self, key: &str, refusal: Refusal) {
        let remark = self.at(key, refusal);
        self.remarks.push(remark);
    }

    fn at(&self, key: &str, refusal: Refusal) -> SetupError {
        SetupError { line: line_of(&self.lines, key), key: key.to_owned(), refusal }
    }

    pub(super) fn finish(self) -> Outcome {
        let Self { mut errors, mut remarks, lines, .. } = self;
        for list in [&mut errors, &mut remarks] {
            list.sort_by_key(|error| error.line.unwrap_or(u32::MAX));
        }
        Outcome { errors, remarks, lines }
    }
}

/// The key's line; for one that is missing, its table's.
pub(super) fn line_of(lines: &BTreeMap<String, u32>, key: &str) -> Option<u32> {
    let section = || key.rsplit_once('.').and_then(|(section, _)| lines.get(section));
    lines.get(key).or_else(section).copied()
}

fn fits(kind: Kind, value: &Tree) -> Result<(), Refusal> {
    match (kind, value) {
        (Kind::Text, Tree::Text(_)) | (Kind::Number, Tree::Number(_)) => Ok(()),
        (Kind::List, value) => value.texts().map(drop),
        (Kind::Text, _) => Err(Refusal::new(
            format!("un texte est attendu, pas {}", value.word()),
            "Mettez la valeur entre guillemets",
        )),
        (Kind::Number, _) => Err(Refusal::new(
            format!("un nombre entier est attendu, pas {}", value.word()),
            "Écrivez-le sans guillemets, par exemple 20",
        )),
    }
}

fn unknown(near: Option<&str>) -> Refusal {
    let todo = match near {
        Some(near) if keys::section(near).is_some() => {
            format!("Vouliez-vous écrire [{near}] ? Sinon, retirez-la")
        }
        Some(near) => format!("Vouliez-vous écrire « {near} » ? Sinon, retirez cette ligne"),
        None => "Retirez-la, ou comparez avec le modèle de fichier".to_owned(),
    };
    Refusal::new("cette clé n’existe pas", todo)
}
