use super::*;
use pdf_extract::content::{Content, Operation};
use pdf_extract::{
    EncryptionState, EncryptionVersion, Object, ObjectId, Permissions, Stream, StringFormat, dictionary,
};

/// A document with one page for each content, all with the font `F1` and the further resources.
pub(crate) fn document(pages: Vec<Vec<u8>>, xobjects: &[(&str, Stream)]) -> Document {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let mut forms = pdf_extract::Dictionary::new();
    for (name, stream) in xobjects {
        let id = document.add_object(stream.clone());
        forms.set(*name, id);
    }
    let resources = document.add_object(dictionary! {
        "Font" => dictionary! { "F1" => font }, "XObject" => forms,
    });
    let kids: Vec<Object> = pages
        .into_iter()
        .map(|content| {
            let content = document.add_object(Stream::new(dictionary! {}, content));
            document.add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content }).into()
        })
        .collect();
    let count = i64::try_from(kids.len()).unwrap();
    document.set_object(
        tree,
        dictionary! {
            "Type" => "Pages", "Kids" => kids, "Count" => count, "Resources" => resources,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        },
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    let id = Object::String(b"0123456789abcdef".to_vec(), StringFormat::Literal);
    document.trailer.set("ID", vec![id.clone(), id]);
    document
}

/// Content that writes lines of text, one below the other.
pub(crate) fn lines(lines: &[&str]) -> Vec<u8> {
    let mut operations = vec![
        Operation::new("BT", vec![]),
        Operation::new("Tf", vec!["F1".into(), 12.into()]),
        Operation::new("Td", vec![50.into(), 700.into()]),
    ];
    for line in lines {
        operations.push(Operation::new("Tj", vec![Object::string_literal(*line)]));
        operations.push(Operation::new("Td", vec![0.into(), (-14).into()]));
    }
    operations.push(Operation::new("ET", vec![]));
    Content { operations }.encode().unwrap()
}

pub(crate) fn bytes(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.compress();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// A small PDF with those lines on its page.
pub(crate) fn pdf(text: &[&str]) -> Vec<u8> {
    bytes(document(vec![lines(text)], &[]))
}

fn encrypted(user_password: &str) -> Vec<u8> {
    let mut document = document(vec![lines(&["Secret engine"])], &[]);
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password,
        key_length: 128,
        permissions: Permissions::all(),
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn form(content: &str, draws: &[(&str, ObjectId)]) -> Stream {
    let xobjects: pdf_extract::Dictionary =
        draws.iter().map(|(name, id)| (name.as_bytes().to_vec(), Object::Reference(*id))).collect();
    let resources = dictionary! { "XObject" => xobjects };
    Stream::new(dictionary! { "Subtype" => "Form", "Resources" => resources }, content.as_bytes().to_vec())
}

#[test]
fn pages_become_paragraphs_in_order() {
    let pages = vec![lines(&["Ada Lovelace", "Analyst and metaphysi-", "cian of London."]), lines(&["Second page."])];
    let (text, flaw) = text(&bytes(document(pages, &[]))).unwrap();
    assert_eq!(text, "Ada Lovelace\nAnalyst and metaphysician of London.\n\nSecond page.");
    assert_eq!(flaw, None);
}

#[test]
fn a_password_is_asked_for_only_where_reading_needs_one() {
    assert!(text(&encrypted("reader")).unwrap_err().message.contains("password"));
    assert_eq!(text(&encrypted("")).unwrap().0, "Secret engine");
}

#[test]
fn pages_without_text_are_called_pictures() {
    let (text, flaw) = text(&bytes(document(vec![b"0 0 10 10 re f".to_vec()], &[]))).unwrap();
    let flaw = flaw.unwrap();
    assert_eq!(text, "");
    assert!(flaw.message.contains("no text") && flaw.hint.contains("OCR"), "{}", flaw.message);
}

#[test]
fn damaged_foreign_and_empty_files_are_told_apart() {
    let good = pdf(&["Ada"]);
    assert!(text(&good[..good.len() / 3]).unwrap_err().message.contains("damaged"));
    assert!(text(b"%PDF-1.7\nnothing").unwrap_err().message.contains("damaged"));
    assert!(text(b"hello").unwrap_err().message.contains("not a PDF"));
    assert!(text(b"").unwrap_err().message.contains("empty"));
}

#[test]
fn more_pages_than_a_book_are_refused_in_words() {
    let flaw = text(&bytes(document(vec![lines(&["x"]); MAX_PAGES + 1], &[]))).unwrap_err();
    assert!(flaw.message.contains("501 pages"), "{}", flaw.message);
}

#[test]
fn a_page_that_fails_costs_that_page_only() {
    let mut document = document(vec![lines(&["Good."]), lines(&["Lost."])], &[]);
    let second = document.get_pages()[&2];
    // A font that no reader understands.
    let font = dictionary! { "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "X" };
    let resources = dictionary! { "Font" => dictionary! { "F1" => font } };
    document.get_dictionary_mut(second).unwrap().set("Resources", resources);
    let (text, flaw) = text(&bytes(document)).unwrap();
    assert!(text.starts_with("Good."), "{text}");
    assert!(text.contains("Lost.") || flaw.unwrap().message.contains("page 2"));
}

#[test]
fn text_in_a_form_is_read_and_a_picture_beside_it_does_no_harm() {
    let mut inner = form("BT /F1 12 Tf 10 10 Td (Inside.) Tj ET", &[]);
    inner.dict.set(
        "Resources",
        dictionary! { "Font" => dictionary! { "F1" => dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
        } } },
    );
    let picture = Stream::new(dictionary! { "Subtype" => "Image" }, b"1 2 cm q q q Q (x) Tj".to_vec());
    let page = b"/Im1 Do /Fm1 Do /Nowhere Do".to_vec();
    let (text, flaw) = text(&bytes(document(vec![page], &[("Im1", picture), ("Fm1", inner)]))).unwrap();
    assert_eq!((text.as_str(), flaw), ("Inside.", None));
}

#[test]
fn forms_that_draw_each_other_do_not_hang_or_crash() {
    let page = [lines(&["Still here."]), b"/Fm1 Do".to_vec()].concat();
    let mut document = document(vec![page], &[("Fm1", form("", &[])), ("Fm2", form("", &[]))]);
    let forms: Vec<ObjectId> = document
        .objects
        .iter()
        .filter(|(_, object)| object.as_stream().is_ok_and(|stream| stream.dict.has(b"Subtype")))
        .map(|(id, _)| *id)
        .collect();
    document.set_object(forms[0], form("/Other Do", &[("Other", forms[1])]));
    document.set_object(forms[1], form("/Other Do", &[("Other", forms[0])]));
    assert_eq!(text(&bytes(document)).unwrap().0, "Still here.");
}

/// A page that writes a line and draws the form that is made in the document.
fn drawing(make: impl FnOnce(&mut Document) -> ObjectId) -> Vec<u8> {
    let mut document = document(vec![[lines(&["Still here."]), b"/Fm Do".to_vec()].concat()], &[]);
    let form = make(&mut document);
    for object in document.objects.values_mut() {
        if let Object::Dictionary(resources) = object
            && resources.has(b"XObject")
        {
            resources.set("XObject", dictionary! { "Fm" => form });
        }
    }
    bytes(document)
}

#[test]
fn forms_that_multiply_do_not_hang() {
    let bytes = drawing(|document| {
        let leaf = document.add_object(form("BT ET", &[]));
        (0..12).fold(leaf, |last, _| document.add_object(form(&"/A Do ".repeat(50), &[("A", last)])))
    });
    assert_eq!(text(&bytes).unwrap().0, "Still here.");
}

#[test]
fn a_long_chain_of_forms_does_not_overflow_the_stack() {
    let bytes = drawing(|document| {
        let leaf = document.add_object(form("BT ET", &[]));
        (0..5_000).fold(leaf, |last, _| document.add_object(form("/A Do", &[("A", last)])))
    });
    assert_eq!(text(&bytes).unwrap().0, "Still here.");
}

#[test]
fn a_page_tree_that_is_its_own_ancestor_does_not_overflow_the_stack() {
    let mut document = document(vec![lines(&["Still here."])], &[]);
    let page = document.get_pages()[&1];
    let tree = document.get_dictionary(page).unwrap().get(b"Parent").and_then(Object::as_reference).unwrap();
    let node = document.get_dictionary_mut(tree).unwrap();
    node.set("Parent", tree);
    node.remove(b"Resources");
    node.remove(b"MediaBox");
    // Without resources the page has no font and so no text: what counts is that there is an answer.
    assert!(text(&bytes(document)).is_err());
}

#[test]
fn a_stream_that_unpacks_to_gigabytes_is_refused() {
    let mut page = lines(&["Bomb."]);
    page.resize(65 * 1024 * 1024, b' ');
    let bomb = bytes(document(vec![page], &[]));
    assert!(bomb.len() < 1024 * 1024);
    assert!(text(&bomb).unwrap_err().message.contains("too much"));
}

#[test]
fn a_stream_that_unpacks_to_gigabytes_behind_a_wrong_header_is_refused() {
    let mut page = lines(&["Bomb."]);
    page.resize(65 * 1024 * 1024, b' ');
    let mut bomb = bytes(document(vec![page], &[]));
    // lopdf tries such a stream again without its header.
    let at = bomb.windows(9).rposition(|window| window == b"stream\nx\x9c" || window == b"stream\nx\xda").unwrap();
    bomb[at + 7..at + 9].fill(0);
    assert!(text(&bomb).unwrap_err().message.contains("too much"));
}

#[test]
fn lines_by_shorthand_operators_are_read() {
    let page = b"BT /F1 12 Tf 14 TL 50 700 Td (First.) Tj (Second.) ' 1 0 (Third.) \" ET".to_vec();
    assert_eq!(text(&bytes(document(vec![page], &[]))).unwrap().0, "First.\nSecond.\nThird.");
}
