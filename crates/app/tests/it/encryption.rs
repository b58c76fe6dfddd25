//! A home under a key, with a keychain that holds it, is locked, or has lost it.

use crate::testkit::{Home, say};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use twin_app::App;
use twin_app::encryption::{self, EncryptionState, UnlockBy};
use twin_app::paths::Paths;
use twin_connect::keychain::SessionSecrets;
use twin_core::error::{Code, Failure};
use twin_core::port::{Secrets, SecretsStatus};
use twin_core::secret::Secret;

/// One that can be locked.
#[derive(Default)]
struct Scripted {
    kept: SessionSecrets,
    locked: AtomicBool,
}

impl Scripted {
    fn ask(&self) -> Result<(), Failure> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(Failure::passing(Code::KeychainLocked, "the keychain is locked", "Unlock it."));
        }
        Ok(())
    }
}

impl Secrets for Scripted {
    fn get(&self, name: &str) -> Result<Option<Secret<String>>, Failure> {
        self.ask()?;
        self.kept.get(name)
    }

    fn set(&self, name: &str, value: &Secret<String>) -> Result<(), Failure> {
        self.ask()?;
        self.kept.set(name, value)
    }

    fn delete(&self, name: &str) -> Result<(), Failure> {
        self.ask()?;
        self.kept.delete(name)
    }

    fn status(&self) -> SecretsStatus {
        SecretsStatus::Keychain
    }
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn by_code(code: &Secret<String>) -> UnlockBy {
    UnlockBy::RecoveryCode { code: secret(&code.expose().to_lowercase().replace('-', " ")) }
}

fn paths(home: &Home) -> Paths {
    Paths::resolve(Some(home.path().to_owned())).unwrap()
}

fn item(home: &Home) -> String {
    let file = fs_err::read_to_string(home.path().join("twin.key")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    file["item"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn where_only_the_copies_could_not_follow_another_recovery_code_is_asked_for() {
    let mut home = Home::new();
    let keychain = Arc::new(Scripted::default());
    home.secrets = Arc::clone(&keychain) as Arc<dyn Secrets>;
    let paths = paths(&home);
    let session = say(&home.open(), None, "What of the kingfisher?", None).await.session;
    // Stands where something of theirs is put away.
    let in_the_way = home.path().join("twin.db.before-0001.partial");
    fs_err::create_dir(&in_the_way).unwrap();
    let error = encryption::turn_on(&paths, keychain.as_ref(), None).unwrap_err();
    assert!(error.hint.contains("nobody has seen the recovery code"), "{error:?}");
    fs_err::remove_dir(&in_the_way).unwrap();

    let app = home.open();
    assert_eq!(app.encryption_state().unwrap(), EncryptionState::Keychain);
    assert_eq!(app.session_messages(session).await.unwrap().len(), 2);
    drop(app);
    let key = encryption::kept_key(&paths, keychain.as_ref()).unwrap().unwrap();
    let code = encryption::new_code(&paths, &key).unwrap();
    assert_eq!(encryption::unlock(&paths, &by_code(&code)).unwrap(), key);
}

#[tokio::test]
async fn the_key_is_in_the_keychain_and_the_recovery_code_opens_what_the_keychain_lost() {
    let mut home = Home::new();
    let keychain = Arc::new(Scripted::default());
    home.secrets = Arc::clone(&keychain) as Arc<dyn Secrets>;
    let paths = paths(&home);
    let session = say(&home.open(), None, "What of the kingfisher?", None).await.session;

    let (code, turned_on) = encryption::turn_on(&paths, keychain.as_ref(), None).unwrap();
    let app = home.open();
    assert_eq!(app.encryption_state().unwrap(), EncryptionState::Keychain);
    assert_eq!(app.session_messages(session).await.unwrap()[0].content, "What of the kingfisher?");
    assert_eq!(encryption::turn_off(&paths, keychain.as_ref(), None).unwrap_err().code, Code::StoreBusy);
    drop(app);
    assert_eq!(encryption::turn_on(&paths, keychain.as_ref(), None).unwrap_err().code, Code::InvalidInput);

    keychain.locked.store(true, Ordering::SeqCst);
    assert_eq!(home.try_open().err().unwrap().code, Code::KeychainLocked, "and not as if there were no key");
    keychain.locked.store(false, Ordering::SeqCst);
    keychain.delete(&item(&home)).unwrap();
    assert_eq!(home.try_open().err().unwrap().code, Code::HomeLocked);

    assert_eq!(encryption::unlock(&paths, &by_code(&secret("no code"))).unwrap_err().code, Code::SyncRecoveryCode);
    let key = encryption::unlock(&paths, &by_code(&code)).unwrap();
    assert_eq!(key, turned_on);
    let typed = || secret(code.expose());
    assert_eq!(encryption::unlock_with(&paths, keychain.as_ref(), typed()).unwrap(), key);
    drop(home.open());
    let wrong = encryption::unlock_with(&paths, keychain.as_ref(), secret("no passphrase was set")).unwrap_err();
    assert_eq!(wrong.code, Code::HomeWrongKey);
    let newer = encryption::new_code(&paths, &key).unwrap();
    assert_eq!(encryption::unlock(&paths, &by_code(&code)).unwrap_err().code, Code::HomeWrongKey);
    assert!(encryption::unlock(&paths, &by_code(&newer)).is_ok());

    // Its file is lost: the other one lies with the copies.
    fs_err::write(home.path().join("twin.key"), b"{").unwrap();
    drop(home.open());
    encryption::turn_off(&paths, keychain.as_ref(), Some(&key)).unwrap();
    assert_eq!(App::encryption_state_closed(&paths).unwrap(), EncryptionState::Off);
    assert!(!home.path().join("twin.key").exists() && !home.path().join("backups/twin.key").exists());
    assert_eq!(home.open().session_messages(session).await.unwrap().len(), 2);
}

#[tokio::test]
async fn without_a_keychain_a_passphrase_opens_it() {
    let home = Home::new();
    let paths = paths(&home);
    drop(home.open());
    let keychain = SessionSecrets::default();
    let short = encryption::turn_on(&paths, &keychain, Some(&secret("short"))).unwrap_err();
    assert_eq!(short.code, Code::InvalidInput);
    let (code, _) = encryption::turn_on(&paths, &keychain, Some(&secret("four words of mine"))).unwrap();
    assert_eq!(App::encryption_state_closed(&paths).unwrap(), EncryptionState::Passphrase);
    assert_eq!(home.try_open().err().unwrap().code, Code::HomeLocked);

    let by = |text: &str| UnlockBy::Passphrase { passphrase: secret(text) };
    assert_eq!(encryption::unlock(&paths, &by("four words of hers")).unwrap_err().code, Code::HomeWrongKey);
    let key = encryption::unlock(&paths, &by("four words of mine")).unwrap();
    assert_eq!(encryption::unlock(&paths, &by_code(&code)).unwrap(), key);
    encryption::new_passphrase(&paths, &key, &secret("another four of them")).unwrap();
    assert!(encryption::unlock(&paths, &by("four words of mine")).is_err());
    assert_eq!(encryption::unlock(&paths, &by("another four of them")).unwrap(), key);
    App::backup_recover(&paths, Some(&key)).unwrap();
}

#[tokio::test]
async fn a_keychain_that_keeps_nothing_leaves_the_home_as_it_is() {
    let mut home = Home::new();
    let keychain = Arc::new(Scripted::default());
    home.secrets = Arc::clone(&keychain) as Arc<dyn Secrets>;
    drop(home.open());
    keychain.locked.store(true, Ordering::SeqCst);
    let refused = encryption::turn_on(&paths(&home), keychain.as_ref(), None).unwrap_err();
    assert_eq!(refused.code, Code::KeychainLocked);
    assert_eq!(App::encryption_state_closed(&paths(&home)).unwrap(), EncryptionState::Off);
    drop(home.open());
}
