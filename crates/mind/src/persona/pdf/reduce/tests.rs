use super::*;
use crate::persona::pdf::tests::{bytes, document, lines};
use crate::persona::pdf::text;
use pdf_extract::dictionary;

#[test]
fn character_maps_that_span_everything_are_wild() {
    assert!(is_tame(b"2 beginbfrange <0000> <00ff> <0041> <0100> <01ff> [<0041> <0042>] endbfrange"));
    assert!(!is_tame(b"1 beginbfrange <00000000> <ffffffff> <0041> endbfrange"));
    assert!(!is_tame(b"2 beginbfrange <0000> <0001> [<0041> <0042>] <00000000> <fffffff0> <0041> endbfrange"));
}

#[test]
fn deep_postscript_is_wild_but_not_behind_its_encrypted_part() {
    assert!(!is_tame(&b"[".repeat(1_000)));
    assert!(is_tame(&[b"/Encoding 256 array currentfile eexec ".as_slice(), &b"[".repeat(1_000)].concat()));
}

#[test]
fn a_font_with_a_wild_character_map_is_read_without_it() {
    let mut document = document(vec![lines(&["Still here."])], &[]);
    let map = b"1 begincodespacerange <00000000> <ffffffff> endcodespacerange 1 beginbfrange <00000000> <ffffff00> <00000041> endbfrange";
    let map = document.add_object(Stream::new(dictionary! {}, map.to_vec()));
    for object in document.objects.values_mut() {
        if let Object::Dictionary(font) = object
            && font.has(b"BaseFont")
        {
            font.set("ToUnicode", map);
        }
    }
    assert_eq!(text(&bytes(document)).unwrap().0, "Still here.");
}

#[test]
fn what_unpacks_while_loading_is_measured_before_and_pictures_are_not() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b' '; 100_000]).unwrap();
    let packed = encoder.finish().unwrap();
    let file = |dictionary: &str| {
        let open = format!("%PDF-1.5\n1 0 obj\n<<{dictionary}/Filter/FlateDecode>>\nstream\n");
        [open.as_bytes(), &packed, b"\nendstream\nendobj\n"].concat()
    };
    let objects = file("/Type/ObjStm/N 1/First 4");
    assert!(unpacks_beyond(&objects, 100_000));
    assert!(!unpacks_beyond(&objects, 100_001));
    assert!(unpacks_beyond(&[objects.clone(), objects.clone()].concat(), 200_000), "all streams together");
    for wrong in [b"\0\0", b"\n\n"] {
        let at = objects.windows(7).position(|window| window == b"stream\n").unwrap() + 7;
        let mut behind = objects.clone();
        behind[at..at + 2].copy_from_slice(wrong);
        assert!(unpacks_beyond(&behind, 100_000), "behind a header that is none");
    }
    assert!(!unpacks_beyond(&file("/Type/XObject/Subtype/Image"), 1_000));
    assert!(unpacks_beyond(&file("/Subtype/Image/Type/ObjStm"), 1_000), "who says both is not believed");
}
