//! What waits to be learned from.

use crate::support::{Fixture, memory, model};
use twin_core::chat::{Audience, Message};
use twin_core::memory::{MemoryChange, MemoryQuery};
use twin_store::{LearningUse, Store};

fn used(tokens: u32) -> LearningUse {
    LearningUse { month: "2026-11".to_owned(), model: model(), tokens }
}

/// Two sessions with two exchanges each, which wait in turns.
fn waiting() -> (Fixture, Vec<Message>) {
    let fixture = Fixture::new();
    let sessions = ["One", "Two"].map(|title| fixture.session(title, Audience::Owner));
    let mut answers = Vec::new();
    for begin in [true, false] {
        for session in &sessions {
            answers.push(fixture.turn(session, begin, "I live in London", "ok").1);
        }
    }
    for answer in &answers {
        assert_eq!(fixture.store.learning_wait(answer.session_id, answer.id).unwrap(), 0);
    }
    (fixture, answers)
}

fn next(store: &Store) -> Vec<twin_core::id::MessageId> {
    store.learning_next(8).unwrap().map(|batch| batch.messages).unwrap_or_default()
}

#[test]
fn a_batch_is_of_one_session_waits_through_a_restart_and_ends_with_what_was_learned() {
    let (fixture, answers) = waiting();
    let fixture = fixture.reopen();
    let first = fixture.store.learning_next(8).unwrap().unwrap();
    assert_eq!((first.session_id, &first.messages), (answers[0].session_id, &vec![answers[0].id, answers[2].id]));
    assert_eq!(fixture.store.learning_next(1).unwrap().unwrap().messages, [answers[0].id]);
    let learned = MemoryChange::Learned { memory: memory(fixture.clock.as_ref(), &answers[0], "Lives in London") };
    assert!(fixture.store.learning_done(&first.messages, std::slice::from_ref(&learned), Some(&used(70))).unwrap());
    assert_eq!(next(&fixture.store), [answers[1].id, answers[3].id]);
    // Another process was as quick: it paid, but nothing is learned twice.
    let again = MemoryChange::Learned { memory: memory(fixture.clock.as_ref(), &answers[0], "Lives in London") };
    assert!(!fixture.store.learning_done(&first.messages, &[again], Some(&used(30))).unwrap());
    let all = MemoryQuery { limit: 9, ..MemoryQuery::default() };
    assert_eq!(fixture.store.memory_list(&all).unwrap().total, 1);
    assert_eq!(fixture.store.learning_tokens("2026-11").unwrap(), 100);
    assert_eq!(fixture.store.learning_tokens("2026-12").unwrap(), 0);
    let stats = fixture.store.memory_stats("embedded", "2026-11").unwrap();
    assert_eq!((stats.waiting, stats.tokens_month), (2, 100));
}

#[test]
fn a_batch_that_fails_lets_others_go_first_and_is_given_up_after_the_third_time() {
    let (fixture, answers) = waiting();
    let failing = next(&fixture.store);
    assert_eq!(fixture.store.learning_failed(&failing, Some(&used(5))).unwrap(), 0);
    assert_eq!(next(&fixture.store), [answers[1].id, answers[3].id]);
    assert_eq!(fixture.store.learning_failed(&failing, None).unwrap(), 0);
    assert_eq!(fixture.store.learning_failed(&failing, None).unwrap(), 2);
    assert_eq!(fixture.store.learning_tokens("2026-11").unwrap(), 5);
    fixture.store.learning_done(&next(&fixture.store), &[], None).unwrap();
    assert!(next(&fixture.store).is_empty());
}

#[test]
fn what_was_deleted_is_not_learned_from_and_the_oldest_give_way() {
    let (fixture, answers) = waiting();
    fixture.set_deleted(answers[0].session_id, true).unwrap();
    fixture.store.branch_delete(answers[1].session_id, answers[3].id, true).unwrap();
    assert_eq!(next(&fixture.store), [answers[1].id]);
    let session = fixture.session("Many", Audience::Owner);
    let mut messages = vec![fixture.user(session.id, None, "first")];
    for _ in 0..500 {
        messages.push(fixture.user(session.id, None, "more"));
    }
    fixture.store.session_import(&session, &messages).unwrap();
    let dropped: u32 =
        messages.iter().map(|message| fixture.store.learning_wait(session.id, message.id).unwrap()).sum();
    assert_eq!(dropped, 5);
    assert_eq!(fixture.store.learning_next(8).unwrap().unwrap().messages[0], messages[1].id);
}
