#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::testing::{Browser, TestBox};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tabellion_store::OutboxKind;

pub(super) const PATH: &str = "/api/scheduled-meetings";

/// The form of a meeting four days after the test box's today.
pub(super) fn form() -> Value {
    json!({
        "reference": "2026-114 Vente DUPONT", "date": "27-11-2026", "time": "16h00", "code_active": true, "code": "1234",
    })
}

pub(super) fn person(name: &str, role: &str) -> Value {
    let email = format!("{}@client.test", name.split(' ').next().unwrap().to_lowercase());
    json!({ "civility": "", "name": name, "email": email, "role": role, "send": true })
}

/// A draft with Claire who organizes, and Bob and Denise.
pub(super) async fn draft(browser: &mut Browser) -> Value {
    let made = browser.post(PATH, form()).await.is(StatusCode::CREATED);
    let people = json!([
        person("Claire Moreau", "organizer"),
        person("Bob Martin", "guest"),
        person("Denise Beausoleil", "spectator")
    ]);
    revise(browser, &made, people).await.is(StatusCode::OK)
}

pub(super) async fn revise(browser: &mut Browser, of: &Value, people: Value) -> crate::testing::Answer {
    let body = json!({ "version": of["version"], "participants": people });
    browser.put(&format!("{PATH}/{}/participants", of["id"]), body).await
}

pub(super) async fn validated(browser: &mut Browser) -> Value {
    let draft = draft(browser).await;
    let body = json!({ "version": draft["version"], "name": "Réunion DUPONT", "message": draft["message"] });
    browser.post(&format!("{PATH}/{}/validation", draft["id"]), body).await.is(StatusCode::OK)
}

/// The participants as the page sends them again.
pub(super) fn people(of: &Value) -> Vec<Value> {
    let rows = of["participants"].as_array().unwrap().iter().cloned();
    rows.map(|mut row| {
        row.as_object_mut().unwrap().remove("delivery");
        row
    })
    .collect()
}

/// Mails that were sent since the last look: to whom, subject, text. One waits for the older ones to the same person.
pub(super) async fn mails(test: &TestBox) -> Vec<(String, String, String)> {
    let now = test.state.clock.now();
    let text = |mail: &Value, name: &str| mail[name].as_str().unwrap().to_owned();
    let mut sent = Vec::new();
    loop {
        let due = test.state.store.outbox_due(OutboxKind::Mail, now).await.unwrap();
        if due.is_empty() {
            return sent;
        }
        for mail in due {
            let payload = &mail.payload;
            sent.push((text(payload, "to"), text(payload, "subject"), text(payload, "text")));
            test.state.store.outbox_sent(mail.id, now).await.unwrap();
        }
    }
}

/// The secret of the personal link in a mail.
pub(super) fn link_in(text: &str) -> String {
    let rest = text.split_once("/reunion/").unwrap().1;
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}
