//! Killed while it writes.

use crate::child::Other;
use crate::support::StepClock;
use rstest::rstest;
use twin_core::chat::MessageStatus;
use twin_store::Store;

/// The kill comes after so many acknowledged writes, at whatever the process does just then.
#[rstest]
fn a_killed_process_loses_nothing_that_it_acknowledged(#[values(1, 2, 3, 10, 57, 130)] writes: usize) {
    let home = tempfile::tempdir().unwrap();
    let mut other = Other::start("turns until killed", home.path());
    let mut acknowledged: Vec<String> = (0..writes).map(|_| other.next_word().unwrap()).collect();
    other.kill();
    // Whatever it said between our last look and its end counts as well.
    acknowledged.extend(std::iter::from_fn(|| other.next_word()));

    let store = Store::open(home.path(), StepClock::new()).unwrap();
    for id in &acknowledged {
        let message = store.message_get(id.parse().unwrap()).unwrap();
        assert_eq!(message.status, MessageStatus::Complete);
    }
    // What was asked last and not answered has an interrupted reply; nothing grows on.
    let session = store.session_list().unwrap().remove(0);
    let messages = store.message_list(session.id).unwrap();
    assert!(messages.iter().all(|message| message.status != MessageStatus::Streaming));
    assert_eq!(messages.len() % 2, 0, "every question has its reply, whole or cut off");
    // A file for each question, and none without.
    let files: Vec<_> = messages.iter().flat_map(|message| &message.attachments).collect();
    assert_eq!(files.len(), messages.len() / 2);
    for file in &files {
        assert!(store.blob_get(&file.sha256).unwrap().is_some());
    }
    let raw = rusqlite::Connection::open(home.path().join("twin.db")).unwrap();
    let blobs: i64 = raw.query_row("SELECT count(*) FROM blob", [], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(blobs).unwrap(), files.len());
    assert_eq!(session.head, messages.last().map(|message| message.id));
}
