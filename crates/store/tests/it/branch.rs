//! Deleting branches, and copying them into sessions of their own.

use crate::support::{Fixture, finished};
use twin_core::chat::{Audience, Message, PathPlace, Session, SessionChange, TitleBy};
use twin_core::time::Timestamp;
use twin_store::{StoreError, TurnBegin};

fn path(fixture: &Fixture, session: &Session) -> Vec<Message> {
    let path = fixture.store.session_path(session.id, &PathPlace::End, 1_000).unwrap();
    path.messages.into_iter().map(|(message, _)| message).collect()
}

#[test]
fn what_is_on_a_deleted_branch_is_seen_by_nobody_and_still_paid_for() {
    let fixture = Fixture::new();
    let session = fixture.session("Branches", Audience::Owner);
    let (first, kept) = fixture.turn(&session, true, "about storks", "they clatter");
    let (question, answer, _) = fixture.rich_turn(&session, false, "about pelicans", "pelicans fly");
    let ever = [0, i64::MAX].map(Timestamp::from_millis);
    let (store, pelicans) = (&fixture.store, || crate::recall::owner(&fixture.store, "pelicans"));
    let month = store.usage_between(ever[0], ever[1]).unwrap();
    let before = store.session_get(session.id).unwrap();

    for _ in 0..2 {
        store.branch_delete(session.id, question.id, true).unwrap();
    }
    assert_eq!(store.message_list(session.id).unwrap(), [first.clone(), kept.clone()]);
    assert_eq!(path(&fixture, &session), [first, kept.clone()]);
    assert_eq!(store.session_get(session.id).unwrap().head, Some(kept.id));
    for hidden in [&question, &answer] {
        assert!(matches!(store.message_get(hidden.id), Err(StoreError::NotFound("message"))));
        assert!(matches!(store.message_path(hidden.id), Err(StoreError::NotFound("message"))));
        assert!(matches!(store.session_show(session.id, hidden.id), Err(StoreError::NotFound("message"))));
        assert!(matches!(store.session_fork(session.id, hidden.id), Err(StoreError::NotFound("message"))));
        assert_eq!(store.context_report(hidden.id).unwrap(), None);
    }
    let file = question.attachments[0].id;
    assert!(matches!(store.attachment_leave_out(question.id, file, true), Err(StoreError::NotFound("message"))));
    assert!(pelicans().is_empty());
    assert!(store.message_find(&crate::find::query("pelicans")).unwrap().hits.is_empty());
    let reply = fixture.draft(&answer);
    let turn = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply };
    assert!(matches!(store.turn_begin(&turn), Err(StoreError::NotFound("message"))));
    assert_eq!(store.usage_between(ever[0], ever[1]).unwrap(), month);
    assert_eq!(store.usage_by_message(session.id).unwrap().len(), 2);

    for _ in 0..2 {
        store.branch_delete(session.id, question.id, false).unwrap();
    }
    assert_eq!(store.message_get(answer.id).unwrap(), answer);
    assert_eq!(pelicans().len(), 2);
    assert_eq!(store.session_show(session.id, question.id).unwrap(), answer.id);
    assert_eq!(store.session_get(session.id).unwrap(), before);
    let records = store.info().unwrap().records;
    store.branch_delete(session.id, question.id, false).unwrap();
    assert_eq!(store.info().unwrap().records, records, "what is so already gets no record");
}

#[test]
fn a_session_whose_only_branch_was_deleted_is_empty_and_can_be_begun_again() {
    let fixture = Fixture::new();
    let session = fixture.session("Empty", Audience::Owner);
    let (question, _) = fixture.turn(&session, true, "one", "two");
    fixture.store.branch_delete(session.id, question.id, true).unwrap();
    assert_eq!(fixture.store.session_get(session.id).unwrap().head, None);
    assert!(path(&fixture, &session).is_empty());
    let (again, answer) = fixture.turn_in(&session, None, "one again", "two again");
    assert_eq!(path(&fixture, &session), [again, answer]);
    fixture.store.branch_delete(session.id, question.id, false).unwrap();
    assert_eq!(path(&fixture, &session)[0].content, "one again");
}

#[test]
fn a_session_that_shows_nothing_shows_what_comes_back() {
    let fixture = Fixture::new();
    let session = fixture.session("Empty", Audience::Owner);
    let (question, answer) = fixture.turn(&session, true, "one", "two");
    let (other, _) = fixture.turn_in(&session, None, "beside it", "yes");
    for message in [&question, &other] {
        fixture.store.branch_delete(session.id, message.id, true).unwrap();
    }
    assert_eq!(fixture.store.session_leaf(session.id).unwrap(), None);
    let head = || fixture.store.session_get(session.id).unwrap().head;
    // What is still inside of a deleted branch cannot be shown.
    fixture.store.branch_delete(session.id, answer.id, true).unwrap();
    fixture.store.branch_delete(session.id, answer.id, false).unwrap();
    assert_eq!(head(), None);
    fixture.store.branch_delete(session.id, question.id, false).unwrap();
    assert_eq!(head(), Some(answer.id));
    fixture.store.branch_delete(session.id, other.id, false).unwrap();
    assert_eq!(head(), Some(answer.id), "what is shown stays");
}

#[test]
fn a_question_and_an_answer_in_one_place_lead_to_each_other() {
    let fixture = Fixture::new();
    let session = fixture.session("Mixed", Audience::Owner);
    let (question, answer) = fixture.turn(&session, true, "one", "two");
    let (more, last) = fixture.turn_in(&session, Some(question.id), "and more", "of this");
    let versions = |place: usize| {
        let path = fixture.store.session_path(session.id, &PathPlace::End, 10).unwrap();
        path.messages[place].1.clone()
    };
    assert_eq!(versions(1), [answer.id, more.id]);
    fixture.store.session_show(session.id, answer.id).unwrap();
    assert_eq!(versions(1), [answer.id, more.id]);
    fixture.store.branch_delete(session.id, answer.id, true).unwrap();
    assert_eq!(fixture.store.session_get(session.id).unwrap().head, Some(last.id));
}

#[test]
fn a_branch_on_which_a_reply_grows_is_not_deleted() {
    let fixture = Fixture::new();
    let session = fixture.session("Growing", Audience::Owner);
    let (question, answer) = fixture.turn(&session, true, "one", "two");
    let reply = fixture.draft(&question);
    let turn = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: reply.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    for growing in [question.id, reply.id] {
        let refused = fixture.store.branch_delete(session.id, growing, true);
        assert!(matches!(refused, Err(StoreError::ReplyGrowing)), "{refused:?}");
    }
    assert_eq!(fixture.store.message_list(session.id).unwrap().len(), 3);
    // Beside it, any may go.
    fixture.store.branch_delete(session.id, answer.id, true).unwrap();
    fixture.store.reply_finish(&finished(&reply, "another two"), None).unwrap();
    fixture.store.branch_delete(session.id, question.id, true).unwrap();
    assert!(path(&fixture, &session).is_empty());
}

#[test]
fn a_message_of_another_session_cannot_be_deleted_from_here() {
    let fixture = Fixture::new();
    let [here, there] = ["Here", "There"].map(|title| fixture.session(title, Audience::Owner));
    fixture.turn(&here, true, "one", "two");
    let (question, _) = fixture.turn(&there, true, "one", "two");
    let refused = fixture.store.branch_delete(here.id, question.id, true);
    assert!(matches!(refused, Err(StoreError::NotFound("message"))), "{refused:?}");
    fixture.set_deleted(there.id, true).unwrap();
    let refused = fixture.store.branch_delete(there.id, question.id, true);
    assert!(matches!(refused, Err(StoreError::NotFound("session"))), "{refused:?}");
}

#[test]
fn what_is_imported_into_a_deleted_branch_brings_the_branch_back() {
    let fixture = Fixture::new();
    let session = fixture.session("Imported", Audience::Owner);
    let first = fixture.user(session.id, None, "one");
    let second = fixture.user(session.id, Some(first.id), "two");
    let third = fixture.user(session.id, Some(second.id), "three");
    let store = &fixture.store;
    let short = [first.clone(), second.clone()];
    store.session_import(&session, &short).unwrap();
    let beside = fixture.user(session.id, Some(first.id), "beside it");
    store.session_import(&session, std::slice::from_ref(&beside)).unwrap();
    for message in [&beside, &second, &first] {
        store.branch_delete(session.id, message.id, true).unwrap();
    }
    assert_eq!(store.session_get(session.id).unwrap().head, None);
    let long = [first, second, third];
    let ended = Session { head: Some(long[2].id), ..session.clone() };
    assert_eq!(store.session_import(&ended, &long[2..]).unwrap(), 1);
    assert_eq!(path(&fixture, &session), long, "with all before it");
    assert_eq!(store.message_list(session.id).unwrap().len(), 3, "what nobody imported stays deleted");
    assert_eq!(store.session_get(session.id).unwrap().head, ended.head);

    // Also if nothing in it is new.
    let (fourth, _) = fixture.turn_in(&session, None, "another beginning", "another answer");
    store.branch_delete(session.id, long[1].id, true).unwrap();
    assert_ne!(path(&fixture, &session), long);
    assert_eq!(store.session_import(&session, &long).unwrap(), 2);
    assert_eq!(path(&fixture, &session), long);
    assert_eq!(store.session_import(&session, &long).unwrap(), 0);
    store.session_show(session.id, fourth.id).unwrap();

    // A head that nobody could see is refused.
    store.branch_delete(session.id, long[2].id, true).unwrap();
    let more = fixture.user(session.id, Some(long[1].id), "more");
    let refused = store.session_import(&ended, &[more]);
    assert!(matches!(refused, Err(StoreError::NotFound("message"))), "{refused:?}");
}

#[test]
fn a_fork_is_a_copy_of_one_branch_and_leaves_its_source_alone() {
    let fixture = Fixture::new();
    let session = fixture.session("Source", Audience::Visitor);
    let (question, answer, blob) = fixture.rich_turn(&session, true, "What is this?", "A cat.");
    let (_, other) = fixture.turn_in(&session, Some(question.id), "beside it", "not copied");
    fixture.turn_in(&session, Some(answer.id), "after it", "not copied either");
    let store = &fixture.store;
    store.session_set_model(session.id, Some(&crate::support::model())).unwrap();
    store.session_rename(session.id, "Cats").unwrap();
    for change in [
        SessionChange::Tagged { tag: "cat".to_owned(), tagged: true },
        SessionChange::Pinned { pinned: true },
        SessionChange::Archived { archived: true },
    ] {
        store.session_change(&[session.id], &change).unwrap();
    }
    let (source, messages) = (store.session_get(session.id).unwrap(), store.message_list(session.id).unwrap());
    let ever = [0, i64::MAX].map(Timestamp::from_millis);
    let spent = store.usage_between(ever[0], ever[1]).unwrap();

    let fork = store.session_fork(session.id, answer.id).unwrap();
    assert_eq!(store.session_get(session.id).unwrap(), source);
    assert_eq!(store.message_list(session.id).unwrap(), messages);
    assert_eq!(store.session_list().unwrap(), [fork.clone(), source.clone()]);
    let expected = Session {
        id: fork.id,
        created_at: fork.created_at,
        updated_at: fork.created_at,
        head: fork.head,
        pinned: false,
        archived: false,
        forked_from: Some(answer.id),
        ..source
    };
    assert_eq!((&fork, fork.title_by), (&expected, TitleBy::Owner));

    let copies = store.message_list(fork.id).unwrap();
    assert_eq!(copies.len(), 2);
    assert_eq!(fork.head, Some(copies[1].id));
    for (copy, original) in copies.iter().zip([&question, &answer]) {
        assert_ne!(copy.id, original.id);
        let attachments = copy.attachments.iter().zip(&original.attachments);
        let attachments = attachments.map(|(copy, original)| {
            assert_ne!(copy.id, original.id);
            twin_core::chat::Attachment { id: original.id, ..copy.clone() }
        });
        let alike = Message {
            id: original.id,
            session_id: original.session_id,
            parent_id: original.parent_id,
            usage: original.usage,
            attachments: attachments.collect(),
            ..copy.clone()
        };
        assert_eq!(&alike, original);
        assert_eq!(store.context_report(copy.id).unwrap(), store.context_report(original.id).unwrap());
    }
    assert_eq!(copies[1].parent_id, Some(copies[0].id));
    assert!(store.context_report(copies[1].id).unwrap().is_some());
    assert_eq!(store.blob_get(&copies[0].attachments[0].sha256).unwrap(), Some(blob.bytes));
    assert_eq!(store.usage_between(ever[0], ever[1]).unwrap(), spent, "an answer is paid for once");

    // What happens to one does not touch the other.
    store.attachment_leave_out(copies[0].id, copies[0].attachments[0].id, true).unwrap();
    store.branch_delete(session.id, question.id, true).unwrap();
    assert_eq!(store.message_list(fork.id).unwrap().len(), 2);
    assert!(matches!(store.message_get(other.id), Err(StoreError::NotFound("message"))));
    store.branch_delete(session.id, question.id, false).unwrap();
    assert!(!store.message_get(question.id).unwrap().attachments[0].left_out);
}

#[test]
fn only_what_is_whole_and_in_the_session_is_forked() {
    let fixture = Fixture::new();
    let [here, there] = ["Here", "There"].map(|title| fixture.session(title, Audience::Owner));
    let (question, _) = fixture.turn(&here, true, "one", "two");
    let (foreign, _) = fixture.turn(&there, true, "one", "two");
    let reply = fixture.draft(&question);
    let turn = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: reply.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    for message in [foreign.id, reply.id] {
        let refused = fixture.store.session_fork(here.id, message);
        assert!(matches!(refused, Err(StoreError::NotFound("message"))), "{refused:?}");
    }
    assert_eq!(fixture.store.session_list().unwrap().len(), 2);
}
