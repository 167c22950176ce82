//! `tabellion_V.update` as it is uploaded, or lies on a stick: before a signature has been looked at.

use crate::Target;
use tabellion_domain::updates::{Container, ContainerError, Piece};

pub(crate) const TARGET: Target = Target { name: "update_file", run, seeds, words: WORDS, costs: 50 };

fn run(input: &[u8]) {
    let Some((size, file)) = input.split_first() else { return };
    let whole = read([file]);
    assert_eq!(whole, read(file.chunks(usize::from(*size) * 5 + 1)));
}

/// Names and lengths of the files in it.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<(String, u64)>, ContainerError> {
    let mut container = Container::default();
    let (mut files, mut open) = (Vec::new(), None);
    for mut piece in pieces {
        while let Some(found) = container.next(&mut piece)? {
            match found {
                Piece::Begin { name, size } => {
                    assert!(
                        !name.contains('/') && !name.starts_with('.'),
                        "a name that leads elsewhere: {name}"
                    );
                    open = Some((name, size, 0));
                }
                Piece::Bytes(bytes) => open.as_mut().expect("a file is open").2 += bytes.len() as u64,
                Piece::End => {
                    let (name, size, came) = open.take().expect("a file is open");
                    assert_eq!(size, came, "{name} has another length than was said");
                    files.push((name, size));
                }
            }
        }
        assert!(piece.is_empty(), "what was given is read");
    }
    container.finish().map(|()| files)
}

fn seeds() -> Vec<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let files = [
        ("SHA256SUMS", 4),
        ("SHA256SUMS.gpg", 9),
        ("tabellion_0.2.0.efi", 700),
        ("tabellion_0.2.0.root-x86-64.1.raw", 0),
    ];
    for (name, length) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(length);
        header.set_mode(0o644);
        let content = vec![7; length as usize];
        archive.append_data(&mut header, name, content.as_slice()).expect("it is written to memory");
    }
    let whole = archive.into_inner().expect("it is written to memory");
    vec![[&[100][..], &whole].concat(), [&[0][..], &whole[..1_536]].concat()]
}

const WORDS: &[&str] = &[
    "SHA256SUMS",
    "SHA256SUMS.gpg",
    "tabellion_",
    ".efi",
    ".raw",
    "ustar",
    "../",
    "00000001000",
    "77777777777",
];
