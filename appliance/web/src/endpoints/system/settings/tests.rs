use crate::testing::{Answer, Browser, COLLEAGUE, TestBox};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use tabellion_domain::{
    AuditEvent,
    settings::{Author, Settings},
};
use time::Duration;

const PATH: &str = "/api/system/settings";
const CONFIRM: &str = "/api/system/settings/confirmation";

/// A box that is set up, with a mail relay, and its administrator at the page.
struct Office {
    test: TestBox,
    claire: Browser,
    /// What the page has read.
    version: i64,
    document: Value,
}

impl Office {
    async fn new() -> Self {
        let test = TestBox::of(|config| config.demonstration = false).await;
        let document = json!({
            "office": { "name": "Office", "crpcen": "01234", "domain": "visio.office.fr" },
            "network": { "address": "192.168.10.5/24", "gateway": "192.168.10.1", "dns": ["192.168.10.1"] },
            "names": { "public": "visio.office.fr" },
            "mail": { "host": "smtp.office.fr", "login": "visio", "password": "mot-de-passe", "sender": "visio@office.fr" },
            "certificate": { "kind": "own" },
        });
        let settings = Settings::from_form(&document, &Settings::default()).unwrap().settings;
        test.state.store.adopt_settings(settings, Author::SetupPage, test.state.clock.now()).await.unwrap();
        let claire = test.logged_in().await;
        let mut office = Self { test, claire, version: 0, document: Value::Null };
        office.reload().await;
        office
    }

    async fn reload(&mut self) -> Value {
        let shown = self.claire.get(PATH).await.is(StatusCode::OK);
        (self.version, self.document) = (shown["version"].as_i64().unwrap(), shown["document"].clone());
        shown
    }

    /// The page is sent with one field changed.
    async fn send(&mut self, pointer: &str, value: Value) -> Answer {
        *self.document.pointer_mut(pointer).unwrap() = value;
        let body = json!({ "version": self.version, "document": self.document });
        self.claire.put(PATH, body).await
    }

    /// The box's address is changed; what the page is told.
    async fn moved(&mut self) -> Value {
        let pending = self.send("/network/address", json!("192.168.10.9/24")).await.is(StatusCode::OK);
        assert_eq!(pending["outcome"], "pending", "{pending}");
        pending
    }

    /// A browser without a session at one of the box's addresses.
    fn browser_at(&self, reached: &str) -> Browser {
        let mut browser = self.test.browser();
        browser.reached = Some(reached.parse().unwrap());
        browser
    }

    fn later(&self, seconds: i64) {
        self.test.clock.advance(Duration::seconds(seconds));
    }

    /// Where the box is, as it is stored now.
    async fn address(&self) -> String {
        let now = self.test.state.clock.now();
        let settings = self.test.state.store.current_settings(now).await.unwrap().unwrap();
        settings.network.addressing.fixed().unwrap().to_string()
    }
}

fn by_token(pending: &Value) -> Value {
    json!({ "change": pending["change"], "token": pending["token"] })
}

#[tokio::test]
async fn the_page_shows_everything_but_secrets() {
    let mut office = Office::new().await;
    let shown = office.reload().await;
    assert_eq!(shown["document"]["mail"]["host"], "smtp.office.fr");
    assert_eq!(shown["secrets"], json!(["mail.password"]));
    assert_eq!(shown["cards"], json!([{ "name": "enp1s0", "mac": "52:54:00:12:34:56" }]));
    assert_eq!(shown["pending"], Value::Null);
    assert!(!shown.to_string().contains("mot-de-passe"));
}

#[tokio::test]
async fn only_an_administrator_sees_or_changes_settings() {
    let office = Office::new().await;
    let mut colleague = office.test.logged_in_as(COLLEAGUE).await;
    let body = json!({ "version": office.version, "document": office.document });
    for browser in [&mut colleague, &mut office.test.browser()] {
        let refused = [
            browser.get(PATH).await,
            browser.put(PATH, body.clone()).await,
            browser.post("/api/system/settings/test-mail", json!({ "document": {} })).await,
            browser.post("/api/system/settings/test-sms", json!({ "document": {} })).await,
            browser.get("/api/system/settings/authority").await,
        ];
        for answer in refused {
            assert!([401, 403].contains(&answer.status.as_u16()), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_change_that_cuts_nobody_off_is_in_force_at_once_and_in_the_journal() {
    let mut office = Office::new().await;
    let changed = office.send("/mail/sender", json!("salle@office.fr")).await.is(StatusCode::OK);
    assert_eq!(changed, json!({ "outcome": "in_force", "remarks": [] }));
    office.later(3600);
    office.claire = office.test.logged_in().await;
    assert_eq!(office.reload().await["document"]["mail"]["sender"], "salle@office.fr");
    let now = office.test.state.clock.now();
    let stored = office.test.state.store.current_settings(now).await.unwrap().unwrap();
    assert_eq!(stored.mail.unwrap().login.unwrap().password.reveal(), "mot-de-passe", "an empty one is kept");
    let by = Author::User { user: office.test.claire };
    let journal = office.test.journal().await;
    let told = journal.iter().any(|event| {
        matches!(event, AuditEvent::SettingsProposed { by: who, parts, .. } if *who == by && *parts == ["mail"])
    });
    assert!(told, "{journal:?}");
    assert!(!format!("{journal:?}").contains("mot-de-passe"));
}

#[tokio::test]
async fn what_is_the_same_is_no_change() {
    let mut office = Office::new().await;
    let lines = office.test.journal().await.len();
    let unchanged = office.send("/mail/login", json!("visio")).await.is(StatusCode::OK);
    assert_eq!(unchanged, json!({ "outcome": "unchanged" }));
    assert_eq!(office.test.journal().await.len(), lines);
}

#[tokio::test]
async fn every_fault_is_told_beside_its_field_and_nothing_is_changed() {
    let mut office = Office::new().await;
    office.document["office"]["crpcen"] = json!("");
    let refused = office.send("/network/gateway", json!("10.0.0.1")).await.refuses(422, "invalid");
    let keys: Vec<_> = refused["faults"].as_array().unwrap().iter().map(|fault| &fault["key"]).collect();
    assert_eq!(keys, ["office.crpcen", "network.gateway"]);
    assert_eq!(refused["faults"][0]["text"], "ce réglage manque. Remplissez ce champ.");
    assert_eq!(refused["faults"][1]["label"], "réseau › passerelle");

    office.reload().await;
    *office.test.machine.fault.lock().unwrap() = Some("network.interface");
    let refused = office.send("/mail/host", json!("smtp.office.fr")).await.refuses(422, "invalid");
    assert_eq!(refused["faults"][0]["key"], "network.interface", "what only the machine knows");
    assert_eq!(office.address().await, "192.168.10.5/24");
}

#[tokio::test]
async fn of_two_administrators_the_second_is_told_of_the_first() {
    let mut office = Office::new().await;
    let other = json!({ "version": office.version, "document": office.document });
    office.send("/support", json!({ "phone": "04 00 00 00 00" })).await.is(StatusCode::OK);
    let mut second = other.clone();
    second["document"]["mail"]["sender"] = json!("autre@office.fr");
    office.claire.put(PATH, second).await.refuses(409, "changed_meanwhile");
    office.reload().await;
    office.moved().await;
    let mut third = json!({ "version": office.version, "document": office.document });
    third["document"]["mail"]["sender"] = json!("autre@office.fr");
    office.claire.put(PATH, third).await.refuses(409, "change_pending");
}

#[tokio::test]
async fn a_change_of_the_address_is_confirmed_from_the_new_one_without_a_session() {
    let mut office = Office::new().await;
    let pending = office.moved().await;
    assert_eq!(pending["address"], "https://192.168.10.9");
    assert_eq!(pending["seconds_left"], 60);
    let (mut old, mut new) = (office.browser_at("192.168.10.5:443"), office.browser_at("192.168.10.9:443"));
    let early = new.post(CONFIRM, by_token(&pending)).await.refuses(409, "too_early");
    assert_eq!(early["retry_after_seconds"], 5);
    office.later(10);
    old.post(CONFIRM, by_token(&pending)).await.refuses(409, "old_address");
    new.post(CONFIRM, by_token(&pending)).await.is(StatusCode::NO_CONTENT);
    new.post(CONFIRM, by_token(&pending)).await.is(StatusCode::NO_CONTENT);
    office.later(3600);
    assert_eq!(office.address().await, "192.168.10.9/24");
    let by = Author::User { user: office.test.claire };
    let journal = office.test.journal().await;
    assert!(
        journal
            .iter()
            .any(|event| matches!(event, AuditEvent::SettingsConfirmed { by: who, .. } if *who == by))
    );
}

#[tokio::test]
async fn only_a_run_that_works_with_the_settings_has_shown_that_they_do() {
    let mut office = Office::new().await;
    let pending = office.moved().await;
    office.later(10);
    let mut new = office.browser_at("192.168.10.9:443");
    office.test.machine.outdated.store(true, Ordering::SeqCst);
    new.post(CONFIRM, by_token(&pending)).await.refuses(409, "too_early");
    office.test.machine.outdated.store(false, Ordering::SeqCst);
    new.post(CONFIRM, by_token(&pending)).await.is(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_administrator_who_logs_in_at_the_new_address_confirms_as_well() {
    let mut office = Office::new().await;
    let pending = office.moved().await;
    office.later(10);
    office.claire.reached = Some("192.168.10.9:443".parse().unwrap());
    let shown = office.reload().await;
    let waiting = json!({ "change": pending["change"], "seconds_left": 50, "parts": ["network"] });
    assert_eq!(shown["pending"], waiting);
    office.claire.post(CONFIRM, json!({ "change": pending["change"] })).await.is(StatusCode::NO_CONTENT);
    assert_eq!(office.reload().await["pending"], Value::Null);
}

#[tokio::test]
async fn nobody_else_confirms_or_undoes() {
    let mut office = Office::new().await;
    let pending = office.moved().await;
    office.later(10);
    let mut new = office.browser_at("192.168.10.9:443");
    for path in [CONFIRM, "/api/system/settings/abandonment"] {
        for body in [
            json!({ "change": pending["change"] }),
            json!({ "change": pending["change"], "token": "AAAAAAAAAAAAAAAAAAAAAA" }),
            json!({ "change": 1, "token": pending["token"] }),
            json!({ "change": 99, "token": pending["token"] }),
        ] {
            new.post(path, body).await.refuses(403, "not_yours");
        }
    }
    let mut colleague = office.test.logged_in_as(COLLEAGUE).await;
    colleague.post(CONFIRM, json!({ "change": pending["change"] })).await.refuses(403, "not_yours");
}

#[tokio::test]
async fn what_nobody_confirms_is_undone_and_told_to_who_comes_too_late() {
    let mut office = Office::new().await;
    let pending = office.moved().await;
    assert_eq!(office.address().await, "192.168.10.9/24", "in force meanwhile");
    office.later(61);
    assert_eq!(office.address().await, "192.168.10.5/24");
    office.browser_at("192.168.10.9:443").post(CONFIRM, by_token(&pending)).await.refuses(409, "undone");
}

#[tokio::test]
async fn a_change_is_abandoned_from_anywhere_but_not_once_it_is_confirmed() {
    let mut office = Office::new().await;
    let pending = office.moved().await;
    let mut old = office.browser_at("192.168.10.5:443");
    old.post("/api/system/settings/abandonment", by_token(&pending)).await.is(StatusCode::NO_CONTENT);
    assert_eq!(office.address().await, "192.168.10.5/24");

    office.reload().await;
    let pending = office.moved().await;
    office.later(10);
    office.browser_at("192.168.10.9:443").post(CONFIRM, by_token(&pending)).await.is(StatusCode::NO_CONTENT);
    old.post("/api/system/settings/abandonment", by_token(&pending)).await.refuses(409, "confirmed");
}

#[tokio::test]
async fn a_trial_mail_goes_through_the_relay_that_is_filled_in_to_who_asks() {
    let mut office = Office::new().await;
    let path = "/api/system/settings/test-mail";
    let sent = office.claire.post(path, json!({ "document": office.document })).await.is(StatusCode::OK);
    assert_eq!(sent, json!({ "to": "claire@office.test" }));
    let expected = ("claire@office.test".to_owned(), "smtp.office.fr".to_owned(), "mot-de-passe".to_owned());
    assert_eq!(*office.test.machine.mails.lock().unwrap(), [expected]);

    office.document["mail"]["host"] = json!("smtp.ailleurs.fr");
    let body = json!({ "document": office.document });
    let refused = office.claire.post(path, body).await.refuses(422, "invalid");
    assert_eq!(refused["faults"][0]["key"], "mail.password", "the password is for the office's relay");

    office.reload().await;
    office.test.machine.mails_are_refused.store(true, Ordering::SeqCst);
    let body = json!({ "document": office.document });
    assert_eq!(office.claire.post(path, body).await.refuses(502, "not_taken")["detail"], "535");
    office.document.as_object_mut().unwrap().remove("mail");
    let body = json!({ "document": office.document });
    assert_eq!(office.claire.post(path, body).await.refuses(422, "invalid")["faults"][0]["key"], "mail.host");
}

#[tokio::test]
async fn a_trial_sms_goes_as_is_filled_in_to_who_asks() {
    let mut office = Office::new().await;
    let path = "/api/system/settings/test-sms";
    let body = json!({ "document": office.document });
    assert_eq!(office.claire.post(path, body).await.refuses(422, "invalid")["faults"][0]["key"], "sms.kind");
    office.document["sms"] = json!({
        "kind": "http", "url": "https://sms.exemple.fr/?to={digits}&text={text}&key={secret}", "method": "get", "secret": "s3cret",
    });
    let body = json!({ "document": office.document });
    let sent = office.claire.post(path, body).await.is(StatusCode::OK);
    assert_eq!(
        *office.test.machine.sms.lock().unwrap(),
        [(sent["to"].as_str().unwrap().to_owned(), "s3cret".to_owned())]
    );
    office.document["sms"] = json!({ "kind": "modem" });
    let body = json!({ "document": office.document });
    assert_eq!(office.claire.post(path, body).await.refuses(502, "not_taken")["detail"], "no modem");
}

#[tokio::test]
async fn the_authoritys_certificate_is_downloaded() {
    let mut office = Office::new().await;
    let answer = office.claire.get("/api/system/settings/authority").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"autorite-tabellion.crt\"");
}

#[tokio::test]
async fn networks_without_their_author_are_refused_beside_the_field() {
    let mut office = Office::new().await;
    let refused = office.send("/access/networks", json!(["10.78.0.0/16"])).await.refuses(422, "invalid");
    assert_eq!(refused["faults"][0]["key"], "access.networks");
    let text = refused["faults"][0]["text"].as_str().unwrap();
    assert!(text.contains("10.77.0.2") && text.contains("Ajoutez le réseau"), "{text}");
    let taken = office.send("/access/networks", json!(["10.77.0.0/16", "2001:db8::/32"])).await;
    assert_eq!(taken.is(StatusCode::OK)["outcome"], "in_force");
    // Of a change of something else, nobody is asked where he is.
    office.later(3600);
    office.claire = office.test.logged_in().await;
    office.reload().await;
    office.claire.peer = "192.168.1.1".parse().unwrap();
    assert_eq!(
        office.send("/mail/sender", json!("a@office.fr")).await.is(StatusCode::OK)["outcome"],
        "in_force"
    );
}

#[tokio::test]
async fn whoever_names_himself_a_proxy_is_told_that_he_would_be_nobody() {
    let mut office = Office::new().await;
    let refused = office.send("/access/proxies", json!(["10.77.0.0/24"])).await.refuses(422, "invalid");
    assert_eq!(refused["faults"][0]["key"], "access.proxies");
    let taken = office.send("/access/proxies", json!(["10.77.0.9"])).await.is(StatusCode::OK);
    assert_eq!(taken["outcome"], "in_force");
}

#[tokio::test]
async fn how_long_sessions_last_and_where_guests_are_is_set_within_bounds() {
    let mut office = Office::new().await;
    for (pointer, wrong) in [
        ("/access/idle_minutes", 4),
        ("/access/session_hours", 25),
        ("/ports/guests", 443),
        ("/ports/guests", 7000),
    ] {
        let before = office.document.clone();
        let refused = office.send(pointer, json!(wrong)).await.refuses(422, "invalid");
        assert_eq!(refused["faults"].as_array().unwrap().len(), 1, "{refused}");
        office.document = before;
    }
    let taken = office.send("/ports/guests", json!(8444)).await.is(StatusCode::OK);
    assert_eq!(taken["outcome"], "in_force", "the espace client stays where it is");
    let remarked =
        office.test.state.store.current_settings(office.test.state.clock.now()).await.unwrap().unwrap();
    assert_eq!(remarked.ports.guests, Some(8444));
}
