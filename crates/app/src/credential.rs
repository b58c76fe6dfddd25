//! Keys: in the operating system's keychain, or, where there is none, in memory until the program ends. Never in a file.

use crate::error::{WireError, invalid};
use crate::{App, task};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use twin_connect::keychain::SessionSecrets;
use twin_core::error::{Code, Failure};
use twin_core::port::{Secrets, SecretsStatus};
use twin_core::secret::Secret;
use twin_core::settings::{BedrockCredentials, OpenaiSettings, Settings};

/// Keys as a person gives them.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum Credentials {
    /// The key of an OpenAI-compatible server of the settings.
    Openai {
        /// The server's name.
        server: String,
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
    /// A Bedrock API key.
    BedrockApiKey {
        /// Sent as a bearer token.
        key: Secret<String>,
    },
}

/// Which key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum KeyOf {
    /// That of an OpenAI-compatible server.
    Openai {
        /// The server's name.
        server: String,
    },
    /// The AWS access keys.
    BedrockKeys,
    /// The Bedrock API key.
    BedrockApiKey,
}

/// Which keys are kept, and how. Never the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CredentialsView {
    /// How keys are kept on this machine.
    pub status: SecretsStatus,
    /// The OpenAI-compatible servers for which a key was given, by name.
    pub openai: Vec<String>,
    /// Whether AWS access keys were given.
    pub bedrock_keys: bool,
    /// Whether a Bedrock API key was given.
    pub bedrock_api_key: bool,
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

    /// Into the keychain, or not at all.
    pub(crate) fn set_durably(&self, name: &str, key: &Secret<String>) -> Result<(), Failure> {
        self.durable.set(name, key)?;
        self.session.delete(name)
    }

    pub(crate) fn delete(&self, name: &str) -> Result<(), Failure> {
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
#[derive(Serialize)]
struct AwsKeys<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: Option<&'a str>,
}

/// The three parts of AWS keys, as they go into the keychain and come out of it.
#[derive(Deserialize)]
pub(crate) struct AwsKeySet {
    pub(crate) access_key_id: Secret<String>,
    pub(crate) secret_access_key: Secret<String>,
    pub(crate) session_token: Option<Secret<String>>,
}

impl AwsKeySet {
    pub(crate) fn to_item(&self) -> Secret<String> {
        let keys = AwsKeys {
            access_key_id: self.access_key_id.expose().trim(),
            secret_access_key: self.secret_access_key.expose().trim(),
            session_token: self.session_token.as_ref().map(|token| token.expose().trim()).filter(|t| !t.is_empty()),
        };
        let parts = [Some(keys.access_key_id), Some(keys.secret_access_key), keys.session_token];
        // With room for every escape: a text that grows leaves what it held behind, where nobody wipes it.
        let mut item = Vec::with_capacity(128 + 6 * parts.into_iter().flatten().map(str::len).sum::<usize>());
        // Three texts can always be written.
        let _written = serde_json::to_writer(&mut item, &keys);
        Secret::new(String::from_utf8(item).unwrap_or_default())
    }

    /// Reads what [`AwsKeySet::to_item`] wrote; none when the item is something else.
    pub(crate) fn parse(item: &Secret<String>) -> Option<Self> {
        serde_json::from_str(item.expose()).ok()
    }
}

impl App {
    /// Which keys are kept, and how.
    pub async fn credentials_view(&self) -> Result<CredentialsView, WireError> {
        let (app, settings) = (self.clone(), self.settings());
        task::blocking(move || {
            let keys = &app.inner.keys;
            let status = keys.status();
            let servers = settings.openai.servers.iter();
            CredentialsView {
                status,
                openai: servers
                    .filter(|server| keys.has(server.key_secret.as_deref(), status))
                    .map(|server| server.name.clone())
                    .collect(),
                bedrock_keys: keys.has(settings.bedrock.keys_secret.as_deref(), status),
                bedrock_api_key: keys.has(settings.bedrock.api_key_secret.as_deref(), status),
            }
        })
        .await
    }

    /// Keeps keys in the keychain, or for this session where there is none, and writes down their name.
    pub async fn credentials_save(&self, credentials: Credentials) -> Result<CredentialsView, WireError> {
        let device = self.inner.store.device();
        let (of, name, item) = match &credentials {
            Credentials::Openai { server, key } => {
                let settings = self.settings();
                let known = settings.openai.server(Some(server)).ok_or_else(|| no_server(server))?;
                let name = self.openai_secret_name(&known.base_url);
                (KeyOf::Openai { server: server.clone() }, name, Secret::new(required(key, "the key")?.to_owned()))
            }
            Credentials::Bedrock { access_key_id, secret_access_key, session_token } => {
                required(access_key_id, "the access key id")?;
                required(secret_access_key, "the secret access key")?;
                let keys = AwsKeySet {
                    access_key_id: access_key_id.clone(),
                    secret_access_key: secret_access_key.clone(),
                    session_token: session_token.clone(),
                };
                (KeyOf::BedrockKeys, format!("aws-keys {device}"), keys.to_item())
            }
            Credentials::BedrockApiKey { key } => {
                let key = Secret::new(required(key, "the API key")?.to_owned());
                (KeyOf::BedrockApiKey, format!("bedrock-api-key {device}"), key)
            }
        };
        let (app, kept) = (self.clone(), name.clone());
        task::blocking(move || app.inner.keys.set(&kept, &item)).await??;
        // Read now: while the keychain asked the person, other settings may have changed.
        let mut settings = self.settings();
        match of {
            KeyOf::BedrockKeys => settings.bedrock.credentials = BedrockCredentials::Keys,
            KeyOf::BedrockApiKey => settings.bedrock.credentials = BedrockCredentials::ApiKey,
            KeyOf::Openai { .. } => {}
        }
        *secret_name(&mut settings, &of)? = Some(name);
        // Clients are kept with the keys that they were made of.
        self.forget_clients().await;
        self.settings_put(settings).await?;
        self.credentials_view().await
    }

    /// Removes keys.
    pub async fn credentials_forget(&self, key: KeyOf) -> Result<CredentialsView, WireError> {
        let name = secret_name(&mut self.settings(), &key)?.clone();
        if let Some(name) = name {
            let app = self.clone();
            let item = name.clone();
            task::blocking(move || app.inner.keys.delete(&item)).await??;
            let mut settings = self.settings();
            *secret_name(&mut settings, &key)? = None;
            // Servers behind one address share their key.
            for server in &mut settings.openai.servers {
                server.key_secret.take_if(|secret| *secret == name);
            }
            let used = settings.bedrock.credentials;
            if (&key, used) == (&KeyOf::BedrockKeys, BedrockCredentials::Keys)
                || (&key, used) == (&KeyOf::BedrockApiKey, BedrockCredentials::ApiKey)
            {
                settings.bedrock.credentials = BedrockCredentials::Chain;
            }
            self.forget_clients().await;
            self.settings_put(settings).await?;
        }
        self.credentials_view().await
    }

    /// The name of the key for `base_url`, if one is kept: a key is for the server that it was given for and must not
    /// follow when the address is changed to another.
    pub(crate) async fn key_for_server(
        &self,
        before: &OpenaiSettings,
        server: &str,
        base_url: &str,
    ) -> Result<Option<String>, WireError> {
        let name = self.openai_secret_name(base_url);
        let here = || before.servers.iter().filter(|known| self.openai_secret_name(&known.base_url) == name);
        if let Some(known) = here().find(|known| known.name == server) {
            return Ok(known.key_secret.clone());
        }
        if let Some(key_secret) = here().find_map(|known| known.key_secret.clone()) {
            return Ok(Some(key_secret));
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

/// Where the settings hold the name of that key.
fn secret_name<'a>(settings: &'a mut Settings, key: &KeyOf) -> Result<&'a mut Option<String>, WireError> {
    Ok(match key {
        KeyOf::BedrockKeys => &mut settings.bedrock.keys_secret,
        KeyOf::BedrockApiKey => &mut settings.bedrock.api_key_secret,
        KeyOf::Openai { server } => {
            let known = settings.openai.servers.iter_mut().find(|known| known.name == *server);
            &mut known.ok_or_else(|| no_server(server))?.key_secret
        }
    })
}

fn no_server(name: &str) -> WireError {
    Failure::permanent(
        Code::NotFound,
        format!("there is no server called {name} in the settings"),
        "Add it in Settings, under Models.",
    )
    .into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_keys_come_out_of_the_keychain_as_they_went_in() {
        let secret = |text: &str| Secret::new(text.to_owned());
        // Services that stand in for S3 let their owners choose it.
        let chosen = secret("a\"b\\c/\u{fc}");
        let keys = AwsKeySet { access_key_id: secret("AKIA"), secret_access_key: chosen.clone(), session_token: None };
        let read = AwsKeySet::parse(&keys.to_item()).unwrap();
        assert_eq!(read.access_key_id, keys.access_key_id);
        assert_eq!(read.secret_access_key, chosen);
        assert_eq!(read.session_token, None);
        assert!(AwsKeySet::parse(&secret("something else")).is_none());
    }
}
