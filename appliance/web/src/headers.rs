use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Nothing from elsewhere, nothing inline, no framing; camera and microphone for these pages only.
static HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), \
         geolocation=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub(crate) async fn add(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &HEADERS {
        // The demonstration's mails have a stricter policy of their own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use crate::testing::{Answer, Browser, LINK, TestBox, api};
    use axum::http::header;

    /// What every answer says, whatever it is an answer to (ASVS 3.4).
    #[track_caller]
    fn is_closed(answer: &Answer, what: &str) {
        let said = |name: header::HeaderName| {
            let all: Vec<_> = answer.headers.get_all(&name).iter().collect();
            assert_eq!(all.len(), 1, "{what}: {name} is said once");
            all[0].to_str().unwrap().to_owned()
        };
        let policy = said(header::CONTENT_SECURITY_POLICY);
        let directives: Vec<_> = policy.split(';').map(str::trim).collect();
        for wanted in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(directives.contains(&wanted), "{what}: {wanted} in {policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"),
            "{what}: {policy}"
        );
        assert_eq!(said(header::STRICT_TRANSPORT_SECURITY), "max-age=31536000", "{what}");
        assert_eq!(said(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{what}");
        assert_eq!(said(header::REFERRER_POLICY), "no-referrer", "{what}");
        assert_eq!(
            said(header::HeaderName::from_static("cross-origin-opener-policy")),
            "same-origin",
            "{what}"
        );
        assert!(
            !answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN),
            "{what}: nobody else reads it"
        );
        assert!(
            answer.body.is_empty() || answer.headers.contains_key(header::CONTENT_TYPE),
            "{what}: of some type"
        );
    }

    async fn asks_everything(browser: &mut Browser, who: &str) {
        for (method, path) in api() {
            let what = format!("{method} {path} for {who}");
            let answer = browser.with_body(&method, &path, "{}".to_owned()).await;
            is_closed(&answer, &what);
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{what}");
        }
        let reunion = format!("/reunion/{LINK}");
        for path in [
            "/",
            "/utilisateurs",
            &reunion,
            "/verification/1",
            "/cgv",
            "/demonstration",
            "/demonstration.css",
            "/brand.css",
            "/brand/logo.svg",
            "/assets/gone.js",
            "/gone.svg",
            "/api/nothing",
        ] {
            is_closed(&browser.get(path).await, &format!("{path} for {who}"));
        }
    }

    #[tokio::test]
    async fn every_page_and_every_answer_of_the_api_says_what_a_page_may_do() {
        let test = TestBox::of(|config| config.office.brand.logo = "<svg></svg>".to_owned()).await;
        asks_everything(&mut test.browser(), "somebody who is not logged in").await;
        asks_everything(&mut test.guest_browser(), "a guest at the port of guests").await;
        let mut stranger = test.browser();
        stranger.peer = "203.0.113.7".parse().unwrap();
        asks_everything(&mut stranger, "somebody from elsewhere").await;
        asks_everything(&mut test.logged_in().await, "an administrator").await;
    }
}
