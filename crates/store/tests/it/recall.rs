//! Messages that have a question's words.

use crate::support::Fixture;
use proptest::prelude::*;
use rstest::rstest;
use std::sync::OnceLock;
use twin_core::chat::Audience;
use twin_core::id::SessionId;
use twin_store::{Hearing, Store, StoredTurn};

/// What the owner is reminded of by one term.
pub(crate) fn owner(store: &Store, term: &str) -> Vec<StoredTurn> {
    recalled(store, &[term], &Hearing::default(), 10)
}

fn recalled(store: &Store, terms: &[&str], hearing: &Hearing, limit: usize) -> Vec<StoredTurn> {
    let terms: Vec<String> = terms.iter().map(ToString::to_string).collect();
    let found = store.turn_words(&terms, &store.turn_counts(&terms).unwrap(), hearing, limit).unwrap();
    let turns = store.turns_around(&found, &[], hearing, "").unwrap();
    let of = |number: &i64| turns.iter().find(|turn| turn.number == *number).unwrap().clone();
    found.iter().map(of).collect()
}

fn contents(turns: &[StoredTurn]) -> Vec<&str> {
    turns.iter().map(|turn| turn.content.as_str()).collect()
}

fn visitor(session: Option<SessionId>) -> Hearing {
    Hearing { audience: Audience::Visitor, session, ..Hearing::default() }
}

#[rstest]
#[case::ending("loving")]
#[case::capitals("LOVE")]
#[case::accents("löve")]
#[case::phrase("love python")]
#[case::punctuation("love, Python!")]
#[case::nul("love\0python")]
fn a_word_is_found_in_its_other_forms(#[case] term: &str) {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "Hi! My name is Fred and I love Python", "Hello Fred");
    assert_eq!(contents(&owner(&fixture.store, term)), ["Hi! My name is Fred and I love Python"]);
}

#[test]
fn more_of_the_words_is_better_and_the_limit_holds() {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "my name is Fred and I love Python", "Fred is a fine name");
    fixture.turn(&session, false, "the weather is fine", "so it is");
    let found = |limit| recalled(&fixture.store, &["name", "love", "nothing"], &Hearing::default(), limit);
    let both = found(10);
    assert_eq!(contents(&both), ["my name is Fred and I love Python", "Fred is a fine name"]);
    assert_eq!((found(1).len(), found(0).len()), (1, 0));
    assert_eq!((both[0].session_title.as_str(), both[0].session_audience), ("Fred", Audience::Owner));
}

#[test]
fn a_visitor_finds_only_what_was_said_in_their_own_session() {
    let fixture = Fixture::new();
    let owners = fixture.session("Secret", Audience::Owner);
    let first = fixture.session("First visitor", Audience::Visitor);
    let second = fixture.session("Second visitor", Audience::Visitor);
    fixture.turn(&first, true, "canary of the first", "ok");
    fixture.turn(&owners, true, "canary of the owner", "ok");
    fixture.turn(&second, true, "canary of the second", "ok");
    fixture.turn(&first, false, "canary again", "ok");

    let found = |session| recalled(&fixture.store, &["canary"], &visitor(session), 10);
    let mut of_first = found(Some(first.id));
    of_first.sort_by_key(|turn| turn.number);
    assert_eq!(contents(&of_first), ["canary of the first", "canary again"]);
    assert_eq!(contents(&found(Some(second.id))), ["canary of the second"]);
    assert!(found(None).is_empty());
    // Not even with the owner's session in hand.
    assert!(found(Some(owners.id)).is_empty());
    assert_eq!(owner(&fixture.store, "canary").len(), 4);
}

#[test]
fn other_sessions_do_not_use_up_the_places_of_a_visitors() {
    let fixture = Fixture::new();
    let theirs = fixture.session("Visitor", Audience::Visitor);
    fixture.turn(&theirs, true, "common word", "ok");
    let owners = fixture.session("Owner", Audience::Owner);
    let mut messages = vec![fixture.user(owners.id, None, "common word")];
    for _ in 0..4_200 {
        messages.push(fixture.user(owners.id, None, "common word"));
    }
    fixture.store.session_import(&owners, &messages).unwrap();
    fixture.turn(&theirs, false, "another common word", "ok");
    assert_eq!(recalled(&fixture.store, &["common"], &visitor(Some(theirs.id)), 10).len(), 2);
}

#[rstest]
#[case::nothing(&[])]
#[case::empty(&[""])]
#[case::punctuation(&["!!!", "\"", "\"\"", "*", "-"])]
#[case::emoji(&["\u{1F980}"])]
fn terms_without_a_word_find_nothing(#[case] terms: &[&str]) {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "!!! \u{1F980} \"\" * -", "ok");
    assert!(recalled(&fixture.store, terms, &Hearing::default(), 10).is_empty());
}

#[test]
fn terms_without_a_word_do_not_spoil_the_others() {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "I love Python", "ok");
    let found = |terms: &[&str]| {
        let turns = recalled(&fixture.store, terms, &Hearing::default(), 10);
        turns.into_iter().map(|turn| turn.content).collect::<Vec<_>>()
    };
    assert_eq!(found(&["", "\"", "\u{1F980}", "python", "\u{308}", "²"]), ["I love Python"]);
    let many: Vec<String> = (0..500).map(|number| format!("w{number}")).chain(["python".to_owned()]).collect();
    assert_eq!(found(&many.iter().map(String::as_str).collect::<Vec<_>>()), ["I love Python"]);
}

#[rstest]
#[case("NOT python")]
#[case("python OR zebra")]
#[case("content:python")]
#[case("pyth*")]
#[case("^I")]
#[case("NEAR(love python)")]
#[case("\" OR \"python")]
fn nothing_that_a_person_writes_is_syntax(#[case] term: &str) {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "what python loves", "ok");
    assert!(owner(&fixture.store, term).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_term_is_an_error(terms in prop::collection::vec(any::<String>(), 0..6)) {
        static FIXTURE: OnceLock<Fixture> = OnceLock::new();
        let fixture = FIXTURE.get_or_init(|| {
            let fixture = Fixture::new();
            let session = fixture.session("Fred", Audience::Owner);
            fixture.turn(&session, true, "what python loves", "ok");
            fixture
        });
        let hits = fixture.store.turn_counts(&terms).and_then(|counts| {
            fixture.store.turn_words(&terms, &counts, &Hearing::default(), 10)
        });
        prop_assert!(hits.is_ok(), "{hits:?}");
    }
}
