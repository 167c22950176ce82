use super::{Client, http::Answer, totp};
use crate::{
    edge,
    fault::{Fault, Outcome, Side},
};
use hyper::Method;
use serde_json::json;

/// A user's login, with the secret of the authenticator.
#[derive(Clone)]
pub(crate) struct Login {
    /// «Identifiant».
    pub login: String,
    /// «Mot de passe».
    pub password: String,
    /// Base32 (RFC 4648 §6).
    pub totp_secret: String,
}

impl Login {
    /// Logs the client in: password, then one-time code. A code that was used already (a run a few seconds before) is
    /// followed by the next one, up to 30 s later.
    ///
    /// # Errors
    /// Which of the three is wrong.
    pub(crate) async fn log_in(&self, client: &mut Client) -> Outcome<()> {
        let secret = totp::secret(&self.totp_secret).ok_or_else(|| {
            Fault::new(
                Side::Caller,
                "the TOTP secret is no base32",
                "give --totp-secret as the account shows it",
            )
        })?;
        loop {
            self.password(client).await?;
            let now = edge::since_1970();
            let given = json!({ "method": "totp", "code": totp::code(&secret, now) });
            let answer = client.call(Method::POST, "/api/session/second-factor", Some(&given)).await?;
            match (answer.status, answer.code()) {
                (200, _) => return Ok(()),
                (_, "used_code") => {
                    tracing::info!("the one-time code of this moment was used already: waiting for the next");
                    tokio::time::sleep(totp::until_next(now)).await;
                }
                _ => return Err(refused(&answer, "the one-time code")),
            }
        }
    }

    async fn password(&self, client: &mut Client) -> Outcome<()> {
        let given = json!({ "login": self.login, "password": self.password });
        let answer = client.call(Method::POST, "/api/session", Some(&given)).await?;
        if answer.status != 200 {
            return Err(refused(&answer, "the login or its password"));
        }
        let methods = answer.body["methods"].as_array();
        if methods.is_some_and(|methods| methods.iter().any(|method| method == "totp")) {
            return Ok(());
        }
        let advice = "give the account that tests an authenticator: nobody reads its SMS";
        Err(Fault::new(Side::Caller, "this account has no authenticator", advice))
    }
}

fn refused(answer: &Answer, what: &str) -> Fault {
    let advice = match answer.code() {
        "bad_code" | "expired_code" => {
            "check --totp-secret, and that the clocks of this machine and of the box agree within 30 s"
        }
        "bad_credentials" | "wrong_credentials" => "check --login and --password",
        "too_many_attempts" => "wait until the box takes logins of this account again",
        _ if answer.status == 401 => "check --login, --password and --totp-secret",
        _ => return answer.fault("logging in"),
    };
    Fault::new(Side::Caller, format!("the box refused {what} ({})", answer.code()), advice)
}
