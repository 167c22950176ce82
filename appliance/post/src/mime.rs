use crate::{CalendarPart, Envelope, Mail, SendError};
use lettre::{
    Address, Message,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType},
    },
};

/// Name of the attachment that programs which know no calendars show.
const ATTACHMENT: &str = "invitation.ics";

impl Mail {
    /// As it goes over the wire (RFC 5322).
    ///
    /// # Errors
    /// [`SendError::Permanent`]: an address is none, the sender's included.
    pub fn formatted(&self, from: &str, envelope: Envelope) -> Result<Vec<u8>, SendError> {
        let from = from.parse().map_err(|_| SendError::Permanent("the sender is no mail address".into()))?;
        Ok(message(self, &from, envelope)?.formatted())
    }
}

/// The mail as it goes over the wire: byte by byte the same at each attempt.
///
/// # Errors
/// [`SendError::Permanent`]: an address is none.
pub(crate) fn message(mail: &Mail, from: &Mailbox, envelope: Envelope) -> Result<Message, SendError> {
    let no_form = |error: lettre::error::Error| {
        SendError::Permanent(format!("the mail has no valid form: {error}").into())
    };
    let mut builder = Message::builder()
        .from(from.clone())
        .to(mailbox(&mail.to, &mail.to_name)?)
        .subject(one_line(&mail.subject))
        .date(envelope.queued_at.into())
        .message_id(Some(message_id(from, envelope)));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to, "")?);
    }
    match &mail.html {
        None => builder.header(ContentType::TEXT_PLAIN).body(mail.text.clone()),
        Some(html) => builder.multipart(parts(mail, html, envelope)),
    }
    .map_err(no_form)
}

/// No other mail's, also after the database was made anew (RFC 5322 §3.6.4); at each attempt the same, so that a mailbox shows a mail
/// once that went out twice.
fn message_id(from: &Mailbox, envelope: Envelope) -> String {
    format!("<{}@{}>", unique(envelope), from.email.domain())
}

fn unique(envelope: Envelope) -> String {
    let micros = envelope.queued_at.unix_timestamp_nanos() / 1000;
    format!("{micros}.{}", envelope.id)
}

/// The best form last (RFC 2046 §5.1.4). Programs that know calendars take the `text/calendar` part, the others show the attachment.
fn parts(mail: &Mail, html: &str, envelope: Envelope) -> MultiPart {
    let bodies = MultiPart::alternative()
        .boundary(boundary(envelope, "bodies"))
        .singlepart(text(ContentType::TEXT_PLAIN, &mail.text))
        .singlepart(text(ContentType::TEXT_HTML, html));
    let Some(CalendarPart { method, ics }) = &mail.calendar else { return bodies };
    let object = SinglePart::builder()
        .header(calendar_type(method))
        .header(ContentTransferEncoding::Base64)
        .body(ics.clone().into_bytes());
    let attachment = Attachment::new(ATTACHMENT.to_owned()).body(ics.clone().into_bytes(), attached_type());
    MultiPart::mixed()
        .boundary(boundary(envelope, "whole"))
        .multipart(bodies.singlepart(object))
        .singlepart(attachment)
}

/// Quoted-printable, whatever the text: a boundary begins with what cannot be in it (RFC 2045 §6.7 (5), RFC 2046 §5.1.1).
fn text(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(text.to_owned())
}

fn boundary(envelope: Envelope, part: &str) -> String {
    format!("=_{}.{part}", unique(envelope))
}

/// RFC 6047 §2.4.
fn calendar_type(method: &str) -> ContentType {
    let kind = format!("text/calendar; method={method}; charset=utf-8");
    ContentType::parse(&kind).unwrap_or(ContentType::TEXT_PLAIN)
}

fn attached_type() -> ContentType {
    ContentType::parse("application/ics; name=\"invitation.ics\"").unwrap_or(ContentType::TEXT_PLAIN)
}

fn mailbox(address: &str, name: &str) -> Result<Mailbox, SendError> {
    let address: Address =
        address.trim().parse().map_err(|_| SendError::Permanent("not a mail address".into()))?;
    let name = one_line(name);
    Ok(Mailbox::new(Some(name).filter(|name| !name.is_empty()), address))
}

/// What is in a header is one line, or it would be several headers.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_control() || c == ' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
