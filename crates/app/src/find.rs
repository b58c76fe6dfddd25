//! Finding what was said.

use crate::error::{WireError, invalid};
use crate::{App, task};
use twin_core::find::{FindQuery, Found};

/// A longer text is not looked for, it is a text.
const MAX_TEXT_CHARS: usize = 1_000;
/// More at once than anybody reads.
const MOST: u32 = 200;

impl App {
    /// The messages that fit; never one of another audience's sessions. A temporary session is looked through only where
    /// it is named.
    pub async fn message_find(&self, query: FindQuery) -> Result<Found, WireError> {
        if query.text.chars().count() > MAX_TEXT_CHARS {
            return Err(invalid(
                format!("no more than {MAX_TEXT_CHARS} characters can be looked for"),
                "Look for a few of the words.",
            ));
        }
        self.inner.meanings.looked();
        let query = FindQuery { limit: query.limit.clamp(1, MOST), ..query };
        let store = query.session.map_or_else(|| self.inner.store.clone(), |session| self.store_of(session));
        task::store(move || store.message_find(&query)).await
    }
}
