use super::{form::UserFields, refused, view::AccountView};
use crate::{
    endpoints::orders::mail,
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use tabellion_domain::UserId;
use tabellion_store::{UserChange, UserRefusal};
use utoipa::ToSchema;

/// A user as it is to be (USER-06).
#[derive(Deserialize, ToSchema)]
pub(crate) struct UserChangeForm {
    /// The version that the page shows.
    version: i64,
    #[serde(flatten)]
    fields: UserFields,
}

/// Changes a user, unless another administrator has done so since the page was shown. Rights count from the next request on;
/// whoever takes part in meetings no more leaves them at once.
#[utoipa::path(patch, path = "/api/users/{id}", params(("id" = i64, Path)), request_body = UserChangeForm, responses(
    (status = 200, body = AccountView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 404, description = "unknown_user", body = ErrorBody),
    (status = 409, description = "changed_meanwhile, last_administrator, no_licence", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: `field` and `message` of each", body = ErrorBody),
))]
pub(crate) async fn change(
    State(state): State<AppState>,
    Administrator { user: by }: Administrator,
    Path(id): Path<i64>,
    JsonBody(form): JsonBody<UserChangeForm>,
) -> Result<Json<AccountView>, ApiError> {
    let id = UserId(id);
    let before = state.store.user(id).await?.filter(|user| !user.deleted);
    let before = before.ok_or_else(|| refused(UserRefusal::Unknown))?;
    let in_directory = form.fields.in_directory;
    let (read, faults) = form.fields.read(before.login);
    let Some((account, rights)) = read else { return Err(ApiError::faults(&faults)) };
    let change = UserChange {
        version: form.version,
        civility: account.civility,
        last_name: account.last_name,
        first_name: account.first_name,
        email: account.email,
        mobile: account.mobile,
        rights,
        in_directory,
    };
    let settings = state.settings().await?;
    let changed = state.store.change_user(id, change, by.id, mail(&state, &settings), state.clock.now());
    let (user, left) = changed.await?.map_err(refused)?;
    if left {
        state.conference.account_ended(id).await?;
    }
    Ok(Json(AccountView::of(user)?))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changed, faults};
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::AuditEvent;

    #[tokio::test]
    async fn of_two_administrators_who_edit_one_user_the_second_is_told_and_nothing_is_lost() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let (path, mut first) = changed(&mut claire, COLLEAGUE).await;
        let mut second = first.clone();
        first["last_name"] = json!("PETIT-MARTIN");
        second["telework"] = json!(true);
        let after = claire.patch(&path, first).await.is(StatusCode::OK);
        assert_eq!((&after["last_name"], &after["version"]), (&json!("PETIT-MARTIN"), &json!(2)));
        claire.patch(&path, second.clone()).await.refuses(409, "changed_meanwhile");
        second["version"] = json!(2);
        second["last_name"] = json!("PETIT-MARTIN");
        let after = claire.patch(&path, second.clone()).await.is(StatusCode::OK);
        assert_eq!(
            (&after["last_name"], &after["rights"]["telework"]),
            (&json!("PETIT-MARTIN"), &json!(true))
        );
        second["version"] = json!(3);
        assert_eq!(claire.patch(&path, second).await.is(StatusCode::OK)["version"], 3, "no change is none");
        let what = test.journal().await.into_iter().filter_map(|event| match event {
            AuditEvent::UserChanged { what, .. } => Some(what),
            _ => None,
        });
        assert_eq!(what.collect::<Vec<_>>(), [["name"], ["telework"]]);
    }

    #[tokio::test]
    async fn the_last_administrator_keeps_the_right() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        for login in ["without.factor", "mobile.only"] {
            let (path, mut form) = changed(&mut claire, login).await;
            form["administrator"] = json!(false);
            claire.patch(&path, form).await.is(StatusCode::OK);
        }
        let (path, mut own) = changed(&mut claire, "claire.moreau").await;
        own["administrator"] = json!(false);
        claire.patch(&path, own).await.refuses(409, "last_administrator");
        claire.get("/api/users").await.is(StatusCode::OK);
    }

    #[tokio::test]
    async fn a_right_that_is_taken_away_counts_at_once() {
        let test = TestBox::new().await;
        let (mut claire, mut julien) = (test.logged_in().await, test.logged_in_as(COLLEAGUE).await);
        let seat = format!("/api/permanent-meetings/{}/seat", test.sale.id);
        let grant = julien.post(&seat, json!({})).await.is(StatusCode::CREATED);
        let (path, mut form) = changed(&mut claire, COLLEAGUE).await;
        form["visio"] = json!("delegate");
        claire.patch(&path, form).await.is(StatusCode::OK);
        julien.post(&seat, json!({})).await.refuses(403, "not_participant");
        let token = grant["seat_token"].as_str().unwrap();
        test.seat_is_over(token).await;
        let new = json!({ "description": "Vente PETIT", "active": true, "code_active": false, "code": null });
        julien.post("/api/permanent-meetings", new).await.is(StatusCode::CREATED);
        let session = julien.get("/api/session").await.is(StatusCode::OK);
        assert_eq!(
            (&session["user"]["rights"]["may_join"], &session["user"]["rights"]["may_manage_meetings"]),
            (&json!(false), &json!(true))
        );
    }

    #[tokio::test]
    async fn a_delegate_becomes_a_user_where_a_licence_is_left() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let (path, mut form) = changed(&mut claire, COLLEAGUE).await;
        form["visio"] = json!("delegate");
        claire.patch(&path, form.clone()).await.is(StatusCode::OK);
        for login in ["a.one", "a.two"] {
            claire.post("/api/users", super::super::testing::form(login)).await.is(StatusCode::CREATED);
        }
        form["version"] = json!(2);
        form["visio"] = json!("user");
        claire.patch(&path, form).await.refuses(409, "no_licence");
    }

    #[tokio::test]
    async fn nonsense_is_refused_and_the_directory_is_ordered_and_ended() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let (path, mut form) = changed(&mut claire, COLLEAGUE).await;
        form["first_name"] = json!("<b>");
        assert_eq!(
            faults(&claire.patch(&path, form.clone()).await.refuses(422, "invalid"))[0].0,
            "first_name"
        );
        claire.patch("/api/users/999", form.clone()).await.refuses(404, "unknown_user");
        form["first_name"] = json!("Jules");
        form["in_directory"] = json!(true);
        claire.patch(&path, form.clone()).await.is(StatusCode::OK);
        form["version"] = json!(2);
        form["in_directory"] = json!(false);
        claire.patch(&path, form).await.is(StatusCode::OK);
        let orders = claire.get("/api/orders").await.is(StatusCode::OK);
        let kinds: Vec<_> =
            orders["orders"].as_array().unwrap().iter().map(|order| order["kind"].clone()).collect();
        assert_eq!(kinds, ["directory_removal", "directory_entry"]);
        assert_eq!(orders["orders"][0]["subject"], "Maître Jules Moreau");
        test.browser().password(PASSWORD).await.is(StatusCode::OK);
    }
}
