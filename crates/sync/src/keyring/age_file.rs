//! The library `age` with this crate's errors. It takes its randomness from the operating system and has no other way:
//! the one place where something here is not given from outside. No test rests on these bytes.

use crate::error::SyncError;
use crate::key::parse_identity;
use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use std::io::{Read, Write};
use twin_core::secret::Secret;

/// What a keyring may ask of this machine to try one passphrase: 2^20 is 1 GiB. A file that asks for more is refused.
const MOST_WORK: u8 = 20;

pub(super) fn armor(binary: &[u8]) -> Result<String, SyncError> {
    let mut writer = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor).map_err(|_| SyncError::Unsealable)?;
    writer.write_all(binary).map_err(|_| SyncError::Unsealable)?;
    let bytes = writer.finish().map_err(|_| SyncError::Unsealable)?;
    String::from_utf8(bytes).map_err(|_| SyncError::Unsealable)
}

pub(super) fn dearmor(text: &str) -> Result<Vec<u8>, SyncError> {
    let mut binary = Vec::new();
    ArmoredReader::new(text.as_bytes()).read_to_end(&mut binary).map_err(|_| SyncError::Malformed)?;
    Ok(binary)
}

fn opened(error: &age::DecryptError) -> SyncError {
    match error {
        age::DecryptError::NoMatchingKeys
        | age::DecryptError::DecryptionFailed
        | age::DecryptError::KeyDecryptionFailed => SyncError::WrongKey,
        age::DecryptError::InvalidMac => SyncError::SealBroken,
        age::DecryptError::ExcessiveWork { .. } => SyncError::TooLarge,
        age::DecryptError::UnknownFormat => SyncError::NewerFormat,
        _ => SyncError::Malformed,
    }
}

pub(super) fn open(text: &str, identity: &impl age::Identity) -> Result<Vec<u8>, SyncError> {
    age::decrypt(identity, text.as_bytes()).map_err(|error| opened(&error))
}

/// What [`seal_with_passphrase`] sealed.
pub fn open_with_passphrase(text: &str, passphrase: &Secret<String>) -> Result<Secret<String>, SyncError> {
    let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase.expose().clone()));
    identity.set_max_work_factor(MOST_WORK);
    String::from_utf8(open(text, &identity)?).map(Secret::new).map_err(|_| SyncError::Malformed)
}

/// A short text as an age file that a passphrase opens; `work` as in [`Work`](super::Work).
pub fn seal_with_passphrase(passphrase: &Secret<String>, work: u8, plain: &[u8]) -> Result<String, SyncError> {
    if passphrase.expose().is_empty() || !(1..=MOST_WORK).contains(&work) {
        return Err(SyncError::Unsealable);
    }
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.expose().clone()));
    recipient.set_work_factor(work);
    age::encrypt_and_armor(&recipient, plain).map_err(|_| SyncError::Unsealable)
}

pub(super) fn seal_for<'a>(recipients: impl Iterator<Item = &'a str>, plain: &[u8]) -> Result<String, SyncError> {
    let recipients: Result<Vec<age::x25519::Recipient>, _> = recipients.map(str::parse).collect();
    let recipients = recipients.map_err(|_| SyncError::Malformed)?;
    let encryptor =
        age::Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as &dyn age::Recipient))
            .map_err(|_| SyncError::Unsealable)?;
    let mut binary = Vec::new();
    let mut writer = encryptor.wrap_output(&mut binary).map_err(|_| SyncError::Unsealable)?;
    writer.write_all(plain).map_err(|_| SyncError::Unsealable)?;
    writer.finish().map_err(|_| SyncError::Unsealable)?;
    armor(&binary)
}

pub(super) fn recipient_of(identity: &Secret<String>) -> Result<String, SyncError> {
    Ok(parse_identity(identity)?.to_public().to_string())
}
