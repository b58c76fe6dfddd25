//! What answers used.

use crate::support::{Fixture, finished, model};
use twin_core::chat::{Audience, Message, Session};
use twin_core::model::{ModelRef, Usage};
use twin_core::time::Timestamp;
use twin_store::{StoreError, TurnBegin};

/// November 2026 in UTC: its first millisecond, and the first after it.
const MONTH: [i64; 2] = [1_793_491_200_000, 1_796_083_200_000];

fn usage(input: u32, output: u32) -> Usage {
    Usage { input, output, cache_read: 1, cache_write: 2 }
}

/// An answer to `question`, from `model`, that used `usage`.
fn answered(fixture: &Fixture, question: &Message, model: &ModelRef, usage: Option<Usage>) -> Message {
    let reply = fixture.draft(question);
    let answer = Message { model: Some(model.clone()), usage, ..finished(&reply, "answer") };
    let turn = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply };
    fixture.store.turn_begin(&turn).unwrap();
    fixture.store.reply_finish(&answer, None).unwrap();
    answer
}

/// A session with one question in it.
fn asked(fixture: &Fixture, title: &str) -> (Session, Message) {
    let session = fixture.session(title, Audience::Owner);
    let question = fixture.user(session.id, None, "one");
    fixture.store.session_import(&session, std::slice::from_ref(&question)).unwrap();
    (session, question)
}

#[test]
fn every_branch_of_a_session_was_paid_for() {
    let fixture = Fixture::new();
    let (session, question) = asked(&fixture, "Branches");
    let (_, elsewhere) = asked(&fixture, "Elsewhere");
    let other = ModelRef::bedrock("some.model-v1:0");
    let first = answered(&fixture, &question, &model(), Some(usage(10, 1)));
    let second = answered(&fixture, &question, &other, Some(usage(20, 2)));
    answered(&fixture, &question, &ModelRef::offline(), None);
    answered(&fixture, &elsewhere, &model(), Some(usage(40, 4)));

    let counted = [(first.id, model(), usage(10, 1)), (second.id, other, usage(20, 2))];
    assert_eq!(fixture.store.usage_by_message(session.id).unwrap(), counted);
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(fixture.store.usage_by_message(session.id).unwrap(), counted);
    fixture.set_deleted(session.id, true).unwrap();
    assert!(matches!(fixture.store.usage_by_message(session.id), Err(StoreError::NotFound("session"))));
}

#[test]
fn a_month_is_summed_by_model_with_what_was_deleted_since() {
    let fixture = Fixture::new();
    let (kept, gone) = (asked(&fixture, "Kept").1, asked(&fixture, "Gone"));
    assert_eq!(fixture.store.usage_first().unwrap(), None);
    let other = ModelRef::bedrock("some.model-v1:0");
    let [start, end] = MONTH;
    let answer = |millis: i64, question: &Message, model: &ModelRef, usage: Option<Usage>| {
        fixture.clock.set(millis);
        assert_eq!(answered(&fixture, question, model, usage).created_at.as_millis(), millis);
    };
    // The first and the last moment of the month, and the two that are just outside.
    answer(start, &kept, &model(), Some(usage(10, 1)));
    answer(start - 1, &kept, &model(), Some(usage(1_000, 0)));
    answer(end - 1, &gone.1, &model(), Some(usage(20, 2)));
    answer(end, &kept, &other, Some(usage(1_000, 0)));
    answer(start + 1, &gone.1, &other, Some(usage(40, 4)));
    answer(start + 2, &kept, &other, None);
    fixture.set_deleted(gone.0.id, true).unwrap();

    let total = Usage { input: 30, output: 3, cache_read: 2, cache_write: 4 };
    let [from, to] = [start, end].map(Timestamp::from_millis);
    let month = [(other.clone(), usage(40, 4), 1), (model(), total, 2)];
    assert_eq!(fixture.store.usage_between(from, to).unwrap(), month);
    assert_eq!(fixture.store.usage_between(to, from).unwrap(), []);
    assert_eq!(fixture.store.usage_first().unwrap(), Some(Timestamp::from_millis(start - 1)));
}

#[test]
fn a_sum_that_does_not_fit_stays_at_its_limit() {
    let fixture = Fixture::new();
    let (_, question) = asked(&fixture, "Much");
    for _ in 0..2 {
        answered(&fixture, &question, &model(), Some(usage(u32::MAX - 1, 3)));
    }
    let ever = [0, i64::MAX].map(Timestamp::from_millis);
    let total = Usage { input: u32::MAX, output: 6, cache_read: 2, cache_write: 4 };
    assert_eq!(fixture.store.usage_between(ever[0], ever[1]).unwrap(), [(model(), total, 2)]);
}
