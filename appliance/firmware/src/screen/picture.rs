use super::{
    facts::{Facts, Step, Work},
    qr,
};
use std::net::IpAddr;

/// Between the text and the QR code.
const GAP: usize = 2;
/// The narrowest column that text is put into.
const NARROWEST: usize = 34;

/// The screen's lines, of at most `columns` signs, at most `rows` of them. The QR code stands beside what the box does, or is left
/// out where it does not fit whole: half of one cannot be read. What is new stands below, in the whole width.
pub(super) fn of(facts: &Facts, columns: usize, rows: usize) -> Vec<String> {
    let head = head(facts, columns);
    let news: Vec<_> = news(facts).iter().flat_map(|line| wrapped(line, columns)).collect();
    let code = link(facts).and_then(|link| qr::of(&link)).unwrap_or_default();
    let width = code.first().map_or(0, |line| line.chars().count());
    let fits = columns >= width + GAP + NARROWEST && head.len() + code.len() + news.len() <= rows;
    let body =
        if fits && width > 0 { beside(facts, &code, columns - width - GAP) } else { alone(facts, columns) };
    let mut lines = [head, body, news].concat();
    lines.truncate(rows);
    lines
}

fn alone(facts: &Facts, columns: usize) -> Vec<String> {
    body(facts).iter().flat_map(|line| wrapped(line, columns)).collect()
}

fn beside(facts: &Facts, code: &[String], columns: usize) -> Vec<String> {
    let text = alone(facts, columns);
    let line = |row: usize| {
        let said = text.get(row).map_or("", String::as_str);
        let Some(drawn) = code.get(row) else { return said.to_owned() };
        format!("{said}{}{drawn}", " ".repeat((columns + GAP).saturating_sub(said.chars().count())))
    };
    (0..text.len().max(code.len())).map(line).collect()
}

fn head(facts: &Facts, columns: usize) -> Vec<String> {
    let name = facts.office.as_deref().unwrap_or("Boîte sans réglages");
    let version = facts.version.as_deref().map_or_else(String::new, |version| format!("version {version}"));
    let left = format!("TABELLION   {name}");
    let space = columns.saturating_sub(left.chars().count() + version.chars().count());
    let first: String = format!("{left}{}{version}", " ".repeat(space)).chars().take(columns).collect();
    vec![first, "─".repeat(columns)]
}

fn body(facts: &Facts) -> Vec<String> {
    let mut lines = match &facts.work {
        Work::Starting => vec!["Démarrage en cours…".to_owned()],
        Work::Serving => serving(facts),
        Work::ToSetUp(code) => to_set_up(facts, code),
        Work::ToConfirm(code) => to_confirm(facts, code),
    };
    if facts.address.is_none() {
        lines.push(String::new());
        lines.push(
            "Aucun réseau : branchez le câble. Sans réglages, le réseau doit donner une adresse (DHCP)."
                .to_owned(),
        );
    }
    lines
}

fn serving(facts: &Facts) -> Vec<String> {
    let mut lines = vec!["En service".to_owned(), String::new()];
    let name = facts.public_name.as_ref().map(|name| format!("https://{name}{}", port(facts)));
    lines.extend(name.into_iter().chain(url(facts)).map(|url| format!("  {url}")));
    if let Some(host) = &facts.host {
        lines.extend([String::new(), format!("Nom de la boîte : {host}")]);
    }
    let more: Vec<_> = facts.more_addresses.iter().map(ToString::to_string).collect();
    if !more.is_empty() {
        lines.push(format!("Autres adresses : {}", more.join(", ")));
    }
    lines
}

fn to_set_up(facts: &Facts, code: &str) -> Vec<String> {
    let mut lines = vec!["Cette boîte attend sa mise en service.".to_owned(), String::new()];
    if let Some(url) = url(facts) {
        lines.extend([
            "D’un ordinateur du même réseau, ouvrez :".to_owned(),
            String::new(),
            format!("  {url}/installation"),
            String::new(),
            "et saisissez ce code :".to_owned(),
            String::new(),
            format!("  {code}"),
            String::new(),
            "ou scannez le code QR. Le navigateur ne connaît pas encore le certificat : continuez."
                .to_owned(),
        ]);
    }
    lines
}

fn to_confirm(facts: &Facts, code: &str) -> Vec<String> {
    let mut lines = vec!["Réglages à l’essai.".to_owned(), String::new()];
    match url(facts) {
        Some(url) => lines.extend([
            "Pour les confirmer, ouvrez :".to_owned(),
            String::new(),
            format!("  {url}/installation"),
            String::new(),
            format!("avec le code {code}"),
            String::new(),
            "Sans confirmation dans la minute, ils sont annulés.".to_owned(),
        ]),
        None => lines.push("Sans réseau, ils sont annulés dans la minute.".to_owned()),
    }
    lines
}

fn news(facts: &Facts) -> Vec<String> {
    let mut news = Vec::new();
    if !facts.faults.is_empty() && facts.work != Work::Serving {
        news.push("Le fichier de mise en service n’est pas appliqué :".to_owned());
        news.extend(facts.faults.clone());
    }
    match facts.update.step {
        Some(Step::Fetching) => news.push("Mise à jour : réception en cours".to_owned()),
        Some(Step::Installing) => {
            news.push("Mise à jour : installation en cours. N’éteignez pas.".to_owned())
        }
        Some(Step::Installed) => news.push("Mise à jour : installée, au prochain démarrage".to_owned()),
        None => {}
    }
    news.extend(facts.update.trial.iter().map(|version| format!("Version {version} à l’essai")));
    let undone = facts.update.undone.iter();
    news.extend(undone.map(|(version, reason)| format!("Mise à jour {version} annulée : {reason}")));
    if !facts.failing.is_empty() {
        news.push(format!("Contrôles en échec : {}", facts.failing.join(", ")));
    }
    if !news.is_empty() {
        news.insert(0, String::new());
    }
    news
}

/// What the QR code holds: behind the #, so that the code is sent to nobody and is in no log.
fn link(facts: &Facts) -> Option<String> {
    match &facts.work {
        Work::ToSetUp(code) | Work::ToConfirm(code) => Some(format!("{}/installation#{code}", url(facts)?)),
        Work::Starting | Work::Serving => None,
    }
}

fn url(facts: &Facts) -> Option<String> {
    let host = match facts.address? {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    };
    Some(format!("https://{host}{}", port(facts)))
}

fn port(facts: &Facts) -> String {
    facts.https_port.filter(|port| *port != 443).map_or_else(String::new, |port| format!(":{port}"))
}

/// The words of a line in as many as it needs; its indentation stays.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let indent: String = line.chars().take_while(|sign| *sign == ' ').collect();
    let mut lines = vec![indent.clone()];
    for word in line.split_whitespace() {
        let last = lines.last().map_or(0, |last| last.chars().count());
        let fresh = last == indent.chars().count();
        if !fresh && last + 1 + word.chars().count() > width {
            lines.push(indent.clone());
        }
        if let Some(last) = lines.last_mut() {
            if last.chars().count() > indent.chars().count() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::facts::Update;

    fn to_be_set_up() -> Facts {
        Facts {
            version: Some("0.1.0".to_owned()),
            address: Some(IpAddr::from([192, 168, 100, 200])),
            work: Work::ToSetUp("K7QF-2MXP".to_owned()),
            ..Facts::default()
        }
    }

    #[test]
    fn a_new_box_shows_where_it_is_set_up_and_with_which_code() {
        let lines = of(&to_be_set_up(), 80, 25);
        assert!(lines.len() <= 25 && lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
        let text = lines.join("\n");
        assert!(
            text.contains("https://192.168.100.200/installation ") && text.contains("  K7QF-2MXP "),
            "{text}"
        );
        assert!(text.contains("version 0.1.0"));
        let code: Vec<_> = lines.iter().skip(2).map(|line| line.chars().skip(41).collect()).collect();
        assert_eq!(qr::tests::read(&code), "https://192.168.100.200/installation#K7QF-2MXP");
    }

    #[test]
    fn a_screen_that_is_too_small_shows_the_text_alone() {
        for (columns, rows) in [(40, 25), (80, 12), (10, 3)] {
            let lines = of(&to_be_set_up(), columns, rows);
            assert!(lines.len() <= rows && !lines.concat().contains('█'), "{lines:#?}");
        }
    }

    #[test]
    fn without_a_network_it_says_so_instead_of_naming_an_address() {
        let text = of(&Facts { address: None, ..to_be_set_up() }, 80, 25).join(" ");
        assert!(
            text.contains("branchez le câble") && !text.contains("https://") && !text.contains('█'),
            "{text}"
        );
    }

    #[test]
    fn a_serving_box_shows_its_names_and_why_an_update_was_undone() {
        let reason = "les pages ne répondent pas.".to_owned();
        let facts = Facts {
            office: Some("Office Notarial de la Place".to_owned()),
            public_name: Some("visio.office.fr".to_owned()),
            https_port: Some(8443),
            work: Work::Serving,
            update: Update { undone: vec![("0.2.0".to_owned(), reason)], ..Update::default() },
            failing: vec!["sip".to_owned()],
            ..to_be_set_up()
        };
        let text = of(&facts, 80, 25).join("\n");
        for told in [
            "Office Notarial de la Place",
            "En service",
            "https://visio.office.fr:8443",
            "https://192.168.100.200:8443",
            "Mise à jour 0.2.0 annulée : les pages ne répondent pas.",
            "Contrôles en échec : sip",
        ] {
            assert!(text.contains(told), "{told} in\n{text}");
        }
        assert!(!text.contains("K7QF"), "the code is gone");
    }

    #[test]
    fn faults_of_a_set_up_file_are_told_line_by_line() {
        let faults =
            vec!["Ligne 3, office › code CRPCEN (office.crpen) : cette clé n’existe pas.".to_owned()];
        let facts = Facts { faults, ..to_be_set_up() };
        let text = of(&facts, 80, 25).join("\n");
        assert!(text.contains("n’est pas appliqué :\nLigne 3, office") && text.contains('█'), "{text}");
        let faults = vec![facts.faults[0].clone(); 5];
        let many = of(&Facts { faults, ..facts }, 80, 25).join("\n");
        assert!(
            many.matches("Ligne 3").count() == 5 && !many.contains('█') && many.contains("K7QF-2MXP"),
            "{many}"
        );
    }
}
