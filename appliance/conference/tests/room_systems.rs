//! Stories of room systems in front of a meeting and in it.

mod common;

use common::{Phone, TestRoom};
use time::Duration;

#[tokio::test]
async fn wrong_codes_are_counted_over_calls_and_pause_that_caller_alone() {
    let room = TestRoom::open().await;
    let mut first = Phone::calls(&room, "127.0.0.1").await;
    first.dials("111122223333").await;
    room.until_shown("Le code de la réunion n’a pas été composé correctement.").await;
    first.hangs_up().await;
    let mut second = Phone::calls(&room, "127.0.0.1").await;
    second.dials("44445555").await;
    room.until_shown("Trop de codes faux ont été composés.").await;
    second.hangs_up().await;

    let mut third = Phone::calls(&room, "127.0.0.1").await;
    room.until_shown("rappelez dans dix minutes.").await;
    third.dials("1234").await;
    third.hangs_up().await;
    let mut elsewhere = Phone::calls(&room, "127.0.0.2").await;
    elsewhere.dials("1234").await;
    room.until_shown("Salle d’attente").await;

    room.clock.advance(Duration::minutes(10));
    let mut again = Phone::calls(&room, "127.0.0.1").await;
    again.dials("1234").await;
    room.until_shown("Salle d’attente").await;
}
