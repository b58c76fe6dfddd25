use super::*;
use crate::persona::{FileContent, SourceFile};
use std::collections::BTreeMap;
use twin_core::chat::Role;
use twin_core::id::SessionId;
use twin_core::memory::{MemoryKind, Teller};
use twin_core::report::Source;
use twin_core::time::Timestamp;

mod score;

fn persona(files: &[(&str, &str)]) -> Persona {
    let files = files.iter().map(|(path, text)| SourceFile {
        path: (*path).to_owned(),
        content: FileContent::Bytes(text.as_bytes().to_vec()),
    });
    Persona::load(None, files.collect())
}

fn said(text: &str, role: Role, audience: Audience) -> Said {
    let id = "00000000-0000-7000-8000-000000000001";
    Said {
        text: text.to_owned(),
        source: Source::Message {
            session_id: id.parse().unwrap(),
            message_id: id.parse().unwrap(),
            session_title: "Earlier".to_owned(),
            role,
            audience,
            at: Timestamp::from_millis(0),
        },
    }
}

fn passage(said: Said) -> Passage {
    Passage { text: said.text, source: said.source, score: 1.0, signals: Vec::new() }
}

/// The claims of an answer as they stand in it, each with what bears it out.
fn marked<'a>(answer: &'a str, basis: &Basis<'_>) -> Vec<(&'a str, Vec<String>)> {
    let units: Vec<usize> = answer.char_indices().flat_map(|(at, one)| vec![at; one.len_utf16()]).collect();
    let place = |unit: u32| units.get(unit as usize).copied().unwrap_or(answer.len());
    let found = claims(answer, basis).into_iter();
    found
        .map(|claim| {
            let grounds = claim.grounds.into_iter().map(|ground| ground.text);
            (&answer[place(claim.start)..place(claim.end)], grounds.collect())
        })
        .collect()
}

const FACTS: &str =
    "{\n\"full_name\": \"Tom Ford\",\n\"name\": \"Tom\",\n\"location\": \"Cork\",\n\"pets\": \"2 cats\"\n}";

fn owner<'a>(persona: &'a Persona, passages: &'a [Passage], said: &'a [Said]) -> Basis<'a> {
    Basis { persona, audience: Audience::Owner, passages, said, question: "Tell me." }
}

#[test]
fn places_are_counted_as_the_page_counts_and_take_closing_marks_along() {
    let persona = persona(&[("facts.json", FACTS)]);
    let basis = owner(&persona, &[], &[]);
    let found = marked("🐈 Well. **I have two cats.** *I have three cats.*\n\n- I live in Cork\n", &basis);
    let places: Vec<&str> = found.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, ["**I have two cats.**", "*I have three cats.*", "I live in Cork"]);
}

#[test]
fn each_statement_of_a_sentence_has_a_mark_of_its_own() {
    let persona = persona(&[("facts.json", FACTS)]);
    let found = marked("I live in Cork and I have three cats.", &owner(&persona, &[], &[]));
    assert_eq!(found, [("I live in Cork", vec!["Location: Cork".to_owned()]), ("and I have three cats.", Vec::new())]);
}

#[test]
fn a_number_of_more_digits_than_can_be_counted_with_is_a_number_all_the_same() {
    let cats = format!("我有{}只猫。", "九".repeat(40));
    let persona = persona(&[("facts.json", FACTS), ("cats.md", cats.as_str())]);
    let found = marked("I live in Cork.", &owner(&persona, &[], &[]));
    assert_eq!(found, [("I live in Cork.", vec!["Location: Cork".to_owned()])]);
}

#[test]
fn what_the_twin_or_a_visitor_said_bears_nothing_out() {
    let persona = persona(&[("facts.json", FACTS)]);
    let text = "I play the bassoon.";
    let bears = |said: Said| !marked(text, &owner(&persona, &[passage(said)], &[]))[0].1.is_empty();
    assert!(bears(said(text, Role::User, Audience::Owner)));
    assert!(!bears(said(text, Role::Assistant, Audience::Owner)));
    assert!(!bears(said(text, Role::User, Audience::Visitor)));
    let asked = said("Do I play the bassoon?", Role::User, Audience::Owner);
    assert_eq!(marked(text, &owner(&persona, &[], &[asked])), [(text, Vec::new())]);
}

#[test]
fn a_visitor_gets_no_source_that_is_not_for_them() {
    let persona = persona(&[("facts.json", FACTS), ("private/health.md", "I have a pacemaker since 2019.")]);
    let told = said("I have a pacemaker since 2019.", Role::User, Audience::Owner);
    let (passages, said) = ([passage(told.clone())], [told]);
    let answer = "I have a pacemaker since 2019. I live in Cork.";
    let basis = owner(&persona, &passages, &said);
    assert_eq!(marked(answer, &basis)[0].1.len(), 2);
    let found = marked(answer, &Basis { audience: Audience::Visitor, ..basis });
    let expected = [("I have a pacemaker since 2019.", vec![]), ("I live in Cork.", vec!["Location: Cork".to_owned()])];
    assert_eq!(found, expected);
}

#[test]
fn a_text_that_was_to_be_written_is_full_of_somebody_and_of_no_guesses() {
    let persona = persona(&[("facts.json", FACTS)]);
    let basis = owner(&persona, &[], &[]);
    let letter = "I live in Cork. My boiler is broken.";
    assert_eq!(marked(letter, &basis).len(), 2);
    let found = marked(letter, &Basis { question: "Write a letter to my landlord", ..basis });
    assert_eq!(found, [("I live in Cork.", vec!["Location: Cork".to_owned()])]);
}
