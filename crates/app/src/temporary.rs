//! Conversations that are held in memory only: nothing of them is written, and they end with the program at the latest.
//!
//! Each has a store of its own, so that closing it leaves nothing to be erased; only a copy of a part of one shares it.

use crate::error::{WireError, invalid};
use crate::{App, task};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use twin_core::event::Event;
use twin_core::id::SessionId;
use twin_store::{Store, StoreError};

/// The stores of the temporary sessions.
#[derive(Default)]
pub(crate) struct Temporary {
    stores: RwLock<HashMap<SessionId, Store>>,
}

impl App {
    /// The store that holds a session: of one that is not there, the home's.
    pub(crate) fn store_of(&self, session: SessionId) -> Store {
        self.temporary_store(session).unwrap_or_else(|| self.inner.store.clone())
    }

    /// None for a session that is kept.
    pub(crate) fn temporary_store(&self, session: SessionId) -> Option<Store> {
        self.inner.temporary.stores.read().unwrap_or_else(PoisonError::into_inner).get(&session).cloned()
    }

    /// Every store, the home's last.
    pub(crate) fn stores(&self) -> Vec<Store> {
        let temporary = self.inner.temporary.stores.read().unwrap_or_else(PoisonError::into_inner);
        temporary.values().chain([&self.inner.store]).cloned().collect()
    }

    /// A store for a session that is about to begin.
    pub(crate) async fn temporary_store_new(&self) -> Result<Store, WireError> {
        let clock = Arc::clone(&self.inner.clock);
        task::store(move || Store::open_in_memory(clock)).await
    }

    /// From now on that session is found there.
    pub(crate) fn temporary_hold(&self, session: SessionId, store: Store) {
        self.inner.temporary.stores.write().unwrap_or_else(PoisonError::into_inner).insert(session, store);
    }

    /// Gives up a temporary session with everything in it. One that is gone already is fine.
    pub async fn session_close(&self, id: SessionId) -> Result<(), WireError> {
        self.chat_stop(id);
        let temporary = self.inner.temporary.stores.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(temporary) = temporary {
            // The last one waits for the thread that writes.
            task::blocking(move || drop(temporary)).await?;
            self.tell(Event::SessionsChanged);
            return Ok(());
        }
        let store = self.inner.store.clone();
        match task::blocking(move || store.session_get(id)).await? {
            Err(StoreError::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Err(invalid("this conversation is not a temporary one", "Delete it, if it is not to be kept.")),
        }
    }
}
