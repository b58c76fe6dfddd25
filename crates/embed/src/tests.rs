//! The golden files come from the float model in Python: `pieces.json` from Hugging Face's tokenizers (with "[CLS]" in a
//! text put by hand to what it is here: text), `vectors.bin` from numpy, a row of 8-bit numbers for each of `texts.json`.

use crate::encoder::{encode, encode_plainly};
use crate::{DIMENSIONS, Embedder, Vector};

fn texts() -> Vec<String> {
    serde_json::from_str(include_str!("golden/texts.json")).unwrap()
}

fn embed(texts: &[String]) -> Vec<Vector> {
    Embedder::embedded().embed(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn pieces_are_those_of_the_reference() {
    let golden: Vec<(String, Vec<u16>)> = serde_json::from_str(include_str!("golden/pieces.json")).unwrap();
    let embedder = Embedder::embedded();
    for (text, pieces) in golden {
        assert_eq!(embedder.words.cut(&text), pieces, "{text:?}");
    }
}

#[test]
fn vectors_point_where_those_of_the_float_model_do() {
    let golden = include_bytes!("golden/vectors.bin").as_chunks::<DIMENSIONS>().0;
    assert_eq!((golden.len(), texts().len()), (20, 20));
    let mut sum = 0.0;
    for ((text, vector), golden) in texts().iter().zip(embed(&texts())).zip(golden) {
        let cosine = vector.dot(&Vector::from_floats(&golden.map(|byte| f32::from(byte.cast_signed()))));
        // The worst is a text of one word, where no error is balanced by another.
        assert!((0.98..1.01).contains(&cosine), "{cosine} for {text:?}");
        sum += cosine;
    }
    assert!(sum > 20.0 * 0.993, "{sum} for 20 texts");
}

#[test]
fn a_vector_does_not_depend_on_the_texts_beside_it() {
    let together = embed(&texts());
    assert_eq!(together.len(), texts().len());
    for (text, vector) in texts().into_iter().zip(together) {
        assert_eq!(embed(std::slice::from_ref(&text)), [vector], "{text:?}");
    }
}

#[test]
fn every_processor_gives_the_same_numbers() {
    let embedder = Embedder::embedded();
    // Without the longest text, which takes seconds here.
    let pieces: Vec<_> =
        texts().iter().map(|text| embedder.words.cut(text)).filter(|pieces| pieces.len() < 50).collect();
    assert_eq!(encode_plainly(&embedder.model, &pieces), encode(&embedder.model, &pieces));
}

#[test]
fn the_file_is_read_to_its_last_piece() {
    let (_, vocabulary) = crate::model::Model::embedded();
    assert_eq!((vocabulary.lines().count(), vocabulary.lines().last()), (30_522, Some("##～")));
}

#[test]
fn what_is_stored_comes_back() {
    let vector = &embed(&["It rained.".to_owned()])[0];
    assert_eq!(Vector::from_bytes(&vector.to_bytes()).as_ref(), Some(vector));
    // A row that was cut off, or is none.
    assert_eq!(Vector::from_bytes(&vector.to_bytes()[..4]), None);
    assert_eq!(Vector::from_bytes(&[255; 388]), None);
}

#[test]
fn a_direction_of_no_length_is_near_to_nothing() {
    let none = Vector::from_floats(&[0.0; DIMENSIONS]);
    assert!(none.dot(&embed(&texts())[0]).abs() < f32::EPSILON);
}

#[test]
fn vectors_of_another_model_are_compared_with_their_own_kind_only() {
    let wide = Vector::from_floats(&(0..3072_u16).map(f32::from).collect::<Vec<_>>());
    assert!((wide.dot(&wide) - 1.0).abs() < 0.01);
    assert_eq!(Vector::from_bytes(&wide.to_bytes()).as_ref(), Some(&wide));
    assert!(wide.dot(&embed(&texts())[0]).abs() < f32::EPSILON);
}
