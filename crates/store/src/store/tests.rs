use super::*;
use crate::{Blob, ReplyDraft, TurnBegin};
use twin_core::chat::{Attachment, Audience, Message, MessageStatus, Role, Session, TitleBy};
use twin_core::error::{Code, Coded};
use twin_core::id::{AttachmentId, MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_core::time::Timestamp;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_249_000_000)
    }
}

fn turn(content: &str) -> TurnBegin {
    let now = StoppedClock.now();
    let session_id = SessionId::new(now);
    let blob = Blob::new(content.as_bytes().to_vec());
    let user_message = Message {
        id: MessageId::new(now),
        session_id,
        parent_id: None,
        role: Role::User,
        content: content.to_owned(),
        created_at: now,
        status: MessageStatus::Complete,
        model: None,
        usage: None,
        failure: None,
        imported: None,
        parts: Vec::new(),
        attachments: vec![Attachment {
            id: AttachmentId::new(now),
            name: "notes.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: u32::try_from(content.len()).unwrap(),
            sha256: blob.sha256.clone(),
            left_out: false,
        }],
        instead_of: None,
    };
    let reply = ReplyDraft {
        id: MessageId::new(now),
        session_id,
        parent_id: user_message.id,
        model: ModelRef::offline(),
        created_at: now,
    };
    let session = Session {
        id: session_id,
        title: String::new(),
        audience: Audience::Owner,
        created_at: now,
        updated_at: now,
        head: None,
        model: None,
        title_by: TitleBy::Opening,
        pinned: false,
        archived: false,
        tags: Vec::new(),
        forked_from: None,
        temporary: false,
    };
    TurnBegin { session: Some(session), user_message: Some(user_message), blobs: vec![blob], reply }
}

#[test]
fn a_full_disk_refuses_the_change_whole_and_keeps_what_was_there() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path(), Arc::new(StoppedClock)).unwrap();
    store.turn_begin(&turn("saved")).unwrap();
    let before = store.info().unwrap();

    let limit = |pages: &'static str| {
        store
            .inner
            .writer
            .with_connection(move |connection| {
                Ok(connection.execute_batch(&format!("PRAGMA max_page_count = {pages}"))?)
            })
            .unwrap();
    };
    // No page more than there are, as on a full disk.
    limit("1");
    let big = turn(&"too much ".repeat(100_000));
    let error = store.turn_begin(&big).unwrap_err();
    assert_eq!((error.code(), error.is_permanent()), (Code::StoreFull, false), "{error:?}");
    assert_eq!((store.info().unwrap().records, store.info().unwrap().messages), (before.records, before.messages));
    assert_eq!(store.blob_get(&big.blobs[0].sha256).unwrap(), None);

    limit("1000000");
    store.turn_begin(&big).unwrap();
    drop(store);
    let store = Store::open(home.path(), Arc::new(StoppedClock)).unwrap();
    assert_eq!(store.session_list().unwrap().len(), 2);
    let connection = Connection::open(home.path().join("twin.db")).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

#[test]
fn an_acknowledged_change_is_on_the_disk_and_not_only_in_a_cache() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path(), Arc::new(StoppedClock)).unwrap();
    let pragma = |name: &'static str| {
        store
            .inner
            .writer
            .with_connection(move |connection| {
                Ok(connection.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))?)
            })
            .unwrap()
    };
    assert_eq!(pragma("synchronous"), rusqlite::types::Value::Integer(2));
    assert_eq!(pragma("journal_mode"), rusqlite::types::Value::Text("wal".to_owned()));
    assert_eq!(pragma("foreign_keys"), rusqlite::types::Value::Integer(1));
}

#[test]
fn what_is_sorted_is_written_into_no_temporary_file() {
    let home = tempfile::tempdir().unwrap();
    let clock = || Arc::new(StoppedClock);
    for store in [Store::open(home.path(), clock()).unwrap(), Store::open_in_memory(clock()).unwrap()] {
        let kept_in =
            |connection: &Connection| Ok(connection.pragma_query_value(None, "temp_store", |row| row.get(0))?);
        let [writer, reader]: [i64; 2] = [
            store.inner.writer.with_connection(move |connection| kept_in(connection)),
            store.read(|reading| kept_in(reading)),
        ]
        .map(Result::unwrap);
        assert_eq!((writer, reader), (2, 2), "memory");
    }
}
