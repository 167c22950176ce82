use crate::{
    endpoints::session::{LoginTurns, Subjects},
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    peer::Peer,
    state::AppState,
};
use axum::{Extension, extract::State, http::StatusCode};
use serde::Deserialize;
use std::time::Duration;
use tabellion_domain::account::{LINK_VALIDITY, PasswordLink};
use tabellion_post::account_texts::{self, Addressee};
use tabellion_store::NewPasswordLink;
use utoipa::ToSchema;

/// An answer comes after this, whether an account was found or not: what was done meanwhile takes a small part of it.
const ANSWER_AFTER: Duration = Duration::from_millis(300);

/// Who has lost a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LostPassword {
    /// «Identifiant ou e-mail».
    text: String,
}

/// «Mot de passe oublié»: sends a link to the mail address of each account with this login or address. The answer is the same
/// where there is none, and comes as late.
#[utoipa::path(post, path = "/api/password/lost", request_body = LostPassword, responses(
    (status = 202),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn ask(
    State(state): State<AppState>,
    Extension(turns): Extension<LoginTurns>,
    peer: Peer,
    JsonBody(LostPassword { text }): JsonBody<LostPassword>,
) -> Result<StatusCode, ApiError> {
    let subjects = Subjects::of_lost_password(&text, peer);
    let work = async {
        // One at a time, as logins: made all at once, none would be counted before the others are looked at.
        let _turn = turns.take().await;
        subjects.check_saying(&state, "Trop de demandes.").await?;
        subjects.failed(&state).await?;
        send(&state, text).await
    };
    let (done, ()) = tokio::join!(work, tokio::time::sleep(ANSWER_AFTER));
    done.map(|()| StatusCode::ACCEPTED)
}

async fn send(state: &AppState, text: String) -> Result<(), ApiError> {
    let now = state.clock.now();
    let mut links = Vec::new();
    for user in state.store.users_called(text).await? {
        let link = PasswordLink::draw(state.entropy.as_ref(), now);
        // Behind the `#`: it is in no log, and sent to nobody but by the page.
        let address = format!("{}/nouveau-mot-de-passe#{}", state.config.public_url, link.token);
        let name = user.display_name();
        let to = Addressee { email: &user.email, name: &name, login: &user.login };
        let mail = account_texts::password_link(to, &address, LINK_VALIDITY.whole_minutes()).payload();
        links.push(NewPasswordLink { user: user.id, hash: link.hash, expires_at: link.expires_at, mail });
    }
    Ok(state.store.send_password_links(links, now).await?)
}

#[cfg(test)]
mod tests {
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::AuditEvent;
    use tabellion_store::OutboxKind;
    use time::Duration;

    const PATH: &str = "/api/password/lost";

    #[tokio::test]
    async fn a_link_is_sent_and_an_unknown_name_gets_the_same_answer() {
        let test = TestBox::new().await;
        let known = test.browser().post(PATH, json!({ "text": " Julien.PETIT " })).await;
        let (to, text) = test.last_mail().await;
        assert_eq!(to, "claire@office.test");
        assert!(
            text.contains("https://box.test:8443/nouveau-mot-de-passe#") && text.contains(COLLEAGUE),
            "{text}"
        );
        let unknown = test.browser().post(PATH, json!({ "text": "nobody@office.test" })).await;
        assert_eq!((known.status, unknown.status), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
        assert_eq!((known.text, known.headers), (unknown.text, unknown.headers));
        let mails = test.state.store.outbox_due(OutboxKind::Mail, test.state.clock.now()).await.unwrap();
        assert_eq!(mails.len(), 1);
        let user = test.state.store.user_by_login(COLLEAGUE.to_owned()).await.unwrap().unwrap().id;
        assert_eq!(test.journal().await.last(), Some(&AuditEvent::PasswordLinkSent { user }));
    }

    #[tokio::test]
    async fn each_account_with_a_mail_address_is_told_apart_by_its_login() {
        let test = TestBox::new().await;
        test.browser().post(PATH, json!({ "text": "CLAIRE@office.test" })).await.is(StatusCode::ACCEPTED);
        let mails = test.state.store.outbox_due(OutboxKind::Mail, test.state.clock.now()).await.unwrap();
        assert_eq!(mails.len(), 4, "an office may have one for all");
    }

    #[tokio::test]
    async fn nobody_s_box_is_filled_with_mails_and_nobody_is_kept_from_logging_in() {
        let test = TestBox::new().await;
        for _ in 0..5 {
            test.browser().post(PATH, json!({ "text": COLLEAGUE })).await.is(StatusCode::ACCEPTED);
        }
        let mut elsewhere = test.browser();
        elsewhere.peer = "10.77.0.9".parse().unwrap();
        elsewhere.post(PATH, json!({ "text": COLLEAGUE })).await.refuses(429, "too_many_attempts");
        elsewhere.post(PATH, json!({ "text": "nobody" })).await.is(StatusCode::ACCEPTED);
        test.browser().post(PATH, json!({ "text": "nobody" })).await.refuses(429, "too_many_attempts");
        test.browser().password_of(COLLEAGUE).await.is(StatusCode::OK);
        test.clock.advance(Duration::minutes(1));
        elsewhere.post(PATH, json!({ "text": COLLEAGUE })).await.is(StatusCode::ACCEPTED);
    }
}
