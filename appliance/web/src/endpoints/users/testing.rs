#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::testing::Browser;
use axum::http::StatusCode;
use serde_json::{Value, json};

/// A form without faults.
pub(crate) fn form(login: &str) -> Value {
    json!({
        "login": login, "civility": "Madame", "last_name": "Durand", "first_name": "Zoé",
        "email": "zoe@office.test", "mobile": "06 12 34 56 78", "visio": "user", "telework": false,
        "invoices": false, "administrator": false, "in_directory": false,
        "terms": "neutral-1", "liability": "neutral-1",
    })
}

/// A user's page address, and its form as the page fills it.
pub(super) async fn changed(browser: &mut Browser, login: &str) -> (String, Value) {
    let view = browser.get("/api/users").await.is(StatusCode::OK);
    let user = view["users"].as_array().unwrap().iter().find(|user| user["login"] == login).unwrap();
    let mut form = json!({ "mobile": user["mobile"].as_str().unwrap_or_default() });
    for field in ["version", "civility", "last_name", "first_name", "email", "in_directory"] {
        form[field] = user[field].clone();
    }
    for right in ["visio", "telework", "invoices", "administrator"] {
        form[right] = user["rights"][right].clone();
    }
    (format!("/api/users/{}", user["id"]), form)
}

/// What an answer says of which field.
pub(super) fn faults(error: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let faults = error["faults"].as_array().unwrap().iter();
    faults.map(|fault| (text(&fault["field"]), text(&fault["message"]))).collect()
}
