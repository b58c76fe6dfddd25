//! The keyring: who belongs to a vault, and the keys of its epochs, as three age files in one text.
//!
//! Do not modify the format: `docs/sync-format.md` describes it, with the steps that open it by the stock `age`.
//!
//! age refuses a file that a passphrase *or* a key opens. So there are three: the passphrase opens an age identity, the
//! recovery code opens another one, and what matters is sealed for these two identities and those of all devices. A
//! device can therefore write the keyring anew without knowing the passphrase.

mod age_file;

use crate::error::SyncError;
use crate::key::{DeviceKeys, EpochKey, VaultId, digest, new_identity, parse_identity};
use crate::mutant::{Mutant, planted};
use age_file::{armor, dearmor, recipient_of, seal_for};

pub use age_file::{open_with_passphrase, seal_with_passphrase};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use twin_core::id::DeviceId;
use twin_core::port::Random;
use twin_core::secret::Secret;
use twin_core::sync::Digest;
use twin_core::time::Timestamp;
use zeroize::Zeroizing;

const TITLE: &str = "digital-twin keyring 1";
const NEWER_TITLE: &str = "digital-twin keyring ";
const PARTS: [&str; 3] = [
    "# An age file. The passphrase opens it; in it is an age identity that opens the third.",
    "# An age file. The recovery code is its passphrase; in it is an age identity that opens the third.",
    "# An age file. Either identity opens it, or that of a device; in it are the keys.",
];
const PROOF: &str = "digital-twin/1 keyring proof";

/// How hard a passphrase is to try: scrypt's N is two to the power of this (RFC 7914), r = 8, p = 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// For what a person thought of. 18: a second and 256 MiB for each try.
    pub passphrase: u8,
    /// For the recovery code, which has 130 random bits and could do without.
    pub recovery: u8,
}

impl Default for Work {
    fn default() -> Self {
        Self { passphrase: 18, recovery: 12 }
    }
}

/// When and how a device was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// When, by the clock of who did it.
    pub at: Timestamp,
    /// The first epoch whose key it does not have.
    pub epoch: u32,
    /// The last segment of each of its sequences that counts. None until a device that belongs has read to the end of them:
    /// what it sent before it could hear of its removal counts, and what it took out of the bucket because of that as well.
    pub last: Option<BTreeMap<DeviceId, u64>>,
}

/// One installation of the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// As the owner calls it.
    pub name: String,
    /// Its age recipient, `age1…`.
    pub recipient: String,
    /// Its Ed25519 key.
    pub verifying: Digest,
    /// When it was added, by its own clock.
    pub added: Timestamp,
    /// The device ids under which it wrote. More than one after its disk was restored or copied; the first is its name in
    /// [`Keyring::remove_device`].
    pub sequences: Vec<DeviceId>,
    /// None while it belongs to the vault.
    pub removed: Option<Removed>,
}

/// What is sealed in the third file, first line. The second is a list of proofs, one for each epoch.
#[derive(Serialize, Deserialize)]
struct Body {
    vault: VaultId,
    generation: u64,
    epochs: Vec<Zeroizing<String>>,
    devices: Vec<Device>,
    /// The recipients of the identities in the first and second file.
    owner: [String; 2],
    /// SHA-256 of the text of the first and second file.
    files: [Digest; 2],
}

/// A keyring, open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyring {
    vault: VaultId,
    generation: u64,
    epochs: Vec<EpochKey>,
    devices: Vec<Device>,
    owner: [String; 2],
    /// Armoured, as they stand in the text.
    files: [String; 2],
    /// What the file was when it was opened: the line that the proofs are of, and the proofs. Empty when made here.
    proven: Option<(Secret<Vec<u8>>, Vec<Digest>)>,
}

/// A new device as it is added.
#[derive(Debug, Clone)]
pub struct NewDevice<'a> {
    /// As the owner calls it.
    pub name: &'a str,
    /// The id under which it writes.
    pub device: DeviceId,
    /// Its keys.
    pub keys: &'a DeviceKeys,
    /// When, by its clock.
    pub now: Timestamp,
}

impl NewDevice<'_> {
    fn listed(&self) -> Result<Device, SyncError> {
        Ok(Device {
            name: self.name.to_owned(),
            recipient: self.keys.recipient()?,
            verifying: self.keys.verifying(),
            added: self.now,
            sequences: vec![self.device],
            removed: None,
        })
    }
}

impl Keyring {
    /// A new vault with its first device.
    pub fn create(
        first: &NewDevice<'_>,
        passphrase: &Secret<String>,
        recovery_code: &Secret<String>,
        work: Work,
        random: &mut dyn Random,
    ) -> Result<Self, SyncError> {
        let (passphrase_file, passphrase_recipient) = owner_file(passphrase, work.passphrase)?;
        let (recovery_file, recovery_recipient) = owner_file(recovery_code, work.recovery)?;
        Ok(Self {
            vault: VaultId::new(random),
            generation: 1,
            epochs: vec![EpochKey::new(random)],
            devices: vec![first.listed()?],
            owner: [passphrase_recipient, recovery_recipient],
            files: [passphrase_file, recovery_file],
            proven: None,
        })
    }

    /// Opens it as a device. [`SyncError::WrongKey`] if it is not one of its devices, or not any more.
    pub fn open(bytes: &[u8], keys: &DeviceKeys) -> Result<Self, SyncError> {
        Self::open_by(&Text::parse(bytes)?, &keys.age()?)
    }

    /// Opens it as its owner. [`SyncError::WrongKey`] if it is another passphrase.
    pub fn open_with_passphrase(bytes: &[u8], passphrase: &Secret<String>) -> Result<Self, SyncError> {
        let text = Text::parse(bytes)?;
        let identity = open_with_passphrase(&text.files[0], passphrase)?;
        Self::open_by(&text, &parse_identity(&identity)?)
    }

    /// Opens it by the recovery code, as [`crate::recovery::parse_code`] gives it.
    pub fn open_with_recovery_code(bytes: &[u8], code: &Secret<String>) -> Result<Self, SyncError> {
        let text = Text::parse(bytes)?;
        let identity = open_with_passphrase(&text.files[1], code)?;
        Self::open_by(&text, &parse_identity(&identity)?)
    }

    /// The owner as if the owner were a device: a passphrase is slow on purpose.
    #[cfg(feature = "simulation")]
    pub(crate) fn owner_keys(
        &self,
        passphrase: &Secret<String>,
        signing: &DeviceKeys,
    ) -> Result<DeviceKeys, SyncError> {
        Ok(signing.with_identity(open_with_passphrase(&self.files[0], passphrase)?))
    }

    fn open_by(text: &Text, identity: &age::x25519::Identity) -> Result<Self, SyncError> {
        let plain = Zeroizing::new(age_file::open(&text.files[2], identity)?);
        let at = plain.iter().position(|byte| *byte == b'\n').ok_or(SyncError::Malformed)?;
        let (line, rest) = plain.split_at(at);
        let body: Body = serde_json::from_slice(line).map_err(|_| SyncError::Malformed)?;
        let proofs: Vec<Digest> = serde_json::from_slice(rest).map_err(|_| SyncError::Malformed)?;
        let [passphrase_file, recovery_file, _] = text.files.clone();
        let files = [passphrase_file, recovery_file];
        if body.files != hashes(&files) || body.vault != text.vault {
            return Err(SyncError::KeyringForged);
        }
        let keys: Option<Vec<EpochKey>> = body.epochs.iter().map(|hex| EpochKey::from_hex(hex)).collect();
        let keyring = Self {
            vault: body.vault,
            generation: body.generation,
            epochs: keys.filter(|keys| !keys.is_empty()).ok_or(SyncError::Malformed)?,
            devices: body.devices,
            owner: body.owner,
            files,
            proven: Some((Secret::new(line.to_vec()), proofs)),
        };
        for (epoch, key) in (1..).zip(&keyring.epochs) {
            keyring.proven_by(epoch, key)?;
        }
        Ok(keyring)
    }

    /// Whether whoever made it had that key.
    fn proven_by(&self, epoch: u32, key: &EpochKey) -> Result<(), SyncError> {
        let Some((line, proofs)) = &self.proven else { return Err(SyncError::KeyringForged) };
        let given = usize::try_from(epoch - 1).ok().and_then(|at| proofs.get(at));
        let holds = given == Some(&proof(key, self.vault, line.expose())?);
        if holds { Ok(()) } else { Err(SyncError::KeyringForged) }
    }

    /// Whether this keyring may take the place of the one known here: of the same vault, not older, and made by somebody
    /// who had the newest key known here. A removed device knows for whom keyrings are sealed, but not that key.
    pub fn follows(&self, known: &Self) -> Result<(), SyncError> {
        if self.vault != known.vault {
            return Err(SyncError::Misplaced);
        }
        if self.generation < known.generation && !planted(Mutant::KeyringRollbackAccepted) {
            return Err(SyncError::KeyringRolledBack);
        }
        if planted(Mutant::KeyringProofNotChecked) || planted(Mutant::KeyringRollbackAccepted) {
            return Ok(());
        }
        let same = self.devices == known.devices && self.epochs == known.epochs;
        if self.generation == known.generation && !same {
            return Err(SyncError::KeyringRolledBack);
        }
        if self.epochs.get(..known.epochs.len()) != Some(&known.epochs[..]) {
            return Err(SyncError::KeyringForged);
        }
        known.epochs.last().map_or(Err(SyncError::Malformed), |key| self.proven_by(known.newest_epoch(), key))
    }

    /// The text for the bucket. Its bytes differ each time.
    pub fn seal(&self) -> Result<Vec<u8>, SyncError> {
        let body = Body {
            vault: self.vault,
            generation: self.generation,
            epochs: self.epochs.iter().map(EpochKey::to_hex).collect(),
            devices: self.devices.clone(),
            owner: self.owner.clone(),
            files: hashes(&self.files),
        };
        let mut plain = Zeroizing::new(serde_json::to_vec(&body).map_err(|_| SyncError::Unsealable)?);
        let proofs: Result<Vec<Digest>, SyncError> =
            self.epochs.iter().map(|key| proof(key, self.vault, &plain)).collect();
        plain.push(b'\n');
        plain.extend(serde_json::to_vec(&proofs?).map_err(|_| SyncError::Unsealable)?);
        let devices =
            self.devices.iter().filter(|device| device.removed.is_none() || planted(Mutant::RevokedStaysRecipient));
        let recipients = self.owner.iter().chain(devices.map(|device| &device.recipient));
        let keys = seal_for(recipients.map(String::as_str), &plain)?;
        let mut text = format!("{TITLE}\n{}\n", self.vault);
        for (part, file) in PARTS.iter().zip([&self.files[0], &self.files[1], &keys]) {
            text.push_str(part);
            text.push('\n');
            text.push_str(file);
        }
        Ok(text.into_bytes())
    }

    /// Adds a device.
    pub fn add_device(&mut self, new: &NewDevice<'_>) -> Result<(), SyncError> {
        if self.device(new.device).is_none() {
            self.devices.push(new.listed()?);
            self.generation += 1;
        }
        Ok(())
    }

    /// Adds an id under which the installation `of` writes from now on.
    pub fn add_sequence(&mut self, of: DeviceId, device: DeviceId) -> Result<(), SyncError> {
        let listed = self.devices.iter_mut().find(|listed| listed.sequences.contains(&of));
        let listed = listed.filter(|listed| listed.removed.is_none()).ok_or(SyncError::DeviceUnknown)?;
        if !listed.sequences.contains(&device) {
            listed.sequences.push(device);
            self.generation += 1;
        }
        Ok(())
    }

    /// Takes a device out: it is not given this keyring or any later key. What it already has stays with it. A new epoch
    /// begins. Which of its segments count, the next round of a device that belongs says.
    pub fn remove_device(
        &mut self,
        device: DeviceId,
        now: Timestamp,
        random: &mut dyn Random,
    ) -> Result<(), SyncError> {
        let epoch = self.newest_epoch() + 1;
        let listed = self.devices.iter_mut().find(|listed| listed.sequences.contains(&device));
        let listed = listed.ok_or(SyncError::DeviceUnknown)?;
        if listed.removed.is_none() {
            listed.removed = Some(Removed { at: now, epoch, last: None });
            if !planted(Mutant::RevokeWithoutNewEpoch) {
                self.epochs.push(EpochKey::new(random));
            }
            self.generation += 1;
        }
        Ok(())
    }

    /// The removed devices of which it is open how much counts: each by its first id.
    pub(crate) fn unclosed(&self) -> Vec<DeviceId> {
        let unclosed = |device: &&Device| device.removed.as_ref().is_some_and(|removed| removed.last.is_none());
        self.devices.iter().filter(unclosed).filter_map(|device| device.sequences.first().copied()).collect()
    }

    /// Says how much of a removed device counts, if that is open: as many segments of each of its ids as `read` tells.
    pub(crate) fn close(&mut self, device: DeviceId, read: impl Fn(DeviceId) -> u64) {
        let Some(listed) = self.devices.iter_mut().find(|listed| listed.sequences.contains(&device)) else { return };
        if let Some(Removed { last: last @ None, .. }) = &mut listed.removed {
            *last = Some(listed.sequences.iter().map(|sequence| (*sequence, read(*sequence))).collect());
            self.generation += 1;
        }
    }

    /// Lets segments of a removed device count that a device which belongs had taken before it learnt of the removal: they
    /// are in its log, so they have to be in all.
    pub fn raise_cut(&mut self, device: DeviceId, segments: u64) {
        let listed = self.devices.iter_mut().find(|listed| listed.sequences.contains(&device));
        let removed = listed.and_then(|listed| listed.removed.as_mut());
        let Some(last) = removed.and_then(|removed| removed.last.as_mut()) else { return };
        let last = last.entry(device).or_default();
        if *last < segments {
            *last = segments;
            self.generation += 1;
        }
    }

    /// Begins a new epoch.
    pub fn rotate(&mut self, random: &mut dyn Random) {
        self.epochs.push(EpochKey::new(random));
        self.generation += 1;
    }

    /// The old passphrase opens nothing written from now on.
    pub fn change_passphrase(&mut self, passphrase: &Secret<String>, work: Work) -> Result<(), SyncError> {
        self.change_owner(0, passphrase, work.passphrase)
    }

    /// The old recovery code opens nothing written from now on.
    pub fn change_recovery_code(&mut self, code: &Secret<String>, work: Work) -> Result<(), SyncError> {
        self.change_owner(1, code, work.recovery)
    }

    fn change_owner(&mut self, which: usize, secret: &Secret<String>, work: u8) -> Result<(), SyncError> {
        let (file, recipient) = owner_file(secret, work)?;
        if let (Some(old_file), Some(old)) = (self.files.get_mut(which), self.owner.get_mut(which)) {
            (*old_file, *old) = (file, recipient);
        }
        self.generation += 1;
        Ok(())
    }

    /// Whose keyring it is.
    pub fn vault(&self) -> VaultId {
        self.vault
    }

    /// Counted up by each change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The epoch under which is sealed, counted from 1.
    pub fn newest_epoch(&self) -> u32 {
        u32::try_from(self.epochs.len()).unwrap_or(u32::MAX)
    }

    /// Every installation, the removed ones too.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The installation that writes under that id.
    pub fn device(&self, device: DeviceId) -> Option<&Device> {
        self.devices.iter().find(|listed| listed.sequences.contains(&device))
    }

    /// Every id under which anything was written.
    pub fn sequences(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.devices.iter().flat_map(|device| device.sequences.iter().copied())
    }

    /// Tells the keys of two vaults or restored copies apart; see [`EpochKey::check`].
    pub fn check(&self) -> Result<String, SyncError> {
        self.epochs.last().ok_or(SyncError::Malformed)?.check(self.vault)
    }

    pub(crate) fn derive(&self, epoch: u32, purpose: &str, about: &[u8]) -> Result<Secret<[u8; 32]>, SyncError> {
        let at = usize::try_from(epoch).ok().and_then(|epoch| epoch.checked_sub(1));
        let key = at.and_then(|at| self.epochs.get(at)).ok_or(SyncError::EpochUnknown)?;
        key.derive(self.vault, purpose, about)
    }

    pub(crate) fn verifying(&self, device: DeviceId) -> Result<Digest, SyncError> {
        self.device(device).map(|listed| listed.verifying).ok_or(SyncError::DeviceUnknown)
    }

    /// Whether that segment counts: those that a device wrote after it was removed do not.
    pub(crate) fn accepts(&self, device: DeviceId, number: u64) -> bool {
        let removed = self.device(device).and_then(|listed| listed.removed.as_ref());
        let last = removed.and_then(|removed| removed.last.as_ref());
        last.is_none_or(|last| last.get(&device).is_some_and(|last| number <= *last))
    }

    /// Whether that device belonged to the vault in that epoch.
    pub(crate) fn had(&self, device: DeviceId, epoch: u32) -> bool {
        self.device(device).is_some_and(|listed| listed.removed.as_ref().is_none_or(|removed| epoch < removed.epoch))
    }
}

fn proof(key: &EpochKey, vault: VaultId, line: &[u8]) -> Result<Digest, SyncError> {
    Ok(Digest(*key.derive(vault, PROOF, &digest(&[line]).0)?.expose()))
}

fn hashes(files: &[String; 2]) -> [Digest; 2] {
    [digest(&[files[0].as_bytes()]), digest(&[files[1].as_bytes()])]
}

fn owner_file(secret: &Secret<String>, work: u8) -> Result<(String, String), SyncError> {
    let identity = new_identity();
    Ok((seal_with_passphrase(secret, work, identity.expose().as_bytes())?, recipient_of(&identity)?))
}

/// The text, taken apart but not opened.
struct Text {
    vault: VaultId,
    files: [String; 3],
}

impl Text {
    /// Strict: what is written again has to be what was read, so that no byte can be changed unnoticed.
    fn parse(bytes: &[u8]) -> Result<Self, SyncError> {
        let text = std::str::from_utf8(bytes).map_err(|_| SyncError::Malformed)?;
        let rest = text
            .strip_prefix(TITLE)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or_else(|| if text.starts_with(NEWER_TITLE) { SyncError::NewerFormat } else { SyncError::Malformed })?;
        let (vault, mut rest) = rest.split_once('\n').ok_or(SyncError::Malformed)?;
        let mut files = [String::new(), String::new(), String::new()];
        for (at, file) in files.iter_mut().enumerate() {
            let after = rest.strip_prefix(PARTS[at]).and_then(|rest| rest.strip_prefix('\n'));
            let after = after.ok_or(SyncError::Malformed)?;
            let end = PARTS.get(at + 1).map_or(Some(after.len()), |next| after.find(next));
            let (own, next) = after.split_at_checked(end.ok_or(SyncError::Malformed)?).ok_or(SyncError::Malformed)?;
            if armor(&dearmor(own)?)? != own {
                return Err(SyncError::Malformed);
            }
            own.clone_into(file);
            rest = next;
        }
        Ok(Self { vault: vault.parse()?, files })
    }
}
