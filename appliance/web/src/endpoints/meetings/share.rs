use crate::{
    delivery::DeliveryView,
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tabellion_domain::{
    MeetingId, PermanentMeeting,
    account::sentence,
    scheduled::{Message, MessageError},
    settings::MailAddress,
};
use tabellion_post::invitations::{self, Letterhead, Share};
use utoipa::ToSchema;

/// Addresses at a time.
const MOST_ADDRESSES: usize = 50;
/// Characters of a message at most.
const LONGEST_MESSAGE: usize = 2_000;

/// «Envoyer une invitation pour la réunion».
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewShare {
    /// «Votre message», in lines; may be empty.
    message: String,
    /// «E-mail pour l'envoi des informations».
    emails: Vec<String>,
}

/// The mails about a meeting.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shares {
    /// The last one to each address.
    items: Vec<ShareView>,
}

/// The last mail about a meeting to one address.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShareView {
    /// The address.
    email: String,
    /// What has become of it.
    delivery: DeliveryView,
}

/// Sends a meeting's link and number by mail (PERM-04). The mails are on their way when this answers: what becomes of each is told by
/// `GET` of the same address.
#[utoipa::path(post, path = "/api/permanent-meetings/{id}/shares", request_body = NewShare,
    params(("id" = i64, Path)), responses(
    (status = 202, body = Shares),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 422, description = "invalid: faults, whose fields are `message` and `emails.N`", body = ErrorBody),
))]
pub(crate) async fn send(
    State(state): State<AppState>,
    login: MeetingManager,
    Path(id): Path<i64>,
    JsonBody(new): JsonBody<NewShare>,
) -> Result<(StatusCode, Json<Shares>), ApiError> {
    let id = MeetingId(id);
    let addresses = read(&new)?;
    let meeting = state.store.permanent_meeting(id).await?.ok_or_else(super::unknown)?;
    let now = state.clock.now();
    let head = Letterhead::of(&state.settings().await?, now).answered_by(&login.user.email);
    let mails = addresses
        .into_iter()
        .map(|to| {
            let share = Share {
                name: meeting.description.to_string(),
                link: super::link(&meeting, &state),
                number: super::address(&meeting, &state),
                code: meeting.required_code().map(str::to_owned),
                message: new.message.clone(),
                to: to.clone(),
                organizer_name: login.user.display_name(),
            };
            (to, invitations::share(&share, &head).payload())
        })
        .collect();
    if !state.store.share_permanent_meeting(id, mails, login.user.id, now).await? {
        return Err(super::unknown());
    }
    Ok((StatusCode::ACCEPTED, Json(shares(&state, id).await?)))
}

/// What has become of the mails about a meeting.
#[utoipa::path(get, path = "/api/permanent-meetings/{id}/shares", params(("id" = i64, Path)), responses(
    (status = 200, body = Shares),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    _: MeetingManager,
    Path(id): Path<i64>,
) -> Result<Json<Shares>, ApiError> {
    let id = MeetingId(id);
    state.store.permanent_meeting(id).await?.ok_or_else(super::unknown)?;
    Ok(Json(shares(&state, id).await?))
}

async fn shares(state: &AppState, id: MeetingId) -> Result<Shares, ApiError> {
    let prefix = PermanentMeeting::shares(id);
    let states = state.store.delivery_states(&prefix).await?;
    let view = |one: tabellion_store::DeliveryState| ShareView {
        email: one.reference.strip_prefix(&prefix).unwrap_or_default().to_owned(),
        delivery: DeliveryView::from(&one.state),
    };
    Ok(Shares { items: states.into_iter().map(view).collect() })
}

/// The addresses, each once.
fn read(new: &NewShare) -> Result<Vec<String>, ApiError> {
    let mut faults = Vec::new();
    let mut addresses: Vec<String> = Vec::new();
    let mut fault =
        |field: String, message: String| faults.push(json!({ "field": field, "message": message }));
    for (number, text) in new.emails.iter().enumerate() {
        match MailAddress::new(text) {
            // What stands before the @ is the server's business; what is behind it has no case.
            Ok(address) if addresses.iter().any(|known| known.eq_ignore_ascii_case(address.as_str())) => {}
            Ok(address) => addresses.push(address.to_string()),
            Err(refusal) => fault(format!("emails.{number}"), sentence(&refusal.to_string())),
        }
    }
    if new.emails.is_empty() {
        fault("emails.0".to_owned(), "Entrez une adresse e-mail.".to_owned());
    }
    if new.emails.len() > MOST_ADDRESSES {
        fault(
            format!("emails.{MOST_ADDRESSES}"),
            format!("Un envoi compte {MOST_ADDRESSES} adresses au plus. Faites-en plusieurs."),
        );
    }
    if new.message.chars().count() > LONGEST_MESSAGE {
        fault(
            "message".to_owned(),
            "Votre message compte 2\u{202f}000 caractères au plus. Raccourcissez-le.".to_owned(),
        );
    }
    // What turns the direction of a text, or hides in it, is refused as it is in scheduled meetings' messages.
    let hidden = matches!(Message::new(&new.message), Err(MessageError::Forbidden));
    if hidden || new.message.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        fault(
            "message".to_owned(),
            "Votre message contient des signes invisibles. Recopiez-le sans mise en forme.".to_owned(),
        );
    }
    if faults.is_empty() { Ok(addresses) } else { Err(ApiError::faults(&[]).with("faults", faults)) }
}

#[cfg(test)]
mod tests {
    use crate::testing::{LINK, TestBox};
    use axum::http::StatusCode;
    use serde_json::{Value, json};
    use tabellion_post::Mail;
    use tabellion_store::OutboxKind;

    async fn waiting(test: &TestBox) -> Vec<(i64, Mail)> {
        let due = test.state.store.outbox_due(OutboxKind::Mail, test.state.clock.now()).await.unwrap();
        due.into_iter().map(|entry| (entry.id, serde_json::from_value(entry.payload).unwrap())).collect()
    }

    #[tokio::test]
    async fn each_address_gets_the_link_and_its_state_is_told() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let path = format!("/api/permanent-meetings/{}/shares", test.sale.id);
        let emails = ["bob@example.test", " carole@example.test ", "BOB@example.test"];
        let new = json!({ "message": "À tout à l’heure,\nClaire", "emails": emails });
        let shares = browser.post(&path, new).await.is(StatusCode::ACCEPTED);
        let states = |shares: &Value| -> Vec<(String, String)> {
            let items = shares["items"].as_array().unwrap().iter();
            items.map(|one| (one["email"].to_string(), one["delivery"]["state"].to_string())).collect()
        };
        let pair = |email: &str, state: &str| (format!("\"{email}\""), format!("\"{state}\""));
        assert_eq!(
            states(&shares),
            [pair("bob@example.test", "waiting"), pair("carole@example.test", "waiting")]
        );
        let mails = waiting(&test).await;
        let (bob, mail) = &mails[0];
        assert_eq!((mails.len(), mail.to.as_str()), (2, "bob@example.test"));
        for part in [
            "Pour rejoindre la réunion\u{a0}: Vente DUPONT",
            &format!("https://box.test:8443/reunion/{LINK}"),
            "@visio.tabellion.test",
            "avec le code suivant\u{a0}: 1234",
            "À tout à l’heure,\nClaire",
            "Maître Claire Moreau",
        ] {
            assert!(mail.text.contains(part), "{part}: {}", mail.text);
        }
        let trouble = tabellion_store::MessageTrouble {
            detail: "the mail server answers 550".to_owned(),
            answer: Some("550 5.1.1 no such user".to_owned()),
        };
        test.state.store.outbox_refused(*bob, trouble, test.state.clock.now()).await.unwrap();
        test.state.store.outbox_sent(mails[1].0, test.state.clock.now()).await.unwrap();
        let shares = browser.get(&path).await.is(StatusCode::OK);
        assert_eq!(
            states(&shares),
            [pair("bob@example.test", "refused"), pair("carole@example.test", "sent")]
        );
        let text = shares["items"][0]["delivery"]["text"].as_str().unwrap();
        assert!(text.contains("550 5.1.1 no such user") && text.contains("Vérifiez l’adresse"), "{text}");
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_beside_each_address_and_nothing_is_sent() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let path = format!("/api/permanent-meetings/{}/shares", test.sale.id);
        let fields = |error: Value| -> Vec<String> {
            error["faults"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["field"].as_str().unwrap().to_owned())
                .collect()
        };
        for (message, emails, wrong) in [
            ("", json!([]), vec!["emails.0"]),
            ("", json!(["bob@example.test", "carole", ""]), vec!["emails.1", "emails.2"]),
            ("", json!(["a@b.test\r\nBcc: c@d.test"]), vec!["emails.0"]),
            ("a\u{0}b", json!(["bob@example.test"]), vec!["message"]),
            ("a\u{202e}b", json!(["bob@example.test"]), vec!["message"]),
            (&"a".repeat(2_001), json!(["bob@example.test"]), vec!["message"]),
            ("", json!(vec!["bob@example.test"; 51]), vec!["emails.50"]),
        ] {
            let error = browser.post(&path, json!({ "message": message, "emails": emails })).await;
            assert_eq!(fields(error.refuses(422, "invalid")), wrong);
        }
        let new = json!({ "message": "", "emails": ["bob@example.test"] });
        browser.post("/api/permanent-meetings/999/shares", new.clone()).await.refuses(404, "unknown_meeting");
        browser.get("/api/permanent-meetings/999/shares").await.refuses(404, "unknown_meeting");
        test.browser().post(&path, new).await.refuses(401, "not_logged_in");
        assert!(waiting(&test).await.is_empty());
    }

    #[tokio::test]
    async fn of_a_deleted_meeting_nobody_is_told_any_more() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let path = format!("/api/permanent-meetings/{}", test.sale.id);
        let new = json!({ "message": "", "emails": ["bob@example.test"] });
        browser.post(&format!("{path}/shares"), new).await.is(StatusCode::ACCEPTED);
        assert_eq!(waiting(&test).await.len(), 1);
        browser.delete(&path).await.is(StatusCode::NO_CONTENT);
        assert!(waiting(&test).await.is_empty());
    }
}
