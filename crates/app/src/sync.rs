//! Syncing: the owner's devices meet in a bucket or a folder that can do nothing but keep sealed objects.
//!
//! `twin_sync` plans, `twin_connect` asks, the store keeps; here one is carried to the other (`walk`), by itself
//! (`background`) or when it is asked for. Everything that comes of it is told by [`App::sync_status`].

mod ahead;
mod background;
mod begin;
mod file;
mod membership;
mod persona;
mod place;
pub(crate) mod random;
mod turn;
mod verify;
mod walk;

pub use place::{BucketSource, Buckets, SettingUp};

use crate::credential::AwsKeySet;
use crate::error::{WireError, invalid};
use crate::{App, task};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use twin_core::bucket::Bucket;
use twin_core::error::Failure;
use twin_core::event::Event;
use twin_core::id::DeviceId;
use twin_core::secret::Secret;
use twin_core::settings::{NetworkSettings, SyncPlace};
use twin_core::sync::{OtherVersion, SyncWaiting};
use twin_core::time::Timestamp;
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::{Device, Keyring};
use twin_sync::round::Alarm;
use walk::Vault;

/// Whoever gets hold of the bucket may try as many as they like: each takes them a second.
const PASSPHRASE_CHARS: usize = 10;

/// The access keys of a bucket, as a person gives them.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct S3Keys {
    /// `AKIA…` or `ASIA…` at AWS.
    pub access_key_id: Secret<String>,
    /// Its secret half.
    pub secret_access_key: Secret<String>,
    /// With temporary keys only.
    pub session_token: Option<Secret<String>>,
}

impl S3Keys {
    /// As one item of the keychain.
    fn to_item(&self) -> Secret<String> {
        AwsKeySet {
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
            session_token: self.session_token.clone(),
        }
        .to_item()
    }
}

/// What a person says to begin.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncSetup {
    /// Where the devices meet.
    pub place: SyncPlace,
    /// With credentials of the kind `keys`: the keys. None: those that are in the keychain already.
    pub keys: Option<S3Keys>,
    /// As the owner calls this device.
    pub device_name: String,
}

/// What was found where the devices are to meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncFound {
    /// The vaults that are there, by their ids in hexadecimal. None: this would be the first device.
    pub vaults: Vec<String>,
}

/// What opens a vault for its owner.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SyncSecret {
    /// The passphrase that the owner thought of.
    Passphrase {
        /// As typed.
        passphrase: Secret<String>,
    },
    /// The recovery code, as it was shown once.
    RecoveryCode {
        /// As typed.
        code: Secret<String>,
    },
}

/// What syncing does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// This device does not sync.
    Off,
    /// Everything was sent and read when last looked.
    Settled,
    /// Something is on its way.
    Running,
    /// Nobody answers there; it is tried again by itself.
    Offline,
    /// The owner paused it.
    Paused,
    /// It will not go on until the owner does something: see the failure.
    Failed,
}

/// Why this device looks less often than it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SyncSparing {
    /// What goes over the line is paid for.
    Metered,
    /// It runs on its battery.
    Battery,
}

/// Something that the owner has to know. Never silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SyncAlarm {
    /// This device was taken out.
    Removed,
    /// The keyring is gone from where it was.
    KeyringMissing,
    /// The keyring is older than, or not made by who knew, the one known here.
    KeyringRefused,
    /// An object of a device cannot be believed; nothing more of that device is read.
    Damaged {
        /// The device, as the owner calls it.
        device: String,
    },
    /// Records that another device had seen are not there any more: somebody put an older state back.
    Missing {
        /// The device whose records they are.
        device: String,
        /// How many.
        records: u32,
    },
    /// A device writes with a newer program: its records wait until this one is updated.
    NewerFormat {
        /// The device.
        device: String,
    },
    /// A device that was taken out went on writing. It is not read.
    RemovedWrites {
        /// The device.
        device: String,
    },
    /// This home was copied or restored, and the other copy is in use as well: this one goes on as a device of its own.
    Forked,
}

/// One of the owner's devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncDevice {
    /// By which it is taken out.
    pub id: DeviceId,
    /// As the owner calls it.
    pub name: String,
    /// When it came.
    pub added: Timestamp,
    /// Whether it is this one.
    pub this: bool,
    /// When it was taken out; none while it belongs.
    pub removed: Option<Timestamp>,
    /// How many of its records are known here.
    pub records: u32,
    /// When the newest of them was made, by its clock; none if there is none.
    pub last_record_at: Option<Timestamp>,
}

/// How syncing stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncStatus {
    /// What it does now.
    pub state: SyncState,
    /// Where the devices meet; none while it is off.
    pub place: Option<SyncPlace>,
    /// Why it looks less often, if it does.
    pub sparing: Option<SyncSparing>,
    /// When a round last came to its end in this process; none if none did.
    pub last_at: Option<Timestamp>,
    /// What is not yet there.
    pub waiting: SyncWaiting,
    /// Why it is offline or has failed.
    pub failure: Option<Failure>,
    /// What the owner has to know.
    pub alarms: Vec<SyncAlarm>,
    /// The devices, this one first, those that were taken out last.
    pub devices: Vec<SyncDevice>,
    /// Edits that were made on two devices at once, and lost to the other one.
    pub other_versions: Vec<OtherVersion>,
}

/// What reading everything back found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncVerified {
    /// Objects that were read and opened.
    pub objects: u32,
    /// Records in them.
    pub records: u32,
    /// Their size where they lie, in kilobytes.
    pub kilobytes: u32,
    /// Names of objects that could not be opened, or are not what they should be.
    pub damaged: Vec<String>,
    /// Records that this device sent or read and that are not there any more.
    pub missing: u32,
}

/// What this process knows of its syncing beside what the store keeps.
#[derive(Default)]
pub(crate) struct Syncing {
    /// Held for each walk.
    turn: Arc<tokio::sync::Mutex<()>>,
    told: Mutex<Told>,
    bucket: Mutex<Option<(BucketOf, Arc<dyn Bucket>)>>,
    /// The name under which the keychain has them, and the keys.
    keys: Mutex<Option<(String, DeviceKeys)>>,
    /// When the last thorough round came to its end; none if the next is to be one.
    thorough: Mutex<Option<Instant>>,
    /// Attached files that were asked for in vain, and when.
    absent: Mutex<HashMap<String, Instant>>,
    /// Whether the persona folder and the log say the same, as far as is known.
    persona_is_exchanged: AtomicBool,
    /// Something may have been written.
    changed: Notify,
    /// Somebody wants to see what came.
    look: Notify,
    /// Why it looks less often, if it does.
    sparing: watch::Sender<Option<SyncSparing>>,
}

/// What a bucket was made of: the place, the way there, and the name of its keys.
type BucketOf = (SyncPlace, NetworkSettings, Option<String>);

/// What came of the last round.
#[derive(Default)]
struct Told {
    /// None: none ran yet.
    state: Option<SyncState>,
    last_at: Option<Timestamp>,
    failure: Option<Failure>,
    alarms: Vec<Alarm>,
}

fn not_syncing() -> WireError {
    invalid("this home does not sync", "Set syncing up first.")
}

pub(crate) fn check_passphrase(passphrase: &Secret<String>) -> Result<(), WireError> {
    if passphrase.expose().chars().count() < PASSPHRASE_CHARS {
        return Err(invalid(
            format!("the passphrase has fewer than {PASSPHRASE_CHARS} characters"),
            "Think of a longer one; four or five words that have nothing to do with each other are good.",
        ));
    }
    Ok(())
}

impl App {
    /// The least that an AWS identity must be allowed for that place, as a policy to copy; empty for a folder.
    pub fn sync_policy(&self, place: &SyncPlace) -> String {
        match place {
            SyncPlace::S3 { bucket, prefix, region, .. } => {
                twin_connect::bucket::policy(bucket.trim(), prefix.trim(), region.trim())
            }
            SyncPlace::Folder { .. } => String::new(),
        }
    }

    /// Syncs now, until nothing is left to do or nothing can be done; also while it is paused, because it was asked for.
    pub async fn sync_now(&self) -> Result<SyncStatus, WireError> {
        if self.settings().sync.place.is_none() {
            return Err(not_syncing());
        }
        let turn = self.sync_turn_soon().await?;
        self.sync_settle(&turn, true).await;
        drop(turn);
        self.sync_status().await
    }

    /// How syncing stands. Asks nobody.
    pub async fn sync_status(&self) -> Result<SyncStatus, WireError> {
        let settings = self.settings();
        let Some(place) = settings.sync.place else { return Ok(SyncStatus::off()) };
        let store = self.inner.store.clone();
        let (waiting, last_records, other_versions) =
            task::store(move || Ok((store.sync_waiting()?, store.sync_last_records()?, store.sync_other_versions()?)))
                .await?;
        let vault = self.sync_vault().await;
        let (state, last_at, failure, alarms) =
            self.sync_told(|told| (told.state, told.last_at, told.failure.clone(), told.alarms.clone()));
        let waits = waiting.records > 0 || waiting.files > 0;
        let state = match state {
            _ if settings.sync.paused || settings.background_paused => SyncState::Paused,
            None | Some(SyncState::Settled) if waits => SyncState::Running,
            state => state.unwrap_or(SyncState::Settled),
        };
        // Whoever has no keys any more can do nothing but be told.
        let (state, failure) = match (&vault, failure) {
            (Err(error), None) => (SyncState::Failed, Some(error.clone().into())),
            (_, failure) => (state, failure),
        };
        let (devices, alarms) = match &vault {
            Ok(vault) => {
                (devices(vault, &last_records), alarms.iter().map(|alarm| told(alarm, &vault.keyring)).collect())
            }
            Err(_) => (Vec::new(), Vec::new()),
        };
        let sparing = *self.inner.sync.sparing.borrow();
        let place = Some(place);
        Ok(SyncStatus { state, place, sparing, last_at, waiting, failure, alarms, devices, other_versions })
    }

    /// Rests until the owner says otherwise, or goes on.
    pub async fn sync_pause(&self, paused: bool) -> Result<(), WireError> {
        let mut settings = self.settings();
        if settings.sync.place.is_none() {
            return Err(not_syncing());
        }
        settings.sync.paused = paused;
        self.settings_put(settings).await?;
        self.tell(Event::SyncChanged);
        Ok(())
    }

    /// Makes an edit that had lost the one that counts, on all devices.
    pub async fn sync_other_version_take(&self, id: u32) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.sync_other_version_take(id)).await?;
        self.sync_persona_changed();
        self.settings_reload().await?;
        self.tell(Event::ChangedElsewhere);
        self.tell(Event::SyncChanged);
        Ok(())
    }

    /// Drops an edit that had lost from the list.
    pub async fn sync_other_version_drop(&self, id: u32) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.sync_other_version_drop(id)).await?;
        self.tell(Event::SyncChanged);
        Ok(())
    }
}

impl SyncStatus {
    fn off() -> Self {
        Self {
            state: SyncState::Off,
            place: None,
            sparing: None,
            last_at: None,
            waiting: SyncWaiting::default(),
            failure: None,
            alarms: Vec::new(),
            devices: Vec::new(),
            other_versions: Vec::new(),
        }
    }
}

/// This one first, those that were taken out last.
fn devices(vault: &Vault, last_records: &std::collections::BTreeMap<DeviceId, Timestamp>) -> Vec<SyncDevice> {
    let own = vault.keys.verifying();
    let listed = vault.keyring.devices().iter().filter_map(|device| {
        let records: u64 = device.sequences.iter().map(|sequence| vault.standing.chain(*sequence).records).sum();
        Some(SyncDevice {
            id: *device.sequences.first()?,
            name: device.name.clone(),
            added: device.added,
            this: device.verifying == own,
            removed: device.removed.as_ref().map(|removed| removed.at),
            records: u32::try_from(records).unwrap_or(u32::MAX),
            last_record_at: device.sequences.iter().filter_map(|sequence| last_records.get(sequence)).max().copied(),
        })
    });
    let mut listed: Vec<SyncDevice> = listed.collect();
    listed.sort_by_key(|device| (!device.this, device.removed.is_some()));
    listed
}

/// As the owner is told, with the names of devices.
fn told(alarm: &Alarm, keyring: &Keyring) -> SyncAlarm {
    let called = |device: &DeviceId| {
        keyring.device(*device).map_or_else(|| device.to_string(), |Device { name, .. }| name.clone())
    };
    match alarm {
        Alarm::Removed => SyncAlarm::Removed,
        Alarm::KeyringMissing => SyncAlarm::KeyringMissing,
        Alarm::Keyring(_) => SyncAlarm::KeyringRefused,
        Alarm::Damaged { device, .. } => SyncAlarm::Damaged { device: called(device) },
        Alarm::Missing { device, seen, here } => SyncAlarm::Missing {
            device: called(device),
            records: u32::try_from(seen.saturating_sub(*here)).unwrap_or(u32::MAX),
        },
        Alarm::NewerFormat { device } => SyncAlarm::NewerFormat { device: called(device) },
        Alarm::RemovedWrites { device } => SyncAlarm::RemovedWrites { device: called(device) },
        Alarm::Forked { .. } => SyncAlarm::Forked,
    }
}
