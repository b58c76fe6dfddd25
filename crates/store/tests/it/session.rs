//! Sessions.

use crate::support::{Fixture, attached, finished, model, parts};
use twin_core::chat::{Audience, Imported, Message, PathPlace, Session, TitleBy};
use twin_core::id::{MessageId, SessionId};
use twin_core::memory::ForgetScope;
use twin_core::model::ModelRef;
use twin_core::time::Timestamp;
use twin_store::{StoreError, TurnBegin};

fn titles(fixture: &Fixture) -> Vec<String> {
    fixture.store.session_list().unwrap().into_iter().map(|session| session.title).collect()
}

#[test]
fn the_session_with_the_newest_message_comes_first() {
    let fixture = Fixture::new();
    let first = fixture.session("First", Audience::Owner);
    let second = fixture.session("Second", Audience::Visitor);
    fixture.turn(&first, true, "one", "two");
    fixture.turn(&second, true, "one", "two");
    assert_eq!(titles(&fixture), ["Second", "First"]);
    let (_, answer) = fixture.turn(&first, false, "three", "four");
    assert_eq!(titles(&fixture), ["First", "Second"]);

    let fixture = fixture.reopen();
    let listed = fixture.store.session_list().unwrap();
    assert_eq!(listed[0], Session { updated_at: answer.created_at, head: Some(answer.id), ..first });
    assert_eq!(listed[1].audience, Audience::Visitor);
}

#[test]
fn a_deleted_session_is_hidden_everywhere_and_comes_back_whole() {
    let fixture = Fixture::new();
    let session = fixture.session("Gone", Audience::Owner);
    let (question, answer) = fixture.turn(&session, true, "about pelicans", "they fly");
    let (before, store) = (fixture.store.session_get(session.id).unwrap(), &fixture.store);
    let pelicans = || crate::recall::owner(&fixture.store, "pelicans");

    fixture.set_deleted(session.id, true).unwrap();
    fixture.set_deleted(session.id, true).unwrap();
    assert!(store.session_list().unwrap().is_empty());
    assert!(matches!(store.session_get(session.id), Err(StoreError::NotFound("session"))));
    assert!(matches!(store.message_list(session.id), Err(StoreError::NotFound("session"))));
    assert!(matches!(store.message_get(question.id), Err(StoreError::NotFound("message"))));
    assert!(matches!(store.message_path(answer.id), Err(StoreError::NotFound("message"))));
    assert!(matches!(store.session_rename(session.id, "x"), Err(StoreError::NotFound("session"))));
    assert!(store.context_report(answer.id).unwrap().is_none());
    assert!(pelicans().is_empty());
    assert_eq!(store.info().unwrap().sessions, 0);

    fixture.set_deleted(session.id, false).unwrap();
    assert_eq!(store.session_get(session.id).unwrap(), before);
    assert_eq!(store.message_list(session.id).unwrap(), [question, answer]);
    assert_eq!(pelicans().len(), 1);
}

#[test]
fn a_reply_that_ends_in_a_deleted_session_is_kept_for_its_restoration() {
    let fixture = Fixture::new();
    let session = fixture.session("Gone", Audience::Owner);
    let question = fixture.user(session.id, None, "one");
    let draft = fixture.draft(&question);
    let turn = TurnBegin {
        session: Some(session.clone()),
        user_message: Some(question),
        blobs: Vec::new(),
        reply: draft.clone(),
    };
    fixture.store.turn_begin(&turn).unwrap();
    fixture.set_deleted(session.id, true).unwrap();
    fixture.store.reply_finish(&finished(&draft, "two"), None).unwrap();
    assert!(fixture.store.session_list().unwrap().is_empty());
    fixture.set_deleted(session.id, false).unwrap();
    assert_eq!(fixture.store.message_get(draft.id).unwrap().content, "two");
}

#[test]
fn renaming_keeps_the_time_of_the_last_message() {
    let fixture = Fixture::new();
    let session = fixture.session("Before", Audience::Owner);
    fixture.turn(&session, true, "one", "two");
    let before = fixture.store.session_get(session.id).unwrap();
    fixture.store.session_rename(session.id, "After").unwrap();
    assert_eq!(
        fixture.store.session_get(session.id).unwrap(),
        Session { title: "After".to_owned(), title_by: TitleBy::Owner, ..before }
    );
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let fixture = Fixture::new();
    let id = SessionId::new(Timestamp::from_millis(1));
    let store = &fixture.store;
    for result in [
        store.session_rename(id, "x"),
        fixture.set_deleted(id, true),
        fixture.set_deleted(id, false),
        store.session_title_by_model(id, "x").map(|_| ()),
        store.session_set_model(id, None),
        store.session_show(id, MessageId::new(Timestamp::from_millis(1))).map(|_| ()),
        store.session_path(id, &PathPlace::End, 50).map(|_| ()),
        store.branch_delete(id, MessageId::new(Timestamp::from_millis(1)), true),
        store.session_fork(id, MessageId::new(Timestamp::from_millis(1))).map(|_| ()),
    ] {
        assert!(matches!(result, Err(StoreError::NotFound("session"))), "{result:?}");
    }
    assert_eq!(store.info().unwrap().records, 0);
}

#[test]
fn the_head_is_the_last_message_until_another_is_chosen() {
    let fixture = Fixture::new();
    let session = fixture.session("Branches", Audience::Owner);
    let (question, first) = fixture.turn(&session, true, "one", "two");
    let again = fixture.draft(&question);
    let turn = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: again.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    assert_eq!(fixture.store.session_get(session.id).unwrap().head, Some(first.id));
    fixture.store.reply_finish(&finished(&again, "other two"), None).unwrap();
    assert_eq!(fixture.store.session_get(session.id).unwrap().head, Some(again.id));

    assert_eq!(fixture.store.session_show(session.id, first.id).unwrap(), first.id);
    assert_eq!(fixture.store.session_get(session.id).unwrap().head, Some(first.id));

    let elsewhere = fixture.session("Elsewhere", Audience::Owner);
    let (foreign, _) = fixture.turn(&elsewhere, true, "one", "two");
    let refused = fixture.store.session_show(session.id, foreign.id);
    assert!(matches!(refused, Err(StoreError::NotFound("message"))));
}

#[test]
fn a_session_is_answered_by_its_own_model_until_the_settings_choose_again() {
    let fixture = Fixture::new();
    let other = ModelRef::bedrock("some.model-v1:0");
    let session = Session { model: Some(model()), ..fixture.session("Chosen", Audience::Owner) };
    fixture.turn(&session, true, "one", "two");
    let before = fixture.store.session_get(session.id).unwrap();
    assert_eq!(before.model, Some(model()));
    let records = fixture.store.info().unwrap().records;

    for _ in 0..2 {
        fixture.store.session_set_model(session.id, Some(&other)).unwrap();
    }
    assert_eq!(fixture.store.info().unwrap().records, records + 1, "what is so already gets no record");
    let fixture = fixture.reopen();
    let chosen = Session { model: Some(other), ..before.clone() };
    assert_eq!(fixture.store.session_list().unwrap(), [chosen], "and nothing else changes");
    fixture.store.session_set_model(session.id, None).unwrap();
    assert_eq!(fixture.store.session_get(session.id).unwrap(), Session { model: None, ..before });
}

fn imported(fixture: &Fixture) -> (Session, Vec<Message>) {
    let session = fixture.session("Imported", Audience::Owner);
    let mut first = fixture.user(session.id, None, "from a file");
    first.imported = Some(Imported { timestamp: Some("2024-05-01T10:00:00".to_owned()), speaker: None });
    let mut second = fixture.user(session.id, Some(first.id), "and more");
    second.imported = Some(Imported { timestamp: None, speaker: Some("Mary".to_owned()) });
    (session, vec![first, second])
}

#[test]
fn importing_twice_changes_nothing() {
    let fixture = Fixture::new();
    let (session, messages) = imported(&fixture);
    assert_eq!(fixture.store.session_import(&session, &messages).unwrap(), 2);
    let (records, before) = (fixture.store.info().unwrap().records, fixture.store.session_get(session.id).unwrap());
    assert_eq!(before.head, Some(messages[1].id));

    assert_eq!(fixture.store.session_import(&session, &messages).unwrap(), 0);
    assert_eq!(fixture.store.info().unwrap().records, records);
    assert_eq!(fixture.store.session_get(session.id).unwrap(), before);
    assert_eq!(fixture.store.message_list(session.id).unwrap(), messages);
}

#[test]
fn what_comes_by_itself_knows_what_was_forgotten_to_the_last() {
    let fixture = Fixture::new();
    let (session, messages) = imported(&fixture);
    let before = fixture.store.forgotten_ids().unwrap();
    assert_eq!(fixture.store.session_follow(&session, &messages, &before).unwrap(), Some(2));
    fixture.store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    assert_eq!(fixture.store.session_follow(&session, &messages, &before).unwrap(), None);
    let now = fixture.store.forgotten_ids().unwrap();
    assert_eq!(fixture.store.session_follow(&session, &messages, &now).unwrap(), Some(0));
    assert!(fixture.store.session_get(session.id).is_err());
}

#[test]
fn an_import_keeps_parts_and_attachments_also_without_the_files() {
    let fixture = Fixture::new();
    let session = Session { model: Some(model()), ..fixture.session("Imported", Audience::Owner) };
    let (question, blob) = attached(fixture.clock.as_ref(), fixture.user(session.id, None, "look"), b"far away");
    let draft = fixture.draft(&question);
    let answer = Message { parts: parts("A cat."), instead_of: Some(model()), ..finished(&draft, "A cat.") };
    let messages = [question, answer];
    assert_eq!(fixture.store.session_import(&session, &messages).unwrap(), 2);
    assert_eq!(fixture.store.message_list(session.id).unwrap(), messages);
    assert_eq!(fixture.store.session_get(session.id).unwrap().model, Some(model()));
    assert_eq!(fixture.store.blob_get(&blob.sha256).unwrap(), None);
}

#[test]
fn an_import_restores_a_deleted_session_and_adds_what_is_new() {
    let fixture = Fixture::new();
    let (session, messages) = imported(&fixture);
    assert_eq!(fixture.store.session_import(&session, &messages[..1]).unwrap(), 1);
    fixture.store.session_rename(session.id, "Mine").unwrap();
    fixture.set_deleted(session.id, true).unwrap();

    let session = Session { head: Some(messages[0].id), ..session };
    assert_eq!(fixture.store.session_import(&session, &messages).unwrap(), 1);
    let now = fixture.store.session_get(session.id).unwrap();
    assert_eq!((now.title.as_str(), now.head), ("Mine", Some(messages[0].id)));
    assert_eq!(fixture.store.message_list(session.id).unwrap(), messages);
}

#[test]
fn an_import_that_cannot_be_whole_leaves_nothing() {
    let fixture = Fixture::new();
    let (session, messages) = imported(&fixture);
    // The child without its parent.
    assert!(fixture.store.session_import(&session, &messages[1..]).is_err());
    let elsewhere = fixture.session("Elsewhere", Audience::Owner);
    assert!(matches!(fixture.store.session_import(&elsewhere, &messages), Err(StoreError::InvalidInput(_))));
    assert_eq!(fixture.store.info().unwrap().records, 0);
    assert!(fixture.store.session_list().unwrap().is_empty());
}
