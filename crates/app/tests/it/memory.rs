//! What is remembered, as the owner looks after it.

use crate::testkit::{Home, asking, say, scripted, send, whole};
use twin_app::App;
use twin_core::chat::Audience;
use twin_core::error::Code;
use twin_core::event::Event;
use twin_core::id::{MemoryId, PersonId};
use twin_core::memory::{Ending, Evidence, ForgetScope, MemoryChange, MemoryKind, MemoryQuery, Person, Teller};
use twin_core::time::Timestamp;

fn all() -> MemoryQuery {
    MemoryQuery { limit: 50, ..MemoryQuery::default() }
}

async fn add(app: &App, text: &str) -> MemoryId {
    app.memory_add(MemoryKind::Semantic, text, Audience::Owner).await.unwrap().id
}

async fn texts(app: &App, query: MemoryQuery) -> Vec<String> {
    app.memory_list(query).await.unwrap().memories.into_iter().map(|row| row.memory.text).collect()
}

#[tokio::test]
async fn what_the_owner_writes_is_remembered_as_theirs_and_told() {
    let home = Home::new();
    let app = home.open();
    let mut notices = app.notices();
    let memory = app.memory_add(MemoryKind::Procedural, "  Be brief ", Audience::Visitor).await.unwrap();
    assert_eq!((memory.text.as_str(), memory.teller, memory.audience), ("Be brief", Teller::Owner, Audience::Visitor));
    assert_eq!(memory.sources, [Evidence::Typed { at: memory.learned_at }]);
    assert_eq!(notices.recv().await.unwrap().event, Event::MemoryChanged);
    drop(app);
    assert_eq!(home.open().memory_get(memory.id).await.unwrap().memory, memory);
}

#[tokio::test]
async fn a_memory_is_one_line_that_is_not_too_long() {
    let home = Home::new();
    let app = home.open();
    let long = "x".repeat(301);
    for text in ["", "  ", "two\nlines", "a\u{7}bell", &long] {
        let error = app.memory_add(MemoryKind::Semantic, text, Audience::Owner).await.unwrap_err();
        assert_eq!(error.code, Code::InvalidInput, "{text:?}");
    }
    let id = add(&app, &"ä".repeat(300)).await;
    assert!(app.memory_correct(id, "", true).await.is_err());
    assert_eq!(app.memory_list(all()).await.unwrap().total, 1);
}

#[tokio::test]
async fn what_has_changed_was_true_and_what_was_wrong_was_not() {
    let home = Home::new();
    let app = home.open();
    let london = add(&app, "Lives in London").await;
    let paris = app.memory_correct(london, "Lives in Paris", false).await.unwrap();
    assert_eq!(paris.valid_from, Some(paris.learned_at));
    let old = app.memory_get(london).await.unwrap().memory;
    assert_eq!((old.ending, old.valid_until), (Some(Ending::Superseded { by: paris.id }), paris.valid_from));
    let rome = app.memory_correct(paris.id, "Lives in Rome", true).await.unwrap();
    assert_eq!(rome.valid_from, paris.valid_from);
    assert_eq!(app.memory_get(paris.id).await.unwrap().memory.ending, Some(Ending::Corrected { by: rome.id }));
    assert_eq!(texts(&app, all()).await, ["Lives in Rome"]);
    assert_eq!(app.memory_get(rome.id).await.unwrap().history.len(), 3);
    let again = app.memory_correct(london, "Lives in Oslo", true).await.unwrap_err();
    assert_eq!(again.code, Code::InvalidInput, "it does not hold any more");
    let then = MemoryQuery { as_of: Some(old.learned_at), ..all() };
    assert_eq!(texts(&app, then).await, ["Lives in London"]);
}

#[tokio::test]
async fn what_was_taken_back_undone_or_pinned_by_mistake_comes_back() {
    let home = Home::new();
    let app = home.open();
    let [first, second] = [add(&app, "First").await, add(&app, "Second").await];
    app.memory_pin(first, true).await.unwrap();
    assert_eq!(texts(&app, all()).await, ["First", "Second"]);
    app.memory_pin(first, false).await.unwrap();
    app.memory_retract(first, true).await.unwrap();
    assert_eq!(texts(&app, all()).await, ["Second"]);
    assert!(app.memory_retract(first, true).await.is_err());
    app.memory_retract(first, false).await.unwrap();
    app.memory_undo(second, true).await.unwrap();
    assert_eq!(texts(&app, all()).await, ["First"]);
    app.memory_undo(second, false).await.unwrap();
    app.memory_share(second, Audience::Visitor).await.unwrap();
    assert_eq!(texts(&app, MemoryQuery { audience: Audience::Visitor, ..all() }).await, ["Second"]);
    assert_eq!(app.memory_stats().await.unwrap().semantic, 2);
}

#[tokio::test]
async fn of_memories_that_say_the_same_one_stays_with_all_sources() {
    let home = Home::new();
    let app = home.open();
    let [keep, same, wrong] =
        [add(&app, "Lives in London").await, add(&app, "At home in London").await, add(&app, "Lives in Rome").await];
    app.memory_settle(keep, vec![same], true).await.unwrap();
    app.memory_settle(keep, vec![wrong], false).await.unwrap();
    assert_eq!(texts(&app, all()).await, ["Lives in London"]);
    assert_eq!(app.memory_get(keep).await.unwrap().sources.len(), 2);
    assert_eq!(app.memory_get(same).await.unwrap().memory.ending, Some(Ending::Merged { into: keep }));
    assert_eq!(app.memory_get(wrong).await.unwrap().memory.ending, Some(Ending::Corrected { by: keep }));
    assert!(app.memory_settle(keep, vec![keep], true).await.is_err());
}

#[tokio::test]
async fn a_person_has_a_name_and_each_other_name_once() {
    let home = Home::new();
    let app = home.open();
    let person = Person {
        id: PersonId::new(Timestamp::from_millis(0)),
        name: " Anna ".to_owned(),
        aliases: ["my sister", "Anna", "", "my sister "].map(str::to_owned).to_vec(),
        relation: "sister".to_owned(),
        merged_into: None,
        learned_at: Timestamp::from_millis(0),
    };
    app.person_change(person.clone()).await.unwrap();
    let known = app.person_list().await.unwrap().remove(0).person;
    assert_eq!((known.name.as_str(), known.aliases), ("Anna", vec!["my sister".to_owned()]));
    assert!(app.person_change(Person { name: " ".to_owned(), ..person.clone() }).await.is_err());
    assert!(app.person_change(Person { relation: "x".repeat(101), ..person.clone() }).await.is_err());
    assert!(app.person_merge(person.id, Some(person.id)).await.is_err());
}

#[tokio::test]
async fn a_forgotten_conversation_is_gone_from_lists_answers_and_files() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("I see"));
    let turn = send(&app, asking("My greyhound is called Eustace"), scripted()).await.unwrap();
    let mut notices = app.notices();
    let scope = ForgetScope::Session { id: turn.session };
    let plan = app.forget_plan(scope.clone()).await.unwrap();
    let receipt = app.forget(scope).await.unwrap();
    assert_eq!((receipt.reach, plan.messages), (plan, 2));
    // The end of the turn is told about now.
    while notices.recv().await.unwrap().event != Event::Forgotten {}
    assert_eq!(app.forget_receipts().await.unwrap(), [receipt]);
    assert!(app.session_list(None).await.unwrap().is_empty());
    let asked = say(&app, None, "What is my greyhound called?", None).await;
    assert!(!asked.reply.unwrap().content.contains("Eustace"));
    let backwards = ForgetScope::Span { from: Timestamp::from_millis(2), before: Timestamp::from_millis(1) };
    assert_eq!(app.forget(backwards).await.unwrap_err().code, Code::InvalidInput);
}

#[tokio::test]
async fn a_line_of_a_persona_file_is_shown_as_it_is_now() {
    let home = Home::new();
    let app = home.open();
    assert_eq!(app.persona_view().files.iter().filter(|file| file.path == "style.md").count(), 1);
    let style = fs_err::read_to_string(app.paths().persona().join("style.md")).unwrap();
    let store = twin_store::Store::open(home.path(), home.clock.clone()).unwrap();
    let mut memory = app.memory_add(MemoryKind::Semantic, "From a file", Audience::Owner).await.unwrap();
    memory.id = MemoryId::new(Timestamp::from_millis(1));
    memory.sources = vec![Evidence::File { path: "style.md".to_owned(), line: 1 }];
    store.memory_change(&[MemoryChange::Learned { memory: memory.clone() }]).unwrap();
    let shown = app.memory_get(memory.id).await.unwrap();
    assert_eq!(shown.sources[0].excerpt, style.lines().next().unwrap().trim());
    assert_eq!(shown.history[0].sources, shown.sources);
}
