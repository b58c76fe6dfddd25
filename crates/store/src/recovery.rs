//! What a process left behind when it was killed.

use crate::error::StoreError;
use crate::log::Log;
use crate::payload::Change;
use crate::row::{MESSAGE_COLUMNS, message};
use crate::{path, reply};
use twin_core::chat::{Message, MessageStatus};

/// Makes messages of the replies whose owner is not among the `living`: cut off, but kept as far as they had come. Whether
/// there were any.
pub(crate) fn keep_interrupted(log: &Log<'_>, living: &[String]) -> Result<bool, StoreError> {
    let mut drafts = log.transaction.prepare(&format!(
        "SELECT {MESSAGE_COLUMNS}, d.owner AS owner FROM reply_draft d JOIN message_or_draft m ON m.id = d.id
         WHERE m.draft = 1 ORDER BY d.number"
    ))?;
    let drafts: Vec<(Message, String)> =
        drafts.query_map([], |row| Ok((message(row)?, row.get("owner")?)))?.collect::<rusqlite::Result<_>>()?;
    let mut any = false;
    for (draft, owner) in drafts {
        if living.contains(&owner) {
            continue;
        }
        let cut_off = Message { status: MessageStatus::Interrupted, ..draft };
        let elsewhere = path::shown_beside(log.transaction, &cut_off)?;
        reply::remove(log.transaction, cut_off.id)?;
        log.append(&Change::from(&cut_off))?;
        if elsewhere.is_some() {
            path::set_head(log, cut_off.session_id, elsewhere)?;
        }
        tracing::info!(message = %cut_off.id, "interrupted reply kept");
        any = true;
    }
    Ok(any)
}
