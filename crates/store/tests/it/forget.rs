//! Forgetting.

use crate::support::{Fixture, attached, dump, files, finished, memory, report};
use fs_err as fs;
use rstest::rstest;
use rusqlite::Connection;
use twin_core::chat::{Audience, Message, PathPlace, Session};
use twin_core::export::{ExportMade, ExportWhat};
use twin_core::memory::{Evidence, ForgetReach, ForgetScope, Memory, MemoryChange, MemoryKind, MemoryQuery};
use twin_core::report::{Claim, ContextReport, Ground, Passage, Source};
use twin_core::time::Timestamp;
use twin_store::{NewVector, Store, StoreError, Subject, TurnBegin};

pub(crate) const CANARY: &str = "zzcanaryzz";

/// Where the canary stands in the files of the home, as it was written and as the index of words has it.
pub(crate) fn holding(fixture: &Fixture) -> Vec<String> {
    let mut found = Vec::new();
    for (name, bytes) in files(fixture.home.path()) {
        if has(&bytes) {
            found.push(name);
        }
    }
    found
}

/// Half of it would give it away as well.
fn has(bytes: &[u8]) -> bool {
    bytes.to_ascii_lowercase().windows(6).any(|window| window == &CANARY.as_bytes()[2..8])
}

/// Everything that stays the same, in every table, whoever folds it.
fn logical(connection: &Connection) -> String {
    let tables = [
        "session",
        "message",
        "context_report",
        "setting",
        "memory",
        "memory_source",
        "memory_person",
        "memory_contradiction",
        "memory_use",
        "person",
        "blob",
        "embedding",
        "embedding_vector",
        "learning",
    ];
    dump(connection, &tables)
}

/// A turn that is answered with a report on what it was given.
fn told(
    fixture: &Fixture,
    session: &Session,
    begin: bool,
    question: Message,
    answer: &str,
    given: Option<&Memory>,
) -> Message {
    let draft = fixture.draft(&question);
    let (question, blob) = attached(fixture.clock.as_ref(), question, format!("a file on {answer}").as_bytes());
    let turn = TurnBegin {
        session: begin.then(|| session.clone()),
        user_message: Some(question),
        blobs: vec![blob],
        reply: draft.clone(),
    };
    fixture.store.turn_begin(&turn).unwrap();
    fixture.store.reply_grow(draft.id, answer, &[]).unwrap();
    let answer = finished(&draft, answer);
    let mut report = report(&answer);
    if let Some(memory) = given {
        report.system_prompt = format!("You know: {}", memory.text);
        report.passages[0] = Passage {
            text: memory.text.clone(),
            source: Source::Memory {
                id: memory.id,
                memory: memory.kind,
                teller: memory.teller,
                audience: memory.audience,
                at: memory.learned_at,
            },
            ..report.passages[0].clone()
        };
    }
    fixture.store.reply_finish(&answer, Some(&report)).unwrap();
    answer
}

fn learn(fixture: &Fixture, memory: &Memory) {
    fixture.store.memory_change(&[MemoryChange::Learned { memory: memory.clone() }]).unwrap();
    let vector = NewVector { subject: Subject::Memory(memory.id), bits: vec![7; 48], vector: vec![7; 388] };
    fixture.store.vector_put("embedded", vec![vector]).unwrap();
}

/// A home with a session that stays, and the same home with a session on the canary besides.
struct Planted {
    fixture: Fixture,
    kept: Session,
    said: Message,
    session: Session,
}

/// What stays, before the canary.
fn plain(fixture: &Fixture) -> Session {
    let kept = fixture.session("Weather", Audience::Owner);
    let question = fixture.user(kept.id, None, "I like rain and London");
    let answer = told(fixture, &kept, true, question, "Rain, then.", None);
    learn(fixture, &memory(fixture.clock.as_ref(), &answer, "Likes rain"));
    fixture.store.learning_wait(kept.id, answer.id).unwrap();
    kept
}

/// The canary in a title, a message, a file, a memory, a summary, a person, a report, and beside what has vectors.
fn planted() -> Planted {
    let fixture = Fixture::new();
    let kept = plain(&fixture);
    let session = fixture.session(&format!("About {CANARY}"), Audience::Owner);
    let said = fixture.user(session.id, None, &format!("My cat is called {CANARY} {}", "and so on ".repeat(900)));
    let answer = told(&fixture, &session, true, said.clone(), &format!("Hello {CANARY}"), None);
    let fact = memory(fixture.clock.as_ref(), &said, &format!("Has a cat called {CANARY}"));
    let cat = fixture.person(&format!("{CANARY} the cat"));
    learn(&fixture, &Memory { people: vec![cat.id], ..fact.clone() });
    let summary = Memory {
        kind: MemoryKind::Episodic,
        sources: vec![Evidence::Session { session_id: session.id, through: answer.id }],
        ..memory(fixture.clock.as_ref(), &said, &format!("Talked about {CANARY}"))
    };
    learn(&fixture, &summary);
    let vector = NewVector { subject: Subject::Message(said.id), bits: vec![9; 48], vector: vec![9; 388] };
    fixture.store.vector_put("embedded", vec![vector]).unwrap();
    fixture.store.learning_wait(session.id, answer.id).unwrap();
    // Another conversation was given the memory, and its answer says nothing of it.
    let head = fixture.store.session_get(kept.id).unwrap().head;
    let question = fixture.user(kept.id, head, "What pets are there?");
    told(&fixture, &kept, false, question, "One.", Some(&fact));
    fs::write(fixture.home.path().join("twin.db.before-0003"), format!("an old copy with {CANARY}")).unwrap();
    Planted { fixture, kept, said, session }
}

#[test]
fn of_what_is_forgotten_no_byte_is_left_in_the_home_and_the_rest_is_as_it_was() {
    let Planted { fixture, kept, session, .. } = planted();
    assert!(holding(&fixture).len() >= 2, "planted in the database and in a copy: {:?}", holding(&fixture));
    let scope = ForgetScope::Session { id: session.id };
    let plan = fixture.store.forget_plan(&scope).unwrap();
    assert!(holding(&fixture).len() >= 2, "a plan changes nothing");
    let expected = ForgetReach {
        sessions: 1,
        messages: 2,
        memories: 1,
        summaries: 1,
        people: 1,
        vectors: 3,
        reports: 2,
        files: 1,
        backups: 1,
        records: plan.records,
        exports: 0,
        copies: 0,
        quotes: 0,
    };
    assert_eq!(plan, expected);
    let receipt = fixture.store.forget(&scope).unwrap();
    assert_eq!((receipt.reach, receipt.scope.as_str()), (plan, "session"));
    assert_eq!(fixture.store.receipts().unwrap(), [receipt]);
    assert_eq!(holding(&fixture), [""; 0], "while the store is open");

    // What was learned without it: a home in which the canary never was.
    let path = fixture.store.session_path(kept.id, &PathPlace::End, 9).unwrap();
    assert_eq!(path.messages.len(), 4);
    let fixture = fixture.reopen();
    assert_eq!(holding(&fixture), [""; 0]);
    let before = logical(&fixture.raw());
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(logical(&fixture.raw()), before);
}

#[test]
fn what_has_nothing_to_do_with_it_stays_byte_for_byte() {
    let fixture = Fixture::new();
    plain(&fixture);
    let before = logical(&fixture.raw());
    let session = fixture.session(&format!("About {CANARY}"), Audience::Owner);
    let question = fixture.user(session.id, None, &format!("My cat is called {CANARY}"));
    let answer = told(&fixture, &session, true, question.clone(), "Hello", None);
    learn(&fixture, &memory(fixture.clock.as_ref(), &answer, &format!("Has a cat called {CANARY}")));
    assert_ne!(logical(&fixture.raw()), before);
    fixture.store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    assert_eq!(logical(&fixture.raw()), before);
}

#[rstest]
#[case::session(|planted: &Planted| ForgetScope::Session { id: planted.session.id })]
#[case::message(|planted: &Planted| ForgetScope::Message { id: planted.said.id })]
#[case::span(|planted: &Planted| ForgetScope::Span {
    from: planted.session.created_at,
    before: Timestamp::from_millis(i64::MAX),
})]
fn however_it_is_forgotten_it_is_gone(#[case] scope: fn(&Planted) -> ForgetScope) {
    let planted = planted();
    planted.fixture.store.forget(&scope(&planted)).unwrap();
    assert_eq!(holding(&planted.fixture), [""; 0]);
    assert!(planted.fixture.store.message_find(&crate::find::query(CANARY)).unwrap().hits.is_empty());
    assert_eq!(planted.fixture.store.message_find(&crate::find::query("rain")).unwrap().hits.len(), 2);
}

#[test]
fn a_memory_goes_with_its_last_source_and_not_before() {
    let fixture = Fixture::new();
    let session = fixture.session("Moving", Audience::Owner);
    let (first, _) = fixture.turn(&session, true, "I live in London", "ok");
    let (second, _) = fixture.turn(&session, false, "London, as I said", "ok");
    let memory = fixture.learn(&first, "Lives in London");
    let source = Evidence::Message { session_id: session.id, message_id: second.id };
    fixture.store.memory_change(&[MemoryChange::Confirmed { id: memory.id, source: source.clone() }]).unwrap();
    let other = fixture.session("Other", Audience::Owner);
    fixture.turn(&other, true, "hello", "ok");

    let from = first.created_at;
    let first = ForgetScope::Span { from, before: Timestamp::from_millis(from.as_millis() + 1) };
    assert_eq!(fixture.store.forget(&first).unwrap().reach.memories, 0);
    let kept = fixture.store.memory_get(memory.id).unwrap().memory;
    assert_eq!(kept, Memory { sources: vec![source], ..memory });
    let reach = fixture.store.forget(&ForgetScope::Message { id: second.id }).unwrap().reach;
    assert_eq!((reach.memories, reach.messages), (1, 2));
    assert!(matches!(fixture.store.memory_get(kept.id), Err(StoreError::NotFound(_))));
}

#[test]
fn one_memory_goes_alone_or_with_what_it_came_from_and_its_messages_stay() {
    let plant = || {
        let fixture = Fixture::new();
        let session = fixture.session("Moving", Audience::Owner);
        let (said, _) = fixture.turn(&session, true, "I live somewhere", "ok");
        let old = fixture.learn(&said, &format!("Lives at {CANARY}"));
        let new = memory(fixture.clock.as_ref(), &said, "Lives in Paris");
        let ending = twin_core::memory::Ending::Superseded { by: new.id };
        let ended = MemoryChange::Ended { id: old.id, ending, at: new.learned_at, said_in: None };
        fixture.store.memory_change(&[MemoryChange::Learned { memory: new.clone() }, ended]).unwrap();
        (fixture, old, new)
    };
    let all = MemoryQuery { ended: true, limit: 9, ..MemoryQuery::default() };
    let (fixture, old, new) = plant();
    fixture.store.forget(&ForgetScope::Memory { id: new.id, history: false }).unwrap();
    let left = fixture.store.memory_list(&all).unwrap().memories;
    assert_eq!((left.len(), left[0].memory.id), (1, old.id));
    assert!(left[0].memory.ended_at.is_some(), "what it replaced does not come back");

    let (fixture, _, new) = plant();
    let reach = fixture.store.forget(&ForgetScope::Memory { id: new.id, history: true }).unwrap().reach;
    assert_eq!((reach.memories, reach.messages), (2, 0));
    assert_eq!(fixture.store.memory_list(&all).unwrap().total, 0);
    assert_eq!(holding(&fixture), [""; 0]);
    assert_eq!(fixture.store.info().unwrap().messages, 2);
}

#[test]
fn an_answers_report_goes_with_what_a_claim_of_it_rests_on() {
    let fixture = Fixture::new();
    let session = fixture.session("Moving", Audience::Owner);
    let (said, _) = fixture.turn(&session, true, &format!("I live at {CANARY}"), "ok");
    let other = fixture.session("Later", Audience::Owner);
    let question = fixture.user(other.id, None, "Where do I live?");
    let draft = fixture.draft(&question);
    let (session, user_message) = (Some(other.clone()), Some(question.clone()));
    let turn = TurnBegin { session, user_message, blobs: Vec::new(), reply: draft.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    let answer = finished(&draft, "Where you said.");
    let source = Source::Message {
        session_id: said.session_id,
        message_id: said.id,
        session_title: "Moving".to_owned(),
        role: said.role,
        audience: Audience::Owner,
        at: said.created_at,
    };
    let grounds = vec![Ground { text: said.content.clone(), source }];
    let claims = vec![Claim { start: 0, end: 15, grounds }];
    fixture.store.reply_finish(&answer, Some(&ContextReport { claims, ..report(&answer) })).unwrap();
    fixture.store.forget(&ForgetScope::Message { id: said.id }).unwrap();
    assert_eq!(fixture.store.context_report(answer.id).unwrap(), None);
    assert_eq!(holding(&fixture), [""; 0]);
}

#[test]
fn a_person_goes_with_all_names_and_memories() {
    let fixture = Fixture::new();
    let session = fixture.session("People", Audience::Owner);
    let (said, _) = fixture.turn(&session, true, "I know some people", "ok");
    let [anna, alias, ben] = [CANARY, "my zzcanary friend", "Ben"].map(|name| fixture.person(name));
    fixture.store.memory_change(&[MemoryChange::PersonMerged { id: alias.id, into: Some(anna.id) }]).unwrap();
    for (person, text) in [(&anna, "zzcanaryzz likes tea"), (&alias, "zzcanaryzz has a dog"), (&ben, "Ben sings")] {
        learn(&fixture, &Memory { people: vec![person.id], ..memory(fixture.clock.as_ref(), &said, text) });
    }
    let reach = fixture.store.forget(&ForgetScope::Person { id: anna.id }).unwrap().reach;
    assert_eq!((reach.people, reach.memories, reach.messages), (2, 2, 0));
    assert_eq!(holding(&fixture), [""; 0]);
    let people = fixture.store.person_list().unwrap();
    assert_eq!(people.iter().map(|row| (row.person.name.as_str(), row.memories)).collect::<Vec<_>>(), [("Ben", 1)]);
}

#[test]
fn what_a_file_taught_goes_and_its_name_with_it() {
    let fixture = Fixture::new();
    let session = fixture.session("File", Audience::Owner);
    let (said, _) = fixture.turn(&session, true, "hello", "ok");
    let path = format!("private/{CANARY}.md");
    let from_file = Evidence::File { path: path.clone(), line: 3 };
    let alone = Memory { sources: vec![from_file.clone()], ..memory(fixture.clock.as_ref(), &said, "Sings") };
    let both = memory(fixture.clock.as_ref(), &said, "Likes rain");
    learn(&fixture, &alone);
    learn(&fixture, &both);
    fixture.store.memory_change(&[MemoryChange::Confirmed { id: both.id, source: from_file }]).unwrap();
    let reach = fixture.store.forget(&ForgetScope::File { path }).unwrap().reach;
    assert_eq!((reach.memories, reach.messages, reach.sessions), (1, 0, 0));
    assert_eq!(fixture.store.memory_get(both.id).unwrap().memory, both);
    assert_eq!(holding(&fixture), [""; 0]);
}

#[test]
fn a_conversation_from_which_something_is_cut_goes_on_without_it() {
    let fixture = Fixture::new();
    let session = fixture.session("zzcanaryzz", Audience::Owner);
    let (first, _) = fixture.turn(&session, true, "zzcanaryzz", "one");
    let (second, hidden) = fixture.turn(&session, false, "hidden question", "hidden answer");
    fixture.store.branch_delete(session.id, second.id, true).unwrap();
    let (_, last) = fixture.turn(&session, false, "later", "and last");
    let span = |from: Timestamp, before| ForgetScope::Span { from, before };
    fixture.store.forget(&span(first.created_at, second.created_at)).unwrap();
    assert_eq!(holding(&fixture), [""; 0], "the title was made of it");
    let path = fixture.store.session_path(session.id, &PathPlace::End, 9).unwrap();
    assert_eq!((path.leaf, path.total, path.start), (Some(last.id), 2, 0));
    assert!(fixture.store.message_get(hidden.id).is_err(), "what was deleted stays out of sight");
    // What is shown goes: what came before it is shown.
    let again = fixture.store.session_get(session.id).unwrap();
    let (third, _) = fixture.turn(&again, false, "third", "third answer");
    fixture.store.forget(&ForgetScope::Message { id: third.id }).unwrap();
    assert_eq!(fixture.store.session_get(session.id).unwrap().head, Some(last.id));
    let before = logical(&fixture.raw());
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(logical(&fixture.raw()), before);
}

#[test]
fn a_title_that_the_owner_gave_and_what_others_hold_too_stay() {
    let fixture = Fixture::new();
    let session = fixture.session("Opening", Audience::Owner);
    let question = fixture.user(session.id, None, "first");
    told(&fixture, &session, true, question, "same", None);
    let head = fixture.store.session_get(session.id).unwrap().head;
    let second = fixture.user(session.id, head, "second");
    let id = second.id;
    told(&fixture, &session, false, second, "same", None);
    fixture.store.session_rename(session.id, "Mine").unwrap();
    assert_eq!(fixture.store.forget(&ForgetScope::Message { id }).unwrap().reach.files, 0, "the first has it, too");
    let first = fixture.store.message_list(session.id).unwrap().remove(0);
    let blob = fixture.store.blob_get(&first.attachments[0].sha256).unwrap();
    assert!(blob.is_some());
    assert_eq!(fixture.store.session_get(session.id).unwrap().title, "Mine");
}

#[test]
fn nothing_is_forgotten_while_a_reply_grows_in_it_or_where_nothing_is() {
    let fixture = Fixture::new();
    let session = fixture.session("Growing", Audience::Owner);
    let question = fixture.user(session.id, None, "hello");
    let reply = fixture.draft(&question);
    let turn = TurnBegin { session: Some(session.clone()), user_message: Some(question), blobs: Vec::new(), reply };
    fixture.store.turn_begin(&turn).unwrap();
    let scope = ForgetScope::Session { id: session.id };
    assert!(matches!(fixture.store.forget(&scope), Err(StoreError::ReplyGrowing)));
    let never = ForgetScope::Span { from: Timestamp::from_millis(0), before: Timestamp::from_millis(1) };
    assert_eq!(fixture.store.forget_plan(&never).unwrap().records, 0);
    assert!(matches!(fixture.store.forget(&never), Err(StoreError::NotFound(_))));
    let unread = ForgetScope::File { path: "unread.md".to_owned() };
    assert!(matches!(fixture.store.forget(&unread), Err(StoreError::NotFound(_))));
    assert!(fixture.store.receipts().unwrap().is_empty());
}

#[test]
fn traces_that_another_process_holds_go_at_the_next_start() {
    let Planted { fixture, session, .. } = planted();
    let reader = fixture.raw();
    reader.execute_batch("BEGIN; SELECT count(*) FROM message;").unwrap();
    let scope = ForgetScope::Session { id: session.id };
    assert!(matches!(fixture.store.forget(&scope), Err(StoreError::Traces)));
    assert_eq!(fixture.store.receipts().unwrap().len(), 1, "it is forgotten all the same");
    assert!(!holding(&fixture).is_empty());
    drop(reader);
    let Fixture { home, clock, store } = fixture;
    // As after a kill: nothing is cleared up on the way out.
    std::mem::forget(store);
    let store = Store::open(home.path(), clock.clone()).unwrap();
    assert_eq!(holding(&Fixture { home, clock, store }), [""; 0]);
}

#[test]
fn what_a_page_had_stored_and_taken_out_again_goes_with_it_while_the_web_view_has_it_open() {
    let fixture = Fixture::new();
    let session = fixture.session("A chat", Audience::Owner);
    let (question, _) = fixture.turn(&session, true, "I live in Bath", "I see.");
    let folder = fixture.home.path().join("window/localstorage");
    fs::create_dir_all(&folder).unwrap();
    let page = Connection::open(folder.join("tauri_localhost_0.localstorage")).unwrap();
    page.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB);
         INSERT INTO ItemTable VALUES ('draft', '{CANARY}'); DELETE FROM ItemTable;
         INSERT INTO ItemTable VALUES ('theme', 'dark');"
    ))
    .unwrap();
    let holding =
        || files(&folder).into_iter().filter(|(_, bytes)| has(bytes)).map(|(name, _)| name).collect::<Vec<_>>();
    assert_ne!(holding(), Vec::<String>::new());
    fixture.store.forget(&ForgetScope::Message { id: question.id }).unwrap();
    assert_eq!(holding(), Vec::<String>::new());
    let kept: String = page.query_row("SELECT value FROM ItemTable", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "dark");
}

#[test]
fn a_damaged_file_of_the_web_view_keeps_nobody_out_of_the_home() {
    let Planted { fixture, session, .. } = planted();
    let folder = fixture.home.path().join("window/localstorage");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("tauri_localhost_0.localstorage"), "no database ".repeat(100)).unwrap();
    let scope = ForgetScope::Session { id: session.id };
    assert!(matches!(fixture.store.forget(&scope), Err(StoreError::Traces)));
    let fixture = fixture.reopen();
    assert_eq!(fixture.store.receipts().unwrap().len(), 1);
}

#[test]
fn a_plan_counts_the_exported_files_that_are_still_there() {
    let fixture = Fixture::new();
    let [session, other] = ["One", "Other"].map(|title| fixture.session(title, Audience::Owner));
    fixture.turn(&session, true, "one", "two");
    fixture.turn(&other, true, "three", "four");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    for (name, what, sessions) in [
        ("all.twin", ExportWhat::Archive, vec![]),
        ("one.md", ExportWhat::Sessions, vec![session.id]),
        ("other.md", ExportWhat::Sessions, vec![other.id]),
        ("gone.md", ExportWhat::Sessions, vec![session.id]),
    ] {
        if name != "gone.md" {
            fs_err::write(file(name), b"1").unwrap();
        }
        let at = Timestamp::from_millis(1_000);
        fixture.store.export_remember(&ExportMade { path: file(name), at, what, sessions }).unwrap();
    }
    let scope = ForgetScope::Session { id: session.id };
    assert_eq!(fixture.store.forget_plan(&scope).unwrap().exports, 2);
    assert_eq!(fixture.store.forget(&scope).unwrap().reach.exports, 2);
    let paths: Vec<_> = fixture.store.export_list().unwrap().into_iter().map(|made| made.path).collect();
    assert_eq!(paths, [file("all.twin"), file("one.md"), file("other.md")]);
}
