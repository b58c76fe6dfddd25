//! Search.

use crate::support::Fixture;
use proptest::prelude::*;
use rstest::rstest;
use std::sync::OnceLock;
use twin_core::chat::Audience;
use twin_core::id::SessionId;
use twin_store::SearchQuery;

pub(crate) fn owner(term: &str) -> SearchQuery {
    SearchQuery { terms: vec![term.to_owned()], audience: Audience::Owner, session: None, limit: 10 }
}

fn visitor(term: &str, session: Option<SessionId>) -> SearchQuery {
    SearchQuery { audience: Audience::Visitor, session, ..owner(term) }
}

fn found(fixture: &Fixture, query: &SearchQuery) -> Vec<String> {
    fixture.store.search(query).unwrap().into_iter().map(|hit| hit.message.content).collect()
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
    assert_eq!(found(&fixture, &owner(term)), ["Hi! My name is Fred and I love Python"]);
}

#[test]
fn more_of_the_words_is_better_and_the_limit_holds() {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "my name is Fred and I love Python", "Fred is a fine name");
    fixture.turn(&session, false, "the weather is fine", "so it is");
    let query = SearchQuery { terms: vec!["name".into(), "love".into(), "nothing".into()], ..owner("") };
    assert_eq!(found(&fixture, &query), ["my name is Fred and I love Python", "Fred is a fine name"]);
    assert_eq!(found(&fixture, &SearchQuery { limit: 1, ..query.clone() }).len(), 1);
    assert_eq!(found(&fixture, &SearchQuery { limit: 0, ..query.clone() }).len(), 0);

    let hits = fixture.store.search(&query).unwrap();
    assert!(hits[0].rank > hits[1].rank, "{hits:?}");
    assert_eq!((hits[0].session_title.as_str(), hits[0].session_audience), ("Fred", Audience::Owner));
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

    let mut of_first = found(&fixture, &visitor("canary", Some(first.id)));
    of_first.sort();
    assert_eq!(of_first, ["canary again", "canary of the first"]);
    assert_eq!(found(&fixture, &visitor("canary", Some(second.id))), ["canary of the second"]);
    assert!(found(&fixture, &visitor("canary", None)).is_empty());
    // Not even with the owner's session in hand.
    assert!(found(&fixture, &visitor("canary", Some(owners.id))).is_empty());

    assert_eq!(found(&fixture, &owner("canary")).len(), 4);
    let here = SearchQuery { session: Some(owners.id), ..owner("canary") };
    assert_eq!(found(&fixture, &here), ["canary of the owner"]);
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
    assert_eq!(found(&fixture, &visitor("common", Some(theirs.id))).len(), 2);
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
    let terms = terms.iter().map(ToString::to_string).collect();
    assert!(found(&fixture, &SearchQuery { terms, ..owner("") }).is_empty());
}

#[test]
fn terms_without_a_word_do_not_spoil_the_others() {
    let fixture = Fixture::new();
    let session = fixture.session("Fred", Audience::Owner);
    fixture.turn(&session, true, "I love Python", "ok");
    let terms = ["", "\"", "\u{1F980}", "python", "\u{308}", "²"].map(ToOwned::to_owned).to_vec();
    assert_eq!(found(&fixture, &SearchQuery { terms, ..owner("") }), ["I love Python"]);
    let many = (0..500).map(|number| format!("w{number}")).chain(["python".to_owned()]).collect();
    assert_eq!(found(&fixture, &SearchQuery { terms: many, ..owner("") }), ["I love Python"]);
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
    assert!(found(&fixture, &owner(term)).is_empty());
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
        let hits = fixture.store.search(&SearchQuery { terms, ..owner("") });
        prop_assert!(hits.is_ok(), "{hits:?}");
    }
}
