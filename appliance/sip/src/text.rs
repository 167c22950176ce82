//! Header values as they were written. The stack's own types re-escape URIs (`a%20b` becomes `a%2520b`) and fold cases,
//! so what must go back byte for byte is read here.

use rsipstack::sip::{Header, Headers};

/// All values of a header, in order.
pub(crate) fn values<'a>(headers: &'a Headers, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |header| header.name().eq_ignore_ascii_case(name)).map(Header::value)
}

/// The first value of a header.
pub(crate) fn value<'a>(headers: &'a Headers, name: &'a str) -> Option<&'a str> {
    values(headers, name).next()
}

/// Whether a comma-separated header lists a token, in any case.
pub(crate) fn lists(headers: &Headers, name: &str, token: &str) -> bool {
    values(headers, name).flat_map(|value| split(value, ',')).any(|item| item.eq_ignore_ascii_case(token))
}

/// The parts between separators that stand outside of quotes and angle brackets, trimmed, without empty ones.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped, mut angle) = (Vec::new(), 0, false, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            c if c == separator && !quoted && !angle => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// A name-addr or addr-spec (RFC 3261 §20.10) with its header parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Address<'a> {
    /// Without quotes and escapes.
    pub display_name: String,
    /// As written, without the angle brackets.
    pub uri: &'a str,
    parameters: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Address<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let (display, uri, rest) = match find_outside_quotes(text, '<') {
            Some(open) => {
                let close = open + text[open..].find('>')?;
                (&text[..open], &text[open + 1..close], &text[close + 1..])
            }
            None => {
                let end = text.find(';').unwrap_or(text.len());
                ("", &text[..end], &text[end..])
            }
        };
        let uri = uri.trim();
        if uri.is_empty() || uri.contains(|c: char| c.is_whitespace() || c == '"') {
            return None;
        }
        let parameters = split(rest, ';').into_iter().map(parameter).collect();
        Some(Self { display_name: unquote(display), uri, parameters })
    }

    /// A header parameter by its name in any case. A flag has the value "".
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        let found = self.parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(found.1.unwrap_or(""))
    }
}

fn parameter(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((key, value)) => (key.trim(), Some(value.trim())),
        None => (text, None),
    }
}

/// Parameters after the first `;` of a header such as Via or Session-Expires.
pub(crate) fn header_parameter<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = value.split_once(';')?;
    let found =
        split(rest, ';').into_iter().map(parameter).find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(found.1.unwrap_or(""))
}

fn find_outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == wanted && !quoted => return Some(at),
            _ => {}
        }
        None
    })
}

/// A quoted-string or token as the text that it means.
pub(crate) fn unquote(text: &str) -> String {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('"') else { return text.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        plain.extend(if c == '\\' { characters.next() } else { Some(c) });
    }
    plain
}

/// A `sip:` or `sips:` URI's parts, borrowed as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UriParts<'a> {
    /// Without a password.
    pub user: &'a str,
    /// Without port and without the brackets of IPv6.
    pub host: &'a str,
    pub port: Option<u16>,
    parameters: &'a str,
}

impl<'a> UriParts<'a> {
    pub(crate) fn parse(uri: &'a str) -> Option<Self> {
        let (scheme, rest) = uri.split_once(':')?;
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            return None;
        }
        let rest = rest.split('?').next()?;
        let (user, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (host_port, parameters) = rest.split_once(';').unwrap_or((rest, ""));
        let (host, port) = if let Some(bracketed) = host_port.strip_prefix('[') {
            let (host, after) = bracketed.split_once(']')?;
            (host, after.strip_prefix(':'))
        } else {
            match host_port.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (host_port, None),
            }
        };
        if host.is_empty() {
            return None;
        }
        let port = match port {
            Some(port) => Some(port.parse().ok()?),
            None => None,
        };
        let user = user.split(':').next().unwrap_or("").split(';').next().unwrap_or("");
        Some(Self { user, host, port, parameters })
    }

    /// A URI parameter by its name in any case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        let found =
            self.parameters.split(';').map(parameter).find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(found.1.unwrap_or(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_written() {
        let text = r#""Salle, \"des\" <actes>" <sip:a%20b@10.0.0.1:5062;transport=tls>;expires=300;q=0.5;+sip.instance="<urn:x>""#;
        let address = Address::parse(text).unwrap();
        assert_eq!(address.display_name, r#"Salle, "des" <actes>"#);
        assert_eq!(address.uri, "sip:a%20b@10.0.0.1:5062;transport=tls");
        assert_eq!(address.parameter("Expires"), Some("300"));
        let plain = Address::parse("sip:bob@biloxi.com;tag=1").unwrap();
        assert_eq!((plain.uri, plain.parameter("tag")), ("sip:bob@biloxi.com", Some("1")));
        for nonsense in ["", "<>", "\"open", "<sip:a", "a b"] {
            assert_eq!(Address::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn lists_are_split_outside_of_quotes_and_brackets() {
        assert_eq!(split(r#""a,b" <sip:x,y@z>, <sip:c>,, d"#, ','), [r#""a,b" <sip:x,y@z>"#, "<sip:c>", "d"]);
    }

    #[test]
    fn uris_fall_into_their_parts() {
        let uri = UriParts::parse("sips:1099053523;phone-context=x:pw@[2001:db8::1]:5061;transport=TLS?a=b")
            .unwrap();
        assert_eq!((uri.user, uri.host, uri.port), ("1099053523", "2001:db8::1", Some(5061)));
        assert_eq!(uri.parameter("TRANSPORT"), Some("TLS"));
        assert_eq!(UriParts::parse("sip:host").unwrap().user, "");
        for nonsense in ["tel:+33", "sip:", "sip:a@", "sip:a@h:99999", "x"] {
            assert_eq!(UriParts::parse(nonsense), None, "{nonsense}");
        }
    }
}
