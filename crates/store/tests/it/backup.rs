//! Copies of the database inside of the home.

use crate::child::Other;
use crate::merge::{all, assert_no_trace, take_in};
use crate::support::{Fixture, PROJECTIONS, StepClock, dump, memory};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use twin_core::chat::Audience;
use twin_core::error::{Code, Coded as _};
use twin_core::export::BackupReason;
use twin_core::id::SessionId;
use twin_core::memory::{Evidence, ForgetScope, Memory, MemoryChange};
use twin_core::port::Clock;
use twin_store::{Store, StoreError, TurnBegin, backup_list, backup_recover, backup_restore};

const DAY: i64 = 24 * 3_600_000;
const BEGINNING: i64 = 1_795_249_000_000;

fn clock(fixture: &Fixture) -> Arc<dyn Clock> {
    fixture.clock.clone()
}

#[test]
fn a_copy_holds_everything_and_is_the_owners_alone() {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    fixture.rich_turn(&session, true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    assert_eq!(made.reason, BackupReason::Regular);
    let path = fixture.home.path().join("backups").join(&made.name);
    let copy = rusqlite::Connection::open(&path).unwrap();
    let tables = ["record", "blob", "this_device"];
    assert_eq!(dump(&copy, &PROJECTIONS), dump(&fixture.raw(), &PROJECTIONS));
    assert_eq!(dump(&copy, &tables), dump(&fixture.raw(), &tables));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs_err::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let names: Vec<_> = fixture.store.backups().unwrap().into_iter().map(|backup| backup.name).collect();
    assert_eq!(names, [made.name]);
}

#[test]
fn a_copy_is_put_back_and_what_was_there_is_kept_aside() {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    let (_, _, picture) = fixture.rich_turn(&session, true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    let before = dump(&fixture.raw(), &PROJECTIONS);
    fixture.turn(&session, false, "greyhounds", "Fast.");
    let after = dump(&fixture.raw(), &PROJECTIONS);
    let device = fixture.store.device();

    let aside = fixture.store.backup_restore(&made.name).unwrap();
    assert_eq!(aside.reason, BackupReason::BeforeRestore);
    assert_eq!(dump(&fixture.raw(), &PROJECTIONS), before);
    assert_eq!(fixture.store.blob_get(&picture.sha256).unwrap().unwrap(), picture.bytes);
    // What is said now must not take the numbers of what was said then: both may meet in another home.
    assert_ne!(fixture.store.device(), device);
    fixture.turn(&session, false, "walruses", "Heavy.");
    let elsewhere = Fixture::new();
    take_in(&elsewhere.store, all(&fixture.store)).unwrap();

    fixture.store.backup_restore(&aside.name).unwrap();
    assert_eq!(dump(&fixture.raw(), &PROJECTIONS), after);
    assert_eq!(take_in(&elsewhere.store, all(&fixture.store)).unwrap().elsewise, 0);
    assert_eq!(elsewhere.store.message_list(session.id).unwrap().len(), 6);
    let fixture = fixture.reopen();
    assert_eq!(dump(&fixture.raw(), &PROJECTIONS), after, "and so after the next start");
    let left: Vec<_> = fs_err::read_dir(fixture.home.path().join("backups")).unwrap().collect();
    assert_eq!(left.len(), 3, "nothing half is left behind");
}

#[test]
fn what_is_kept_while_a_copy_is_put_back_is_in_the_one_or_the_other() {
    let fixture = Fixture::new();
    fixture.turn(&fixture.session("Engines", Audience::Owner), true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    let over = AtomicBool::new(false);
    let (kept, outcome) = std::thread::scope(|scope| {
        let keeping = scope.spawn(|| {
            let mut kept = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let session = fixture.session("Greyhounds", Audience::Owner);
                fixture.store.session_import(&session, &[]).unwrap();
                kept.push(session.id.as_uuid().as_bytes().to_vec());
            }
            kept
        });
        let outcome = fixture.store.backup_restore(&made.name);
        over.store(true, Ordering::Relaxed);
        (keeping.join().unwrap(), outcome)
    });
    let mut found = sessions(&fixture.raw());
    match outcome {
        Ok(aside) => {
            let aside = fixture.home.path().join("backups").join(aside.name);
            found.extend(sessions(&rusqlite::Connection::open(aside).unwrap()));
        }
        Err(error) => assert!(matches!(error, StoreError::Busy)),
    }
    let lost = kept.iter().filter(|id| !found.contains(*id)).count();
    assert_eq!(lost, 0, "of {}", kept.len());
}

fn sessions(database: &rusqlite::Connection) -> BTreeSet<Vec<u8>> {
    let mut ids = database.prepare("SELECT id FROM session").unwrap();
    ids.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn a_home_that_cannot_be_opened_is_put_back_and_the_damaged_file_is_kept() {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    fixture.turn(&session, true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    let before = dump(&fixture.raw(), &PROJECTIONS);
    let clock = clock(&fixture);
    let Fixture { home, store, .. } = fixture;
    drop(store);
    let garbage = vec![0x42; 8192];
    fs_err::write(home.path().join("twin.db"), &garbage).unwrap();
    assert!(Store::open(home.path(), StepClock::new()).is_err());

    let aside = backup_restore(home.path(), &made.name, &clock).unwrap().unwrap();
    assert_eq!(fs_err::read(home.path().join("backups").join(aside.name)).unwrap(), garbage);
    let store = Store::open(home.path(), StepClock::new()).unwrap();
    let raw = rusqlite::Connection::open(home.path().join("twin.db")).unwrap();
    assert_eq!(dump(&raw, &PROJECTIONS), before);
    assert_eq!(store.message_list(session.id).unwrap().len(), 2);
}

#[test]
fn a_closed_home_is_put_back_with_what_stood_in_its_log_of_changes_kept_aside() {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    fixture.turn(&session, true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    let (home, clock) = (fixture.home.path().to_owned(), clock(&fixture));
    let mut other = Other::start("let a reply grow", &home);
    other.next_word().unwrap();
    let in_use = backup_restore(&home, &made.name, &clock).unwrap_err();
    assert!(matches!(in_use, StoreError::InUse));
    drop(fixture.store);
    // Killed: what it wrote stands in the log of changes only.
    other.kill();
    let aside = backup_restore(&home, &made.name, &clock).unwrap().unwrap();
    let copy = rusqlite::Connection::open(home.join("backups").join(aside.name)).unwrap();
    let sessions: i64 = copy.query_row("SELECT count(*) FROM session", [], |row| row.get(0)).unwrap();
    assert_eq!(sessions, 2);
    let store = Store::open(&home, StepClock::new()).unwrap();
    assert_eq!(store.session_list().unwrap().len(), 1);
}

#[test]
fn a_home_that_another_process_has_open_is_left_alone() {
    let fixture = Fixture::new();
    fixture.turn(&fixture.session("Engines", Audience::Owner), true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    let mut other = Other::start("let a reply grow", fixture.home.path());
    other.next_word().unwrap();
    let before = dump(&fixture.raw(), &["record"]);
    let refused = fixture.store.backup_restore(&made.name).unwrap_err();
    assert!(matches!(refused, StoreError::InUse));
    assert_eq!(refused.code(), Code::StoreBusy);
    assert_eq!(dump(&fixture.raw(), &["record"]), before);
    assert_eq!(fixture.store.backups().unwrap().len(), 1);
}

#[test]
fn nothing_is_put_back_under_a_reply_that_grows() {
    let fixture = Fixture::new();
    let made = fixture.store.backup().unwrap();
    let session = fixture.session("Growing", Audience::Owner);
    let question = fixture.user(session.id, None, "tell me");
    let reply = fixture.draft(&question);
    let turn = TurnBegin { session: Some(session), user_message: Some(question), blobs: Vec::new(), reply };
    fixture.store.turn_begin(&turn).unwrap();
    assert!(matches!(fixture.store.backup_restore(&made.name), Err(StoreError::ReplyGrowing)));
}

#[test]
fn what_is_no_copy_or_a_damaged_one_is_refused() {
    let fixture = Fixture::new();
    fixture.turn(&fixture.session("Engines", Audience::Owner), true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    for name in ["", "..", "../twin.db", "twin.db", "nothing.db", "/etc/passwd"] {
        assert!(matches!(fixture.store.backup_restore(name), Err(StoreError::NotFound(_))), "{name}");
    }
    let path = fixture.home.path().join("backups").join(&made.name);
    let mut bytes = fs_err::read(&path).unwrap();
    // Several pages: a part of one may hold nothing.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 32_768].fill(0xAA);
    fs_err::write(&path, &bytes).unwrap();
    let before = dump(&fixture.raw(), &["record"]);
    assert_eq!(fixture.store.backup_restore(&made.name).unwrap_err().code(), Code::StoreDamaged);
    assert_eq!(dump(&fixture.raw(), &["record"]), before);
}

#[test]
fn old_copies_make_room() {
    let fixture = Fixture::new();
    for day in 0..40 {
        fixture.clock.set(BEGINNING + day * DAY);
        fixture.store.backup().unwrap();
        fixture.store.backup().unwrap();
    }
    let backups = backup_list(fixture.home.path()).unwrap();
    assert!((7..=10).contains(&backups.len()), "{backups:?}");
    assert!(backups[0].at.as_millis() >= BEGINNING + 39 * DAY);
}

#[test]
fn forgetting_takes_the_copies_along() {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    fixture.turn(&session, true, "engines", "They turn.");
    let made = fixture.store.backup().unwrap();
    fixture.store.backup_restore(&made.name).unwrap();
    fs_err::write(fixture.home.path().join("backups/cut-off.partial"), b"engines").unwrap();
    fs_err::write(fixture.home.path().join("backups/letter.txt"), b"the owner's").unwrap();
    let scope = ForgetScope::Session { id: session.id };
    assert_eq!(fixture.store.forget_plan(&scope).unwrap().backups, 3);
    assert_eq!(fixture.store.forget(&scope).unwrap().reach.backups, 3);
    assert!(fixture.store.backups().unwrap().is_empty());
    let left: Vec<_> = fs_err::read_dir(fixture.home.path().join("backups")).unwrap().collect();
    assert_eq!(left.len(), 1, "but no file that is not ours");
    assert_no_trace(&fixture, "engines");
}

#[test]
fn what_was_forgotten_stays_so_when_a_copy_of_before_is_put_back() {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    fixture.rich_turn(&session, true, "engines", "They turn.");
    let kept = fixture.session("Kept", Audience::Owner);
    fixture.turn(&kept, true, "greyhounds", "Fast.");
    let made = fixture.store.backup().unwrap();
    let path = fixture.home.path().join("backups").join(&made.name);
    let hidden = fixture.home.path().join("hidden");
    fs_err::copy(&path, &hidden).unwrap();
    fixture.store.forget(&ForgetScope::Session { id: session.id }).unwrap();
    // As if the owner had had a copy of the copy.
    fs_err::rename(&hidden, &path).unwrap();

    fixture.store.backup_restore(&made.name).unwrap();
    assert!(fixture.store.session_get(session.id).is_err());
    assert_eq!(fixture.store.message_list(kept.id).unwrap().len(), 2);
    assert_eq!(fixture.store.receipts().unwrap().len(), 1, "the receipt is still there");
    assert_no_trace(&fixture, "engines");
    assert!(!path.exists(), "the copy that held it is gone");
    let fixture = fixture.reopen();
    assert_eq!(fixture.store.session_list().unwrap().len(), 1);
}

/// Its title, once something came in: whatever comes, what was forgotten is looked for again.
fn title_after_more(store: &Store, session: SessionId) -> String {
    let other = Fixture::new();
    let elsewhere = other.session("Other", Audience::Owner);
    other.turn(&elsewhere, true, "q", "a");
    take_in(store, all(&other.store)).unwrap();
    assert!(store.session_get(elsewhere.id).is_ok());
    store.session_get(session).unwrap().title
}

#[test]
fn a_title_that_was_made_knowing_of_what_was_forgotten_stays_after_a_copy_was_put_back() {
    let fixture = Fixture::new();
    let session = fixture.session("s", Audience::Owner);
    let (_, answer) = fixture.turn(&session, true, "q", "of herons");
    fixture.store.forget(&ForgetScope::Message { id: answer.id }).unwrap();
    let made = fixture.store.backup().unwrap();

    fixture.store.backup_restore(&made.name).unwrap();
    assert!(fixture.store.session_title_by_model(session.id, "Knowing").unwrap());
    assert_eq!(title_after_more(&fixture.store, session.id), "Knowing");

    // Or where the database was damaged.
    let Fixture { home, store, .. } = fixture;
    drop(store);
    fs_err::write(home.path().join("twin.db"), vec![0x42; 8192]).unwrap();
    let clock: Arc<dyn Clock> = StepClock::at(BEGINNING + DAY);
    backup_recover(home.path(), &clock).unwrap();
    let store = Store::open(home.path(), clock).unwrap();
    assert!(store.session_title_by_model(session.id, "Knowing still").unwrap());
    assert_eq!(title_after_more(&store, session.id), "Knowing still");
}

#[test]
fn a_summary_of_what_was_forgotten_goes_though_whoever_forgot_did_not_know_of_it() {
    let fixture = Fixture::new();
    let session = fixture.session("s", Audience::Owner);
    fixture.turn(&session, true, "q", "a");
    let (question, answer) = fixture.turn(&session, false, "of herons", "a");
    let without = fixture.store.backup().unwrap();
    let summary = Memory {
        sources: vec![Evidence::Session { session_id: session.id, through: answer.id }],
        ..memory(fixture.clock.as_ref(), &question, "Herons")
    };
    fixture.store.memory_change(&[MemoryChange::Learned { memory: summary }]).unwrap();
    let with = fixture.store.backup_restore(&without.name).unwrap();
    let path = fixture.home.path().join("backups").join(&with.name);
    let hidden = fixture.home.path().join("hidden");
    fs_err::copy(&path, &hidden).unwrap();
    fixture.store.forget(&ForgetScope::Message { id: question.id }).unwrap();
    // As if the owner had had a copy of the copy.
    fs_err::rename(&hidden, &path).unwrap();

    fixture.store.backup_restore(&with.name).unwrap();
    assert_eq!(fixture.store.message_list(session.id).unwrap().len(), 2, "the rest of the conversation stays");
    assert_no_trace(&fixture, "herons");
}
