//! The names of objects. Nothing in them says anything of the owner.

use crate::error::SyncError;
use crate::key::VaultId;
use crate::keyring::Keyring;
use twin_core::id::DeviceId;
use twin_core::sync::{Digest, hex};

const BLOB: &str = "digital-twin/1 blob name";

/// The keyring: the only object that is ever replaced by other content than the same records.
pub fn keyring(vault: VaultId) -> String {
    format!("{vault}/keyring")
}

/// One segment of a device, counted from 1. Twenty digits, so that names sort as numbers do.
pub fn segment(vault: VaultId, device: DeviceId, number: u64) -> String {
    format!("{vault}/s/{}/{number:020}", device.as_uuid().simple())
}

/// An attachment, by the SHA-256 of what it is: the same name on every device, so that it lies there once. To whoever lacks
/// the key of the first epoch the name says nothing, not even whether a file that they have is there.
pub fn blob(keyring: &Keyring, sha256: &Digest) -> Result<String, SyncError> {
    let derived = keyring.derive(1, BLOB, &sha256.0)?;
    let name = derived.expose().get(..16).unwrap_or_default();
    Ok(format!("{}/blob/{}", keyring.vault(), hex(name)))
}

/// How the names of all attachments of a vault begin.
pub fn blobs(vault: VaultId) -> String {
    format!("{vault}/blob/")
}

/// The vault that an object of that name belongs to; none for what is not ours.
pub fn vault_of(name: &str) -> Option<VaultId> {
    name.split_once('/')?.0.parse().ok()
}

/// A name behind every name of that vault: a list that begins there has passed over all of them.
pub fn behind(vault: VaultId) -> String {
    format!("{vault}/~")
}
