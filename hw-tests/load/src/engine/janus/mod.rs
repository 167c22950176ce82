//! Janus, the peer, as a Debian suite has it, run in the root that `image/root/make-peer-root` makes, with its settings as
//! packaged. Only the video room is loaded of its plug-ins, and the API comes over a Unix socket.
//!
//! A publisher offers; to who watches Janus offers by itself, one connection for each. It does full ICE, where the switchboard does
//! ICE lite, and leaves out addresses of the loopback device: generator and engine need another device with an address.

mod message;

use super::{Engine, Program};
use crate::{
    browser::Browser,
    clock::{now, pause},
    media::{Lines, Picture},
};
use anyhow::{Context, Result, bail};
use message::{Description, Message, Outcome, Request};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, recv, send, socket};
use serde_json::{Value, json};
use std::{
    fs,
    net::IpAddr,
    os::fd::{AsRawFd, OwnedFd},
    path::Path,
    process::Command,
    time::Duration,
};

/// Largest message that is taken: an SDP of one picture is a few kB.
const LARGEST: usize = 256 * 1024;
/// How long it is started again and again.
const STARTING: Duration = Duration::from_secs(30);
const VIDEO_ROOM: &str = "janus.plugin.videoroom";
/// Where Janus finds its settings, and makes its socket: the folder of this run.
const FOLDER: &str = "/mnt";
const SOCKET: &str = "janus.sock";
/// Plug-ins that Debian's package has beside the video room.
const OTHER_PLUGINS: &str = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,\
    libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so";
const OTHER_TRANSPORTS: &str =
    "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_rabbitmq.so,libjanus_websockets.so";

/// Janus's process, and the connection on which its API is spoken.
pub(crate) struct Janus {
    program: Program,
    api: OwnedFd,
    transactions: u64,
    session: u64,
    publisher: Option<u64>,
    /// As Janus says it.
    pub version: String,
}

impl Janus {
    /// `root`: where Janus is installed.
    ///
    /// On a busy machine about one start in ten fails: the thread of its Unix socket ends at once if it runs before whoever started
    /// it has noted that there is a socket (`janus_pfunix_init`, 1.1.2 and 1.4.1), and without an API Janus ends, too.
    pub(crate) fn start(root: &Path, address: IpAddr) -> Result<Self> {
        let end = now() + STARTING;
        let mut janus = loop {
            match Self::listening(root, address) {
                Ok(janus) => break janus,
                Err(problem) if now() > end => {
                    return Err(problem.context(format!("no start in {} s succeeds", STARTING.as_secs())));
                }
                Err(_) => pause(Duration::from_millis(50)),
            }
        };
        janus.session = janus.ask("create", None, None, None)?.id()?;
        let handle = janus.attach()?;
        // Without a limit of its own: what is published is what is forwarded.
        let room = json!({"request": "create", "room": 1, "publishers": 100, "videocodec": "h264", "audiocodec": "opus"});
        janus.message(handle, room, None).context("no room")?;
        Ok(janus)
    }

    /// Its process, once it answers.
    fn listening(root: &Path, address: IpAddr) -> Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        fs::write(folder.path().join("janus.jcfg"), settings(address))?;
        fs::write(folder.path().join("janus.transport.pfunix.jcfg"), socket_settings())?;
        // The whole chain becomes Janus: the process that is measured. It ends with this one in any case.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "sh", "-euc"]);
        command.arg(r#"mount --bind "$1" "$2$3"; exec chroot "$2" janus --configs-folder="$3""#).arg("sh");
        command.args([folder.path(), root, FOLDER.as_ref()]);
        let mut program = Program::start(&mut command, folder)?;
        let api = program.connect(|folder| {
            let address = UnixAddr::new(&folder.join(SOCKET))?;
            let api = socket(AddressFamily::Unix, SockType::SeqPacket, SockFlag::SOCK_CLOEXEC, None)?;
            connect(api.as_raw_fd(), &address)?;
            Ok::<_, nix::Error>(api)
        })?;
        let mut janus =
            Self { program, api, transactions: 0, session: 0, publisher: None, version: String::new() };
        janus.version = janus.ask("info", None, None, None)?.version.context("Janus says no version")?;
        Ok(janus)
    }

    fn attach(&mut self) -> Result<u64> {
        self.ask("attach", None, None, None)?.id()
    }

    fn message(&mut self, handle: u64, body: Value, jsep: Option<Description>) -> Result<Outcome> {
        self.ask("message", Some(handle), Some(body), jsep)
    }

    fn ask(
        &mut self,
        janus: &'static str,
        handle_id: Option<u64>,
        body: Option<Value>,
        jsep: Option<Description>,
    ) -> Result<Outcome> {
        self.transactions += 1;
        let transaction = self.transactions.to_string();
        let request = Request {
            janus,
            transaction: &transaction,
            session_id: (self.session != 0).then_some(self.session),
            handle_id,
            plugin: (janus == "attach").then_some(VIDEO_ROOM),
            body,
            jsep,
        };
        send(self.api.as_raw_fd(), &serde_json::to_vec(&request)?, MsgFlags::empty())?;
        let mut bytes = vec![0; LARGEST];
        loop {
            let length = recv(self.api.as_raw_fd(), &mut bytes, MsgFlags::empty())?;
            if length == 0 {
                let end = self.program.end().unwrap_or_else(|| "it has closed its API".to_owned());
                bail!("Janus has ended: {end}");
            }
            let message: Message =
                serde_json::from_slice(&bytes[..length]).context("a message of Janus cannot be read")?;
            if let Some(outcome) = message.outcome(&transaction) {
                return outcome.with_context(|| format!("Janus does not do “{janus}”"));
            }
        }
    }
}

impl Engine for Janus {
    fn process(&self) -> u32 {
        self.program.id()
    }

    fn publish(&mut self, browser: &mut Browser, picture: Picture) -> Result<()> {
        let offer = browser.offer(&Lines::publisher(picture))?;
        let handle = self.attach()?;
        let body = json!({"request": "joinandconfigure", "ptype": "publisher", "room": 1});
        let joined = self.message(handle, body, Some(Description::offer(&offer.sdp)))?;
        self.publisher = Some(joined.id()?);
        browser.answered(offer, joined.sdp()?)
    }

    fn watch(&mut self, browser: &mut Browser) -> Result<()> {
        let publisher = self.publisher.context("nobody publishes")?;
        let handle = self.attach()?;
        let body =
            json!({"request": "join", "ptype": "subscriber", "room": 1, "streams": [{"feed": publisher}]});
        let offered = self.message(handle, body, None)?;
        let answer = browser.answer(offered.sdp()?)?;
        self.message(handle, json!({"request": "start"}), Some(Description::answer(answer))).map(drop)
    }

    fn end(&mut self) -> Option<String> {
        self.program.end()
    }
}

fn settings(address: IpAddr) -> String {
    let libraries = "/usr/lib/x86_64-linux-gnu/janus";
    format!(
        "general: {{
            plugins_folder = \"{libraries}/plugins\"
            transports_folder = \"{libraries}/transports\"
            debug_level = 2
            session_timeout = 0
        }}
        nat: {{ ice_enforce_list = \"{address}\" }}
        plugins: {{ disable = \"{OTHER_PLUGINS}\" }}
        transports: {{ disable = \"{OTHER_TRANSPORTS}\" }}
        "
    )
}

fn socket_settings() -> String {
    format!(
        "general: {{ enabled = true, json = \"compact\", path = \"{FOLDER}/{SOCKET}\", type = \"SOCK_SEQPACKET\" }}\n"
    )
}
