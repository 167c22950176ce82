//! The door of a rehearsal: the box's own test (tabellion-health.service) gets a meeting, without anybody's password.
//!
//! Nothing but a local socket leads here, in a folder of this process's own user, and whoever comes has to be that user: it
//! could read the database anyway. The meeting lasts as long as the connection, and no longer than [`LONGEST`].

use anyhow::{Context, Result, ensure};
use nix::unistd::geteuid;
use serde_json::{Value, json};
use std::{fs, io::ErrorKind, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, time::Duration};
use tabellion_conference::{Conference, RehearsalKeys};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
};
use tracing::{info, warn};

/// A rehearsal that takes longer is over: somebody has forgotten it.
const LONGEST: Duration = Duration::from_secs(300);
/// Between two attempts to take a connection, where there are no descriptors left.
const PAUSE: Duration = Duration::from_secs(1);

/// What a rehearsal is told besides its keys: where the box is, as strangers reach it.
pub(crate) struct Door {
    pub conference: Conference,
    pub pages: SocketAddr,
    pub sip: SocketAddr,
    /// Of the web pages, leaf first: no name and no authority has to vouch for a box that tests itself.
    pub certificate_pem: String,
}

impl Door {
    /// Opens the door, for as long as this process lives.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub(crate) fn open(self, socket: &Path) -> Result<()> {
        match fs::remove_file(socket) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} cannot be removed", socket.display()));
            }
            _ => {}
        }
        let listener = UnixListener::bind(socket)
            .with_context(|| format!("the socket {} cannot be made", socket.display()))?;
        fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
        tokio::spawn(self.serve(listener));
        Ok(())
    }

    /// One after the other: there is one rehearsal at a time.
    async fn serve(self, listener: UnixListener) {
        loop {
            let served = match listener.accept().await {
                Ok((stream, _)) => self.let_in(stream).await,
                Err(error) => {
                    tokio::time::sleep(PAUSE).await;
                    Err(error.into())
                }
            };
            if let Err(problem) = served {
                warn!("a rehearsal: {problem:#}");
            }
        }
    }

    async fn let_in(&self, mut stream: UnixStream) -> Result<()> {
        let peer = stream.peer_cred()?.uid();
        ensure!(peer == geteuid().as_raw(), "user {peer} may not have one");
        let opened = self.conference.rehearse().await;
        let said = match &opened {
            Ok(keys) => self.told(keys),
            Err(problem) => json!({ "error": problem.to_string() }),
        };
        info!(opened = opened.is_ok(), "a rehearsal was asked for");
        let lasted = tokio::time::timeout(LONGEST, last(&mut stream, &said)).await;
        self.conference.end_rehearsal().await;
        lasted.context("it took too long, and was ended")??;
        Ok(())
    }

    fn told(&self, keys: &RehearsalKeys) -> Value {
        json!({
            "url": format!("https://{}", self.pages),
            "certificate": self.certificate_pem,
            "sip": self.sip.to_string(),
            "organizer_seat": keys.organizer_seat,
            "guest_seat": keys.guest_seat,
            "number": keys.number,
            "code": keys.code.as_str(),
            "device": keys.device,
            "password": keys.password,
        })
    }
}

/// Says it in one line, and waits until the other end has closed.
async fn last(stream: &mut UnixStream, said: &Value) -> Result<()> {
    stream.write_all(format!("{said}\n").as_bytes()).await?;
    // Whatever else comes is no word of this protocol.
    while stream.read(&mut [0; 64]).await? > 0 {}
    Ok(())
}
