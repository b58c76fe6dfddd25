//! The log as it travels from one home to another.

use crate::support::{Fixture, PROJECTIONS, StepClock, dump};
use twin_core::chat::{Audience, Session, SessionChange};
use twin_core::memory::ForgetScope;
use twin_core::record::Record;
use twin_core::time::Timestamp;
use twin_store::{Blob, CheckedRecord, Merged, Store, StoreError, Travelling};

/// Everything that travels.
pub(crate) fn all(store: &Store) -> Vec<Travelling> {
    let mut all = Vec::new();
    store
        .log_read::<StoreError>(|one| {
            all.push(one);
            Ok(())
        })
        .unwrap();
    all
}

pub(crate) fn take_in(store: &Store, all: Vec<Travelling>) -> Result<Merged, StoreError> {
    let merged = store.log_merge(move |merge| {
        for one in &all {
            match one {
                Travelling::Totals { .. } => {}
                Travelling::Record(record) => merge.record(CheckedRecord::new(record.clone())?)?,
                Travelling::File(file) => merge.file(file)?,
            }
        }
        Ok::<_, StoreError>(())
    });
    Ok(merged?.1)
}

/// A home with a conversation of two branches, a file, a memory and a setting.
fn lived_in() -> (Fixture, Session) {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    let (question, answer, _) = fixture.rich_turn(&session, true, "What of engines?", "They turn.");
    fixture.turn(&session, false, "And further?", "Further.");
    fixture.turn_in(&session, Some(answer.id), "And otherwise?", "Otherwise.");
    fixture.learn(&question, "Loves engines");
    fixture.store.session_change(&[session.id], &SessionChange::Pinned { pinned: true }).unwrap();
    fixture.store.setting_put("theme", Some(&"dark".into()), twin_core::settings::Scope::Synced).unwrap();
    (fixture, session)
}

#[test]
fn an_empty_home_becomes_the_same_and_nothing_changes_the_second_time() {
    let (from, _) = lived_in();
    let to = Fixture::new();
    let travelling = all(&from.store);
    let merged = take_in(&to.store, travelling.clone()).unwrap();
    assert_eq!(merged, Merged { records: travelling.len() as u64 - 2, files: 1, ..Merged::default() });
    assert_eq!(all(&to.store), travelling, "to the byte");
    assert_eq!(dump(&to.raw(), &PROJECTIONS), dump(&from.raw(), &PROJECTIONS));

    let before = dump(&to.raw(), &["record", "blob"]);
    let again = take_in(&to.store, travelling.clone()).unwrap();
    assert_eq!(again, Merged { known: travelling.len() as u64 - 2, ..Merged::default() });
    assert_eq!(dump(&to.raw(), &["record", "blob"]), before);
}

#[test]
fn two_homes_become_the_same_whichever_takes_in_the_other() {
    let (one, session) = lived_in();
    let other = Fixture::new();
    take_in(&other.store, all(&one.store)).unwrap();
    // Both go on, out of each other's sight, and about the same things.
    one.clock.set(1_795_250_000_000);
    other.clock.set(1_795_250_000_003);
    for (fixture, name) in [(&one, "one"), (&other, "other"), (&one, "one again")] {
        fixture.turn(&session, false, name, "Indeed.");
        fixture.store.session_rename(session.id, name).unwrap();
        fixture.store.setting_put("theme", Some(&name.into()), twin_core::settings::Scope::Synced).unwrap();
    }
    let (of_one, of_other) = (all(&one.store), all(&other.store));
    take_in(&one.store, of_other).unwrap();
    take_in(&other.store, of_one).unwrap();
    assert_eq!(all(&one.store), all(&other.store));
    let tables = dump(&one.raw(), &PROJECTIONS);
    assert_eq!(tables, dump(&other.raw(), &PROJECTIONS));
    for fixture in [&one, &other] {
        fixture.store.rebuild_projections().unwrap();
        assert_eq!(dump(&fixture.raw(), &PROJECTIONS), tables, "what came in is folded in the order of the clock");
    }
    assert_eq!(one.store.session_get(session.id).unwrap().title, "one again", "the last one by the clock");
    assert_eq!(one.store.message_list(session.id).unwrap().len(), 12);
}

#[test]
fn what_is_done_after_records_of_a_clock_that_runs_ahead_still_comes_last() {
    let (from, session) = lived_in();
    from.clock.set(1_900_000_000_000);
    from.store.session_rename(session.id, "From the future").unwrap();
    let to = Fixture::new();
    take_in(&to.store, all(&from.store)).unwrap();
    to.store.session_rename(session.id, "Now").unwrap();
    to.store.rebuild_projections().unwrap();
    assert_eq!(to.store.session_get(session.id).unwrap().title, "Now");
}

#[test]
fn an_error_on_the_way_leaves_everything_as_it_was() {
    let (from, _) = lived_in();
    let to = Fixture::new();
    to.turn(&to.session("Mine", Audience::Owner), true, "one", "two");
    let before = dump(&to.raw(), &["record", "message", "blob"]);
    let half: Vec<_> = all(&from.store).into_iter().take(4).collect();
    let stopped = to.store.log_merge::<(), StoreError>(move |merge| {
        for one in &half {
            if let Travelling::Record(record) = one {
                merge.record(CheckedRecord::new(record.clone())?)?;
            }
        }
        Err(StoreError::Busy)
    });
    assert!(matches!(stopped, Err(StoreError::Busy)));
    assert_eq!(dump(&to.raw(), &["record", "message", "blob"]), before);
}

#[test]
fn what_cannot_be_folded_is_refused_and_what_only_a_newer_program_knows_is_kept() {
    let (from, _) = lived_in();
    let record = |change: &dyn Fn(&mut Record)| {
        let Travelling::Record(mut record) = all(&from.store).remove(1) else { panic!("the first record") };
        change(&mut record);
        let to = Fixture::new();
        take_in(&to.store, vec![Travelling::Record(record)]).map(|_| to)
    };
    assert!(record(&|_| ()).is_ok());
    assert!(record(&|record| record.payload = "{}".to_owned()).is_err());
    assert!(record(&|record| record.seq = 0).is_err());
    assert!(record(&|record| record.seq = u64::MAX).is_err());
    assert!(record(&|record| record.kind = "../x".to_owned()).is_err());
    assert!(record(&|record| record.hlc.wall = i64::MAX).is_err());
    let newer = record(&|record| {
        record.kind = "dream".to_owned();
        record.payload = "?".to_owned();
    });
    assert_eq!(all(&newer.unwrap().store).len(), 2);
    let to = Fixture::new();
    let false_hash = Blob { sha256: "0".repeat(64), bytes: b"x".to_vec() };
    assert!(take_in(&to.store, vec![Travelling::File(false_hash)]).is_err());
}

#[test]
fn what_was_forgotten_here_does_not_come_back_with_an_old_copy() {
    let (home, session) = lived_in();
    let old = all(&home.store);
    home.store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    let before = dump(&home.raw(), &["record", "blob", "message", "session", "memory"]);
    let merged = take_in(&home.store, old).unwrap();
    assert_eq!(merged.records, 0);
    assert_eq!(dump(&home.raw(), &["record", "blob", "message", "session", "memory"]), before);
    assert_no_trace(&home, "engines");
}

#[test]
fn what_was_forgotten_elsewhere_goes_here_too_with_what_was_added_to_it() {
    let (one, session) = lived_in();
    let kept = one.session("Kept", Audience::Owner);
    one.turn(&kept, true, "greyhounds", "Fast.");
    let other = Fixture::new();
    other.clock.set(1_795_250_000_000);
    take_in(&other.store, all(&one.store)).unwrap();
    other.turn(&session, false, "Tell of engines again", "They still turn.");
    other.store.session_rename(session.id, "All of engines").unwrap();
    one.clock.set(1_795_260_000_000);
    one.store.forget(&ForgetScope::Session { id: session.id }).unwrap();

    let (of_one, of_other) = (all(&one.store), all(&other.store));
    assert!(take_in(&other.store, of_one).unwrap().forgotten);
    assert!(take_in(&one.store, of_other).unwrap().forgotten);
    for fixture in [&one, &other] {
        assert!(fixture.store.session_get(session.id).is_err());
        assert_eq!(fixture.store.session_list().unwrap().len(), 1);
        assert_no_trace(fixture, "engines");
        assert_no_trace(fixture, "a small picture");
        let tables = dump(&fixture.raw(), &PROJECTIONS);
        fixture.store.rebuild_projections().unwrap();
        assert_eq!(dump(&fixture.raw(), &PROJECTIONS), tables);
    }
}

#[test]
fn what_was_taken_in_again_after_it_was_forgotten_stays() {
    let (home, _) = lived_in();
    let session = home.session("Imported", Audience::Owner);
    let mut message = home.user(session.id, None, "Once more");
    message.created_at = Timestamp::from_millis(1_000);
    home.store.session_import(&session, std::slice::from_ref(&message)).unwrap();
    home.store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    home.store.session_import(&session, &[message]).unwrap();

    let (elsewhere, _) = lived_in();
    assert!(!take_in(&home.store, all(&elsewhere.store)).unwrap().forgotten);
    assert_eq!(home.store.message_list(session.id).unwrap().len(), 1);
}

#[test]
fn the_numbers_of_a_home_that_went_on_twice_are_told_apart() {
    let (one, session) = lived_in();
    // Closed and opened: all of it stands in the file.
    let one = one.reopen();
    let twin = tempfile::tempdir().unwrap();
    fs_err::copy(one.home.path().join("twin.db"), twin.path().join("twin.db")).unwrap();
    drop(Store::open(twin.path(), StepClock::at(1_795_250_000_000)).map(|store| store.session_rename(session.id, "A")));
    one.clock.set(1_795_260_000_000);
    one.store.session_rename(session.id, "Another").unwrap();
    let copied = Store::open(twin.path(), StepClock::new()).unwrap();
    let merged = take_in(&one.store, all(&copied)).unwrap();
    assert_eq!((merged.records, merged.elsewise), (0, 1));
    assert_eq!(one.store.session_get(session.id).unwrap().title, "Another");
}

/// In the records, the tables and the bytes of the file.
pub(crate) fn assert_no_trace(fixture: &Fixture, word: &str) {
    for (name, bytes) in crate::support::files(fixture.home.path()) {
        let found = bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
        assert!(!found, "{word} still stands in {name}");
    }
}
