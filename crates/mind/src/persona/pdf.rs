//! PDF files: the text of every page.
//!
//! `pdf-extract` knows fonts and encodings well, but it trusts its input: it panics on what it does not expect, follows
//! references in circles and unpacks without limit. So a document is first reduced to what places text ([`reduce`]),
//! and each page is read on its own, with a panic caught: a page that fails costs that page.

mod reduce;

use super::{Flaw, MAX_TEXT_BYTES, text};
use pdf_extract::{ConvertToFmt, Document, Error, PlainTextOutput, output_doc_page};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// More pages than any CV and most books have.
const MAX_PAGES: usize = 500;

/// The text of a PDF, and what could not be read of it. No text: its pages are pictures.
pub(crate) fn text(bytes: &[u8]) -> Result<(String, Option<Flaw>), Flaw> {
    if bytes.is_empty() {
        return Err(text::empty());
    }
    // PDF 32000-1, annex H.3.4.1: readers accept the header anywhere in the first kilobyte.
    if !bytes[..bytes.len().min(1024)].windows(5).any(|start| start == b"%PDF-") {
        return Err(Flaw::new("it is not a PDF", "save or print it as PDF again"));
    }
    catch_unwind(|| extract(bytes)).unwrap_or_else(|_| Err(damaged()))
}

fn damaged() -> Flaw {
    Flaw::new("the PDF is damaged", "open it in a PDF reader and save or print it as PDF again")
}

fn locked() -> Flaw {
    Flaw::new("the PDF is protected by a password", "save a copy without password and use that")
}

fn too_much() -> Flaw {
    Flaw::new("there is too much in the PDF", "save the pages that matter as a PDF of their own")
}

fn extract(bytes: &[u8]) -> Result<(String, Option<Flaw>), Flaw> {
    if reduce::unpacks_beyond(bytes, reduce::MAX_UNPACKED_BYTES) {
        return Err(too_much());
    }
    // lopdf opens with the empty password what only restricts printing or copying.
    let mut document = Document::load_mem(bytes).map_err(|error| match error {
        Error::Decryption(_) | Error::InvalidPassword | Error::UnsupportedSecurityHandler(_) => locked(),
        _ => damaged(),
    })?;
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(locked());
    }
    let pages = document.get_pages();
    if pages.is_empty() {
        return Err(damaged());
    }
    if pages.len() > MAX_PAGES {
        return Err(Flaw::new(
            format!("it has {} pages; at most {MAX_PAGES} are read", pages.len()),
            "save the pages that matter as a PDF of their own",
        ));
    }
    reduce::to_text(&mut document).ok_or_else(too_much)?;

    let mut all = String::new();
    let mut failed = Vec::new();
    for &number in pages.keys() {
        let mut page = Bounded { text: String::new(), room: MAX_TEXT_BYTES, full: false };
        let outcome =
            catch_unwind(AssertUnwindSafe(|| output_doc_page(&document, &mut PlainTextOutput::new(&mut page), number)));
        if page.full {
            return Err(too_much());
        }
        let mut page = text::tidy(&page.text);
        if !matches!(outcome, Ok(Ok(()))) {
            match simply(&document, number).filter(|simple| simple.len() > page.len()) {
                Some(simple) => page = simple,
                None => failed.push(number),
            }
        }
        if !page.is_empty() {
            // Page breaks end a paragraph. A sentence across them is rarer than a heading at the top of a page.
            if !all.is_empty() {
                all.push_str("\n\n");
            }
            all.push_str(&page);
        }
        if all.len() as u64 > MAX_TEXT_BYTES {
            return Err(too_much());
        }
    }
    match (all.is_empty(), failed.first()) {
        (true, None) => {
            let flaw = Flaw::new(
                "there is no text in the PDF: its pages are pictures, as from a scanner",
                "use a PDF with text that can be selected, or run it through text recognition (OCR)",
            );
            Ok((all, Some(flaw)))
        }
        (true, Some(_)) => Err(damaged()),
        (false, None) => Ok((all, None)),
        (false, Some(first)) => {
            let message = match failed.len() {
                1 => format!("page {first} could not be read to its end; the rest is used"),
                count => {
                    format!("{count} pages could not be read to their end, the first is page {first}; the rest is used")
                }
            };
            Ok((all, Some(Flaw::new(message, "open it in a PDF reader and save or print it as PDF again"))))
        }
    }
}

/// The text of a page by lopdf itself, which knows fewer fonts and no positions but needs less of them.
fn simply(document: &Document, page: u32) -> Option<String> {
    let text = catch_unwind(AssertUnwindSafe(|| document.extract_text(&[page]))).ok()?.ok()?;
    Some(text::tidy(&text)).filter(|text| text.len() as u64 <= MAX_TEXT_BYTES)
}

/// Takes text until it is full: a font may turn one letter of the file into thousands.
struct Bounded {
    text: String,
    room: u64,
    full: bool,
}

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        let Some(room) = self.room.checked_sub(more.len() as u64) else {
            self.full = true;
            return Err(std::fmt::Error);
        };
        self.room = room;
        self.text.push_str(more);
        Ok(())
    }
}

impl<'a> ConvertToFmt for &'a mut Bounded {
    type Writer = &'a mut Bounded;

    fn convert(self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
pub(crate) mod tests;
