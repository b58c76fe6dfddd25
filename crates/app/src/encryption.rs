//! A home whose database is under a key. The key is random and never typed: it is in the keychain of the operating system, or
//! sealed to a passphrase where there is none, and always sealed to a recovery code, in `twin.key` beside the database.

use crate::error::{WireError, internal, invalid};
use crate::paths::{Paths, read_file};
use crate::sync::check_passphrase;
use crate::sync::random::MachineRandom;
use crate::{App, KEYCHAIN_SERVICE, task};
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use twin_connect::keychain::Keychain;
use twin_core::error::{Code, Failure};
use twin_core::port::{Random as _, Secrets};
use twin_core::secret::Secret;
use twin_core::sync::hex;
use twin_store::{KEY_FILE, encryption_ready, encryption_switch, is_encrypted};
use twin_sync::error::SyncError;
use twin_sync::keyring::{Work, open_with_passphrase, seal_with_passphrase};
use twin_sync::recovery;

pub use twin_store::DatabaseKey as HomeKey;

/// Of the file.
const VERSION: u32 = 1;
/// A second one lies with the copies, which are of no use without it.
const COPIES: &str = "backups";

/// Where the key of a home is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum EncryptionState {
    /// The database is not encrypted.
    Off,
    /// In the keychain.
    Keychain,
    /// Sealed to a passphrase, which is asked for at each start.
    Passphrase,
}

/// By what a home is opened whose key is not at hand.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UnlockBy {
    /// The passphrase.
    Passphrase {
        /// As it was typed.
        passphrase: Secret<String>,
    },
    /// The recovery code.
    RecoveryCode {
        /// As it was typed.
        code: Secret<String>,
    },
}

/// `twin.key`. Nothing in it opens anything by itself.
#[derive(Clone, Serialize, Deserialize)]
struct KeyFile {
    version: u32,
    /// The keychain's item; none where a passphrase is asked for.
    item: Option<String>,
    /// Tells the right key from another.
    check: String,
    /// The key, sealed to the recovery code.
    recovery: String,
    /// The key, sealed to the passphrase.
    passphrase: Option<String>,
}

impl KeyFile {
    /// None where a home was never encrypted.
    fn read(paths: &Paths) -> Result<Option<Self>, WireError> {
        let beside = paths.home().join(COPIES).join(KEY_FILE);
        let mut unreadable = None;
        for path in [paths.home().join(KEY_FILE), beside] {
            match read_file(&path) {
                Ok(bytes) => match serde_json::from_slice::<Self>(&bytes) {
                    Ok(file) if file.version <= VERSION => return Ok(Some(file)),
                    Ok(_) => {
                        let hint = "Install the newest version of Digital Twin. Nothing was changed.";
                        return Err(
                            Failure::permanent(Code::StoreTooNew, "a newer version encrypted this home", hint).into()
                        );
                    }
                    Err(_) => unreadable = Some(damaged_key_file()),
                },
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(_) => unreadable = Some(damaged_key_file()),
            }
        }
        unreadable.map_or(Ok(None), Err)
    }

    /// On the disk when this returns, and in its place whole or not at all.
    fn write(&self, paths: &Paths) -> Result<(), WireError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|_| internal("the key's file could not be written"))?;
        let copies = paths.home().join(COPIES);
        crate::paths::create_private_folder(&copies).map_err(unwritten)?;
        for folder in [copies.as_path(), paths.home()] {
            write_lasting(folder, &bytes).map_err(unwritten)?;
        }
        Ok(())
    }

    fn remove(paths: &Paths) -> Result<(), WireError> {
        for folder in [paths.home().to_owned(), paths.home().join(COPIES)] {
            match fs_err::remove_file(folder.join(KEY_FILE)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(unwritten(error)),
                _ => twin_store::sync_folder(&folder).map_err(unwritten)?,
            }
        }
        Ok(())
    }

    fn fits(&self, text: &Secret<String>) -> Option<HomeKey> {
        HomeKey::from_text(text).filter(|key| key.check() == self.check)
    }

    fn open(&self, by: &UnlockBy) -> Result<HomeKey, WireError> {
        let opened = match by {
            UnlockBy::Passphrase { passphrase } => {
                let Some(sealed) = &self.passphrase else { return Err(wrong_key()) };
                open_with_passphrase(sealed, passphrase)
            }
            UnlockBy::RecoveryCode { code } => {
                let code = recovery::parse_code(code.expose())?;
                open_with_passphrase(&self.recovery, &code)
            }
        };
        match opened {
            Ok(text) => self.fits(&text).ok_or_else(wrong_key),
            Err(SyncError::WrongKey) => Err(wrong_key()),
            Err(_) => Err(damaged_key_file()),
        }
    }

    fn state(&self) -> EncryptionState {
        if self.item.is_some() { EncryptionState::Keychain } else { EncryptionState::Passphrase }
    }
}

fn write_lasting(folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(KEY_FILE)).map_err(|error| error.error)?;
    twin_store::sync_folder(folder)
}

/// The key of a home from where it is kept without anybody being asked; none where the home has none, or where a passphrase or
/// the recovery code has to be given.
pub fn kept_key(paths: &Paths, secrets: &dyn Secrets) -> Result<Option<HomeKey>, WireError> {
    let Some(file) = KeyFile::read(paths)? else { return Ok(None) };
    let Some(item) = &file.item else { return Ok(None) };
    Ok(secrets.get(item)?.and_then(|text| file.fits(&text)))
}

impl App {
    /// Whether the database is encrypted, and where its key is.
    pub fn encryption_state(&self) -> Result<EncryptionState, WireError> {
        if self.inner.store.is_encrypted() { kept_in(self.paths()) } else { Ok(EncryptionState::Off) }
    }

    /// Fails while somebody waits for something that ends with this application: a reply that is being written.
    pub async fn require_no_reply(&self) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.require_no_reply()).await
    }

    /// The same of a home that is not open in this process.
    pub fn encryption_state_closed(paths: &Paths) -> Result<EncryptionState, WireError> {
        if is_encrypted(paths.home()) { kept_in(paths) } else { Ok(EncryptionState::Off) }
    }
}

/// Where the key of a home is kept that has one.
pub fn kept_in(paths: &Paths) -> Result<EncryptionState, WireError> {
    Ok(KeyFile::read(paths)?.map_or(EncryptionState::Off, |file| file.state()))
}

/// The key, by what was typed.
pub fn unlock(paths: &Paths, by: &UnlockBy) -> Result<HomeKey, WireError> {
    KeyFile::read(paths)?.ok_or_else(not_encrypted)?.open(by)
}

/// The key, by what was typed, whichever of the two it is; a keychain that has lost it has it again after.
pub fn unlock_with(paths: &Paths, secrets: &dyn Secrets, typed: Secret<String>) -> Result<HomeKey, WireError> {
    let by = if recovery::parse_code(typed.expose()).is_ok() {
        UnlockBy::RecoveryCode { code: typed }
    } else {
        UnlockBy::Passphrase { passphrase: typed }
    };
    let key = unlock(paths, &by)?;
    if let Err(error) = keep_again(paths, secrets, &key) {
        // It opens now, and is asked for again at the next start.
        tracing::warn!(id = %error.id, "the keychain did not take the key");
    }
    Ok(key)
}

/// Puts a key that was found by the recovery code back into the keychain that lost it.
pub fn keep_again(paths: &Paths, secrets: &dyn Secrets, key: &HomeKey) -> Result<(), WireError> {
    if let Some(item) = KeyFile::read(paths)?.and_then(|file| file.item) {
        secrets.set(&item, &key.to_text())?;
    }
    Ok(())
}

/// Encrypts a home that nobody has open, its copies as well: with the key in the keychain, or sealed to a passphrase. Returns
/// the recovery code, which is nowhere else, and the key.
pub fn turn_on(
    paths: &Paths,
    secrets: &dyn Secrets,
    passphrase: Option<&Secret<String>>,
) -> Result<(Secret<String>, HomeKey), WireError> {
    if let Some(passphrase) = passphrase {
        check_passphrase(passphrase)?;
    }
    // Sealing takes seconds.
    encryption_ready(paths.home(), true).map_err(already_encrypted)?;
    let before = KeyFile::read(paths).ok().flatten();
    let mut random = MachineRandom::new()?;
    let key = HomeKey::random(&mut random);
    let code = recovery::new_code(&mut random);
    let mut name = [0; 8];
    random.fill(&mut name);
    let item = passphrase.is_none().then(|| format!("database-key {}", hex(&name)));
    let file = KeyFile {
        version: VERSION,
        item: item.clone(),
        check: key.check(),
        recovery: seal(&code, Work::default().recovery, &key)?,
        passphrase: passphrase.map(|given| seal(given, Work::default().passphrase, &key)).transpose()?,
    };
    // Whatever is cut off: what opens the home is kept before the home needs it.
    let keep = || {
        if let Some(item) = &item {
            secrets.set(item, &key.to_text()).map_err(or_a_passphrase)?;
            if secrets.get(item)? != Some(key.to_text()) {
                let hint = "Check the system's password application, or choose a passphrase instead.";
                let failure = Failure::permanent(Code::KeychainUnavailable, "the keychain did not keep the key", hint);
                return Err(failure.into());
            }
        }
        file.write(paths)
    };
    let tidy = || {
        if let Some(item) = before.and_then(|file| file.item) {
            // Of a switch that was cut off before the database had come under that key.
            drop(secrets.delete(&item));
        }
        Ok(())
    };
    let switched: Result<(), WireError> = encryption_switch(paths.home(), Some(&key), keep, tidy);
    match switched {
        Ok(()) => Ok((code, key)),
        Err(error) if error.code != Code::HomeLocked && is_encrypted(paths.home()) => Err(with_no_code(error)),
        Err(error) => Err(already_encrypted(error)),
    }
}

/// The copies follow at the next opening. The code goes with the error.
fn with_no_code(error: WireError) -> WireError {
    let hint = format!(
        "{} The database itself is encrypted, and nobody has seen the recovery code: make another one, in the settings under Data or by \
         `twin encryption recovery-code`.",
        error.hint
    );
    WireError { hint, ..error }
}

/// Decrypts a home that nobody has open, and its copies.
pub fn turn_off(paths: &Paths, secrets: &dyn Secrets, key: Option<&HomeKey>) -> Result<(), WireError> {
    let file = KeyFile::read(paths)?.ok_or_else(not_encrypted)?;
    let forget = || {
        KeyFile::remove(paths)?;
        if let Some(item) = &file.item {
            // One that stays opens nothing any more.
            drop(secrets.delete(item));
        }
        Ok(())
    };
    encryption_switch((paths.home(), key), None, || Ok(()), forget)
}

/// Another recovery code; the one before opens nothing from now on but copies of `twin.key` that were made before.
pub fn new_code(paths: &Paths, key: &HomeKey) -> Result<Secret<String>, WireError> {
    let file = KeyFile::read(paths)?.filter(|file| file.check == key.check()).ok_or_else(not_encrypted)?;
    let code = recovery::new_code(&mut MachineRandom::new()?);
    KeyFile { recovery: seal(&code, Work::default().recovery, key)?, ..file }.write(paths)?;
    Ok(code)
}

/// Another passphrase, for a home that has one.
pub fn new_passphrase(paths: &Paths, key: &HomeKey, passphrase: &Secret<String>) -> Result<(), WireError> {
    check_passphrase(passphrase)?;
    let file = KeyFile::read(paths)?.filter(|file| file.check == key.check()).ok_or_else(not_encrypted)?;
    if file.passphrase.is_none() {
        return Err(invalid(
            "the key of this home is in the keychain",
            "Turn encryption off, then on with a passphrase.",
        ));
    }
    KeyFile { passphrase: Some(seal(passphrase, Work::default().passphrase, key)?), ..file }.write(paths)
}

/// The keychain of this machine.
pub fn keychain() -> impl Secrets {
    Keychain::new(KEYCHAIN_SERVICE)
}

fn or_a_passphrase(failure: Failure) -> Failure {
    let hint = "Start or unlock the keychain, or choose a passphrase instead (`twin encryption on --passphrase`).";
    Failure { hint: hint.to_owned(), ..failure }
}

fn seal(secret: &Secret<String>, work: u8, key: &HomeKey) -> Result<String, WireError> {
    Ok(seal_with_passphrase(secret, work, key.to_text().expose().as_bytes())?)
}

fn wrong_key() -> WireError {
    Failure::permanent(
        Code::HomeWrongKey,
        "that does not open this home",
        "Check it, and type it again: the passphrase, or the recovery code that was shown when the home was encrypted.",
    )
    .into()
}

/// Why nothing can be done without the key.
pub fn locked() -> WireError {
    twin_store::StoreError::Locked.into()
}

fn already_encrypted(error: impl Into<WireError>) -> WireError {
    let error = error.into();
    match error.code {
        Code::HomeLocked => invalid("this home is encrypted already", "Turn it off first to begin with another key."),
        _ => error,
    }
}

fn not_encrypted() -> WireError {
    invalid("this home is not encrypted", "Nothing has to be done.")
}

fn damaged_key_file() -> WireError {
    Failure::permanent(
        Code::StoreDamaged,
        "the file twin.key, which says how this home is opened, cannot be read",
        "Put back a copy of it: one lies in the folder backups, and in every copy of the home.",
    )
    .into()
}

fn unwritten(error: std::io::Error) -> WireError {
    twin_store::StoreError::from(error).into()
}
