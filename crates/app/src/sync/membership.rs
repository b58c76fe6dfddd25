//! Changes to the keyring: who belongs to the vault, and what opens it. Each is a compare-and-swap over the newest one.

use super::place::{ask, strange};
use super::random::MachineRandom;
use super::turn::Turn;
use super::walk::{Vault, removed};
use super::{check_passphrase, not_syncing};
use crate::error::{WireError, invalid};
use crate::{App, task};
use std::sync::Arc;
use twin_core::bucket::{Bucket, ETag, Outcome, Request};
use twin_core::error::{Code, Failure};
use twin_core::id::DeviceId;
use twin_core::port::Random as _;
use twin_core::secret::Secret;
use twin_core::sync::{Keep, hex};
use twin_sync::error::SyncError;
use twin_sync::keyring::{Keyring, Work};
use twin_sync::{name, recovery};

/// How often it is tried because another device was faster.
const MOST_TRIES: u32 = 8;

type Change = dyn Fn(&mut Keyring, &mut MachineRandom) -> Result<(), WireError> + Send + Sync;

/// The keyring as it lies in the bucket.
pub(super) async fn read_keyring(bucket: &Arc<dyn Bucket>, name: &str) -> Result<(Vec<u8>, ETag), WireError> {
    match ask(bucket, Request::Get { name: name.to_owned() }).await? {
        Outcome::Found { bytes, etag } => Ok((bytes, etag)),
        Outcome::Absent => Err(Failure::permanent(
            Code::NotFound,
            "there is no keyring in that place",
            "Look whether the folder or the bucket is the right one, and whether somebody cleared it.",
        )
        .into()),
        _ => Err(strange().into()),
    }
}

/// Whether `bytes` are the keyring now: written, or by an earlier try whose answer was lost.
pub(super) async fn replace_keyring(
    bucket: &Arc<dyn Bucket>,
    name: &str,
    bytes: Vec<u8>,
    etag: ETag,
) -> Result<bool, WireError> {
    let mut put_id = [0; 16];
    MachineRandom::new()?.fill(&mut put_id);
    let put_id = hex(&put_id);
    let put = Request::PutIfMatch { name: name.to_owned(), bytes, put_id: put_id.clone(), etag };
    match ask(bucket, put).await? {
        Outcome::Stored { .. } => Ok(true),
        Outcome::Refused => match ask(bucket, Request::Head { name: name.to_owned() }).await? {
            Outcome::Described { put_id: there, .. } => Ok(there == Some(put_id)),
            Outcome::Absent => Ok(false),
            _ => Err(strange().into()),
        },
        Outcome::Absent => Ok(false),
        _ => Err(strange().into()),
    }
}

pub(super) fn too_busy() -> WireError {
    let hint = "Try again in a moment.";
    Failure::passing(Code::Unreachable, "other devices went on changing the keyring", hint).into()
}

impl App {
    /// Takes a device out: it is given no later key. What it already has stays with it.
    pub async fn sync_device_remove(&self, id: DeviceId) -> Result<(), WireError> {
        let turn = self.sync_turn_soon().await?;
        let (own, now) = (self.sync_vault().await?.keys.verifying(), self.inner.clock.now());
        self.sync_keyring_change(&turn, move |keyring, random| {
            let device = keyring.device(id).ok_or_else(|| {
                let hint = "Look at the list of devices again.";
                WireError::from(Failure::permanent(Code::NotFound, "no device of that id syncs", hint))
            })?;
            if device.verifying == own {
                return Err(invalid("this device cannot take itself out", "Leave syncing instead."));
            }
            Ok(keyring.remove_device(id, now, random)?)
        })
        .await?;
        self.sync_settle(&turn, true).await;
        Ok(())
    }

    /// Seals everything from now on with a new key.
    pub async fn sync_rotate(&self) -> Result<(), WireError> {
        let turn = self.sync_turn_soon().await?;
        self.sync_keyring_change(&turn, |keyring, random| {
            keyring.rotate(random);
            Ok(())
        })
        .await?;
        self.sync_settle(&turn, true).await;
        Ok(())
    }

    /// Another passphrase. The one before opens nothing that is written from now on.
    pub async fn sync_passphrase_change(&self, passphrase: Secret<String>) -> Result<(), WireError> {
        check_passphrase(&passphrase)?;
        let turn = self.sync_turn_soon().await?;
        self.sync_keyring_change(&turn, move |keyring, _| Ok(keyring.change_passphrase(&passphrase, Work::default())?))
            .await?;
        self.sync_settle(&turn, true).await;
        Ok(())
    }

    /// Another recovery code, which is shown once. The one before opens nothing that is written from now on.
    pub async fn sync_recovery_code_new(&self) -> Result<Secret<String>, WireError> {
        let turn = self.sync_turn_soon().await?;
        let code = recovery::new_code(&mut MachineRandom::new()?);
        let new = code.clone();
        self.sync_keyring_change(&turn, move |keyring, _| Ok(keyring.change_recovery_code(&new, Work::default())?))
            .await?;
        self.sync_settle(&turn, true).await;
        Ok(code)
    }

    /// Changes the newest keyring, and keeps it.
    pub(super) async fn sync_keyring_change(
        &self,
        _turn: &Turn,
        change: impl Fn(&mut Keyring, &mut MachineRandom) -> Result<(), WireError> + Send + Sync + 'static,
    ) -> Result<(), WireError> {
        let change: Arc<Change> = Arc::new(change);
        let place = self.settings().sync.place.ok_or_else(not_syncing)?;
        let bucket = self.sync_bucket(&place).await?;
        let Vault { keyring: known, keys, .. } = self.sync_vault().await?;
        let name = name::keyring(known.vault());
        for _ in 0..MOST_TRIES {
            let (bytes, etag) = read_keyring(&bucket, &name).await?;
            let found = match Keyring::open(&bytes, &keys) {
                Err(SyncError::WrongKey) => return Err(removed().into()),
                // It may have come in half.
                Err(SyncError::Malformed | SyncError::SealBroken) => continue,
                other => other?,
            };
            found.follows(&known)?;
            let change = Arc::clone(&change);
            let sealed = task::blocking(move || {
                let mut changed = found.clone();
                change(&mut changed, &mut MachineRandom::new()?)?;
                // Somebody else has done it.
                let done = changed.generation() == found.generation();
                Ok::<_, WireError>(if done { None } else { Some(changed.seal()?) })
            });
            let newest = match sealed.await?? {
                None => bytes,
                Some(sealed) if replace_keyring(&bucket, &name, sealed.clone(), etag).await? => sealed,
                Some(_) => continue,
            };
            let store = self.inner.store.clone();
            return task::store(move || store.sync_keep(Keep::Keyring(newest))).await;
        }
        Err(too_busy())
    }
}
