//! The schema, and databases of every released version.

use crate::support::{Fixture, PROJECTIONS, StepClock, dump, memory, model, new_session, parts};
use std::path::{Path, PathBuf};
use twin_core::chat::{Audience, PathPlace, Session, SessionChange, TitleBy};
use twin_core::export::{ExportMade, ExportWhat};
use twin_core::memory::{Ending, ForgetScope, Memory, MemoryChange, MemoryQuery};
use twin_core::model::{Feature, Lessons, ModelRef};
use twin_core::port::Clock as _;
use twin_core::settings::Scope;
use twin_store::{Hearing, NewVector, PersonaSource, Store, Subject, newest_version};

#[test]
fn the_schema_is_as_reviewed() {
    let fixture = Fixture::new();
    let raw = fixture.raw();
    let mut statement = raw
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '%\\_fts\\_%' ESCAPE '\\'")
        .unwrap();
    let schema: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    insta::assert_snapshot!(schema.join(";\n\n"));
}

fn fixture_path(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/v{version:04}.db"))
}

/// `TWIN_STORE_WRITE_FIXTURE=1 cargo test -p twin-store a_fixture` writes the fixture of the newest version, once, before
/// that version is released. It is never written again: it stands for what is on people's disks.
#[test]
fn a_fixture_of_the_newest_version_is_there() {
    let path = fixture_path(newest_version());
    if std::env::var_os("TWIN_STORE_WRITE_FIXTURE").is_some() {
        let Fixture { home, store, .. } = sample();
        drop(store);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::copy(home.path().join("twin.db"), &path).unwrap();
    }
    assert!(path.is_file(), "write it as the comment on this test says");
}

/// One of everything.
fn sample() -> Fixture {
    let fixture = Fixture::new();
    let session = fixture.session("Hello Fred", Audience::Owner);
    fixture.turn(&session, true, "Hi! My name is Fred and I love Python", "Hello Fred.");
    let (again, answered) = fixture.turn(&session, false, "What do I love?", "Python.");
    fixture.store.session_rename(session.id, "Fred").unwrap();
    fixture.store.session_show(session.id, again.id).unwrap();
    let visited = fixture.session("Visit", Audience::Visitor);
    let (picture, ..) = fixture.rich_turn(&visited, true, "Who are you?", "The twin of Ada.");
    fixture.store.attachment_leave_out(picture.id, picture.attachments[0].id, true).unwrap();
    fixture.store.session_set_model(visited.id, Some(&model())).unwrap();
    fixture.store.lessons_put(&model(), &Lessons::default().without(Feature::Cache)).unwrap();
    let deleted = new_session(fixture.clock.as_ref(), "Deleted", Audience::Owner);
    let (forgotten, _) = fixture.turn(&deleted, true, "forget", "this");
    fixture.store.branch_delete(deleted.id, forgotten.id, true).unwrap();
    fixture.set_deleted(deleted.id, true).unwrap();
    fixture.store.session_title_by_model(visited.id, "Visit").unwrap();
    fixture.store.session_change(&[visited.id], &SessionChange::Pinned { pinned: true }).unwrap();
    fixture.store.session_change(&[visited.id], &SessionChange::Archived { archived: true }).unwrap();
    let tag = SessionChange::Tagged { tag: "work".to_owned(), tagged: true };
    fixture.store.session_change(&[visited.id], &tag).unwrap();
    let home = fixture.learn(&again, "Lives in London");
    let secret = fixture.learn(&again, "Has a secret");
    fixture.store.memory_change(&[MemoryChange::Pinned { id: home.id, pinned: true }]).unwrap();
    let anna = fixture.person("Anna");
    let cat = Memory { people: vec![anna.id], ..memory(fixture.clock.as_ref(), &again, "Anna has a cat") };
    let ended = MemoryChange::Ended { id: home.id, ending: Ending::Retracted, at: fixture.clock.now(), said_in: None };
    let learned = MemoryChange::Learned { memory: cat };
    fixture.store.memory_change(&[learned, ended]).unwrap();
    fixture.store.forget(&ForgetScope::Memory { id: secret.id, history: true }).unwrap();
    fixture.store.learning_wait(session.id, answered.id).unwrap();
    let vector = NewVector { subject: Subject::Message(again.id), bits: vec![1], vector: vec![2] };
    fixture.store.vector_put("embedded", vec![vector]).unwrap();
    fixture.store.paragraph_vectors_set([("I row.".to_owned(), vec![3])].into()).unwrap();
    // The root is there on every machine, and only what is still there is listed.
    let (path, what) = ("/".to_owned(), ExportWhat::Sessions);
    let made = ExportMade { path, at: fixture.clock.now(), what, sessions: vec![session.id] };
    fixture.store.export_remember(&made).unwrap();
    fixture.store.sync_begin(b"a keyring".to_vec(), Vec::new()).unwrap();
    let file = PersonaSource { path: "facts.md".to_owned(), bytes: b"I row.".to_vec(), sample: false };
    fixture.store.persona_exchange(vec![file], true).unwrap();
    fixture.store.setting_put("theme", Some(&"dark".into()), Scope::Synced).unwrap();
    fixture.store.setting_put("persona_folder", Some(&"elsewhere".into()), Scope::Device).unwrap();
    fixture
}

#[test]
fn a_database_of_every_released_version_opens_with_all_that_is_in_it() {
    for version in 1..=newest_version() {
        let home = tempfile::tempdir().unwrap();
        fs_err::copy(fixture_path(version), home.path().join("twin.db")).unwrap();
        let store = Store::open(home.path(), StepClock::new()).unwrap();
        let sessions = store.session_list().unwrap();
        let titles: Vec<_> = sessions.iter().map(|session| session.title.as_str()).collect();
        assert_eq!(titles, ["Visit", "Fred"], "version {version}");
        assert_eq!(sessions[1].title_by, TitleBy::Owner);
        // Until version 3 a head could be chosen that others follow.
        let total = if version < 3 { 3 } else { 4 };
        let path = store.session_path(sessions[1].id, &PathPlace::End, 2).unwrap();
        assert_eq!((path.total, path.start, path.messages.len()), (total, total - 2, 2), "version {version}");
        assert_eq!(store.message_find(&crate::find::query("loving")).unwrap().hits.len(), 2);
        let hits = crate::recall::owner(&store, "love");
        assert_eq!(hits.len(), 2);
        let path = store.message_path(hits[0].id).unwrap();
        assert_eq!(path[0].content, "Hi! My name is Fred and I love Python");
        let settings = store.setting_all().unwrap();
        assert_eq!((&settings["theme"], &settings["persona_folder"]), (&"dark".into(), &"elsewhere".into()));
        assert_eq!(store.info().unwrap().messages, 8);
        let answered = store.message_list(hits[0].session_id).unwrap().remove(1);
        assert!(store.context_report(answered.id).unwrap().is_some());
        let copy = home.path().join(format!("twin.db.before-{:04}", version + 1));
        assert_eq!(copy.exists(), version < newest_version(), "it was copied before it was changed");
        if version >= 2 {
            has_models_and_attachments(&store);
        }
        if version >= 3 {
            has_filing(&sessions[0]);
        }
        if version >= 4 {
            has_memories(&store);
        }
        if version >= 5 {
            assert_eq!(store.export_list().unwrap()[0].sessions, [sessions[1].id]);
        }
        if version >= 6 {
            assert_eq!(store.sync_standing().unwrap().unwrap().keyring, b"a keyring");
            assert_eq!(store.persona_exchange(Vec::new(), false).unwrap(), []);
            assert_eq!(store.sync_files_unsent(9).unwrap().len(), if version >= 2 { 2 } else { 1 });
        }
        if version >= 9 {
            assert_eq!(store.paragraph_vectors(&["I row.".to_owned()].into()).unwrap().vectors["I row."], [3]);
        }

        let raw = rusqlite::Connection::open(home.path().join("twin.db")).unwrap();
        let before = dump(&raw, &PROJECTIONS);
        store.rebuild_projections().unwrap();
        assert_eq!(dump(&raw, &PROJECTIONS), before, "version {version}");
    }
}

/// What version 4 brought.
fn has_memories(store: &Store) {
    let all = MemoryQuery { ended: true, limit: 9, ..MemoryQuery::default() };
    let rows = store.memory_list(&all).unwrap().memories;
    let texts: Vec<_> = rows.iter().map(|row| (row.memory.text.as_str(), row.memory.ended_at.is_some())).collect();
    assert_eq!(texts, [("Lives in London", true), ("Anna has a cat", false)]);
    assert_eq!(rows[1].people[0].name, "Anna");
    assert_eq!(store.memory_search(&["cats".to_owned()], &Hearing::default(), 9).unwrap().len(), 1);
    assert_eq!(store.receipts().unwrap()[0].reach.memories, 1);
    let stats = store.memory_stats("embedded", "2026-11").unwrap();
    assert_eq!((stats.semantic, stats.people, stats.embedded, stats.waiting), (1, 1, 1, 1));
}

/// What version 3 brought.
fn has_filing(visit: &Session) {
    assert_eq!((visit.title_by, visit.pinned, visit.archived), (TitleBy::Model, true, true));
    assert_eq!(visit.tags, ["work"]);
}

/// What version 2 brought.
fn has_models_and_attachments(store: &Store) {
    let visit = store.session_list().unwrap().remove(0);
    assert_eq!(visit.model, Some(model()));
    let messages = store.message_list(visit.id).unwrap();
    let attachment = &messages[0].attachments[0];
    assert!(attachment.left_out);
    assert_eq!(store.blob_get(&attachment.sha256).unwrap().unwrap(), b"a small picture");
    assert_eq!(messages[1].parts, parts("The twin of Ada."));
    assert_eq!(messages[1].instead_of, Some(ModelRef::bedrock("some.model-v1:0")));
    let lessons = store.lessons_all().unwrap();
    assert!(!lessons[&model().to_string()].allows(Feature::Cache));
}
