//! A home whose database is under a key: nothing of it is legible, and everything works as it does without.

use crate::support::{Fixture, PROJECTIONS, StepClock, dump};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use twin_core::chat::Audience;
use twin_core::error::{Code, Coded as _};
use twin_core::find::{FindOrder, FindQuery};
use twin_core::port::Clock;
use twin_core::secret::Secret;
use twin_store::{DatabaseKey, KEY_FILE, Location, Store, StoreError, backup_recover, backup_restore, is_encrypted};

const CANARY: &str = "kingfisher";

fn key(byte: u8) -> DatabaseKey {
    DatabaseKey::new(Secret::new([byte; 32]))
}

fn clock() -> Arc<dyn Clock> {
    StepClock::at(1_795_259_000_000)
}

/// A home with a conversation, two copies of it, and more that is in none.
fn home() -> TempDir {
    let fixture = Fixture::new();
    let session = fixture.session("Birds", Audience::Owner);
    fixture.turn(&session, true, &format!("the {CANARY} was here"), "blue and quick");
    fixture.store.backup().unwrap();
    fixture.turn(&session, false, &format!("and the {CANARY} came again"), "as it does");
    let Fixture { home, store, .. } = fixture;
    drop(store);
    // As a migration leaves one.
    let copy = fs_err::read(home.path().join("twin.db")).unwrap();
    fs_err::write(home.path().join("twin.db.before-0003"), copy).unwrap();
    home
}

fn switch<'a>(at: impl Into<Location<'a>>, to: Option<&DatabaseKey>) -> Result<(), StoreError> {
    twin_store::encryption_switch(at, to, || Ok(()), || Ok(()))
}

fn encrypt(home: &Path) {
    let keep = || Ok::<_, StoreError>(fs_err::write(home.join(KEY_FILE), b"{}")?);
    twin_store::encryption_switch(home, Some(&key(7)), keep, || Ok(())).unwrap();
}

fn open(home: &Path) -> Result<Store, StoreError> {
    Store::open((home, Some(&key(7))), StepClock::at(1_795_259_000_000))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

fn legible(home: &Path) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = fs_err::read(path).unwrap();
        let finds = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
        finds(CANARY.as_bytes()) || finds(b"SQLite format 3")
    };
    files(home).into_iter().filter(holds).collect()
}

fn unlocked(home: &Path) -> Connection {
    let connection = Connection::open(home.join("twin.db")).unwrap();
    connection.execute_batch("PRAGMA cipher_default_page_size = 8192").unwrap();
    let key = format!("x'{}'", key(7).to_text().expose());
    connection.pragma_update(None, "key", key).unwrap();
    connection
}

fn found(store: &Store) -> usize {
    let query = FindQuery {
        text: CANARY.to_owned(),
        audience: Audience::Owner,
        session: None,
        role: None,
        from: None,
        before: None,
        order: FindOrder::Newest,
        limit: 20,
    };
    store.message_find(&query).unwrap().hits.len()
}

#[test]
fn nothing_is_legible_while_it_is_encrypted_and_everything_is_there() {
    let home = home();
    let plain = dump(&Connection::open(home.path().join("twin.db")).unwrap(), &PROJECTIONS);
    assert_eq!(legible(home.path()).len(), 3, "the database and two copies");
    encrypt(home.path());
    assert!(is_encrypted(home.path()));
    assert_eq!(legible(home.path()), Vec::<PathBuf>::new());
    assert_eq!(dump(&unlocked(home.path()), &PROJECTIONS), plain);

    let store = open(home.path()).unwrap();
    assert_eq!(found(&store), 2, "by the index of words");
    store.backup().unwrap();
    store.rebuild_projections().unwrap();
    // With its log of changes open.
    assert!(home.path().join("twin.db-wal").exists());
    assert_eq!(legible(home.path()), Vec::<PathBuf>::new());
    assert_eq!(files(&home.path().join("backups")).len(), 1, "one a day");
    drop(store);

    let checked: String = unlocked(home.path()).query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(checked, "ok");
    let broken: Vec<String> = {
        let connection = unlocked(home.path());
        let mut check = connection.prepare("PRAGMA cipher_integrity_check").unwrap();
        check.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(broken, Vec::<String>::new());

    switch((home.path(), Some(&key(7))), None).unwrap();
    fs_err::remove_file(home.path().join(KEY_FILE)).unwrap();
    assert_eq!(legible(home.path()).len(), 3);
    assert_eq!(dump(&Connection::open(home.path().join("twin.db")).unwrap(), &PROJECTIONS), plain);
    assert_eq!(found(&Store::open(home.path(), clock()).unwrap()), 2);
}

#[test]
fn without_its_key_it_is_locked_and_neither_damaged_nor_begun_anew() {
    let home = home();
    encrypt(home.path());
    let before = fs_err::read(home.path().join("twin.db")).unwrap();
    for refused in [
        Store::open(home.path(), clock()).err().unwrap(),
        backup_recover(home.path(), &clock()).unwrap_err(),
        backup_restore(home.path(), "twin.db.before-0003", &clock()).unwrap_err(),
        switch(home.path(), None).unwrap_err(),
    ] {
        assert_eq!(refused.code(), Code::HomeLocked);
    }
    assert_eq!(fs_err::read(home.path().join("twin.db")).unwrap(), before);
    open(home.path()).unwrap();
}

#[test]
fn another_key_opens_nothing_and_no_error_names_it() {
    let home = home();
    encrypt(home.path());
    let other = key(9);
    let refused = Store::open((home.path(), Some(&other)), clock()).err().unwrap();
    let told = format!("{refused:?} {refused} {other:?}");
    assert!(!told.contains(other.to_text().expose()) && !told.contains("PRAGMA"), "{told}");
    assert_ne!(other.check(), key(7).check());
    assert_eq!(DatabaseKey::from_text(&other.to_text()), Some(other));
    open(home.path()).unwrap();
}

#[test]
fn a_copy_is_put_back_under_the_key_even_one_that_was_laid_there_plain() {
    let home = home();
    let plain = fs_err::read(home.path().join("twin.db.before-0003")).unwrap();
    encrypt(home.path());
    let name = {
        let store = open(home.path()).unwrap();
        let name = store.backups().unwrap().last().unwrap().name.clone();
        store.backup_restore(&name).unwrap();
        // As from another disk.
        fs_err::write(home.path().join("backups").join(&name), &plain).unwrap();
        store.backup_restore(&name).unwrap();
        assert_eq!(found(&store), 2);
        name
    };
    backup_restore((home.path(), Some(&key(7))), &name, &clock()).unwrap().unwrap();
    assert_eq!(found(&open(home.path()).unwrap()), 2);
    assert_eq!(legible(home.path()), Vec::<PathBuf>::new(), "what was laid there, too, at the next opening");
}

#[test]
fn of_a_switch_that_was_cut_off_the_copies_become_what_the_database_is() {
    let home = home();
    let copy = fs_err::read(home.path().join("twin.db.before-0003")).unwrap();
    encrypt(home.path());
    // Behind the database on the way there, before it on the way back.
    fs_err::write(home.path().join("twin.db.before-0003"), copy).unwrap();
    fs_err::write(home.path().join("twin.db.partial"), CANARY).unwrap();
    drop(open(home.path()).unwrap());
    assert_eq!(legible(home.path()), Vec::<PathBuf>::new());
    assert!(!home.path().join("twin.db.partial").exists());
}

#[test]
fn no_copy_is_left_under_a_key_that_nobody_is_asked_for() {
    let home = home();
    encrypt(home.path());
    let encrypted = fs_err::read(home.path().join("twin.db.before-0003")).unwrap();
    // Stands in the way of the copies.
    let in_the_way = home.path().join("twin.db.before-0003.partial");
    fs_err::create_dir(&in_the_way).unwrap();
    switch((home.path(), Some(&key(7))), None).unwrap_err();
    assert!(is_encrypted(home.path()), "as long as a copy is");
    fs_err::remove_dir(&in_the_way).unwrap();
    assert_eq!(found(&open(home.path()).unwrap()), 2);
    switch((home.path(), Some(&key(7))), None).unwrap();
    assert_eq!(legible(home.path()).len(), 3);

    // From elsewhere: the next key would not open it, and takes the place of what does.
    fs_err::write(home.path().join("twin.db.before-0003"), encrypted).unwrap();
    let refused = switch(home.path(), Some(&key(9))).unwrap_err();
    assert!(refused.to_string().contains("twin.db.before-0003"), "{refused}");
    assert!(!is_encrypted(home.path()));
}

#[test]
fn what_cannot_be_read_is_told_before_anything_is_changed() {
    let home = home();
    let copy = home.path().join("twin.db.before-0003");
    let mut bytes = fs_err::read(&copy).unwrap();
    bytes[8192..].fill(0xA5);
    fs_err::write(&copy, bytes).unwrap();
    let before = fs_err::read(home.path().join("twin.db")).unwrap();
    let refused = switch(home.path(), Some(&key(7))).unwrap_err();
    assert!(refused.to_string().contains("twin.db.before-0003"), "{refused}");
    assert_eq!(fs_err::read(home.path().join("twin.db")).unwrap(), before);
}

#[test]
fn two_open_it_at_once_and_a_database_that_is_gone_is_locked_as_well() {
    let home = home();
    encrypt(home.path());
    let (one, other) = (open(home.path()).unwrap(), open(home.path()).unwrap());
    assert!(one.is_encrypted() && other.is_encrypted());
    assert_eq!((found(&one), found(&other)), (2, 2));
    other.backup().unwrap();
    drop((one, other));
    fs_err::remove_file(home.path().join("twin.db")).unwrap();
    assert_eq!(backup_recover(home.path(), &clock()).unwrap_err().code(), Code::HomeLocked);
    assert_eq!(backup_recover((home.path(), Some(&key(7))), &clock()).unwrap().lost, 0);
    assert_eq!(found(&open(home.path()).unwrap()), 2);
}

#[test]
fn a_home_that_is_open_is_not_switched() {
    let fixture = Fixture::new();
    assert!(matches!(switch(fixture.home.path(), Some(&key(7))), Err(StoreError::InUse)));
}

#[test]
fn of_a_damaged_one_the_copy_comes_back_with_every_row_that_can_still_be_read() {
    let fixture = Fixture::new();
    let session = fixture.session("Birds", Audience::Owner);
    fixture.turn(&session, true, "first", "yes");
    fixture.store.backup().unwrap();
    for number in 0..40 {
        fixture.turn(&session, false, &format!("{number} {}", "and what of the engines? ".repeat(40)), "so");
    }
    let Fixture { home, store, .. } = fixture;
    drop(store);
    encrypt(home.path());
    let (page, records): (u32, u32) = unlocked(home.path())
        .query_row(
            "SELECT pageno, ncell FROM dbstat WHERE name = 'record' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 2",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let database = home.path().join("twin.db");
    let mut bytes = fs_err::read(&database).unwrap();
    bytes[(page as usize - 1) * 8192 + 100] ^= 0x40;
    fs_err::write(&database, bytes).unwrap();

    let recovered = backup_recover((home.path(), Some(&key(7))), &clock()).unwrap();
    assert!(recovered.readable && records > 3, "{recovered:?}");
    assert_eq!(recovered.lost, records, "those of that page and no others");
    assert_eq!(legible(home.path()), Vec::<PathBuf>::new());
    let store = open(home.path()).unwrap();
    store.backup().unwrap();
}
