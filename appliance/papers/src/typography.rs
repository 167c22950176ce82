//! How French is set, and how dates, hours and numbers are written (Lexique des règles typographiques en usage à
//! l'Imprimerie nationale; `14h00` as in the guide).

use time::{Date, Duration, OffsetDateTime};

/// Never broken at: before `:` and within guillemets.
const NO_BREAK: char = '\u{a0}';
/// Never broken at, and narrower: before `;`, `!` and `?`, and between thousands.
const NARROW: char = '\u{202f}';

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A sentence with the spaces and apostrophes that French wants: plain spaces beside `:`, `;`, `!`, `?` and guillemets
/// become no-break ones, straight apostrophes curly ones.
pub(crate) fn french(text: &str) -> String {
    let mut set = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        set.push(match (letter, letters.peek()) {
            (' ', Some(':' | '»')) => NO_BREAK,
            (' ', Some(';' | '!' | '?')) => NARROW,
            (' ', _) if set.ends_with('«') => NO_BREAK,
            ('\'', _) => '’',
            (other, _) => other,
        });
    }
    set
}

/// «25 novembre 2026».
pub(crate) fn date(date: Date) -> String {
    let day = if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
    format!("{day}{NO_BREAK}{} {}", MONTHS[usize::from(u8::from(date.month())) - 1], date.year())
}

/// «14h05».
pub(crate) fn hour(at: OffsetDateTime) -> String {
    format!("{:02}h{:02}", at.hour(), at.minute())
}

/// «14h05», or «14h05 le 26 novembre 2026» on another day than this one.
pub(crate) fn hour_on(day: Date, at: OffsetDateTime) -> String {
    if at.date() == day { hour(at) } else { format!("{} le {}", hour(at), date(at.date())) }
}

/// «25 novembre 2026, de 14h00 à 15h30».
pub(crate) fn period(from: OffsetDateTime, until: OffsetDateTime) -> String {
    let day = from.date();
    format!("{}, de {} à {}", date(day), hour(from), hour_on(day, until))
}

/// «1 h 02 min», «2 min 10 s», «28 s»: the two largest units that count.
pub(crate) fn duration(length: Duration) -> String {
    let seconds = length.whole_seconds().max(0);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}{NO_BREAK}s"),
        (0, _) => format!("{minutes}{NO_BREAK}min {seconds:02}{NO_BREAK}s"),
        _ => format!("{hours}{NO_BREAK}h {minutes:02}{NO_BREAK}min"),
    }
}

/// «12 345».
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(NARROW);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    #[test]
    fn a_sentence_gets_the_spaces_and_apostrophes_of_french() {
        let typed = "L'office : « Étude » ; vrai ? Oui ! À 14h00, rien d'autre";
        let set =
            "L’office\u{a0}: «\u{a0}Étude\u{a0}»\u{202f}; vrai\u{202f}? Oui\u{202f}! À 14h00, rien d’autre";
        assert_eq!(french(typed), set);
        assert_eq!(french(set), set, "what is set already stays");
        assert_eq!(french("https://a.fr/?x=1"), "https://a.fr/?x=1");
    }

    #[test]
    fn days_and_hours_are_written_out() {
        assert_eq!(super::date(date!(2026 - 11 - 25)), "25\u{a0}novembre 2026");
        assert_eq!(super::date(date!(2027 - 08 - 01)), "1er\u{a0}août 2027");
        let (from, until) = (datetime!(2026-11-25 23:05 +1), datetime!(2026-11-26 0:10 +1));
        assert_eq!(period(from, from), "25\u{a0}novembre 2026, de 23h05 à 23h05");
        assert_eq!(period(from, until), "25\u{a0}novembre 2026, de 23h05 à 00h10 le 26\u{a0}novembre 2026");
    }

    #[test]
    fn numbers_and_lengths_are_grouped() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(12_345), "12\u{202f}345");
        assert_eq!(thousands(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(duration(Duration::seconds(28)), "28\u{a0}s");
        assert_eq!(duration(Duration::seconds(130)), "2\u{a0}min 10\u{a0}s");
        assert_eq!(duration(Duration::seconds(3723)), "1\u{a0}h 02\u{a0}min");
        assert_eq!(duration(Duration::seconds(-1)), "0\u{a0}s", "a clock that was set back");
    }
}
