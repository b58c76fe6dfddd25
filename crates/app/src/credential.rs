//! Keys: in the operating system's keychain, or, where there is none, in memory until the program ends. Never in a file.

use crate::error::{WireError, invalid};
use crate::{App, task};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use twin_connect::keychain::SessionSecrets;
use twin_core::error::{Code, Failure};
use twin_core::model::Provider;
use twin_core::port::{Secrets, SecretsStatus};
use twin_core::secret::Secret;
use twin_core::settings::{BedrockCredentials, OpenaiSettings};

/// Keys as a person gives them.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum Credentials {
    /// The key of the OpenAI-compatible server in the settings.
    Openai {
        /// Sent as a bearer token.
        key: Secret<String>,
    },
    /// AWS access keys.
    Bedrock {
        /// `AKIA…` or `ASIA…`.
        access_key_id: Secret<String>,
        /// Its secret.
        secret_access_key: Secret<String>,
        /// With temporary keys only.
        session_token: Option<Secret<String>>,
    },
}

/// Which keys are kept, and how. Never the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CredentialsView {
    /// How keys are kept on this machine.
    pub status: SecretsStatus,
    /// Whether a key for the OpenAI-compatible server was given.
    pub openai: bool,
    /// Whether AWS access keys were given.
    pub bedrock: bool,
}

/// The keychain, and beneath it the keys that it could not take.
pub struct KeyRing {
    durable: Arc<dyn Secrets>,
    session: SessionSecrets,
}

impl KeyRing {
    pub(crate) fn new(durable: Arc<dyn Secrets>) -> Self {
        Self { durable, session: SessionSecrets::default() }
    }

    /// The key of that name. One that was given for this session only comes first: it is the newer one.
    pub fn get(&self, name: &str) -> Result<Option<Secret<String>>, Failure> {
        match self.session.get(name)? {
            Some(key) => Ok(Some(key)),
            None => self.durable.get(name),
        }
    }

    fn set(&self, name: &str, key: &Secret<String>) -> Result<(), Failure> {
        match self.durable.set(name, key) {
            Ok(()) => self.session.delete(name),
            Err(failure) if matches!(failure.code, Code::KeychainUnavailable | Code::KeychainLocked) => {
                self.session.set(name, key)
            }
            Err(failure) => Err(failure),
        }
    }

    fn delete(&self, name: &str) -> Result<(), Failure> {
        self.session.delete(name)?;
        match self.durable.delete(name) {
            // Where there is no keychain, nothing is in it.
            Err(failure) if failure.code == Code::KeychainUnavailable => Ok(()),
            deleted => deleted,
        }
    }

    /// Whether the key that the settings name can still be there.
    fn has(&self, name: Option<&str>, status: SecretsStatus) -> bool {
        name.is_some_and(|name| match status {
            SecretsStatus::Keychain | SecretsStatus::Locked => true,
            // A name from before the last restart: that key is gone.
            SecretsStatus::SessionOnly => self.get(name).is_ok_and(|key| key.is_some()),
        })
    }

    /// How keys are kept on this machine.
    pub fn status(&self) -> SecretsStatus {
        self.durable.status()
    }
}

/// AWS keys as one item of the keychain: three prompts for one thing would be two too many.
#[derive(Serialize, Deserialize)]
struct AwsKeys<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: Option<&'a str>,
}

/// The three parts of AWS keys, as they came out of the keychain.
pub(crate) struct AwsKeySet {
    pub(crate) access_key_id: Secret<String>,
    pub(crate) secret_access_key: Secret<String>,
    pub(crate) session_token: Option<Secret<String>>,
}

impl AwsKeySet {
    /// Reads what [`App::credentials_save`] wrote; none when the item is something else.
    pub(crate) fn parse(item: &Secret<String>) -> Option<Self> {
        let keys: AwsKeys<'_> = serde_json::from_str(item.expose()).ok()?;
        let secret = |value: &str| Secret::new(value.to_owned());
        Some(Self {
            access_key_id: secret(keys.access_key_id),
            secret_access_key: secret(keys.secret_access_key),
            session_token: keys.session_token.map(secret),
        })
    }
}

impl App {
    /// Which keys are kept, and how.
    pub async fn credentials_view(&self) -> Result<CredentialsView, WireError> {
        let (app, settings) = (self.clone(), self.settings());
        task::blocking(move || {
            let keys = &app.inner.keys;
            let status = keys.status();
            CredentialsView {
                status,
                openai: keys.has(settings.openai.key_secret.as_deref(), status),
                bedrock: keys.has(settings.bedrock.keys_secret.as_deref(), status),
            }
        })
        .await
    }

    /// Keeps keys in the keychain, or for this session where there is none, and writes down their name.
    pub async fn credentials_save(&self, credentials: Credentials) -> Result<CredentialsView, WireError> {
        let (name, item) = match &credentials {
            Credentials::Openai { key } => {
                let name = self.openai_secret_name(&self.settings().openai.base_url);
                (name, Secret::new(required(key, "the key")?.to_owned()))
            }
            Credentials::Bedrock { access_key_id, secret_access_key, session_token } => {
                let keys = AwsKeys {
                    access_key_id: required(access_key_id, "the access key id")?,
                    secret_access_key: required(secret_access_key, "the secret access key")?,
                    session_token: session_token.as_ref().map(|token| token.expose().trim()).filter(|t| !t.is_empty()),
                };
                let item = serde_json::to_string(&keys)
                    .map_err(|_| invalid("the keys cannot be kept", "Paste them again as plain text."))?;
                (format!("aws-keys {}", self.inner.store.device()), Secret::new(item))
            }
        };
        let (app, kept) = (self.clone(), name.clone());
        task::blocking(move || app.inner.keys.set(&kept, &item)).await??;
        // Read now: while the keychain asked the person, other settings may have changed.
        let mut settings = self.settings();
        match credentials {
            Credentials::Openai { .. } => settings.openai.key_secret = Some(name),
            Credentials::Bedrock { .. } => {
                settings.bedrock.keys_secret = Some(name);
                settings.bedrock.credentials = BedrockCredentials::Keys;
            }
        }
        self.settings_put(settings).await?;
        self.credentials_view().await
    }

    /// Removes a provider's keys.
    pub async fn credentials_forget(&self, provider: Provider) -> Result<CredentialsView, WireError> {
        let before = self.settings();
        let name = match provider {
            Provider::Offline => None,
            Provider::Openai => before.openai.key_secret,
            Provider::Bedrock => before.bedrock.keys_secret,
        };
        if let Some(name) = name {
            let app = self.clone();
            task::blocking(move || app.inner.keys.delete(&name)).await??;
            let mut settings = self.settings();
            match provider {
                Provider::Offline => {}
                Provider::Openai => settings.openai.key_secret = None,
                Provider::Bedrock => {
                    settings.bedrock.keys_secret = None;
                    settings.bedrock.credentials = BedrockCredentials::Chain;
                }
            }
            self.settings_put(settings).await?;
        }
        self.credentials_view().await
    }

    /// The name of the key for `base_url`, if one is kept: a key is for the server that it was given for and must not
    /// follow when the address is changed to another.
    pub(crate) async fn key_for_server(
        &self,
        before: &OpenaiSettings,
        base_url: &str,
    ) -> Result<Option<String>, WireError> {
        let name = self.openai_secret_name(base_url);
        if before.key_secret.as_ref() == Some(&name) || name == self.openai_secret_name(&before.base_url) {
            return Ok(before.key_secret.clone());
        }
        let app = self.clone();
        let kept = task::blocking({
            let name = name.clone();
            move || app.inner.keys.get(&name)
        })
        .await?;
        // A keychain that does not answer now means: no key is known for this server. It can be given again.
        Ok(kept.ok().flatten().map(|_| name))
    }

    fn openai_secret_name(&self, base_url: &str) -> String {
        let server =
            url::Url::parse(base_url).map_or_else(|_| base_url.to_owned(), |url| url.origin().ascii_serialization());
        format!("{server} {}", self.inner.store.device())
    }
}

fn required<'a>(value: &'a Secret<String>, what: &str) -> Result<&'a str, WireError> {
    let value = value.expose().trim();
    if value.is_empty() || value.chars().any(char::is_whitespace) {
        return Err(invalid(
            format!("{what} is empty or holds blanks"),
            "Paste it again, without spaces or line breaks.",
        ));
    }
    Ok(value)
}
