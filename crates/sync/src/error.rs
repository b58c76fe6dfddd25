//! What can be wrong with keys and bytes.

use twin_core::error::{Code, Coded};

/// Why something was not opened, sealed or believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// Not an object of this program, or cut short.
    #[error("reading an object that is damaged or not ours")]
    Malformed,
    /// Written by a newer version.
    #[error("reading an object of a newer version")]
    NewerFormat,
    /// The key does not open it, or a byte was changed.
    #[error("opening an object whose seal is broken")]
    SealBroken,
    /// It opens, but is not the object that was asked for.
    #[error("opening an object that stands in the place of another")]
    Misplaced,
    /// It does not continue what was read before.
    #[error("following a chain of objects that is broken")]
    ChainBroken,
    /// The signature is not of the device that it names.
    #[error("checking a signature that does not hold")]
    SignatureInvalid,
    /// It was made by a device after that one was taken out.
    #[error("reading what a removed device wrote after its removal")]
    Revoked,
    /// The key of that epoch is not in the keyring that is known here.
    #[error("looking for a key that this device does not have")]
    EpochUnknown,
    /// More than may be in one object.
    #[error("unpacking an object that is larger than allowed")]
    TooLarge,
    /// The passphrase, recovery code or device key does not open the keyring.
    #[error("opening the keyring with a key that does not fit")]
    WrongKey,
    /// The keyring is older than one that was already seen.
    #[error("reading a keyring that is older than the known one")]
    KeyringRolledBack,
    /// The keyring was not made by somebody who has the newest key.
    #[error("reading a keyring that was not made by a device of the owner")]
    KeyringForged,
    /// The recovery code is not one: a character is mistyped or missing.
    #[error("reading a recovery code that is mistyped")]
    RecoveryCodeMistyped,
    /// No device of that id in the keyring.
    #[error("looking for a device that is not in the keyring")]
    DeviceUnknown,
    /// What was to be sealed is not what may be sealed.
    #[error("sealing something that cannot be sealed")]
    Unsealable,
}

impl Coded for SyncError {
    fn code(&self) -> Code {
        match self {
            Self::WrongKey => Code::SyncWrongKey,
            // A key that nobody took away is missing only in a keyring that is older than what it should open.
            Self::KeyringRolledBack | Self::EpochUnknown => Code::SyncRolledBack,
            Self::Revoked | Self::DeviceUnknown => Code::SyncRemoved,
            Self::RecoveryCodeMistyped => Code::SyncRecoveryCode,
            Self::NewerFormat => Code::SyncNewerFormat,
            Self::Unsealable => Code::Internal,
            Self::Malformed
            | Self::SealBroken
            | Self::Misplaced
            | Self::ChainBroken
            | Self::SignatureInvalid
            | Self::TooLarge
            | Self::KeyringForged => Code::SyncDamaged,
        }
    }

    fn is_permanent(&self) -> bool {
        // A keyring or segment that is fetched anew may be whole.
        !matches!(self, Self::EpochUnknown | Self::Malformed | Self::SealBroken)
    }

    fn hint(&self) -> String {
        match self {
            Self::WrongKey => "Check the passphrase or the recovery code.",
            Self::RecoveryCodeMistyped => "Compare each group of the recovery code.",
            Self::NewerFormat => "Install the newest version on this device.",
            Self::Revoked | Self::DeviceUnknown => "Add this device again from one that syncs.",
            Self::EpochUnknown => "Sync again.",
            Self::KeyringRolledBack | Self::ChainBroken => "Look whether somebody restored the storage from a backup.",
            Self::TooLarge | Self::Unsealable => "Report this: it should not happen.",
            _ => "Sync again; if it stays, the object in the storage is damaged.",
        }
        .to_owned()
    }
}
