//! Janus's JSON API, as far as it is needed: <https://janus.conf.meetecho.com/docs/rest.html>, and the video room's
//! <https://janus.conf.meetecho.com/docs/videoroom.html>.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// To Janus.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub janus: &'static str,
    pub transaction: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jsep: Option<Description>,
}

/// An SDP (RFC 8829).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Description {
    #[serde(rename = "type")]
    pub kind: String,
    pub sdp: String,
    /// Whether candidates come later.
    #[serde(default)]
    pub trickle: bool,
}

impl Description {
    pub(super) fn offer(sdp: &str) -> Self {
        Self { kind: "offer".to_owned(), sdp: sdp.to_owned(), trickle: false }
    }

    pub(super) fn answer(sdp: String) -> Self {
        Self { kind: "answer".to_owned(), sdp, trickle: false }
    }
}

/// From Janus: an answer, or what has happened.
#[derive(Deserialize)]
pub(super) struct Message {
    janus: String,
    transaction: Option<String>,
    data: Option<Created>,
    plugindata: Option<PluginData>,
    jsep: Option<Description>,
    error: Option<Problem>,
    version_string: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: u64,
}

#[derive(Deserialize)]
struct PluginData {
    data: Value,
}

#[derive(Deserialize)]
struct Problem {
    reason: String,
}

/// What has come of a request.
#[derive(PartialEq, Debug)]
pub(super) struct Outcome {
    /// Of a session or a handle that was made; of a publisher.
    pub id: Option<u64>,
    pub description: Option<Description>,
    /// Of Janus.
    pub version: Option<String>,
}

impl Outcome {
    pub(super) fn id(&self) -> Result<u64> {
        self.id.context("Janus gives no id")
    }

    pub(super) fn sdp(&self) -> Result<&str> {
        Ok(&self.description.as_ref().context("Janus gives no SDP")?.sdp)
    }
}

impl Message {
    /// What has come of this request. None where the message tells of something else, or only that the request has arrived: a
    /// plug-in's answer follows it.
    pub(super) fn outcome(self, transaction: &str) -> Option<Result<Outcome>> {
        let concerns_it = self.transaction.as_deref() == Some(transaction);
        (concerns_it && self.janus != "ack").then(|| self.into_outcome())
    }

    fn into_outcome(self) -> Result<Outcome> {
        if let Some(problem) = self.error {
            bail!("Janus refuses: {}", problem.reason);
        }
        let data = self.plugindata.map(|plugin| plugin.data).unwrap_or_default();
        if let Some(problem) = data.get("error").and_then(Value::as_str) {
            bail!("Janus's video room refuses: {problem}");
        }
        let of_publisher = data.get("id").and_then(Value::as_u64);
        Ok(Outcome {
            id: self.data.map(|created| created.id).or(of_publisher),
            description: self.jsep,
            version: self.version_string,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> Option<Result<Outcome>> {
        serde_json::from_str::<Message>(text).unwrap().outcome("7")
    }

    #[test]
    fn a_request_says_only_what_it_has() {
        let request = Request {
            janus: "attach",
            transaction: "7",
            session_id: Some(12),
            handle_id: None,
            plugin: Some("janus.plugin.videoroom"),
            body: None,
            jsep: None,
        };
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"janus":"attach","transaction":"7","session_id":12,"plugin":"janus.plugin.videoroom"}"#
        );
    }

    #[test]
    fn a_session_has_an_id() {
        let created =
            outcome(r#"{"janus":"success","transaction":"7","data":{"id":4573}}"#).unwrap().unwrap();
        assert_eq!(created.id().unwrap(), 4573);
        assert!(created.sdp().is_err());
    }

    #[test]
    fn a_publisher_joins_with_an_id_and_an_answer() {
        let joined = outcome(
            r#"{"janus":"event","session_id":1,"transaction":"7","sender":2,"plugindata":{"plugin":"janus.plugin.videoroom",
            "data":{"videoroom":"joined","room":1,"id":99,"publishers":[]}},"jsep":{"type":"answer","sdp":"v=0"}}"#,
        );
        let joined = joined.unwrap().unwrap();
        assert_eq!((joined.id().unwrap(), joined.sdp().unwrap()), (99, "v=0"));
    }

    #[test]
    fn what_is_no_answer_to_it_is_passed_over() {
        assert!(outcome(r#"{"janus":"ack","session_id":1,"transaction":"7"}"#).is_none());
        assert!(outcome(r#"{"janus":"success","transaction":"6","data":{"id":1}}"#).is_none());
        assert!(outcome(r#"{"janus":"webrtcup","session_id":1,"sender":2}"#).is_none());
    }

    #[test]
    fn a_refusal_says_why() {
        let by_core =
            outcome(r#"{"janus":"error","transaction":"7","error":{"code":458,"reason":"No such session"}}"#);
        assert!(by_core.unwrap().unwrap_err().to_string().contains("No such session"));
        let by_room = outcome(
            r#"{"janus":"event","transaction":"7","sender":2,"plugindata":{"plugin":"janus.plugin.videoroom",
            "data":{"videoroom":"event","error_code":426,"error":"No such room"}}}"#,
        );
        assert!(by_room.unwrap().unwrap_err().to_string().contains("No such room"));
    }
}
