use super::{form::UserFields, list::LegalTextView, refused, view::AccountView};
use crate::{
    endpoints::{orders::mail, password::hashed},
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use tabellion_domain::{account::FieldFault, password};
use tabellion_post::account_texts::{self, Addressee};
use tabellion_store::{Agreement, NewAccount, UserRefusal};
use utoipa::ToSchema;

/// «Créer un nouvel utilisateur» (USER-01 to USER-04).
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewUserForm {
    /// «Identifiant de connexion».
    login: String,
    #[serde(flatten)]
    fields: UserFields,
    /// «Nos CGV»: the version that is agreed to.
    terms: Option<String>,
    /// «Responsabilité»: the version that is agreed to.
    liability: Option<String>,
}

/// Makes a user; the login details go to the mail address, with a temporary password.
#[utoipa::path(post, path = "/api/users", request_body = NewUserForm, responses(
    (status = 201, body = AccountView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_licence, with `licences`", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: `field` and `message` of each", body = ErrorBody),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Administrator { user: by }: Administrator,
    JsonBody(form): JsonBody<NewUserForm>,
) -> Result<(StatusCode, Json<AccountView>), ApiError> {
    let settings = state.settings().await?;
    let NewUserForm { login, fields, terms, liability } = form;
    let in_directory = fields.in_directory;
    let (read, mut faults) = fields.read(login);
    let agreements = [
        agreement(&mut faults, "terms", terms, &settings.brand.terms),
        agreement(&mut faults, "liability", liability, &settings.brand.responsibility),
    ];
    let Some((account, rights)) = read.filter(|_| faults.is_empty()) else {
        return Err(ApiError::faults(&faults));
    };
    let now = state.clock.now();
    let temporary = password::temporary(state.entropy.as_ref());
    let name = [account.civility.label(), account.first_name.as_str(), account.last_name.as_str()];
    let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let addressee = Addressee { email: account.email.as_str(), name: &name, login: &account.login };
    let details = account_texts::login_details(
        addressee,
        &state.config.office.name,
        &state.config.public_url,
        &temporary,
    );
    let new = NewAccount {
        rights,
        in_directory,
        password_hash: hashed(&state, temporary).await?,
        temporary_until: now + password::TEMPORARY_VALIDITY,
        agreements: agreements.into_iter().flatten().collect(),
        mail: details.payload(),
        account,
    };
    let made =
        state.store.create_account(new, by.id, mail(&state, &settings), now).await?.map_err(refused)?;
    let user = state.store.user(made).await?.ok_or_else(|| refused(UserRefusal::Unknown))?;
    Ok((StatusCode::CREATED, Json(AccountView::of(user)?)))
}

/// Agreed to as it is now: whoever had the page open while the text changed reads it again.
fn agreement(
    faults: &mut Vec<FieldFault>,
    field: &'static str,
    given: Option<String>,
    text: &str,
) -> Option<Agreement> {
    let version = LegalTextView::of(text).version();
    let message = match given {
        Some(given) if given == version => return Some(Agreement { text: field, version }),
        Some(_) => "Ce texte a changé entre-temps. Rechargez la page, relisez-le, puis cochez cette case.",
        None => "Cochez cette case pour créer l’utilisateur.",
    };
    faults.push(FieldFault { field, message: message.to_owned() });
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::{faults, form};
    use crate::testing::TestBox;
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::{AuditEvent, Clock};
    use tabellion_store::OutboxKind;

    #[tokio::test]
    async fn a_new_user_gets_the_login_details_by_mail() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let made = claire.post("/api/users", form("zoe.durand")).await.is(StatusCode::CREATED);
        assert_eq!((&made["mobile"], &made["never_logged_in"]), (&json!("+33612345678"), &json!(true)));
        assert_eq!((&made["rights"]["visio"], &made["rights"]["may_join"]), (&json!("user"), &json!(true)));
        let (to, text) = test.last_mail().await;
        assert_eq!(to, "zoe@office.test");
        assert!(text.contains("zoe.durand") && text.contains("https://box.test:8443"), "{text}");
        let user = tabellion_domain::UserId(made["id"].as_i64().unwrap());
        let expected = AuditEvent::UserCreated { by: Some(test.claire), user };
        assert_eq!(test.journal().await.last(), Some(&expected));
        let journal = format!("{:?}", test.journal().await);
        assert!(!journal.contains("zoe"), "no name, no address: {journal}");
    }

    #[tokio::test]
    async fn every_fault_is_told_beside_its_field_and_nothing_is_made() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let mut bad = form("a<b>c");
        for (field, value) in [
            ("civility", json!("Docteur")),
            ("last_name", json!("<script>alert(1)</script>")),
            ("first_name", json!("")),
            ("email", json!("zoe@")),
            ("mobile", json!("12")),
            ("visio", json!("")),
            ("terms", json!(null)),
            ("liability", json!("another version")),
        ] {
            bad[field] = value;
        }
        let told = faults(&claire.post("/api/users", bad).await.refuses(422, "invalid"));
        let fields: Vec<_> = told.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "civility",
                "last_name",
                "first_name",
                "login",
                "email",
                "mobile",
                "visio",
                "terms",
                "liability"
            ]
        );
        let mut long = form("zoe.durand");
        long["last_name"] = json!("é".repeat(10_000));
        assert_eq!(faults(&claire.post("/api/users", long).await.refuses(422, "invalid"))[0].0, "last_name");
        claire.post("/api/users", json!({ "login": "zoe" })).await.refuses(400, "bad_request");
        let taken = claire.post("/api/users", form("Claire.MOREAU")).await.refuses(422, "invalid");
        assert_eq!(faults(&taken)[0].0, "login", "case does not matter");
        let waiting = test.state.store.outbox_due(OutboxKind::Mail, test.clock.now()).await.unwrap();
        assert!(waiting.is_empty());
        assert_eq!(test.state.store.users().await.unwrap().len(), 4);
    }

    #[tokio::test]
    async fn a_user_is_made_while_a_licence_is_left_and_a_delegate_always() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        claire.post("/api/users", form("zoe.durand")).await.is(StatusCode::CREATED);
        let refused = claire.post("/api/users", form("anne.durand")).await.refuses(409, "no_licence");
        assert_eq!(refused["licences"], json!({ "owned": 5, "used": 5 }));
        let mut delegate = form("anne.durand");
        delegate["visio"] = json!("delegate");
        claire.post("/api/users", delegate).await.is(StatusCode::CREATED);
        claire.post("/api/orders/licences", json!({ "count": 2 })).await.is(StatusCode::CREATED);
        claire.post("/api/users", form("paul.durand")).await.is(StatusCode::CREATED);
        let view = claire.get("/api/users").await.is(StatusCode::OK);
        assert_eq!(view["licences"], json!({ "owned": 7, "used": 6, "left": 1 }));
    }

    #[tokio::test]
    async fn of_two_that_take_the_last_licence_at_once_one_does() {
        let test = TestBox::new().await;
        let (mut one, mut two) = (test.logged_in().await, test.logged_in().await);
        let (first, second) = tokio::join!(
            one.post("/api/users", form("zoe.durand")),
            two.post("/api/users", form("anne.durand"))
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT]);
    }
}
