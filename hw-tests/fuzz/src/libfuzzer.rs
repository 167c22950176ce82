//! The targets under libFuzzer: its command line is this program's. `$TABELLION_FUZZ_TARGET` names the one that runs.
//!
//! With `$TABELLION_FUZZ_SEEDS` it runs none, but writes what is known of each into that folder, seeds into `TARGET/` and words, as
//! a dictionary, into `TARGET.dict`, and prints their names.
#![no_main]

use std::{
    cell::Cell,
    fs,
    io::{self, Write},
    panic,
    path::Path,
    sync::OnceLock,
};
use tabellion_fuzz::{TARGETS, Target, target};

static CHOSEN: OnceLock<&Target> = OnceLock::new();

thread_local! {
    static LAST_PANIC: Cell<String> = const { Cell::new(String::new()) };
}

libfuzzer_sys::fuzz_target!(
    init: {
        if let Some(folder) = std::env::var_os("TABELLION_FUZZ_SEEDS") {
            let told = TARGETS.iter().try_for_each(|target| tell(target, Path::new(&folder)));
            told.expect("the folder can be written to");
            std::process::exit(0);
        }
        // libFuzzer's own ends the program at each panic. One that the product catches, and answers, is no fault.
        panic::set_hook(Box::new(|told| LAST_PANIC.set(told.to_string())));
        let name = std::env::var("TABELLION_FUZZ_TARGET").expect(".ci/fuzz names a target");
        CHOSEN.get_or_init(|| target(&name).expect(".ci/fuzz names one that there is"));
    },
    |input: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            if panic::catch_unwind(|| (target.run)(input)).is_err() {
                let _ = writeln!(io::stderr(), "{}", LAST_PANIC.take());
                std::process::abort();
            }
        }
    }
);

fn tell(target: &Target, folder: &Path) -> io::Result<()> {
    let seeds = folder.join(target.name);
    fs::create_dir_all(&seeds)?;
    for (number, seed) in (target.seeds)().iter().enumerate() {
        fs::write(seeds.join(format!("seed-{number}")), seed)?;
    }
    let dictionary: String = target.words.iter().map(|word| format!("{}\n", quoted(word))).collect();
    fs::write(folder.join(format!("{}.dict", target.name)), dictionary)?;
    writeln!(io::stdout(), "{}", target.name)
}

/// As libFuzzer reads it: what is not printable, and the quote, by number.
fn quoted(word: &str) -> String {
    let byte = |byte: u8| match byte {
        b' '..=b'~' if !matches!(byte, b'"' | b'\\') => char::from(byte).to_string(),
        other => format!("\\x{other:02x}"),
    };
    format!("\"{}\"", word.bytes().map(byte).collect::<String>())
}
