//! The built pages: `app.html` for the espace client, `join.html` for guests, `setup.html` for a box without settings, and
//! their assets.

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use std::path::{Path, PathBuf};
use tower::ServiceExt;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

/// Assets carry a hash of their content in their name: what was fetched once stays right.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(crate) fn service(folder: &Path) -> Router {
    let join = folder.join("join.html");
    let verification = join.clone();
    with_page(folder, "app.html")
        .route("/reunion/{token}", get(move || page(join.clone())))
        .route("/verification/{number}", get(move || page(verification.clone())))
}

/// Whether a page or a file is there for guests, too: what a meeting's link or a paper's code leads to, the legal texts, and the files
/// that those pages are made of.
pub(crate) fn is_for_guests(path: &str) -> bool {
    let below = ["/reunion/", "/verification/", "/assets/"];
    // Beside the pages, not below anything: what endpoints make may have a name with an ending, too.
    let beside = path.strip_prefix('/').filter(|name| !name.contains(['/', '%'])).unwrap_or_default();
    below.iter().any(|place| path.starts_with(place))
        || matches!(path, "/cgv" | "/responsabilite")
        || (beside.contains('.') && !beside.ends_with(".html"))
}

/// The page of somebody whom the espace client does not answer: `join.html`, which finds no link in its address, says so.
pub(crate) async fn outside(folder: &Path) -> Response {
    let mut response = page(folder.join("join.html")).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    response
}

/// Whatever address somebody knows of a box leads to its set-up.
pub(crate) fn setup(folder: &Path) -> Router {
    with_page(folder, "setup.html")
}

/// The files beside the pages, and one page for every other address.
fn with_page(folder: &Path, name: &str) -> Router {
    let assets = ServeDir::new(folder.join("assets"));
    let assets = tower::ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, |response: &Response<_>| {
            response.status().is_success().then(|| HeaderValue::from_static(FOR_EVER))
        }))
        .service(assets);
    let root = ServeDir::new(folder).append_index_html_on_directories(false);
    let fallback = folder.join(name);
    Router::new()
        .nest_service("/assets", assets)
        .fallback(get(move |request: Request| file_or_page(request, root.clone(), fallback.clone())))
}

/// Names with an ending are files beside the pages (`/favicon.svg`); all else is an address within the one page.
async fn file_or_page(request: Request, root: ServeDir, fallback: PathBuf) -> Response {
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    if !name.contains('.') {
        return page(fallback).await;
    }
    match root.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

async fn page(file: PathBuf) -> Response {
    match tokio::fs::read(&file).await {
        Ok(html) => {
            let headers =
                [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
            (headers, Body::from(html)).into_response()
        }
        Err(error) => {
            tracing::error!(file = %file.display(), %error, "a page is missing: build the pages with `make build`");
            let text = "<!doctype html><html lang=fr><meta charset=utf-8><title>Tabellion</title>\
                        <p>Les pages de la boîte ne sont pas installées. Prévenez le support.";
            (StatusCode::SERVICE_UNAVAILABLE, Html(text)).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestBox;

    fn build(test: &TestBox) {
        let pages = &test.state.config.pages;
        std::fs::create_dir_all(pages.join("assets")).unwrap();
        for (name, text) in
            [("app.html", "app"), ("join.html", "join"), ("assets/app-1a2b.js", "js"), ("icon.svg", "svg")]
        {
            std::fs::write(pages.join(name), text).unwrap();
        }
    }

    #[tokio::test]
    async fn each_address_has_its_page() {
        let test = TestBox::new().await;
        build(&test);
        for (path, page) in [
            ("/", "app"),
            ("/reunions-permanentes/12/salle", "app"),
            ("/reunion/AAAA", "join"),
            ("/verification/2026-7K3Q-9XTM", "join"),
            ("/icon.svg", "svg"),
            ("/assets/app-1a2b.js", "js"),
        ] {
            let answer = test.browser().get(path).await;
            assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, page), "{path}");
        }
        for path in [
            "/assets/gone.js",
            "/gone.svg",
            "/../tabellion.db",
            "/%2e%2e/tabellion.db",
            "/assets/../../tabellion.db",
        ] {
            assert_eq!(test.browser().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        test.browser().get("/api/nothing").await.refuses(404, "unknown");
        test.browser().patch("/api/health", serde_json::json!({})).await.refuses(405, "method_not_allowed");
    }

    #[tokio::test]
    async fn assets_are_kept_for_ever_and_pages_are_asked_for_again() {
        let test = TestBox::new().await;
        build(&test);
        let cached = async |path: &str| {
            let answer = test.browser().get(path).await;
            answer.headers.get(header::CACHE_CONTROL).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(cached("/assets/app-1a2b.js").await.as_deref(), Some(FOR_EVER));
        assert_eq!(cached("/assets/gone.js").await, None, "what is missing now may come");
        assert_eq!(cached("/").await.as_deref(), Some("no-cache"));
        assert_eq!(cached("/api/health").await.as_deref(), Some("no-store"));
    }

    #[tokio::test]
    async fn pages_that_were_not_built_are_told_of() {
        let answer = TestBox::new().await.browser().get("/").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text.contains("ne sont pas installées"));
    }
}
