//! Real pages on a real port, told of what others change.

use super::*;
use crate::testing::{Page, Served, TestBox};
use axum::http::StatusCode;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

const PATH: &str = "/api/events";

async fn listening(served: &Served, cookie: &str) -> Page {
    let mut page =
        served.page_at(PATH, &[("cookie", cookie), ("origin", "https://box.test:8443")]).await.unwrap();
    assert_eq!(page.hear().await, json!({ "topic": "still" }), "from now on it is told");
    page
}

#[tokio::test]
async fn a_page_hears_of_what_another_one_changes_after_it_is_there() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let mut claire = test.logged_in().await;
    let mut page = listening(&served, claire.cookie.as_deref().unwrap()).await;
    let path = format!("/api/permanent-meetings/{}", test.sale.id);
    claire.patch(&path, json!({ "active": false })).await.is(StatusCode::OK);
    assert_eq!(page.hear().await, json!({ "topic": "permanent_meetings" }));
    let list = claire.get("/api/permanent-meetings").await.is(StatusCode::OK);
    assert_eq!(list["items"][0]["active"], false);
    claire.patch(&path, json!({ "active": true })).await.is(StatusCode::OK);
    assert_eq!(page.hear().await["topic"], "permanent_meetings");
    test.guest_seat().await;
    assert_eq!(page.hear().await["topic"], "waiting");
}

#[tokio::test]
async fn a_connection_ends_with_its_session_and_another_sessions_end_is_nothing_to_it() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let (mut first, mut second) = (test.logged_in().await, test.logged_in().await);
    let mut page = listening(&served, first.cookie.as_deref().unwrap()).await;
    let mut other = listening(&served, second.cookie.as_deref().unwrap()).await;
    first.delete("/api/session").await.is(StatusCode::NO_CONTENT);
    assert_eq!(page.closed().await, NO_SESSION);
    let path = format!("/api/permanent-meetings/{}", test.sale.id);
    second.patch(&path, json!({ "active": false })).await.is(StatusCode::OK);
    assert_eq!(other.hear().await["topic"], "permanent_meetings");
}

#[tokio::test]
async fn a_session_that_ends_by_its_age_takes_the_connection_with_it_though_it_listens() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let cookie = test.logged_in().await.cookie.unwrap();
    let mut page = listening(&served, &cookie).await;
    test.clock.advance(time::Duration::minutes(31));
    // Somebody else's login is where all look whether they still have theirs.
    test.logged_in().await;
    assert_eq!(page.closed().await, NO_SESSION);
}

#[tokio::test]
async fn nobody_else_listens_and_nothing_is_said() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let refused = async |headers: &[(&'static str, &str)]| match served.page_at(PATH, headers).await {
        Err(Error::Http(answer)) => answer.status(),
        other => panic!("{:?}", other.is_ok()),
    };
    assert_eq!(refused(&[]).await, 401);
    let cookie = test.logged_in().await.cookie.unwrap();
    assert_eq!(refused(&[("cookie", &cookie), ("origin", "https://elsewhere")]).await, 403);
    let mut page = listening(&served, &cookie).await;
    page.text("{}".to_owned()).await;
    assert_eq!(page.closed().await, VIOLATION);
}
