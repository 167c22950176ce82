//! What the installer says and asks, on the screen of a machine that was started from the stick.

use super::disks::{Disk, LEAST};
use crate::storage::Mode;
use anyhow::{Context, Result};
use std::io::{BufRead, Write};

/// The word that is typed to let a disk be erased.
const YES: &str = "OUI";

/// Which disk is to be erased, once that was confirmed. None: nothing is to be done.
///
/// # Errors
/// The screen or the keyboard is away.
pub(super) fn choose<'a>(
    disks: &'a [Disk],
    answers: &mut impl BufRead,
    screen: &mut impl Write,
) -> Result<Option<&'a Disk>> {
    writeln!(screen, "\nInstallation de Tabellion\n")?;
    let (large, small): (Vec<_>, Vec<_>) = disks.iter().partition(|disk| disk.size >= LEAST);
    for disk in small {
        writeln!(screen, "  Trop petit (il faut {}\u{a0}Go) : {disk}", LEAST.div_ceil(1_000_000_000))?;
    }
    if large.is_empty() {
        writeln!(
            screen,
            "  Aucun disque interne ne convient. Vérifiez qu’il est bien branché, puis redémarrez sur la clé."
        )?;
        return Ok(None);
    }
    for (number, disk) in (1..).zip(&large) {
        writeln!(screen, "  {number}. {disk}")?;
    }
    loop {
        let answer = ask(
            "\nNuméro du disque sur lequel installer, ou Entrée pour ne rien faire\u{a0}: ",
            answers,
            screen,
        )?;
        if answer.is_empty() {
            writeln!(screen, "Rien n’a été modifié.")?;
            return Ok(None);
        }
        let Some(disk) = answer.parse::<usize>().ok().and_then(|number| large.get(number.checked_sub(1)?))
        else {
            writeln!(screen, "«\u{a0}{answer}\u{a0}» n’est pas un numéro de la liste.")?;
            continue;
        };
        writeln!(screen, "\nTout ce que contient ce disque sera effacé\u{a0}: {disk}")?;
        if ask(&format!("Tapez {YES} pour l’effacer\u{a0}: "), answers, screen)? == YES {
            return Ok(Some(*disk));
        }
        writeln!(screen, "Rien n’a été modifié.")?;
    }
}

/// How the box is to protect what it keeps. A machine with a TPM has nothing to choose.
///
/// # Errors
/// The screen or the keyboard is away.
pub(super) fn protection(tpm: bool, answers: &mut impl BufRead, screen: &mut impl Write) -> Result<Mode> {
    if tpm {
        writeln!(screen, "\nLes données seront chiffrées et liées à la puce TPM 2.0 de cette machine.")?;
        return Ok(Mode::Tpm2);
    }
    writeln!(
        screen,
        "\nCette machine n’a pas de puce TPM 2.0 (ou elle est désactivée dans son BIOS). Les données seront\u{a0}:\n\
         \x20 1. chiffrées, la clé étant sur ce même disque\u{a0}: elle est effacée avec lui, mais qui vole le disque la lit\n\
         \x20 2. non chiffrées"
    )?;
    loop {
        let answer = ask("Numéro, ou Entrée pour 1\u{a0}: ", answers, screen)?;
        match answer.as_str() {
            "" | "1" => return Ok(Mode::KeyFile),
            "2" => return Ok(Mode::None),
            _ => writeln!(screen, "«\u{a0}{answer}\u{a0}» n’est ni 1 ni 2.")?,
        }
    }
}

fn ask(question: &str, answers: &mut impl BufRead, screen: &mut impl Write) -> Result<String> {
    write!(screen, "{question}")?;
    screen.flush()?;
    let mut line = String::new();
    let length = answers.read_line(&mut line).context("the keyboard cannot be read")?;
    anyhow::ensure!(length > 0, "the keyboard is away");
    // The console takes each keyboard for an American one: on a French one, whose digits want the shift key, these come instead.
    let digit = |typed: char| "!@#$%^&*()".find(typed).map(|place| char::from(b"1234567890"[place]));
    Ok(line.trim().chars().map(|typed| digit(typed).unwrap_or(typed)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disks() -> Vec<Disk> {
        let disk =
            |name: &str, size| Disk { name: name.to_owned(), model: "SSD".to_owned(), size, partitions: 2 };
        vec![disk("mmcblk0", 2_000_000_000), disk("nvme0n1", 256_000_000_000), disk("sda", 64_000_000_000)]
    }

    fn told(typed: &str) -> (Option<String>, String) {
        let (mut screen, disks) = (Vec::new(), disks());
        let chosen = choose(&disks, &mut typed.as_bytes(), &mut screen).unwrap();
        (chosen.map(|disk| disk.name.clone()), String::from_utf8(screen).unwrap())
    }

    #[test]
    fn a_disk_is_erased_only_after_the_word_was_typed() {
        assert_eq!(told("2\nOUI\n").0.as_deref(), Some("sda"));
        let (chosen, said) = told("1\noui\n\n");
        assert_eq!(chosen, None);
        assert!(said.contains("SSD (nvme0n1, 256\u{a0}Go, 2 partitions)"), "{said}");
        assert!(said.contains("Rien n’a été modifié"), "{said}");
        assert_eq!(told("\n").0, None);
    }

    #[test]
    fn digits_of_a_french_keyboard_are_understood() {
        assert_eq!(
            told("@\nOUI\n").0.as_deref(),
            Some("sda"),
            "Shift and the key of 2, as an American keyboard has it"
        );
    }

    #[test]
    fn what_is_no_number_of_the_list_is_told_and_asked_again() {
        let (chosen, said) = told("0\n9\nsda\n1\nOUI\n");
        assert_eq!(chosen.as_deref(), Some("nvme0n1"));
        assert_eq!(said.matches("n’est pas un numéro de la liste").count(), 3);
    }

    #[test]
    fn a_disk_that_is_too_small_cannot_be_chosen_and_says_why() {
        let (_, said) = told("\n");
        assert!(said.contains("Trop petit (il faut 7\u{a0}Go) : SSD (mmcblk0"), "{said}");
        let (mut screen, disks) = (Vec::new(), disks());
        let none = choose(&disks[..1], &mut "1\nOUI\n".as_bytes(), &mut screen).unwrap();
        assert!(none.is_none() && String::from_utf8(screen).unwrap().contains("Aucun disque interne"));
    }

    #[test]
    fn without_a_tpm_the_protection_is_chosen() {
        let chosen = |tpm, typed: &str| {
            let mut screen = Vec::new();
            let mode = protection(tpm, &mut typed.as_bytes(), &mut screen).unwrap();
            (mode, String::from_utf8(screen).unwrap())
        };
        assert_eq!(chosen(true, "").0, Mode::Tpm2);
        assert_eq!(chosen(false, "\n").0, Mode::KeyFile);
        let (mode, said) = chosen(false, "3\n2\n");
        assert_eq!(mode, Mode::None);
        assert!(said.contains("«\u{a0}3\u{a0}» n’est ni 1 ni 2"), "{said}");
    }

    #[test]
    fn a_keyboard_that_is_pulled_out_erases_nothing() {
        assert!(choose(&disks(), &mut "1\n".as_bytes(), &mut Vec::new()).is_err());
    }
}
