//! Amazon Bedrock through ConverseStream, and for vectors through InvokeModel.
//!
//! Source: the Bedrock Runtime API, <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>.

mod asking;
mod call;
mod catalogue;
mod content;
mod embedding;
pub(crate) mod failure;
mod fingerprint;
pub(crate) mod identity;
mod lesson;
mod profile;
pub(crate) mod refusal;
mod repair;
mod reply;
mod request;
pub mod sign_in;
mod trial;

use crate::network::Network;
use asking::{Asking, Next};
use aws_sdk_bedrockruntime::Client;
use catalogue::{Control, Lists};
pub use embedding::BedrockEmbedder;
use failure::Trouble;
pub use fingerprint::files_fingerprint;
use identity::Identity;
pub use profile::profiles;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
pub use trial::policy;
use twin_core::catalogue::{AwsIdentity, ModelEntry};
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, ModelRequest, Reach};
use twin_core::port::{ChatModel, ModelStream};
use twin_core::secret::Secret;
use twin_core::settings::{Guardrail, ServiceTier};

/// The SDK has no read timeout on streams, so a dead one would hang for ever. Models think for a minute without a word.
const IDLE: Duration = Duration::from_mins(2);

/// Where Bedrock is, who asks, and what every request carries.
#[derive(Debug, Clone, Default)]
pub struct BedrockConfig {
    /// For example `eu-west-1`. None: what the AWS environment says (`AWS_REGION`, the profile's `region`).
    pub region: Option<String>,
    /// Who asks.
    pub credentials: BedrockAuth,
    /// A VPC endpoint or a gateway. None: what the AWS environment says (`AWS_ENDPOINT_URL_BEDROCK_RUNTIME`,
    /// `AWS_ENDPOINT_URL`, the profile's `endpoint_url`), else AWS.
    pub endpoint_url: Option<String>,
    /// The same for the service that lists the models (`AWS_ENDPOINT_URL_BEDROCK`).
    pub control_endpoint_url: Option<String>,
    /// How to get out of this machine.
    pub network: Network,
    /// How widely requests may travel: the widest inference profile that may take the place of a model's id.
    pub reach: Reach,
    /// A guardrail that every request passes.
    pub guardrail: Option<Guardrail>,
    /// How requests are queued and charged.
    pub service_tier: ServiceTier,
    /// Ask for latency-optimised machines.
    pub low_latency: bool,
}

/// Where the credentials come from.
#[derive(Debug, Clone, Default)]
pub enum BedrockAuth {
    /// The standard AWS chain: environment (`AWS_BEARER_TOKEN_BEDROCK` included), profile, single sign-on, container, instance.
    #[default]
    Chain,
    /// This profile of `~/.aws` and nothing else: no key in the environment overrides it.
    Profile(String),
    /// These keys and nothing else.
    Keys {
        /// `AKIA…` or `ASIA…`.
        access_key_id: Secret<String>,
        /// Its secret half.
        secret_access_key: Secret<String>,
        /// With temporary keys only.
        session_token: Option<Secret<String>>,
    },
    /// This Bedrock API key and nothing else, as a bearer token.
    ApiKey(Secret<String>),
}

/// Bedrock as a [`ChatModel`]. A cheap clone; its connections and credentials are shared.
#[derive(Debug, Clone)]
pub struct BedrockModel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: BedrockConfig,
    idle: Duration,
    /// Made at the first request, and again after credentials failed or the AWS files changed, so that signing in again
    /// needs no restart.
    connection: Mutex<Option<Connection>>,
    /// What is called in place of a model for embeddings that can be called only through an inference profile.
    routes: std::sync::Mutex<HashMap<String, String>>,
    /// The models behind application inference profiles.
    behind: std::sync::Mutex<HashMap<String, String>>,
}

#[derive(Clone)]
struct Connection {
    client: Client,
    identity: Arc<Identity>,
    /// Whom one talks to, for error messages.
    place: Arc<str>,
    /// Of the AWS files when it was made.
    fingerprint: u64,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("place", &self.place).finish_non_exhaustive()
    }
}

impl BedrockModel {
    /// Reads nothing yet: the AWS environment is read at the first request.
    pub fn new(config: BedrockConfig) -> Self {
        Self::with_idle_limit(config, IDLE)
    }

    /// As [`BedrockModel::new`], with another time (default 120 s) after which a silent stream is given up as
    /// `timed_out`; models that think get two and a half times as much.
    pub fn with_idle_limit(config: BedrockConfig, idle: Duration) -> Self {
        Self(Arc::new(Inner {
            config,
            idle,
            connection: Mutex::default(),
            routes: std::sync::Mutex::default(),
            behind: std::sync::Mutex::default(),
        }))
    }

    /// Whose credentials Bedrock is asked with. Asks the source of the credentials afresh (which may ask AWS, when a
    /// profile says so), but not Bedrock.
    pub async fn identity(&self) -> Result<AwsIdentity, Failure> {
        let identity = Identity::load(&self.0.config).await?;
        let seal = identity.seal().await?;
        Ok(identity.describe(&seal, &self.0.config.credentials))
    }

    /// Every model that can be called, one entry each, however many ways there are to call it; application inference
    /// profiles are entries of their own. Where no way stays within the settings' reach, the entry names the narrowest.
    pub async fn catalogue(&self) -> Result<Vec<ModelEntry>, Failure> {
        let config = &self.0.config;
        let identity = Identity::load(config).await?;
        let lists = Lists::ask(&Control::new(&identity, config).await?).await?;
        Ok(lists.entries(identity.region(), config.reach))
    }

    /// What to call in place of `model_id`, which cannot be called as it is: the listed way that goes as far as the
    /// settings allow. None where there is none, or where it is `model_id` itself.
    pub async fn callable(&self, model_id: &str) -> Result<Option<String>, Failure> {
        let config = &self.0.config;
        catalogue::profile_for(&Identity::load(config).await?, config, model_id).await
    }

    /// The id of the model behind an inference profile, which an application profile's ARN does not tell.
    pub async fn model_behind(&self, arn: &str) -> Result<Option<String>, Failure> {
        let config = &self.0.config;
        catalogue::model_of(&Identity::load(config).await?, config, arn).await
    }
}

impl Inner {
    async fn connection(&self) -> Result<Connection, Failure> {
        let mut slot = self.connection.lock().await;
        let fingerprint = files_fingerprint();
        if let Some(connection) = slot.as_ref().filter(|connection| connection.fingerprint == fingerprint) {
            return Ok(connection.clone());
        }
        let identity = Arc::new(Identity::load(&self.config).await?);
        let connection = Connection {
            client: identity.client(&self.config),
            place: identity.place(&self.config).into(),
            identity,
            fingerprint,
        };
        Ok(slot.insert(connection).clone())
    }

    /// The next request reads the AWS environment again.
    async fn disconnect(&self) {
        *self.connection.lock().await = None;
    }

    /// Somebody may sign in meanwhile.
    async fn forget_bad_credentials(&self, failure: &Failure) {
        if matches!(failure.code, Code::CredentialsMissing | Code::CredentialsRejected | Code::SignInExpired) {
            self.disconnect().await;
        }
    }

    /// Whether the credentials come from a sign-in in a browser, be it through other profiles.
    async fn signs_in(&self) -> bool {
        match identity::profile(&self.config.credentials) {
            Some(name) => profile::read().await.is_ok_and(|set| profile::session(&set, name).is_some()),
            None => match self.connection().await {
                Ok(connection) => connection.identity.signs_in().await,
                Err(_) => false,
            },
        }
    }
}

/// How far a request may travel that calls this id.
fn reach_of(id: &str) -> Reach {
    match id.split_once('.') {
        Some(("global", _)) => Reach::Global,
        _ => Reach::Geography,
    }
}

impl ChatModel for BedrockModel {
    fn stream(&self, request: ModelRequest) -> ModelStream {
        let inner = Arc::clone(&self.0);
        Box::pin(async_stream::try_stream! {
            let mut asking = Asking::new(request, &inner.config);
            let mut has_spoken = false;
            loop {
                let trouble = 'answer: {
                    let mut answer = match asking.ask(&inner).await {
                        Ok(answer) => answer,
                        Err(trouble) => break 'answer trouble,
                    };
                    loop {
                        match answer.next(&asking).await {
                            Ok(Some(event)) => {
                                if let Some(lessons) = asking.learn_from(&event) {
                                    yield ModelEvent::Learned(lessons);
                                }
                                has_spoken = true;
                                yield event;
                            }
                            Ok(None) => break,
                            Err(trouble) => break 'answer trouble,
                        }
                    }
                    answer.drain().await;
                    return;
                };
                let next = match trouble {
                    // What was said is not asked for again.
                    Trouble::Refused(refusal) if has_spoken => Next::GiveUp(None, asking.failure(&inner, &refusal).await),
                    trouble => asking.next(&inner, trouble).await,
                };
                match next {
                    Next::Again(lessons) => {
                        if let Some(lessons) = lessons {
                            yield ModelEvent::Learned(lessons);
                        }
                    }
                    Next::GiveUp(lessons, failure) => {
                        if let Some(lessons) = lessons {
                            yield ModelEvent::Learned(lessons);
                        }
                        inner.forget_bad_credentials(&failure).await;
                        Err(failure)?;
                    }
                }
            }
        })
    }
}
