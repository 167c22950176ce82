//! `tabellion-joins`: how many of those who join over a bad line are connected, and how soon.

use std::process::ExitCode;

fn main() -> ExitCode {
    tabellion_selftest::joins::main()
}
