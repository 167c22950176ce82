//! The demonstration's mails and SMS, shown instead of being sent.

use crate::{error::ApiError, extract::Path, state::AppState};
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse},
    routing::get,
};
use serde::Serialize;
use tabellion_store::{DemonstrationMessage, MessageKind};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// All that would have been sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct Messages {
    /// Newest first, a hundred at most.
    messages: Vec<MessageView>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageView {
    /// Its number.
    id: i64,
    /// `mail` or `sms`.
    kind: String,
    /// To whom.
    to: String,
    /// Of a mail.
    subject: Option<String>,
    /// The text.
    text: String,
    /// When, RFC 3339, UTC.
    at: String,
}

fn view(message: DemonstrationMessage) -> MessageView {
    MessageView {
        id: message.id,
        kind: message.kind.word().to_owned(),
        to: message.recipient,
        subject: message.subject,
        text: message.text,
        at: message.at.format(&Rfc3339).unwrap_or_default(),
    }
}

/// Mails and SMS of the demonstration.
#[utoipa::path(get, path = "/api/demonstration/messages", responses((status = 200, body = Messages)))]
pub(crate) async fn messages(State(state): State<AppState>) -> Result<Json<Messages>, ApiError> {
    let shown = state.store.shown_messages().await?;
    Ok(Json(Messages { messages: shown.into_iter().map(view).collect() }))
}

/// The page, where there is a demonstration.
pub(crate) fn page(state: &AppState) -> Router<AppState> {
    if !state.config.demonstration {
        return Router::new();
    }
    let style =
        || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("demonstration.css")) };
    Router::new()
        .route("/demonstration", get(show))
        .route("/demonstration/courriels/{id}", get(show_mail))
        .route("/demonstration/courriels/{id}/corps", get(body))
        .route("/demonstration/courriels/{id}/invitation.ics", get(calendar))
        .route("/demonstration.css", get(style))
}

/// The page around a mail's HTML: it may frame what is the box's own.
const AROUND: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A mail's HTML, as careful mail programs show it: its own styles, and nothing else. What is followed opens elsewhere.
const MAIL: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; \
                    sandbox allow-popups allow-popups-to-escape-sandbox";

/// One mail, as a mail program shows it.
async fn show_mail(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, ApiError> {
    let message = message(&state, id).await?;
    let subject = message.subject.as_deref().map(escaped).unwrap_or_default();
    let attached = message.calendar.map(|_| {
        format!("<p><a href=\"/demonstration/courriels/{id}/invitation.ics\" download>invitation.ics</a></p>")
    });
    let html = format!(
        "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>{subject}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/demonstration.css\"></head>\
         <body><header><p><a href=\"/demonstration\">Messages de la démonstration</a></p><h1>{subject}</h1>\
         <p>à {}</p></header><main>{}<iframe title=\"{subject}\" src=\"/demonstration/courriels/{id}/corps\" \
         sandbox=\"allow-popups allow-popups-to-escape-sandbox\"></iframe></main></body></html>\n",
        escaped(&message.recipient),
        attached.unwrap_or_default()
    );
    Ok(([(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, AROUND)], Html(html)))
}

async fn body(State(state): State<AppState>, Path(id): Path<i64>) -> Result<impl IntoResponse, ApiError> {
    let message = message(&state, id).await?;
    let html = message.html.unwrap_or_else(|| format!("<pre>{}</pre>", escaped(&message.text)));
    Ok(([(header::CACHE_CONTROL, "no-store"), (header::CONTENT_SECURITY_POLICY, MAIL)], Html(html)))
}

async fn calendar(State(state): State<AppState>, Path(id): Path<i64>) -> Result<impl IntoResponse, ApiError> {
    let calendar = message(&state, id).await?.calendar.ok_or_else(gone)?;
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], calendar))
}

async fn message(state: &AppState, id: i64) -> Result<DemonstrationMessage, ApiError> {
    state.store.shown_message(id).await?.ok_or_else(gone)
}

fn gone() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "unknown", "Ce message n’existe pas.")
}

/// Asks again by itself: a code is there a moment after it was asked for.
async fn show(State(state): State<AppState>) -> Result<impl IntoResponse, ApiError> {
    let now = state.clock.now();
    let shown = state.store.shown_messages().await?;
    let rows: String = shown.iter().map(|message| row(message, now)).collect();
    let body = if rows.is_empty() { "<p>Aucun message pour l’instant.</p>".to_owned() } else { rows };
    let html = format!(
        "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Messages de la démonstration</title>\
         <meta http-equiv=\"refresh\" content=\"3\"><meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"stylesheet\" href=\"/demonstration.css\"></head>\
         <body><header><h1>Messages de la démonstration</h1>\
         <p>Les courriels et les SMS sont affichés ici au lieu d’être envoyés.</p></header><main>{body}</main></body></html>\n"
    );
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(html)))
}

fn row(message: &DemonstrationMessage, now: OffsetDateTime) -> String {
    let kind = match message.kind {
        MessageKind::Mail => "Courriel",
        MessageKind::Sms => "SMS",
    };
    let subject = message.subject.as_deref().map(|subject| format!("<h2>{}</h2>", escaped(subject)));
    let shown = message.html.as_ref().map(|_| {
        format!("<p><a href=\"/demonstration/courriels/{}\">Afficher le courriel</a></p>", message.id)
    });
    format!(
        "<article><header><strong>{kind}</strong><span>à {}</span><time>{}</time></header>{}<p>{}</p>{}</article>",
        escaped(&message.recipient),
        ago(now - message.at),
        subject.unwrap_or_default(),
        with_codes_marked(&escaped(&message.text)),
        shown.unwrap_or_default()
    )
}

fn ago(age: Duration) -> String {
    match age.whole_seconds() {
        ..60 => "à l’instant".to_owned(),
        seconds @ 60..3600 => format!("il y a {} min", seconds / 60),
        seconds => format!("il y a {} h", seconds / 3600),
    }
}

/// Six digits that stand alone are what the reader came for.
fn with_codes_marked(text: &str) -> String {
    let mark = |word: &str| {
        let digits = word.trim_end_matches(['.', ',']);
        let code = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
        if code { format!("<mark>{digits}</mark>{}", &word[digits.len()..]) } else { word.to_owned() }
    };
    text.split(' ').map(mark).collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestBox;
    use tabellion_domain::Clock;
    use tabellion_store::MailParts;

    #[test]
    fn what_is_shown_is_text_and_no_markup() {
        assert_eq!(escaped("<b>\"a\" & b"), "&lt;b&gt;&quot;a&quot; &amp; b");
    }

    #[test]
    fn codes_are_seen_at_a_glance() {
        assert_eq!(
            with_codes_marked("Votre code : 123456. 1234567"),
            "Votre code : <mark>123456</mark>. 1234567"
        );
        assert_eq!(ago(Duration::seconds(59)), "à l’instant");
        assert_eq!(ago(Duration::seconds(150)), "il y a 2 min");
        assert_eq!(ago(Duration::hours(3)), "il y a 3 h");
    }

    #[tokio::test]
    async fn the_page_shows_what_would_have_been_sent_newest_first() {
        let test = TestBox::new().await;
        let store = &test.state.store;
        let (to, at) = ("a<b@office.test".to_owned(), test.clock.now());
        store.show_message(MessageKind::Mail, to, Some("Sujet".into()), "Bonjour".into(), at).await.unwrap();
        store.show_message(MessageKind::Sms, "+336".into(), None, "Code : 123456.".into(), at).await.unwrap();
        let page = test.browser().get("/demonstration").await;
        assert_eq!(
            (page.status, &page.headers[header::CACHE_CONTROL]),
            (StatusCode::OK, &"no-store".parse().unwrap())
        );
        let (sms, mail) =
            (page.text.find("<mark>123456</mark>").unwrap(), page.text.find("a&lt;b@office.test").unwrap());
        assert!(sms < mail && !page.text.contains("<b@"));
        let style = test.browser().get("/demonstration.css").await;
        assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let messages = test.browser().get("/api/demonstration/messages").await.is(StatusCode::OK);
        assert_eq!(
            (&messages["messages"][0]["kind"], &messages["messages"][1]["subject"]),
            (&"sms".into(), &"Sujet".into())
        );
    }

    #[tokio::test]
    async fn a_mail_of_html_is_shown_as_one_where_nothing_in_it_acts() {
        let test = TestBox::new().await;
        let parts = MailParts {
            html: Some("<p style=\"color:#123456\">Bonjour</p>".to_owned()),
            calendar: Some("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned()),
        };
        let (to, subject, text) =
            ("a@office.test".to_owned(), Some("<Sujet>".to_owned()), "Bonjour".to_owned());
        test.state
            .store
            .show_mail(MessageKind::Mail, to, subject, text, parts, test.clock.now())
            .await
            .unwrap();
        let list = test.browser().get("/demonstration").await;
        assert!(list.text.contains("href=\"/demonstration/courriels/1\""), "{}", list.text);
        let page = test.browser().get("/demonstration/courriels/1").await;
        assert!(
            page.text.contains("<h1>&lt;Sujet&gt;</h1>") && page.text.contains("invitation.ics"),
            "{}",
            page.text
        );
        let body = test.browser().get("/demonstration/courriels/1/corps").await;
        assert_eq!(body.text, "<p style=\"color:#123456\">Bonjour</p>");
        let policy = body.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("sandbox ") && !policy.contains("script"), "{policy}");
        let ics = test.browser().get("/demonstration/courriels/1/invitation.ics").await;
        assert_eq!(ics.headers[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
        assert!(ics.text.starts_with("BEGIN:VCALENDAR"), "{}", ics.text);
        test.browser().get("/demonstration/courriels/2").await.refuses(404, "unknown");
    }

    #[tokio::test]
    async fn a_box_in_service_has_no_such_page() {
        let test = TestBox::of(|config| config.demonstration = false).await;
        test.browser().get("/api/demonstration/messages").await.refuses(404, "unknown");
        assert_eq!(
            test.browser().get("/demonstration").await.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "a page as any"
        );
    }
}
