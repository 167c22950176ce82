//! `tabellion-selftest`: what a box does is seen and heard from outside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    tabellion_selftest::main()
}
