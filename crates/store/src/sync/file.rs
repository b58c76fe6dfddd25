//! Attached files: which of them are in the bucket, and which are not here.

use crate::blob::{self, Blob};
use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// By SHA-256 in hexadecimal, at most `many` attached files that are not in the bucket yet.
    pub fn sync_files_unsent(&self, many: usize) -> Result<Vec<String>, StoreError> {
        self.list(
            "SELECT b.sha256 FROM blob b LEFT JOIN file_sent s USING (sha256) WHERE s.sha256 IS NULL LIMIT ?1",
            many,
        )
    }

    /// Attached files that messages name and that are not here.
    pub fn sync_files_missing(&self, many: usize) -> Result<Vec<String>, StoreError> {
        self.list("SELECT sha256 FROM file_missing LIMIT ?1", many)
    }

    /// Attached files that were forgotten and may still be in the bucket.
    pub fn sync_files_forgotten(&self, many: usize) -> Result<Vec<String>, StoreError> {
        self.list("SELECT sha256 FROM file_forgotten LIMIT ?1", many)
    }

    /// That file is in the bucket (`true`), or not any more.
    pub fn sync_file_sent(&self, sha256: &str, there: bool) -> Result<(), StoreError> {
        let sha256 = sha256.to_owned();
        self.write(move |log| {
            // It may have been forgotten while it was on its way: then it has to go again.
            let sql = if there {
                "INSERT INTO file_sent SELECT ?1 WHERE EXISTS (SELECT 1 FROM blob WHERE sha256 = ?1) ON CONFLICT DO NOTHING"
            } else {
                "DELETE FROM file_sent WHERE sha256 = ?1"
            };
            log.transaction.execute(sql, [&sha256])?;
            if !there {
                log.transaction.execute("DELETE FROM file_forgotten WHERE sha256 = ?1", [&sha256])?;
            }
            Ok(())
        })
    }

    /// Keeps a file that came from the bucket; refuses bytes of another hash. One that nobody misses any more is dropped.
    pub fn sync_file_keep(&self, sha256: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        let file = Blob { sha256: sha256.to_owned(), bytes };
        blob::check_hash(&file)?;
        self.write(move |log| {
            let missed =
                log.transaction.prepare("SELECT 1 FROM file_missing WHERE sha256 = ?1")?.exists([&file.sha256])?;
            if missed {
                blob::keep(log.transaction, std::slice::from_ref(&file), &[])?;
                log.transaction.execute("INSERT INTO file_sent VALUES (?1) ON CONFLICT DO NOTHING", [&file.sha256])?;
            }
            Ok(())
        })
    }

    fn list(&self, sql: &str, many: usize) -> Result<Vec<String>, StoreError> {
        self.read(|transaction| {
            let mut files = transaction.prepare_cached(sql)?;
            let files = files.query_map([i64::try_from(many).unwrap_or(i64::MAX)], |row| row.get(0))?;
            Ok(files.collect::<rusqlite::Result<_>>()?)
        })
    }
}
