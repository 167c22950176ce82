//! A box with an office, two users and a meeting, and browsers that ask it things, without a network.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod machine;
mod served;

pub(crate) use machine::TestMachine;
pub(crate) use served::{Page, Served, identity};

use crate::{
    endpoints::system::SystemReports,
    in_call::InCall,
    peer::{Peer, Reached},
    state::{AppState, WebConfig},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use serde_json::{Value, json};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tabellion_conference::{Conference, ConferenceConfig, PortPool, media::Media};
use tabellion_domain::{
    AuditEvent, Civility, Clock, Description, MeetingNumber, PermanentMeeting, SecurityCode, Totp, UserId,
    password,
    settings::Access,
    testing::{FakeClock, FakeEntropy},
};
use tabellion_store::{NewMeeting, NewUser, Office, OutboxKind, Store};
use tabellion_system::updater::Updater;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "Tabellion-2026!";
pub(crate) const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// A user without mobile and authenticator.
pub(crate) const WITHOUT_FACTOR: &str = "without.factor";
/// A user with a mobile, and no authenticator.
pub(crate) const MOBILE_ONLY: &str = "mobile.only";
/// A user with all factors who is no administrator.
pub(crate) const COLLEAGUE: &str = "julien.petit";
pub(crate) const LINK: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The box. Its switchboard is away: nothing here needs one.
pub(crate) struct TestBox {
    pub state: AppState,
    pub clock: FakeClock,
    pub machine: Arc<TestMachine>,
    pub claire: UserId,
    /// «Vente DUPONT», active, code 1234.
    pub sale: PermanentMeeting,
    router: Router,
    /// Gone with the box.
    _folder: tempfile::TempDir,
}

/// One browser: its cookie, and where it is.
pub(crate) struct Browser {
    router: Router,
    pub cookie: Option<String>,
    /// The cookies by which it is a known device: name and value.
    pub devices: Vec<String>,
    /// What it sends besides.
    pub headers: Vec<(&'static str, String)>,
    pub peer: IpAddr,
    /// Which of the box's addresses it asks, where that matters.
    pub reached: Option<SocketAddr>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Vec<u8>,
}

impl TestBox {
    pub(crate) async fn new() -> Self {
        Self::of(|_| ()).await
    }

    /// `change`: what this one is told differently.
    pub(crate) async fn of(change: impl FnOnce(&mut WebConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy) = (FakeClock::default(), Arc::new(FakeEntropy::seeded(7)));
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        let (media, _) = Media::start(folder.path().join("media.sock"));
        let hash = password::hash(PASSWORD, entropy.as_ref()).unwrap();
        let claire =
            store.create_user(user("claire.moreau", Some("+33600000012"), Some(SECRET), &hash), clock.now());
        let claire = claire.await.unwrap();
        store.create_user(user(WITHOUT_FACTOR, None, None, &hash), clock.now()).await.unwrap();
        store.create_user(user(MOBILE_ONLY, Some("+33600000034"), None, &hash), clock.now()).await.unwrap();
        let colleague = user(COLLEAGUE, Some("+33600000056"), Some(SECRET), &hash);
        store.create_user(NewUser { administrator: false, ..colleague }, clock.now()).await.unwrap();
        let number = MeetingNumber::parse("1099053523").unwrap();
        let sale =
            store.create_numbered_meeting(sale(claire), number, LINK.to_owned(), clock.now()).await.unwrap();
        let config = ConferenceConfig {
            office: office().name,
            media_address: IpAddr::from([127, 0, 0, 1]),
            leg_kbps: 1_152,
            ports: PortPool::new(20_000..20_100),
            turn: None,
        };
        let conference =
            Conference::new(config, store.clone(), media, Arc::new(clock.clone()), entropy.clone());
        let mut config = WebConfig {
            public_url: "https://box.test:8443".to_owned(),
            pages: folder.path().join("pages"),
            demonstration: true,
            sms: true,
            reports: SystemReports::default(),
            state: folder.path().to_owned(),
            requests: folder.path().join("requests"),
            sftp_requests: folder.path().join("sftp-requests"),
            updater: Updater::default(),
            office: office(),
            access: Access::default(),
            device_key: [7; 32],
        };
        change(&mut config);
        let machine = Arc::new(TestMachine::default());
        let state = AppState {
            store,
            conference,
            clock: Arc::new(clock.clone()),
            entropy,
            machinery: machine.clone(),
            restart: Arc::default(),
            in_call: InCall::default(),
            config: Arc::new(config),
        };
        let router = crate::router(state.clone());
        Self { state, clock, machine, claire, sale, router, _folder: folder }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::of(self.router.clone())
    }

    /// A browser at the port of guests.
    pub(crate) fn guest_browser(&self) -> Browser {
        Browser::of(crate::guest_router(self.state.clone()))
    }

    /// A seat's secret, for a guest who has given the code.
    pub(crate) async fn guest_seat(&self) -> String {
        let form = json!({ "first_name": "Bob", "last_name": "Martin", "code": "1234" });
        let grant =
            self.browser().post(&format!("/api/links/{LINK}/requests"), form).await.is(StatusCode::CREATED);
        grant["seat_token"].as_str().unwrap().to_owned()
    }

    /// What Claire's authenticator shows now.
    pub(crate) fn totp(&self) -> String {
        Totp::from_base32(SECRET).unwrap().code(self.clock.now())
    }

    /// The code in the last SMS that waits to be sent, to Claire.
    pub(crate) async fn sms(&self) -> String {
        self.sms_to("+33600000012").await
    }

    /// The same, to somebody.
    pub(crate) async fn sms_to(&self, mobile: &str) -> String {
        let waiting = self.state.store.outbox_due(OutboxKind::Sms, self.clock.now()).await.unwrap();
        let payload = &waiting.last().unwrap().payload;
        assert_eq!(payload["to"], mobile);
        payload["text"].as_str().unwrap().chars().filter(char::is_ascii_digit).take(6).collect()
    }

    /// Address and text of the last mail that waits to be sent.
    pub(crate) async fn last_mail(&self) -> (String, String) {
        let waiting = self.state.store.outbox_due(OutboxKind::Mail, self.clock.now()).await.unwrap();
        let payload = &waiting.last().unwrap().payload;
        let text = |name: &str| payload[name].as_str().unwrap().to_owned();
        (text("to"), text("text"))
    }

    /// What the last mail's link carries.
    pub(crate) async fn last_link(&self) -> String {
        let (_, text) = self.last_mail().await;
        text.split_once('#').unwrap().1.lines().next().unwrap().to_owned()
    }

    /// The temporary password in the last mail.
    pub(crate) async fn temporary_password(&self) -> String {
        let (_, text) = self.last_mail().await;
        text.split_once("provisoire\u{a0}: ").unwrap().1.lines().next().unwrap().to_owned()
    }

    /// Waits until a seat that was open is over.
    pub(crate) async fn seat_is_over(&self, token: &str) {
        use tabellion_conference::AttachError;
        let over = async {
            loop {
                match self.state.conference.attach(token, None).await {
                    Err(AttachError::Over(_)) => return,
                    Err(error) => panic!("{error}"),
                    Ok(_) => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), over).await.unwrap();
    }

    /// A browser in which Claire is logged in.
    pub(crate) async fn logged_in(&self) -> Browser {
        self.logged_in_as("claire.moreau").await
    }

    /// A browser in which somebody with Claire's secret is logged in.
    pub(crate) async fn logged_in_as(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        browser.password_of(login).await.is(StatusCode::OK);
        browser.code("totp", &self.totp()).await.is(StatusCode::OK);
        // The next login needs another code.
        self.clock.advance(time::Duration::seconds(30));
        browser
    }

    /// The audit journal's events.
    pub(crate) async fn journal(&self) -> Vec<AuditEvent> {
        let lines = self.state.store.audit_journal().await.unwrap();
        lines.iter().map(|line| serde_json::from_str(&line.event).unwrap()).collect()
    }
}

impl Browser {
    /// One that asks whatever has these routes.
    pub(crate) fn of(router: Router) -> Self {
        Self {
            router,
            cookie: None,
            devices: vec![],
            headers: vec![],
            reached: None,
            peer: "10.77.0.2".parse().unwrap(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.send(self.request("DELETE", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.with_body("POST", path, body.to_string()).await
    }

    pub(crate) async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.with_body("PUT", path, body.to_string()).await
    }

    pub(crate) async fn patch(&mut self, path: &str, body: Value) -> Answer {
        self.with_body("PATCH", path, body.to_string()).await
    }

    pub(crate) async fn with_body(&mut self, method: &str, path: &str, body: String) -> Answer {
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Claire's login with this password.
    pub(crate) async fn password(&mut self, password: &str) -> Answer {
        self.post("/api/session", json!({ "login": "claire.moreau", "password": password })).await
    }

    /// Somebody's login with the right password.
    pub(crate) async fn password_of(&mut self, login: &str) -> Answer {
        self.post("/api/session", json!({ "login": login, "password": PASSWORD })).await
    }

    /// The second factor.
    pub(crate) async fn code(&mut self, method: &str, code: &str) -> Answer {
        self.post("/api/session/second-factor", json!({ "method": method, "code": code })).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(Peer(self.peer));
        if let Some(reached) = self.reached {
            request.extensions_mut().insert(Reached(reached));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            if pair.starts_with("__Host-tabellion-device-") {
                self.devices.push(pair.to_owned());
            } else {
                self.cookie = (!rest.contains("Max-Age=0")).then(|| pair.to_owned());
            }
        }
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec();
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned(), body }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path).header("x-tabellion", "1");
        let request = request.header(header::HOST, "box.test:8443");
        let request =
            self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let cookies: Vec<_> = self.cookie.iter().chain(&self.devices).map(String::as_str).collect();
        if cookies.is_empty() { request } else { request.header(header::COOKIE, cookies.join("; ")) }
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).unwrap() }
    }

    /// An error with this code and a message for the user.
    #[track_caller]
    pub(crate) fn refuses(self, status: u16, code: &str) -> Value {
        let body = self.is(StatusCode::from_u16(status).unwrap());
        assert_eq!(body["error"]["code"], code, "{body}");
        assert!(body["error"]["message"].as_str().unwrap().ends_with('.'), "{body}");
        body["error"].clone()
    }
}

fn user(login: &str, mobile: Option<&str>, totp_secret: Option<&str>, hash: &str) -> NewUser {
    NewUser {
        login: login.to_owned(),
        civility: Civility::Maitre,
        first_name: "Claire".to_owned(),
        last_name: "Moreau".to_owned(),
        email: "claire@office.test".to_owned(),
        mobile: mobile.map(str::to_owned),
        administrator: true,
        password_hash: hash.to_owned(),
        totp_secret: totp_secret.map(str::to_owned),
    }
}

fn sale(created_by: UserId) -> NewMeeting {
    NewMeeting {
        description: Description::new("Vente DUPONT").unwrap(),
        active: true,
        code_active: true,
        code: Some(SecurityCode::new("1234").unwrap()),
        created_by,
    }
}

fn office() -> Office {
    Office {
        name: "Office Notarial de la Place".to_owned(),
        domain: "visio.tabellion.test".to_owned(),
        crpcen: "99001".to_owned(),
        number_prefix: "1099".to_owned(),
        support_name: "Support".to_owned(),
        support_phone: "01 00 00 00 00".to_owned(),
        support_email: "support@tabellion.test".to_owned(),
        support_hours: "Du lundi au vendredi, de 9 h à 18 h".to_owned(),
        brand: tabellion_domain::settings::Brand::default(),
    }
}

/// All that the API's description has: method and path.
pub(crate) fn api() -> Vec<(String, String)> {
    let description: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, methods)| {
        let path = path
            .replace("{id}", "1")
            .replace("{ticket}", "a")
            .replace("{number}", "1")
            .replace("{token}", LINK);
        methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone()))
    });
    each.collect()
}
