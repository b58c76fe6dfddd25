//! Messages and growing replies.

use crate::support::{Fixture, finished, parts, report};
use rstest::rstest;
use twin_core::chat::{Audience, Message, MessageStatus};
use twin_core::error::{Code, Failure};
use twin_store::{StoreError, TurnBegin};

#[test]
fn the_question_is_there_before_the_reply_and_the_reply_grows_in_sight() {
    let fixture = Fixture::new();
    let session = fixture.session("Turn", Audience::Owner);
    let question = fixture.user(session.id, None, "Who are you?");
    let draft = fixture.draft(&question);
    let turn = TurnBegin {
        session: Some(session.clone()),
        user_message: Some(question.clone()),
        blobs: Vec::new(),
        reply: draft.clone(),
    };
    fixture.store.turn_begin(&turn).unwrap();
    let growing =
        Message { status: MessageStatus::Streaming, content: String::new(), usage: None, ..finished(&draft, "") };
    assert_eq!(fixture.store.message_list(session.id).unwrap(), [question.clone(), growing.clone()]);
    assert_eq!(fixture.store.session_get(session.id).unwrap().head, Some(question.id));

    fixture.store.reply_grow(draft.id, "I", &[]).unwrap();
    fixture.store.reply_grow(draft.id, "I am", &parts("I am")).unwrap();
    let growing = Message { content: "I am".to_owned(), parts: parts("I am"), ..growing };
    assert_eq!(fixture.open_again().message_get(draft.id).unwrap(), growing);
    assert_eq!(fixture.store.message_path(draft.id).unwrap(), [question.clone(), growing]);

    let answer = Message { parts: parts("I am your twin."), ..finished(&draft, "I am your twin.") };
    let report = report(&answer);
    fixture.store.reply_finish(&answer, Some(&report)).unwrap();
    let fixture = fixture.reopen();
    assert_eq!(fixture.store.message_list(session.id).unwrap(), [question, answer.clone()]);
    assert_eq!(fixture.store.context_report(answer.id).unwrap(), Some(report));
}

#[test]
fn every_field_of_a_message_comes_back() {
    let fixture = Fixture::new();
    let session = fixture.session("Turn", Audience::Owner);
    let question = fixture.user(session.id, None, "nul \0 and \u{1F980} and \"quotes\"\n");
    let draft = fixture.draft(&question);
    let turn = TurnBegin {
        session: Some(session),
        user_message: Some(question.clone()),
        blobs: Vec::new(),
        reply: draft.clone(),
    };
    fixture.store.turn_begin(&turn).unwrap();
    let failure = Failure::passing(Code::StreamInterrupted, "the answer broke off", "Try again.");
    let answer =
        Message { status: MessageStatus::Interrupted, failure: Some(failure), ..finished(&draft, "half an ans") };
    fixture.store.reply_finish(&answer, None).unwrap();
    assert_eq!(fixture.store.message_get(question.id).unwrap(), question);
    assert_eq!(fixture.store.message_get(answer.id).unwrap(), answer);
    assert_eq!(fixture.store.context_report(answer.id).unwrap(), None);
}

#[test]
fn what_a_reply_is_made_of_and_who_was_asked_first_come_back() {
    let fixture = Fixture::new();
    let session = fixture.session("Turn", Audience::Owner);
    let (question, answer, _) = fixture.rich_turn(&session, true, "What is this?", "A cat.");
    let fixture = fixture.reopen();
    assert_eq!(fixture.store.message_path(answer.id).unwrap(), [question.clone(), answer.clone()]);
    let hits = crate::recall::owner(&fixture.store, "cat");
    assert_eq!((hits[0].id, hits[0].session_title.as_str()), (answer.id, "Turn"));
    assert!(crate::recall::owner(&fixture.store, "hm").is_empty(), "thoughts are not recalled");
}

#[test]
fn answering_again_keeps_both_answers() {
    let fixture = Fixture::new();
    let session = fixture.session("Tree", Audience::Owner);
    let (question, first) = fixture.turn(&session, true, "one", "two");
    let draft = fixture.draft(&question);
    fixture
        .store
        .turn_begin(&TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: draft.clone() })
        .unwrap();
    let second = finished(&draft, "another two");
    fixture.store.reply_finish(&second, None).unwrap();

    assert_eq!(fixture.store.message_list(session.id).unwrap(), [question.clone(), first.clone(), second.clone()]);
    assert_eq!(fixture.store.message_path(first.id).unwrap(), [question.clone(), first]);
    assert_eq!(fixture.store.message_path(second.id).unwrap(), [question, second]);
}

#[test]
fn a_discarded_reply_leaves_the_question() {
    let fixture = Fixture::new();
    let session = fixture.session("Turn", Audience::Owner);
    let question = fixture.user(session.id, None, "one");
    let draft = fixture.draft(&question);
    let turn = TurnBegin {
        session: Some(session.clone()),
        user_message: Some(question.clone()),
        blobs: Vec::new(),
        reply: draft.clone(),
    };
    fixture.store.turn_begin(&turn).unwrap();
    fixture.store.reply_discard(draft.id).unwrap();
    assert_eq!(fixture.reopen().store.message_list(session.id).unwrap(), [question]);
}

#[test]
fn what_does_not_grow_cannot_be_grown_finished_or_discarded() {
    let fixture = Fixture::new();
    let session = fixture.session("Turn", Audience::Owner);
    let (_, answer) = fixture.turn(&session, true, "one", "two");
    for result in [
        fixture.store.reply_grow(answer.id, "x", &[]),
        fixture.store.reply_finish(&answer, None),
        fixture.store.reply_discard(answer.id),
    ] {
        assert!(matches!(result, Err(StoreError::NotFound("growing reply"))), "{result:?}");
    }
    assert_eq!(fixture.store.message_get(answer.id).unwrap(), answer);
}

/// Each case spoils a good turn.
#[rstest]
#[case::no_such_session(|turn: &mut TurnBegin| turn.session = None)]
#[case::no_such_parent(|turn: &mut TurnBegin| turn.user_message = None)]
#[case::reply_in_another_session(|turn: &mut TurnBegin| turn.reply.session_id = twin_core::id::SessionId::from_uuid(uuid::Uuid::nil()))]
#[case::question_of_unknown_parent(|turn: &mut TurnBegin| turn.user_message.as_mut().unwrap().parent_id = Some(turn.reply.id))]
#[case::question_that_grows(|turn: &mut TurnBegin| turn.user_message.as_mut().unwrap().status = MessageStatus::Streaming)]
#[case::reply_with_the_questions_id(|turn: &mut TurnBegin| turn.reply.id = turn.reply.parent_id)]
fn a_turn_that_cannot_be_whole_leaves_nothing(#[case] spoil: fn(&mut TurnBegin)) {
    let fixture = Fixture::new();
    let session = fixture.session("Turn", Audience::Owner);
    let question = fixture.user(session.id, None, "one");
    let reply = fixture.draft(&question);
    let good = TurnBegin { session: Some(session), user_message: Some(question), blobs: Vec::new(), reply };
    let mut spoilt = good.clone();
    spoil(&mut spoilt);
    assert!(fixture.store.turn_begin(&spoilt).is_err());
    assert_eq!(fixture.store.info().unwrap().records, 0);
    fixture.store.turn_begin(&good).unwrap();
    assert!(matches!(fixture.store.turn_begin(&good), Err(StoreError::InvalidInput(_))), "not twice");
}

#[test]
fn a_reply_is_finished_only_where_it_was_begun() {
    let fixture = Fixture::new();
    let session = fixture.session("Turn", Audience::Owner);
    let (earlier, _) = fixture.turn(&session, true, "one", "two");
    let question = fixture.user(session.id, Some(earlier.id), "three");
    let draft = fixture.draft(&question);
    let turn = TurnBegin { session: None, user_message: Some(question), blobs: Vec::new(), reply: draft.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    let moved = Message { parent_id: Some(earlier.id), ..finished(&draft, "four") };
    assert!(matches!(fixture.store.reply_finish(&moved, None), Err(StoreError::InvalidInput(_))));
    let growing = Message { status: MessageStatus::Streaming, ..finished(&draft, "four") };
    assert!(matches!(fixture.store.reply_finish(&growing, None), Err(StoreError::InvalidInput(_))));
    assert_eq!(fixture.store.message_get(draft.id).unwrap().status, MessageStatus::Streaming, "still there");
}

#[test]
fn a_long_conversation_is_listed_without_a_look_at_the_others() {
    let fixture = Fixture::new();
    let plans = |sql: &str| -> String {
        let raw = fixture.raw();
        let mut plan = raw.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines = plan.query_map([], |row| row.get::<_, String>(3)).unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    let list = plans("SELECT * FROM message_or_draft m WHERE m.session_id = x'00' ORDER BY m.draft, m.number");
    assert!(list.contains("USING INDEX message_by_session"), "{list}");
    assert!(!list.contains("SCAN message"), "{list}");
    let get = plans("SELECT * FROM message_or_draft m WHERE m.id = x'00'");
    assert!(!get.contains("SCAN message"), "{get}");
    let sessions = plans("SELECT * FROM session WHERE deleted = 0 ORDER BY updated_at DESC");
    assert!(!sessions.contains("message"), "{sessions}");
}
