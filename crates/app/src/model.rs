//! Who answers: the settings turned into something that does.

use crate::credential::{AwsKeySet, KeyRing};
use crate::error::WireError;
use crate::{App, task};
use std::sync::{Arc, Mutex, PoisonError};
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_connect::openai::{OpenaiConfig, OpenaiModel};
use twin_core::chat::Role;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, ModelEvent, ModelRef, ModelRequest, Provider, StopReason};
use twin_core::port::{ChatModel, ModelStream};
use twin_core::secret::Secret;
use twin_core::settings::{BedrockCredentials, BedrockSettings, OpenaiSettings, Settings};

/// An OpenAI-compatible server that is being tried.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Server {
    /// Its address.
    pub base_url: String,
    /// A key that was typed for it; none: the one that is kept for it, if one is.
    pub key: Option<Secret<String>>,
}

/// Turns a choice of model into something that answers. May block on the keychain.
pub trait ModelSource: Send + Sync {
    /// The model, or why there is none. `now` is for models that tell the time themselves.
    fn open(
        &self,
        model: &ModelRef,
        settings: &Settings,
        keys: &KeyRing,
        now: &jiff::Zoned,
    ) -> Result<Arc<dyn ChatModel>, Failure>;
}

/// The real providers. Clients are kept between turns: reading the AWS profile, signing in and loading certificates
/// takes longer than a request, and what was learnt of a server's dialect must not be learnt again each time.
#[derive(Default)]
pub struct Providers {
    bedrock: Kept<BedrockSettings, BedrockModel>,
    openai: Kept<(OpenaiSettings, Option<Secret<String>>), OpenaiModel>,
}

/// A client, and what it was made of.
type Kept<From, Client> = Mutex<Option<(From, Arc<Client>)>>;

impl ModelSource for Providers {
    fn open(
        &self,
        model: &ModelRef,
        settings: &Settings,
        keys: &KeyRing,
        now: &jiff::Zoned,
    ) -> Result<Arc<dyn ChatModel>, Failure> {
        Ok(match model.provider {
            Provider::Offline => Arc::new(Offline { now: now.clone() }),
            Provider::Openai => self.openai(&settings.openai, keys)?,
            Provider::Bedrock => self.bedrock(&settings.bedrock, keys)?,
        })
    }
}

impl Providers {
    fn openai(&self, settings: &OpenaiSettings, keys: &KeyRing) -> Result<Arc<OpenaiModel>, Failure> {
        let of = (settings.clone(), server_key(settings, keys)?);
        let mut kept = self.openai.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, model)) = kept.as_ref().filter(|(known, _)| *known == of) {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(openai(&of.0, of.1.clone())?);
        *kept = Some((of, Arc::clone(&model)));
        Ok(model)
    }

    fn bedrock(&self, settings: &BedrockSettings, keys: &KeyRing) -> Result<Arc<BedrockModel>, Failure> {
        // Keys may be replaced under the same name, so only the standard sources, which reload themselves, are kept.
        let keep = settings.credentials != BedrockCredentials::Keys;
        let mut kept = self.bedrock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, model)) = kept.as_ref().filter(|(of, _)| keep && of == settings) {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(BedrockModel::new(bedrock_config(settings, keys)?));
        *kept = keep.then(|| (settings.clone(), Arc::clone(&model)));
        Ok(model)
    }
}

fn bedrock_config(settings: &BedrockSettings, keys: &KeyRing) -> Result<BedrockConfig, Failure> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let credentials = match settings.credentials {
        BedrockCredentials::Chain => BedrockAuth::Chain,
        BedrockCredentials::Profile => BedrockAuth::Profile(settings.profile.clone()),
        BedrockCredentials::Keys => {
            let item = kept_key(keys, settings.keys_secret.as_deref(), "the pair of AWS access keys")?;
            let keys =
                item.as_ref().and_then(AwsKeySet::parse).ok_or_else(|| missing("the pair of AWS access keys"))?;
            BedrockAuth::Keys {
                access_key_id: keys.access_key_id,
                secret_access_key: keys.secret_access_key,
                session_token: keys.session_token,
            }
        }
    };
    Ok(BedrockConfig { region: given(&settings.region), credentials, endpoint_url: given(&settings.endpoint_url) })
}

fn server_key(settings: &OpenaiSettings, keys: &KeyRing) -> Result<Option<Secret<String>>, Failure> {
    kept_key(keys, settings.key_secret.as_deref(), "the server's key")
}

fn openai(settings: &OpenaiSettings, key: Option<Secret<String>>) -> Result<OpenaiModel, Failure> {
    OpenaiModel::new(OpenaiConfig { base_url: settings.base_url.clone(), key })
}

/// The key that the settings name; none where they name none.
fn kept_key(keys: &KeyRing, name: Option<&str>, what: &str) -> Result<Option<Secret<String>>, Failure> {
    let Some(name) = name else { return Ok(None) };
    keys.get(name)?.ok_or_else(|| missing(what)).map(Some)
}

fn missing(what: &str) -> Failure {
    Failure::permanent(
        Code::CredentialsMissing,
        format!("{what} is no longer in the keychain"),
        "Enter it again in Settings, under Models.",
    )
}

/// The embedded default: answers by quoting what was recalled.
struct Offline {
    now: jiff::Zoned,
}

impl ChatModel for Offline {
    fn stream(&self, request: ModelRequest) -> ModelStream {
        let question = request.turns.iter().rev().find(|turn| turn.role == Role::User).map_or("", |turn| {
            turn.content
                .iter()
                .rev()
                .find_map(|block| if let Block::Text(text) = block { Some(text) } else { None })
                .map_or("", String::as_str)
        });
        let answer = twin_mind::offline::answer(question, &request.passages, &self.now);
        let events = [ModelEvent::Text(answer.text), ModelEvent::Finished(StopReason::EndTurn)];
        Box::pin(futures_util::stream::iter(events.map(Ok)))
    }
}

impl App {
    /// The models that a provider offers. Bedrock's list needs a permission of its own and is asked for elsewhere.
    /// `server`: instead of the one in the settings, before it is saved.
    pub async fn model_list(&self, provider: Provider, server: Option<Server>) -> Result<Vec<String>, WireError> {
        match provider {
            Provider::Offline | Provider::Bedrock => Ok(Vec::new()),
            Provider::Openai => {
                let mut settings = self.settings().openai;
                let mut typed = None;
                if let Some(Server { base_url, key }) = server {
                    settings.key_secret = self.key_for_server(&settings, &base_url).await?;
                    settings.base_url = base_url;
                    typed = key;
                }
                let app = self.clone();
                let model = task::blocking(move || {
                    let key = typed.map_or_else(|| server_key(&settings, &app.inner.keys), |key| Ok(Some(key)))?;
                    openai(&settings, key)
                });
                Ok(model.await??.models().await?)
            }
        }
    }

    /// Where Bedrock would be asked and with whose credentials; asks nobody but the chain itself.
    pub(crate) async fn bedrock_check(&self) -> Result<String, Failure> {
        let (app, settings) = (self.clone(), self.settings().bedrock);
        let config = task::blocking(move || bedrock_config(&settings, &app.inner.keys)).await??;
        BedrockModel::new(config).check().await
    }

    pub(crate) async fn model_open(&self, model: &ModelRef) -> Result<Arc<dyn ChatModel>, Failure> {
        let (app, model, now) = (self.clone(), model.clone(), self.now());
        let opened =
            task::blocking(move || app.inner.models.open(&model, &app.settings(), &app.inner.keys, &now)).await;
        opened?
    }

    /// The model of the settings; the embedded one while nothing is chosen.
    pub fn model_default(&self) -> ModelRef {
        self.settings().model.unwrap_or_else(ModelRef::offline)
    }
}
