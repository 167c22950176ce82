//! What the demonstration prints: for people, or a line of JSON a fact for programs.
#![expect(clippy::print_stdout, reason = "this output is the command's result")]

use super::DemoArguments;
use crate::demo_data;
use anyhow::Result;
use serde_json::json;
use std::{io::Write, net::IpAddr};

pub(super) fn print(arguments: &DemoArguments, address: IpAddr, pids: &[(&str, Option<u32>)]) -> Result<()> {
    let url = format!("https://{address}:{}", arguments.ports.https_port);
    if arguments.json {
        let pids: serde_json::Map<_, _> =
            pids.iter().map(|(name, pid)| ((*name).to_owned(), json!(pid))).collect();
        println!("{}", json!({"ready": true, "url": url, "pids": pids}));
        std::io::stdout().flush()?;
        return Ok(());
    }
    println!("\nTabellion runs. Stop it with Ctrl-C.\n");
    println!("  Espace client      {url}");
    println!("  Mails and SMS      {url}/demonstration   (shown there instead of being sent)");
    println!(
        "  Authority          {}   (import it in your browser)",
        arguments.state.join("ca.pem").display()
    );
    println!();
    for user in demo_data::USERS {
        let first = if user.authenticator { "" } else { "   (enrols an authenticator at the first login)" };
        println!("  Login              {}   password {}{first}", user.login, demo_data::PASSWORD);
    }
    println!("  TOTP secret        {}   (or ask for the code by SMS)", demo_data::TOTP_SECRET);
    println!();
    println!(
        "  Room system        {} password {}, registrar {address}:{} (UDP, TCP), {} (TLS)",
        demo_data::DEVICE,
        demo_data::DEVICE_PASSWORD,
        arguments.ports.sip_port,
        arguments.ports.sips_port
    );
    println!("  Permanent meeting  {} code {}\n", demo_data::MEETING_NUMBER, demo_data::MEETING_CODE);
    std::io::stdout().flush()?;
    Ok(())
}

/// A process has a new id.
pub(super) fn restarted(name: &str, pid: Option<u32>) -> Result<()> {
    println!("{}", json!({"restarted": name, "pid": pid}));
    std::io::stdout().flush()?;
    Ok(())
}
