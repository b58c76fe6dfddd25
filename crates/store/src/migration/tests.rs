use super::*;
use crate::log::INDEXED;
use crate::payload::VERSION;

const FIRST: &str = "CREATE TABLE first (x); INSERT INTO first VALUES ('kept');";
const SECOND: &str = "ALTER TABLE first ADD COLUMN y;";
const BROKEN: &str = "CREATE TABLE third (x); CREATE TABLE first (x);";

fn open(home: &tempfile::TempDir) -> (Connection, Place) {
    let path = home.path().join("twin.db");
    create_private(&path).unwrap();
    let place = Place::Disk(path, None);
    (crate::connection::open_writer(&place).unwrap(), place)
}

fn migrate_with(connection: &mut Connection, place: &Place, migrations: &[&str]) -> Result<(), StoreError> {
    super::migrate_with(connection, place, migrations, |_| Ok(()))
}

fn names(home: &tempfile::TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.contains("-wal") && !name.contains("-shm"));
    names.sort();
    names
}

#[test]
fn an_existing_database_is_copied_before_it_is_changed() {
    let home = tempfile::tempdir().unwrap();
    let (mut connection, path) = open(&home);
    migrate_with(&mut connection, &path, &[FIRST]).unwrap();
    assert_eq!(names(&home), ["twin.db"], "there is nothing to copy at first");

    migrate_with(&mut connection, &path, &[FIRST, SECOND]).unwrap();
    assert_eq!(user_version(&connection).unwrap(), 2);
    connection.query_row("SELECT x, y FROM first", [], |row| row.get::<_, String>(0)).unwrap();

    assert_eq!(names(&home), ["twin.db", "twin.db.before-0002"]);
    let copy = Connection::open(home.path().join("twin.db.before-0002")).unwrap();
    assert_eq!(user_version(&copy).unwrap(), 1);
    assert_eq!(copy.query_row("SELECT * FROM first", [], |row| row.get::<_, String>(0)).unwrap(), "kept");
    assert!(copy.prepare("SELECT y FROM first").is_err());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(home.path().join("twin.db.before-0002")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_migration_that_fails_changes_nothing_and_can_be_tried_again() {
    let home = tempfile::tempdir().unwrap();
    let (mut connection, path) = open(&home);
    migrate_with(&mut connection, &path, &[FIRST]).unwrap();
    for _ in 0..2 {
        assert!(migrate_with(&mut connection, &path, &[FIRST, BROKEN]).is_err());
        assert_eq!(user_version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT * FROM third").is_err());
    }
    migrate_with(&mut connection, &path, &[FIRST, SECOND]).unwrap();
    assert_eq!(names(&home), ["twin.db", "twin.db.before-0002"]);
}

#[test]
fn every_migration_is_listed_in_the_order_of_its_number() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files: Vec<_> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert_eq!(files, MIGRATIONS);
    for (index, path) in paths.iter().enumerate() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name}");
    }
}

#[test]
fn the_log_is_asked_for_a_rare_kind_and_for_newer_records_through_indexes() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, &Place::new_memory()).unwrap();
    let plan = |sql: &str| -> String {
        connection.query_row(&format!("EXPLAIN QUERY PLAN {sql}"), ["memory"], |row| row.get("detail")).unwrap()
    };
    let by_kind = plan(&format!("SELECT payload FROM record WHERE kind = ?1 AND {INDEXED}"));
    assert!(by_kind.contains("USING INDEX record_by_kind"), "{by_kind}");
    let newer = plan(&format!("SELECT 1 FROM record WHERE version <> {VERSION} AND kind = ?1"));
    assert!(newer.contains("INDEX record_newer"), "{newer}");
}
