use super::*;
use std::io::Write;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A Word file with that body.
pub(crate) fn docx(body: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    let open = r#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#;
    write!(archive, "{open}{body}</w:body></w:document>").unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn paragraphs_runs_breaks_and_references_are_read() {
    let body = "<w:p><w:pPr><w:rPr><w:b/></w:rPr></w:pPr><w:r><w:t>Ada </w:t></w:r><w:r><w:t>&amp; Charles&#33;</w:t></w:r></w:p>\
        <w:p><w:r><w:t>one</w:t><w:br/><w:t>Two</w:t><w:tab/><w:t>three</w:t></w:r></w:p>\
        <w:p><w:r><w:delText>deleted</w:delText><w:instrText>PAGE</w:instrText></w:r></w:p>";
    assert_eq!(text(&docx(body)).unwrap(), "Ada & Charles!\n\none\nTwo three");
}

#[test]
fn tables_are_rows_of_cells() {
    let cell = |words: &str| format!("<w:tc><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:tc>");
    let body = format!(
        "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl><w:p><w:r><w:t>After</w:t></w:r></w:p>",
        cell("1842"),
        cell("Notes"),
        cell("1843"),
        cell("Note G")
    );
    assert_eq!(text(&docx(&body)).unwrap(), "1842 | Notes\n1843 | Note G\n\nAfter");
}

#[test]
fn what_is_there_for_older_programs_is_not_read_twice() {
    let run = "<w:r><w:t>box</w:t></w:r>";
    let body = format!(
        "<w:p><mc:AlternateContent><mc:Choice>{run}</mc:Choice><mc:Fallback>{run}</mc:Fallback></mc:AlternateContent></w:p>"
    );
    assert_eq!(text(&docx(&body)).unwrap(), "box");
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    let block = vec![b' '; 1024 * 1024];
    for _ in 0..=MAX_UNPACKED_BYTES / 1024 / 1024 {
        archive.write_all(&block).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 1024 * 1024);
    assert!(text(&bomb).unwrap_err().message.contains("too much text"));
}

#[test]
fn damaged_locked_and_empty_files_are_told_apart() {
    let good = docx("<w:p><w:r><w:t>Ada</w:t></w:r></w:p>");
    assert!(text(&good[..good.len() / 2]).unwrap_err().message.contains("damaged"));
    assert!(text(b"PK\x03\x04 not really").unwrap_err().message.contains("damaged"));
    assert!(text(&docx("<w:p><w:r></w:p>")).unwrap_err().message.contains("damaged"));
    assert!(text(&[OLE, b"rest"].concat()).unwrap_err().message.contains("password"));
    assert!(text(&docx("<w:p/>")).unwrap_err().message.contains("no text"));
    assert!(text(b"").unwrap_err().message.contains("empty"));
}
