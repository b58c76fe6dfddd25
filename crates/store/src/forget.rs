//! Forgetting for good: first what it reaches, then the log, the tables and the index without it, then the files without
//! what was written in them before. A receipt stays, with numbers and ids and no content.

mod again;
mod copy;
mod line;
mod quote;
mod reach;
mod table;
mod trace;

pub(crate) use again::{Forgot, again};
pub(crate) use line::At;
pub(crate) use trace::finish;

use crate::blob;
use crate::error::StoreError;
use crate::export;
use crate::log::INDEXED;
use crate::payload::{Change, Forgotten};
use crate::row::{Column, Json};
use crate::store::Store;
use reach::Reach;
use rusqlite::Transaction;
use std::collections::BTreeSet;
use std::sync::Arc;
use twin_core::id::ReceiptId;
use twin_core::memory::{ForgetReach, ForgetScope, Receipt, Unsent};
use twin_core::record::Kind;
use uuid::Uuid;

impl Store {
    /// What [`Store::forget`] would reach now.
    pub fn forget_plan(&self, scope: &ForgetScope) -> Result<ForgetReach, StoreError> {
        let (backups, scope) = (trace::backups(self.place())?.len(), scope.clone());
        self.read(|transaction| Ok(count(transaction, &Reach::of(transaction, &scope)?, backups)?.0))
    }

    /// Which of these drafts, by their place, quote what [`Store::forget`] would reach now, or change a message of it. They are not
    /// kept here: whoever has them takes them away.
    pub fn forget_drafts(&self, scope: &ForgetScope, drafts: &[Unsent]) -> Result<Vec<usize>, StoreError> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|transaction| {
            let found = quote::in_drafts(transaction, &Reach::of(transaction, scope)?, drafts)?;
            Ok(found.into_iter().collect())
        })
    }

    /// Erases it in the log, in the tables, in the indexes, in the file and in the copies that this program made of it. All
    /// else stays as it is. With [`StoreError::Traces`] it is erased, but for what other processes keep in use.
    pub fn forget(&self, scope: &ForgetScope) -> Result<Receipt, StoreError> {
        let (backups, scope) = (trace::backups(self.place())?.len(), scope.clone());
        let receipt = self.write(move |log| {
            let reach = Reach::of(log.transaction, &scope)?;
            table::require_still(log.transaction, &reach)?;
            let (counts, lines) = count(log.transaction, &reach, backups)?;
            if lines.is_empty() {
                return Err(StoreError::NotFound("message or memory"));
            }
            let now = log.clock.now();
            let receipt = Receipt { id: ReceiptId::new(now), at: now, scope: name(&scope).to_owned(), reach: counts };
            for line in &lines {
                line.write(log.transaction)?;
            }
            let heads = table::heads(log.transaction, &reach)?;
            table::erase(log.transaction, &reach, &lines)?;
            table::mend(log, &reach, &heads)?;
            log.append(&Change::Forgotten(Box::new(Forgotten {
                receipt: receipt.clone(),
                sessions: reach.sessions.into_iter().collect(),
                messages: reach.messages.into_iter().collect(),
                memories: reach.memories.into_iter().collect(),
                people: reach.people.into_iter().collect(),
                untitled: reach.untitled.into_keys().collect(),
                cut: reach.cut.into_keys().collect(),
                covered: reach.covered.into_iter().map(|(_, through)| through).collect(),
                path_sha256: reach.path.map(|path| blob::hash(path.as_bytes())),
            })))?;
            log.transaction.execute("INSERT INTO clearing (one) VALUES (1) ON CONFLICT DO NOTHING", [])?;
            Ok(receipt)
        })?;
        self.clear_traces()?;
        Ok(receipt)
    }

    /// What was ever forgotten, by id.
    pub fn forgotten_ids(&self) -> Result<ForgottenIds, StoreError> {
        self.read(ForgottenIds::read)
    }

    /// What was forgotten, the newest first.
    pub fn receipts(&self) -> Result<Vec<Receipt>, StoreError> {
        self.read(|transaction| {
            let mut receipts =
                transaction.prepare_cached("SELECT id, at, scope, reach FROM receipt ORDER BY at DESC, id DESC")?;
            let receipts = receipts.query_map([], |row| {
                Ok(Receipt {
                    id: row.get::<_, Column<_>>(0)?.0,
                    at: row.get::<_, Column<_>>(1)?.0,
                    scope: row.get(2)?,
                    reach: row.get::<_, Json<_>>(3)?.0,
                })
            })?;
            Ok(receipts.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// What was forgotten, by id, so that it does not come in again by itself.
#[derive(Debug, Clone, Default)]
pub struct ForgottenIds {
    receipts: i64,
    ids: Arc<BTreeSet<Uuid>>,
}

impl ForgottenIds {
    fn read(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let receipts = receipts(transaction)?;
        let mut ids = BTreeSet::new();
        if receipts > 0 {
            let mut found =
                transaction.prepare(&format!("SELECT version, payload FROM record WHERE kind = ?1 AND {INDEXED}"))?;
            let mut rows = found.query([Kind::Forgotten.as_str()])?;
            while let Some(row) = rows.next()? {
                let Some(Change::Forgotten(receipt)) = again::decode(Kind::Forgotten, row)? else { continue };
                ids.extend(receipt.sessions.iter().map(|id| *id.as_uuid()));
                ids.extend(receipt.messages.iter().map(|id| *id.as_uuid()));
            }
        }
        Ok(Self { receipts, ids: Arc::new(ids) })
    }

    /// Whether nothing was forgotten since.
    pub(crate) fn is_of_now(&self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
        Ok(receipts(transaction)? == self.receipts)
    }

    pub(crate) fn holds(&self, id: &Uuid) -> bool {
        self.ids.contains(id)
    }
}

fn receipts(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    Ok(transaction.prepare_cached("SELECT count(*) FROM receipt")?.query_row([], |row| row.get(0))?)
}

/// What was asked for, without content.
fn name(scope: &ForgetScope) -> &'static str {
    match scope {
        ForgetScope::Memory { .. } => "memory",
        ForgetScope::Person { .. } => "person",
        ForgetScope::Session { .. } => "session",
        ForgetScope::Message { .. } => "message",
        ForgetScope::File { .. } => "file",
        ForgetScope::Span { .. } => "span",
    }
}

/// How much it is, and what becomes of the log.
fn count(
    transaction: &Transaction<'_>,
    reach: &Reach,
    backups: usize,
) -> Result<(ForgetReach, Vec<line::Line>), StoreError> {
    // Nobody looks through a whole log for nothing.
    let lines = if reach.is_empty() { Vec::new() } else { line::read(transaction, reach)? };
    let counts = ForgetReach {
        sessions: number(reach.sessions.len()),
        messages: number(reach.messages.len()),
        memories: number(reach.memories.difference(&reach.summaries).count()),
        summaries: number(reach.memories.intersection(&reach.summaries).count()),
        people: number(reach.people.len()),
        vectors: table::vectors(transaction, reach)?,
        reports: number(lines.iter().filter(|line| line.report.is_some()).count()),
        files: number(reach.files.len()),
        backups: number(backups),
        records: number(lines.len()),
        exports: if lines.is_empty() { 0 } else { number(export::holding(transaction, &reach.conversations())?.len()) },
        copies: number(reach.copies),
        quotes: quote::quoting(transaction, reach)?,
    };
    Ok((counts, lines))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
