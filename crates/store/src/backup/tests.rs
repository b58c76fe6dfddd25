use super::*;

fn backup(days_ago: i64, reason: BackupReason) -> Backup {
    // Saturday, 21 November 2026, at noon.
    let at = Timestamp::from_millis(1_795_262_400_000 - days_ago * DAY_MILLIS);
    let prefix = if reason == BackupReason::Regular { REGULAR } else { ASIDE };
    Backup { name: file_name(prefix, at), at, reason, kilobytes: 1 }
}

#[test]
fn seven_days_and_four_weeks_have_a_copy() {
    let all: Vec<Backup> = (0..60).map(|days| backup(days, BackupReason::Regular)).collect();
    let gone = superseded(&all);
    let kept: Vec<i64> = (0..60).filter(|days| !gone.contains(&backup(*days, BackupReason::Regular).name)).collect();
    // The newest of each week is its Sunday's, of this one today's.
    assert_eq!(kept, [0, 1, 2, 3, 4, 5, 6, 13, 20]);
}

#[test]
fn of_copies_from_before_a_restore_the_newest_are_kept_and_from_before_an_update_all() {
    let all: Vec<Backup> = (0..9).map(|days| backup(days, BackupReason::BeforeRestore)).collect();
    assert_eq!(superseded(&all).len(), 6);
    let all: Vec<Backup> = (0..9).map(|days| backup(days, BackupReason::BeforeUpdate)).collect();
    assert!(superseded(&all).is_empty());
}

#[test]
fn a_name_says_when_and_no_other_file_is_taken_for_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let at = Timestamp::from_millis(1_795_249_000_123);
    let name = file_name(REGULAR, at);
    assert_eq!(name, "twin-2026-11-21T08-16-40.123Z.db");
    for other in [name.as_str(), "twin-notes.db", "twin-2026-11-21T08-16-40.123Z.db.partial", "letter.txt"] {
        fs::write(folder.path().join(other), b"1").unwrap();
    }
    assert_eq!(describe(&folder.path().join(&name)).unwrap().at, at);
    for other in ["twin-notes.db", "twin-2026-11-21T08-16-40.123Z.db.partial", "letter.txt"] {
        assert_eq!(describe(&folder.path().join(other)), None, "{other}");
    }
}
