//! The files that messages name, by the hash of their bytes.

use crate::error::StoreError;
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use twin_core::chat::Attachment;
use twin_core::sync::hex;

/// The bytes of a file. Never in the log: what a record holds is their hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    /// SHA-256 of `bytes`, in lower-case hexadecimal.
    pub sha256: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Blob {
    /// The file under its hash.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { sha256: hash(&bytes), bytes }
    }
}

/// Without the bytes: they are somebody's file.
impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blob").field("sha256", &self.sha256).field("bytes", &self.bytes.len()).finish()
    }
}

impl Store {
    /// The bytes of a file, by their hash; none if they are not on this device.
    pub fn blob_get(&self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|transaction| {
            Ok(transaction
                .prepare_cached("SELECT bytes FROM blob WHERE sha256 = ?1")?
                .query_row([sha256], |row| row.get(0))
                .optional()?)
        })
    }

    /// Keeps the files of messages that were imported without them, under their hashes.
    pub fn blob_keep(&self, blobs: &[Blob]) -> Result<(), StoreError> {
        let blobs = blobs.to_vec();
        self.write(move |log| keep(log.transaction, &blobs, &[]))
    }
}

/// Fails unless every blob is what its hash says and one of the attachments names it: nothing would ever ask for another.
pub(crate) fn check(blobs: &[Blob], attachments: &[Attachment]) -> Result<(), StoreError> {
    for blob in blobs {
        check_hash(blob)?;
        if !attachments.iter().any(|attachment| attachment.sha256 == blob.sha256) {
            return Err(StoreError::InvalidInput("a file belongs to no attachment of the message"));
        }
    }
    Ok(())
}

/// Fails unless the blob is what its hash says.
pub(crate) fn check_hash(blob: &Blob) -> Result<(), StoreError> {
    if blob.sha256 != hash(&blob.bytes) {
        return Err(StoreError::InvalidInput("a file is not what its hash says"));
    }
    Ok(())
}

/// Keeps the blobs, then fails unless every attachment has its own.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    blobs: &[Blob],
    attachments: &[Attachment],
) -> Result<(), StoreError> {
    for blob in blobs {
        transaction
            .prepare_cached("INSERT INTO blob (sha256, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![blob.sha256, blob.bytes])?;
    }
    for attachment in attachments {
        if !transaction.prepare_cached("SELECT 1 FROM blob WHERE sha256 = ?1")?.exists([&attachment.sha256])? {
            return Err(StoreError::InvalidInput("an attachment of the message has no file"));
        }
    }
    Ok(())
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of FIPS 180-2, appendix B.1: another program must find the same file under the same name.
    #[test]
    fn a_file_is_kept_under_its_sha_256_and_shows_none_of_its_bytes() {
        let blob = Blob::new(b"abc".to_vec());
        assert_eq!(blob.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(format!("{blob:?}"), format!("Blob {{ sha256: {:?}, bytes: 3 }}", blob.sha256));
    }
}
