//! Walking rounds: `sync` says what to do next, and here it is done.

use super::ahead::Ahead;
use super::place::unreachable_place;
use super::random::MachineRandom;
use super::turn::Turn;
use super::{SyncState, Told, not_syncing};
use crate::error::{WireError, internal};
use crate::{App, task};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use twin_core::bucket::Bucket;
use twin_core::error::{Code, Coded as _, Failure};
use twin_core::event::Event;
use twin_core::sync::Standing;
use twin_store::{Folded, StoreError};
use twin_sync::error::SyncError;
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::Keyring;
use twin_sync::round::{Alarm, Ended, Input, Round, Step};

/// How often the keyring is fetched though nothing calls for it, and looked whether another process writes under this
/// device's id.
const THOROUGH: Duration = Duration::from_hours(1);

/// More rounds in a row than any home needs: one reads or sends about a hundred segments.
const MOST_ROUNDS: u32 = 10_000;

/// How a pass ended.
#[derive(Debug, Clone)]
pub(super) enum Pass {
    /// Nothing is left to do.
    Settled,
    /// There is more to do.
    More,
    /// Nobody answers; later somebody may.
    Offline(Failure),
    /// Somebody has to do something.
    Failed(Failure),
}

impl From<Failure> for Pass {
    fn from(failure: Failure) -> Self {
        if failure.retryable { Self::Offline(failure) } else { Self::Failed(failure) }
    }
}

impl From<WireError> for Pass {
    fn from(error: WireError) -> Self {
        Failure::from(error).into()
    }
}

/// What a device needs to have to sync.
pub(super) struct Vault {
    pub(super) standing: Standing,
    pub(super) keyring: Keyring,
    pub(super) keys: DeviceKeys,
}

/// What came of one walk.
struct Walked {
    ended: Ended,
    alarms: Vec<Alarm>,
    /// Why something was not kept.
    not_kept: Option<Failure>,
}

impl Walked {
    fn pass(self) -> Pass {
        match self.ended {
            Ended::Settled => Pass::Settled,
            Ended::More => Pass::More,
            Ended::Unreachable => Pass::Offline(unreachable_place()),
            Ended::Failed(failure) => failure.into(),
            Ended::NotKept => Pass::Failed(self.not_kept.unwrap_or_else(|| internal("nothing could be kept").into())),
            Ended::Alarmed => Pass::Failed(
                self.alarms.last().map_or_else(|| internal("syncing stopped without a reason").into(), stopping),
            ),
            Ended::Wrong(Some(error)) => Pass::Failed(error.to_failure()),
            Ended::Wrong(None) | Ended::Probed(_) => Pass::Failed(internal("syncing lost its way").into()),
        }
    }
}

/// Why nothing is done after that alarm.
fn stopping(alarm: &Alarm) -> Failure {
    match alarm {
        Alarm::Removed => removed(),
        Alarm::Keyring(error) => error.to_failure(),
        _ => Failure::permanent(
            Code::SyncDamaged,
            "the keyring is not where it was",
            "Look whether the folder or the bucket is the right one, and whether somebody cleared it. Everything on this device is still here.",
        ),
    }
}

pub(super) fn removed() -> Failure {
    Failure::permanent(
        Code::SyncRemoved,
        "this device was taken out of those that sync",
        "Everything that came until then is still here. To sync again, leave syncing on this device and join anew.",
    )
}

impl App {
    /// The keys of this device, from the keychain.
    pub(super) async fn sync_keys(&self) -> Result<DeviceKeys, WireError> {
        let app = self.clone();
        task::blocking(move || app.sync_keys_blocking()).await?
    }

    fn sync_keys_blocking(&self) -> Result<DeviceKeys, WireError> {
        let name = self.settings().sync.device_secret.ok_or_else(no_keys)?;
        let mut kept = self.inner.sync.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, keys)) = kept.as_ref().filter(|(of, _)| *of == name) {
            return Ok(keys.clone());
        }
        let keys = DeviceKeys::from_text(&self.inner.keys.get(&name)?.ok_or_else(no_keys)?)?;
        *kept = Some((name, keys.clone()));
        Ok(keys)
    }

    /// What is known here of the vault.
    pub(super) async fn sync_vault(&self) -> Result<Vault, WireError> {
        let (keys, store) = (self.sync_keys().await?, self.inner.store.clone());
        let standing = task::store(move || store.sync_standing()).await?.ok_or_else(not_syncing)?;
        let keyring = Keyring::open(&standing.keyring, &keys)?;
        Ok(Vault { standing, keyring, keys })
    }

    /// Walks rounds until nothing is left to do, or nothing can be done; one of them thorough, if one is due or with
    /// `thorough`. What came of it is remembered and told.
    pub(super) async fn sync_settle(&self, turn: &Turn, thorough: bool) -> Pass {
        if thorough {
            self.sync_was_thorough(None);
        }
        for _ in 0..MOST_ROUNDS {
            let thorough = self.sync_is_thorough_due();
            let (pass, alarms) = match self.sync_pass(turn, thorough).await {
                Ok(done) => done,
                Err(error) => (error.into(), Vec::new()),
            };
            self.sync_note(&pass, alarms);
            if !matches!(pass, Pass::More) {
                return pass;
            }
        }
        Pass::More
    }

    fn sync_is_thorough_due(&self) -> bool {
        let thorough = *self.inner.sync.thorough.lock().unwrap_or_else(PoisonError::into_inner);
        thorough.is_none_or(|at| at.elapsed() >= THOROUGH)
    }

    fn sync_was_thorough(&self, at: Option<Instant>) {
        *self.inner.sync.thorough.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// One round, with the files that go before and after it.
    async fn sync_pass(&self, _turn: &Turn, thorough: bool) -> Result<(Pass, Vec<Alarm>), WireError> {
        let place = self.settings().sync.place.ok_or_else(not_syncing)?;
        // Both wait for the keychain, and for nothing of each other.
        let bucket = async {
            let bucket = self.sync_bucket(&place).await?;
            bucket.prepare().await;
            Ok(bucket)
        };
        let (vault, bucket) = tokio::try_join!(self.sync_vault(), bucket)?;
        // Before the records that name them: who reads those finds the files.
        let files_left = match self.sync_files_send(&bucket, &vault.keyring).await {
            Ok(left) => left,
            Err(pass) => return Ok((pass, Vec::new())),
        };
        let walked = self.sync_walk(&bucket, vault, thorough).await;
        // What was kept before something failed counts as well.
        let folded = self.sync_fold().await;
        let walked = walked?;
        folded?;
        if thorough && walked.ended == Ended::Settled {
            self.sync_was_thorough(Some(Instant::now()));
        }
        let (alarms, calm) = (walked.alarms.clone(), walked.alarms.is_empty());
        let pass = match walked.pass() {
            Pass::Settled => match self.sync_files_settle(&bucket, calm).await {
                Ok(left) if left || files_left => Pass::More,
                // Not before everything was read: on a device that just joined, nothing that others wrote is known until
                // then, and what came with the program would be taken for the owner's.
                Ok(_) if self.sync_persona_waits() => {
                    self.sync_persona().await?;
                    if self.sync_waits().await > 0 { Pass::More } else { Pass::Settled }
                }
                Ok(_) => Pass::Settled,
                Err(pass) => pass,
            },
            other => other,
        };
        Ok((pass, alarms))
    }

    async fn sync_walk(&self, bucket: &Arc<dyn Bucket>, vault: Vault, thorough: bool) -> Result<Walked, WireError> {
        let Vault { standing, keyring, keys } = vault;
        let mut round = Round::new(standing, keyring, keys, thorough, Box::new(MachineRandom::new()?));
        let (mut alarms, mut not_kept, mut input) = (Vec::new(), None, Input::Done);
        let mut ahead = Ahead::new(bucket);
        let ended = loop {
            let store = self.inner.store.clone();
            let step = round.step(input);
            ahead.foresee(round.foreseen());
            input = match step {
                Step::Ask(request) => Input::Answer(ahead.ask(request).await),
                Step::Wait { millis } => {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    Input::Done
                }
                Step::Take { after, bytes } => {
                    Input::Records(task::store(move || store.sync_unsent(after, bytes)).await?)
                }
                Step::Keep(keep) => {
                    self.sync_is_running();
                    match task::store(move || store.sync_keep(keep)).await {
                        Ok(()) => Input::Done,
                        Err(error) if error.code == Code::SyncDamaged => {
                            tracing::warn!(id = %error.id, "a record of another device cannot be read");
                            Input::Unreadable
                        }
                        Err(error) => {
                            not_kept = Some(error.into());
                            Input::NotKept
                        }
                    }
                }
                Step::Judge(entries) => Input::Amendments(task::store(move || store.sync_judge(entries)).await?),
                Step::Alarm(alarm) => {
                    tracing::warn!(?alarm, "syncing found something that the owner has to know");
                    alarms.push(alarm);
                    Input::Done
                }
                Step::Finished(ended) => break ended,
            };
        };
        Ok(Walked { ended, alarms, not_kept })
    }

    /// Makes what came in a part of what is shown.
    async fn sync_fold(&self) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        let folded = task::blocking(move || match store.sync_fold() {
            // It is done; what another process keeps in use goes when that one is gone.
            Err(StoreError::Traces) => Ok(Folded { changed: true, forgotten: true }),
            // What is to be forgotten is being answered just now: what came waits for the end of the reply, which is
            // followed by another round.
            Err(StoreError::ReplyGrowing) => Ok(Folded::default()),
            folded => folded,
        });
        let Folded { changed, forgotten } = folded.await??;
        if changed {
            self.sync_persona_changed();
            self.settings_reload().await?;
            self.tell(Event::ChangedElsewhere);
        }
        if forgotten {
            let handed = self.forget_handed_over().await;
            self.tell(Event::Forgotten);
            handed?;
        }
        if changed || forgotten {
            self.sync_happened();
        }
        Ok(())
    }

    /// Something is on its way: told once, not for each step, and not for a look that finds nothing.
    pub(super) fn sync_is_running(&self) {
        let before = self.sync_told(|told| told.state.replace(SyncState::Running));
        if before != Some(SyncState::Running) {
            self.tell(Event::SyncChanged);
        }
    }

    fn sync_note(&self, pass: &Pass, alarms: Vec<Alarm>) {
        let now = self.inner.clock.now();
        self.sync_told(|told| {
            match pass {
                Pass::Settled => {
                    (told.state, told.failure, told.last_at) = (Some(SyncState::Settled), None, Some(now));
                }
                Pass::More => (told.state, told.failure) = (Some(SyncState::Running), None),
                Pass::Offline(failure) => {
                    (told.state, told.failure) = (Some(SyncState::Offline), Some(failure.clone()));
                }
                Pass::Failed(failure) => (told.state, told.failure) = (Some(SyncState::Failed), Some(failure.clone())),
            }
            told.hear(alarms, matches!(pass, Pass::Settled | Pass::Failed(_)));
        });
        if matches!(pass, Pass::Failed(_)) {
            // What was wrong with the keyring would not be seen again otherwise, and seem to be well.
            self.sync_was_thorough(None);
        }
        self.tell(Event::SyncChanged);
    }

    pub(super) fn sync_told<T>(&self, change: impl FnOnce(&mut Told) -> T) -> T {
        change(&mut self.inner.sync.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Told {
    /// Each round says again what is still so, except that the home had been copied; `whole` if the round came to its end.
    fn hear(&mut self, alarms: Vec<Alarm>, whole: bool) {
        if whole {
            self.alarms.retain(|alarm| matches!(alarm, Alarm::Forked { .. }));
        }
        for alarm in alarms {
            if !self.alarms.contains(&alarm) {
                self.alarms.push(alarm);
            }
        }
    }
}

fn no_keys() -> WireError {
    Failure::permanent(
        Code::CredentialsMissing,
        "the keys by which this device syncs are not in the keychain",
        "Leave syncing on this device and join again by the passphrase. Everything that is here stays.",
    )
    .into()
}

impl From<SyncError> for WireError {
    fn from(error: SyncError) -> Self {
        error.to_failure().into()
    }
}
