//! Which keychain each system has.

use keyring::{Entry, Error};
use keyring_core::api::CredentialStoreApi as _;

/// An item of a store that is opened for this call only.
pub(super) fn entry(service: &str, name: &str) -> Result<Entry, Error> {
    #[cfg(target_os = "macos")]
    let store = apple_native_keyring_store::keychain::Store::new()?;
    #[cfg(windows)]
    let store = windows_native_keyring_store::Store::new()?;
    #[cfg(all(unix, not(target_os = "macos")))]
    let store = zbus_secret_service_keyring_store::Store::new()?;
    Ok(Entry { inner: store.build(service, name, None)? })
}

/// Whether the default collection can be written without asking anybody. No default collection counts as locked: the
/// store does not make one, so nothing can be kept until the person has one.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn is_unlocked() -> Result<bool, secret_service::Error> {
    use secret_service::{EncryptionType, blocking::SecretService};

    // No secret travels over this connection.
    let service = SecretService::connect(EncryptionType::Plain)?;
    match service.get_default_collection() {
        Ok(collection) => Ok(!collection.is_locked()?),
        Err(secret_service::Error::NoResult) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Both systems unlock with the login; what a policy refuses shows when it is used.
#[cfg(any(target_os = "macos", windows))]
pub(super) fn is_unlocked() -> Result<bool, Error> {
    entry("twin", "status").map(|_| true)
}
