//! Attachments: bytes bound to the name under which they lie, so that two cannot be exchanged.
//!
//! Do not modify the format: `docs/sync-format.md` describes it.

use crate::error::SyncError;
use crate::key::{NONCE, VaultId, decrypt, encrypt};
use crate::keyring::Keyring;
use crate::wire::{Reader, Writer};
use twin_core::port::Random;

const MAGIC: &[u8; 4] = b"DTOB";
const FORMAT: u16 = 1;
const HEADER: usize = 4 + 2 + 4;
const PURPOSE: &str = "digital-twin/1 blob";

fn associated(header: &[u8], vault: VaultId, name: &str) -> Vec<u8> {
    [header, PURPOSE.as_bytes(), &vault.0, name.as_bytes()].concat()
}

/// Seals under the newest epoch, for the object of that name.
pub fn seal(name: &str, plain: &[u8], keyring: &Keyring, random: &mut dyn Random) -> Result<Vec<u8>, SyncError> {
    let epoch = keyring.newest_epoch();
    let mut header = Writer(Vec::with_capacity(HEADER));
    header.raw(MAGIC).short(FORMAT).word(epoch);
    let mut nonce = [0; NONCE];
    random.fill(&mut nonce);
    let key = keyring.derive(epoch, PURPOSE, &[])?;
    let sealed = encrypt(&key, &nonce, &associated(&header.0, keyring.vault(), name), plain)?;
    Ok([header.0, nonce.to_vec(), sealed].concat())
}

/// Opens what [`seal`] made.
pub fn open(name: &str, bytes: &[u8], keyring: &Keyring) -> Result<Vec<u8>, SyncError> {
    let mut reader = Reader(bytes);
    let header = reader.take(HEADER)?;
    let nonce = reader.array()?;
    let mut fields = Reader(header);
    if fields.take(MAGIC.len())? != MAGIC {
        return Err(SyncError::Malformed);
    }
    if fields.short()? != FORMAT {
        return Err(SyncError::NewerFormat);
    }
    let key = keyring.derive(fields.word()?, PURPOSE, &[])?;
    decrypt(&key, &nonce, &associated(header, keyring.vault(), name), reader.0)
}
