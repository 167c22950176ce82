//! The run: everybody comes, perceives the others, and leaves.

use crate::{
    arguments::{Access, Arguments},
    browser::Browser,
    cast::{self, Cast},
    edge,
    fault::{Fault, Outcome, Side},
    media::Codecs,
    report::{Member, Participation, Report, Row, Verdict, judge},
    room_system::RoomSystem,
    stay::stay,
};
use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::time::{error::Elapsed, interval, timeout};

/// SIP over UDP (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5_060;
/// How often what everybody perceives is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// The part of the time that is kept for leaving and deleting the meeting, at most.
const LEAVING: Duration = Duration::from_secs(8);

/// The part of the time that is kept for the report.
const LAST: Duration = Duration::from_secs(1);

/// Runs everything within the time-out, and puts everything away.
pub(crate) async fn run(arguments: &Arguments, access: Access, mut cast: Cast) -> Report {
    let leaving = LEAVING.min(arguments.limit() / 3);
    let acting = arguments.limit().saturating_sub(leaving + LAST);
    let (mut codecs, mut faults) = (None, Vec::new());
    let acted = tokio::select! {
        acted = come_and_stay(arguments, access, &mut cast, (&mut codecs, acting)) => acted,
        () = interrupted() => Ok(Err(Fault::new(Side::Caller, "the run was interrupted", "let it end by itself"))),
    };
    let members = cast.members();
    let rows = judge(&members);
    match acted {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => faults.push(fault),
        // The rows say what is missing; a fault of an element is its cause.
        Err(_) => faults.extend(element_fault(&members).or_else(|| late(&cast, &rows))),
    }
    match timeout(leaving, cast.put_away()).await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => faults.push(fault),
        Err(_) => faults.push(Fault::new(
            Side::Control,
            "leaving and deleting the meeting took too long",
            "look for a permanent meeting «Auto-test» and delete it",
        )),
    }
    let members = members.iter().filter(|member| member.skipped.is_none()).map(participation).collect();
    Report { members, rows, faults, codecs }
}

/// Until all is perceived within this time, and the stay is over, or something fails.
async fn come_and_stay(
    arguments: &Arguments,
    access: Access,
    cast: &mut Cast,
    (codecs, acting): (&mut Option<Codecs>, Duration),
) -> Result<Outcome<()>, Elapsed> {
    match timeout(acting, act(arguments, access, cast, codecs)).await? {
        Ok(()) => Ok(stay(cast, arguments.stay()).await),
        Err(fault) => Ok(Err(fault)),
    }
}

/// Until all is perceived, or something fails.
async fn act(
    arguments: &Arguments,
    access: Access,
    cast: &mut Cast,
    chosen: &mut Option<Codecs>,
) -> Outcome<()> {
    let codecs = {
        let effort = arguments.effort();
        tokio::task::spawn_blocking(move || Codecs::choose(effort)).await.map_err(Fault::machine)??
    };
    *chosen = Some(codecs);
    let own = cast.client.at.own_address().await?;
    let keys = cast.keys(access).await?;
    for (at, seat) in (0..).zip(&keys.seats) {
        // Before those who come as a load: the box shows as many as a page has places for, first come, first shown.
        if at == cast::GUEST + 1 {
            bring_room_system(arguments, cast, keys.number.as_ref(), own, codecs).await?;
        }
        bring_browser(cast, at, seat, own, codecs).await?;
    }
    if cast.room_system.is_none() {
        bring_room_system(arguments, cast, keys.number.as_ref(), own, codecs).await?;
    }
    cast.waiting_for = (Side::Caller, "everybody to be perceived");
    perceive(cast).await
}

/// The organizer, or a guest whom the organizer lets in.
async fn bring_browser(cast: &mut Cast, at: u8, seat: &str, own: IpAddr, codecs: Codecs) -> Outcome<()> {
    cast.waiting_for = (Side::Control, "a seat to be welcomed");
    let browser = Browser::sit_down(&cast.client, cast::sender(at), cast::speaks(at), seat).await?;
    let number = browser.seat.number();
    if let Some(organizer) = cast.browsers.first_mut() {
        cast.waiting_for = (Side::Control, "a guest to appear in the organizer's queue");
        organizer.seat.accept(|waiting| waiting.seat == number).await?;
    }
    cast.waiting_for = (Side::Switchboard, "a participant to be connected");
    cast.browsers.push(browser);
    match cast.browsers.last_mut() {
        Some(browser) => browser.join(own, codecs).await,
        None => Ok(()),
    }
}

/// The room system, where one takes part: it calls, types the code, and is let in.
async fn bring_room_system(
    arguments: &Arguments,
    cast: &mut Cast,
    number: Option<&(String, String)>,
    own: IpAddr,
    codecs: Codecs,
) -> Outcome<()> {
    let (Some(device), Some((number, code))) = (arguments.device(), number) else { return Ok(()) };
    cast.waiting_for = (Side::Control, "the room system's call to be answered");
    let sip = sip(arguments, cast).await?;
    let who = (cast::ROOM_SYSTEM, codecs);
    let room_system = cast.room_system.insert(RoomSystem::dial(sip, own, &device, number, who).await?);
    room_system.press(code);
    let Some(organizer) = cast.browsers.first_mut() else { return Ok(()) };
    cast.waiting_for = (Side::Studio, "the room system to appear in the queue after its code was typed");
    room_system.seat = Some(organizer.seat.accept(|waiting| waiting.channel == "room_system").await?);
    room_system.joined_at = Some(edge::now());
    Ok(())
}

/// Where the box's SIP is.
async fn sip(arguments: &Arguments, cast: &Cast) -> Outcome<SocketAddr> {
    let Some(sip) = &arguments.sip else { return cast.client.at.with_port(SIP_PORT).await };
    let found = tokio::net::lookup_host(sip).await.ok().and_then(|mut found| found.next());
    found
        .ok_or_else(|| Fault::new(Side::Caller, format!("{sip} is no place of SIP"), "check --sip HOST:PORT"))
}

/// Waits until every row is right.
pub(crate) async fn perceive(cast: &Cast) -> Outcome<()> {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        if let Some(fault) = fault_of(cast) {
            return Err(fault);
        }
        if !judge(&cast.members()).iter().any(|row| matches!(row.verdict, Verdict::Failed(_))) {
            return Ok(());
        }
    }
}

/// What has failed of somebody's seat, call, or elements.
pub(crate) fn fault_of(cast: &Cast) -> Option<Fault> {
    let seats = cast.browsers.iter().find_map(|browser| browser.seat.view().fault);
    seats.or_else(|| cast.room_system.as_ref()?.fault()).or_else(|| element_fault(&cast.members()))
}

fn element_fault(members: &[Member]) -> Option<Fault> {
    members.iter().find_map(|member| member.senses.as_ref()?.fault.clone())
}

/// The time was over. Where everybody had come, the rows say what is missing.
fn late(cast: &Cast, rows: &[Row]) -> Option<Fault> {
    let (side, what) = cast.waiting_for;
    let all_came = cast.browsers.iter().all(|browser| browser.joined_at.is_some());
    let explained =
        side == Side::Caller && all_came && rows.iter().any(|row| matches!(row.verdict, Verdict::Failed(_)));
    let advice = if side == Side::Studio {
        "is the code right, and do keys (RFC 4733) reach the studio? or give a longer --timeout"
    } else {
        "look at its log, or give a longer --timeout"
    };
    (!explained).then(|| Fault::new(side, format!("the time was over while waiting for {what}"), advice))
}

fn participation(member: &Member) -> Participation {
    let since = |joined: Instant| {
        let senses = member.senses.as_ref()?;
        let first = (0..16).filter_map(|sender| Some(senses.sighting(sender)?.first)).min()?;
        u64::try_from(first.saturating_duration_since(joined).as_millis()).ok()
    };
    Participation { name: member.name.clone(), first_picture_ms: member.joined_at.and_then(since) }
}

/// Ctrl-C, or the service manager's wish.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::debug!(at = ?edge::now(), "interrupted");
}
