use super::picture::KeyFrames;
use crate::{
    arguments::Device,
    edge,
    effort::Effort,
    fault::{Fault, Outcome, Side},
};
use rsipstack::{
    EndpointBuilder,
    dialog::{
        authenticate::Credential,
        dialog::{DialogState, DialogStateReceiver},
        dialog_layer::DialogLayer,
        invitation::InviteOption,
        invite_dialog::InviteDialog,
    },
    sip::{Response, StatusCode, StatusCodeKind, Uri},
    transaction::TransactionReceiver,
    transport::{TransportLayer, udp::UdpConnection},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

/// How long a call may ring: a meeting answers as soon as its studio is ready.
const RINGING: Duration = Duration::from_secs(15);
/// How long the box may take to hear that the call is over.
const HANGING_UP: Duration = Duration::from_secs(2);

/// A call to a meeting, answered.
pub(super) struct Call {
    dialog: InviteDialog,
    state: Mutex<Option<DialogStateReceiver>>,
    fault: Arc<Mutex<Option<Fault>>>,
    tasks: Mutex<JoinSet<()>>,
    cancel: CancellationToken,
}

impl Call {
    /// Calls `number` with an SDP offer; the call and the answer's SDP.
    ///
    /// # Errors
    /// The box does not take the call.
    pub(super) async fn place(
        sip: SocketAddr,
        own: IpAddr,
        device: &Device,
        number: &str,
        (offer, effort): (&str, Effort),
    ) -> Outcome<(Self, String)> {
        let cancel = CancellationToken::new();
        let transports = TransportLayer::new(cancel.clone());
        let udp = UdpConnection::create_connection((own, 0).into(), None, Some(cancel.child_token()))
            .await
            .map_err(|error| Fault::machine(format!("no UDP port for SIP ({error})")))?;
        let here = udp.get_addr().addr.to_string();
        transports.add_transport(udp.into());
        let endpoint = EndpointBuilder::new()
            .with_cancel_token(cancel.clone())
            .with_transport_layer(transports)
            .with_user_agent("tabellion-selftest")
            .build();
        let requests = endpoint.incoming_transactions().map_err(Fault::machine)?;
        let layer = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        let (tell, state) = layer.new_dialog_state_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { endpoint.serve().await });
        tasks.spawn(serve(layer.clone(), requests));
        let invite = InviteOption {
            caller: uri(&device.username, &sip.to_string())?,
            callee: uri(number, &sip.to_string())?,
            contact: uri(&device.username, &here)?,
            destination: Some(sip.into()),
            content_type: Some("application/sdp".to_owned()),
            offer: Some(offer.as_bytes().to_vec()),
            credential: Some(Credential {
                username: device.username.clone(),
                password: device.password.clone(),
                realm: None,
                auth_username: None,
            }),
            call_id: Some(format!("{:08x}{:08x}@{own}", edge::random(), edge::random())),
            ..InviteOption::default()
        };
        let invited = timeout(effort.patience(RINGING), layer.do_invite(invite, tell)).await;
        let (dialog, response) = match invited {
            Ok(Ok((dialog, response))) => (dialog, response),
            Ok(Err(error)) => return Err(unreachable(sip, &error.to_string())),
            Err(_) => return Err(unreachable(sip, "no final response")),
        };
        let answer = answered(sip, response)?;
        let (state, tasks) = (Mutex::new(Some(state)), Mutex::new(tasks));
        Ok((Self { dialog, state, fault: Arc::default(), tasks, cancel }, answer))
    }

    /// From now on, answers what the box asks within the call.
    pub(super) fn answer_wishes(&self, key_frames: KeyFrames) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(state) = state {
            let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            tasks.spawn(obey(state, key_frames, self.fault.clone()));
        }
    }

    /// Why the call is over, if it is.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the call.
    pub(super) async fn hang_up(self) {
        if let Err(error) = timeout(HANGING_UP, self.dialog.hangup()).await {
            tracing::debug!(%error, "hanging up");
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

fn uri(user: &str, host: &str) -> Outcome<Uri> {
    format!("sip:{user}@{host}").try_into().map_err(|error| {
        let what = format!("{user} cannot be a part of a SIP address ({error})");
        Fault::new(Side::Caller, what, "check --device and --number")
    })
}

/// The SDP of a call that was taken.
fn answered(sip: SocketAddr, response: Option<Response>) -> Outcome<String> {
    let response = response.ok_or_else(|| unreachable(sip, "no response"))?;
    if response.status_code.kind() == StatusCodeKind::Successful {
        return Ok(String::from_utf8_lossy(&response.body).into_owned());
    }
    let code = response.status_code.code();
    let (side, advice) = match code {
        401 | 403 | 407 => (Side::Caller, "check --device and --device-password"),
        404 => (Side::Caller, "the number is no active meeting's: check --number"),
        408 => (Side::Network, "is the box's UDP port of SIP open on the way?"),
        503 => (Side::Studio, "can tabellion-studio start? look at its log"),
        _ => (Side::Control, "look at the box's log of that moment"),
    };
    Err(Fault::new(
        side,
        format!("the box did not take the room system's call: {}", response.status_code),
        advice,
    ))
}

fn unreachable(sip: SocketAddr, why: &str) -> Fault {
    let what = format!("the room system's call to {sip} (UDP) failed ({why})");
    Fault::new(Side::Network, what, "is SIP there, and open on the way? name it with --sip HOST:PORT")
}

/// Hands requests to the dialog that they belong to.
async fn serve(layer: Arc<DialogLayer>, mut requests: TransactionReceiver) {
    let mut running = JoinSet::new();
    while let Some(mut request) = requests.recv().await {
        match layer.match_dialog(&request) {
            Some(mut dialog) => {
                running.spawn(async move {
                    if let Err(error) = dialog.handle(&mut request).await {
                        tracing::debug!(%error, "a request within the call");
                    }
                });
            }
            None => {
                let _ = request.reply(StatusCode::CallTransactionDoesNotExist).await;
            }
        }
    }
}

/// Answers what is asked within the call, and notes its end.
async fn obey(mut state: DialogStateReceiver, key_frames: KeyFrames, fault: Arc<Mutex<Option<Fault>>>) {
    while let Some(state) = state.recv().await {
        match state {
            // RFC 5168: the old way to ask for a key frame.
            DialogState::Info(_, _, request) => {
                key_frames.send();
                let _ = request.reply(StatusCode::OK).await;
            }
            // Nothing changes in the middle of a test; what does is refused, and the call goes on (RFC 3261 §14.2).
            DialogState::Updated(_, _, request) => {
                let _ = request.reply(StatusCode::NotAcceptableHere).await;
            }
            DialogState::Options(_, _, request) => {
                let _ = request.reply(StatusCode::OK).await;
            }
            DialogState::Terminated(_, reason) => {
                let what = format!("the room system's call ended ({reason:?})");
                let ended =
                    Fault::new(Side::Studio, what, "look at the logs of tabellion and tabellion-studio");
                fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(ended);
            }
            _ => {}
        }
    }
}
