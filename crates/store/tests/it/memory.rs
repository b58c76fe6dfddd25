//! What is remembered.

use crate::support::{Fixture, memory, report};
use rstest::rstest;
use twin_core::chat::{Audience, Message};
use twin_core::id::MemoryId;
use twin_core::memory::{Ending, Evidence, Memory, MemoryChange, MemoryKind, MemoryQuery, Teller};
use twin_core::port::Clock;
use twin_core::report::{Passage, Source};
use twin_core::time::Timestamp;
use twin_store::{Hearing, Store, StoreError, TurnBegin};

/// Everything that holds.
fn all() -> MemoryQuery {
    MemoryQuery { limit: 50, ..MemoryQuery::default() }
}

fn listed(store: &Store, query: &MemoryQuery) -> Vec<String> {
    let page = store.memory_list(query).unwrap();
    assert_eq!(page.total as usize, page.memories.len());
    page.memories.into_iter().map(|row| row.memory.text).collect()
}

/// A home in which something was said.
fn said() -> (Fixture, Message) {
    let fixture = Fixture::new();
    let session = fixture.session("Moving", Audience::Owner);
    let (said, _) = fixture.turn(&session, true, "I live in London, and Anna too", "I see.");
    (fixture, said)
}

/// The new memory in the place of the old one.
fn replace(fixture: &Fixture, old: &Memory, text: &str, ending: fn(MemoryId) -> Ending) -> Memory {
    let new = Memory {
        id: MemoryId::new(fixture.clock.now()),
        learned_at: fixture.clock.now(),
        text: text.to_owned(),
        ..old.clone()
    };
    let ended = MemoryChange::Ended { id: old.id, ending: ending(new.id), at: new.learned_at, said_in: None };
    fixture.store.memory_change(&[MemoryChange::Learned { memory: new.clone() }, ended]).unwrap();
    new
}

fn superseded(by: MemoryId) -> Ending {
    Ending::Superseded { by }
}

fn corrected(by: MemoryId) -> Ending {
    Ending::Corrected { by }
}

#[test]
fn what_was_learned_comes_back_as_it_was_and_survives_a_restart() {
    let (fixture, said) = said();
    let anna = fixture.person("Anna");
    let rival = fixture.learn(&said, "Lives in Paris");
    let whole = Memory {
        kind: MemoryKind::Social,
        topic: "home".to_owned(),
        people: vec![anna.id],
        audience: Audience::Visitor,
        teller: Teller::Visitor,
        valid_from: Some(Timestamp::from_millis(1_000)),
        valid_until: Some(Timestamp::from_millis(2_000)),
        contradicts: vec![rival.id],
        importance: 5,
        pinned: true,
        sources: vec![
            Evidence::Typed { at: Timestamp::from_millis(5) },
            Evidence::File { path: "private/cv.md".to_owned(), line: 3 },
            Evidence::Session { session_id: said.session_id, through: said.id },
        ],
        ..memory(fixture.clock.as_ref(), &said, "Anna lives in London")
    };
    fixture.store.memory_change(&[MemoryChange::Learned { memory: whole.clone() }]).unwrap();
    let fixture = fixture.reopen();
    let page = fixture.store.memory_list(&all()).unwrap();
    assert_eq!(page.memories[0].memory, whole);
    assert_eq!(page.memories[0].people, [anna]);
    assert_eq!(page.memories[1].memory.contradicts, [whole.id], "what is contradicted says so as well");
    // A second one of the same id is passed over.
    let again = MemoryChange::Learned { memory: Memory { text: "other".to_owned(), ..whole.clone() } };
    fixture.store.memory_change(&[again]).unwrap();
    assert_eq!(fixture.store.memory_get(whole.id).unwrap().memory, whole);
}

#[rstest]
#[case::changed(superseded, true)]
#[case::wrong(corrected, false)]
fn what_is_replaced_is_kept_beside_what_replaced_it(#[case] ending: fn(MemoryId) -> Ending, #[case] was_true: bool) {
    let (fixture, said) = said();
    let old = fixture.learn(&said, "Lives in London");
    let new = replace(&fixture, &old, "Lives in Paris", ending);
    let page = fixture.store.memory_list(&all()).unwrap();
    assert_eq!(page.memories.len(), 1);
    assert_eq!((page.memories[0].memory.id, page.memories[0].before.as_deref()), (new.id, Some("Lives in London")));
    assert_eq!(listed(&fixture.store, &MemoryQuery { ended: true, ..all() }), ["Lives in Paris", "Lives in London"]);

    let detail = fixture.store.memory_get(old.id).unwrap();
    assert_eq!(detail.memory.ending, Some(ending(new.id)));
    assert_eq!(detail.memory.ended_at, Some(new.learned_at));
    // What changed was true until then; what was wrong never was.
    assert_eq!(detail.memory.valid_until, was_true.then_some(new.learned_at));
    let history: Vec<_> = detail.history.iter().map(|version| version.memory.id).collect();
    assert_eq!(history, [new.id, old.id]);
    assert_eq!(detail.history[1].sources[0].excerpt, "I live in London, and Anna too");
    assert_eq!(fixture.store.memory_get(new.id).unwrap().history, detail.history);
}

#[test]
fn what_was_superseded_was_true_until_what_superseded_it_was() {
    let (fixture, said) = said();
    let old = fixture.learn(&said, "Lives in London");
    let since = Timestamp::from_millis(1_700_000_000_000);
    let new = Memory { valid_from: Some(since), ..memory(fixture.clock.as_ref(), &said, "Lives in Paris") };
    let ended = MemoryChange::Ended { id: old.id, ending: superseded(new.id), at: fixture.clock.now(), said_in: None };
    fixture.store.memory_change(&[MemoryChange::Learned { memory: new }, ended]).unwrap();
    assert_eq!(fixture.store.memory_get(old.id).unwrap().memory.valid_until, Some(since));
}

#[test]
fn as_of_a_date_in_the_past_memories_stand_as_they_stood_then() {
    let (fixture, said) = said();
    let london = fixture.learn(&said, "Lives in London");
    let then = fixture.clock.now();
    let paris = replace(&fixture, &london, "Lives in Paris", superseded);
    let as_of = |as_of, ended| listed(&fixture.store, &MemoryQuery { as_of: Some(as_of), ended, ..all() });
    assert_eq!(as_of(then, false), ["Lives in London"]);
    assert_eq!(as_of(then, true), ["Lives in London"]);
    assert_eq!(as_of(paris.learned_at, false), ["Lives in Paris"]);
    assert_eq!(as_of(paris.learned_at, true), ["Lives in Paris", "Lives in London"]);
    assert!(as_of(Timestamp::from_millis(london.learned_at.as_millis() - 1), true).is_empty());
    let row = fixture.store.memory_list(&MemoryQuery { as_of: Some(then), ..all() }).unwrap().memories.remove(0);
    assert_eq!(row.memory, london, "it had neither an end nor a last day");
}

#[test]
fn what_is_undone_is_in_no_list_and_what_it_had_ended_holds_again() {
    let (fixture, said) = said();
    let old = fixture.learn(&said, "Lives in London");
    let new = replace(&fixture, &old, "Lives in Paris", superseded);
    let undo = |undone| fixture.store.memory_change(&[MemoryChange::Undone { id: new.id, undone }]).unwrap();
    undo(true);
    assert_eq!(listed(&fixture.store, &MemoryQuery { ended: true, ..all() }), ["Lives in London"]);
    let detail = fixture.store.memory_get(old.id).unwrap();
    assert_eq!(detail.memory, old);
    assert_eq!(detail.history.len(), 1);
    assert!(matches!(fixture.store.memory_get(new.id), Err(StoreError::NotFound("memory"))));
    let terms = ["lives".to_owned()];
    assert_eq!(fixture.store.memory_search(&terms, &Hearing::default(), 9).unwrap().len(), 1);
    undo(false);
    assert_eq!(listed(&fixture.store, &all()), ["Lives in Paris"]);
}

#[test]
fn what_was_taken_back_can_be_brought_back() {
    let (fixture, said) = said();
    let memory = fixture.learn(&said, "Lives in London");
    let (id, at) = (memory.id, fixture.clock.now());
    fixture
        .store
        .memory_change(&[MemoryChange::Ended { id, ending: Ending::Retracted, at, said_in: Some(said.id) }])
        .unwrap();
    assert!(listed(&fixture.store, &all()).is_empty());
    assert_eq!(fixture.store.memory_notices(said.session_id).unwrap()[0].ended[0].ending, Some(Ending::Retracted));
    fixture.store.memory_change(&[MemoryChange::Restored { id }]).unwrap();
    assert_eq!(fixture.store.memory_get(id).unwrap().memory, memory);
    assert!(fixture.store.memory_notices(said.session_id).unwrap()[0].ended.is_empty());
}

#[test]
fn a_contradiction_lasts_until_one_of_the_two_ends() {
    let (fixture, said) = said();
    let london = fixture.learn(&said, "Lives in London");
    let paris = Memory { contradicts: vec![london.id], ..memory(fixture.clock.as_ref(), &said, "Lives in Paris") };
    fixture.store.memory_change(&[MemoryChange::Learned { memory: paris.clone() }]).unwrap();
    let both = fixture.clock.now();
    let contradicted = MemoryQuery { contradicted: true, ..all() };
    assert_eq!(listed(&fixture.store, &contradicted), ["Lives in Paris", "Lives in London"]);
    assert_eq!(
        fixture.store.memory_get(london.id).unwrap().contradicts,
        [paris.clone()].map(|mut paris| {
            paris.contradicts = vec![london.id];
            paris
        })
    );
    assert_eq!(fixture.store.memory_stats("embedded", "2026-11").unwrap().contradicted, 2);
    let ended =
        MemoryChange::Ended { id: london.id, ending: corrected(paris.id), at: fixture.clock.now(), said_in: None };
    fixture.store.memory_change(&[ended]).unwrap();
    assert!(listed(&fixture.store, &contradicted).is_empty());
    assert!(fixture.store.memory_get(paris.id).unwrap().memory.contradicts.is_empty());
    let then = MemoryQuery { as_of: Some(both), ..contradicted };
    assert_eq!(listed(&fixture.store, &then).len(), 2, "then nobody had said which");
}

#[test]
fn a_list_shows_what_was_asked_for_the_pinned_first_and_then_the_newest() {
    let (fixture, said) = said();
    let home = fixture.learn(&said, "Lives in London");
    let shared = Memory { audience: Audience::Visitor, ..memory(fixture.clock.as_ref(), &said, "Plays the piano") };
    let how = Memory {
        kind: MemoryKind::Procedural,
        topic: "tone".to_owned(),
        ..memory(fixture.clock.as_ref(), &said, "Be brief")
    };
    for memory in [&shared, &how] {
        fixture.store.memory_change(&[MemoryChange::Learned { memory: memory.clone() }]).unwrap();
    }
    fixture.store.memory_change(&[MemoryChange::Pinned { id: home.id, pinned: true }]).unwrap();
    let list = |query: MemoryQuery| listed(&fixture.store, &query);
    assert_eq!(list(all()), ["Lives in London", "Be brief", "Plays the piano"]);
    assert_eq!(list(MemoryQuery { kind: Some(MemoryKind::Procedural), ..all() }), ["Be brief"]);
    assert_eq!(list(MemoryQuery { audience: Audience::Visitor, ..all() }), ["Plays the piano"]);
    assert_eq!(list(MemoryQuery { text: "living lond".to_owned(), ..all() }), ["Lives in London"]);
    assert_eq!(list(MemoryQuery { text: "tone".to_owned(), ..all() }), ["Be brief"]);
    assert_eq!(list(MemoryQuery { text: "!?".to_owned(), ..all() }), [""; 0]);
    assert_eq!(list(MemoryQuery { from: Some(how.learned_at), ..all() }), ["Be brief"]);
    assert_eq!(list(MemoryQuery { before: Some(shared.learned_at), ..all() }), ["Lives in London"]);
    let second = fixture.store.memory_list(&MemoryQuery { offset: 1, limit: 1, ..all() }).unwrap();
    assert_eq!((second.total, second.memories[0].memory.text.as_str()), (3, "Be brief"));
    assert_eq!(fixture.store.memory_list(&MemoryQuery { offset: 9, ..all() }).unwrap().total, 3);
    let stats = fixture.store.memory_stats("embedded", "2026-11").unwrap();
    assert_eq!((stats.semantic, stats.procedural, stats.messages), (2, 1, 2));
}

#[test]
fn two_people_that_are_one_share_their_memories_until_they_are_not() {
    let (fixture, said) = said();
    let [anna, sister, other] = ["Anna", "my sister", "Ben"].map(|name| fixture.person(name));
    for (person, text) in [(&anna, "Likes tea"), (&sister, "Has a cat"), (&other, "Likes rain")] {
        let memory = Memory { people: vec![person.id], ..memory(fixture.clock.as_ref(), &said, text) };
        fixture.store.memory_change(&[MemoryChange::Learned { memory }]).unwrap();
    }
    let merge = |id, into| fixture.store.memory_change(&[MemoryChange::PersonMerged { id, into }]);
    let about = |person| listed(&fixture.store, &MemoryQuery { person: Some(person), ..all() });
    merge(sister.id, Some(anna.id)).unwrap();
    assert_eq!(about(anna.id), ["Has a cat", "Likes tea"]);
    let people = fixture.store.person_list().unwrap();
    let shown: Vec<_> = people.iter().map(|row| (row.person.name.as_str(), row.memories, row.merged.len())).collect();
    assert_eq!(shown, [("Anna", 2, 1), ("Ben", 1, 0)]);
    let row = fixture.store.memory_list(&MemoryQuery { text: "cat".to_owned(), ..all() }).unwrap().memories.remove(0);
    assert_eq!((row.memory.people, row.people[0].name.as_str()), (vec![sister.id], "Anna"));
    assert!(matches!(merge(anna.id, Some(sister.id)), Err(StoreError::InvalidInput(_))), "not in a circle");
    assert!(matches!(merge(anna.id, Some(anna.id)), Err(StoreError::InvalidInput(_))));
    merge(sister.id, None).unwrap();
    assert_eq!(about(anna.id), ["Likes tea"]);
    assert_eq!(fixture.store.person_list().unwrap().len(), 3);
}

#[test]
fn a_visitor_hears_what_is_shared_and_what_they_said_themselves() {
    let (fixture, said) = said();
    let [first, second] = ["First", "Second"].map(|title| fixture.session(title, Audience::Visitor));
    let (theirs, _) = fixture.turn(&first, true, "I own a canary", "ok");
    fixture.turn(&second, true, "hello", "ok");
    let secret = fixture.learn(&said, "The canary is hidden");
    let shared = fixture.learn(&said, "The canary is yellow");
    let told = Memory {
        audience: Audience::Visitor,
        teller: Teller::Visitor,
        ..memory(fixture.clock.as_ref(), &theirs, "A visitor owns a canary")
    };
    let change = [
        MemoryChange::Shared { id: shared.id, audience: Audience::Visitor },
        MemoryChange::Learned { memory: told.clone() },
        MemoryChange::Pinned { id: secret.id, pinned: true },
        MemoryChange::Pinned { id: told.id, pinned: true },
    ];
    fixture.store.memory_change(&change).unwrap();
    let terms = ["canary".to_owned()];
    let heard = |audience, session| {
        let hearing = Hearing { audience, session, ..Hearing::default() };
        let found = fixture.store.memory_search(&terms, &hearing, 9).unwrap();
        let found: Vec<_> = found.into_iter().map(|hit| hit.memory).collect();
        let mut by_id = fixture.store.memory_heard(&[secret.id, shared.id, told.id], &hearing).unwrap();
        let mut ids: Vec<_> = found.iter().map(|memory| memory.id).collect();
        ids.sort();
        by_id.sort_by_key(|memory| memory.id);
        assert_eq!(by_id.iter().map(|memory| memory.id).collect::<Vec<_>>(), ids);
        (ids, fixture.store.memory_pinned(&hearing).unwrap().len())
    };
    assert_eq!(heard(Audience::Owner, None), (vec![secret.id, shared.id, told.id], 2));
    assert_eq!(heard(Audience::Visitor, Some(first.id)), (vec![shared.id, told.id], 1));
    assert_eq!(heard(Audience::Visitor, Some(second.id)), (vec![shared.id], 0));
    assert_eq!(heard(Audience::Visitor, None), (vec![shared.id], 0));
}

#[test]
fn recall_takes_what_holds_or_what_held_then() {
    let (fixture, said) = said();
    let london = fixture.learn(&said, "Lives in London");
    let then = fixture.clock.now();
    let paris = replace(&fixture, &london, "Lives in Paris", superseded);
    let recalled = |hearing: Hearing| {
        let hits = fixture.store.memory_search(&["living".to_owned()], &hearing, 9).unwrap();
        hits.into_iter().map(|hit| hit.memory.id).collect::<Vec<_>>()
    };
    assert_eq!(recalled(Hearing::default()), [paris.id]);
    assert_eq!(recalled(Hearing { as_of: Some(then), ..Hearing::default() }), [london.id]);
    assert_eq!(recalled(Hearing { ended: true, ..Hearing::default() }).len(), 2);
    assert!(fixture.store.memory_search(&["!".to_owned()], &Hearing::default(), 9).unwrap().is_empty());
}

#[test]
fn a_notice_tells_what_was_learned_from_a_message_and_what_it_ended() {
    let (fixture, said) = said();
    let old = fixture.learn(&said, "Lives in London");
    let session = fixture.store.session_get(said.session_id).unwrap();
    let (later, _) = fixture.turn(&session, false, "I moved to Paris, forget my cat", "ok");
    let cat = fixture.learn(&said, "Has a cat");
    let paris = memory(fixture.clock.as_ref(), &later, "Lives in Paris");
    let at = paris.learned_at;
    let changes = [
        MemoryChange::Learned { memory: paris.clone() },
        MemoryChange::Ended { id: old.id, ending: superseded(paris.id), at, said_in: Some(later.id) },
        MemoryChange::Ended { id: cat.id, ending: Ending::Retracted, at, said_in: Some(later.id) },
    ];
    fixture.store.memory_change(&changes).unwrap();
    let notices = fixture.store.memory_notices(said.session_id).unwrap();
    let ids = |memories: &[Memory]| memories.iter().map(|memory| memory.id).collect::<Vec<_>>();
    let told: Vec<_> =
        notices.iter().map(|notice| (notice.message_id, ids(&notice.learned), ids(&notice.ended))).collect();
    assert_eq!(told, [(said.id, vec![old.id, cat.id], vec![]), (later.id, vec![paris.id], vec![old.id, cat.id])]);
    fixture.store.memory_change(&[MemoryChange::Undone { id: paris.id, undone: true }]).unwrap();
    let notices = fixture.store.memory_notices(said.session_id).unwrap();
    assert_eq!((ids(&notices[1].learned), ids(&notices[1].ended)), (vec![], vec![cat.id]));
}

#[test]
fn a_further_source_is_added_once_and_one_that_is_gone_is_empty() {
    let (fixture, said) = said();
    let memory = fixture.learn(&said, "Lives in London");
    let session = fixture.store.session_get(said.session_id).unwrap();
    let (later, _) = fixture.turn(&session, false, "In London,\n  as I said", "ok");
    let source = Evidence::Message { session_id: session.id, message_id: later.id };
    for _ in 0..2 {
        fixture.store.memory_change(&[MemoryChange::Confirmed { id: memory.id, source: source.clone() }]).unwrap();
    }
    let views = fixture.store.memory_get(memory.id).unwrap().sources;
    assert_eq!(views.len(), 2);
    assert_eq!((views[1].title.as_str(), views[1].excerpt.as_str()), ("Moving", "In London, as I said"));
    assert_eq!(views[1].at, Some(later.created_at));
    fixture.store.branch_delete(session.id, later.id, true).unwrap();
    let gone = fixture.store.memory_get(memory.id).unwrap().sources.remove(1);
    assert_eq!((gone.title.as_str(), gone.excerpt.as_str(), gone.at), ("", "", None));
}

#[test]
fn answers_that_were_given_a_memory_are_counted() {
    let (fixture, said) = said();
    let memory = fixture.learn(&said, "Lives in London");
    let session = fixture.store.session_get(said.session_id).unwrap();
    let question = fixture.user(session.id, session.head, "Where do I live?");
    let draft = fixture.draft(&question);
    let turn = TurnBegin { session: None, user_message: Some(question), blobs: Vec::new(), reply: draft.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    let answer = crate::support::finished(&draft, "In London.");
    let mut report = report(&answer);
    report.passages.push(Passage {
        source: Source::Memory {
            id: memory.id,
            memory: memory.kind,
            teller: memory.teller,
            audience: memory.audience,
            at: memory.learned_at,
        },
        ..report.passages[0].clone()
    });
    fixture.store.reply_finish(&answer, Some(&report)).unwrap();
    let detail = fixture.store.memory_get(memory.id).unwrap();
    assert_eq!((detail.used, detail.used_at), (1, Some(answer.created_at)));
}

#[test]
fn changes_are_made_all_or_none_and_only_to_what_is_there() {
    let (fixture, said) = said();
    let new = memory(fixture.clock.as_ref(), &said, "Lives in London");
    let nowhere = MemoryId::new(fixture.clock.now());
    let refused = [MemoryChange::Learned { memory: new.clone() }, MemoryChange::Pinned { id: nowhere, pinned: true }];
    assert!(matches!(fixture.store.memory_change(&refused), Err(StoreError::NotFound("memory"))));
    assert!(listed(&fixture.store, &all()).is_empty());
    let homeless = MemoryChange::Learned { memory: Memory { sources: Vec::new(), ..new.clone() } };
    assert!(matches!(fixture.store.memory_change(&[homeless]), Err(StoreError::InvalidInput(_))));
    // What changes nothing is no record.
    fixture.store.memory_change(&[MemoryChange::Learned { memory: new.clone() }]).unwrap();
    let records = fixture.store.info().unwrap().records;
    let idle = [
        MemoryChange::Pinned { id: new.id, pinned: false },
        MemoryChange::Undone { id: new.id, undone: false },
        MemoryChange::Restored { id: new.id },
        MemoryChange::Shared { id: new.id, audience: Audience::Owner },
        MemoryChange::Learned { memory: new },
    ];
    fixture.store.memory_change(&idle).unwrap();
    assert_eq!(fixture.store.info().unwrap().records, records);
}
