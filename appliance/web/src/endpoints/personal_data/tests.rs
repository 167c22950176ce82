use crate::testing::{COLLEAGUE, TestBox};
use axum::http::StatusCode;
use serde_json::{Value, json};

const EXPORT: &str = "/api/personal-data/export";

#[tokio::test]
async fn periods_and_the_last_purge_are_shown() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let shown = claire.get("/api/personal-data").await.is(StatusCode::OK);
    let usual = json!({ "calls": 365, "meetings": 365, "messages": 90, "journal": 1095 });
    assert_eq!((&shown["periods"], &shown["last_purge"]), (&usual, &Value::Null));
    let now = test.state.clock.now();
    let cutoffs = tabellion_domain::settings::Retention::default().cutoffs(now);
    test.state.store.purge(cutoffs, now).await.unwrap();
    let shown = claire.get("/api/personal-data").await.is(StatusCode::OK);
    assert_eq!(shown["last_purge"]["calls"], 0);
}

#[tokio::test]
async fn what_is_kept_of_a_person_is_a_file_without_secrets() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let answer = claire.post(EXPORT, json!({ "person": " claire@office.test " })).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"donnees-personnelles.json\"");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let document: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(document["personne"], "claire@office.test");
    assert_eq!(document["données"]["comptes"][0]["courriel"], "claire@office.test");
    assert!(!answer.text.contains("argon2"), "{}", answer.text);
}

#[tokio::test]
async fn who_asks_for_nobody_is_told_what_to_write() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    claire.post(EXPORT, json!({ "person": "Jean Personne" })).await.refuses(404, "not_found");
    for person in [" ".to_owned(), "x".repeat(201)] {
        let refused = claire.post(EXPORT, json!({ "person": person })).await.refuses(422, "invalid");
        assert_eq!(refused["field"], "person");
    }
}

#[tokio::test]
async fn only_an_administrator_asks() {
    let test = TestBox::new().await;
    let mut colleague = test.logged_in_as(COLLEAGUE).await;
    for browser in [&mut colleague, &mut test.browser()] {
        for answer in [
            browser.get("/api/personal-data").await,
            browser.post(EXPORT, json!({ "person": "claire.moreau" })).await,
        ] {
            assert!(matches!(answer.status.as_u16(), 401 | 403), "{}", answer.status);
        }
    }
}
