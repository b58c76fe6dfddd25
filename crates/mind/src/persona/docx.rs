//! Word files: the text of the main document, paragraph by paragraph.

use super::{Flaw, MAX_TEXT_BYTES, text};
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The most that the main document may unpack to: formatting is many times larger than the text in it.
const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;
/// How an encrypted Word file begins, and one of the format before 2007: as an OLE container, not as a zip archive.
pub(crate) const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// The text of a Word file.
pub(crate) fn text(bytes: &[u8]) -> Result<String, Flaw> {
    if bytes.is_empty() {
        return Err(text::empty());
    }
    if bytes.starts_with(OLE) {
        return Err(locked());
    }
    let text = text::tidy(&paragraphs(&unpack(bytes)?)?);
    if text.is_empty() {
        return Err(Flaw::new("there is no text in it", "write something in it, or leave it out"));
    }
    if text.len() as u64 > MAX_TEXT_BYTES {
        return Err(too_much());
    }
    Ok(text)
}

/// Of an office file in an [`OLE`] container under the name of the newer format.
pub(crate) fn locked() -> Flaw {
    Flaw::new(
        "it is protected by a password, or in the format before 2007",
        "open it and save it in the newer format without a password",
    )
}

fn damaged() -> Flaw {
    Flaw::new("it is not a Word file, or a damaged one", "open it in Word and save it again as .docx")
}

fn too_much() -> Flaw {
    Flaw::new("there is too much text in it", "keep what matters, or split it into several files")
}

/// The XML of the main document.
fn unpack(bytes: &[u8]) -> Result<String, Flaw> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let document = archive.by_name("word/document.xml").map_err(|_| damaged())?;
    let mut xml = Vec::new();
    // The size that the archive states is the sender's claim; this is the wall.
    document.take(MAX_UNPACKED_BYTES + 1).read_to_end(&mut xml).map_err(|_| damaged())?;
    if xml.len() as u64 > MAX_UNPACKED_BYTES {
        return Err(too_much());
    }
    String::from_utf8(xml).map_err(|_| damaged())
}

/// What WordprocessingML (ECMA-376 part 1, 17) shows on the page: runs of text, breaks, and table rows as lines.
fn paragraphs(xml: &str) -> Result<String, Flaw> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut text = String::new();
    // Depths, because text boxes and tables nest.
    let (mut in_text, mut in_cell, mut in_fallback) = (0_u32, 0_u32, 0_u32);
    loop {
        let event = reader.read_event().map_err(|_| damaged())?;
        match &event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => in_text += 1,
                "tc" => in_cell += 1,
                // The same content a second time, for programs that know less.
                "Fallback" => in_fallback += 1,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => in_text = in_text.saturating_sub(1),
                "tc" => {
                    in_cell = in_cell.saturating_sub(1);
                    text.push_str(" | ");
                }
                "tr" => {
                    text.truncate(text.trim_end_matches([' ', '|']).len());
                    text.push('\n');
                }
                "p" => text.push_str(if in_cell > 0 { " " } else { "\n\n" }),
                "tbl" => text.push('\n'),
                "Fallback" => in_fallback = in_fallback.saturating_sub(1),
                _ => {}
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "tab" => text.push(' '),
                "br" | "cr" => text.push(if in_cell > 0 { ' ' } else { '\n' }),
                "noBreakHyphen" => text.push('-'),
                "p" if in_cell == 0 => text.push_str("\n\n"),
                _ => {}
            },
            Event::Text(words) if in_text > 0 && in_fallback == 0 => {
                text.push_str(&words.xml_content(XmlVersion::Implicit1_0));
            }
            Event::CData(words) if in_text > 0 && in_fallback == 0 => {
                text.push_str(&words.xml_content(XmlVersion::Implicit1_0));
            }
            Event::GeneralRef(name) if in_text > 0 && in_fallback == 0 => {
                let char = name.resolve_char_ref().map_err(|_| damaged())?;
                let known = quick_xml::escape::resolve_predefined_entity(name);
                text.extend(char);
                text.push_str(known.unwrap_or_default());
            }
            Event::Eof => return Ok(text),
            _ => {}
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
