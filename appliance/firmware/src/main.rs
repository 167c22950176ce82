//! `tabellion-firmware`: what a box does with its own disk, its own start and its own updates. Each subcommand is one
//! unit's work; all of them run as root, under their unit's sandbox.

mod asking;
mod backup;
mod console;
mod health;
mod installer;
mod requests;
mod reset;
mod run;
mod screen;
mod settings;
mod stick;
mod storage;
mod update;
mod usb;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing::error;

#[derive(Parser)]
#[command(version, about = "The box's disk, start and updates")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens the data partition, and makes it at the first start (tabellion-storage.service).
    OpenStorage,
    /// Whether this version of the firmware does its work here (tabellion-health.service).
    CheckHealth(health::Arguments),
    /// Asks for a disk, and installs the box on it (tabellion-installer@.service).
    InstallOnADisk,
    /// Copies the set-up file of a USB stick (tabellion-usb.service).
    ReadUsb,
    /// Has the next start destroy all data, as an administrator has asked (tabellion-factory-reset.service).
    Reset,
    /// The same, once somebody at the screen has confirmed it (tabellion-reset-menu.service).
    ResetAfterAsking,
    /// Makes a recovery key of the data partition (tabellion-recovery-key.service).
    MakeRecoveryKey,
    /// Writes a backup to the USB stick (tabellion-backup-usb.service).
    WriteBackup,
    /// Sends a backup to an SFTP server (tabellion-backup-sftp.service).
    SendBackup,
    /// A shell at the box's own screen, while an administrator allows it (tabellion-console.service).
    Console(console::Arguments),
    /// Draws on the attached screen what this box is and where it is reached (tabellion-screen.service).
    ShowScreen(screen::Arguments),
    /// Renders the settings into the operating system (tabellion-system.service).
    ApplySettings(settings::Arguments),
    /// Copies the update of a USB stick (tabellion-stick.service).
    BringFromStick,
    /// Makes room on the data partition where little is left (tabellion-room.service).
    MakeRoom,
    /// Restarts into an installed update (tabellion-restart.service).
    Restart,
    /// Does what control has asked for (tabellion-updater.service).
    Update,
    /// Fetches an update (tabellion-download.service).
    Download,
    /// Notes which version was started, and takes care of one that was taken back (tabellion-boot.service).
    RecordBoot,
    /// The health gate has not let this version pass (tabellion-rejected.service).
    Reject,
    /// The health gate has let this version pass (tabellion-blessed.service).
    Bless,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        // The journal has the time already.
        .without_time()
        .init();
    let outcome = match Arguments::parse().command {
        Command::OpenStorage => storage::open(),
        Command::CheckHealth(arguments) => health::check(&arguments),
        Command::InstallOnADisk => installer::install_on_a_disk(),
        Command::ReadUsb => usb::read_usb(),
        Command::Reset => reset::reset(),
        Command::ResetAfterAsking => reset::reset_after_asking(),
        Command::MakeRecoveryKey => storage::make_recovery_key(),
        Command::WriteBackup => backup::write_backup(),
        Command::SendBackup => backup::send_backup(),
        Command::Console(arguments) => console::console(&arguments),
        Command::ShowScreen(arguments) => screen::show(&arguments),
        Command::ApplySettings(arguments) => settings::apply_settings(&arguments),
        Command::BringFromStick => update::bring_from_stick(),
        Command::MakeRoom => update::make_room(),
        Command::Restart => update::restart(),
        Command::Download => update::download(),
        Command::Update => update::update(),
        Command::RecordBoot => update::record_boot(),
        Command::Reject => update::reject(),
        Command::Bless => update::bless(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}
