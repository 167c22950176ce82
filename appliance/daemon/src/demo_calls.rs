//! The demonstration's calls: a week of somebody who calls and is called by people of the demonstration's directory.

use anyhow::{Context, Result};
use tabellion_domain::{CallDirection, CallMedia, Clock};
use tabellion_domain::{
    CallDirection::{Made, Received},
    CallMedia::{Audio, Video},
    CallOutcome::{self, Absent, Answered, Busy, Cancelled, Missed, Refused, UnknownNumber},
    CallRecord, UserId,
};
use tabellion_store::{CallFilter, Store};
use time::Duration;

/// How many hours ago, who, at which number, and how long it was, in seconds: from the first ring, where nobody answered.
type Call = (i64, CallDirection, CallMedia, CallOutcome, &'static str, &'static str, i64);

const CALLS: &[Call] = &[
    (1, Received, Video, Answered, "ROUSSEL Adèle", "1099000200", 754),
    (2, Made, Video, Busy, "GARNIER Bastien", "1099000300", 6),
    (3, Received, Audio, Missed, "KERMOAL Zoé", "1099000301", 30),
    (5, Made, Audio, Answered, "PERRIN Loïc", "1099000400", 128),
    (22, Received, Video, Refused, "NICOLAS Inès", "1099000302", 9),
    (25, Received, Video, Answered, "MATHIEU Noël", "1099000500", 2_310),
    (26, Made, Video, Absent, "VASSEUR Yves", "1099000600", 3),
    (29, Received, Audio, Cancelled, "DENIS Benoît", "1099000601", 4),
    (49, Made, Audio, UnknownNumber, "", "1099999999", 1),
    (51, Received, Video, Answered, "DUPONT François", "1099000701", 612),
    (53, Made, Video, Cancelled, "BLANC Cédric", "1099000800", 12),
    (73, Received, Audio, Missed, "SŒUR Clémence", "1099000501", 30),
    (76, Received, Video, Busy, "ROBIN Marie", "1099000201", 2),
    (98, Made, Video, Answered, "PETITJEAN Aurélie", "1099000401", 1_845),
    (101, Received, Audio, Answered, "DUMONT Solène", "1099000202", 93),
    (122, Made, Audio, Missed, "HAŸ Anaïs", "1099000702", 30),
    (125, Received, Video, Answered, "ROUSSEL Adèle", "1099000200", 401),
    (147, Received, Audio, Missed, "VASSEUR Marie", "1099000700", 30),
    (150, Made, Video, Answered, "BRUNET Loïc", "1099000801", 1_020),
    (166, Received, Video, Answered, "ROUSSEAU Marie", "1099000402", 266),
];
/// From the first ring to the answer, in seconds.
const RINGING: i64 = 7;

/// Gives a user of the demonstration a week's calls, who has none.
pub(crate) async fn seed(store: &Store, clock: &dyn Clock, login: &str) -> Result<()> {
    let user = store.user_by_login(login.to_owned()).await?.context("the demonstration has this user")?.id;
    if store.calls(user, CallFilter::default(), 0, 1).await?.total > 0 {
        return Ok(());
    }
    let calls = CALLS.iter().map(|call| Ok(record(user, clock, call).checked()?)).collect::<Result<_>>()?;
    Ok(store.record_calls(calls).await?)
}

fn record(user: UserId, clock: &dyn Clock, call: &Call) -> CallRecord {
    let &(hours, direction, media, outcome, name, number, seconds) = call;
    let began_at = clock.now() - Duration::hours(hours);
    let answered_at = (outcome == Answered).then(|| began_at + Duration::seconds(RINGING));
    CallRecord {
        user,
        direction,
        number: number.to_owned(),
        name: name.to_owned(),
        media,
        outcome,
        began_at,
        answered_at,
        ended_at: answered_at.unwrap_or(began_at) + Duration::seconds(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{demo_data, demo_directory};
    use std::sync::Arc;
    use tabellion_domain::{
        Entropy,
        testing::{FakeClock, FakeEntropy},
    };

    #[tokio::test]
    async fn the_demonstration_has_a_week_of_calls_with_people_of_its_directory() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        let (clock, entropy) = (FakeClock::default(), Arc::new(FakeEntropy::seeded(1)) as Arc<dyn Entropy>);
        demo_data::seed(&store, &clock, &entropy).await.unwrap();
        demo_directory::seed(&store, &clock).await.unwrap();
        let login = demo_data::USERS[0].login;
        seed(&store, &clock, login).await.unwrap();
        seed(&store, &clock, login).await.unwrap();
        let user = store.user_by_login(login.to_owned()).await.unwrap().unwrap().id;
        let all = store.calls(user, CallFilter::default(), 0, 100).await.unwrap();
        assert_eq!(all.total, CALLS.len() as u64, "once");
        let (_, entries) = store.directory_entries().await.unwrap().unwrap();
        for item in all.items.iter().filter(|item| !item.call.name.is_empty()) {
            let known =
                entries.iter().any(|entry| entry.name == item.call.name && entry.account == item.call.number);
            assert!(known, "{item:?}");
        }
        let week = store.calls_received(user, clock.now() - Duration::days(7)).await.unwrap();
        assert_eq!((week.received, week.missed), (12, 5));
    }
}
