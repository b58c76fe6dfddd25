//! Attachments, and chunks of snapshots: bytes under one key, bound to what they are and what they are called.
//!
//! Do not modify the format: `docs/sync-format.md` describes it.

use crate::error::SyncError;
use crate::key::{Digest, NONCE, VaultId, decrypt, encrypt};
use crate::keyring::Keyring;
use crate::name;
use crate::wire::{Reader, Writer};
use twin_core::port::Random;

const MAGIC: &[u8; 4] = b"DTOB";
const FORMAT: u16 = 1;
const HEADER: usize = 4 + 2 + 4;

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A file of a message. It is bound to the name under which it lies, so that two cannot be exchanged.
    Blob,
    /// A part of a snapshot.
    Snapshot,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Blob => "digital-twin/1 blob",
            Self::Snapshot => "digital-twin/1 snapshot",
        }
    }
}

fn associated(header: &[u8], purpose: Purpose, vault: VaultId, name: &str) -> Vec<u8> {
    [header, purpose.word().as_bytes(), &vault.0, name.as_bytes()].concat()
}

/// Seals under the newest epoch. `about` is bound in and has to be given again for opening: a blob's name.
pub fn seal(
    purpose: Purpose,
    about: &str,
    plain: &[u8],
    keyring: &Keyring,
    random: &mut dyn Random,
) -> Result<Vec<u8>, SyncError> {
    let epoch = keyring.newest_epoch();
    let mut header = Writer(Vec::with_capacity(HEADER));
    header.raw(MAGIC).short(FORMAT).word(epoch);
    let mut nonce = [0; NONCE];
    random.fill(&mut nonce);
    let key = keyring.derive(epoch, purpose.word(), &[])?;
    let sealed = encrypt(&key, &nonce, &associated(&header.0, purpose, keyring.vault(), about), plain)?;
    Ok([header.0, nonce.to_vec(), sealed].concat())
}

/// Opens what [`seal`] made.
pub fn open(purpose: Purpose, about: &str, bytes: &[u8], keyring: &Keyring) -> Result<Vec<u8>, SyncError> {
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
    let key = keyring.derive(fields.word()?, purpose.word(), &[])?;
    decrypt(&key, &nonce, &associated(header, purpose, keyring.vault(), about), reader.0)
}

/// A chunk of a snapshot and the name under which it belongs: by the hash of its bytes. `about` says which part of which
/// snapshot it is, so that chunks cannot be exchanged.
pub fn seal_chunk(
    about: &str,
    plain: &[u8],
    keyring: &Keyring,
    random: &mut dyn Random,
) -> Result<(String, Vec<u8>), SyncError> {
    let bytes = seal(Purpose::Snapshot, about, plain, keyring, random)?;
    Ok((name::snapshot(keyring.vault(), Digest::of(&[&bytes])), bytes))
}

/// Opens a chunk that lay under `name`.
pub fn open_chunk(name: &str, about: &str, bytes: &[u8], keyring: &Keyring) -> Result<Vec<u8>, SyncError> {
    if name != name::snapshot(keyring.vault(), Digest::of(&[bytes])) {
        return Err(SyncError::Misplaced);
    }
    open(Purpose::Snapshot, about, bytes, keyring)
}
