//! Several processes on one home.

use crate::child::Other;
use crate::merge::{all, take_in};
use crate::support::{Fixture, StepClock, finished, parts};
use rstest::rstest;
use std::collections::BTreeSet;
use twin_core::chat::{Audience, MessageStatus};
use twin_core::settings::Scope;
use twin_store::{Store, TurnBegin};

fn numbers(fixture_home: &std::path::Path) -> (i64, i64, i64, bool) {
    let raw = rusqlite::Connection::open(fixture_home.join("twin.db")).unwrap();
    raw.query_row(
        "SELECT count(*), min(seq), max(seq),
                (SELECT count(*) = 0 FROM record a JOIN record b ON b.seq = a.seq + 1 AND b.device = a.device
                 WHERE (a.hlc_wall, a.hlc_counter) >= (b.hlc_wall, b.hlc_counter))
         FROM record",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )
    .unwrap()
}

#[test]
fn processes_that_open_a_fresh_home_at_once_all_succeed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().join("not/there yet");
    let mut others: Vec<Other> = (0..4).map(|_| Other::start("open when told", &home)).collect();
    for other in &mut others {
        assert_eq!(other.next_word().as_deref(), Some("ready"));
    }
    others.iter_mut().for_each(Other::tell);
    let devices: BTreeSet<String> = others.iter_mut().map(|other| other.next_word().unwrap()).collect();
    assert_eq!(devices.len(), 1, "one home is one device");
}

#[test]
fn two_processes_that_write_at_once_lose_nothing_and_share_one_sequence() {
    let home = tempfile::tempdir().unwrap();
    let mut others = [Other::start("200 turns", home.path()), Other::start("200 turns", home.path())];
    let mut acknowledged = BTreeSet::new();
    for other in &mut others {
        acknowledged.extend(std::iter::from_fn(|| other.next_word()));
    }
    assert_eq!(acknowledged.len(), 800);

    let store = Store::open(home.path(), StepClock::new()).unwrap();
    let mut found = BTreeSet::new();
    for session in store.session_list().unwrap() {
        found.extend(store.message_list(session.id).unwrap().iter().map(|message| message.id.to_string()));
    }
    assert_eq!(found, acknowledged);
    // Two sessions and 800 messages.
    assert_eq!(numbers(home.path()), (802, 1, 802, true));
}

#[test]
fn what_is_written_after_another_process_began_to_sync_is_of_the_device_that_sends_it() {
    let (fixture, elsewhere) = (Fixture::new(), Fixture::new());
    let [writing, looking] = [fixture.open_again(), fixture.open_again()];
    elsewhere.turn(&elsewhere.session("Engines", Audience::Owner), true, "engines", "They turn.");
    // What a device wrote that the others do not know gets a new id, which is this one's from then on.
    take_in(&fixture.store, all(&elsewhere.store)).unwrap();
    let before = fixture.store.device();
    let device = fixture.store.sync_begin(b"a keyring".to_vec(), Vec::new()).unwrap();
    assert_ne!(device, before);

    writing.session_import(&fixture.session("Greyhounds", Audience::Owner), &[]).unwrap();
    let raw = fixture.raw();
    let newest = "SELECT device FROM record ORDER BY order_wall DESC, order_counter DESC LIMIT 1";
    let wrote: Vec<u8> = raw.query_row(newest, [], |row| row.get(0)).unwrap();
    assert_eq!(wrote, device.as_uuid().as_bytes());
    assert!(looking.changes_elsewhere().unwrap());
    assert_eq!([writing.device(), looking.device()], [device, device]);
}

#[test]
fn two_stores_in_one_process_write_at_once_and_share_one_sequence() {
    let fixture = Fixture::new();
    let stores = [fixture.store.clone(), fixture.open_again()];
    std::thread::scope(|scope| {
        for store in stores {
            let fixture = &fixture;
            scope.spawn(move || {
                let session = fixture.session("Both", Audience::Owner);
                let mut parent = None;
                for number in 0..200 {
                    let question = fixture.user(session.id, parent, &format!("question {number}"));
                    let reply = fixture.draft(&question);
                    let answer = finished(&reply, "answer");
                    let session = (number == 0).then(|| session.clone());
                    store
                        .turn_begin(&TurnBegin { session, user_message: Some(question), blobs: Vec::new(), reply })
                        .unwrap();
                    store.reply_finish(&answer, None).unwrap();
                    parent = Some(answer.id);
                }
            });
        }
    });
    assert_eq!(fixture.store.info().unwrap().messages, 800);
    assert_eq!(numbers(fixture.home.path()), (802, 1, 802, true));
}

#[test]
fn a_reply_that_grows_in_a_living_process_is_left_alone_and_one_of_a_dead_process_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let mut other = Other::start("let a reply grow", home.path());
    let id = other.next_word().unwrap().parse().unwrap();

    let store = Store::open(home.path(), StepClock::new()).unwrap();
    let growing = store.message_get(id).unwrap();
    assert_eq!((growing.status, growing.content.as_str()), (MessageStatus::Streaming, "Once upon a"));
    assert_eq!(growing.parts, parts("Once upon a"));
    drop(store);

    other.kill();
    let store = Store::open(home.path(), StepClock::new()).unwrap();
    let kept = store.message_get(id).unwrap();
    assert_eq!((kept.status, kept.content.as_str()), (MessageStatus::Interrupted, "Once upon a"));
    assert_eq!((kept.model, kept.parts), (growing.model, parts("Once upon a")));
    assert_eq!(store.session_get(kept.session_id).unwrap().head, Some(id));
    // One lock of the living store, one for opening; the dead one's is gone.
    assert_eq!(fs_err::read_dir(home.path().join("locks")).unwrap().count(), 2);
}

#[test]
fn a_second_store_leaves_the_first_ones_replies_alone() {
    let fixture = Fixture::new();
    let session = fixture.session("Two", Audience::Owner);
    let question = fixture.user(session.id, None, "tell me");
    let reply = fixture.draft(&question);
    let turn =
        TurnBegin { session: Some(session), user_message: Some(question), blobs: Vec::new(), reply: reply.clone() };
    fixture.store.turn_begin(&turn).unwrap();

    let second = fixture.open_again();
    fixture.store.reply_grow(reply.id, "Once", &[]).unwrap();
    assert_eq!(second.message_get(reply.id).unwrap().status, MessageStatus::Streaming);
    drop(second);
    fixture.store.reply_finish(&finished(&reply, "Once upon a time"), None).unwrap();
    assert_eq!(fixture.store.message_get(reply.id).unwrap().content, "Once upon a time");
}

#[test]
fn a_store_that_was_closed_in_mid_reply_leaves_an_interrupted_one() {
    let fixture = Fixture::new();
    let session = fixture.session("Closed", Audience::Owner);
    let question = fixture.user(session.id, None, "tell me");
    let reply = fixture.draft(&question);
    let turn =
        TurnBegin { session: Some(session), user_message: Some(question), blobs: Vec::new(), reply: reply.clone() };
    fixture.store.turn_begin(&turn).unwrap();

    let fixture = fixture.reopen();
    let kept = fixture.store.message_get(reply.id).unwrap();
    assert_eq!((kept.status, kept.content.as_str()), (MessageStatus::Interrupted, ""));
    assert_eq!(kept.created_at, reply.created_at);
    // Kept once and for all: the next start changes nothing.
    let records = fixture.store.info().unwrap().records;
    assert_eq!(fixture.reopen().store.info().unwrap().records, records);
}

#[test]
fn a_change_elsewhere_is_told_once_and_our_own_never() {
    let fixture = Fixture::new();
    let second = fixture.open_again();
    assert!(!fixture.store.changes_elsewhere().unwrap());

    fixture.store.setting_put("theme", Some(&"dark".into()), Scope::Synced).unwrap();
    assert!(!fixture.store.changes_elsewhere().unwrap());
    assert!(second.changes_elsewhere().unwrap());
    assert!(!second.changes_elsewhere().unwrap());

    // Also when both wrote since.
    second.setting_put("theme", Some(&"light".into()), Scope::Synced).unwrap();
    fixture.store.setting_put("audience", Some(&"owner".into()), Scope::Device).unwrap();
    assert!(fixture.store.changes_elsewhere().unwrap());
    assert!(!fixture.store.changes_elsewhere().unwrap());
}

#[rstest]
#[case::set_back(1_000)]
#[case::far_ahead(4_000_000_000_000)]
fn the_clock_of_the_log_never_goes_back(#[case] later: i64) {
    let fixture = Fixture::new();
    let session = fixture.session("Time", Audience::Owner);
    fixture.turn(&session, true, "one", "two");
    fixture.clock.set(later);
    let fixture = fixture.reopen();
    fixture.store.session_rename(session.id, "Times").unwrap();
    fixture.clock.set(2_000);
    fixture.store.session_rename(session.id, "Time again").unwrap();
    let (count, first, last, ascending) = numbers(fixture.home.path());
    assert_eq!((first, last, ascending), (1, count, true));
}
