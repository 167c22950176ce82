use super::CsvRefusal;
use encoding_rs::{Encoding, WINDOWS_1252};
use std::borrow::Cow;

/// The file's text: what its byte order mark says, UTF-8 where it is that, and otherwise Windows-1252, which French spreadsheets
/// write (Latin-1 is within it).
///
/// # Errors
/// [`CsvRefusal::Empty`], [`CsvRefusal::NoText`].
pub(super) fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, CsvRefusal> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(&bytes[length..]).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        },
    };
    // No text has it, and nearly every other file does.
    if text.contains('\0') {
        return Err(CsvRefusal::NoText);
    }
    if text.trim().is_empty() {
        return Err(CsvRefusal::Empty);
    }
    Ok(text)
}
