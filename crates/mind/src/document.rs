//! Attached files: which are accepted, and the words in them.

use crate::persona::{Flaw, docx, pdf, text as plain};
use std::io::Cursor;
use zip::ZipArchive;

/// Word, since 2007.
pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// Excel, since 2007.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Word, before 2007.
pub const DOC: &str = "application/msword";
/// Excel, before 2007.
pub const XLS: &str = "application/vnd.ms-excel";
/// PDF.
pub const PDF: &str = "application/pdf";

/// How an attached file can be sent. Media types are those of Bedrock's formats: pdf, csv, doc, docx, xls, xlsx, html,
/// txt and md; any other text, source code included, is `text/plain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    Image(&'static str),
    /// A document. [`text`] finds no words in `.doc`, `.xls` and `.xlsx`, nor in a PDF that was scanned: only a provider
    /// that takes the file itself can read those.
    Document(&'static str),
}

impl Kind {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Image(media_type) | Self::Document(media_type) => media_type,
        }
    }
}

/// Why a document cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentProblem {
    /// What is wrong: one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// What a file is, by its content first and by its name where that leaves it open. None: nothing that a model could
/// read.
pub fn kind(name: &str, bytes: &[u8]) -> Option<Kind> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    if let Some(image) = image(bytes) {
        return Some(Kind::Image(image));
    }
    let document = if bytes.starts_with(b"%PDF-") {
        PDF
    } else if bytes.starts_with(b"PK\x03\x04") {
        office(bytes)?
    } else if bytes.starts_with(docx::OLE) {
        // Older office files, and newer ones with a password, whose true content is not to be seen.
        match extension.as_str() {
            "doc" => DOC,
            "xls" => XLS,
            "docx" => DOCX,
            "xlsx" => XLSX,
            _ => return None,
        }
    } else if plain::decode(bytes).is_ok() {
        by_extension(&extension).unwrap_or("text/plain")
    } else {
        // Text in another encoding, or a PDF that begins with something else: reading it says what is wrong.
        match extension.as_str() {
            "pdf" => PDF,
            extension => by_extension(extension)?,
        }
    };
    Some(Kind::Document(document))
}

fn image(bytes: &[u8]) -> Option<&'static str> {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    let begins = |start: &[u8]| bytes.starts_with(start);
    match () {
        () if begins(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        () if begins(b"\xff\xd8\xff") => Some("image/jpeg"),
        () if begins(b"GIF87a") || begins(b"GIF89a") => Some("image/gif"),
        () if is_webp => Some("image/webp"),
        () => None,
    }
}

/// What is in a zip archive, by the part that each format must have (ECMA-376 part 1, 11.3.10 and 12.3.23).
fn office(bytes: &[u8]) -> Option<&'static str> {
    let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let has = |part: &str| archive.file_names().any(|name| name.is_ok_and(|name| name == part));
    if has("word/document.xml") {
        Some(DOCX)
    } else if has("xl/workbook.xml") {
        Some(XLSX)
    } else {
        None
    }
}

/// Text by its name.
fn by_extension(extension: &str) -> Option<&'static str> {
    match extension {
        "csv" => Some("text/csv"),
        "html" | "htm" => Some("text/html"),
        "md" | "markdown" => Some("text/markdown"),
        "txt" | "text" | "log" | "json" | "xml" | "yaml" | "yml" | "toml" | "ini" | "tsv" | "tex" | "rst" => {
            Some("text/plain")
        }
        _ => None,
    }
}

/// The words of a document of that media type ([`Kind::media_type`]). Empty where only a model could find some: see
/// [`Kind::Document`].
pub fn text(media_type: &str, bytes: &[u8]) -> Result<String, DocumentProblem> {
    let words = match media_type {
        PDF => pdf::text(bytes).map(|(text, _)| text),
        DOCX => docx::text(bytes),
        XLSX if bytes.starts_with(docx::OLE) => Err(docx::locked()),
        DOC | XLS | XLSX => Ok(String::new()),
        _ => plain::plain(bytes),
    };
    words.map_err(DocumentProblem::from)
}

impl From<Flaw> for DocumentProblem {
    fn from(flaw: Flaw) -> Self {
        let place = flaw.at.map(|(line, column)| format!("line {line}, column {column}: ")).unwrap_or_default();
        Self { message: format!("{place}{}", flaw.message), hint: flaw.hint }
    }
}

#[cfg(test)]
mod tests;
