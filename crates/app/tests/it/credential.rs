use crate::testkit::Home;
use std::sync::{Arc, Mutex, mpsc};
use tokio::sync::Notify;
use twin_app::credential::{Credentials, KeyOf};
use twin_connect::keychain::SessionSecrets;
use twin_core::error::{Code, Failure};
use twin_core::port::{Secrets, SecretsStatus};
use twin_core::secret::Secret;
use twin_core::settings::Settings;

const CANARY: &str = "sk-CANARY-0123456789";

fn key_name(settings: &Settings) -> Option<String> {
    settings.openai.servers[0].key_secret.clone()
}

fn key(text: &str) -> Credentials {
    Credentials::Openai { server: "ollama".to_owned(), key: Secret::new(text.to_owned()) }
}

#[tokio::test]
async fn a_key_is_named_in_the_settings_and_never_written_to_the_home() {
    let home = Home::new();
    let app = home.open();
    let view = app.credentials_save(key(CANARY)).await.unwrap();
    assert_eq!(
        (view.openai.as_slice(), view.bedrock_keys, view.status),
        (&["ollama".to_owned()][..], false, SecretsStatus::SessionOnly)
    );
    assert!(key_name(&app.settings()).is_some());
    drop(app);
    for entry in walk(home.path()) {
        let bytes = fs_err::read(&entry).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{}", entry.display());
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs_err::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_key_does_not_follow_to_another_server_and_is_found_again() {
    let home = Home::new();
    let app = home.open();
    app.credentials_save(key(CANARY)).await.unwrap();
    let mut settings = app.settings();
    let first = settings.openai.servers[0].base_url.clone();
    settings.openai.servers[0].base_url = "https://elsewhere.example/v1".to_owned();
    let saved = app.settings_save(settings.clone()).await.unwrap();
    assert_eq!(key_name(&saved), None);
    settings.openai.servers[0].base_url = first;
    assert!(key_name(&app.settings_save(settings).await.unwrap()).is_some());
}

#[tokio::test]
async fn a_forgotten_key_is_gone() {
    let home = Home::new();
    let app = home.open();
    app.credentials_save(key(CANARY)).await.unwrap();
    let name = key_name(&app.settings()).unwrap();
    let view = app.credentials_forget(KeyOf::Openai { server: "ollama".to_owned() }).await.unwrap();
    assert!(view.openai.is_empty());
    assert!(home.secrets.get(&name).unwrap().is_none());
}

#[tokio::test]
async fn a_key_with_blanks_is_refused() {
    let home = Home::new();
    let app = home.open();
    for bad in ["", "  ", "two words", "line\nbreak"] {
        assert_eq!(app.credentials_save(key(bad)).await.unwrap_err().code, Code::InvalidInput, "{bad:?}");
    }
}

/// A machine without a keychain.
pub(crate) struct NoKeychain;

impl Secrets for NoKeychain {
    fn get(&self, _name: &str) -> Result<Option<Secret<String>>, Failure> {
        Err(none())
    }
    fn set(&self, _name: &str, _value: &Secret<String>) -> Result<(), Failure> {
        Err(none())
    }
    fn delete(&self, _name: &str) -> Result<(), Failure> {
        Err(none())
    }
    fn status(&self) -> SecretsStatus {
        SecretsStatus::SessionOnly
    }
}

fn none() -> Failure {
    Failure::permanent(Code::KeychainUnavailable, "there is no keychain", "Install one.")
}

#[tokio::test]
async fn without_a_keychain_a_key_lasts_for_the_session_and_can_be_forgotten() {
    let home = Home { secrets: Arc::new(NoKeychain), ..Home::new() };
    let app = home.open();
    assert!(!app.credentials_save(key(CANARY)).await.unwrap().openai.is_empty());
    let restarted = home.open();
    assert!(
        restarted.credentials_view().await.unwrap().openai.is_empty(),
        "nobody is told that the key is still there"
    );
    assert!(
        restarted.credentials_forget(KeyOf::Openai { server: "ollama".to_owned() }).await.unwrap().openai.is_empty()
    );
    assert_eq!(key_name(&restarted.settings()), None);
}

#[tokio::test]
async fn two_servers_behind_one_address_share_their_key() {
    let home = Home::new();
    let app = home.open();
    let mut settings = app.settings();
    let mut second = settings.openai.servers[0].clone();
    second.name = "other".to_owned();
    second.base_url = format!("{}/other", second.base_url);
    settings.openai.servers.push(second);
    app.settings_save(settings).await.unwrap();
    app.credentials_save(Credentials::Openai { server: "other".to_owned(), key: Secret::new(CANARY.to_owned()) })
        .await
        .unwrap();
    app.settings_save(app.settings()).await.unwrap();
    let names = |app: &twin_app::App| {
        app.settings().openai.servers.into_iter().map(|server| server.key_secret).collect::<Vec<_>>()
    };
    assert!(names(&app)[1].is_some(), "saving again does not lose the key");
    app.credentials_forget(KeyOf::Openai { server: "other".to_owned() }).await.unwrap();
    assert_eq!(names(&app), [None, None]);
}

/// A keychain that asks the person before its first answer.
struct Asking {
    kept: SessionSecrets,
    asked: Notify,
    answer: Mutex<Option<mpsc::Receiver<()>>>,
}

impl Secrets for Asking {
    fn get(&self, name: &str) -> Result<Option<Secret<String>>, Failure> {
        let answer = self.answer.lock().unwrap().take();
        if let Some(answer) = answer {
            self.asked.notify_one();
            answer.recv().unwrap();
        }
        self.kept.get(name)
    }
    fn set(&self, name: &str, value: &Secret<String>) -> Result<(), Failure> {
        self.kept.set(name, value)
    }
    fn delete(&self, name: &str) -> Result<(), Failure> {
        self.kept.delete(name)
    }
    fn status(&self) -> SecretsStatus {
        SecretsStatus::Keychain
    }
}

#[tokio::test]
async fn a_key_that_is_given_while_other_settings_wait_for_the_keychain_stays_named() {
    let (give, answer) = mpsc::channel();
    let kept = SessionSecrets::default();
    let secrets = Arc::new(Asking { kept, asked: Notify::new(), answer: Mutex::new(Some(answer)) });
    let home = Home { secrets: secrets.clone(), ..Home::new() };
    let app = home.open();
    let mut settings = app.settings();
    settings.openai.servers[0].base_url = "https://elsewhere.example/v1".to_owned();
    let meanwhile = async {
        secrets.asked.notified().await;
        app.credentials_save(Credentials::BedrockApiKey { key: Secret::new(CANARY.to_owned()) }).await.unwrap();
        give.send(()).unwrap();
    };
    let (saved, ()) = tokio::join!(app.settings_save(settings), meanwhile);
    assert!(saved.unwrap().bedrock.api_key_secret.is_some());
}
