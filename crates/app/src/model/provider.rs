//! The settings turned into something that answers.

use crate::credential::{AwsKeySet, KeyRing};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_connect::network::Network;
use twin_connect::openai::{OpenaiConfig, OpenaiModel};
use twin_core::chat::Role;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, ModelEvent, ModelRef, ModelRequest, Provider, StopReason};
use twin_core::port::{ChatModel, ModelStream, TextEmbedder};
use twin_core::secret::Secret;
use twin_core::settings::{
    BedrockCredentials, BedrockSettings, EmbedderChoice, NetworkSettings, OpenaiServer, Settings,
};

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

    /// What turns texts into vectors outside of the program, or why there is none. The embedded model is not asked
    /// through this: it needs no service, and its work belongs on a thread of its own.
    fn embedder(
        &self,
        choice: &EmbedderChoice,
        settings: &Settings,
        keys: &KeyRing,
    ) -> Result<Arc<dyn TextEmbedder>, Failure>;
}

/// The real providers. Clients are kept between turns: reading the AWS profile, signing in and loading certificates
/// takes longer than a request.
#[derive(Default)]
pub struct Providers {
    bedrock: Mutex<Option<Kept<BedrockSettings, BedrockModel>>>,
    /// By the server's name.
    openai: Mutex<HashMap<String, Kept<OpenaiServer, OpenaiModel>>>,
}

/// What a client was made of, and the client.
type Kept<From, Client> = ((From, NetworkSettings), Client);

impl ModelSource for Arc<Providers> {
    fn open(
        &self,
        model: &ModelRef,
        settings: &Settings,
        keys: &KeyRing,
        now: &jiff::Zoned,
    ) -> Result<Arc<dyn ChatModel>, Failure> {
        Ok(match model.provider {
            Provider::Offline => Arc::new(Offline { now: now.clone() }),
            Provider::Openai => {
                let server = settings.openai.server(model.server.as_deref()).ok_or_else(|| no_such_server(model))?;
                Arc::new(self.openai(server, settings, keys)?)
            }
            Provider::Bedrock => Arc::new(self.bedrock(settings, keys)?),
        })
    }

    fn embedder(
        &self,
        choice: &EmbedderChoice,
        settings: &Settings,
        keys: &KeyRing,
    ) -> Result<Arc<dyn TextEmbedder>, Failure> {
        let none = || {
            Failure::permanent(
                Code::InvalidInput,
                "no model for embeddings is chosen",
                "Write the model's id in Settings, under Memory, or choose the one that is part of the program.",
            )
        };
        Ok(match choice {
            EmbedderChoice::Embedded => {
                return Err(Failure::permanent(
                    Code::Internal,
                    "the embedded model was asked for as a service",
                    "Report this.",
                ));
            }
            EmbedderChoice::Bedrock { model } => {
                Arc::new(self.bedrock(settings, keys)?.embedder(&given(model).ok_or_else(none)?))
            }
            EmbedderChoice::Openai { server, model } => {
                let missing = || no_server_called(server.as_deref());
                let server = settings.openai.server(server.as_deref()).ok_or_else(missing)?;
                Arc::new(self.openai(server, settings, keys)?.embedder(&given(model).ok_or_else(none)?))
            }
        })
    }
}

impl Providers {
    /// Bedrock, for answers and for everything else that it can be asked. May block on the keychain.
    pub(crate) fn bedrock(&self, settings: &Settings, keys: &KeyRing) -> Result<BedrockModel, Failure> {
        let of = (settings.bedrock.clone(), settings.network.clone());
        let mut kept = self.bedrock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, model)) = kept.as_ref().filter(|(known, _)| *known == of) {
            return Ok(model.clone());
        }
        let model = BedrockModel::new(bedrock_config(&of.0, &of.1, keys)?);
        *kept = Some((of, model.clone()));
        Ok(model)
    }

    /// An OpenAI-compatible server, likewise.
    pub(crate) fn openai(
        &self,
        server: &OpenaiServer,
        settings: &Settings,
        keys: &KeyRing,
    ) -> Result<OpenaiModel, Failure> {
        let of = (server.clone(), settings.network.clone());
        let mut kept = self.openai.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, model)) = kept.get(&server.name).filter(|(known, _)| *known == of) {
            return Ok(model.clone());
        }
        let key = server_key(server, keys)?;
        let model = openai_client(&server.base_url, key, &settings.network)?;
        kept.insert(server.name.clone(), (of, model.clone()));
        Ok(model)
    }

    /// Keys were replaced, or somebody signed in.
    pub(crate) fn forget_clients(&self) {
        *self.bedrock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.openai.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

pub(crate) fn no_such_server(model: &ModelRef) -> Failure {
    no_server_called(model.server.as_deref())
}

fn no_server_called(name: Option<&str>) -> Failure {
    Failure::permanent(
        Code::ModelNotFound,
        format!("the settings have no server called {}", name.unwrap_or_default()),
        "Choose another model, or add the server in Settings, under Models.",
    )
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(crate) fn network(settings: &NetworkSettings) -> Network {
    Network { proxy: given(&settings.proxy), ca_file: given(&settings.ca_file).map(PathBuf::from) }
}

fn bedrock_config(
    settings: &BedrockSettings,
    network_settings: &NetworkSettings,
    keys: &KeyRing,
) -> Result<BedrockConfig, Failure> {
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
        BedrockCredentials::ApiKey => {
            let key = kept_key(keys, settings.api_key_secret.as_deref(), "the Bedrock API key")?;
            BedrockAuth::ApiKey(key.ok_or_else(|| missing("the Bedrock API key"))?)
        }
    };
    Ok(BedrockConfig {
        region: given(&settings.region),
        credentials,
        endpoint_url: given(&settings.endpoint_url),
        control_endpoint_url: given(&settings.control_endpoint_url),
        network: network(network_settings),
        reach: settings.reach,
        guardrail: settings.guardrail.clone(),
        service_tier: settings.service_tier,
        low_latency: settings.low_latency,
    })
}

pub(super) fn server_key(server: &OpenaiServer, keys: &KeyRing) -> Result<Option<Secret<String>>, Failure> {
    kept_key(keys, server.key_secret.as_deref(), "the server's key")
}

pub(super) fn openai_client(
    base_url: &str,
    key: Option<Secret<String>>,
    network_settings: &NetworkSettings,
) -> Result<OpenaiModel, Failure> {
    OpenaiModel::new(OpenaiConfig { base_url: base_url.to_owned(), key, network: network(network_settings) })
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
