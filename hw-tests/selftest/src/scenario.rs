//! The run: everybody comes, perceives the others, and leaves.

use crate::{
    arguments::{Access, Arguments},
    browser::Browser,
    cast::{self, Cast},
    edge,
    fault::{Fault, Outcome, Side},
    media::Codecs,
    report::{Member, Participation, Report, Verdict, judge},
};
use std::time::{Duration, Instant};
use tokio::time::{interval, timeout};

/// How often what everybody perceives is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// The part of the time that is kept for leaving and deleting the meeting, at most.
const LEAVING: Duration = Duration::from_secs(8);

/// Runs everything within the time-out, and puts everything away.
pub(crate) async fn run(arguments: &Arguments, access: Access, mut cast: Cast) -> Report {
    let leaving = LEAVING.min(arguments.limit() / 3);
    let (mut codecs, mut faults) = (None, Vec::new());
    let acted = tokio::select! {
        acted = timeout(arguments.limit() - leaving, act(access, &mut cast, &mut codecs)) => acted,
        () = interrupted() => Ok(Err(Fault::new(Side::Caller, "the run was interrupted", "let it end by itself"))),
    };
    let members = cast.members();
    let rows = judge(&members);
    match acted {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => faults.push(fault),
        // The rows say what is missing; a fault of an element is its cause.
        Err(_) => faults.extend(element_fault(&members).or_else(|| nothing_failed(&rows))),
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

/// Until all is perceived, or something fails.
async fn act(access: Access, cast: &mut Cast, chosen: &mut Option<Codecs>) -> Outcome<()> {
    let codecs = tokio::task::spawn_blocking(Codecs::choose).await.map_err(Fault::machine)??;
    *chosen = Some(codecs);
    let own = cast.client.at.own_address().await?;
    let keys = cast.keys(access).await?;
    for (at, seat) in (0..).zip(&keys.seats) {
        let browser = Browser::sit_down(&cast.client, cast::sender(at), seat).await?;
        cast.browsers.push(browser);
        let [organizer, guests @ ..] = cast.browsers.as_mut_slice() else { continue };
        if let Some(guest) = guests.last() {
            let seat = guest.seat.number();
            organizer.seat.accept(|waiting| waiting.seat == seat).await?;
        }
        if let Some(browser) = cast.browsers.last_mut() {
            browser.join(own, codecs).await?;
        }
    }
    perceive(cast).await
}

/// Waits until every row is right.
async fn perceive(cast: &Cast) -> Outcome<()> {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        if let Some(fault) = cast.browsers.iter().find_map(|browser| browser.seat.view().fault) {
            return Err(fault);
        }
        let members = cast.members();
        if let Some(fault) = element_fault(&members) {
            return Err(fault);
        }
        if !judge(&members).iter().any(|row| matches!(row.verdict, Verdict::Failed(_))) {
            return Ok(());
        }
    }
}

fn element_fault(members: &[Member]) -> Option<Fault> {
    members.iter().find_map(|member| member.senses.as_ref()?.fault.clone())
}

/// The time was over at a moment at which no row had failed: somebody was still on the way in.
fn nothing_failed(rows: &[crate::report::Row]) -> Option<Fault> {
    let failed = rows.iter().any(|row| matches!(row.verdict, Verdict::Failed(_)));
    let late = || Fault::new(Side::Caller, "the time was over too early", "give a longer --timeout");
    (!failed).then(late)
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
