use super::*;
use proptest::prelude::*;
use std::sync::Arc;
use twin_core::chat::{Audience, Message, MessageStatus, Role, Session, TitleBy};
use twin_core::find::SnippetPiece;
use twin_core::id::{MessageId, SessionId};
use twin_core::port::Clock;
use twin_core::time::Timestamp;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_249_000_000)
    }
}

fn query(text: &str) -> FindQuery {
    FindQuery {
        text: text.to_owned(),
        audience: Audience::Owner,
        session: None,
        role: None,
        from: None,
        before: None,
        order: FindOrder::Oldest,
        limit: 1_000,
    }
}

fn store_with(texts: &[String]) -> Store {
    let now = StoppedClock.now();
    let store = Store::open_in_memory(Arc::new(StoppedClock)).unwrap();
    let session = Session {
        id: SessionId::new(now),
        title: String::new(),
        audience: Audience::Owner,
        created_at: now,
        updated_at: now,
        head: None,
        model: None,
        title_by: TitleBy::Opening,
        pinned: false,
        archived: false,
        tags: Vec::new(),
        forked_from: None,
        temporary: false,
    };
    let message = |text: &String| Message {
        id: MessageId::new(now),
        session_id: session.id,
        parent_id: None,
        role: Role::User,
        content: text.clone(),
        created_at: now,
        status: MessageStatus::Complete,
        model: None,
        usage: None,
        failure: None,
        imported: None,
        parts: Vec::new(),
        attachments: Vec::new(),
        instead_of: None,
    };
    store.session_import(&session, &texts.iter().map(message).collect::<Vec<_>>()).unwrap();
    store
}

/// Words with endings and without, of several scripts, that often meet each other.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "(run|hop|lov|univers|happ|relat)(|s|e|es|ed|y|i|ing|ning|ity|iness|ional)",
        1 => "[你好世]{1,3}",
        1 => "(caf|na)(é|e\u{301}|e|ï)(|s)",
        1 => "don't|x\\.y|\u{FDD0}run|हिन्दी|\u{301}",
    ];
    prop::collection::vec((word, "[ ,\n]|  "), 0..6).prop_map(|words| words.into_iter().map(|(a, b)| a + &b).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn the_index_and_the_marks_agree_on_what_is_found(
        texts in prop::collection::vec(text(), 1..20),
        wanted in text(),
        quotes in prop::option::of((0..8_usize, 0..8_usize)),
    ) {
        let mut wanted: Vec<char> = wanted.trim().chars().take(30).collect();
        if let Some((first, second)) = quotes {
            for quote in [first, second] {
                wanted.insert(quote.min(wanted.len()), '"');
            }
        }
        let text: String = wanted.into_iter().collect();
        let found = store_with(&texts).message_find(&query(&text)).unwrap();
        let mut expected: Vec<Vec<SnippetPiece>> = Vec::new();
        if let Some(wanted) = Wanted::parse(&text) {
            let all = |text: &&String| wanted.all_in(text);
            expected.extend(texts.iter().filter(all).map(|text| snippet(text, &wanted)));
        }
        for pieces in &expected {
            prop_assert!(pieces.iter().any(|piece| piece.hit), "{:?} in {:?}", text, pieces);
        }
        prop_assert_eq!(found.hits.into_iter().map(|hit| hit.snippet).collect::<Vec<_>>(), expected, "{:?}", text);
    }
}

#[test]
fn the_index_is_asked_once_and_in_its_own_order() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(&crate::migration::MIGRATIONS.concat()).unwrap();
    for order in [FindOrder::Newest, FindOrder::Oldest, FindOrder::Best] {
        for session in [None, Some(SessionId::new(StoppedClock.now()))] {
            let sql = matching(&FindQuery { order, session, ..query("") });
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let lines = plan.query_map([None::<i64>; 5], |row| row.get::<_, String>(3)).unwrap();
            let lines: Vec<String> = lines
                .map(Result::unwrap)
                .filter(|line| !line.contains("SUBQUERY") && !line.contains("message_by_session"))
                .collect();
            assert_eq!(lines[0].ends_with("><"), session.is_some(), "the range reaches the index: {lines:#?}");
            let expected = ["SCAN f VIRTUAL TABLE", "SEARCH m USING INTEGER PRIMARY KEY"];
            assert_eq!(lines.len(), expected.len(), "nothing is sorted: {lines:#?}");
            for (line, expected) in lines.iter().zip(expected) {
                assert!(line.starts_with(expected), "{lines:#?}");
            }
        }
    }
}

#[test]
fn words_that_begin_alike_are_named_where_they_are_few() {
    let letters = ('a'..='z').chain('0'..='9').chain('à'..='ÿ');
    let many = letters.map(|letter| format!("many{letter}")).collect::<Vec<_>>().join(" ");
    let store = store_with(&["hoped, hopes. Hopeful hop".to_owned(), many, "hopes anew".to_owned()]);
    let named = |beginning: &str| store.read(|transaction| Ok(beginning::words(transaction, beginning)?)).unwrap();
    assert_eq!(named("hop"), None, "it has an index of its own");
    assert_eq!(named("hope").unwrap(), ["hoped", "hopeful", "hopes"]);
    assert_eq!(named("hopeg").unwrap(), [""; 0]);
    assert_eq!(named("many").map(|words| words.len()), None, "too many");
    assert_eq!(store.message_find(&query("hope")).unwrap().hits.len(), 2);
    assert_eq!(store.message_find(&query("anew hopef")).unwrap().hits.len(), 0);
    assert_eq!(store.message_find(&query("many")).unwrap().hits.len(), 1);
}
