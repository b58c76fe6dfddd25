//! Vectors.

use crate::support::Fixture;
use std::collections::BTreeSet;
use twin_core::chat::Audience;
use twin_core::memory::ForgetScope;
use twin_store::{NewVector, Subject};

fn vector(subject: Subject, byte: u8) -> NewVector {
    NewVector { subject, bits: vec![byte; 2], vector: vec![byte; 5] }
}

#[test]
fn what_has_no_vector_is_handed_out_newest_first_until_it_has_one() {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    let (question, answer) = fixture.turn(&session, true, "I live in London", "I see");
    fixture.turn(&session, false, " \n", "");
    let memory = fixture.learn(&question, "Lives in London");
    let store = &fixture.store;
    let missing = |model| store.vector_missing(model, 0..i64::MAX, 9).unwrap();
    let texts: Vec<_> = missing("a").into_iter().map(|(_, id, text)| (id, text)).collect();
    assert_eq!(texts, [(answer.id, "I see".to_owned()), (question.id, "I live in London".to_owned())]);
    assert_eq!(store.vector_missing_memories("a", 9).unwrap(), [(memory.id, memory.text.clone())]);
    let first = missing("a")[1].0;
    assert_eq!(store.vector_missing("a", 0..first + 1, 9).unwrap().len(), 1);
    assert_eq!(store.vector_missing("a", first + 1..i64::MAX, 9).unwrap().len(), 1);

    store
        .vector_put("a", vec![vector(Subject::Message(question.id), 1), vector(Subject::Memory(memory.id), 2)])
        .unwrap();
    store.vector_put("a", vec![vector(Subject::Message(question.id), 9)]).unwrap();
    assert_eq!(missing("a").len(), 1);
    assert!(store.vector_missing_memories("a", 9).unwrap().is_empty());
    assert_eq!(missing("b").len(), 2, "another model has its own");

    let bits = store.vector_bits("a", 0).unwrap();
    assert_eq!((bits.numbers.len(), bits.bits.as_slice()), (2, [1, 1, 2, 2].as_slice()));
    assert_eq!(store.vector_bits("a", bits.numbers[0]).unwrap().numbers, [bits.numbers[1]]);
    let [first, second] = bits.numbers[..] else { panic!("two") };
    assert_eq!(store.vector_get(&[second, 99, first]).unwrap(), [(second, vec![2; 5]), (first, vec![1; 5])]);
    let subjects = store.vector_subjects(&[second, 99, first]).unwrap();
    assert_eq!(subjects, [(second, Subject::Memory(memory.id)), (first, Subject::Message(question.id))]);
    assert_eq!(store.memory_stats("a", "2026-11").unwrap().embedded, 1);

    store.vector_put("b", vec![vector(Subject::Message(answer.id), 3)]).unwrap();
    store.vector_keep_only("b").unwrap();
    assert!(store.vector_bits("a", 0).unwrap().numbers.is_empty());
    assert_eq!(store.vector_bits("b", 0).unwrap().bits, [3, 3]);
}

#[test]
fn a_persona_has_the_vectors_of_its_paragraphs_and_none_once_something_is_forgotten() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
    let kept = |wanted: &[&str]| {
        let kept = store.paragraph_vectors(&texts(wanted)).unwrap();
        (kept.vectors.into_iter().collect::<Vec<_>>(), kept.is_all)
    };
    assert_eq!(kept(&["one"]), (vec![], true));
    store.paragraph_vectors_set([("one".to_owned(), vec![1]), ("two".to_owned(), vec![2])].into()).unwrap();
    assert_eq!(kept(&["two", "three"]), (vec![("two".to_owned(), vec![2])], false));
    store.paragraph_vectors_set([("two".to_owned(), vec![2]), ("three".to_owned(), vec![3])].into()).unwrap();
    assert_eq!(kept(&["one", "two", "three"]).0.len(), 2);
    assert!(kept(&["two", "three"]).1, "there are no others");

    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "I live in London", "I see");
    store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    assert_eq!(kept(&["two", "three"]), (vec![], true));
}
