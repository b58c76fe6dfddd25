//! Opening and closing.

use crate::connection::{examine, open_writer};
use crate::error::StoreError;
use crate::home::{self, OpeningLock, OwnerLock};
use crate::log::Log;
use crate::migration::{migrate, newest_version};
use crate::reader::Readers;
use crate::row::Column;
use crate::writer::Writer;
use crate::{projection, recovery};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
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
    path: PathBuf,
    device: DeviceId,
    clock: Arc<dyn Clock>,
    data_version: AtomicI64,
    readers: Readers,
    writer: Writer,
    owner: OwnerLock,
}

impl Store {
    /// Opens the database of `home`, creating both if they are missing, and brings it to the newest schema (a copy of the
    /// file is kept). Replies that were growing in a process that is gone become messages with status `Interrupted`.
    pub fn open(home: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        home::prepare(home)?;
        let opening = OpeningLock::acquire(home)?;
        let path = home.join(home::DATABASE);
        let found = examine(&path)?;
        if found > newest_version() {
            return Err(StoreError::TooNew { found, newest: newest_version() });
        }
        home::create_private(&path)?;
        let mut connection = open_writer(&path)?;
        migrate(&mut connection, &path)?;

        let living = home::living_owners(home, &opening)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let device = this_device(&transaction, clock.as_ref())?;
        recovery::keep_interrupted(&Log { transaction: &transaction, device, clock: clock.as_ref() }, &living)?;
        transaction.commit()?;

        let owner = OwnerLock::acquire(home, &opening)?;
        let data_version = AtomicI64::new(data_version(&connection)?);
        let readers = Readers::new(&path);
        let writer = Writer::start(connection)?;
        tracing::info!(%device, schema = newest_version(), "store opened");
        Ok(Self { inner: Arc::new(Inner { path, device, clock, data_version, readers, writer, owner }) })
    }

    /// The installation that this home belongs to.
    pub fn device(&self) -> DeviceId {
        self.inner.device
    }

    /// True once after another process committed something.
    pub fn changes_elsewhere(&self) -> Result<bool, StoreError> {
        // Asked on the writing connection: there, and only there, the number stands still for our own commits.
        let now = self.inner.writer.with_connection(|connection| data_version(connection))?;
        Ok(self.inner.data_version.swap(now, Ordering::Relaxed) != now)
    }

    /// Keeps the replies that were growing in processes which are gone by now, as [`Store::open`] does; whether there were
    /// any. Cheap when no other process has a reply.
    pub fn recover_interrupted(&self) -> Result<bool, StoreError> {
        let owner = self.owner().to_owned();
        let elsewhere: bool = self.read(|transaction| {
            let mut drafts =
                transaction.prepare_cached("SELECT EXISTS (SELECT 1 FROM reply_draft WHERE owner <> ?1)")?;
            Ok(drafts.query_row([owner], |row| row.get(0))?)
        })?;
        if !elsewhere {
            return Ok(false);
        }
        let home = self.inner.path.parent().unwrap_or(&self.inner.path);
        // Held to the end: a process that is just opening has its lock before its first draft.
        let opening = OpeningLock::acquire(home)?;
        let living = home::living_owners(home, &opening)?;
        self.write(move |log| recovery::keep_interrupted(log, &living))
    }

    /// Drops every projection and folds the log again.
    pub fn rebuild_projections(&self) -> Result<(), StoreError> {
        self.inner.writer.write(projection::rebuild)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The name under which this store's drafts are kept.
    pub(crate) fn owner(&self) -> &str {
        self.inner.owner.name()
    }

    /// Runs `work` on what is committed at this moment.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(work)
    }

    /// Runs `work` in one transaction and returns after its commit. An error rolls everything back.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Log<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (device, clock) = (self.inner.device, Arc::clone(&self.inner.clock));
        self.inner.writer.write(move |transaction| work(&Log { transaction, device, clock: clock.as_ref() }))
    }
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

fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
