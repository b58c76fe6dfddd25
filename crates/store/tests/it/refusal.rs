//! What cannot be used is refused with a clear error and left as it is.

use crate::child::Other;
use crate::support::{Fixture, StepClock, files};
use rstest::rstest;
use rusqlite::Connection;
use std::path::Path;
use twin_core::chat::Audience;
use twin_core::error::{Code, Coded};
use twin_core::settings::Scope;
use twin_store::{Store, StoreError};

/// A home with a closed database of a few turns.
fn closed_home() -> tempfile::TempDir {
    let fixture = Fixture::new();
    let session = fixture.session("Before", Audience::Owner);
    for number in 0..40 {
        fixture.turn(&session, number == 0, &"a long question ".repeat(50), "and its answer");
    }
    let Fixture { home, store, .. } = fixture;
    drop(store);
    assert_eq!(files(home.path()).len(), 1, "closing folds the log of changes into the file");
    home
}

fn refused(home: &Path) -> StoreError {
    let before = files(home);
    let error = match Store::open(home, StepClock::new()) {
        Ok(store) => store.session_list().and_then(|_| store.rebuild_projections()).unwrap_err(),
        Err(error) => error,
    };
    let after = files(home);
    for (name, content) in &before {
        let same = after.iter().any(|(other, now)| other == name && now == content);
        assert!(same, "{name} was changed");
    }
    assert!(!error.hint().is_empty());
    error
}

#[test]
fn a_newer_database_is_refused_and_nothing_beside_it_is_created() {
    let home = closed_home();
    Connection::open(home.path().join("twin.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = files(home.path());
    let error = refused(home.path());
    assert!(matches!(error, StoreError::TooNew { found: 99, .. }), "{error:?}");
    assert_eq!((error.code(), error.is_permanent()), (Code::StoreTooNew, true));
    assert_eq!(files(home.path()), before);
}

#[test]
fn a_newer_database_whose_version_still_stands_in_its_log_of_changes_is_refused() {
    let home = closed_home();
    let newer = Connection::open(home.path().join("twin.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    // As a kill leaves it: copied while it is open.
    let killed = tempfile::tempdir().unwrap();
    for name in ["twin.db", "twin.db-wal"] {
        fs_err::copy(home.path().join(name), killed.path().join(name)).unwrap();
    }
    assert!(matches!(refused(killed.path()), StoreError::TooNew { found: 99, .. }));
}

#[rstest]
#[case::not_a_database(|file: &mut Vec<u8>| *file = b"Dear diary, this is not a database at all. ".repeat(200))]
#[case::first_page_wiped(|file: &mut Vec<u8>| file[..4096].fill(0))]
#[case::cut_in_half(|file: &mut Vec<u8>| file.truncate(file.len() / 2))]
#[case::schema_scrambled(|file: &mut Vec<u8>| file[100..4096].fill(0xA5))]
#[case::everything_after_the_first_page_scrambled(|file: &mut Vec<u8>| file[4096..].fill(0xA5))]
fn a_damaged_file_is_refused_and_left_as_it_is(#[case] damage: fn(&mut Vec<u8>)) {
    let home = closed_home();
    let path = home.path().join("twin.db");
    let mut file = fs_err::read(&path).unwrap();
    damage(&mut file);
    fs_err::write(&path, file).unwrap();
    let error = refused(home.path());
    assert_eq!((error.code(), error.is_permanent()), (Code::StoreDamaged, true), "{error:?}");
}

#[test]
fn a_database_of_another_program_is_refused_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    Connection::open(home.path().join("twin.db")).unwrap().execute_batch("CREATE TABLE bookmark (url)").unwrap();
    let error = refused(home.path());
    assert_eq!(error.code(), Code::StoreDamaged);
    assert!(error.to_string().contains("another program"), "{error}");
}

#[test]
fn a_folder_in_the_databases_place_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    fs_err::create_dir(home.path().join("twin.db")).unwrap();
    assert_eq!(refused(home.path()).code(), Code::StoreFailed);
}

#[test]
fn a_file_in_the_homes_place_is_an_error() {
    let home = tempfile::NamedTempFile::new().unwrap();
    let Err(error) = Store::open(home.path(), StepClock::new()) else { panic!("opened") };
    assert_eq!(error.code(), Code::StoreFailed);
}

/// A process of an account without rights opens `home`: permissions do not bind root, as whom tests may run.
#[cfg(unix)]
fn opened_without_rights(home: &tempfile::TempDir) -> String {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    const NOBODY: u32 = 65_534;
    let this = std::env::current_exe().unwrap();
    if fs_err::metadata(home.path()).unwrap().uid() != 0 {
        return Other::start("try to open", home.path()).next_word().unwrap();
    }
    // The other account may not be able to reach the binary where it is.
    let shared = tempfile::tempdir().unwrap();
    fs_err::set_permissions(shared.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let copy = shared.path().join("it");
    fs_err::copy(this, &copy).unwrap();
    for path in [home.path().to_owned(), home.path().join("locks"), home.path().join("twin.db")] {
        if path.exists() {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let mut command = Command::new(copy);
    command.uid(NOBODY).gid(NOBODY).current_dir("/");
    Other::start_as(command, "try to open", home.path()).next_word().unwrap()
}

#[cfg(unix)]
#[rstest]
#[case::the_folder(".", 0o555)]
#[case::the_folder_of_locks("locks", 0o555)]
#[case::the_file("twin.db", 0o444)]
#[case::the_unreadable_file("twin.db", 0o000)]
fn a_home_that_cannot_be_written_is_refused_and_left_as_it_is(#[case] what: &str, #[case] mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let home = closed_home();
    fs_err::remove_file(home.path().join("locks/opening.lock")).unwrap();
    let before = files(home.path());
    let path = home.path().join(what);
    fs_err::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    let said = opened_without_rights(&home);
    fs_err::set_permissions(&path, PermissionsExt::from_mode(0o700)).unwrap();
    assert_eq!(said, "StoreReadOnly");
    assert_eq!(files(home.path()), before);
}

#[cfg(unix)]
#[test]
fn a_fresh_home_that_cannot_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    fs_err::set_permissions(home.path(), PermissionsExt::from_mode(0o555)).unwrap();
    assert_eq!(opened_without_rights(&home), "StoreReadOnly");
}

#[test]
fn a_database_held_by_another_for_long_is_busy_and_not_lost() {
    let fixture = Fixture::new();
    let raw = fixture.raw();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = fixture.store.setting_put("theme", Some(&"dark".into()), Scope::Synced).unwrap_err();
    assert_eq!((error.code(), error.is_permanent()), (Code::StoreBusy, false));
    assert!(fixture.store.setting_all().unwrap().is_empty(), "reading goes on");
    raw.execute_batch("ROLLBACK").unwrap();
    fixture.store.setting_put("theme", Some(&"dark".into()), Scope::Synced).unwrap();
}

#[cfg(unix)]
#[test]
fn only_the_owner_of_the_home_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let home = parent.path().join("home");
    let store = Store::open(&home, StepClock::new()).unwrap();
    store.setting_put("theme", Some(&"dark".into()), Scope::Synced).unwrap();
    let mode = |path: &str| fs_err::metadata(home.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("."), mode("locks")), (0o700, 0o700));
    assert_eq!((mode("twin.db"), mode("twin.db-wal"), mode("twin.db-shm")), (0o600, 0o600, 0o600));
}
