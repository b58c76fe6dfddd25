//! What the store keeps for syncing, and how it takes in what came from other devices.

use crate::error::StoreError;
use crate::store::Store;
use std::collections::BTreeMap;
use twin_core::id::DeviceId;
use twin_core::sync::{Amendment, Entry, Keep, OtherVersion, Standing, SyncWaiting, Waiting};

const NOT_YET: StoreError = StoreError::InvalidInput("not yet");

/// What came of folding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Folded {
    /// Whether anything of other devices came in since the last time.
    pub changed: bool,
    /// Whether something was forgotten by it.
    pub forgotten: bool,
}

impl Store {
    /// Syncs from now on with what that keyring opens. Records of devices that are not in `listed` become this device's own,
    /// under a new id if there are any, so that they travel as well. The id under which this device writes from now on.
    pub fn sync_begin(&self, _keyring: Vec<u8>, _listed: Vec<DeviceId>) -> Result<DeviceId, StoreError> {
        Err(NOT_YET)
    }

    /// Syncs no more. Everything that came stays.
    pub fn sync_end(&self) -> Result<(), StoreError> {
        Err(NOT_YET)
    }

    /// Where it stands; none where this home does not sync.
    pub fn sync_standing(&self) -> Result<Option<Standing>, StoreError> {
        Err(NOT_YET)
    }

    /// Of [`twin_core::sync`]'s `Step::Take`.
    pub fn sync_unsent(&self, _after: u64, _bytes: usize) -> Result<Vec<Waiting>, StoreError> {
        Err(NOT_YET)
    }

    /// Of `Step::Keep`.
    pub fn sync_keep(&self, _keep: Keep) -> Result<(), StoreError> {
        Err(NOT_YET)
    }

    /// Of `Step::Judge`.
    pub fn sync_judge(&self, _entries: Vec<Entry>) -> Result<BTreeMap<u64, Amendment>, StoreError> {
        Err(NOT_YET)
    }

    /// After each round: folds what could not be folded as it came. Cheap where there is nothing.
    pub fn sync_fold(&self) -> Result<Folded, StoreError> {
        Err(NOT_YET)
    }

    /// What is not sent yet.
    pub fn sync_waiting(&self) -> Result<SyncWaiting, StoreError> {
        Err(NOT_YET)
    }

    /// By SHA-256 in hexadecimal, at most `many` attached files that are not in the bucket yet.
    pub fn sync_files_unsent(&self, _many: usize) -> Result<Vec<String>, StoreError> {
        Err(NOT_YET)
    }

    /// Attached files that messages name and that are not here.
    pub fn sync_files_missing(&self, _many: usize) -> Result<Vec<String>, StoreError> {
        Err(NOT_YET)
    }

    /// Attached files that were forgotten and may still be in the bucket.
    pub fn sync_files_forgotten(&self, _many: usize) -> Result<Vec<String>, StoreError> {
        Err(NOT_YET)
    }

    /// That file is in the bucket (`true`), or not, or not any more.
    pub fn sync_file_sent(&self, _sha256: &str, _there: bool) -> Result<(), StoreError> {
        Err(NOT_YET)
    }

    /// Keeps a file that came from the bucket; refuses bytes of another hash.
    pub fn sync_file_keep(&self, _sha256: &str, _bytes: Vec<u8>) -> Result<(), StoreError> {
        Err(NOT_YET)
    }

    /// When the newest known record of each device was made, by its clock.
    pub fn sync_last_records(&self) -> Result<BTreeMap<DeviceId, twin_core::time::Timestamp>, StoreError> {
        Err(NOT_YET)
    }

    /// Edits that lost to others which did not know of them, the newest first.
    pub fn sync_other_versions(&self) -> Result<Vec<OtherVersion>, StoreError> {
        Err(NOT_YET)
    }

    /// Makes one of them the one that counts, by a new record; it is then no other version any more.
    pub fn sync_other_version_take(&self, _id: u32) -> Result<(), StoreError> {
        Err(NOT_YET)
    }

    /// Drops one from the list.
    pub fn sync_other_version_drop(&self, _id: u32) -> Result<(), StoreError> {
        Err(NOT_YET)
    }
}
