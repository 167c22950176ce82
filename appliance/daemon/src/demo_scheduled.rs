//! The demonstration's scheduled meetings: some of today, of the days around it and of the weeks to come, in all states.

use anyhow::{Context, Result};
use std::sync::Arc;
use tabellion_domain::{
    Clock, Entropy, SecurityCode, UserId,
    paris::in_paris,
    scheduled::{InviteeForm, Line, Message, Plan, When, prefilled, read_all},
};
use tabellion_store::{Edit, NewScheduled, Scheduled, Store};
use time::{Duration, Time, macros::time};

/// Days from today, when, the file's reference, what the others see it called; none: not validated yet.
type Meeting = (i64, Time, &'static str, Option<&'static str>);

const MEETINGS: &[Meeting] = &[
    (-6, time!(10:00), "2026-098 Bail ROUX", Some("Bail commercial ROUX")),
    (-1, time!(15:30), "2026-101 Donation MARCHAND", Some("Donation MARCHAND")),
    (0, time!(23:00), "2026-114 Vente DUPONT / LEROY", Some("Vente DUPONT")),
    (0, time!(23:30), "2026-117 Succession LEFÈVRE", None),
    (1, time!(9:30), "2026-118 Contrat de mariage GARNIER", Some("Contrat de mariage GARNIER")),
    (3, time!(14:00), "2026-120 Compromis MERCIER", Some("Compromis de vente MERCIER")),
    (8, time!(16:00), "2026-121 Partage FAURE", Some("Partage FAURE")),
    (15, time!(11:00), "2026-124 Assemblée SCI DES TILLEULS", None),
];

const PEOPLE: &[(&str, &str, &str, &str)] = &[
    ("Maître", "Claire Moreau", "claire.moreau@visio.tabellion.test", "organizer"),
    ("Madame", "Hélène Dupont", "helene.dupont@client.test", "guest"),
    ("Monsieur", "Karim Leroy", "karim.leroy@client.test", "guest"),
    ("", "Nina Garnier", "nina.garnier@office-voisin.test", "spectator"),
];

/// Gives the demonstration its meetings, where it has none. No mail is sent of them.
pub(crate) async fn seed(
    store: &Store,
    clock: &dyn Clock,
    entropy: &Arc<dyn Entropy>,
    login: &str,
) -> Result<()> {
    let by = store.user_by_login(login.to_owned()).await?.context("the demonstration has this user")?.id;
    let all = store.scheduled_meetings(time::Date::MIN, time::Date::MAX, 0, 1).await?;
    if all.total > 0 || !store.former_participants().await?.is_empty() {
        return Ok(());
    }
    for meeting in MEETINGS {
        make(store, clock, entropy, by, meeting).await?;
    }
    Ok(())
}

async fn make(
    store: &Store,
    clock: &dyn Clock,
    entropy: &Arc<dyn Entropy>,
    by: UserId,
    &(days, hour, reference, name): &Meeting,
) -> Result<()> {
    let day = in_paris(clock.now()).date() + Duration::days(days);
    let when = When::new(day, hour).context("no clock is changed at these hours")?;
    // As if it had been prepared the week before.
    let at = when.begins_at().min(clock.now()) - Duration::days(7);
    let plan = Plan { reference: Line::new(reference)?, when, code: Some(SecurityCode::new("2468")?) };
    let prefix = store.office().await?.context("the demonstration has an office")?.number_prefix;
    let new = NewScheduled { plan, created_by: by };
    let made = store.create_scheduled_meeting(new, prefix, entropy.clone(), at).await?;
    let edit = |of: &Scheduled| Edit { meeting: of.meeting.id, version: Some(of.meeting.version), by, at };
    let rows = PEOPLE.iter().map(|&(civility, name, email, role)| {
        let (civility, name) = (civility.to_owned(), name.to_owned());
        (None, InviteeForm { civility, name, email: email.to_owned(), role: role.to_owned() }, false)
    });
    let people = read_all(rows).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let made = store.revise_participants(edit(&made), people, |_| Vec::new()).await??;
    let Some(name) = name else { return Ok(()) };
    let message = Message::new(&prefilled(made.participants.iter().map(|one| &one.invitee)))?;
    store.validate_scheduled_meeting(edit(&made), Line::new(name)?, message, |_| Vec::new()).await??;
    Ok(())
}
