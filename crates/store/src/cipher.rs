//! A database under a key: SQLCipher encrypts each page, in the file, in its log of changes and in every copy. What a file is, its
//! first bytes say, so that a switch that was cut off leaves nothing that cannot be opened: each file is taken as what it is.

use crate::backup::{self, look_at};
use crate::connection::{Place, examine, immutable_uri, open_reader, open_writer};
use crate::error::StoreError;
use crate::home::{self, OpeningLock, create_private, sync_folder};
use crate::migration::newest_version;
use crate::{journal, store};
use fs_err as fs;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use twin_core::port::Random;
use twin_core::secret::Secret;
use twin_core::sync::{hex, unhex};

/// How every SQLite file begins that is not encrypted.
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// Says in a home that its database is under a key. What it says further is not for this room.
pub const KEY_FILE: &str = "twin.key";

/// What a database is encrypted with: random, and never typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseKey(Secret<[u8; 32]>);

impl DatabaseKey {
    /// Of 32 random bytes.
    pub const fn new(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// A new one.
    pub fn random(random: &mut dyn Random) -> Self {
        let mut bytes = Secret::new([0; 32]);
        random.fill(bytes.expose_mut());
        Self(bytes)
    }

    /// As it is kept where only text can be.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(hex(self.0.expose()))
    }

    /// What [`Self::to_text`] wrote; none if it is something else.
    pub fn from_text(text: &Secret<String>) -> Option<Self> {
        unhex(text.expose()).map(|bytes| Self(Secret::new(bytes)))
    }

    /// Tells whether a key is the right one, and nothing of the key: it is random, so there is nothing to be guessed.
    pub fn check(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"digital-twin database key\0");
        hash.update(self.0.expose());
        let hash: [u8; 32] = hash.finalize().into();
        hex(&hash)
    }

    /// SQLCipher's form of a key that is one already and no passphrase.
    fn literal(&self) -> Secret<String> {
        let mut literal = String::with_capacity(80);
        literal.push_str("x'");
        literal.push_str(self.to_text().expose());
        literal.push('\'');
        Secret::new(literal)
    }
}

/// A home, and the key of its database if it has one.
#[derive(Debug, Clone, Copy)]
pub struct Location<'a> {
    pub(crate) home: &'a Path,
    pub(crate) key: Option<&'a DatabaseKey>,
}

impl<'a> From<&'a Path> for Location<'a> {
    fn from(home: &'a Path) -> Self {
        Self { home, key: None }
    }
}

impl<'a> From<&'a PathBuf> for Location<'a> {
    fn from(home: &'a PathBuf) -> Self {
        Self { home, key: None }
    }
}

impl<'a> From<(&'a Path, Option<&'a DatabaseKey>)> for Location<'a> {
    fn from((home, key): (&'a Path, Option<&'a DatabaseKey>)) -> Self {
        Self { home, key }
    }
}

impl<'a> Location<'a> {
    pub(crate) fn database(&self) -> PathBuf {
        self.home.join(home::DATABASE)
    }

    /// The key under which the database is, and whatever is put in its place. Fails where there is one and it was not given.
    /// `closed`: nobody has it open in this process.
    pub(crate) fn in_use(&self, closed: bool) -> Result<Option<&'a DatabaseKey>, StoreError> {
        if self.key.is_none() && !self.home.join(KEY_FILE).exists() {
            return Ok(None);
        }
        let database = self.database();
        let kind = if closed { FileKind::of(&database) } else { FileKind::asked(&database)? };
        match self.key {
            _ if kind == FileKind::Plain => Ok(None),
            // One that is gone as well: its copies are under the key, and would be taken for damaged.
            None => Err(StoreError::Locked),
            Some(key) => Ok(Some(key)),
        }
    }
}

/// What a file is, by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Plain,
    /// Encrypted, or damaged.
    Other,
    /// Missing, or nothing in it.
    Empty,
}

impl FileKind {
    /// Never of a database that this process has open: see `connection::reason_of`.
    pub(crate) fn of(path: &Path) -> Self {
        let mut begins = [0; 16];
        let Ok(mut file) = fs::File::open(path) else { return Self::Empty };
        if file.metadata().map_or(0, |meta| meta.len()) == 0 {
            return Self::Empty;
        }
        match file.read_exact(&mut begins) {
            Ok(()) if begins == *PLAIN => Self::Plain,
            _ => Self::Other,
        }
    }

    /// The same through SQLite, which knows of its own locks.
    fn asked(path: &Path) -> Result<Self, StoreError> {
        let place = Place::Disk(path.to_owned(), None);
        let count = |opened: Connection| {
            Ok(opened.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?)
        };
        match open_reader(&place).and_then(count) {
            Ok(_) => Ok(Self::Plain),
            Err(StoreError::Damaged(_)) => Ok(Self::Other),
            Err(error) => Err(error),
        }
    }
}

/// Whether the database of a home is encrypted, as far as its file says. Not of one that is open in this process.
pub fn is_encrypted(home: &Path) -> bool {
    home.join(KEY_FILE).exists() && FileKind::of(&home.join(home::DATABASE)) != FileKind::Plain
}

/// The first thing on a connection. Nothing of it may get into an error: SQLite's name the statement.
pub(crate) fn unlock(connection: &Connection, key: &DatabaseKey) -> Result<(), StoreError> {
    // Its log goes to standard error. The default and not this database's own: what is attached and VACUUM follow it.
    let before = "PRAGMA cipher_log_level = NONE; PRAGMA cipher_default_page_size = 8192;";
    connection.execute_batch(before).map_err(|_| StoreError::Cipher)?;
    let literal = key.literal();
    let mut statement = String::with_capacity(120);
    statement.push_str("PRAGMA key = \"");
    statement.push_str(literal.expose());
    statement.push_str("\";");
    let statement = Secret::new(statement);
    connection.execute_batch(statement.expose()).map_err(|_| StoreError::Cipher)
}

/// Brings the database of a home that nobody has open, and every copy in it, under the key `to`, or out from under the one that it
/// has. Cut off at any point, it is what its database is, and at the next opening its copies become that as well: the database comes
/// first under a key and last out from under one, so that no copy is ever under a key that a plain database does not ask for.
///
/// `before` runs once nothing speaks against it, to keep what opens the home from then on; `after` once everything is done.
pub fn encryption_switch<'a, E: From<StoreError>>(
    at: impl Into<Location<'a>>,
    to: Option<&DatabaseKey>,
    before: impl FnOnce() -> Result<(), E>,
    after: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let at = at.into();
    home::prepare(at.home)?;
    // Held to the end: two of them at once would each take what the other has kept.
    let opening = OpeningLock::acquire(at.home)?;
    let place = ready(at, to.is_some(), &opening)?;
    before()?;
    switch(at, to, &place)?;
    after()
}

/// Fails as [`encryption_switch`] does before it changes anything, for whoever has work to do first.
pub fn encryption_ready<'a>(at: impl Into<Location<'a>>, on: bool) -> Result<(), StoreError> {
    let at = at.into();
    home::prepare(at.home)?;
    let opening = OpeningLock::acquire(at.home)?;
    ready(at, on, &opening).map(drop)
}

fn ready(at: Location<'_>, on: bool, opening: &OpeningLock) -> Result<Place, StoreError> {
    if !home::living_owners(at.home, opening)?.is_empty() {
        return Err(StoreError::InUse);
    }
    let database = at.database();
    store::require_there(at.home, &database)?;
    journal::require_whole(&database)?;
    let place = Place::Disk(database.clone(), at.in_use(true)?.cloned());
    let found = examine(&place)?;
    if found > newest_version() {
        return Err(StoreError::TooNew { found, newest: newest_version() });
    }
    refuse_damaged_copies(at, on)?;
    Ok(place)
}

fn switch(at: Location<'_>, to: Option<&DatabaseKey>, place: &Place) -> Result<(), StoreError> {
    let database = at.database();
    if to.is_none() {
        copies_follow(at.home, at.key, None)?;
    }
    // Of one that has nothing in it, nothing has to be written anew.
    if FileKind::of(&database) != FileKind::Empty && place.key() != to {
        fold(place)?;
        convert(&database, at.key, to)?;
        tracing::info!(encrypted = to.is_some(), "the database was written anew");
    }
    if to.is_some() { copies_follow(at.home, to, to) } else { Ok(()) }
}

/// What stands in the log of changes goes into the file, and the log away.
fn fold(place: &Place) -> Result<(), StoreError> {
    let connection = open_writer(place)?;
    if connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))? {
        return Err(StoreError::Busy);
    }
    Ok(connection.close().map_err(|(_, error)| error)?)
}

/// What cannot be read cannot be encrypted, and is not to stay as it is: the owner decides, before anything is changed.
fn refuse_damaged_copies(at: Location<'_>, on: bool) -> Result<(), StoreError> {
    let unreadable = |copy: &PathBuf| {
        // Kept as it was found, with what it had not taken in yet.
        let logged = fs::metadata(journal::path(copy)).is_ok_and(|log| log.len() > 0);
        logged || matches!(look_at(&Place::at(copy.clone(), at.key)), Err(StoreError::Damaged(_)))
    };
    // On the way under a key: damaged, or under one of which `twin.key` is the only trace, and that is written anew.
    let mut refused = if on { others(at.home, false)?.into_iter().next() } else { None };
    if refused.is_none() {
        refused = others(at.home, on)?.into_iter().find(unreadable);
    }
    let Some(copy) = refused else { return Ok(()) };
    Err(StoreError::DamagedCopy(copy.file_name().unwrap_or_default().to_string_lossy().into_owned()))
}

/// The copies that are not as the database is to be.
fn others(home: &Path, on: bool) -> Result<Vec<PathBuf>, StoreError> {
    let other = if on { FileKind::Plain } else { FileKind::Other };
    let files = backup::files(home)?.into_iter();
    Ok(files.filter(|path| backup::is_copy(path) && FileKind::of(path) == other).collect())
}

/// The copies become what the database is. Nobody else has the home open.
pub(crate) fn copies_follow(
    home: &Path,
    key: Option<&DatabaseKey>,
    to: Option<&DatabaseKey>,
) -> Result<(), StoreError> {
    // Of a switch or a copy that was cut off.
    backup::remove(home, backup::is_partial)?;
    for copy in others(home, to.is_some())? {
        convert(&copy, key, to)?;
    }
    Ok(())
}

/// Writes a database that nobody has open anew, and puts the new file in its place once it is whole and on the disk.
fn convert(path: &Path, key: Option<&DatabaseKey>, to: Option<&DatabaseKey>) -> Result<(), StoreError> {
    let partial = backup::partial_of(path);
    let _ = fs::remove_file(&partial); // of an attempt that was cut off
    let before = look_at(&Place::at(path.to_owned(), key))?;
    export(path, key, &partial, to)?;
    if look_at(&Place::Disk(partial.clone(), to.cloned()))? != before {
        let _ = fs::remove_file(&partial);
        return Err(StoreError::Damaged("a copy of it holds less than it does".to_owned()));
    }
    // Nothing of the old file's log of changes may be taken for the new one's. It is empty.
    for side in ["-wal", "-shm"] {
        let side = journal::beside(path, side);
        if side.exists() {
            fs::remove_file(side)?;
        }
    }
    fs::rename(&partial, path)?;
    Ok(sync_folder(path.parent().unwrap_or(path))?)
}

/// What is in `source`, which nobody has open, as a database under another key, or under none; on the disk when this returns.
pub(crate) fn export(
    source: &Path,
    key: Option<&DatabaseKey>,
    target: &Path,
    to: Option<&DatabaseKey>,
) -> Result<(), StoreError> {
    create_private(target)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(target, flags)?;
    if let Some(to) = to {
        unlock(&connection, to)?;
    }
    // Nobody reads the new file before it is whole and synced.
    connection.execute_batch(
        "PRAGMA cipher_default_page_size = 8192; PRAGMA page_size = 8192; PRAGMA temp_store = MEMORY;
         PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;",
    )?;
    let from = if FileKind::of(source) == FileKind::Plain { None } else { key };
    let literal = from.map_or_else(|| Secret::new(String::new()), DatabaseKey::literal);
    connection
        .execute("ATTACH DATABASE ?1 AS source KEY ?2", [immutable_uri(source)?.as_str(), literal.expose()])
        .map_err(|error| hidden(error.into()))?;
    connection.query_row("SELECT sqlcipher_export('main', 'source')", [], |_| Ok(()))?;
    for number in ["application_id", "user_version"] {
        let value: i64 = connection.pragma_query_value(Some("source"), number, |row| row.get(0))?;
        connection.pragma_update(None, number, value)?;
    }
    connection.execute_batch("DETACH DATABASE source")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(fs::OpenOptions::new().write(true).open(target)?.sync_all()?)
}

/// The statement had a key beside it.
fn hidden(error: StoreError) -> StoreError {
    if matches!(error, StoreError::Sql(_)) { StoreError::Cipher } else { error }
}
