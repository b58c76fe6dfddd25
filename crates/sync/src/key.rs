//! Keys, and what is derived from them.

use crate::error::SyncError;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use twin_core::port::Random;
use twin_core::secret::Secret;
use twin_core::sync::{Digest, hex, unhex};
use zeroize::Zeroizing;

/// Bytes of a nonce of XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): long enough to be random for ever. A counter would
/// repeat itself after a backup was restored.
pub const NONCE: usize = 24;

/// SHA-256 of these one after the other.
pub(crate) fn digest(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    Digest(hash.finalize().into())
}

/// One vault: all that the devices of one owner share. Random, so that the names in a bucket say nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VaultId(pub [u8; 16]);

impl VaultId {
    /// A new one.
    pub fn new(random: &mut dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        Self(bytes)
    }
}

impl std::fmt::Display for VaultId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for VaultId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::str::FromStr for VaultId {
    type Err = SyncError;

    fn from_str(text: &str) -> Result<Self, SyncError> {
        unhex(text).map(Self).ok_or(SyncError::Malformed)
    }
}

impl Serialize for VaultId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VaultId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The root key of one epoch: 32 random bytes. A new epoch begins when a device is taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochKey(Secret<[u8; 32]>);

impl EpochKey {
    /// A new one.
    pub fn new(random: &mut dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(&mut *bytes);
        Self(Secret::new(*bytes))
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        unhex(text).map(|bytes| Self(Secret::new(bytes)))
    }

    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(self.0.expose()))
    }

    /// HKDF-SHA-256 (RFC 5869): salt = the vault, info = `purpose` and `about`.
    pub(crate) fn derive(&self, vault: VaultId, purpose: &str, about: &[u8]) -> Result<Secret<[u8; 32]>, SyncError> {
        let mut bytes = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(&vault.0), self.0.expose())
            .expand_multi_info(&[purpose.as_bytes(), about], &mut *bytes)
            .map_err(|_| SyncError::Unsealable)?;
        Ok(Secret::new(*bytes))
    }

    /// Tells two keys apart without telling anything of them: to be kept beside what was synced last.
    pub fn check(&self, vault: VaultId) -> Result<String, SyncError> {
        Ok(hex(self.derive(vault, "digital-twin/1 check", &[])?.expose().get(..8).unwrap_or_default()))
    }
}

pub(crate) fn encrypt(
    key: &Secret<[u8; 32]>,
    nonce: &[u8; NONCE],
    associated: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, SyncError> {
    XChaCha20Poly1305::new(key.expose().into())
        .encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: associated })
        .map_err(|_| SyncError::Unsealable)
}

pub(crate) fn decrypt(
    key: &Secret<[u8; 32]>,
    nonce: &[u8; NONCE],
    associated: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, SyncError> {
    XChaCha20Poly1305::new(key.expose().into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: associated })
        .map_err(|_| SyncError::SealBroken)
}

/// What one installation proves itself with: kept in the keychain of the operating system, never in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceKeys {
    signing: Secret<[u8; 32]>,
    identity: Secret<String>,
}

impl DeviceKeys {
    /// New ones. The age identity takes its randomness from the operating system, as that library does everywhere.
    pub fn new(random: &mut dyn Random) -> Self {
        let mut signing = Zeroizing::new([0; 32]);
        random.fill(&mut *signing);
        Self { signing: Secret::new(*signing), identity: new_identity() }
    }

    /// One line for the keychain: the signing key in hexadecimal, a blank, the age identity.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(format!("{} {}", hex(self.signing.expose()), self.identity.expose()))
    }

    /// From the line of [`DeviceKeys::to_text`].
    pub fn from_text(text: &Secret<String>) -> Result<Self, SyncError> {
        let (signing, identity) = text.expose().split_once(' ').ok_or(SyncError::Malformed)?;
        let keys = Self {
            signing: Secret::new(unhex(signing).ok_or(SyncError::Malformed)?),
            identity: Secret::new(identity.to_owned()),
        };
        keys.age()?;
        Ok(keys)
    }

    #[cfg(feature = "simulation")]
    pub(crate) fn with_identity(&self, identity: Secret<String>) -> Self {
        Self { signing: self.signing.clone(), identity }
    }

    pub(crate) fn age(&self) -> Result<age::x25519::Identity, SyncError> {
        parse_identity(&self.identity)
    }

    /// For whom the keyring is sealed: `age1…`.
    pub fn recipient(&self) -> Result<String, SyncError> {
        Ok(self.age()?.to_public().to_string())
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(self.signing.expose())
    }

    /// What others check signatures with.
    pub fn verifying(&self) -> Digest {
        Digest(self.signing().verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.signing().sign(message).to_bytes()
    }
}

pub(crate) fn new_identity() -> Secret<String> {
    use age::secrecy::ExposeSecret;
    Secret::new(age::x25519::Identity::generate().to_string().expose_secret().to_owned())
}

pub(crate) fn parse_identity(text: &Secret<String>) -> Result<age::x25519::Identity, SyncError> {
    text.expose().trim().parse().map_err(|_| SyncError::Malformed)
}

/// Ed25519 (RFC 8032), strictly: no key of small order, one encoding for each signature.
pub(crate) fn verify(key: &Digest, message: &[u8], signature: &[u8; 64]) -> Result<(), SyncError> {
    VerifyingKey::from_bytes(&key.0)
        .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
        .map_err(|_| SyncError::SignatureInvalid)
}
