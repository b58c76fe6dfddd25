//! Opening and closing.

use crate::backup::backup_list;
use crate::cipher::{self, Location};
use crate::connection::{Place, examine, open_writer};
use crate::error::{BROKEN, StoreError};
use crate::home::{self, OpeningLock, OwnerLock};
use crate::log::Log;
use crate::migration::{migrate, newest_version};
use crate::reader::Readers;
use crate::row::Column;
use crate::writer::Writer;
use crate::{forget, journal, projection, recovery};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use twin_core::chat::Session;
use twin_core::id::DeviceId;
use twin_core::port::Clock;

/// The database of one home. Cheap to clone; the last clone dropped closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

// Dropped from top to bottom: the readers before the writer, whose connection as the last one folds SQLite's log of
// changes into the file; then the lock, because the drafts are ours for as long as anything here lives.
struct Inner {
    place: Arc<Place>,
    /// Another one after a copy was restored (its numbers were given to other records since), or when syncing begins; by this
    /// process or another.
    device: Arc<Mutex<DeviceId>>,
    /// Held while a copy is made or traces are cleared: what was forgotten must not get into a copy that is being made.
    copying: Mutex<()>,
    clock: Arc<dyn Clock>,
    data_version: AtomicI64,
    damaged: AtomicBool,
    readers: Readers,
    writer: Writer,
    /// None in memory, where no other process can be.
    owner: Option<OwnerLock>,
}

impl Store {
    /// Opens the database of `home`, creating both if they are missing, and brings it to the newest schema (a copy of the
    /// file is kept). Replies that were growing in a process that is gone become messages with status `Interrupted`.
    pub fn open<'a>(at: impl Into<Location<'a>>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let at = at.into();
        let home = at.home;
        home::prepare(home)?;
        let opening = OpeningLock::acquire(home)?;
        let path = at.database();
        require_there(home, &path)?;
        let living = home::living_owners(home, &opening)?;
        if living.is_empty() {
            // Before SQLite has a look: it writes the index anew, after what it finds.
            journal::require_whole(&path)?;
        }
        let key = at.in_use(living.is_empty())?;
        let place = Place::Disk(path.clone(), key.cloned());
        let found = examine(&place)?;
        if found > newest_version() {
            return Err(StoreError::TooNew { found, newest: newest_version() });
        }
        if at.key.is_some() && living.is_empty() {
            // A switch that was cut off goes on. One that cannot is no reason to keep the home closed.
            let done = cipher::copies_follow(home, at.key, key);
            let _ = done.inspect_err(|error| tracing::warn!(%error, "copies are not as the database is"));
        }
        home::create_private(&path)?;
        let mut connection = open_writer(&place)?;
        migrate(&mut connection, &place)?;
        forget::finish(&mut connection, &place)?;

        let device = begin(&mut connection, clock.as_ref(), &living)?;
        let owner = OwnerLock::acquire(home, &opening)?;
        tracing::info!(%device, schema = newest_version(), "store opened");
        Self::start(place, connection, device, clock, Some(owner))
    }

    /// Opens a database of its own in memory, for what is to leave no trace: nothing of it is ever on a disk, and it is gone
    /// with the last clone. The same code as for a file, journal and sorting in memory; its sessions are marked.
    pub fn open_in_memory(clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let place = Place::new_memory();
        let mut connection = open_writer(&place)?;
        migrate(&mut connection, &place)?;
        let device = begin(&mut connection, clock.as_ref(), &[])?;
        Self::start(place, connection, device, clock, None)
    }

    fn start(
        place: Place,
        connection: Connection,
        device: DeviceId,
        clock: Arc<dyn Clock>,
        owner: Option<OwnerLock>,
    ) -> Result<Self, StoreError> {
        let place = Arc::new(place);
        let (device, copying) = (Arc::new(Mutex::new(device)), Mutex::default());
        let data_version = AtomicI64::new(data_version(&connection)?);
        let damaged = AtomicBool::new(false);
        let readers = Readers::new(Arc::clone(&place));
        let writer = Writer::start(connection)?;
        Ok(Self {
            inner: Arc::new(Inner { place, device, copying, clock, data_version, damaged, readers, writer, owner }),
        })
    }

    /// The installation that this home belongs to.
    pub fn device(&self) -> DeviceId {
        *self.inner.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn become_device(&self, device: DeviceId) {
        set(&self.inner.device, device);
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    pub(crate) fn copying(&self) -> MutexGuard<'_, ()> {
        self.inner.copying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True once after another process committed something.
    pub fn changes_elsewhere(&self) -> Result<bool, StoreError> {
        // Asked on the writing connection: there, and only there, the number stands still for our own commits.
        let device = Arc::clone(&self.inner.device);
        let now = self.inner.writer.with_connection(move |connection| {
            set(&device, current_device(connection)?);
            data_version(connection)
        })?;
        Ok(self.inner.data_version.swap(now, Ordering::Relaxed) != now)
    }

    /// Keeps the replies that were growing in processes which are gone by now, as [`Store::open`] does; whether there were
    /// any. Cheap when no other process has a reply.
    pub fn recover_interrupted(&self) -> Result<bool, StoreError> {
        let Place::Disk(path, _) = self.place() else {
            return Ok(false);
        };
        if !self.reply_grows_elsewhere()? {
            return Ok(false);
        }
        let home = path.parent().unwrap_or(path);
        // Held to the end: a process that is just opening has its lock before its first draft.
        let opening = OpeningLock::acquire(home)?;
        let living = home::living_owners(home, &opening)?;
        self.write(move |log| recovery::keep_interrupted(log, &living))
    }

    /// Whether there are replies of other processes, living or not.
    pub fn reply_grows_elsewhere(&self) -> Result<bool, StoreError> {
        let owner = self.owner().to_owned();
        self.read(|transaction| {
            let mut drafts =
                transaction.prepare_cached("SELECT EXISTS (SELECT 1 FROM reply_draft WHERE owner <> ?1)")?;
            Ok(drafts.query_row([owner], |row| row.get(0))?)
        })
    }

    /// Drops every projection and folds the log again.
    pub fn rebuild_projections(&self) -> Result<(), StoreError> {
        self.noting_damage(self.inner.writer.write(projection::rebuild))
    }

    /// As it leaves the store: whoever reads it sees whether it is kept on a disk at all.
    pub(crate) fn marked(&self, session: Session) -> Session {
        Session { temporary: matches!(self.place(), Place::Memory(_)), ..session }
    }

    /// Fails while a reply is being written, in whichever process.
    pub fn require_no_reply(&self) -> Result<(), StoreError> {
        if self.read(|transaction| Ok(transaction.prepare("SELECT 1 FROM reply_draft")?.exists([])?))? {
            return Err(StoreError::ReplyGrowing);
        }
        Ok(())
    }

    /// Whether it is kept under a key.
    pub fn is_encrypted(&self) -> bool {
        self.place().key().is_some()
    }

    pub(crate) fn place(&self) -> &Place {
        &self.inner.place
    }

    /// The name under which this store's drafts are kept.
    pub(crate) fn owner(&self) -> &str {
        self.inner.owner.as_ref().map_or("memory", OwnerLock::name)
    }

    /// Runs `work` on what is committed at this moment.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.noting_damage(self.inner.readers.read(work))
    }

    /// Runs `work` on the writing connection, outside of a transaction.
    pub(crate) fn with_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection, &Place) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.inner.place);
        self.noting_damage(self.inner.writer.with_connection(move |connection| work(connection, &place)))
    }

    /// Runs `work` in one transaction and returns after its commit. An error rolls everything back.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Log<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (known, clock) = (Arc::clone(&self.inner.device), self.clock());
        let written = self.inner.writer.write(move |transaction| {
            // Another process may have begun to sync since: what is written under the id of before would never be sent.
            let device = current_device(transaction)?;
            set(&known, device);
            work(&Log::new(transaction, device, clock.as_ref()))
        });
        self.noting_damage(written)
    }

    /// Whether SQLite, or the look at a copy, found it damaged since it was opened.
    pub fn is_damaged(&self) -> bool {
        self.inner.damaged.load(Ordering::Relaxed)
    }

    /// Nobody goes on with a database that is broken: it is not opened again before another is put in its place.
    pub(crate) fn noting_damage<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let (Err(StoreError::Damaged(what)), Place::Disk(path, _)) = (&done, self.place())
            && what == BROKEN
        {
            self.note_damage(path, what);
        }
        done
    }

    pub(crate) fn note_damage(&self, path: &Path, what: &str) {
        if !self.inner.damaged.swap(true, Ordering::Relaxed) {
            tracing::error!(what, "the database is damaged");
            home::note_damage(path.parent().unwrap_or(path), what);
        }
    }
}

/// Fails where there are copies of a database, but not the database: beginning with an empty one would look as if nothing
/// had ever been. Fails also for one that was found damaged before.
pub(crate) fn require_there(home: &Path, path: &Path) -> Result<(), StoreError> {
    if let Some(what) = home::noted_damage(home) {
        return Err(StoreError::Damaged(what));
    }
    let bytes = fs_err::metadata(path).map_or(None, |meta| Some(meta.len()));
    if bytes.is_some_and(|bytes| bytes > 0) {
        return Ok(());
    }
    let log = fs_err::metadata(journal::path(path)).map_or(0, |meta| meta.len());
    if log == 0 && backup_list(home)?.is_empty() {
        return Ok(());
    }
    let what = if bytes.is_none() { "it is gone" } else { "there is nothing in it" };
    Err(StoreError::Damaged(what.to_owned()))
}

/// Reads who this is, or writes it for the first time, and keeps what was interrupted.
pub(crate) fn begin(connection: &mut Connection, clock: &dyn Clock, living: &[String]) -> Result<DeviceId, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let device = this_device(&transaction, clock)?;
    recovery::keep_interrupted(&Log::new(&transaction, device, clock), living)?;
    transaction.commit()?;
    Ok(device)
}

fn this_device(transaction: &Transaction<'_>, clock: &dyn Clock) -> Result<DeviceId, StoreError> {
    let known = transaction
        .query_row("SELECT device FROM this_device", [], |row| row.get::<_, Column<DeviceId>>(0))
        .optional()?;
    if let Some(Column(device)) = known {
        return Ok(device);
    }
    let device = DeviceId::new(clock.now());
    transaction.execute("INSERT INTO this_device (one, device) VALUES (1, ?1)", [Column(device)])?;
    Ok(device)
}

pub(crate) fn current_device(connection: &Connection) -> Result<DeviceId, StoreError> {
    let mut device = connection.prepare_cached("SELECT device FROM this_device")?;
    Ok(device.query_row([], |row| row.get::<_, Column<DeviceId>>(0))?.0)
}

fn set(device: &Mutex<DeviceId>, to: DeviceId) {
    *device.lock().unwrap_or_else(PoisonError::into_inner) = to;
}

fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
