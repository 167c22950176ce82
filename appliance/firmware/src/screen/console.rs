use anyhow::{Context, Result};
use nix::fcntl::OFlag;
use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A text terminal of the kernel (console_codes(4)).
pub(super) struct Console {
    terminal: File,
    path: PathBuf,
    size: PathBuf,
}

impl Console {
    pub(super) fn open(path: &Path, size: PathBuf) -> Result<Self> {
        // Not this process's controlling terminal: no key on the keyboard ends it.
        let terminal = OpenOptions::new().write(true).custom_flags(OFlag::O_NOCTTY.bits()).open(path);
        let terminal = terminal.with_context(|| format!("the screen {} cannot be opened", path.display()))?;
        Ok(Self { terminal, path: path.to_owned(), size })
    }

    /// Columns and rows; those of a VGA text screen where the kernel does not say.
    pub(super) fn size(&self) -> (usize, usize) {
        match fs::read(&self.size).as_deref() {
            Ok([rows, columns, ..]) if *rows > 0 && *columns > 0 => {
                (usize::from(*columns), usize::from(*rows))
            }
            _ => (80, 25),
        }
    }

    /// Replaces what is there, line by line, so that nothing flickers.
    pub(super) fn draw(&mut self, lines: &[String]) -> Result<()> {
        self.terminal
            .write_all(frame(lines).as_bytes())
            .with_context(|| format!("the screen {} cannot be drawn on", self.path.display()))
    }
}

/// UTF-8, no cursor, bright on black, from the upper left corner; what is longer than a line does not go on in the next.
fn frame(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| format!("{}\x1b[K", drawable(line))).collect();
    format!("\x1b%G\x1b[?25l\x1b[?7l\x1b[97;40m\x1b[H{}\x1b[J\x1b[?7h", lines.join("\r\n"))
}

/// The kernel's own font has the signs of code page 437: French letters, guillemets and half blocks among them; typographic
/// apostrophes, dashes and spaces not. Whatever controls a terminal is not passed on.
fn drawable(line: &str) -> String {
    let sign = |sign: char| match sign {
        '’' | '‘' => "'".to_owned(),
        '“' | '”' => "\"".to_owned(),
        '–' | '—' => "-".to_owned(),
        '…' => "...".to_owned(),
        'œ' => "oe".to_owned(),
        'Œ' => "OE".to_owned(),
        'À' | 'Â' => "A".to_owned(),
        'È' | 'Ê' | 'Ë' => "E".to_owned(),
        'Î' | 'Ï' => "I".to_owned(),
        'Ô' => "O".to_owned(),
        'Ù' | 'Û' => "U".to_owned(),
        '›' => ">".to_owned(),
        '\u{a0}' | '\u{202f}' => " ".to_owned(),
        control if control.is_control() => String::new(),
        other => other.to_string(),
    };
    line.chars().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_signs_of_the_kernels_font_are_drawn_and_nothing_that_controls_it() {
        assert_eq!(
            drawable("L’Étude\u{a0}: cœur › «\u{a0}là\u{a0}» – À…\x1b[2J\r"),
            "L'Étude : coeur > « là » - A...[2J"
        );
    }

    #[test]
    fn the_size_is_the_terminals_at_each_look() {
        let folder = tempfile::tempdir().unwrap();
        let (terminal, size) = (folder.path().join("tty"), folder.path().join("vcsa"));
        fs::write(&terminal, "").unwrap();
        let mut console = Console::open(&terminal, size.clone()).unwrap();
        assert_eq!(console.size(), (80, 25));
        fs::write(&size, [37, 100, 0, 0, b' ', 7]).unwrap();
        assert_eq!(console.size(), (100, 37));
        console.draw(&["un".to_owned(), "deux".to_owned()]).unwrap();
        let drawn = fs::read_to_string(&terminal).unwrap();
        assert!(drawn.contains("\x1b[Hun\x1b[K\r\ndeux\x1b[K\x1b[J"), "{drawn:?}");
    }
}
