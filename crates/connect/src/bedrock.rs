//! Amazon Bedrock through ConverseStream.
//!
//! Source: the Bedrock Runtime API, <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>.

mod failure;
mod identity;
mod reply;
mod request;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver;
use aws_sdk_bedrockruntime::types::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use failure::Asked;
use identity::Identity;
use reply::Reply;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, ModelRequest};
use twin_core::port::{ChatModel, ModelStream};
use twin_core::secret::Secret;

/// The SDK has no read timeout on streams, so a dead one would hang for ever. Models think for a minute without a word.
const IDLE: Duration = Duration::from_mins(2);
/// The usage follows the end of the answer at once; an answer that is whole does not wait longer for it.
const USAGE_GRACE: Duration = Duration::from_secs(5);

/// Where Bedrock is and who asks.
#[derive(Debug, Clone)]
pub struct BedrockConfig {
    /// For example `eu-west-1`. None: what the AWS environment says (`AWS_REGION`, the profile's `region`).
    pub region: Option<String>,
    /// Who asks.
    pub credentials: BedrockAuth,
    /// A VPC endpoint or a gateway. None: what the AWS environment says (`AWS_ENDPOINT_URL_BEDROCK_RUNTIME`,
    /// `AWS_ENDPOINT_URL`, the profile's `endpoint_url`), else AWS.
    pub endpoint_url: Option<String>,
}

/// Where the credentials come from.
#[derive(Debug, Clone)]
pub enum BedrockAuth {
    /// The standard AWS chain: environment (`AWS_BEARER_TOKEN_BEDROCK` included), profile, single sign-on, container, instance.
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
}

type Events = EventReceiver<ConverseStreamOutput, ConverseStreamOutputError>;

/// Bedrock as a [`ChatModel`]. A cheap clone; its connections and credentials are shared.
#[derive(Debug, Clone)]
pub struct BedrockModel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: BedrockConfig,
    idle: Duration,
    /// Made at the first request and again after credentials failed, so that signing in again needs no restart.
    connection: Mutex<Option<Connection>>,
}

#[derive(Debug, Clone)]
struct Connection {
    client: Client,
    /// Whom one talks to, for error messages.
    place: Arc<str>,
}

impl BedrockModel {
    /// Reads nothing yet: the AWS environment is read at the first request.
    pub fn new(config: BedrockConfig) -> Self {
        Self::with_idle_limit(config, IDLE)
    }

    /// As [`BedrockModel::new`], with another time (default 120 s) after which a silent stream is given up as
    /// `timed_out`.
    pub fn with_idle_limit(config: BedrockConfig, idle: Duration) -> Self {
        Self(Arc::new(Inner { config, idle, connection: Mutex::default() }))
    }

    /// The region and where the credentials come from, as a phrase: `eu-west-1, keys from the environment`. Asks the
    /// credentials chain afresh (which may ask AWS, when a profile says so), but not Bedrock.
    pub async fn check(&self) -> Result<String, Failure> {
        let identity = Identity::load(&self.0.config).await?;
        Ok(format!("{}, {}", identity.region(), identity.origin(&self.0.config.credentials).await?))
    }
}

impl Inner {
    async fn connection(&self) -> Result<Connection, Failure> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = slot.as_ref() {
            return Ok(connection.clone());
        }
        let identity = Identity::load(&self.config).await?;
        let connection =
            Connection { client: identity.client(&self.config), place: identity.place(&self.config).into() };
        Ok(slot.insert(connection).clone())
    }

    async fn open(&self, asked: &mut Asked) -> Result<Events, Failure> {
        let Connection { client, place } = self.connection().await?;
        asked.place = place.to_string();
        let sending = request::converse(&client, &asked.request)?.send();
        let output = timeout(self.idle, sending)
            .await
            .map_err(|_| failure::silent(asked, self.idle))?
            .map_err(|error| failure::before_stream(&error, asked))?;
        asked.request_id = output.request_id().map(str::to_owned);
        tracing::debug!(model = asked.request.model_id, request_id = asked.request_id, "bedrock answers");
        Ok(output.stream)
    }

    /// The next request reads the AWS environment again: somebody may have signed in meanwhile.
    async fn forget_bad_credentials(&self, failure: &Failure) {
        if matches!(failure.code, Code::CredentialsMissing | Code::CredentialsRejected) {
            *self.connection.lock().await = None;
        }
    }
}

impl ChatModel for BedrockModel {
    fn stream(&self, request: ModelRequest) -> ModelStream {
        let inner = Arc::clone(&self.0);
        Box::pin(async_stream::try_stream! {
            let profile = identity::profile(&inner.config.credentials).map(str::to_owned);
            let mut asked = Asked { request, profile, place: String::new(), request_id: None };
            let mut events = match inner.open(&mut asked).await {
                Ok(events) => events,
                Err(failure) => {
                    inner.forget_bad_credentials(&failure).await;
                    Err(failure)?
                }
            };
            let mut reply = Reply::default();
            loop {
                let limit = if reply.stop().is_some() { USAGE_GRACE } else { inner.idle };
                match timeout(limit, events.recv()).await {
                    Ok(Ok(Some(event))) => {
                        if let Some(event) = reply.take(event)? {
                            let is_last = matches!(event, ModelEvent::Usage(_)) && reply.stop().is_some();
                            yield event;
                            if is_last {
                                break;
                            }
                        }
                    }
                    Ok(Ok(None)) => break,
                    // What comes after the end of the answer cannot make it less whole.
                    _ if reply.stop().is_some() => break,
                    Ok(Err(error)) => Err(failure::in_stream(&error, &asked))?,
                    Err(_) => Err(failure::silent(&asked, inner.idle))?,
                }
            }
            // A connection that was cut cleanly looks like an end: only messageStop is one.
            let stop = reply.into_stop().ok_or_else(|| failure::interrupted(&asked))?;
            yield ModelEvent::Finished(stop);
            // Read to the end, so that the connection can serve the next request.
            while let Ok(Ok(Some(_))) = timeout(USAGE_GRACE, events.recv()).await {}
        })
    }
}
