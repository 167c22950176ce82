//! `tabellion_V.update`: the files of an update in one, as an uncompressed tar archive (POSIX.1-2024 pax, «ustar»): the
//! signed list, its signature, then what it lists. Read as it arrives, whatever pieces it arrives in; anything that
//! `image/build` does not write is refused.

use super::names::{LIST, is_update_file};

/// Headers and files are filled up to this.
const BLOCK: usize = 512;
/// A list and a signature have some hundred bytes.
const LARGEST_LIST: u64 = 64 << 10;
/// A list, its signature, a kernel, two partitions; with room for one more.
const MOST_FILES: usize = 6;

/// What comes out of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece<'a> {
    /// A file begins.
    Begin {
        /// Its name, by [`is_update_file`].
        name: String,
        /// Its length in bytes.
        size: u64,
    },
    /// The file goes on with these.
    Bytes(&'a [u8]),
    /// The file is whole.
    End,
}

/// Why it is no update. The words are for the administrator, in French.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ContainerError {
    /// It does not begin as one.
    #[error(
        "Ce fichier n’est pas une mise à jour de Tabellion. Choisissez le fichier tabellion_VERSION.update."
    )]
    NotAnUpdate,
    /// It has an end, and that comes too early.
    #[error("Ce fichier de mise à jour est incomplet. Téléchargez-le de nouveau, puis réessayez.")]
    Incomplete,
    /// It began as one.
    #[error("Ce fichier de mise à jour est endommagé. Téléchargez-le de nouveau, puis réessayez.")]
    Damaged,
}

/// A reader of one.
#[derive(Debug, Default)]
pub struct Container {
    stage: Stage,
    names: Vec<String>,
}

#[derive(Debug)]
enum Stage {
    Header(Vec<u8>),
    File {
        left: u64,
        padding: usize,
    },
    Padding(usize),
    /// Behind a block of zeros: nothing but zeros.
    Over,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Header(Vec::with_capacity(BLOCK))
    }
}

impl Container {
    /// The next piece of `input`, which is shortened by what was read. None: more has to come.
    ///
    /// # Errors
    /// [`ContainerError`]: nothing more of it is to be read.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Piece<'a>>, ContainerError> {
        loop {
            match &mut self.stage {
                Stage::Header(header) => {
                    header.extend_from_slice(take(input, BLOCK - header.len()));
                    if header.len() < BLOCK {
                        return Ok(None);
                    }
                    let header = std::mem::take(header);
                    if let Some(begin) = self.begin(&header)? {
                        return Ok(Some(begin));
                    }
                }
                Stage::File { left: 0, padding } => {
                    self.stage = Stage::Padding(*padding);
                    return Ok(Some(Piece::End));
                }
                Stage::File { left, .. } => {
                    let bytes = take(input, usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= bytes.len() as u64;
                    return Ok((!bytes.is_empty()).then_some(Piece::Bytes(bytes)));
                }
                Stage::Padding(0) => self.stage = Stage::default(),
                Stage::Padding(left) => {
                    let bytes = take(input, *left);
                    *left -= bytes.len();
                    if *left > 0 {
                        return Ok(None);
                    }
                }
                Stage::Over if input.iter().all(|byte| *byte == 0) => {
                    *input = &[];
                    return Ok(None);
                }
                Stage::Over => return Err(ContainerError::Damaged),
            }
        }
    }

    /// To be asked at the end of the input.
    ///
    /// # Errors
    /// [`ContainerError`]: it is not whole.
    pub fn finish(&self) -> Result<(), ContainerError> {
        match self.stage {
            Stage::Over => Ok(()),
            Stage::Header(_) if self.names.is_empty() => Err(ContainerError::NotAnUpdate),
            _ => Err(ContainerError::Incomplete),
        }
    }

    fn begin(&mut self, header: &[u8]) -> Result<Option<Piece<'static>>, ContainerError> {
        let wrong = if self.names.is_empty() { ContainerError::NotAnUpdate } else { ContainerError::Damaged };
        if header.iter().all(|byte| *byte == 0) {
            self.stage = Stage::Over;
            // The list, its signature, and something to install.
            return if self.names.len() > LIST.len() { Ok(None) } else { Err(wrong) };
        }
        let (name, size) = understood(header).ok_or(wrong.clone())?;
        let place = self.names.len();
        let fits = match LIST.get(place) {
            Some(listed) => name == *listed && size <= LARGEST_LIST,
            None => place < MOST_FILES && !self.names.contains(&name) && size <= super::LARGEST_UPDATE,
        };
        if !fits {
            return Err(wrong);
        }
        self.names.push(name.clone());
        let padding = (BLOCK - usize::try_from(size % BLOCK as u64).unwrap_or_default()) % BLOCK;
        self.stage = Stage::File { left: size, padding };
        Ok(Some(Piece::Begin { name, size }))
    }
}

fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(input.len().min(most));
    *input = rest;
    taken
}

/// Name and size of a plain file whose header is whole.
fn understood(header: &[u8]) -> Option<(String, u64)> {
    let text = |from: usize, length: usize| {
        let field = header[from..from + length].split(|byte| *byte == 0).next()?;
        std::str::from_utf8(field).ok()
    };
    let number = |from: usize, length: usize| u64::from_str_radix(text(from, length)?.trim(), 8).ok();
    // Its own field counts as spaces.
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) })
        .sum();
    let plain = matches!(header[156], b'0' | 0);
    let alone = text(345, 155)?.is_empty();
    let known = header[257..262] == *b"ustar" && number(148, 8)? == sum && plain && alone;
    let name = text(0, 100)?;
    (known && is_update_file(name)).then_some((name.to_owned(), number(124, 12)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn entry(name: &str, content: &[u8]) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        sign(&mut header);
        header.extend_from_slice(content);
        header.resize(header.len().next_multiple_of(BLOCK), 0);
        header
    }

    fn sign(header: &mut [u8]) {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    }

    const KERNEL: &str = "tabellion_0.2.0.efi";

    fn good() -> Vec<u8> {
        let mut file = entry("SHA256SUMS", b"list");
        file.extend(entry("SHA256SUMS.gpg", b"signature"));
        file.extend(entry(KERNEL, &[7; 1000]));
        file.extend(entry("tabellion_0.2.0.root-x86-64.1.raw", b""));
        file.extend([0; 2 * BLOCK]);
        file
    }

    /// What is read of the file, given in pieces of so many bytes.
    fn read(file: &[u8], pieces: usize) -> Result<String, ContainerError> {
        let (mut container, mut told, mut length) = (Container::default(), String::new(), 0);
        for mut input in file.chunks(pieces) {
            while let Some(piece) = container.next(&mut input)? {
                match piece {
                    Piece::Begin { name, size } => write!(told, "{name} {size}: ").unwrap(),
                    Piece::Bytes(bytes) => length += bytes.len(),
                    Piece::End => write!(told, "{}; ", std::mem::take(&mut length)).unwrap(),
                }
            }
            assert!(input.is_empty());
        }
        container.finish().map(|()| told)
    }

    #[test]
    fn the_files_come_out_whatever_pieces_the_whole_comes_in() {
        let expected = "SHA256SUMS 4: 4; SHA256SUMS.gpg 9: 9; tabellion_0.2.0.efi 1000: 1000; \
                        tabellion_0.2.0.root-x86-64.1.raw 0: 0; ";
        for pieces in [1, 7, 511, 512, 513, 100_000] {
            assert_eq!(read(&good(), pieces).as_deref(), Ok(expected), "{pieces}");
        }
    }

    #[test]
    fn one_that_ends_anywhere_is_incomplete() {
        let good = good();
        for length in (0..good.len() - 2 * BLOCK).step_by(13) {
            let expected =
                if length < BLOCK { ContainerError::NotAnUpdate } else { ContainerError::Incomplete };
            assert_eq!(read(&good[..length], 4096), Err(expected), "{length}");
        }
    }

    #[test]
    fn what_is_no_update_is_not_read_any_further() {
        let zip = [b"PK\x03\x04".as_slice(), &[1; 600]].concat();
        let photographs = [entry("tabellion_0.2.0.efi", b"x"), good()].concat();
        for other in [zip, vec![0; 2048], photographs, b"{}".to_vec()] {
            assert_eq!(read(&other, 4096), Err(ContainerError::NotAnUpdate));
        }
    }

    #[test]
    fn a_name_a_kind_or_a_number_that_was_tampered_with_is_found() {
        let second = 2 * BLOCK;
        let mut link = good();
        link[second + 156] = b'2';
        sign(&mut link[second..second + BLOCK]);
        let mut flipped = good();
        flipped[second + 130] ^= 1;
        let mut behind = good();
        *behind.last_mut().unwrap() = 1;
        let twice = [&good()[..4 * BLOCK], &entry(KERNEL, b"a"), &entry(KERNEL, b"b"), &[0; 1024]].concat();
        let outside = [&good()[..4 * BLOCK], &entry("../tabellion_1.efi", b"a"), &[0; 1024]].concat();
        let list_only = [&good()[..4 * BLOCK], &[0; 1024][..]].concat();
        for (what, file) in [
            ("a link", link),
            ("a flipped bit", flipped),
            ("something behind the end", behind),
            ("a file twice", twice),
            ("a path", outside),
            ("nothing to install", list_only),
        ] {
            assert_eq!(read(&file, 4096), Err(ContainerError::Damaged), "{what}");
        }
    }
}
