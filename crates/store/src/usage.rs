//! What answers used. Counted is an answer of which the provider said so.

use crate::error::StoreError;
use crate::row::{Column, Json};
use crate::session;
use crate::store::Store;
use std::collections::BTreeMap;
use twin_core::id::{MessageId, SessionId};
use twin_core::model::{ModelRef, Usage};
use twin_core::time::Timestamp;

const IN_SESSION: &str = "SELECT id, model, usage FROM message
     WHERE session_id = ?1 AND usage IS NOT NULL AND model IS NOT NULL ORDER BY number";

const BETWEEN: &str = "SELECT model, usage FROM message
     WHERE usage IS NOT NULL AND model IS NOT NULL AND created_at >= ?1 AND created_at < ?2";

const FIRST: &str = "SELECT min(created_at) FROM message WHERE usage IS NOT NULL AND model IS NOT NULL";

impl Store {
    /// Every counted answer of a session, of every branch, in the order in which they came.
    pub fn usage_by_message(&self, session: SessionId) -> Result<Vec<(MessageId, ModelRef, Usage)>, StoreError> {
        self.read(|transaction| {
            session::require(transaction, session)?;
            let mut answers = transaction.prepare_cached(IN_SESSION)?;
            let rows = answers.query_map([Column(session)], |row| {
                Ok((row.get::<_, Column<_>>(0)?.0, row.get::<_, Json<_>>(1)?.0, row.get::<_, Json<_>>(2)?.0))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// What each model used, and in how many answers, from `from` on and before `to`. With those of deleted sessions:
    /// they were paid for.
    pub fn usage_between(&self, from: Timestamp, to: Timestamp) -> Result<Vec<(ModelRef, Usage, u32)>, StoreError> {
        self.read(|transaction| {
            let mut answers = transaction.prepare_cached(BETWEEN)?;
            let mut rows = answers.query([Column(from), Column(to)])?;
            let mut models: BTreeMap<ModelRef, (Usage, u32)> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let (total, answers) = models.entry(row.get::<_, Json<_>>(0)?.0).or_default();
                add(total, row.get::<_, Json<_>>(1)?.0);
                *answers = answers.saturating_add(1);
            }
            Ok(models.into_iter().map(|(model, (total, answers))| (model, total, answers)).collect())
        })
    }

    /// When the oldest counted answer was begun.
    pub fn usage_first(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|transaction| {
            let first = transaction.prepare_cached(FIRST)?.query_row([], |row| row.get::<_, Option<Column<_>>>(0))?;
            Ok(first.map(|first| first.0))
        })
    }
}

fn add(total: &mut Usage, more: Usage) {
    total.input = total.input.saturating_add(more.input);
    total.output = total.output.saturating_add(more.output);
    total.cache_read = total.cache_read.saturating_add(more.cache_read);
    total.cache_write = total.cache_write.saturating_add(more.cache_write);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::session(IN_SESSION, "SEARCH message USING INDEX message_by_session (session_id=?)")]
    #[case::month(BETWEEN, "SEARCH message USING INDEX message_by_use (created_at>? AND created_at<?)")]
    #[case::first(FIRST, "SEARCH message USING INDEX message_by_use")]
    fn a_sum_walks_through_nothing_but_its_own_answers(#[case] sql: &str, #[case] expected: &str) {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(&crate::migration::MIGRATIONS.concat()).unwrap();
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let parameters = vec![0; plan.parameter_count()];
        let lines = plan.query_map(rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3)).unwrap();
        assert_eq!(lines.map(Result::unwrap).collect::<Vec<_>>(), [expected]);
    }
}
