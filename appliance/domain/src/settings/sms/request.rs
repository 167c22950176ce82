use super::template::{DIGITS, NUMBER, SECRET, SmsPart, SmsWords, TEXT};
use crate::settings::{Refusal, Secret, certificate, setup::Answers};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Characters of a URL, of a body, of all headers. No service needs more.
const LONGEST: usize = 2_000;

/// The request that a service takes an SMS by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmsRequest {
    /// `https://…`, or `http://` and an address of the office's own network. May hold words in braces ([`SmsWords`]).
    pub url: String,
    /// How it is asked.
    pub method: SmsMethod,
    /// Name and value of each header. Values may hold words in braces.
    pub headers: Vec<(String, String)>,
    /// What is sent along, with words in braces; empty for [`SmsMethod::Get`].
    pub body: String,
    /// What [`Self::body`] is.
    pub format: SmsFormat,
    /// What the service knows the office by: the word `{secret}`.
    pub secret: Option<Secret>,
    /// What an answer holds that says yes, beside its status 2xx, where the service says no with such a status, too.
    pub accepted: Option<String>,
    /// PEM of the authority that vouches for the service, where it is none of the public ones.
    pub authority_pem: Option<String>,
}

/// How a service is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsMethod {
    /// With a body.
    Post,
    /// All is in the URL.
    Get,
}

/// What a request's body is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsFormat {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl SmsFormat {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }

    /// What its words are escaped for.
    #[must_use]
    pub fn part(self) -> SmsPart {
        match self {
            Self::Json => SmsPart::Json,
            Self::Form => SmsPart::Encoded,
        }
    }
}

impl SmsRequest {
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        let url = answers.required("sms.url", url);
        let method = answers.optional("sms.method", method).unwrap_or(SmsMethod::Post);
        let format = answers.optional("sms.format", format).unwrap_or(SmsFormat::Json);
        let headers = answers.optional("sms.headers", headers).unwrap_or_default();
        let body = match method {
            SmsMethod::Post => answers.required("sms.body", body),
            SmsMethod::Get => without_body(answers),
        };
        let secret = answers.optional("sms.secret", secret);
        let accepted = answers.optional("sms.accepted", crate::settings::line);
        let authority_pem = answers.optional("sms.authority", certificate::chain);
        let request =
            Self { url: url?, method, headers, body: body?, format, secret, accepted, authority_pem };
        request.words_are_there(answers);
        request.is_json(answers);
        request.is_told_in_clear(answers);
        Some(request)
    }

    /// Everything that words are put into.
    fn templates(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(_, value)| value.as_str()).chain([self.url.as_str(), self.body.as_str()])
    }

    fn words_are_there(&self, answers: &mut Answers) {
        let place = match self.method {
            SmsMethod::Post => "sms.body",
            SmsMethod::Get => "sms.url",
        };
        let holds =
            |words: &[&str]| self.templates().any(|text| words.iter().any(|word| text.contains(word)));
        if !holds(&[NUMBER, DIGITS]) {
            let todo =
                "Écrivez {number} (+33612345678) ou {digits} (33612345678) là où le service attend le numéro";
            answers.refuse(place, Refusal::new("le numéro du destinataire manque", todo));
        }
        if !holds(&[TEXT]) {
            let todo = "Écrivez {text} là où le service attend le texte du SMS";
            answers.refuse(place, Refusal::new("le texte du SMS manque", todo));
        }
        match (holds(&[SECRET]), &self.secret) {
            (true, None) => answers.needs("sms.secret"),
            (false, Some(_)) => {
                let todo =
                    "Écrivez {secret} à sa place dans l’adresse, les en-têtes ou le corps, ou retirez-le";
                answers.refuse("sms.secret", Refusal::new("ce secret n’est pas utilisé", todo));
            }
            _ => {}
        }
    }

    /// A template that is no JSON with the plainest of words is none with others.
    fn is_json(&self, answers: &mut Answers) {
        if self.method != SmsMethod::Post || self.format != SmsFormat::Json {
            return;
        }
        let words = SmsWords { number: "+33600000000", text: "-", secret: "-" };
        let filled = words.fill(&self.body, SmsPart::Json);
        if let Err(error) = serde_json::from_str::<serde_json::Value>(&filled) {
            let what = format!("ce corps n’est pas du JSON (ligne {})", error.line());
            let todo = "Mettez les textes entre guillemets, par exemple {\"to\": \"{number}\", \"message\": \"{text}\"}";
            answers.refuse("sms.body", Refusal::new(what, todo));
        }
    }

    fn is_told_in_clear(&self, answers: &mut Answers) {
        if self.url.starts_with("http://") {
            let todo = "Préférez une adresse en https:// si le service en a une";
            answers.remark(
                "sms.url",
                Refusal::new("les codes passeront en clair sur le réseau de l’office", todo),
            );
        }
    }
}

/// The server's part stands as it is: a word there would let a text choose whom the secret is told.
fn url(text: &str) -> Result<String, Refusal> {
    let refusal = |what: String| {
        Refusal::new(what, "Écrivez une adresse comme https://api.exemple.fr/sms, sans espace")
    };
    let no_address = || refusal(format!("« {text} » n’est pas l’adresse d’un service de SMS"));
    let (scheme, rest) = text.trim().split_once("://").ok_or_else(no_address)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let plain =
        |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'<' | b'>' | b'#' | b'^' | b'`' | b'|');
    if rest.len() > LONGEST || !path.bytes().all(plain) {
        return Err(no_address());
    }
    let (host, port) = host_and_port(authority).ok_or_else(no_address)?;
    match scheme.to_ascii_lowercase().as_str() {
        "https" => {}
        "http" if host.trim_matches(['[', ']']).parse().is_ok_and(is_of_the_office) => {}
        "http" => {
            let todo = "Écrivez https://, ou l’adresse IP d’un appareil du réseau de l’office";
            return Err(Refusal::new("les codes passeraient en clair hors de l’office", todo));
        }
        _ => return Err(no_address()),
    }
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}{path}", scheme.to_ascii_lowercase()))
}

fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let bracket = authority.rfind(']');
    let (host, port) = match authority.rfind(':').filter(|at| bracket.is_none_or(|bracket| *at > bracket)) {
        Some(at) => (&authority[..at], Some(&authority[at + 1..])),
        None => (authority, None),
    };
    let port = match port {
        Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port > 0)?),
        None => None,
    };
    let host = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => format!("[{}]", address.parse::<std::net::Ipv6Addr>().ok()?),
        None => crate::settings::Server::new(host).ok().filter(|_| bracket.is_none())?.to_string(),
    };
    Some((host, port))
}

/// RFC 1918, RFC 4193, RFC 3927 and loopback: what no router carries out of the house.
fn is_of_the_office(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
        }
    }
}

fn method(text: &str) -> Result<SmsMethod, Refusal> {
    match text.trim().to_ascii_lowercase().as_str() {
        "post" => Ok(SmsMethod::Post),
        "get" => Ok(SmsMethod::Get),
        other => Err(Refusal::new(
            format!("« {other} » n’est pas une méthode connue"),
            "Écrivez « post » ou « get »",
        )),
    }
}

fn format(text: &str) -> Result<SmsFormat, Refusal> {
    match text.trim() {
        "json" => Ok(SmsFormat::Json),
        "form" => Ok(SmsFormat::Form),
        other => Err(Refusal::new(
            format!("« {other} » n’est pas un format connu"),
            "Écrivez « json » ou « form »",
        )),
    }
}

/// A header a line (RFC 9110 §5.1, §5.5).
fn headers(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    /// What the box writes by itself.
    const OURS: [&str; 6] =
        ["host", "content-length", "content-type", "connection", "transfer-encoding", "upgrade"];
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if text.len() > LONGEST {
        return Err(Refusal::new(
            "ces en-têtes sont trop longs",
            format!("Gardez {LONGEST} caractères au plus"),
        ));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let parts = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
            match parts {
                Some((name, _)) if OURS.contains(&name.to_ascii_lowercase().as_str()) => Err(Refusal::new(
                    format!("la boîte écrit elle-même l’en-tête « {name} »"),
                    "Retirez cette ligne",
                )),
                Some((name, value))
                    if !name.is_empty()
                        && name.chars().all(token)
                        && value.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) =>
                {
                    // The text has line breaks where its author wrote some: it is for a body or a URL.
                    match value.contains(TEXT) {
                        true => Err(Refusal::new(
                            "le texte du SMS ne peut pas être dans un en-tête",
                            "Mettez-le dans le corps",
                        )),
                        false => Ok((name.to_owned(), value.to_owned())),
                    }
                }
                _ => Err(Refusal::new(
                    "une de ces lignes n’est pas un en-tête HTTP",
                    "Écrivez un en-tête par ligne, par exemple Authorization: Bearer {secret}",
                )),
            }
        })
        .collect()
}

fn body(text: &str) -> Result<String, Refusal> {
    if text.len() <= LONGEST && !text.contains('\0') {
        return Ok(text.trim().to_owned());
    }
    Err(Refusal::new("ce corps est trop long", format!("Gardez {LONGEST} caractères au plus")))
}

fn without_body(answers: &mut Answers) -> Option<String> {
    if answers.has("sms.body") {
        let todo = "Mettez tout dans l’adresse, ou choisissez « post »";
        answers.refuse("sms.body", Refusal::new("une requête « get » n’a pas de corps", todo));
        return None;
    }
    Some(String::new())
}

/// It may stand in a header.
fn secret(text: &str) -> Result<Secret, Refusal> {
    if (1..=500).contains(&text.len()) && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return Ok(Secret::new(text));
    }
    let todo = "Recopiez-le sur une seule ligne, sans accent";
    Err(Refusal::new("ce secret ne peut pas être lu", todo))
}
