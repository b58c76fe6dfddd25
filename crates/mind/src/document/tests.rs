use super::*;
use crate::persona::docx::tests::docx;
use crate::persona::pdf::tests::{bytes, document, pdf};
use rstest::rstest;
use std::io::Write;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn archive(part: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(part, SimpleFileOptions::default()).unwrap();
    archive.write_all(b"<x/>").unwrap();
    archive.finish().unwrap().into_inner()
}

fn ole() -> Vec<u8> {
    [docx::OLE, b"\0\x01rest"].concat()
}

#[rstest]
#[case("a", b"\x89PNG\r\n\x1a\n....".to_vec(), Some(Kind::Image("image/png")))]
#[case("cat.png", b"\xff\xd8\xff\xe0....".to_vec(), Some(Kind::Image("image/jpeg")))]
#[case("a.txt", b"GIF89a....".to_vec(), Some(Kind::Image("image/gif")))]
#[case("a.bin", b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(), Some(Kind::Image("image/webp")))]
#[case("a.wav", b"RIFF\x10\0\0\0WAVEfmt\xff".to_vec(), None)]
#[case("cat.png", b"\0\0\xff\xff".to_vec(), None)]
#[case("scan", b"%PDF-1.7\n\xe2\xe3".to_vec(), Some(Kind::Document(PDF)))]
#[case("scan.PDF", b"\xff junk %PDF-1.7".to_vec(), Some(Kind::Document(PDF)))]
#[case("letter", docx(""), Some(Kind::Document(DOCX)))]
#[case("table.zip", archive("xl/workbook.xml"), Some(Kind::Document(XLSX)))]
#[case("slides.pptx", archive("ppt/presentation.xml"), None)]
#[case("broken.docx", b"PK\x03\x04broken\xff".to_vec(), None)]
#[case("old.doc", ole(), Some(Kind::Document(DOC)))]
#[case("old.XLS", ole(), Some(Kind::Document(XLS)))]
#[case("locked.docx", ole(), Some(Kind::Document(DOCX)))]
#[case("locked.xlsx", ole(), Some(Kind::Document(XLSX)))]
#[case("slides.ppt", ole(), None)]
#[case("table.csv", b"a,b\n".to_vec(), Some(Kind::Document("text/csv")))]
#[case("page.htm", b"<p>hi</p>".to_vec(), Some(Kind::Document("text/html")))]
#[case("notes.md", b"# hi".to_vec(), Some(Kind::Document("text/markdown")))]
#[case("main.rs", b"fn main() {}".to_vec(), Some(Kind::Document("text/plain")))]
#[case("Makefile", b"all:\n".to_vec(), Some(Kind::Document("text/plain")))]
#[case("notes.txt", b"caf\xe9".to_vec(), Some(Kind::Document("text/plain")))]
#[case("main.o", b"\x7fELF\x02\x01\0".to_vec(), None)]
#[case("unknown", b"\xff\xfe\0h".to_vec(), None)]
fn a_file_is_what_its_content_says(#[case] name: &str, #[case] content: Vec<u8>, #[case] expected: Option<Kind>) {
    assert_eq!(kind(name, &content), expected);
}

#[rstest]
#[case(PDF, pdf(&["Ada Lovelace"]), "Ada Lovelace")]
#[case(DOCX, docx("<w:p><w:r><w:t>Ada</w:t></w:r></w:p>"), "Ada")]
#[case("text/markdown", b"\xef\xbb\xbf# Ada\r\n<!-- kept: it was sent on purpose -->\n".to_vec(), "# Ada\n<!-- kept: it was sent on purpose -->\n")]
#[case("text/plain", b"{ \"a\": 1 }".to_vec(), "{ \"a\": 1 }")]
#[case(XLSX, archive("xl/workbook.xml"), "")]
#[case(DOC, ole(), "")]
#[case(XLS, ole(), "")]
#[case(PDF, bytes(document(vec![b"0 0 10 10 re f".to_vec()], &[])), "")]
fn the_words_of_a_document_are_found(#[case] media_type: &str, #[case] content: Vec<u8>, #[case] expected: &str) {
    assert_eq!(text(media_type, &content), Ok(expected.to_owned()));
}

#[rstest]
#[case(PDF, b"%PDF-1.7 nothing".to_vec(), "damaged")]
#[case(DOCX, ole(), "password")]
#[case(XLSX, ole(), "password")]
#[case("text/plain", b"one\ncaf\xe9".to_vec(), "line 2, column 4: it is not UTF-8 text")]
#[case("text/csv", b"\xff\xfea\0".to_vec(), "UTF-16")]
#[case("text/plain", b"  ".to_vec(), "empty")]
fn what_cannot_be_read_is_said_with_the_next_step(
    #[case] media_type: &str,
    #[case] content: Vec<u8>,
    #[case] message: &str,
) {
    let problem = text(media_type, &content).unwrap_err();
    assert!(problem.message.contains(message) && !problem.hint.is_empty(), "{problem:?}");
}
