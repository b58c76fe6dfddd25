//! Attached files: each lies in the bucket once, under a name that only the owner's devices can make of its hash.

use super::place::{Trouble, ask, strange, take_away};
use super::random::MachineRandom;
use super::walk::Pass;
use crate::error::WireError;
use crate::{App, task};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use twin_core::bucket::{Bucket, Outcome, Request};
use twin_core::port::Random as _;
use twin_core::sync::{Digest, hex, unhex};
use twin_sync::error::SyncError;
use twin_sync::keyring::Keyring;
use twin_sync::{blob, name};

/// Files that are carried between two rounds: messages do not wait for a thousand pictures.
const AT_ONCE: usize = 8;
/// Names that are looked through for files that may be fetched.
const LOOKED_THROUGH: usize = 1_000;
/// A file that was not there, or could not be opened, is asked for again after this long.
const AGAIN: Duration = Duration::from_hours(1);

impl From<Trouble> for Pass {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unreachable => Self::Offline(trouble.to_failure()),
            Trouble::Failed(failure) => failure.into(),
        }
    }
}

impl From<SyncError> for Pass {
    fn from(error: SyncError) -> Self {
        WireError::from(error).into()
    }
}

/// The hash of a file as the store writes it.
fn digest(sha256: &str) -> Result<Digest, SyncError> {
    unhex(sha256).map(Digest).ok_or(SyncError::Malformed)
}

pub(super) fn digest_of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

impl App {
    /// Sends some of the files that are not there yet. Whether more wait.
    pub(super) async fn sync_files_send(&self, bucket: &Arc<dyn Bucket>, keyring: &Keyring) -> Result<bool, Pass> {
        let store = self.inner.store.clone();
        let unsent = task::store(move || store.sync_files_unsent(AT_ONCE)).await?;
        for sha256 in &unsent {
            let (store, of) = (self.inner.store.clone(), sha256.clone());
            // It may have been forgotten a moment ago.
            let Some(plain) = task::store(move || store.blob_get(&of)).await? else { continue };
            self.sync_is_running();
            let (name, ring) = (name::blob(keyring, &digest(sha256)?)?, keyring.clone());
            let (mut random, called) = (MachineRandom::new()?, name.clone());
            let mut put_id = [0; 16];
            random.fill(&mut put_id);
            let bytes = task::blocking(move || blob::seal(&called, &plain, &ring, &mut random)).await??;
            match ask(bucket, Request::PutIfAbsent { name, bytes, put_id: hex(&put_id) }).await? {
                // Another device was faster, or an answer was lost: under that name nothing else can lie.
                Outcome::Stored { .. } | Outcome::Refused => self.sync_file_is_there(sha256, true).await?,
                _ => return Err(strange().into()),
            }
        }
        Ok(unsent.len() == AT_ONCE)
    }

    /// After a round: fetches some of the files that are missing here, and takes away some that were forgotten, unless there
    /// is a reason to doubt what forgot them. Whether more wait.
    pub(super) async fn sync_files_settle(&self, bucket: &Arc<dyn Bucket>, calm: bool) -> Result<bool, Pass> {
        // As the round left it: there may be a newer epoch.
        let keyring = self.sync_vault().await?.keyring;
        let left = self.sync_files_fetch(bucket, &keyring).await?;
        if !calm {
            return Ok(left);
        }
        let store = self.inner.store.clone();
        let forgotten = task::store(move || store.sync_files_forgotten(AT_ONCE)).await?;
        for sha256 in &forgotten {
            self.sync_is_running();
            take_away(bucket, &name::blob(&keyring, &digest(sha256)?)?).await?;
            self.sync_file_is_there(sha256, false).await?;
        }
        Ok(left || forgotten.len() == AT_ONCE)
    }

    async fn sync_files_fetch(&self, bucket: &Arc<dyn Bucket>, keyring: &Keyring) -> Result<bool, Pass> {
        let store = self.inner.store.clone();
        let mut missing = task::store(move || store.sync_files_missing(LOOKED_THROUGH)).await?;
        {
            let mut absent = self.inner.sync.absent.lock().unwrap_or_else(PoisonError::into_inner);
            absent.retain(|_, since| since.elapsed() < AGAIN);
            missing.retain(|sha256| !absent.contains_key(sha256));
        }
        let left = missing.len() > AT_ONCE;
        missing.truncate(AT_ONCE);
        let mut came = false;
        for sha256 in missing {
            let kept = self.sync_file_fetch(bucket, keyring, &sha256).await?;
            came |= kept;
            if !kept {
                let mut absent = self.inner.sync.absent.lock().unwrap_or_else(PoisonError::into_inner);
                absent.insert(sha256, Instant::now());
            }
        }
        if came {
            // Conversations show them, and the persona may be made of them.
            self.sync_persona_changed();
            self.tell(twin_core::event::Event::ChangedElsewhere);
        }
        Ok(left)
    }

    /// Whether it is here now. One that is damaged is not: verifying names it.
    async fn sync_file_fetch(&self, bucket: &Arc<dyn Bucket>, keyring: &Keyring, sha256: &str) -> Result<bool, Pass> {
        let name = name::blob(keyring, &digest(sha256)?)?;
        let bytes = match ask(bucket, Request::Get { name: name.clone() }).await? {
            Outcome::Found { bytes, .. } => bytes,
            Outcome::Absent => return Ok(false),
            _ => return Err(strange().into()),
        };
        self.sync_is_running();
        let ring = keyring.clone();
        let plain = match task::blocking(move || blob::open(&name, &bytes, &ring)).await? {
            Ok(plain) if hex(&digest_of(&plain).0) == sha256 => plain,
            Ok(_) => return Ok(false),
            Err(error) => {
                tracing::warn!(%error, "an attached file in the bucket cannot be opened");
                return Ok(false);
            }
        };
        let (store, of) = (self.inner.store.clone(), sha256.to_owned());
        task::store(move || store.sync_file_keep(&of, plain)).await?;
        Ok(true)
    }

    async fn sync_file_is_there(&self, sha256: &str, there: bool) -> Result<(), WireError> {
        let (store, of) = (self.inner.store.clone(), sha256.to_owned());
        task::store(move || store.sync_file_sent(&of, there)).await
    }
}
