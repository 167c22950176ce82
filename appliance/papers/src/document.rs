//! From sheets to a PDF file.

use crate::{
    Paper, PaperError,
    sheets::{SHEET, Sheets, font_id},
    subset::subset,
};
use lopdf::{Dictionary, Document, Object, StringFormat, dictionary};
use printpdf::{Mm, PdfDocument, PdfFont, PdfPage, PdfSaveOptions, PdfWarnMsg, serialize::to_lopdf_doc};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// What readers and archives are told of a paper.
#[derive(Debug)]
pub(crate) struct Metadata<'a> {
    pub(crate) title: String,
    pub(crate) subject: &'a str,
    pub(crate) author: &'a str,
    pub(crate) created: OffsetDateTime,
}

/// Makes the file.
///
/// # Errors
/// [`PaperError::Font`], [`PaperError::Document`].
pub(crate) fn finish(sheets: Sheets, metadata: &Metadata<'_>) -> Result<Paper, PaperError> {
    let mut document = PdfDocument::new(&metadata.title);
    describe(&mut document, metadata)?;
    for (weight, used) in &sheets.used {
        let face = subset(sheets.faces.face(*weight), used)?;
        document.resources.fonts.map.insert(font_id(*weight), PdfFont::new(face));
    }
    let page = |ops| PdfPage::new(Mm(SHEET.0), Mm(SHEET.1), ops);
    document.with_pages(sheets.pages.into_iter().map(page).collect());

    let mut warnings: Vec<PdfWarnMsg> = Vec::new();
    let mut file = to_lopdf_doc(&document, &PdfSaveOptions::default(), &mut warnings);
    if let Some(warning) = warnings.first() {
        return Err(PaperError::Document { reason: warning.msg.clone() });
    }
    let pages: Vec<_> = file.page_iter().collect();
    sheets.tags.write(&mut file, &pages)?;
    complete(&mut file)?;
    Ok(Paper { bytes: identified(file)?, unwritable: sheets.unwritable.into_iter().collect() })
}

fn describe(document: &mut PdfDocument, metadata: &Metadata<'_>) -> Result<(), PaperError> {
    let created = printpdf::OffsetDateTime::from_unix_timestamp(metadata.created.unix_timestamp())
        .map_err(|reason| PaperError::Document { reason: reason.to_owned() })?;
    let info = &mut document.metadata.info;
    info.subject = metadata.subject.to_owned();
    for field in [&mut info.author, &mut info.creator, &mut info.producer] {
        metadata.author.clone_into(field);
    }
    for field in [&mut info.creation_date, &mut info.modification_date, &mut info.metadata_date] {
        *field = created;
    }
    Ok(())
}

/// What printpdf does not write: the language, that readers show the title instead of the file's name, the length that
/// fonts need (§9.9) and without which they cannot be compressed.
fn complete(file: &mut Document) -> Result<(), PaperError> {
    file.version = "1.7".to_owned();
    let catalog = file.catalog_mut()?;
    catalog.set("Lang", Object::string_literal("fr-FR"));
    catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
    let programs: Vec<_> = descriptors(file)
        .map(|descriptor| descriptor.get(b"FontFile2").and_then(Object::as_reference))
        .collect::<Result<_, _>>()?;
    for program in programs {
        let stream = file.get_object_mut(program)?.as_stream_mut()?;
        let length = i64::try_from(stream.content.len()).expect("a font is smaller than 2⁶³ bytes");
        stream.dict.set("Length1", length);
        stream.allows_compression = true;
    }
    // An empty claim to conform to a print standard, and an empty key that no standard knows.
    let info = file.trailer.get(b"Info").and_then(Object::as_reference)?;
    let info = file.get_dictionary_mut(info)?;
    info.remove(b"GTS_PDFXVersion");
    info.remove(b"Identifier");
    file.compress();
    Ok(())
}

fn descriptors(file: &Document) -> impl Iterator<Item = &Dictionary> {
    file.objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter(|object| object.has_type(b"FontDescriptor"))
}

/// The file with an identifier that its contents give (§14.4), where printpdf draws one.
fn identified(mut file: Document) -> Result<Vec<u8>, PaperError> {
    let write = |file: &mut Document| -> Result<Vec<u8>, PaperError> {
        let mut bytes = Vec::new();
        let written = file.save_to(&mut bytes);
        written.map_err(|error| PaperError::Document { reason: error.to_string() })?;
        Ok(bytes)
    };
    file.trailer.remove(b"ID");
    let contents = Sha256::digest(write(&mut file)?);
    let identifier = Object::String(contents[..16].to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", Object::Array(vec![identifier.clone(), identifier]));
    write(&mut file)
}
