use super::*;
use rstest::rstest;

#[rstest]
#[case("facts.json", FileKind::Facts, false)]
#[case("FACTS.JSON", FileKind::Facts, false)]
#[case("Summary.MD", FileKind::Summary, false)]
#[case("summary.txt", FileKind::Summary, false)]
#[case("style.md", FileKind::Style, false)]
#[case("linkedin.pdf", FileKind::Cv, false)]
#[case("Resume.docx", FileKind::Cv, false)]
#[case("cv.txt", FileKind::Cv, false)]
#[case("avatar.JPEG", FileKind::Avatar, false)]
#[case("letter.docx", FileKind::Document, false)]
#[case("notes/2026/summary.md", FileKind::Document, false)]
#[case("private/facts.json", FileKind::Facts, true)]
#[case("Private/Summary.txt", FileKind::Summary, true)]
#[case("private/cv.pdf", FileKind::Cv, true)]
#[case("private/notes/style.md", FileKind::Document, true)]
#[case("notes/PRIVATE/diary.md", FileKind::Document, true)]
#[case("private /diary.md", FileKind::Document, true)]
#[case("private\\diary.md", FileKind::Document, true)]
#[case("privateer.md", FileKind::Document, false)]
#[case("private.md", FileKind::Document, false)]
fn the_name_alone_says_what_a_file_is(#[case] path: &str, #[case] kind: FileKind, #[case] private: bool) {
    let class = classify(path).unwrap();
    assert_eq!((class.kind, class.private), (kind, private));
}

#[rstest]
#[case(".git/notes.md")]
#[case("notes/.draft.md")]
#[case("summary.md~")]
#[case(".summary.md.swp")]
#[case("#summary.md#")]
#[case("~$letter.docx")]
#[case("summary.tmp")]
#[case("4913")]
#[case("package.json")]
#[case("notes/facts.json")]
#[case("private/avatar.png")]
#[case("photo.png")]
#[case("movie.mp4")]
#[case("../outside.md")]
#[case("/absolute.md")]
#[case("")]
fn what_is_not_of_a_persona_is_not_wanted(#[case] path: &str) {
    assert!(!is_wanted(path), "{path}");
    assert_eq!(max_bytes(path), 0);
}

#[test]
fn pictures_and_layouts_may_be_larger_than_text() {
    assert_eq!(max_bytes("notes.md"), MAX_TEXT_BYTES);
    assert_eq!(max_bytes("linkedin.pdf"), MAX_BINARY_BYTES);
}
