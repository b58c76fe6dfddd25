use super::*;

#[test]
fn byte_order_mark_and_foreign_line_ends_are_accepted() {
    assert_eq!(plain(b"\xef\xbb\xbfone\r\ntwo\rthree\n").unwrap(), "one\ntwo\nthree\n");
}

#[test]
fn a_byte_that_is_not_utf_8_is_found_by_line_and_column() {
    let flaw =
        plain("Zoë\nné ".as_bytes().iter().chain(b"\xe9t\xe9").copied().collect::<Vec<_>>().as_slice()).unwrap_err();
    assert_eq!(flaw.at, Some((2, 4)));
    assert!(flaw.message.contains("0xe9"), "{}", flaw.message);
}

#[test]
fn utf_16_and_binary_files_are_named_as_such() {
    assert!(plain(b"\xff\xfeh\0i\0").unwrap_err().message.contains("UTF-16"));
    assert_eq!(plain(b"ok\nbin\0ary").unwrap_err().at, Some((2, 4)));
}

#[test]
fn blank_files_are_empty() {
    assert!(plain(b"").unwrap_err().message.contains("empty"));
    assert!(markdown(b" \n\t\n").unwrap_err().message.contains("empty"));
}

#[test]
fn comments_of_markdown_are_not_read_and_keep_the_lines_in_place() {
    let text = markdown(b"one <!-- a\nsecret\n-->two\n<!-- not closed").unwrap();
    assert_eq!(text, "one \n\ntwo\n");
    assert!(markdown(b"<!-- only -->\n").unwrap_err().message.contains("comments"));
}

#[test]
fn positions_count_characters_from_one() {
    let text = "äö\nüx";
    let lines = Lines::new(text);
    assert_eq!(lines.position(0), (1, 1));
    assert_eq!(lines.position(text.find('x').unwrap()), (2, 2));
    assert_eq!(lines.position(text.len()), (2, 3));
    assert_eq!(lines.position_in_line(2, 3), (2, 2));
    assert_eq!(lines.position_in_line(2, 0), (1, 3), "a line end belongs to its line");
    assert_eq!(lines.position_in_line(9, 9), (2, 3), "past the end is the end");
}

#[test]
fn layouts_become_paragraphs() {
    let raw = "Experience\n\n\n\n  Chief   engi-\nneer of the Analytical Engine, which\nweaves algebraic patterns.\n\u{fb01}rst\n\
        a line that is so long that only the width of the page can have ended it before\nBabbage came.\nWell-\nKnown\n- a list";
    assert_eq!(
        tidy(raw),
        "Experience\n\nChief engineer of the Analytical Engine, which weaves algebraic patterns.\nfirst a line that is so \
         long that only the width of the page can have ended it before Babbage came.\nWell-\nKnown\n- a list"
    );
    let entries = "Translator and annotator of a sketch of the engine, 1842 to 1843\nPut the sketch into English and wrote \
        notes that are longer than the\nMemoir itself.\nA line of contacts that goes on for quite a while, up to its end here\nProfile\nada@example.org\nwww.example.org";
    assert_eq!(
        tidy(entries),
        entries.replace("than the\nMemoir", "than the Memoir"),
        "headings and dated entries stay apart"
    );
    assert_eq!(tidy(" \n \n"), "");
}

#[test]
fn excerpts_end_between_words() {
    assert_eq!(excerpt("one\n  two"), "one two");
    let long = excerpt(&"word ".repeat(200));
    assert!(long.ends_with("word…") && long.chars().count() <= EXCERPT_CHARS + 1);
}
