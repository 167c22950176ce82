//! Stories of scheduled meetings, from the form to the personal links.

use super::testing::{PATH, draft, form, link_in, mails, people, person, revise, validated};
use crate::testing::{COLLEAGUE, TestBox};
use axum::http::StatusCode;
use serde_json::{Value, json};
use tabellion_domain::{AuditEvent, MeetingId};

fn faults(error: &Value) -> Vec<String> {
    let faults = error["faults"].as_array().unwrap().iter();
    faults.map(|fault| fault["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_draft_says_who_made_it_and_what_is_wrong_is_told_beside_its_field() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let made = claire.post(PATH, form()).await.is(StatusCode::CREATED);
    assert_eq!(
        (&made["state"], &made["date"], &made["time"], &made["code"], &made["created_by"]),
        (
            &json!("draft"),
            &json!("27-11-2026"),
            &json!("16h00"),
            &json!("1234"),
            &json!("Maître Claire Moreau")
        )
    );
    let bad =
        json!({ "reference": "", "date": "22-11-2026", "time": "midi", "code_active": true, "code": "1" });
    let error = claire.post(PATH, bad).await.refuses(422, "invalid");
    assert_eq!(faults(&error), ["reference", "time", "code"]);
    let mut past = form();
    past["date"] = json!("22-11-2026");
    assert_eq!(faults(&claire.post(PATH, past).await.refuses(422, "invalid")), ["date"]);
    let list = claire.get(PATH).await.is(StatusCode::OK);
    let row = &list["items"][0];
    assert_eq!(
        (&list["total"], &row["name"], &row["date"], &row["state"], &row["organizer"]),
        (
            &json!(1),
            &json!("2026-114 Vente DUPONT"),
            &json!("2026-11-27"),
            &json!("draft"),
            &json!("Maître Claire Moreau")
        )
    );
}

#[tokio::test]
async fn lists_are_of_the_days_that_were_asked_for() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    for date in ["27-11-2026", "28-11-2026", "04-12-2026"] {
        let mut form = form();
        form["date"] = json!(date);
        claire.post(PATH, form).await.is(StatusCode::CREATED);
    }
    for (query, days) in [
        ("", vec!["2026-11-27", "2026-11-28", "2026-12-04"]),
        ("?from=2026-11-28&to=2026-11-28", vec!["2026-11-28"]),
        ("?to=2026-11-28", vec!["2026-11-27", "2026-11-28"]),
        ("?page=2", vec![]),
    ] {
        let list = claire.get(&format!("{PATH}{query}")).await.is(StatusCode::OK);
        let found: Vec<_> = list["items"].as_array().unwrap().iter().map(|row| row["date"].clone()).collect();
        assert_eq!(found, days, "{query}");
    }
    claire.get(&format!("{PATH}?from=demain")).await.refuses(422, "invalid");
}

#[tokio::test]
async fn each_row_of_the_table_says_what_is_wrong_with_it() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let made = claire.post(PATH, form()).await.is(StatusCode::CREATED);
    let bad = json!([
        person("Anne", "guest"),
        { "civility": "", "name": "<b>x</b>", "email": "personne", "role": "guest", "send": true },
        person("Anne", "spectator"),
    ]);
    let error = revise(&mut claire, &made, bad).await.refuses(422, "invalid");
    let told: Vec<_> = error["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["row"].clone(), one["field"].clone()))
        .collect();
    assert_eq!(told, [(json!(1), json!("name")), (json!(1), json!("email")), (json!(2), json!("email"))]);
    let crowd: Vec<_> = (0..500).map(|i| person(&format!("Client{i} Nom"), "guest")).collect();
    let done = revise(&mut claire, &made, json!(crowd)).await.is(StatusCode::OK);
    assert_eq!(done["participants"].as_array().unwrap().len(), 500);
}

#[tokio::test]
async fn the_validation_invites_each_by_a_link_that_opens_that_persons_place() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let draft = draft(&mut claire).await;
    let path = format!("{PATH}/{}/validation", draft["id"]);
    let message = draft["message"].as_str().unwrap();
    assert!(message.starts_with("Seront présents lors de cette réunion\u{a0}:\nBob Martin\n"), "{message}");
    let bad = json!({ "version": draft["version"], "name": " ", "message": "\u{0}" });
    assert_eq!(faults(&claire.post(&path, bad).await.refuses(422, "invalid")), ["name", "message"]);
    let body = json!({ "version": draft["version"], "name": "Réunion DUPONT", "message": message });
    let done = claire.post(&path, body.clone()).await.is(StatusCode::OK);
    assert_eq!((&done["state"], &done["name"]), (&json!("sent"), &json!("Réunion DUPONT")));
    assert!(done["participants"].as_array().unwrap().iter().all(|one| one["delivery"]["state"] == "waiting"));
    claire.post(&path, body).await.refuses(409, "changed_meanwhile");

    let mails = mails(&test).await;
    assert_eq!(mails.len(), 3);
    let mut stranger = test.browser();
    for (to, _, text) in &mails {
        for told in
            ["27-11-2026", "16h00", "Réunion DUPONT", "1234", "Bob Martin", done["address"].as_str().unwrap()]
        {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert!(!text.contains("2026-114"), "the reference stays in the office: {text}");
        let link = stranger.get(&format!("/api/links/{}", link_in(text))).await.is(StatusCode::OK);
        assert_eq!(link["meeting_name"], "Réunion DUPONT");
        let organizer = to == "claire@client.test";
        assert_eq!(
            (&link["code_required"], &link["person"]["role"] == "organizer"),
            (&json!(!organizer), organizer)
        );
    }
    let bob = mails.iter().find(|(to, ..)| to == "bob@client.test").unwrap();
    let requests = format!("/api/links/{}/requests", link_in(&bob.2));
    stranger.post(&requests, json!({ "code": "9999" })).await.refuses(403, "wrong_code");
    let grant = stranger.post(&requests, json!({ "code": "1234" })).await.is(StatusCode::CREATED);
    assert_eq!(grant["seat_token"].as_str().unwrap().len(), 22);
}

#[tokio::test]
async fn nothing_is_validated_or_sent_before_it_is_ready() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let made = claire.post(PATH, form()).await.is(StatusCode::CREATED);
    let path = format!("{PATH}/{}", made["id"]);
    let body = json!({ "version": 1, "name": "Réunion", "message": "Bonjour" });
    claire.post(&format!("{path}/validation"), body.clone()).await.refuses(409, "not_ready");
    let guests = revise(&mut claire, &made, json!([person("Bob", "guest")])).await.is(StatusCode::OK);
    let body = json!({ "version": guests["version"], "name": "Réunion", "message": "Bonjour" });
    claire.post(&format!("{path}/validation"), body).await.refuses(409, "not_ready");
    claire.post(&format!("{path}/invitations"), json!({})).await.refuses(409, "not_validated");
    let bob = &guests["participants"][0]["id"];
    claire.post(&format!("{path}/participants/{bob}/link"), json!({})).await.refuses(409, "not_validated");
    claire.post(&format!("{path}/seat"), json!({})).await.refuses(410, "meeting_over");
    assert!(mails(&test).await.is_empty());
}

#[tokio::test]
async fn who_is_removed_loses_link_and_seat_at_once_and_is_told() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let meeting = validated(&mut claire).await;
    let sent = mails(&test).await;
    let bob = sent.iter().find(|(to, ..)| to == "bob@client.test").unwrap();
    let requests = format!("/api/links/{}/requests", link_in(&bob.2));
    let grant = test.browser().post(&requests, json!({ "code": "1234" })).await.is(StatusCode::CREATED);
    let stay: Vec<_> = people(&meeting).into_iter().filter(|one| one["email"] != "bob@client.test").collect();
    revise(&mut claire, &meeting, json!(stay)).await.is(StatusCode::OK);
    test.seat_is_over(grant["seat_token"].as_str().unwrap()).await;
    test.browser().post(&requests, json!({ "code": "1234" })).await.refuses(404, "link_unknown");
    let last = mails(&test).await.pop().unwrap();
    assert!(last.0 == "bob@client.test" && last.2.contains("annulée"), "{last:?}");
    revise(&mut claire, &meeting, json!(stay)).await.refuses(409, "changed_meanwhile");
}

#[tokio::test]
async fn another_hour_is_told_by_mail_and_counts_at_once() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let meeting = validated(&mut claire).await;
    let before = mails(&test).await;
    let mut change = form();
    change["time"] = json!("17h30");
    change["version"] = meeting["version"].clone();
    change["name"] = json!("Réunion DUPONT");
    let path = format!("{PATH}/{}", meeting["id"]);
    let now = claire.patch(&path, change.clone()).await.is(StatusCode::OK);
    assert_eq!((&now["time"], &now["state"]), (&json!("17h30"), &json!("sent")));
    let told = mails(&test).await;
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|(.., text)| text.contains("17h30") && text.contains("modifiée")));
    for (.., text) in before.iter().chain(&told) {
        let link = test.browser().get(&format!("/api/links/{}", link_in(text))).await.is(StatusCode::OK);
        assert_eq!(link["person"]["time"], "17h30", "both links are good");
    }
    claire.patch(&path, change).await.refuses(409, "changed_meanwhile");
}

#[tokio::test]
async fn an_invitation_is_sent_again_to_one_or_handed_over() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let meeting = validated(&mut claire).await;
    let path = format!("{PATH}/{}", meeting["id"]);
    let bob = meeting["participants"][0]["id"].clone();
    assert_eq!(mails(&test).await.len(), 3);
    claire.post(&format!("{path}/invitations"), json!({ "participants": [bob] })).await.is(StatusCode::OK);
    let sent = mails(&test).await;
    assert_eq!((sent.len(), sent[0].0.as_str()), (1, "bob@client.test"));
    let handed =
        claire.post(&format!("{path}/participants/{bob}/link"), json!({})).await.is(StatusCode::CREATED);
    let token = link_in(handed["link"].as_str().unwrap());
    let link = test.browser().get(&format!("/api/links/{token}")).await.is(StatusCode::OK);
    assert_eq!(link["person"]["name"], "Bob Martin");
    claire.post(&format!("{path}/participants/999/link"), json!({})).await.refuses(409, "changed_meanwhile");
    claire.post(&format!("{path}/invitations"), json!({})).await.is(StatusCode::OK);
    assert_eq!(mails(&test).await.len(), 3);
    claire
        .post(&format!("{path}/invitations"), json!({ "participants": [999] }))
        .await
        .refuses(409, "nobody");
}

#[tokio::test]
async fn a_deleted_meeting_opens_nothing_and_the_journal_knows_all_of_it() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let meeting = validated(&mut claire).await;
    let first = mails(&test).await.remove(0);
    let path = format!("{PATH}/{}", meeting["id"]);
    claire.post(&format!("{path}/seat"), json!({})).await.is(StatusCode::CREATED);
    claire.delete(&path).await.is(StatusCode::NO_CONTENT);
    let link = format!("/api/links/{}", link_in(&first.2));
    test.browser().get(&link).await.refuses(410, "meeting_over");
    claire.post(&format!("{path}/seat"), json!({})).await.refuses(410, "meeting_over");
    claire.delete(&path).await.refuses(410, "meeting_over");
    claire.delete(&format!("{PATH}/1")).await.refuses(404, "unknown_meeting");
    claire.post(&format!("{PATH}/{}/seat", test.sale.id), json!({})).await.refuses(404, "unknown_meeting");
    let id = MeetingId(meeting["id"].as_i64().unwrap());
    let what = test.journal().await.into_iter().filter_map(|event| match event {
        AuditEvent::MeetingEdited { meeting, what, .. } if meeting == id => Some(what),
        _ => None,
    });
    assert_eq!(what.collect::<Vec<_>>(), ["created", "participants", "validated", "deleted"]);
}

#[tokio::test]
async fn colleagues_and_former_participants_are_proposed() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    draft(&mut claire).await;
    let people = claire.get(&format!("{PATH}/people")).await.is(StatusCode::OK);
    assert_eq!(people["users"].as_array().unwrap().len(), 4);
    assert_eq!(people["users"][0]["email"], "claire@office.test");
    let former: Vec<_> = people["former"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(former, ["Bob Martin", "Claire Moreau", "Denise Beausoleil"]);
    assert_eq!(people["former"][2]["last"], "2026-11-27");
}

#[tokio::test]
async fn nobody_else_sees_or_does_any_of_it() {
    let test = TestBox::new().await;
    let mut claire = test.logged_in().await;
    let meeting = draft(&mut claire).await;
    let path = format!("{PATH}/{}", meeting["id"]);
    let mut stranger = test.browser();
    for path in [PATH, &path, &format!("{PATH}/people")] {
        stranger.get(path).await.refuses(401, "not_logged_in");
    }
    stranger.post(PATH, form()).await.refuses(401, "not_logged_in");
    stranger.delete(&path).await.refuses(401, "not_logged_in");
    stranger.post(&format!("{path}/seat"), json!({})).await.refuses(401, "not_logged_in");
    let mut julien = test.logged_in_as(COLLEAGUE).await;
    julien.get(&path).await.is(StatusCode::OK);
}
