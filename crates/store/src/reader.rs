//! A few connections for reading, beside the writer.

use crate::connection::{Place, open_reader};
use crate::error::StoreError;
use rusqlite::{Connection, Transaction};
use std::sync::{Arc, Mutex, PoisonError};

/// More are opened when more threads read at once; only so many are kept.
const KEPT: usize = 3;

pub(crate) struct Readers {
    place: Arc<Place>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(place: Arc<Place>) -> Self {
        Self { place, idle: Mutex::default() }
    }

    /// Runs `work` in a read transaction: everything that it sees is of one moment.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle().pop();
        let mut connection = idle.map_or_else(|| self.open(), Ok)?;
        let answer = work(&connection.transaction()?);
        let mut idle = self.idle();
        if idle.len() < KEPT {
            idle.push(connection);
        }
        answer
    }

    /// With the index's words as a table of the connection's own, which holds nothing.
    fn open(&self) -> Result<Connection, StoreError> {
        let connection = open_reader(&self.place)?;
        connection
            .execute_batch("CREATE VIRTUAL TABLE temp.message_word USING fts5vocab (main, message_fts, instance)")?;
        Ok(connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
