//! Files beside messages.

use crate::support::{Fixture, attached};
use rstest::rstest;
use twin_core::chat::{Attachment, Audience, Message};
use twin_core::id::AttachmentId;
use twin_core::time::Timestamp;
use twin_store::{Blob, StoreError, TurnBegin};

fn blobs(fixture: &Fixture) -> i64 {
    fixture.raw().query_row("SELECT count(*) FROM blob", [], |row| row.get(0)).unwrap()
}

/// A turn that begins a session with a message and its file.
fn turn_with_file(fixture: &Fixture, bytes: &[u8]) -> TurnBegin {
    let session = fixture.session("Files", Audience::Owner);
    let (question, blob) = attached(fixture.clock.as_ref(), fixture.user(session.id, None, "What is this?"), bytes);
    let reply = fixture.draft(&question);
    TurnBegin { session: Some(session), user_message: Some(question), blobs: vec![blob], reply }
}

#[test]
fn a_file_is_there_with_its_message_and_after_a_restart() {
    let fixture = Fixture::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let turn = turn_with_file(&fixture, &bytes);
    fixture.store.turn_begin(&turn).unwrap();
    let (question, hash) = (turn.user_message.unwrap(), &turn.blobs[0].sha256);
    assert_eq!(fixture.open_again().blob_get(hash).unwrap().as_deref(), Some(bytes.as_slice()));
    let fixture = fixture.reopen();
    assert_eq!(fixture.store.blob_get(hash).unwrap(), Some(bytes));
    assert_eq!(fixture.store.message_get(question.id).unwrap(), question);
    assert_eq!(fixture.store.blob_get("none of that name").unwrap(), None);
}

#[test]
fn a_file_that_is_here_already_is_kept_once_and_need_not_be_given_again() {
    let fixture = Fixture::new();
    let [first, second, mut third] = [(); 3].map(|()| turn_with_file(&fixture, b"the same"));
    third.blobs.clear();
    for turn in [&first, &second, &third] {
        fixture.store.turn_begin(turn).unwrap();
    }
    assert_eq!(blobs(&fixture), 1);
}

/// Each case spoils a good turn.
#[rstest]
#[case::no_file(|turn: &mut TurnBegin| turn.blobs.clear())]
#[case::another_file(|turn: &mut TurnBegin| turn.blobs = vec![Blob::new(b"another".to_vec())])]
#[case::one_file_too_many(|turn: &mut TurnBegin| turn.blobs.push(Blob::new(b"another".to_vec())))]
#[case::bytes_that_are_not_of_the_hash(|turn: &mut TurnBegin| turn.blobs[0].bytes.push(0))]
#[case::a_file_without_a_message(|turn: &mut TurnBegin| turn.user_message = None)]
#[case::a_reply_that_cannot_be(|turn: &mut TurnBegin| turn.reply.id = turn.reply.parent_id)]
fn a_message_and_its_files_are_kept_together_or_not_at_all(#[case] spoil: fn(&mut TurnBegin)) {
    let fixture = Fixture::new();
    let good = turn_with_file(&fixture, b"a picture");
    let mut spoilt = good.clone();
    spoil(&mut spoilt);
    let refused = fixture.store.turn_begin(&spoilt);
    assert!(matches!(refused, Err(StoreError::InvalidInput(_))), "{refused:?}");
    assert_eq!((fixture.store.info().unwrap().records, blobs(&fixture)), (0, 0));
    fixture.store.turn_begin(&good).unwrap();
    assert_eq!(blobs(&fixture), 1);
}

#[test]
fn a_file_that_was_taken_out_stays_beside_its_message_and_can_be_put_back() {
    let fixture = Fixture::new();
    let session = fixture.session("Files", Audience::Owner);
    let (question, answer, blob) = fixture.rich_turn(&session, true, "What is this?", "A cat.");
    let id = question.attachments[0].id;
    let records = fixture.store.info().unwrap().records;

    for _ in 0..2 {
        fixture.store.attachment_leave_out(question.id, id, true).unwrap();
    }
    assert_eq!(fixture.store.info().unwrap().records, records + 1, "what is so already gets no record");
    let attachments = vec![Attachment { left_out: true, ..question.attachments[0].clone() }];
    let without = Message { attachments, ..question.clone() };
    let fixture = fixture.reopen();
    assert_eq!(fixture.store.message_list(session.id).unwrap(), [without, answer]);
    assert!(fixture.store.blob_get(&blob.sha256).unwrap().is_some());

    fixture.store.attachment_leave_out(question.id, id, false).unwrap();
    assert_eq!(fixture.store.message_get(question.id).unwrap(), question);
}

#[test]
fn a_file_that_is_not_there_cannot_be_taken_out() {
    let fixture = Fixture::new();
    let session = fixture.session("Files", Audience::Owner);
    let (question, answer, _) = fixture.rich_turn(&session, true, "What is this?", "A cat.");
    let [id, unknown] = [question.attachments[0].id, AttachmentId::new(Timestamp::from_millis(1))];
    for (message, attachment) in [(question.id, unknown), (answer.id, id)] {
        let refused = fixture.store.attachment_leave_out(message, attachment, true);
        assert!(matches!(refused, Err(StoreError::NotFound("attachment"))), "{refused:?}");
    }
    fixture.set_deleted(session.id, true).unwrap();
    let refused = fixture.store.attachment_leave_out(question.id, id, true);
    assert!(matches!(refused, Err(StoreError::NotFound("message"))), "{refused:?}");
}
