//! Copies of the database inside of the home: made while it is in use, looked at before they count, put back.
//!
//! What is put back is prepared beside the database first: brought to the newest schema, cleared of what was forgotten since,
//! and a device of its own from now on, because the numbers that follow in it were given to other records since.

mod recover;
mod verify;

pub use recover::backup_recover;
use verify::verify;

use crate::cipher::{self, DatabaseKey, FileKind, Location};
use crate::connection::{Place, examine, open_reader, open_writer};
use crate::error::{BROKEN, StoreError};
use crate::home::{self, OpeningLock, create_private, sync_folder};
use crate::log::Log;
use crate::migration::{copy_into, migrate, newest_version};
use crate::payload::{Change, Forgotten};
use crate::row::Column;
use crate::store::{Store, begin, current_device};
use crate::{forget, journal, sync};
use fs_err as fs;
use rusqlite::backup::StepResult;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use twin_core::export::{Backup, BackupReason};
use twin_core::id::DeviceId;
use twin_core::port::Clock;
use twin_core::record::Kind;
use twin_core::time::Timestamp;

/// The folder of the copies inside of the home.
pub(crate) const FOLDER: &str = "backups";

/// How many days have a copy of their own, and how many weeks.
const DAYS: usize = 7;
const WEEKS: usize = 4;

/// Copies from before something was put back.
const BEFORE_RESTORE: usize = 3;

const DAY_MILLIS: i64 = 24 * 3_600_000;

const REGULAR: &str = "twin-";
const ASIDE: &str = "before-restore-";
/// Of a database that is damaged and cannot be copied otherwise: the file as it was.
const DAMAGED: &str = "damaged-";
const BEFORE_UPDATE: &str = "twin.db.before-";
const SUFFIX: &str = ".db";
const PARTIAL: &str = ".partial";

impl Store {
    /// Copies the database while it is in use. The copy is opened and checked before it counts; older ones are then deleted,
    /// but for one a day and one a week.
    pub fn backup(&self) -> Result<Backup, StoreError> {
        let made = self.copy(REGULAR)?;
        let home = self.home()?;
        for name in superseded(&backup_list(home)?) {
            let path = home.join(FOLDER).join(name);
            let log = journal::path(&path);
            fs::remove_file(path)?;
            if log.exists() {
                fs::remove_file(log)?;
            }
        }
        Ok(made)
    }

    /// The copies that there are, the newest first.
    pub fn backups(&self) -> Result<Vec<Backup>, StoreError> {
        backup_list(self.home()?)
    }

    /// Puts a copy in the place of the database, in one transaction, after copying what is there. Returns that copy. Refused
    /// while another process has the home open, while a reply is being written, and when something was said while what is there
    /// was copied: it would be in neither.
    pub fn backup_restore(&self, name: &str) -> Result<Backup, StoreError> {
        let home = self.home()?;
        let opening = OpeningLock::acquire(home)?;
        if home::living_owners(home, &opening)?.iter().any(|owner| owner != self.owner()) {
            return Err(StoreError::InUse);
        }
        self.require_no_reply()?;
        let source = find(home, name)?;
        let (forgotten, before) = self.read(|transaction| Ok((forgotten(transaction)?, said(transaction)?)))?;
        let aside = self.copy(ASIDE)?;
        let prepared = prepare(home, self.place().key(), &source, &forgotten, self.clock().as_ref())?;
        let prepared_at = Place::Disk(prepared.path.clone(), self.place().key().cloned());
        let device = self.with_writer(move |connection, _| {
            let from = open_reader(&prepared_at)?;
            // Nothing else of this process writes before this is done.
            if said(connection)? != before {
                return Err(StoreError::Busy);
            }
            let taken = rusqlite::backup::Backup::new(&from, connection)?.step(-1)?;
            match taken {
                StepResult::Done => {}
                _ => return Err(StoreError::Busy),
            }
            current_device(connection)
        })?;
        self.become_device(device);
        prepared.tidy(home, &aside.name)?;
        tracing::info!("a copy was put in the place of the database");
        Ok(aside)
    }

    fn copy(&self, prefix: &str) -> Result<Backup, StoreError> {
        let _copying = self.copying();
        let home = self.home()?;
        let at = self.clock().now();
        let name = file_name(prefix, at);
        let folder = prepare_folder(home)?;
        // A name for this store alone: another process may copy at the same time.
        let partial = folder.join(format!("{}{PARTIAL}", self.owner()));
        if let Err(error) = self.copy_checked(prefix, &partial) {
            let _ = fs::remove_file(&partial);
            if let (StoreError::Damaged(what), Place::Disk(path, _)) = (&error, self.place()) {
                self.note_damage(path, what);
            }
            return Err(error);
        }
        fs::rename(&partial, folder.join(&name))?;
        sync_folder(&folder)?;
        tracing::info!(prefix, "database copied");
        describe(&folder.join(&name)).ok_or(StoreError::NotFound("backup"))
    }

    fn copy_checked(&self, prefix: &str, partial: &Path) -> Result<(), StoreError> {
        let connection = open_reader(self.place())?;
        let before = counts(&connection)?;
        match copy_into(&connection, partial) {
            // Where rows contradict each other, SQLite says anything but that the file is damaged.
            Err(StoreError::Sql(_)) if !is_sound(&connection)? => return Err(StoreError::Damaged(BROKEN.to_owned())),
            copied => copied?,
        }
        let after = counts(&connection)?;
        let copy = Place::Disk(partial.to_owned(), self.place().key().cloned());
        let counted = look_at(&copy)?;
        // Records are only added. Somebody may write while the copy is made.
        if counted[0] < before[0] || after[0] < counted[0] {
            return Err(StoreError::Damaged("a copy of it holds less than it does".to_owned()));
        }
        if prefix == REGULAR {
            let backups = backup_list(self.home()?)?;
            let newest = backups.iter().find(|backup| backup.reason == BackupReason::Regular);
            let newest = newest.map(|backup| Place::at(partial.with_file_name(&backup.name), copy.key()));
            verify(&open_reader(&copy)?, newest.as_ref())?;
        }
        Ok(())
    }

    fn home(&self) -> Result<&Path, StoreError> {
        match self.place() {
            Place::Disk(path, _) => Ok(path.parent().unwrap_or(path)),
            Place::Memory(_) => Err(StoreError::InvalidInput("a database in memory is nowhere on the disk")),
        }
    }
}

/// The copies in a home, the newest first; those from before an update among them.
pub fn backup_list(home: &Path) -> Result<Vec<Backup>, StoreError> {
    let mut backups: Vec<Backup> = files(home)?.iter().filter_map(|path| describe(path)).collect();
    backups.sort_by(|a, b| (b.at, &b.name).cmp(&(a.at, &a.name)));
    Ok(backups)
}

/// [`Store::backup_restore`] in a home that nobody has open, whose database may be damaged or missing. Returns the copy of
/// what was there, if anything was.
pub fn backup_restore<'a>(
    at: impl Into<Location<'a>>,
    name: &str,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Backup>, StoreError> {
    let at = at.into();
    let home = at.home;
    home::prepare(home)?;
    let opening = OpeningLock::acquire(home)?;
    if !home::living_owners(home, &opening)?.is_empty() {
        return Err(StoreError::InUse);
    }
    let source = find(home, name)?;
    let (database, key) = (at.database(), at.in_use(true)?);
    let folder = prepare_folder(home)?;
    let (mut aside, mut damaged, mut receipts) = (None, None, Vec::new());
    if database.exists() {
        let at = clock.now();
        let whole = folder.join(file_name(ASIDE, at));
        match set_aside(&Place::Disk(database.clone(), key.cloned()), &whole) {
            Ok(found) => {
                receipts = found;
                aside = describe(&whole);
            }
            Err(StoreError::Damaged(_)) => damaged = Some(at),
            Err(error) => return Err(error),
        }
    }
    let prepared = prepare(home, key, &source, &receipts, clock.as_ref())?;
    if let Some(at) = damaged {
        aside = keep_as_it_is(&database, &folder, at)?;
    }
    prepared.put_in_place(home, aside.as_ref())?;
    Ok(aside)
}

/// Keeps a file that is damaged, with its log of changes, under another name: no room is needed for it, and whatever happens
/// next, one of both names leads to it.
fn keep_as_it_is(database: &Path, folder: &Path, at: Timestamp) -> Result<Option<Backup>, StoreError> {
    let kept = folder.join(file_name(DAMAGED, at));
    for (from, to) in [(database.to_owned(), kept.clone()), (journal::path(database), journal::path(&kept))] {
        if from.exists() && fs::hard_link(&from, &to).is_err() {
            // Not every file system has a second name for a file.
            fs::copy(&from, &to)?;
        }
    }
    sync_folder(folder)?;
    Ok(describe(&kept))
}

/// Every file that is such a copy, or the part of one.
pub(crate) fn files(home: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        let name = entry.file_name();
        let copy = name.to_str().and_then(|name| name.strip_prefix(home::DATABASE));
        if copy.is_some_and(|rest| rest.starts_with(".before-") || rest == PARTIAL) {
            files.push(entry.path());
        }
    }
    let folder = home.join(FOLDER);
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let ours = name.to_str().is_some_and(|name| {
                name.contains(PARTIAL) || [REGULAR, ASIDE, DAMAGED].iter().any(|prefix| name.starts_with(prefix))
            });
            if ours && entry.path().is_file() {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

/// Deletes those of [`files`] for which it is true, so that not even a power cut brings one back: it may hold what was forgotten,
/// or in plain what is encrypted now.
pub(crate) fn remove(home: &Path, mut goes: impl FnMut(&Path) -> bool) -> Result<(), StoreError> {
    let gone: Vec<PathBuf> = files(home)?.into_iter().filter(|path| goes(path)).collect();
    for path in &gone {
        fs::remove_file(path)?;
    }
    let folders: BTreeSet<&Path> = gone.iter().filter_map(|path| path.parent()).collect();
    Ok(folders.into_iter().try_for_each(sync_folder)?)
}

/// Where such a file is written before it is whole.
pub(crate) fn partial_of(path: &Path) -> PathBuf {
    journal::beside(path, PARTIAL)
}

/// Whether a file of [`files`] is the part of one.
pub(crate) fn is_partial(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains(PARTIAL))
}

/// Whether a file of [`files`] is a copy that can be put back.
pub(crate) fn is_copy(path: &Path) -> bool {
    !is_partial(path) && describe(path).is_some()
}

/// A copy that is ready to take the database's place.
struct Prepared {
    path: PathBuf,
    /// Something in it had been forgotten since, and so stands in other old copies, too.
    forgotten: bool,
}

impl Prepared {
    /// Where nobody has the home open, and what is there was kept as `aside`.
    fn put_in_place(self, home: &Path, aside: Option<&Backup>) -> Result<(), StoreError> {
        let database = home.join(home::DATABASE);
        // Nothing of the old file's log of changes may be taken for the new one's. What stood in it was kept.
        for side in ["-wal", "-shm"] {
            let side = journal::beside(&database, side);
            if side.exists() {
                fs::remove_file(side)?;
            }
        }
        fs::rename(&self.path, &database)?;
        sync_folder(home)?;
        home::forget_damage(home)?;
        self.tidy(home, aside.map_or("", |aside| aside.name.as_str()))
    }

    /// Removes what is not needed any more, and every copy but `aside` that may hold what was forgotten.
    fn tidy(self, home: &Path, aside: &str) -> Result<(), StoreError> {
        remove(home, |path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let kept = !aside.is_empty() && name.starts_with(aside);
            path.starts_with(home.join(FOLDER)) && is_partial(path) || self.forgotten && !kept
        })
    }
}

fn prepare(
    home: &Path,
    key: Option<&DatabaseKey>,
    source: &Path,
    receipts: &[(Vec<u8>, Forgotten)],
    clock: &dyn Clock,
) -> Result<Prepared, StoreError> {
    look_at(&Place::at(source.to_owned(), key))?;
    let path = begin_beside(home, key, Some(source))?;
    let mut connection = open_beside(&path, key)?;
    let before = take_name(&connection)?;
    let device = begin(&mut connection, clock, &[])?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let known: BTreeSet<Vec<u8>> = forgotten(&transaction)?.into_iter().map(|(id, _)| id).collect();
    let log = Log::new(&transaction, device, clock);
    if let Some(before) = before {
        sync::device_anew(&log, before)?;
    }
    for (id, receipt) in receipts {
        if !known.contains(id) {
            log.append(&Change::Forgotten(Box::new(receipt.clone())))?;
        }
    }
    // A device of its own, but one that knows what is in the copy. Not before the receipts: whoever forgot need not have
    // known all of that.
    sync::note_known(&log)?;
    let forgotten = forget::again(&log, BTreeSet::new(), false)?;
    transaction.execute("DELETE FROM clearing", [])?;
    transaction.commit()?;
    finish(path, connection, forgotten)
}
/// A file of its own beside the database, with what is in `source`.
fn begin_beside(home: &Path, key: Option<&DatabaseKey>, source: Option<&Path>) -> Result<PathBuf, StoreError> {
    let path = home.join(FOLDER).join(format!("restoring{PARTIAL}"));
    for left in ["", "-wal", "-shm"] {
        let left = journal::beside(&path, left);
        if left.exists() {
            fs::remove_file(left)?;
        }
    }
    create_private(&path)?;
    match source {
        // As it was when it was copied, before the database came under its key.
        Some(source) if key.is_some() && FileKind::of(source) == FileKind::Plain => {
            cipher::export(source, None, &path, key)?;
        }
        Some(source) => drop(fs::copy(source, &path)?),
        None => {}
    }
    Ok(path)
}

fn open_beside(path: &Path, key: Option<&DatabaseKey>) -> Result<Connection, StoreError> {
    let mut connection = open_writer(&Place::Disk(path.to_owned(), key.cloned()))?;
    // The copy stays as it is: no copy of a copy.
    migrate(&mut connection, &Place::new_memory())?;
    Ok(connection)
}

/// Takes out of a copy who wrote it.
fn take_name(connection: &Connection) -> Result<Option<DeviceId>, StoreError> {
    let name = connection
        .query_row("SELECT device FROM this_device", [], |row| row.get::<_, Column<DeviceId>>(0))
        .optional()?;
    connection.execute("DELETE FROM this_device", [])?;
    Ok(name.map(|Column(device)| device))
}

/// Closes a copy that is ready.
fn finish(path: PathBuf, connection: Connection, forgotten: bool) -> Result<Prepared, StoreError> {
    if forgotten {
        connection.execute_batch("VACUUM")?;
    }
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    fs::OpenOptions::new().write(true).open(&path)?.sync_all()?;
    Ok(Prepared { path, forgotten })
}

/// What was forgotten, by receipt.
fn forgotten(connection: &Connection) -> Result<Vec<(Vec<u8>, Forgotten)>, StoreError> {
    let mut records = connection.prepare(
        "SELECT version, payload FROM record WHERE kind = ?1 ORDER BY order_wall, order_counter, device, seq",
    )?;
    let mut rows = records.query([Kind::Forgotten.as_str()])?;
    let mut receipts = Vec::new();
    while let Some(row) = rows.next()? {
        let payload = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(Change::Forgotten(forgotten)) = Change::decode(Kind::Forgotten, row.get(0)?, payload)? {
            receipts.push((forgotten.receipt.id.as_uuid().as_bytes().to_vec(), *forgotten));
        }
    }
    Ok(receipts)
}

/// Copies a database that nobody has open to `target`, with what stands in its log of changes; what was forgotten in it.
fn set_aside(database: &Place, target: &Path) -> Result<Vec<(Vec<u8>, Forgotten)>, StoreError> {
    let found = examine(database)?;
    if found > newest_version() {
        return Err(StoreError::TooNew { found, newest: newest_version() });
    }
    let connection = open_writer(database)?;
    let receipts = if found == 0 { Vec::new() } else { forgotten(&connection)? };
    let partial = target.with_extension("partial");
    copy_into(&connection, &partial)?;
    if found > 0 {
        look_at(&Place::Disk(partial.clone(), database.key().cloned()))?;
    }
    fs::rename(&partial, target)?;
    // Before the database is replaced.
    sync_folder(target.parent().unwrap_or(target))?;
    Ok(receipts)
}

/// Fails unless the file is a whole database of ours that this program can read; how much is in it.
pub(crate) fn look_at(place: &Place) -> Result<[i64; 3], StoreError> {
    let found = examine(place)?;
    if found > newest_version() {
        return Err(StoreError::TooNew { found, newest: newest_version() });
    }
    if found == 0 {
        return Err(StoreError::Damaged("there is nothing in it".to_owned()));
    }
    let connection = open_reader(place)?;
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(StoreError::Damaged(BROKEN.to_owned()));
    }
    counts(&connection)
}

fn is_sound(connection: &Connection) -> Result<bool, StoreError> {
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

/// How many records there are, and how many replies that are being written: both are kept from the moment that somebody was
/// told so.
fn said(connection: &Connection) -> Result<[i64; 2], StoreError> {
    let counted = "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM reply_draft)";
    Ok(connection.query_row(counted, [], |row| Ok([row.get(0)?, row.get(1)?]))?)
}

/// Records, sessions and messages.
fn counts(connection: &Connection) -> Result<[i64; 3], StoreError> {
    Ok(connection.query_row(
        "SELECT (SELECT count(*) FROM record), (SELECT count(*) FROM session), (SELECT count(*) FROM message)",
        [],
        |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]),
    )?)
}

fn prepare_folder(home: &Path) -> Result<PathBuf, StoreError> {
    let folder = home.join(FOLDER);
    home::create_private_folder(&folder)?;
    Ok(folder)
}

/// A copy by its name; only one that is listed, so that a name is never a path.
fn find(home: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let named = |path: &PathBuf| path.file_name().and_then(|found| found.to_str()) == Some(name);
    let found = files(home)?.into_iter().filter(|path| describe(path).is_some()).find(named);
    found.ok_or(StoreError::NotFound("backup"))
}

/// `twin-2026-11-21T08-16-40.123Z.db`
fn file_name(prefix: &str, at: Timestamp) -> String {
    format!("{prefix}{}{SUFFIX}", at.to_string().replace(':', "-"))
}

fn describe(path: &Path) -> Option<Backup> {
    let name = path.file_name()?.to_str()?;
    let meta = fs::metadata(path).ok()?;
    let dated = |prefix: &str| {
        let text = name.strip_prefix(prefix)?.strip_suffix(SUFFIX)?;
        let (day, time) = text.split_once('T')?;
        format!("{day}T{}", time.replace('-', ":")).parse::<Timestamp>().ok()
    };
    // SQLite's own, beside one that it looks at.
    let is_beside = name.ends_with("-shm") || name.ends_with("-wal");
    let (at, reason) = if name.starts_with(BEFORE_UPDATE) && !is_beside {
        let modified = meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        (Timestamp::from_millis(i64::try_from(modified.as_millis()).ok()?), BackupReason::BeforeUpdate)
    } else if let Some(at) = dated(REGULAR) {
        (at, BackupReason::Regular)
    } else {
        (dated(ASIDE).or_else(|| dated(DAMAGED))?, BackupReason::BeforeRestore)
    };
    let kilobytes = u32::try_from(meta.len().div_ceil(1024)).unwrap_or(u32::MAX);
    Some(Backup { name: name.to_owned(), at, reason, kilobytes })
}

/// The names of those that others make unnecessary; `backups` are the newest first.
fn superseded(backups: &[Backup]) -> Vec<String> {
    let day = |backup: &Backup| backup.at.as_millis().div_euclid(DAY_MILLIS);
    // 1970 began on a Thursday, weeks do on Mondays.
    let week = |backup: &Backup| (day(backup) + 3).div_euclid(7);
    let regular = || backups.iter().filter(|backup| backup.reason == BackupReason::Regular);
    let newest_of = |period: &dyn Fn(&Backup) -> i64, count: usize| {
        let mut seen = BTreeSet::new();
        let newest = regular().filter(|backup| seen.insert(period(backup))).take(count);
        newest.map(|backup| backup.name.clone()).collect::<BTreeSet<_>>()
    };
    let mut kept = newest_of(&day, DAYS);
    kept.extend(newest_of(&week, WEEKS));
    let aside = backups.iter().filter(|backup| backup.reason == BackupReason::BeforeRestore).skip(BEFORE_RESTORE);
    regular().filter(|backup| !kept.contains(&backup.name)).chain(aside).map(|backup| backup.name.clone()).collect()
}

#[cfg(test)]
mod tests;
