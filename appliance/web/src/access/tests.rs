use crate::testing::{Browser, LINK, PASSWORD, TestBox};
use axum::http::StatusCode;
use serde_json::json;
use tabellion_domain::settings::{Access, IpNetwork};

/// A box with its pages, and a reverse proxy at 10.77.0.9.
async fn office() -> TestBox {
    let proxies = vec![IpNetwork::new("10.77.0.9").unwrap()];
    let test = TestBox::of(|config| config.access = Access { proxies, ..Access::default() }).await;
    let pages = &test.state.config.pages;
    std::fs::create_dir_all(pages.join("assets")).unwrap();
    for name in ["app.html", "join.html", "setup.html", "icon.svg", "assets/app-1a2b.js"] {
        std::fs::write(pages.join(name), name).unwrap();
    }
    test
}

fn at(mut browser: Browser, address: &str) -> Browser {
    browser.peer = address.parse().unwrap();
    browser
}

/// What belongs to the espace client: all that the API answers but what guests ask.
fn espace_client() -> Vec<(String, String)> {
    let of_guests =
        ["/api/health", "/api/brand", "/api/verification/", "/api/links/", "/api/seat", "/api/setup"];
    let all = crate::testing::api().into_iter();
    all.filter(|(_, path)| !of_guests.iter().any(|open| path.starts_with(open))).collect()
}

async fn ask(browser: &mut Browser, method: &str, path: &str) -> crate::testing::Answer {
    browser.with_body(method, path, "{}".to_owned()).await
}

#[tokio::test]
async fn all_of_the_espace_client_is_closed_to_who_comes_from_elsewhere() {
    let test = office().await;
    let mut stranger = at(test.browser(), "203.0.113.7");
    let all = espace_client();
    assert!(all.len() > 50, "{all:?}");
    for (method, path) in &all {
        let refused = ask(&mut stranger, method, path).await.refuses(403, "outside_network");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains("VPN") && message.contains("Support, 01 00 00 00 00"), "{path}: {message}");
    }
    for path in
        ["/", "/reglages-de-la-boite", "/nouveau-mot-de-passe", "/demonstration", "/app.html", "/setup.html"]
    {
        let answer = stranger.get(path).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::FORBIDDEN, "join.html"), "{path}");
    }
}

#[tokio::test]
async fn what_a_link_leads_to_answers_wherever_somebody_is_on_both_ports() {
    let test = office().await;
    for browser in [test.browser(), test.guest_browser()] {
        let mut stranger = at(browser, "203.0.113.7");
        for (path, page) in [
            (format!("/reunion/{LINK}"), "join.html"),
            ("/verification/2026-7K3Q-9XTM".to_owned(), "join.html"),
            ("/cgv".to_owned(), "app.html"),
            ("/responsabilite".to_owned(), "app.html"),
            ("/icon.svg".to_owned(), "icon.svg"),
            ("/assets/app-1a2b.js".to_owned(), "assets/app-1a2b.js"),
        ] {
            let answer = stranger.get(&path).await;
            assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, page), "{path}");
        }
        for path in ["/api/health", "/api/brand", "/api/brand/legal", &format!("/api/links/{LINK}")] {
            stranger.get(path).await.is(StatusCode::OK);
        }
        assert_eq!(stranger.get("/brand.css").await.status, StatusCode::OK);
        let form = json!({ "first_name": "Bob", "last_name": "Martin", "code": "1234" });
        stranger.post(&format!("/api/links/{LINK}/requests"), form).await.is(StatusCode::CREATED);
    }
}

#[tokio::test]
async fn the_port_of_guests_serves_nothing_else_not_even_to_the_office() {
    let test = office().await;
    for address in ["10.77.0.2", "127.0.0.1", "203.0.113.7"] {
        let mut browser = at(test.guest_browser(), address);
        for (method, path) in espace_client() {
            ask(&mut browser, &method, &path).await.refuses(404, "unknown");
        }
        for path in ["/", "/utilisateurs", "/demonstration", "/app.html"] {
            let answer = browser.get(path).await;
            assert_eq!((answer.status, answer.text.as_str()), (StatusCode::FORBIDDEN, "join.html"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_session_from_the_office_opens_nothing_elsewhere() {
    let test = office().await;
    let mut claire = test.logged_in().await;
    claire.get("/api/session").await.is(StatusCode::OK);
    let mut stolen = at(claire, "203.0.113.7");
    stolen.get("/api/session").await.refuses(403, "outside_network");
}

#[tokio::test]
async fn a_header_is_believed_from_a_reverse_proxy_alone() {
    let test = office().await;
    let mut stranger = at(test.browser(), "203.0.113.7");
    for (header, value) in
        [("x-forwarded-for", "10.0.0.1"), ("forwarded", "for=10.0.0.1"), ("x-real-ip", "10.0.0.1")]
    {
        stranger.headers = vec![(header, value.to_owned())];
        stranger.get("/api/session").await.refuses(403, "outside_network");
    }
    let mut proxy = at(test.browser(), "10.77.0.9");
    proxy.get("/api/session").await.refuses(403, "outside_network");
    proxy.headers = vec![("x-forwarded-for", "10.0.0.1, 203.0.113.7".to_owned())];
    proxy.get("/api/session").await.refuses(403, "outside_network");
    proxy.headers = vec![("x-forwarded-for", "203.0.113.7, 10.0.0.1".to_owned())];
    proxy.get("/api/session").await.refuses(401, "not_logged_in");
}

#[tokio::test]
async fn a_proxy_that_the_settings_do_not_name_makes_nobody_one_of_the_office() {
    let test = office().await;
    let mut unnamed = at(test.browser(), "10.77.0.2");
    unnamed.get("/api/session").await.refuses(401, "not_logged_in");
    unnamed.headers = vec![("x-forwarded-for", "203.0.113.7".to_owned())];
    unnamed.get("/api/session").await.refuses(403, "outside_network");
}

#[tokio::test]
async fn what_the_demonstration_makes_is_not_for_guests() {
    let test = office().await;
    for browser in [test.browser(), test.guest_browser()] {
        let mut stranger = at(browser, "203.0.113.7");
        for path in ["/demonstration/courriels/1/invitation.ics", "/app.htm%6c", "/utilisateurs/x.css"] {
            let answer = stranger.get(path).await;
            assert_eq!((answer.status, answer.text.as_str()), (StatusCode::FORBIDDEN, "join.html"), "{path}");
        }
    }
}

#[tokio::test]
async fn guessing_by_a_proxy_is_counted_for_who_guesses_and_not_for_the_proxy() {
    let test = office().await;
    let guess = async |client: &str, login: &str| {
        let mut browser = at(test.browser(), "10.77.0.9");
        browser.headers = vec![("x-forwarded-for", client.to_owned())];
        browser.post("/api/session", json!({ "login": login, "password": "wrong password" })).await
    };
    for login in ["a", "b", "c"] {
        guess("10.0.0.1", login).await.refuses(401, "bad_credentials");
    }
    guess("10.0.0.1", "d").await.refuses(429, "too_many_attempts");
    guess("10.0.0.2", "d").await.refuses(401, "bad_credentials");
}

#[tokio::test]
async fn the_box_itself_is_inside_whatever_the_networks_are() {
    let networks = vec![IpNetwork::new("10.1.0.0/16").unwrap()];
    let test = TestBox::of(|config| config.access = Access { networks, ..Access::default() }).await;
    let mut own = at(test.browser(), "192.168.10.5");
    own.reached = Some("192.168.10.5:443".parse().unwrap());
    own.password(PASSWORD).await.is(StatusCode::OK);
    own.reached = Some("192.168.10.6:443".parse().unwrap());
    own.password(PASSWORD).await.refuses(403, "outside_network");
    at(test.browser(), "10.1.2.3").password(PASSWORD).await.is(StatusCode::OK);
}
