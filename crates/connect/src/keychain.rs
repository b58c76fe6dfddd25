//! Keys in the keychain of the operating system, or in memory where there is none; never in a file.

mod platform;

use keyring::Error;
use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use twin_core::error::{Code, Failure};
use twin_core::port::{Secrets, SecretsStatus};
use twin_core::secret::Secret;

/// How long the keychain may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long it may take to keep something: it may be asking the person for a password.
const PROMPT: Duration = Duration::from_mins(1);

/// The keychain of the operating system: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
///
/// Every call opens its own connection (some 10 ms) on its own thread: what failed once can be tried again, a call that
/// hangs behind a prompt holds up no other, and a keychain that never answers costs a thread, not the program.
///
/// While the keychain is locked, all calls but [`status`](Secrets::status) make the system ask for its password.
#[derive(Debug, Clone)]
pub struct Keychain {
    service: String,
    answer: Duration,
    prompt: Duration,
}

impl Keychain {
    /// The keychain's items of `service`, which is what its own windows show them under.
    pub fn new(service: &str) -> Self {
        Self { service: service.to_owned(), answer: ANSWER, prompt: PROMPT }
    }

    fn entry<T: Send + 'static>(
        &self,
        limit: Duration,
        name: &str,
        call: impl FnOnce(&keyring::Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<Option<T>, Failure> {
        let (service, user) = (self.service.clone(), name.to_owned());
        let answer = within(limit, move || platform::entry(&service, &user).and_then(|entry| call(&entry)))?;
        match answer {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(&error, name)),
        }
    }
}

impl Secrets for Keychain {
    fn get(&self, name: &str) -> Result<Option<Secret<String>>, Failure> {
        self.entry(self.answer, name, |entry| entry.get_password().map(Secret::new))
    }

    fn set(&self, name: &str, value: &Secret<String>) -> Result<(), Failure> {
        let value = value.clone();
        self.entry(self.prompt, name, move |entry| entry.set_password(value.expose()))?.ok_or_else(|| {
            Failure::passing(Code::KeychainLocked, "the keychain lost the item while it was written", "Try again.")
        })
    }

    fn delete(&self, name: &str) -> Result<(), Failure> {
        self.entry(self.prompt, name, keyring::Entry::delete_credential).map(drop)
    }

    /// Asks whether the default collection is there and unlocked. Writes nothing and never makes a prompt appear.
    fn status(&self) -> SecretsStatus {
        match within(self.answer, platform::is_unlocked) {
            Ok(Ok(true)) => SecretsStatus::Keychain,
            Ok(Ok(false)) | Err(_) => SecretsStatus::Locked,
            Ok(Err(error)) => {
                tracing::info!(%error, "no keychain");
                SecretsStatus::SessionOnly
            }
        }
    }
}

/// Runs `call` on a thread of its own; after `limit` it is left to itself.
fn within<T: Send + 'static>(limit: Duration, call: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("keychain".to_owned())
        .spawn(move || {
            // Nobody listens any more after the time limit: the answer is then dropped, which wipes a secret in it.
            let _ = sender.send(call());
        })
        .map_err(|_| Failure::passing(Code::Internal, "the system refused a thread for the keychain", "Try again."))?;
    receiver.recv_timeout(limit).map_err(|error| match error {
        RecvTimeoutError::Timeout => Failure::passing(
            Code::KeychainLocked,
            format!("the keychain did not answer within {} s", limit.as_secs()),
            "Unlock the keychain (a window of the system may be asking for its password), then try again.",
        ),
        RecvTimeoutError::Disconnected => {
            Failure::passing(Code::Internal, "the keychain's client crashed", "Try again.")
        }
    })
}

fn failure(error: &Error, name: &str) -> Failure {
    match error {
        Error::NoStorageAccess(_) => Failure::passing(
            Code::KeychainLocked,
            "the keychain is locked",
            "Unlock the login keychain (sign in to the desktop again, or open its password application), then try again.",
        ),
        Error::Ambiguous(_) => Failure::permanent(
            Code::KeychainUnavailable,
            format!("the keychain has several items named {name}"),
            "Delete all but one of them in the system's password application.",
        ),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => Failure::permanent(
            Code::KeychainUnavailable,
            format!("the keychain's item {name} is not one of this program"),
            "Delete it in the system's password application and enter the key again.",
        ),
        Error::TooLong(..) | Error::Invalid(..) => Failure::permanent(
            Code::InvalidInput,
            format!("the keychain does not take the value of {name}"),
            "Check that the key was pasted whole and alone.",
        ),
        _ => Failure::passing(
            Code::KeychainUnavailable,
            "no keychain answers on this machine",
            "Start a keychain (GNOME Keyring, KWallet or KeePassXC with its Secret Service), or keep the key for this session only.",
        ),
    }
}

/// Keys in memory: gone when the program ends. For "this session only".
#[derive(Debug, Default)]
pub struct SessionSecrets(Mutex<HashMap<String, Secret<String>>>);

impl SessionSecrets {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Secret<String>>> {
        // No code panics between lock and unlock, and a map is whole at any moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Secrets for SessionSecrets {
    fn get(&self, name: &str) -> Result<Option<Secret<String>>, Failure> {
        Ok(self.lock().get(name).cloned())
    }

    fn set(&self, name: &str, value: &Secret<String>) -> Result<(), Failure> {
        self.lock().insert(name.to_owned(), value.clone());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), Failure> {
        self.lock().remove(name);
        Ok(())
    }

    fn status(&self) -> SecretsStatus {
        SecretsStatus::SessionOnly
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keychain_that_never_answers_is_called_locked() {
        let (never, wait) = mpsc::channel::<()>();
        let failure = within(Duration::from_millis(1), move || wait.recv()).unwrap_err();
        assert_eq!((failure.code, failure.retryable), (Code::KeychainLocked, true));
        drop(never);
    }

    #[test]
    fn session_secrets_are_kept_and_forgotten() {
        let secrets = SessionSecrets::default();
        assert_eq!(secrets.get("a").unwrap(), None);
        secrets.set("a", &Secret::new("1".to_owned())).unwrap();
        assert_eq!(secrets.get("a").unwrap(), Some(Secret::new("1".to_owned())));
        secrets.delete("a").unwrap();
        secrets.delete("a").unwrap();
        assert_eq!(secrets.get("a").unwrap(), None);
        assert_eq!(secrets.status(), SecretsStatus::SessionOnly);
    }
}
