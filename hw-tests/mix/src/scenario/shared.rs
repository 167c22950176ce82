//! What room systems cost that watch a picture which is composed for another one already.

use super::{SETTLING, camera};
use crate::{Setting, load::Load, room_system::RoomSystem};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::time::Duration;

/// More people than are shown in rows: with one room system and with ten, the same six are seen.
const PICTURES: u32 = 9;
/// Room systems.
const ALL: u32 = 10;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Seconds that are measured with each number of room systems.
    #[arg(long, default_value_t = 8, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Of a core, what the first one costs.
    first_cores: f64,
    /// Of a core, what each other one costs.
    other_cores: f64,
}

pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Report> {
    let time = Duration::from_secs(arguments.seconds.into());
    let clip = camera()?;
    let mut load = Load::start(&setting.studio)?;
    for seat in 1..=PICTURES {
        load.camera(seat, &clip, Duration::from_millis(u64::from(seat) * 17 % 40))?;
    }
    let program = load.studio.program.account();
    load.settle(SETTLING)?;
    let none = program.cores(|| load.run(time))?;
    let mut peers = vec![watch(&mut load)?];
    load.settle(SETTLING)?;
    let (drawn, one) = (load.drawn(), program.cores(|| load.run(time))?);
    for _ in 1..ALL {
        peers.push(watch(&mut load)?);
    }
    load.settle(SETTLING)?;
    ensure!(load.drawn() == drawn, "with {ALL} room systems other pictures are drawn than with one");
    let all = program.cores(|| load.run(time))?;
    for peer in peers {
        let pictures = peer.end()?.units()?.len();
        ensure!(pictures as u64 >= 20 * time.as_secs(), "a room system got {pictures} pictures only");
    }
    Ok(Report { first_cores: one - none, other_cores: (all - one) / f64::from(ALL - 1) })
}

fn watch(load: &mut Load) -> Result<RoomSystem> {
    let peer = RoomSystem::start(true, true)?;
    load.room_system(&peer)?;
    Ok(peer)
}
