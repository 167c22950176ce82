//! Messages that we write. Values that came from a peer go back as they came.

use crate::text;
use rsipstack::sip::{
    CSeq, CallId, Contact, ContentLength, From, Header, Headers, Request, Response, StatusCode, To, Version,
    Via,
};

/// A body with its type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Body {
    pub content_type: &'static str,
    pub text: String,
}

impl Body {
    pub(crate) fn sdp(text: String) -> Self {
        Self { content_type: "application/sdp", text }
    }
}

/// A header; those that the stack itself reads must be of its own kinds.
pub(crate) fn header(name: &str, value: impl Into<String>) -> Header {
    let value = value.into();
    match name {
        "Via" => Header::Via(Via::new(value)),
        "From" => Header::From(From::new(value)),
        "To" => Header::To(To::new(value)),
        "Call-ID" => Header::CallId(CallId::new(value)),
        "CSeq" => Header::CSeq(CSeq::new(value)),
        "Contact" => Header::Contact(Contact::new(value)),
        _ => Header::Other(name.to_owned(), value),
    }
}

/// A response (RFC 3261 §8.2.6). `to_tag` goes into To where the request has none there.
pub(crate) fn response(
    request: &Request,
    code: u16,
    to_tag: Option<&str>,
    server: &str,
    extra: Vec<Header>,
    body: Option<Body>,
) -> Response {
    let mut headers = Headers::default();
    for kept in request.headers.iter() {
        match kept {
            Header::To(to) => {
                let tagged = text::Address::parse(to.value()).is_some_and(|to| to.parameter("tag").is_some());
                headers.push(match to_tag {
                    Some(tag) if !tagged => header("To", format!("{};tag={tag}", to.value())),
                    _ => kept.clone(),
                });
            }
            Header::Via(_) | Header::From(_) | Header::CallId(_) | Header::CSeq(_) => {
                headers.push(kept.clone())
            }
            Header::Timestamp(_) if code == 100 => headers.push(kept.clone()),
            _ => {}
        }
    }
    headers.extend(extra);
    headers.push(header("Server", server));
    finish(&mut headers, body.as_ref());
    let body = body.map(|body| body.text.into_bytes()).unwrap_or_default();
    Response { status_code: status(code), wire_reason: None, version: Version::V2, headers, body }
}

/// Content-Type and Content-Length.
pub(super) fn finish(headers: &mut Headers, body: Option<&Body>) {
    let length = body.map_or(0, |body| body.text.len());
    if let Some(body) = body {
        headers.push(header("Content-Type", body.content_type));
    }
    headers.push(Header::ContentLength(ContentLength::new(length.to_string())));
}

fn status(code: u16) -> StatusCode {
    match code {
        422 => StatusCode::Other(422, "Session Interval Too Small".to_owned()),
        code => StatusCode::from(code),
    }
}
