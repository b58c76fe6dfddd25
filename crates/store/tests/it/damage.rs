//! A database that is damaged, and the way back from it.

use crate::child::Other;
use crate::support::{Fixture, PROJECTIONS, StepClock, dump};
use rstest::rstest;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use twin_core::chat::Audience;
use twin_core::error::{Code, Coded as _};
use twin_core::export::Recovered;
use twin_core::port::Clock;
use twin_store::{Store, StoreError, backup_recover};

const PAGE: usize = 8192;

/// Twenty turns, a copy, and twenty more, all of it in the file. Its tables before and after the copy.
fn home() -> (TempDir, String, String) {
    let fixture = Fixture::new();
    let session = fixture.session("Engines", Audience::Owner);
    fixture.rich_turn(&session, true, "a picture", "I see.");
    turns(&fixture, &session, 0..20);
    fixture.store.backup().unwrap();
    let copied = dump(&fixture.raw(), &PROJECTIONS);
    turns(&fixture, &session, 20..40);
    let all = dump(&fixture.raw(), &PROJECTIONS);
    let Fixture { home, store, .. } = fixture;
    drop(store);
    (home, copied, all)
}

fn turns(fixture: &Fixture, session: &twin_core::chat::Session, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let question = format!("question {number}: {}", "and what of the engines? ".repeat(40));
        fixture.turn(session, false, &question, &format!("answer {number}"));
    }
}

fn clock() -> Arc<dyn Clock> {
    StepClock::at(1_795_259_000_000)
}

fn raw(home: &Path) -> Connection {
    Connection::open(home.join("twin.db")).unwrap()
}

fn records(home: &Path) -> i64 {
    raw(home).query_row("SELECT count(*) FROM record", [], |row| row.get(0)).unwrap()
}

fn damage(home: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let path = home.join("twin.db");
    let mut bytes = fs_err::read(&path).unwrap();
    change(&mut bytes);
    fs_err::write(&path, &bytes).unwrap();
    bytes
}

fn assert_sound(home: &Path) {
    let store = Store::open(home, StepClock::at(1_795_269_000_000)).unwrap();
    store.backup().unwrap();
    drop(store);
    let verdict: String = raw(home).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

/// The pages in which rows of the log stand; the first of them is older than the copy.
fn pages_of_the_log(home: &Path) -> Vec<usize> {
    let bytes = fs_err::read(home.join("twin.db")).unwrap();
    // Only in the log is a message JSON.
    let said = br#""role":"user""#;
    let of_the_log = |page: &[u8]| page[0] == 0x0d && page.windows(said.len()).any(|part| part == said);
    let pages = bytes.chunks_exact(PAGE).enumerate().filter(|(_, page)| of_the_log(page));
    let pages: Vec<usize> = pages.map(|(number, _)| number + 1).collect();
    assert!(pages.len() > 4, "a log of several pages");
    pages
}

#[rstest]
#[case::header_zeroed(|file: &mut Vec<u8>| file[..100].fill(0))]
#[case::first_page_zeroed(|file: &mut Vec<u8>| file[..PAGE].fill(0))]
#[case::schema_scrambled(|file: &mut Vec<u8>| file[100..PAGE].fill(0xA5))]
#[case::all_that_sqlite_finds_its_way_by(|file: &mut Vec<u8>| {
    for page in file.chunks_exact_mut(PAGE).filter(|page| [0x05, 0x02].contains(&page[0])) {
        page.fill(0);
    }
    file[..PAGE].fill(0);
})]
fn where_every_row_can_still_be_read_nothing_is_lost(#[case] change: fn(&mut Vec<u8>)) {
    let (home, _, all) = home();
    let bytes = damage(home.path(), change);
    let refused = Store::open(home.path(), StepClock::new()).err().unwrap();
    assert_eq!(refused.code(), Code::StoreDamaged);

    let recovered = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!((recovered.messages, recovered.lost, recovered.readable), (40, 0, true), "{recovered:?}");
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), all);
    let kept = recovered.aside.unwrap().name;
    assert_eq!(fs_err::read(home.path().join("backups").join(kept)).unwrap(), bytes, "the damaged file is kept");
    assert_sound(home.path());
}

#[rstest]
#[case::empty(|file: &mut Vec<u8>| file.clear())]
#[case::of_another_kind(|file: &mut Vec<u8>| *file = b"Dear diary, this is not a database at all. ".repeat(2000))]
#[case::zeros(|file: &mut Vec<u8>| file.fill(0))]
fn where_nothing_can_be_read_the_copy_is_what_there_is(#[case] change: fn(&mut Vec<u8>)) {
    let (home, copied, _) = home();
    damage(home.path(), change);
    let refused = Store::open(home.path(), StepClock::new()).err().unwrap();
    assert_eq!(refused.code(), Code::StoreDamaged);
    let Recovered { readable, messages, lost, backup, aside, .. } = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!((readable, messages, lost), (false, 0, 0));
    assert!(backup.is_some() && aside.is_some());
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), copied);
    assert_sound(home.path());
}

#[test]
fn a_database_that_is_gone_is_not_begun_anew_while_there_is_a_copy() {
    let (home, copied, _) = home();
    fs_err::remove_file(home.path().join("twin.db")).unwrap();
    let refused = Store::open(home.path(), StepClock::new()).err().unwrap();
    assert_eq!(refused.to_string(), "the database file is damaged: it is gone");
    assert!(backup_recover(home.path(), &clock()).unwrap().aside.is_none());
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), copied);
}

#[test]
fn what_is_lost_is_counted_to_the_record() {
    let (home, ..) = home();
    let before = records(home.path());
    let pages = pages_of_the_log(home.path());
    // One that the copy has, one in the middle and the last.
    for page in [pages[0], pages[pages.len() * 3 / 4], *pages.last().unwrap()] {
        damage(home.path(), |file| file[(page - 1) * PAGE..page * PAGE].fill(0));
    }
    let recovered = backup_recover(home.path(), &clock()).unwrap();
    let gone = before - records(home.path());
    assert!(gone > 0, "the copy did not have all of it");
    assert_eq!(i64::from(recovered.lost), gone, "{recovered:?}");
    assert!(recovered.lost_from.unwrap() <= recovered.lost_to.unwrap());
    assert!(recovered.messages > 0, "what is readable behind the page is there");
    assert_sound(home.path());
}

#[test]
fn without_a_copy_an_empty_one_takes_what_can_be_read() {
    let (home, _, all) = home();
    fs_err::remove_dir_all(home.path().join("backups")).unwrap();
    damage(home.path(), |file| file[..100].fill(0));
    let recovered = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!((recovered.backup, recovered.lost), (None, 0));
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), all);
    let store = Store::open(home.path(), StepClock::new()).unwrap();
    let session = store.session_list().unwrap()[0].id;
    let picture = &store.message_list(session).unwrap()[0].attachments[0];
    assert!(store.blob_get(&picture.sha256).unwrap().is_some(), "files, too");
}

#[test]
fn a_copy_that_is_damaged_itself_is_passed_over_for_the_one_before() {
    let (home, copied, _) = home();
    let store = Store::open(home.path(), StepClock::at(1_795_449_000_000)).unwrap();
    let newer = store.backup().unwrap();
    let older = store.backups().unwrap()[1].clone();
    drop(store);
    let path = home.path().join("backups").join(&newer.name);
    fs_err::write(&path, &fs_err::read(&path).unwrap()[..3 * PAGE]).unwrap();
    damage(home.path(), |file| file.fill(0));
    let recovered = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!(recovered.backup, Some(older));
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), copied);
}

/// A backup, too, can be hit where SQLite sees nothing: by itself in a message, by the one before it anywhere else.
#[rstest]
#[case::in_a_message(br#""content":"question 7: and what"#)]
#[case::in_a_title(br#""title":"Engine"#)]
fn a_copy_in_which_a_letter_changed_is_passed_over_as_well(#[case] word: &[u8]) {
    let (home, _, all) = home();
    let store = Store::open(home.path(), StepClock::at(1_795_449_000_000)).unwrap();
    let newer = store.backup().unwrap();
    let older = store.backups().unwrap()[1].clone();
    drop(store);
    let path = home.path().join("backups").join(&newer.name);
    let mut bytes = fs_err::read(&path).unwrap();
    for place in 0..bytes.len() - word.len() {
        // Some stand in parts of pages that nobody uses.
        if bytes[place..].starts_with(word) {
            bytes[place + word.len() - 1] ^= 0x01;
        }
    }
    fs_err::write(&path, bytes).unwrap();
    damage(home.path(), |file| file[..100].fill(0));
    let recovered = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!((recovered.backup, recovered.lost), (Some(older), 0));
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), all);
}

/// Where a killed process left it: turns that stand only in the log of changes.
fn killed_home() -> (TempDir, i64) {
    let home = tempfile::tempdir().unwrap();
    let mut other = Other::start("let a reply grow", home.path());
    other.next_word().unwrap();
    other.kill();
    let messages = {
        let copy = tempfile::tempdir().unwrap();
        for side in ["", "-wal"] {
            let name = format!("twin.db{side}");
            fs_err::copy(home.path().join(&name), copy.path().join(&name)).unwrap();
        }
        records(copy.path())
    };
    (home, messages)
}

#[rstest]
#[case::gone(|log: &Path| fs_err::remove_file(log).unwrap())]
#[case::cut_short(|log: &Path| {
    let bytes = fs_err::read(log).unwrap();
    fs_err::write(log, &bytes[..bytes.len() - 5000]).unwrap();
})]
#[case::a_byte_of_it_changed(|log: &Path| {
    let mut bytes = fs_err::read(log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs_err::write(log, &bytes).unwrap();
})]
#[case::its_header_zeroed(|log: &Path| {
    let mut bytes = fs_err::read(log).unwrap();
    bytes[..32].fill(0);
    fs_err::write(log, &bytes).unwrap();
})]
fn what_a_kill_left_in_the_log_of_changes_is_missed_when_it_is_gone(#[case] change: fn(&Path)) {
    let (home, _) = killed_home();
    change(&home.path().join("twin.db-wal"));
    let refused = Store::open(home.path(), StepClock::new()).err().unwrap();
    assert_eq!(refused.code(), Code::StoreDamaged);
    assert!(refused.to_string().contains("log of changes"), "{refused}");
    backup_recover(home.path(), &clock()).unwrap();
    assert_sound(home.path());
}

#[test]
fn a_log_of_changes_whose_header_is_gone_still_gives_what_stands_in_it() {
    let (home, before) = killed_home();
    let log = home.path().join("twin.db-wal");
    let mut bytes = fs_err::read(&log).unwrap();
    bytes[..32].fill(0);
    fs_err::write(&log, &bytes).unwrap();
    let recovered = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!((i64::from(recovered.changes), recovered.lost), (before, 0), "{recovered:?}");
    let kept = home.path().join("backups").join(format!("{}-wal", recovered.aside.unwrap().name));
    assert_eq!(fs_err::read(kept).unwrap(), bytes);
}

#[test]
fn a_whole_log_of_changes_is_no_reason_to_refuse() {
    let (home, _) = killed_home();
    assert_sound(home.path());
}

#[test]
fn a_letter_that_changed_is_found_by_the_next_copy_and_is_right_again() {
    let (home, _, all) = home();
    let word = b"question 7: and what of the engines?";
    let bytes = fs_err::read(home.path().join("twin.db")).unwrap();
    let places: Vec<usize> = (0..bytes.len() - word.len()).filter(|at| bytes[*at..].starts_with(word)).collect();
    assert_eq!(places.len(), 2, "in the record, and in the table of messages");
    for place in places {
        fs_err::write(home.path().join("twin.db"), &bytes).unwrap();
        damage(home.path(), |file| file[place + 20] ^= 0x01);
        let store = Store::open(home.path(), StepClock::at(1_795_400_000_000)).unwrap();
        let found = store.backup().unwrap_err();
        assert_eq!(found.code(), Code::StoreDamaged, "{found:?}");
        assert!(store.is_damaged());
        assert_eq!(store.backups().unwrap().len(), 1, "no copy is made of it");
        drop(store);
        let refused = Store::open(home.path(), StepClock::new()).err().unwrap();
        assert!(matches!(refused, StoreError::Damaged(_)), "nor is it gone on with");
        backup_recover(home.path(), &clock()).unwrap();
        assert_eq!(dump(&raw(home.path()), &PROJECTIONS), all);
        // For the second place.
        for entry in fs_err::read_dir(home.path().join("backups")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with("damaged-") {
                fs_err::remove_file(path).unwrap();
            }
        }
    }
}

#[test]
fn a_broken_page_that_is_come_upon_while_the_program_runs_is_remembered() {
    let (home, _, all) = home();
    let page = pages_of_the_log(home.path())[1];
    damage(home.path(), |file| file[(page - 1) * PAGE..page * PAGE].fill(0x5A));
    let store = Store::open(home.path(), StepClock::new()).unwrap();
    let found = store.rebuild_projections().unwrap_err();
    assert_eq!(found.code(), Code::StoreDamaged);
    assert!(store.is_damaged());
    assert!(matches!(backup_recover(home.path(), &clock()), Err(StoreError::InUse)));
    drop(store);
    assert_eq!(Store::open(home.path(), StepClock::new()).err().unwrap().code(), Code::StoreDamaged);
    assert_eq!(backup_recover(home.path(), &clock()).unwrap().lost, 0, "the copy has that page");
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), all);
    assert_sound(home.path());
}

#[test]
fn letters_that_are_none_any_more_are_damage() {
    let (home, ..) = home();
    let word = b"question 27: and what of the engines?";
    // The later of the two stands in the log, or in the table of messages: both are read by the copy.
    let at = |file: &[u8]| (0..file.len() - word.len()).rfind(|at| file[*at..].starts_with(word)).unwrap();
    damage(home.path(), |file| {
        let at = at(file);
        file[at..at + 8].fill(0xFF);
    });
    let store = Store::open(home.path(), StepClock::at(1_795_400_000_000)).unwrap();
    let found = store.backup().unwrap_err();
    assert_eq!(found.code(), Code::StoreDamaged, "{found:?}");
    assert!(store.is_damaged());
}

#[test]
fn where_only_the_index_of_the_log_can_be_read_nothing_is_said_of_how_much_is_lost() {
    let (home, copied, _) = home();
    damage(home.path(), |file| {
        for page in file.chunks_exact_mut(PAGE).filter(|page| page[0] == 0x0d) {
            page.fill(0);
        }
        file[..PAGE].fill(0);
    });
    let recovered = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!((recovered.readable, recovered.lost, recovered.lost_from), (false, 0, None), "{recovered:?}");
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), copied);
}

#[rstest]
#[case::its_device(3, 0x5A)]
#[case::its_number(16, 127)]
fn a_record_whose_name_was_misread_has_the_one_that_the_index_says(#[case] byte: usize, #[case] misread: u8) {
    let (home, _, all) = home();
    let (device, place): (Vec<u8>, i64) = raw(home.path())
        .query_row(
            "SELECT device, seq FROM record WHERE payload LIKE '%question 30:%' AND kind = 'message'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert!(place > 1 && records(home.path()) < 127, "numbers of one byte, and 127 is not given yet");
    damage(home.path(), |file| {
        let said = b"question 30:";
        let named = |at: &usize| file[*at..].starts_with(&device) && i64::from(file[at + 16]) == place;
        let in_the_log =
            |at: &usize| file[*at..(at + 300).min(file.len())].windows(said.len()).any(|part| part == said);
        let found: Vec<usize> = (0..file.len() - 20).filter(named).filter(in_the_log).collect();
        assert_eq!(found.len(), 1, "the row of the log");
        assert_ne!(file[found[0] + byte], misread);
        file[found[0] + byte] = misread;
        file[..100].fill(0);
    });
    let recovered = backup_recover(home.path(), &clock()).unwrap();
    assert_eq!((recovered.messages, recovered.lost), (40, 0), "{recovered:?}");
    assert_eq!(dump(&raw(home.path()), &PROJECTIONS), all);
    assert_sound(home.path());
}
