//! The whole process: its socket for control, its port, its studios, its threads. In a network namespace of its own,
//! so that the host's ports do not matter.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, SockFlag, SockType, UnixAddr, accept, bind, listen, recv, send, socket,
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::{fs::PermissionsExt, net::UnixStream},
    },
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use str0m::{
    RtcConfig,
    media::{Direction, MediaKind},
};
use tabellion_media_protocol::{
    LegConfig, LegView, Notice, PROTOCOL, RoomId, SeatId,
    control::{Answer, Event, FromMedia, MediaError, Publish, Request, ToMedia},
    frame::{self, Decoder},
    studio::{FromStudio, MAX_DATAGRAM, ToStudio, WORDS},
};

const ROOM: RoomId = RoomId(1);
const LEG: SeatId = SeatId(50);

struct Process {
    child: Child,
    runtime: tempfile::TempDir,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `exec` keeps the process's number, which the thread count is read by.
fn command(runtime: &Path, before: &str) -> Command {
    let mut command = Command::new("unshare");
    let program = env!("CARGO_BIN_EXE_tabellion-media");
    let script = format!(
        "ip link set lo up; {before} exec {program} --runtime {} --address 127.0.0.1",
        runtime.display()
    );
    command.args(["--net", "sh", "-c", &script]).stderr(Stdio::piped());
    command
}

impl Process {
    fn start() -> Self {
        let runtime = tempfile::tempdir().unwrap();
        let mut child = command(runtime.path(), "").spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut seen = String::new();
        while !seen.contains("the switchboard is ready") {
            assert!(log.read_line(&mut seen).unwrap() > 0, "it ended: {seen}");
        }
        // Read on, so that it never waits for us.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, runtime }
    }

    fn threads(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap().count()
    }

    fn control(&self) -> Control {
        let stream = UnixStream::connect(self.runtime.path().join("media.sock")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Control { stream, decoder: Decoder::default(), next: 1, events: Vec::new() }
    }
}

struct Control {
    stream: UnixStream,
    decoder: Decoder,
    next: u64,
    events: Vec<Event>,
}

impl Control {
    fn ask(&mut self, request: Request) -> u64 {
        let id = self.next;
        self.next += 1;
        self.stream.write_all(&frame::encode(&ToMedia { id, request }).unwrap()).unwrap();
        id
    }

    fn read(&mut self) -> FromMedia {
        loop {
            if let Some(message) = self.decoder.next_message().unwrap() {
                return message;
            }
            let mut bytes = [0; 4096];
            let read = self.stream.read(&mut bytes).unwrap();
            assert!(read > 0, "the connection was closed");
            self.decoder.push(&bytes[..read]);
        }
    }

    fn answer_to(&mut self, wanted: u64) -> Result<Answer, MediaError> {
        loop {
            match self.read() {
                FromMedia::Answer { id, result } if id == wanted => return result,
                FromMedia::Answer { id, .. } => panic!("an answer to {id}, which was not asked"),
                FromMedia::Event(event) => self.events.push(event),
            }
        }
    }

    fn answer(&mut self, request: Request) -> Result<Answer, MediaError> {
        let id = self.ask(request);
        self.answer_to(id)
    }

    fn join(&mut self, seat: u64) {
        let offer = offer();
        let request = Request::JoinBrowser {
            room: ROOM,
            seat: SeatId(seat),
            name: String::new(),
            offer,
            slides: Vec::new(),
            publish: Publish::ALL,
            muted: false,
            limit_kbps: None,
        };
        assert!(matches!(self.answer(request), Ok(Answer::Sdp { .. })));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
fn offer() -> String {
    str0m::crypto::from_feature_flags().install_process_default();
    let mut rtc = RtcConfig::new().build(Instant::now());
    let mut api = rtc.sdp_api();
    api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
    api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
    api.apply().unwrap().0.to_sdp_string()
}

/// Where the service manager would start studios: the test is the studio.
struct Studios(OwnedFd);

impl Studios {
    fn listen(runtime: &Path) -> Self {
        let listener =
            socket(AddressFamily::Unix, SockType::SeqPacket, SockFlag::SOCK_CLOEXEC, None).unwrap();
        bind(listener.as_raw_fd(), &UnixAddr::new(&runtime.join("studio.sock")).unwrap()).unwrap();
        listen(&listener, Backlog::new(8).unwrap()).unwrap();
        Self(listener)
    }

    #[expect(unsafe_code, reason = "the descriptor was just made by accept and has no other owner")]
    fn start(&self, pid: u32) -> OwnedFd {
        let studio = unsafe { OwnedFd::from_raw_fd(accept(self.0.as_raw_fd()).unwrap()) };
        report(&studio, &FromStudio::Ready { protocol: PROTOCOL, pid });
        studio
    }
}

fn report(studio: &OwnedFd, report: &FromStudio) {
    let mut bytes = vec![WORDS];
    serde_json::to_writer(&mut bytes, report).unwrap();
    send(studio.as_raw_fd(), &bytes, MsgFlags::empty()).unwrap();
}

fn told(studio: &OwnedFd) -> ToStudio {
    let mut bytes = vec![0; MAX_DATAGRAM];
    let length = recv(studio.as_raw_fd(), &mut bytes, MsgFlags::empty()).unwrap();
    assert_eq!(bytes[0], WORDS);
    serde_json::from_slice(&bytes[1..length]).unwrap()
}

fn told_of_leg(studio: &OwnedFd) {
    while !matches!(told(studio), ToStudio::Leg { seat: LEG, .. }) {}
}

fn open_leg() -> Request {
    let alone = Notice { office: "Étude".into(), title: "Vous êtes seul".into(), text: String::new() };
    let leg = LegConfig { local_address: "127.0.0.1".parse().unwrap(), audio: None, video: None };
    let view = LegView::Meeting { alone };
    Request::OpenLeg { room: ROOM, seat: LEG, name: "Salle".into(), leg, view, publish: Publish::ALL }
}

#[test]
fn control_greets_goes_away_and_finds_its_rooms_again() {
    let process = Process::start();
    let mode = std::fs::metadata(process.runtime.path().join("media.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let mut first = process.control();
    let Ok(Answer::Hello { instance, .. }) = first.answer(Request::Hello { protocol: PROTOCOL }) else {
        panic!()
    };
    assert_eq!(
        first.answer(Request::Hello { protocol: PROTOCOL + 1 }),
        Err(MediaError::Protocol { ours: PROTOCOL, asked: PROTOCOL + 1 })
    );
    first.join(1);

    // The former connection is still open when the next one comes, as after a kill.
    let mut second = process.control();
    let Ok(Answer::Hello { instance: again, .. }) = second.answer(Request::Hello { protocol: PROTOCOL })
    else {
        panic!()
    };
    assert_eq!(again, instance);
    let Ok(Answer::Snapshot(snapshot)) = second.answer(Request::Snapshot) else { panic!() };
    assert_eq!(snapshot.seats.iter().map(|seat| seat.seat).collect::<Vec<_>>(), [SeatId(1)]);
    let mut rest = Vec::new();
    first.stream.read_to_end(&mut rest).expect("the former connection is closed");
}

#[test]
fn threads_do_not_grow_with_participants() {
    let process = Process::start();
    let mut control = process.control();
    let before = process.threads();
    for seat in 1..=40 {
        control.join(seat);
    }
    assert_eq!(process.threads(), before);
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(before <= cores + 2, "{before} threads on {cores} cores");
}

#[test]
fn a_killed_studio_is_replaced_within_a_second() {
    let process = Process::start();
    let studios = Studios::listen(process.runtime.path());
    let mut control = process.control();
    let opening = control.ask(open_leg());
    let studio = studios.start(7);
    assert!(matches!(told(&studio), ToStudio::Open { room: ROOM, .. }));
    told_of_leg(&studio);
    report(&studio, &FromStudio::LegOpened { seat: LEG });
    assert_eq!(control.answer_to(opening), Ok(Answer::Done));

    #[expect(clippy::disallowed_methods, reason = "the time that a real process takes is what is measured")]
    let killed = Instant::now();
    drop(studio);
    let studio = studios.start(8);
    told_of_leg(&studio);
    assert!(killed.elapsed() < Duration::from_secs(1), "{:?}", killed.elapsed());
    while !matches!(control.read(), FromMedia::Event(Event::StudioReplaced { room: ROOM, .. })) {}
    let Ok(Answer::Snapshot(snapshot)) = control.answer(Request::Snapshot) else { panic!() };
    assert_eq!(snapshot.studios, [(ROOM, 8)]);
}

#[test]
fn a_new_control_is_not_answered_what_the_former_one_asked() {
    let process = Process::start();
    let studios = Studios::listen(process.runtime.path());
    let mut former = process.control();
    former.ask(open_leg());
    let studio = studios.start(7);
    told_of_leg(&studio);
    let mut control = process.control();
    assert!(matches!(control.answer(Request::Hello { protocol: PROTOCOL }), Ok(Answer::Hello { .. })));
    report(&studio, &FromStudio::LegOpened { seat: LEG });
    report(&studio, &FromStudio::Digit { seat: LEG, digit: '5' });
    // What was asked before under the same number would come first.
    assert_eq!(control.read(), FromMedia::Event(Event::Digit { seat: LEG, digit: '5' }));
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let runtime = tempfile::tempdir().unwrap();
    // In the same namespace, a first one has the port; the second is the one that is run to its end.
    let program = env!("CARGO_BIN_EXE_tabellion-media");
    let other = tempfile::tempdir().unwrap();
    let first = format!(
        "{program} --runtime {0} --address 127.0.0.1 2>/dev/null & until test -S {0}/media.sock; do :; done;",
        other.path().display()
    );
    let mut command = command(runtime.path(), &format!("{first} trap 'kill %1' EXIT;"));
    command.env("NO_COLOR", "1");
    let script = command.get_args().last().unwrap().to_string_lossy().replace(" exec ", " ");
    let output = Command::new("unshare").args(["--net", "bash", "-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("UDP port 7000 of 127.0.0.1 is in use") && said.contains("--port"), "{said}");
}
