//! Real pages on a real port: the waiting room over TLS and WebSocket, without a switchboard.

use super::*;
use crate::testing::{Page, Served, TestBox};
use axum::http::StatusCode;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tabellion_domain::Clock;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

async fn organizer(test: &TestBox, served: &Served) -> Page {
    let mut browser = test.logged_in().await;
    let path = format!("/api/permanent-meetings/{}/seat", test.sale.id);
    let grant = browser.post(&path, json!({})).await.is(StatusCode::CREATED);
    let mut page = served.page(&[]).await.unwrap();
    page.attach(grant["seat_token"].as_str().unwrap(), None).await;
    assert_eq!(page.hear().await["me"]["role"], "organizer");
    page
}

/// The next message that has this type.
async fn hear(page: &mut Page, kind: &str) -> Value {
    loop {
        let message = page.hear().await;
        if message["type"] == kind {
            return message;
        }
    }
}

#[tokio::test]
async fn a_guest_waits_and_the_organizer_lets_it_in() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let mut claire = organizer(&test, &served).await;
    let mut bob = served.page(&[("origin", "https://box.test:8443")]).await.unwrap();
    bob.attach(&test.guest_seat().await, None).await;
    let welcome = bob.hear().await;
    assert_eq!((&welcome["type"], &welcome["stage"]["name"]), (&json!("welcome"), &json!("waiting")));
    assert_eq!((&welcome["me"]["name"], &welcome["participants"]), (&json!("Bob Martin"), &json!([])));

    let queue = hear(&mut claire, "queue").await;
    let seat = &queue["queue"][0]["seat"];
    claire.say(json!({ "id": 2, "type": "decide", "seat": seat, "decision": "accept" })).await;
    assert_eq!(hear(&mut bob, "stage").await["stage"]["name"], "accepted");
    assert_eq!(hear(&mut claire, "done").await["reply_to"], 2);

    bob.say(json!({ "id": 2, "type": "decide", "seat": seat, "decision": "accept" })).await;
    assert_eq!(hear(&mut bob, "error").await["code"], "not_organizer");
    bob.say(json!({ "id": 3, "type": "leave" })).await;
    assert_eq!(hear(&mut bob, "stage").await["stage"]["name"], "ended");
}

#[tokio::test]
async fn a_page_that_takes_its_seat_after_the_refusal_is_told_of_it() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let mut claire = organizer(&test, &served).await;
    let seat_token = test.guest_seat().await;
    let queue = hear(&mut claire, "queue").await;
    let seat = &queue["queue"][0]["seat"];
    claire.say(json!({ "id": 2, "type": "decide", "seat": seat, "decision": "refuse" })).await;
    hear(&mut claire, "done").await;

    let mut bob = served.page(&[]).await.unwrap();
    bob.say(json!({ "id": 0, "type": "attach", "seat_token": seat_token, "after": null })).await;
    let over = bob.hear().await;
    assert_eq!((&over["stage"]["name"], &over["stage"]["reason"]), (&json!("ended"), &json!("refused")));
    assert_eq!(bob.closed().await, NORMAL);
}

#[tokio::test]
async fn a_page_that_comes_back_in_time_gets_what_it_missed_and_one_of_a_former_life_a_welcome() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let seat = test.guest_seat().await;
    let mut first = served.page(&[]).await.unwrap();
    first.attach(&seat, None).await;
    let welcome = first.hear().await;
    let epoch = welcome["epoch"].as_u64().unwrap();
    let mut back = served.page(&[]).await.unwrap();
    let resume = |epoch| json!({ "id": 1, "type": "attach", "seat_token": seat, "epoch": epoch, "after": 0 });
    back.say(resume(epoch)).await;
    hear(&mut back, "done").await;
    back.say(json!({ "id": 2, "type": "cancel" })).await;
    assert_eq!(back.hear().await["type"], "stage", "no welcome came before");

    let seat = test.guest_seat().await;
    let resume = |epoch| json!({ "id": 1, "type": "attach", "seat_token": seat, "epoch": epoch, "after": 0 });
    let mut first = served.page(&[]).await.unwrap();
    first.attach(&seat, None).await;
    first.hear().await;
    let mut stranger = served.page(&[]).await.unwrap();
    stranger.say(resume(u64::from(epoch == 0))).await;
    hear(&mut stranger, "welcome").await;
}

#[tokio::test]
async fn a_page_that_comes_back_takes_its_seat_again_and_the_older_one_is_told() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let seat = test.guest_seat().await;
    let mut first = served.page(&[]).await.unwrap();
    first.attach(&seat, None).await;
    first.hear().await;
    let mut second = served.page(&[]).await.unwrap();
    second.attach(&seat, None).await;
    assert_eq!(second.hear().await["type"], "welcome");
    assert_eq!(first.hear().await["type"], "replaced");
    assert_eq!(first.closed().await, NORMAL);
}

#[tokio::test]
async fn what_is_no_request_is_answered_and_harms_nobody() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let mut page = served.page(&[]).await.unwrap();
    page.attach(&test.guest_seat().await, None).await;
    page.hear().await;
    for (nonsense, id) in [
        ("{".to_owned(), 0),
        ("[]".to_owned(), 0),
        ("{\"id\":7}".to_owned(), 7),
        ("{\"id\":8,\"type\":\"dance\"}".to_owned(), 8),
        ("{\"id\":99999999999,\"type\":\"leave\"}".to_owned(), 0),
        (format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)), 0),
    ] {
        page.text(nonsense).await;
        let reply = page.hear().await;
        assert_eq!((&reply["reply_to"], &reply["code"]), (&json!(id), &json!("bad_request")));
    }
    page.say(json!({ "id": 9, "type": "attach", "seat_token": "x", "after": null })).await;
    assert_eq!(page.hear().await["type"], "error", "a second attachment on one connection");
    page.say(json!({ "id": 10, "type": "cancel" })).await;
    assert_eq!(hear(&mut page, "stage").await["stage"]["reason"], "cancelled");
}

#[tokio::test]
async fn a_seat_that_does_not_exist_is_told_from_a_connection_that_failed() {
    let served = Served::start(&TestBox::new().await).await;
    let mut page = served.page(&[]).await.unwrap();
    page.say(json!({ "id": 1, "type": "attach", "seat_token": "AAAA", "after": null })).await;
    assert_eq!(page.closed().await, UNKNOWN_SEAT);
    let mut page = served.page(&[]).await.unwrap();
    page.say(json!({ "id": 1, "type": "leave" })).await;
    assert_eq!(page.hear().await["code"], "bad_request");
    assert_eq!(page.closed().await, VIOLATION);
}

#[tokio::test]
async fn floods_and_giants_are_cut_off() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let mut flood = served.page(&[]).await.unwrap();
    flood.attach(&test.guest_seat().await, None).await;
    let media = json!({ "id": 2, "type": "media_state", "microphone": true, "camera": true }).to_string();
    for _ in 0..400 {
        flood.0.feed(Frame::text(media.clone())).await.unwrap();
    }
    // The box may have closed before all was written.
    let _ = flood.0.flush().await;
    assert_eq!(flood.closed().await, VIOLATION);

    let mut giant = served.page(&[]).await.unwrap();
    giant.attach(&test.guest_seat().await, None).await;
    giant.text("x".repeat(LARGEST_FRAME + 1)).await;
    assert_eq!(giant.closed().await, TOO_BIG);
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_websocket() {
    let served = Served::start(&TestBox::new().await).await;
    match served.page(&[("origin", "https://elsewhere.test")]).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{:?}", other.map(|_| "connected")),
    }
}

#[tokio::test]
async fn a_connection_without_a_seat_is_not_kept() {
    let served = Served::start(&TestBox::new().await).await;
    let mut page = served.page(&[]).await.unwrap();
    // From here on time passes when nobody has anything else to do.
    tokio::time::pause();
    let asked_at = now();
    assert_eq!(page.closed().await, VIOLATION);
    assert!(asked_at.elapsed() >= ATTACH_PATIENCE);
}

#[tokio::test]
async fn a_page_that_answers_pings_stays_and_a_silent_one_goes() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let mut page = served.page(&[]).await.unwrap();
    page.attach(&test.guest_seat().await, None).await;
    page.hear().await;
    tokio::time::pause();
    for _ in 0..12 {
        // Reading answers.
        assert!(matches!(page.0.next().await, Some(Ok(Frame::Ping(_)))));
        page.0.flush().await.unwrap();
    }
    // Nobody reads for a while.
    for _ in 0..9 {
        tokio::time::advance(Duration::from_secs(5)).await;
        tokio::task::yield_now().await;
    }
    let mut unanswered = 0;
    while let Some(Ok(Frame::Ping(_))) = page.0.next().await {
        unanswered += 1;
        assert!(unanswered <= 5, "the box still asks");
    }
}

#[tokio::test]
async fn a_session_does_not_end_while_its_page_is_in_a_meeting() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let mut browser = test.logged_in().await;
    let path = format!("/api/permanent-meetings/{}/seat", test.sale.id);
    let grant = browser.post(&path, json!({})).await.is(StatusCode::CREATED);
    let cookie = browser.cookie.clone().unwrap();
    let mut page = served.page(&[("cookie", &cookie)]).await.unwrap();
    page.attach(grant["seat_token"].as_str().unwrap(), None).await;
    test.clock.advance(time::Duration::minutes(20));
    let hash = crate::login::hash(cookie.split_once('=').unwrap().1);
    tokio::time::pause();
    // The store answers from its own thread: asking it again and again lets it.
    let noted = async || test.state.store.session(hash).await.unwrap().unwrap().last_seen_at;
    let reading = tokio::spawn(async move { while page.0.next().await.is_some() {} });
    for _ in 0..1_000 {
        tokio::time::advance(Duration::from_secs(1)).await;
        if noted().await == test.clock.now() {
            break;
        }
    }
    assert_eq!(noted().await, test.clock.now());
    reading.abort();
}

#[tokio::test]
async fn a_session_that_has_lasted_its_day_ends_with_its_meeting_and_not_in_it() {
    let test = TestBox::new().await;
    let served = Served::start(&test).await;
    let seat_token = test.guest_seat().await;
    let mut claire = test.logged_in().await;
    let cookie = claire.cookie.clone().unwrap();
    let hash = crate::login::hash(cookie.strip_prefix("__Host-tabellion=").unwrap());
    let mut page = served.page(&[("cookie", &cookie)]).await.unwrap();
    page.attach(&seat_token, None).await;
    // She has been in the meeting all day.
    test.clock.advance(time::Duration::hours(13));
    test.state.store.touch_session(hash, test.clock.now()).await.unwrap();
    claire.get("/api/session").await.is(StatusCode::OK);
    // After the box has started anew, her page comes back to its seat.
    drop(page);
    while test.state.in_call.has(&hash) {
        tokio::task::yield_now().await;
    }
    claire.get("/api/session").await.refuses(401, "not_logged_in");
    let mut page = served.page(&[("cookie", &cookie)]).await.unwrap();
    page.attach(&seat_token, None).await;
    claire.get("/api/session").await.is(StatusCode::OK);
}
