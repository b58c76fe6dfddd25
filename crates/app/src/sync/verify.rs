//! Reading everything back: what nobody has looked at may be gone.

use super::file::digest_of;
use super::place::{Trouble, ask, strange};
use super::walk::{Vault, removed};
use super::{SyncVerified, not_syncing};
use crate::error::WireError;
use crate::job::{Job, Stage, Stop, outcome};
use crate::{App, task};
use std::sync::Arc;
use twin_core::bucket::{Bucket, Outcome, Request};
use twin_core::id::DeviceId;
use twin_core::sync::Chain;
use twin_sync::error::SyncError;
use twin_sync::keyring::Keyring;
use twin_sync::segment::{Place, Segment};
use twin_sync::{blob, name};

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble.into())
    }
}

/// What is read, and what was found so far.
struct Reading {
    bucket: Arc<dyn Bucket>,
    keyring: Keyring,
    job: Job,
    done: u64,
    total: u64,
    /// Of all objects so far.
    bytes: u64,
    found: SyncVerified,
}

impl App {
    /// Reads every object of the vault back and opens it. Changes nothing. None: it was called off.
    pub async fn sync_verify(&self, job: Job) -> Result<Option<SyncVerified>, WireError> {
        outcome(self.sync_verify_all(job).await)
    }

    async fn sync_verify_all(&self, job: Job) -> Result<SyncVerified, Stop> {
        let place = self.settings().sync.place.ok_or_else(not_syncing)?;
        let bucket = self.sync_bucket(&place).await?;
        let Vault { standing, keyring, keys } = self.sync_vault().await?;
        let name = name::keyring(keyring.vault());
        let found = SyncVerified { objects: 0, records: 0, kilobytes: 0, damaged: Vec::new(), missing: 0 };
        let mut reading = Reading { bucket, keyring, job, done: 0, total: 1, bytes: 0, found };
        // The newest: segments may be sealed under an epoch that began since.
        match reading.get(&name).await? {
            Some(bytes) => match Keyring::open(&bytes, &keys) {
                Ok(newest) if newest.follows(&reading.keyring).is_ok() => reading.keyring = newest,
                Err(SyncError::WrongKey) => return Err(Stop::Failed(removed().into())),
                _ => reading.damaged(name),
            },
            None => reading.damaged(name),
        }
        let sequences: Vec<DeviceId> = reading.keyring.sequences().collect();
        let blobs = reading.list(&name::blobs(reading.keyring.vault())).await?;
        let segments: u64 = sequences.iter().map(|device| standing.chain(*device).segments).sum();
        reading.total = 1 + segments + blobs.len() as u64;
        for device in sequences {
            let known = standing.chain(device);
            reading.chain(device, known).await?;
        }
        for name in blobs {
            reading.blob(name).await?;
        }
        Ok(reading.found)
    }
}

impl Reading {
    fn damaged(&mut self, name: String) {
        tracing::warn!(name, "an object in the bucket is damaged");
        self.found.damaged.push(name);
    }

    /// None where there is nothing.
    async fn get(&mut self, name: &str) -> Result<Option<Vec<u8>>, Stop> {
        self.done += 1;
        self.total = self.total.max(self.done);
        self.job.step(Stage::Reading, self.done, self.total)?;
        match ask(&self.bucket, Request::Get { name: name.to_owned() }).await? {
            Outcome::Found { bytes, .. } => {
                self.found.objects = self.found.objects.saturating_add(1);
                self.bytes += bytes.len() as u64;
                self.found.kilobytes = u32::try_from(self.bytes.div_ceil(1_000)).unwrap_or(u32::MAX);
                Ok(Some(bytes))
            }
            Outcome::Absent => Ok(None),
            _ => Err(strange().into()),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, Stop> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let list = Request::List { prefix: prefix.to_owned(), after: after.take() };
            let Outcome::Listed { names, more } = ask(&self.bucket, list).await? else {
                return Err(strange().into());
            };
            all.extend(names);
            if !more {
                return Ok(all);
            }
            self.job.check()?;
            after = all.last().cloned();
        }
    }

    /// All segments of a device, in order; also those that were not read here yet. What was known and is not there is missing.
    async fn chain(&mut self, device: DeviceId, known: Chain) -> Result<(), Stop> {
        let vault = self.keyring.vault();
        let (mut chain, mut believed, mut there) = (Chain::default(), true, 0_u64);
        for number in 1.. {
            let name = name::segment(vault, device, number);
            let Some(bytes) = self.get(&name).await? else {
                if number > known.segments {
                    break;
                }
                // One in the middle: the others are counted all the same.
                believed = false;
                continue;
            };
            let place = Place { vault, device, number, previous: chain.digest, first: chain.records + 1 };
            let (keyring, after_a_gap) = (self.keyring.clone(), !believed);
            let opened = task::blocking(move || {
                if after_a_gap {
                    Segment::open_alone(&bytes, device, number, &keyring)
                } else {
                    Segment::open(&bytes, &place, &keyring)
                }
            });
            match opened.await? {
                Ok(segment) => {
                    let records = segment.entries().len() as u64;
                    self.found.records = self.found.records.saturating_add(few(records));
                    there += records;
                    chain = Chain {
                        segments: number,
                        records: segment.last(),
                        digest: segment.digest(),
                        order: segment.last_order(),
                    };
                    believed = true;
                }
                // What a device wrote after it was taken out belongs to nobody.
                Err(SyncError::Revoked) if number > known.segments => break,
                Err(_) => {
                    believed = false;
                    self.damaged(name);
                }
            }
        }
        self.found.missing = self.found.missing.saturating_add(few(known.records.saturating_sub(there)));
        Ok(())
    }

    async fn blob(&mut self, name: String) -> Result<(), Stop> {
        // It may have been forgotten since they were listed.
        let Some(bytes) = self.get(&name).await? else { return Ok(()) };
        let (keyring, called) = (self.keyring.clone(), name.clone());
        let is_whole = task::blocking(move || {
            let plain = blob::open(&called, &bytes, &keyring)?;
            Ok::<_, SyncError>(name::blob(&keyring, &digest_of(&plain))? == called)
        });
        if !matches!(is_whole.await?, Ok(true)) {
            self.damaged(name);
        }
        Ok(())
    }
}

fn few(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
