use crate::{
    machinery::Card,
    setup::{Door, SetupMachine, SetupState},
    testing::Browser,
};
use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};
use tabellion_domain::{
    SetupNotice,
    settings::{Author, Refusal, Settings, SetupError},
    testing::{FakeClock, FakeEntropy},
};
use tabellion_store::Store;
use time::Duration;

/// A machine with one card, which knows no other.
struct OneCard;

impl SetupMachine for OneCard {
    fn faults(&self, settings: &Settings) -> Vec<SetupError> {
        let chosen = settings.network.interface.is_some();
        let refusal = Refusal::new("cette interface n’existe pas", "Retirez cette ligne");
        chosen.then(|| SetupError::new("network.interface", refusal)).into_iter().collect()
    }

    fn cards(&self) -> std::io::Result<Vec<Card>> {
        Ok(vec![Card { name: "enp1s0".to_owned(), mac: "52:54:00:12:34:56".to_owned() }])
    }
}

/// A box out of its carton.
struct NewBox {
    state: SetupState,
    clock: FakeClock,
    folder: tempfile::TempDir,
}

impl NewBox {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy) = (FakeClock::default(), Arc::new(FakeEntropy::seeded(7)));
        let state = SetupState {
            store: Store::open(&folder.path().join("tabellion.db")).unwrap(),
            clock: Arc::new(clock.clone()),
            entropy: entropy.clone(),
            door: Arc::new(Door::new(folder.path().join("setup.json"), entropy).unwrap()),
            machine: Arc::new(OneCard),
            pages: folder.path().join("pages"),
            https_port: 443,
            turn: Arc::default(),
        };
        Self { state, clock, folder }
    }

    fn browser(&self) -> Browser {
        Browser::of(crate::setup_router(self.state.clone()))
    }

    fn code(&self) -> String {
        read(&self.folder.path().join("setup.json")).code.shown()
    }

    /// What the page sends.
    async fn send(&self, settings: &Value, apply: bool) -> crate::testing::Answer {
        let form = json!({ "code": self.code(), "settings": settings, "apply": apply });
        self.browser().post("/api/setup", form).await
    }

    async fn stage(&self) -> Value {
        self.browser().get("/api/setup").await.is(StatusCode::OK)
    }

    async fn confirm(&self) -> crate::testing::Answer {
        self.browser().post("/api/setup/confirmation", json!({ "code": self.code() })).await
    }

    async fn has_claire(&self) -> bool {
        self.state.store.user_by_login("claire.moreau".to_owned()).await.unwrap().is_some()
    }

    async fn author(&self) -> Option<Author> {
        let standing = self.state.store.settings_state(self.state.clock.now()).await.unwrap();
        standing.in_force.map(|change| change.by)
    }
}

fn read(file: &Path) -> SetupNotice {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn settings() -> Value {
    json!({
        "office": { "name": "Office Notarial", "crpcen": "01234", "domain": "visio.office.fr" },
        "support": { "name": "" },
        "administrator": {
            "first_name": "Claire", "last_name": "Moreau", "login": "claire.moreau", "email": "claire@office.fr",
            "mobile": "06 12 34 56 78", "password": "Bien-trop-secret-2026",
        },
    })
}

fn with_fixed_address() -> Value {
    let mut settings = settings();
    settings["network"] = json!({ "mode": "fixed", "address": "192.168.10.5/24", "gateway": "192.168.10.1",
                                  "dns": ["192.168.10.1"] });
    settings
}

#[tokio::test]
async fn a_new_box_says_what_it_is_and_nothing_else() {
    let new = NewBox::new();
    assert_eq!(new.stage().await, json!({ "stage": "to_set_up", "seconds_left": null }));
    new.browser().get("/api/health").await.is(StatusCode::OK);
    for path in ["/api/session", "/api/permanent-meetings", "/api/demonstration/messages"] {
        new.browser().get(path).await.refuses(404, "unknown");
    }
    std::fs::create_dir_all(&new.state.pages).unwrap();
    std::fs::write(new.state.pages.join("setup.html"), "set-up").unwrap();
    for path in ["/", "/installation", "/reunion/AAAA"] {
        let answer = new.browser().get(path).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "set-up"), "{path}");
        assert!(answer.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    }
}

#[tokio::test]
async fn only_the_code_on_the_screen_opens_it() {
    let new = NewBox::new();
    for (path, form) in [
        ("/api/setup/code", json!({ "code": "WRONG" })),
        ("/api/setup", json!({ "code": "", "settings": settings(), "apply": true })),
        ("/api/setup/confirmation", json!({ "code": "00000000" })),
    ] {
        new.browser().post(path, form).await.refuses(403, "wrong_code");
    }
    assert!(!new.has_claire().await);
    let opened =
        new.browser().post("/api/setup/code", json!({ "code": new.code() })).await.is(StatusCode::OK);
    assert_eq!(opened, json!({ "cards": [{ "name": "enp1s0", "mac": "52:54:00:12:34:56" }] }));
}

#[tokio::test]
async fn who_guesses_is_slowed_down_and_the_screen_has_another_code() {
    let new = NewBox::new();
    let former = new.code();
    let guess = async || new.browser().post("/api/setup/code", json!({ "code": "00000000" })).await;
    for left in [4, 3, 2, 1] {
        assert_eq!(guess().await.refuses(403, "wrong_code")["attempts_left"], left);
    }
    assert_eq!(guess().await.refuses(429, "too_many_attempts")["retry_after_seconds"], 60);
    assert_ne!(new.code(), former);
    new.send(&settings(), true).await.refuses(429, "too_many_attempts");
    new.clock.advance(Duration::minutes(1));
    new.send(&settings(), true).await.is(StatusCode::OK);
}

#[tokio::test]
async fn each_fault_is_told_beside_its_field_and_nothing_is_applied() {
    let new = NewBox::new();
    let mut faulty = settings();
    faulty["office"]["domain"] = json!("");
    faulty["administrator"]["password"] = json!("court");
    let error = new.send(&faulty, true).await.refuses(422, "faulty");
    let keys: Vec<_> = error["faults"].as_array().unwrap().iter().map(|fault| &fault["key"]).collect();
    assert_eq!(keys, ["office.domain", "administrator.password"]);
    assert!(!error.to_string().contains("court"), "no secret comes back: {error}");
    let mut strange = settings();
    strange["network"] = json!({ "interface": "eth9" });
    let error = new.send(&strange, true).await.refuses(422, "faulty");
    assert_eq!(error["faults"][0]["key"], "network.interface");
    assert!(!new.has_claire().await && new.author().await.is_none());
}

#[tokio::test]
async fn a_file_is_taken_as_a_whole_and_its_faults_have_lines() {
    let new = NewBox::new();
    let good = "[office]\nname = \"Office\"\ncrpcen = \"1234\"\ndomain = \"visio.office.fr\"\n\
        [administrator]\nfirst_name = \"Claire\"\nlast_name = \"Moreau\"\nlogin = \"claire.moreau\"\n\
        email = \"claire@office.fr\"\nmobile = \"06 12 34 56 78\"\npassword = \"Bien-trop-secret-2026\"\n";
    let send = async |file: &str| {
        let form = json!({ "code": new.code(), "file": file, "apply": true });
        new.browser().post("/api/setup", form).await
    };
    let error = send(&format!("{good}[network]\ninterface = \"eth9\"\n")).await.refuses(422, "faulty");
    assert_eq!(error["faults"][0]["line"], 13, "{error}");
    let error = send(&good.replace("mobile", "mobil")).await.refuses(422, "faulty");
    assert_eq!(error["faults"][0]["line"], 10, "{error}");
    let outcome = send(good).await.is(StatusCode::OK);
    assert_eq!(outcome["remarks"][0]["key"], "office.crpcen", "{outcome}");
    assert!(new.has_claire().await);
}

#[tokio::test]
async fn where_nothing_moves_the_box_is_set_up_at_once_and_once() {
    let new = NewBox::new();
    let checked = new.send(&settings(), false).await.is(StatusCode::OK);
    assert_eq!(checked["confirm_within_seconds"], Value::Null);
    assert!(!new.has_claire().await, "it was only looked at");
    new.send(&settings(), true).await.is(StatusCode::OK);
    assert_eq!(new.author().await, Some(Author::SetupPage));
    assert!(new.has_claire().await);
    assert_eq!(new.stage().await["stage"], "done");
    new.send(&settings(), true).await.refuses(409, "set_up_already");
}

#[tokio::test]
async fn an_address_that_moves_is_confirmed_from_where_the_box_is_then() {
    let new = NewBox::new();
    let outcome = new.send(&with_fixed_address(), true).await.is(StatusCode::OK);
    let (address, within) = (&outcome["address"], &outcome["confirm_within_seconds"]);
    assert_eq!((address, within), (&json!("192.168.10.5"), &json!(60)));
    assert_eq!(new.stage().await, json!({ "stage": "to_confirm", "seconds_left": 60 }));
    assert!(!new.has_claire().await);
    new.send(&settings(), true).await.refuses(409, "to_confirm");
    assert_eq!(new.confirm().await.refuses(425, "too_early")["retry_after_seconds"], 11);
    new.clock.advance(Duration::seconds(10));
    new.confirm().await.is(StatusCode::NO_CONTENT);
    new.confirm().await.is(StatusCode::NO_CONTENT);
    assert_eq!(new.author().await, Some(Author::SetupPage));
    assert!(new.has_claire().await);
}

#[tokio::test]
async fn what_nobody_confirms_is_as_if_it_had_never_been() {
    let new = NewBox::new();
    new.send(&with_fixed_address(), true).await.is(StatusCode::OK);
    new.clock.advance(Duration::minutes(1));
    new.confirm().await.refuses(410, "undone");
    assert_eq!(new.stage().await["stage"], "to_set_up");
    assert!(!new.has_claire().await && new.author().await.is_none());
    new.send(&settings(), true).await.is(StatusCode::OK);
}

#[tokio::test]
async fn another_port_moves_the_page_as_well() {
    let mut new = NewBox::new();
    let mut elsewhere = settings();
    elsewhere["ports"] = json!({ "https": 8443 });
    let outcome = new.send(&elsewhere, false).await.is(StatusCode::OK);
    assert_eq!((&outcome["port"], &outcome["confirm_within_seconds"]), (&json!(8443), &json!(60)));
    new.state.https_port = 8443;
    let outcome = new.send(&elsewhere, false).await.is(StatusCode::OK);
    assert_eq!(outcome["confirm_within_seconds"], Value::Null);
}

#[tokio::test]
async fn nobody_sets_a_box_up_in_front_of_its_closed_door() {
    let new = NewBox::new();
    let mut elsewhere = settings();
    elsewhere["access"] = json!({ "networks": ["192.168.10.0/24"] });
    let refused = new.send(&elsewhere, true).await.refuses(422, "faulty");
    assert_eq!(refused["faults"][0]["key"], "access.networks");
    assert!(new.author().await.is_none());
    // Where the box moves, the confirmation says from where it is reached.
    elsewhere["network"] = with_fixed_address()["network"].clone();
    new.send(&elsewhere, true).await.is(StatusCode::OK);
    new.clock.advance(Duration::seconds(15));
    new.confirm().await.refuses(403, "outside_network");
    elsewhere["access"] = json!({ "networks": ["10.77.0.0/24"] });
    new.clock.advance(Duration::minutes(1));
    new.send(&elsewhere, true).await.is(StatusCode::OK);
    new.clock.advance(Duration::seconds(15));
    new.confirm().await.is(StatusCode::NO_CONTENT);
}
