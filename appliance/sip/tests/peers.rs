//! Real peers: baresip and SIPp, in a network namespace of their own.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail and talk as tests do")]

mod common;

use common::{MEETING, PASSWORD, PATIENCE, TestBox, certificate, config};
use std::{
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use tabellion_media_protocol::LegAudio;
use tabellion_sip::{EndCause, LegEvent, LocalMedia, SipTransport, sdp};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::UdpSocket,
    time::timeout,
};

const BOX: &str = "10.77.0.1";
const PEER: &str = "10.77.0.2";

/// Runs one of the ignored tests below in a new network namespace with both addresses on its loopback: baresip does not use
/// 127.0.0.1.
fn in_namespace(test: &str) {
    let set_up = format!(
        "ip link set lo up && ip addr add {BOX}/24 dev lo && ip addr add {PEER}/24 dev lo && exec \"$0\" \"$@\""
    );
    let own = std::env::current_exe().unwrap();
    let status = Command::new("unshare")
        .args(["--net", "sh", "-c", &set_up])
        .arg(own)
        .args(["--ignored", "--exact", test, "--nocapture"])
        .status()
        .expect("unshare (util-linux) runs");
    assert!(status.success(), "{test} failed in its namespace");
}

#[test]
fn baresip_registers_and_calls_over_udp() {
    in_namespace("inside::baresip_over_udp");
}

#[test]
fn baresip_registers_and_calls_over_tcp() {
    in_namespace("inside::baresip_over_tcp");
}

#[test]
fn baresip_registers_and_calls_over_tls() {
    in_namespace("inside::baresip_over_tls");
}

#[test]
fn sipp_registers_and_is_refused_unknown_numbers() {
    in_namespace("inside::sipp_registers_and_dials_nowhere");
}

mod inside {
    use super::*;

    #[tokio::test]
    #[ignore = "started in a namespace by its namesake"]
    async fn baresip_over_udp() {
        baresip(SipTransport::Udp).await;
    }

    #[tokio::test]
    #[ignore = "started in a namespace by its namesake"]
    async fn baresip_over_tcp() {
        baresip(SipTransport::Tcp).await;
    }

    #[tokio::test]
    #[ignore = "started in a namespace by its namesake"]
    async fn baresip_over_tls() {
        baresip(SipTransport::Tls).await;
    }

    #[tokio::test]
    #[ignore = "started in a namespace by its namesake"]
    async fn sipp_registers_and_dials_nowhere() {
        sipp().await;
    }
}

async fn start() -> (TestBox, String) {
    let mut settings = config(BOX.parse().unwrap());
    let tls = certificate(&[BOX]);
    let pem = tls.certificate_pem.clone();
    settings.tls = Some(tls);
    let server = TestBox::bind(settings).await;
    server.service.serve().unwrap();
    (server, pem)
}

fn write_baresip_settings(folder: &Path, server: SocketAddr, transport: &str, certificate: &str) {
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    write("ca.pem", certificate.to_owned());
    write(
        "accounts",
        format!(
            "<sip:salle@{server};transport={transport}>;auth_user=salle;auth_pass={PASSWORD};regint=600\n"
        ),
    );
    let modules = "stdio account menu g711 opus ausine aufile avcodec avformat swscale fakevideo";
    let mut settings = format!(
        "sip_listen {PEER}:5070\nsip_cafile {0}/ca.pem\naudio_player aufile,{0}/heard.wav\naudio_source ausine,440\n\
         ausrc_srate 48000\nausrc_channels 1\nringback_aufile none\nring_aufile none\nvideo_source fakevideo,null\nvideo_display fakevideo,null\n\
         module_path /usr/lib/baresip/modules\n",
        folder.display()
    );
    for module in modules.split(' ') {
        let kind = if ["account", "menu"].contains(&module) { "module_app" } else { "module" };
        settings += &format!("{kind} {module}.so\n");
    }
    write("config", settings);
    write("contacts", String::new());
}

/// Waits until sound comes from where the offer said, in the codec that was agreed.
async fn expect_sound(socket: &UdpSocket, agreed: &LegAudio) {
    let mut packet = [0; 2_048];
    let sound = async {
        loop {
            let (length, from) = socket.recv_from(&mut packet).await.unwrap();
            let is_rtp = length > 12 && packet[0] >> 6 == 2;
            if is_rtp && packet[1] & 0x7f == agreed.payload_type && from == agreed.remote {
                return;
            }
        }
    };
    timeout(PATIENCE, sound).await.expect("sound within 10 s");
}

/// baresip registers, dials the meeting, is answered, sends its sound, and is hung up on.
async fn baresip(transport: SipTransport) {
    let (mut server, pem) = start().await;
    let addresses = server.service.addresses();
    let (address, name) = match transport {
        SipTransport::Udp => (addresses.udp, "udp"),
        SipTransport::Tcp => (addresses.tcp, "tcp"),
        SipTransport::Tls => (addresses.tls.unwrap(), "tls"),
    };
    let folder = tempfile::tempdir().unwrap();
    write_baresip_settings(folder.path(), address, name, &pem);
    let mut baresip = tokio::process::Command::new("baresip")
        .arg("-f")
        .arg(folder.path())
        .args(["-s", "-e", &format!("/dial sip:{MEETING}@{address};transport={name}")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .expect("baresip runs");
    let mut lines = BufReader::new(baresip.stdout.take().unwrap()).lines();

    let mut call = server.call().await;
    assert_eq!(call.caller.device.as_deref(), Some("salle"), "its digest proves who it is");
    let local = LocalMedia::new(BOX.parse().unwrap(), 20_000, 20_002, 2_000);
    let agreed = sdp::negotiate(call.offer.as_deref().unwrap(), &local).unwrap();
    let audio = agreed.config.audio.expect("sound is agreed");
    let ear = UdpSocket::bind((BOX, audio.local_port)).await.unwrap();
    call.leg.ring().await.unwrap();
    call.leg.answer(agreed.answer).await.unwrap();
    let established = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            println!("baresip: {line}");
            if line.to_lowercase().contains("call established") {
                return;
            }
        }
        panic!("baresip ended before the call was established");
    };
    timeout(PATIENCE, established).await.expect("an established call within 10 s");
    expect_sound(&ear, &audio).await;

    let registered = async {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        loop {
            look.tick().await;
            if let Some(binding) = server.registry.bindings.lock().unwrap().first() {
                break binding.clone();
            }
        }
    };
    let binding = timeout(PATIENCE, registered).await.expect("a registration within 10 s");
    assert_eq!((binding.device.as_str(), binding.transport), ("salle", transport));
    assert!(binding.contact.contains(PEER), "{}", binding.contact);

    call.leg.end(EndCause::finished()).await;
    let closed = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            println!("baresip: {line}");
            if line.to_lowercase().contains("session closed") || line.to_lowercase().contains("terminated") {
                return;
            }
        }
        panic!("baresip ended before it was hung up on");
    };
    timeout(PATIENCE, closed).await.expect("the end of the call within 10 s");
    assert!(!matches!(call.events.recv().await, Some(LegEvent::Ended { .. })), "we ended it ourselves");
    baresip.kill().await.unwrap();
}

const REGISTER: &str = r#"<?xml version="1.0" encoding="UTF-8"?><scenario name="register">
<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:salle@visio.test>;tag=[call_number]
To: <sip:salle@visio.test>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:salle@[local_ip]:[local_port]>
Max-Forwards: 70
Expires: 600
Content-Length: 0

]]></send>
<recv response="401" auth="true"/>
<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:salle@visio.test>;tag=[call_number]
To: <sip:salle@visio.test>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:salle@[local_ip]:[local_port]>
[authentication username=salle password=Lifesize-2026]
Max-Forwards: 70
Expires: 600
Content-Length: 0

]]></send>
<recv response="200"/></scenario>"#;

const NOWHERE: &str = r#"<?xml version="1.0" encoding="UTF-8"?><scenario name="nowhere">
<send retrans="500"><![CDATA[
INVITE sip:1099000000@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:guest@guest.example>;tag=[call_number]
To: <sip:1099000000@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:guest@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="404"/>
<send><![CDATA[
ACK sip:1099000000@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send></scenario>"#;

async fn sipp() {
    let (server, _) = start().await;
    let addresses = server.service.addresses();
    let folder = tempfile::tempdir().unwrap();
    for (name, scenario) in [("register", REGISTER), ("nowhere", NOWHERE)] {
        let file = folder.path().join(format!("{name}.xml"));
        std::fs::write(&file, scenario).unwrap();
        for (transport, address) in [("u1", addresses.udp), ("t1", addresses.tcp)] {
            let output = tokio::process::Command::new("sipp")
                .current_dir(folder.path())
                .args([
                    "-nostdin",
                    "-m",
                    "20",
                    "-r",
                    "20",
                    "-timeout",
                    "20s",
                    "-timeout_error",
                    "-i",
                    PEER,
                    "-t",
                    transport,
                ])
                .arg("-sf")
                .arg(&file)
                .arg(address.to_string())
                .output()
                .await
                .expect("sipp runs");
            let said = String::from_utf8_lossy(&output.stdout);
            let tail = said.get(said.len().saturating_sub(3_000)..).unwrap_or(&said);
            assert!(output.status.success(), "{name} over {transport}: {}\n{tail}", output.status);
        }
    }
    let bindings = server.registry.bindings.lock().unwrap();
    let transports: Vec<_> = bindings.iter().map(|binding| binding.transport).collect();
    assert_eq!(transports, [SipTransport::Tcp], "the same contact over UDP first, then over TCP");
}
