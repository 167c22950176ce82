use super::Client;
use crate::{
    edge,
    fault::{Fault, Outcome, Side},
};
use hyper::Method;
use serde_json::{Value, json};
use std::time::Duration;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Age in seconds at which a test's meeting is one that its test forgot: no test lasts so long.
const LEFTOVER_AGE: i64 = 3_600;
/// What the meeting is called in the list of permanent meetings, while it is there.
const NAME: &str = "Auto-test";

/// A permanent meeting that the test made for itself.
#[derive(Clone, Debug)]
pub(crate) struct TestMeeting {
    id: i64,
    /// What room systems dial: ten digits.
    pub number: String,
    /// The code that they type.
    pub code: String,
    /// The secret part of the guests' link.
    link: String,
}

impl TestMeeting {
    /// Makes one, after removing what a run that was cut off left behind. The client has to be logged in.
    ///
    /// # Errors
    /// What the box answers.
    pub(crate) async fn create(client: &mut Client) -> Outcome<Self> {
        remove_leftovers(client).await?;
        let code = format!("{:06}", edge::random() % 1_000_000);
        let wanted = json!({ "description": NAME, "active": true, "code_active": true, "code": code });
        let made = client.expect(Method::POST, "/api/permanent-meetings", Some(&wanted)).await?;
        Self::read(&made, code).ok_or_else(|| {
            let what = format!("the box describes its new meeting as {made}");
            Fault::new(Side::Control, what, "are the box and this program of one version?")
        })
    }

    fn read(made: &Value, code: String) -> Option<Self> {
        let link = made["link"].as_str()?.rsplit('/').next()?.to_owned();
        Some(Self { id: made["id"].as_i64()?, number: made["number"].as_str()?.to_owned(), code, link })
    }

    /// The organizer's seat: its secret.
    ///
    /// # Errors
    /// What the box answers.
    pub(crate) async fn organizer_seat(&self, client: &mut Client) -> Outcome<String> {
        let path = format!("/api/permanent-meetings/{}/seat", self.id);
        seat_of(client.expect(Method::POST, &path, Some(&json!({}))).await?)
    }

    /// A guest's seat, asked for as the form does.
    ///
    /// # Errors
    /// What the box answers.
    pub(crate) async fn guest_seat(&self, client: &mut Client, name: &str) -> Outcome<String> {
        let path = format!("/api/links/{}/requests", self.link);
        let form = json!({ "civility": "", "first_name": name, "last_name": NAME, "code": self.code });
        seat_of(client.expect(Method::POST, &path, Some(&form)).await?)
    }

    /// Removes it, with everybody in it.
    ///
    /// # Errors
    /// What the box answers.
    pub(crate) async fn delete(&self, client: &mut Client) -> Outcome<()> {
        let path = format!("/api/permanent-meetings/{}", self.id);
        client.expect(Method::DELETE, &path, None).await.map(drop)
    }
}

/// Ends the client's session.
///
/// # Errors
/// What the box answers.
pub(crate) async fn log_out(client: &mut Client) -> Outcome<()> {
    client.expect(Method::DELETE, "/api/session", None).await.map(drop)
}

/// A request that shows that somebody is still there.
///
/// # Errors
/// What the box answers.
pub(crate) async fn touch(client: &mut Client) -> Outcome<()> {
    client.expect(Method::GET, "/api/session", None).await.map(drop)
}

fn seat_of(grant: Value) -> Outcome<String> {
    grant["seat_token"].as_str().map(str::to_owned).ok_or_else(|| {
        let what = "the box gave a seat without its secret";
        Fault::new(Side::Control, what, "are the box and this program of one version?")
    })
}

/// A power cut in the middle of a test must not leave meetings behind for ever. Removes those of this name, of this very
/// user, and older than any test lasts. The list is sorted by name: they are on its first page.
async fn remove_leftovers(client: &mut Client) -> Outcome<()> {
    let session = client.expect(Method::GET, "/api/session", None).await?;
    let list = client.expect(Method::GET, "/api/permanent-meetings", None).await?;
    for meeting in list["items"].as_array().into_iter().flatten() {
        if let Some(id) = leftover(meeting, &session["user"]["name"], edge::since_1970()) {
            client.expect(Method::DELETE, &format!("/api/permanent-meetings/{id}"), None).await?;
        }
    }
    Ok(())
}

/// The meeting's number in the box, if it is a leftover of this user's.
fn leftover(meeting: &Value, user: &Value, now: Duration) -> Option<i64> {
    let created = OffsetDateTime::parse(meeting["created_at"].as_str()?, &Rfc3339).ok()?.unix_timestamp();
    let age = i64::try_from(now.as_secs()).ok()? - created;
    let ours = meeting["name"] == NAME && meeting["created_by"] == *user && age > LEFTOVER_AGE;
    meeting["id"].as_i64().filter(|_| ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_users_old_test_meetings_are_leftovers() {
        let now = Duration::from_secs(1_767_268_800); // 2026-01-01T12:00:00Z
        let meeting = |name: &str, by: &str, at: &str| {
            let meeting = json!({ "id": 7, "name": name, "created_by": by, "created_at": at });
            leftover(&meeting, &json!("Claire Moreau"), now)
        };
        assert_eq!(meeting("Auto-test", "Claire Moreau", "2026-01-01T10:00:00Z"), Some(7));
        assert_eq!(meeting("Auto-test", "Claire Moreau", "2026-01-01T11:30:00Z"), None, "still running");
        assert_eq!(meeting("Auto-test", "Julien Petit", "2026-01-01T10:00:00Z"), None);
        assert_eq!(meeting("Vente", "Claire Moreau", "2026-01-01T10:00:00Z"), None);
    }
}
