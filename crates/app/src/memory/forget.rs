//! Forgetting: shown first, then done for good.

use crate::error::{WireError, invalid};
use crate::{App, task};
use twin_core::event::Event;
use twin_core::memory::{ForgetReach, ForgetScope, Receipt, Unsent};

impl App {
    /// What forgetting would reach. Nothing is changed.
    pub async fn forget_plan(&self, scope: ForgetScope) -> Result<ForgetReach, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.forget_plan(&scope)).await
    }

    /// Which drafts, by their place, quote what forgetting would reach, or change a message of it. Nothing is changed.
    pub async fn forget_drafts(&self, scope: ForgetScope, drafts: Vec<Unsent>) -> Result<Vec<u32>, WireError> {
        let store = self.inner.store.clone();
        let found = task::store(move || store.forget_drafts(&scope, &drafts)).await?;
        Ok(found.into_iter().filter_map(|place| u32::try_from(place).ok()).collect())
    }

    /// Erases it for good, everywhere that this program wrote it.
    pub async fn forget(&self, scope: ForgetScope) -> Result<Receipt, WireError> {
        if let ForgetScope::Span { from, before } = &scope
            && from >= before
        {
            return Err(invalid("the time to forget ends before it begins", "Choose a later end."));
        }
        let store = self.inner.store.clone();
        let forgotten = task::store(move || store.forget(&scope)).await;
        let handed = self.forget_handed_over().await;
        // What could not be cleared up at once is erased all the same.
        self.tell(Event::Forgotten);
        handed.and(forgotten)
    }

    /// Any of it may be in what was dragged out of the window, or dropped on it to be taken in.
    pub(crate) async fn forget_handed_over(&self) -> Result<(), WireError> {
        let paths = self.inner.paths.clone();
        let dragged = task::blocking(move || Self::session_drag_end(&paths)).await?;
        self.import_drop_end().await.and(dragged)
    }

    /// What was forgotten, the newest first.
    pub async fn forget_receipts(&self) -> Result<Vec<Receipt>, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.receipts()).await
    }
}
