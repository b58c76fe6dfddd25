//! Syncing: the owner's devices meet in a bucket or a folder that can do nothing but keep sealed objects.

use serde::{Deserialize, Serialize};
use twin_core::error::Failure;
use twin_core::id::DeviceId;
use twin_core::secret::Secret;
use twin_core::settings::SyncPlace;
use twin_core::sync::{OtherVersion, SyncWaiting};
use twin_core::time::Timestamp;

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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncVerified {
    /// Objects that were read and opened.
    pub objects: u32,
    /// Records in them.
    pub records: u32,
    /// Their size where they lie, in bytes.
    pub bytes: f64,
    /// Names of objects that could not be opened, or are not what they should be.
    pub damaged: Vec<String>,
    /// Records that this device sent or read and that are not there any more.
    pub missing: u32,
}
