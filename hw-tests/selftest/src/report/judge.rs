//! From what everybody perceived to the rows of the report. Pure: called again and again until all is well or time is up.

use super::{Row, Sense, Verdict};
use crate::perception::Senses;
use std::time::Instant;

/// Windows of sound with somebody's tone, 200 ms each, after which «does not hear itself» means something.
const LISTENED: u32 = 10;
/// Windows with the own tone that are an echo; one may be the edge of a change.
const ECHO: u32 = 2;

/// What a participant joins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// webrtcbin, over the switchboard.
    Browser,
    /// SIP, over the studio.
    RoomSystem,
}

/// A participant, as far as it is judged.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// As in the report.
    pub name: String,
    /// Its number in pictures and tones.
    pub sender: u8,
    /// What it joined with.
    pub kind: Kind,
    /// Whether it sends a tone.
    pub speaks: bool,
    /// When it asked to join.
    pub joined_at: Option<Instant>,
    /// Its seat's number, once it has one.
    pub seat: Option<u64>,
    /// Which slot shows which seat, by `mid`.
    pub slots: Vec<(String, u64)>,
    /// What it perceived. None: it did not take part.
    pub senses: Option<Senses>,
    /// Why it was not meant to take part, if so.
    pub skipped: Option<String>,
}

/// All rows: each perceives everyone whom it should, and not itself.
pub(crate) fn judge(members: &[Member]) -> Vec<Row> {
    let mut rows = Vec::new();
    for who in members {
        // Guests beyond the first are a load: they come for the organizer.
        for whom in members.iter().filter(|whom| whom.sender != who.sender && concerns(who, whom)) {
            let row = |sense, verdict| Row { who: who.name.clone(), sense, whom: whom.name.clone(), verdict };
            rows.push(row(Sense::Sees, verdict(who, whom, sees)));
            rows.push(row(Sense::Hears, verdict(who, whom, hears)));
        }
        if who.speaks {
            let verdict = verdict(who, who, not_itself);
            rows.push(Row {
                who: who.name.clone(),
                sense: Sense::NotItself,
                whom: "itself".to_owned(),
                verdict,
            });
        }
    }
    rows
}

fn concerns(who: &Member, whom: &Member) -> bool {
    whom.speaks && (who.speaks || whom.sender == 0)
}

fn verdict(
    who: &Member,
    whom: &Member,
    check: fn(&Member, &Senses, &Member) -> Result<(), String>,
) -> Verdict {
    if let Some(reason) = who.skipped.as_ref().or(whom.skipped.as_ref()) {
        return Verdict::Skipped(reason.clone());
    }
    let missing = [who, whom].into_iter().find(|member| member.joined_at.is_none());
    let outcome = match (missing, &who.senses) {
        (Some(missing), _) => Err(format!("the {} did not get into the meeting", missing.name)),
        (None, None) => Err("nothing was perceived".to_owned()),
        (None, Some(senses)) => check(who, senses, whom),
    };
    outcome.map_or_else(Verdict::Failed, |()| Verdict::Passed)
}

fn sees(who: &Member, senses: &Senses, whom: &Member) -> Result<(), String> {
    let engine = engine(who, whom);
    match senses.sighting(whom.sender) {
        _ if senses.frames == 0 => Err(format!("not one picture could be decoded: look at {engine}")),
        None => Err(format!("{} pictures came, none with this code: look at {engine}", senses.frames)),
        Some(_) if !senses.sees(whom.sender) => Err(format!("the picture stands still: look at {engine}")),
        Some(sighting) if who.kind == Kind::Browser => {
            let announced = who.slots.iter().find(|(mid, _)| *mid == sighting.place).map(|(_, seat)| *seat);
            if announced == whom.seat {
                return Ok(());
            }
            Err(format!(
                "the box names somebody else for slot {}: look at the control process",
                sighting.place
            ))
        }
        Some(_) => Ok(()),
    }
}

fn hears(who: &Member, senses: &Senses, whom: &Member) -> Result<(), String> {
    let engine = engine(who, whom);
    if senses.hears(whom.sender) {
        return Ok(());
    }
    match senses.windows {
        0 => Err(format!("no sound came: look at {engine}")),
        windows => Err(format!(
            "the tone was in {} of {windows} windows of sound: look at {engine}",
            senses.windows_with(whom.sender)
        )),
    }
}

fn not_itself(who: &Member, senses: &Senses, _: &Member) -> Result<(), String> {
    let engine = engine(who, who);
    match (senses.windows_with_tones, senses.windows_with(who.sender)) {
        (_, own) if own >= ECHO => Err(format!("its own tone comes back: look at {engine}")),
        (windows, _) if windows < LISTENED => Err(format!("too little sound came to tell: look at {engine}")),
        _ => Ok(()),
    }
}

/// What stands between the two.
fn engine(who: &Member, whom: &Member) -> &'static str {
    match (who.kind, whom.kind) {
        (Kind::Browser, Kind::Browser) => "the switchboard",
        _ => "the studio",
    }
}

#[cfg(test)]
mod tests;
