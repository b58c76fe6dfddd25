//! Any server that speaks the OpenAI chat completions protocol: Ollama, LM Studio, llama.cpp, vLLM, OpenRouter, OpenAI
//! itself.
//!
//! Source: <https://platform.openai.com/docs/api-reference/chat>; where a server differs, its name stands beside the line.

mod address;
mod answer;
mod catalogue;
mod embedding;
mod event;
mod failure;
mod lesson;
mod local;
mod refusal;
mod reply;
mod request;
mod thought;

pub use embedding::OpenaiEmbedder;
pub use local::{PRESETS, find_at, find_local};

use crate::cause::Cause;
use crate::network::Network;
use address::Address;
use answer::{Answer, Trouble};
use failure::Asked;
use futures_util::StreamExt as _;
use lesson::Next;
use refusal::Refusal;
use reqwest::header::{AUTHORIZATION, HeaderValue, LOCATION};
use reqwest::{Client, RequestBuilder, Response};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use twin_core::catalogue::ModelEntry;
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, ModelRequest};
use twin_core::port::{ChatModel, ModelStream};
use twin_core::secret::Secret;

/// A model on this machine may first be loaded from disk and then read a long prompt on the processor.
const IDLE: Duration = Duration::from_mins(5);
const CONNECT: Duration = Duration::from_secs(10);
/// For a list, which no server has to think about: somebody is looking at the settings.
const LIST: Duration = Duration::from_secs(15);
/// More than any error, list of models or answer in one body has. OpenRouter's list is the longest: 1 MB.
const MAX_BODY: usize = 8 << 20;

/// Where the server is.
#[derive(Debug, Clone)]
pub struct OpenaiConfig {
    /// `http://localhost:11434`, `https://api.openai.com/v1`. Without a path, `/v1` is added, where every known server
    /// has its API; a pasted `/chat/completions` at the end is taken away; any other path is used as it is.
    pub base_url: String,
    /// Sent as a bearer token, over https or to this machine only.
    pub key: Option<Secret<String>>,
    /// How to get out of this machine.
    pub network: Network,
}

/// An OpenAI-compatible server as a [`ChatModel`]. A cheap clone; its connections are shared.
#[derive(Debug, Clone)]
pub struct OpenaiModel(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: Client,
    address: Address,
    authorization: Option<HeaderValue>,
    /// To see whether a server repeats it.
    key: Option<Secret<String>>,
    idle: Duration,
}

impl OpenaiModel {
    /// Connects to nothing yet. Fails with `invalid_input` for an address that is none, for a key that would travel
    /// unencrypted to another machine, and for a proxy or certificates that cannot be used.
    pub fn new(config: OpenaiConfig) -> Result<Self, Failure> {
        Self::with_idle_limit(config, IDLE)
    }

    /// As [`OpenaiModel::new`], with another time (default 300 s) after which a silent server is given up as `timed_out`.
    pub fn with_idle_limit(config: OpenaiConfig, idle: Duration) -> Result<Self, Failure> {
        let address = Address::parse(&config.base_url)?;
        let key = config.key.filter(|key| !key.expose().trim().is_empty());
        let authorization = key.as_ref().map(|key| address.authorization(key)).transpose()?;
        let http = client(&config.network, address.is_loopback())?;
        Ok(Self(Arc::new(Inner { http, address, authorization, key, idle })))
    }

    /// The models that the server offers and that can chat, by name. `server` is how the settings call it, for
    /// [`twin_core::model::ModelRef::server`].
    pub async fn catalogue(&self, server: Option<&str>) -> Result<Vec<ModelEntry>, Failure> {
        let asked = Asked::new(&self.0, None);
        let limit = LIST.min(self.0.idle);
        let list = self.0.catalogue(server, &asked);
        timeout(limit, list).await.unwrap_or_else(|_| Err(failure::silent(&asked, limit)))
    }
}

fn client(network: &Network, is_loopback: bool) -> Result<Client, Failure> {
    // Once for the process; whoever was first has chosen the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A redirect could carry key and conversation elsewhere: the person is told instead.
    let http = network.reqwest_builder(is_loopback)?.redirect(reqwest::redirect::Policy::none());
    http.connect_timeout(CONNECT).build().map_err(|_| {
        Failure::permanent(
            Code::Unreachable,
            "secure connections cannot be set up: the system's certificates could not be read",
            "Install the system's certificates (package ca-certificates).",
        )
    })
}

impl Inner {
    /// The response to `call`, whatever its status.
    async fn send(&self, mut call: RequestBuilder, asked: &Asked<'_>) -> Result<Response, Failure> {
        if let Some(authorization) = &self.authorization {
            call = call.header(AUTHORIZATION, authorization);
        }
        let answer = timeout(self.idle, call.send()).await.map_err(|_| failure::silent(asked, self.idle))?;
        answer.map_err(|error| match Cause::of(&error) {
            Cause::Other if error.is_timeout() => Cause::TimedOut.to_failure(&self.address.place()),
            cause => cause.to_failure(&self.address.place()),
        })
    }

    /// What a response that is not 200 means.
    async fn refusal(&self, response: Response, asked: &Asked<'_>) -> Result<Refusal, Failure> {
        if response.status().is_redirection() {
            let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            return Err(failure::redirected(asked, to));
        }
        let status = response.status().as_u16();
        let retry_after = refusal::retry_after(response.headers());
        Ok(Refusal::parse(status, retry_after, &self.body(response, asked).await?))
    }

    async fn body(&self, response: Response, asked: &Asked<'_>) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) =
            timeout(self.idle, chunks.next()).await.map_err(|_| failure::silent(asked, self.idle))?
        {
            bytes.extend_from_slice(&chunk.map_err(|_| failure::interrupted(asked))?);
            if bytes.len() > MAX_BODY {
                return Err(failure::other_protocol(asked));
            }
        }
        Ok(bytes)
    }
}

impl ChatModel for OpenaiModel {
    fn stream(&self, mut request: ModelRequest) -> ModelStream {
        let inner = Arc::clone(&self.0);
        Box::pin(async_stream::try_stream! {
            let mut is_shorter = false;
            // Ends: each time around, one part less is in the request, or its one shortening is spent.
            loop {
                let mut has_begun = false;
                let asked = Asked::new(&inner, Some(&request));
                let trouble = match Answer::open(&inner, &asked, &request).await {
                    Ok(mut answer) => loop {
                        match answer.next(&inner, &asked).await {
                            Some(Ok(event)) => {
                                has_begun = true;
                                yield event;
                            }
                            Some(Err(trouble)) => break trouble,
                            None => return,
                        }
                    },
                    Err(trouble) => trouble,
                };
                let refusal = match trouble {
                    Trouble::Refused(refusal) => refusal,
                    Trouble::Failed(failure) => Err(failure)?,
                };
                let failure = failure::refused(&refusal, &asked);
                let Some(lesson) = lesson::learn(&refusal, &request).filter(|_| !has_begun) else { Err(failure)? };
                tracing::debug!(?lesson.next, "the server's refusal was understood");
                if lesson.lessons != request.lessons {
                    request.lessons = lesson.lessons.clone();
                    yield ModelEvent::Learned(lesson.lessons);
                }
                match lesson.next {
                    Next::Again => {}
                    Next::Shorter(limit) if !is_shorter => {
                        is_shorter = true;
                        request.max_output_tokens = limit;
                    }
                    Next::Shorter(_) | Next::GiveUp => Err(failure)?,
                }
            }
        })
    }
}
