use super::Letterhead;
use std::fmt::Write;

/// What mail programs have, whatever they are.
const FONT: &str = "font-family:Arial,Helvetica,sans-serif";

/// A letter, from which its text and its HTML are made.
pub(super) struct Letter {
    pub(super) subject: String,
    pieces: Vec<Piece>,
}

/// A part of it.
pub(super) enum Piece {
    /// A paragraph.
    Text(String),
    /// «Réunion : **Vente DUPONT**».
    Named { label: String, value: String },
    /// Something to be followed.
    Link { label: String, text: String, url: String },
    /// What somebody has written, in lines.
    Message(String),
}

impl Piece {
    pub(super) fn named(label: &str, value: &str) -> Self {
        Self::Named { label: label.to_owned(), value: value.to_owned() }
    }
}

impl Letter {
    /// With the salutation.
    pub(super) fn new(subject: String) -> Self {
        Self { subject, pieces: vec![Piece::Text("Cher Maître, Madame, Monsieur,".to_owned())] }
    }

    pub(super) fn add(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.add(Piece::Text(text.into()));
    }

    pub(super) fn sign(&mut self, name: &str, head: &Letterhead) {
        self.say("Cordialement,");
        self.add(Piece::Message(format!("{name}\n{}", head.office)));
    }

    pub(super) fn text(&self) -> String {
        let paragraphs: Vec<String> =
            self.pieces.iter().map(paragraph).filter(|text| !text.is_empty()).collect();
        paragraphs.join("\n\n") + "\n"
    }

    /// One document without anything from elsewhere. Tables and styles in place: Outlook draws with Word, which knows little else.
    pub(super) fn html(&self, head: &Letterhead) -> String {
        let (accent, service) = (head.accent, escaped(&head.service));
        let rows = self.pieces.iter().fold(String::new(), |mut rows, piece| {
            row(&mut rows, piece, head);
            rows
        });
        format!(
            "<!doctype html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n</head>\n\
             <body style=\"margin:0;padding:0;background-color:#eef1f5\">\n\
             <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" bgcolor=\"#eef1f5\">\n\
             <tr><td align=\"center\" style=\"padding:24px 12px\">\n\
             <table role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" bgcolor=\"#ffffff\" \
             style=\"width:100%;max-width:600px;background-color:#ffffff;border:1px solid #d5dae1\">\n\
             <tr><td bgcolor=\"{accent}\" style=\"padding:18px 28px;background-color:{accent};color:#ffffff;{FONT};font-size:18px;\
             font-weight:bold\">{service}</td></tr>\n\
             <tr><td style=\"padding:12px 28px 20px;color:#1c2430;{FONT};font-size:16px;line-height:24px;\
             word-break:break-word\">\n{rows}</td></tr>\n\
             </table>\n</td></tr>\n</table>\n</body>\n</html>\n",
            escaped(&self.subject)
        )
    }
}

fn paragraph(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Named { label, value } => format!("{label}\u{a0}: {value}"),
        Piece::Link { label, url, .. } => format!("{label}\u{a0}: {url}"),
        Piece::Message(text) => text.trim().replace("\r\n", "\n"),
    }
}

fn row(rows: &mut String, piece: &Piece, head: &Letterhead) {
    let accent = head.accent;
    let written = match piece {
        Piece::Text(text) => writeln!(rows, "<p style=\"margin:16px 0\">{}</p>", unbroken(&escaped(text))),
        Piece::Named { label, value } => writeln!(
            rows,
            "<p style=\"margin:16px 0\">{}\u{a0}: <strong dir=\"auto\">{}</strong></p>",
            escaped(label),
            escaped(value)
        ),
        Piece::Link { label, text, url } => writeln!(
            rows,
            "<p style=\"margin:16px 0\">{}\u{a0}:</p>\n\
             <table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr>\
             <td bgcolor=\"{accent}\" style=\"background-color:{accent};padding:12px 22px\">\
             <a href=\"{url}\" target=\"_blank\" rel=\"noopener\" style=\"color:#ffffff;{FONT};font-size:16px;font-weight:bold;text-decoration:none\">{}</a>\
             </td></tr></table>\n\
             <p style=\"margin:8px 0 16px;font-size:13px;line-height:19px;color:#4a5568;word-break:break-all\">{url}</p>",
            escaped(label),
            escaped(text),
            url = escaped(url)
        ),
        Piece::Message(text) if text.trim().is_empty() => Ok(()),
        Piece::Message(text) => writeln!(
            rows,
            "<p dir=\"auto\" style=\"margin:16px 0\">{}</p>",
            escaped(text.trim()).replace("\r\n", "\n").replace('\n', "<br>\n")
        ),
    };
    written.expect("a string takes whatever is written");
}

/// Days stay on one line: browsers break «09-09-2024» at its hyphens.
fn unbroken(text: &str) -> String {
    let is_day = |word: &str| word.len() == 10 && word.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let kept = |word: &str| match word {
        day if is_day(day) => format!("<span style=\"white-space:nowrap\">{day}</span>"),
        other => other.to_owned(),
    };
    text.split(' ').map(kept).collect::<Vec<_>>().join(" ")
}

/// As text of an element or an attribute; what can be seen nowhere is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\r' | '\t' => safe.push(letter),
            hidden if hidden.is_control() => {}
            other => safe.push(other),
        }
    }
    safe
}
