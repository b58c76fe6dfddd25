//! The names of objects. Nothing in them says anything of the owner.

use crate::key::VaultId;
use twin_core::id::DeviceId;
use twin_core::port::Random;
use twin_core::sync::hex;

/// The keyring: the only object that is ever replaced by other content than the same records.
pub fn keyring(vault: VaultId) -> String {
    format!("{vault}/keyring")
}

/// One segment of a device, counted from 1. Twenty digits, so that names sort as numbers do.
pub fn segment(vault: VaultId, device: DeviceId, number: u64) -> String {
    format!("{vault}/s/{}/{number:020}", device.as_uuid().simple())
}

/// An attachment, by a name that says nothing of its content.
pub fn blob(vault: VaultId, random: &mut dyn Random) -> String {
    let mut name = [0; 16];
    random.fill(&mut name);
    format!("{vault}/blob/{}", hex(&name))
}

/// The vault whose keyring is called so, for a list of what a bucket holds.
pub fn vault_of_keyring(name: &str) -> Option<VaultId> {
    name.strip_suffix("/keyring")?.parse().ok()
}
