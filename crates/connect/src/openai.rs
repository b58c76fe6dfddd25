//! Any server that speaks the OpenAI chat completions protocol: Ollama, LM Studio, llama.cpp, vLLM, OpenAI itself.
//!
//! Source: <https://platform.openai.com/docs/api-reference/chat>.

mod address;
mod event;
mod failure;
mod reply;
mod request;

use crate::cause::Cause;
use address::Address;
use event::Events;
use failure::Asked;
use futures_util::StreamExt as _;
use reply::Reply;
use request::Dialect;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use twin_core::error::{Code, Failure};
use twin_core::model::ModelRequest;
use twin_core::port::{ChatModel, ModelStream};
use twin_core::secret::Secret;

/// A model on this machine may first be loaded from disk and then read a long prompt on the processor.
const IDLE: Duration = Duration::from_mins(5);
const CONNECT: Duration = Duration::from_secs(10);
/// For a list, which no server has to think about: somebody is looking at the settings.
const LIST: Duration = Duration::from_secs(15);
/// What follows the end of the answer (usage, `[DONE]`) follows at once; a whole answer does not wait longer for it.
const END_GRACE: Duration = Duration::from_secs(5);
/// More than any error or list of models has.
const MAX_BODY: usize = 1 << 20;

/// Where the server is.
#[derive(Debug, Clone)]
pub struct OpenaiConfig {
    /// `http://localhost:11434`, `https://api.openai.com/v1`. Without a path, `/v1` is added, where every known server
    /// has its API; a pasted `/chat/completions` at the end is taken away; any other path is used as it is.
    pub base_url: String,
    /// Sent as a bearer token, over https or to this machine only.
    pub key: Option<Secret<String>>,
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
    /// What this server's refusals have taught.
    dialect: Mutex<Dialect>,
}

impl OpenaiModel {
    /// Connects to nothing yet. Fails with `invalid_input` for an address that is none, and for a key that would travel
    /// unencrypted to another machine.
    pub fn new(config: OpenaiConfig) -> Result<Self, Failure> {
        Self::with_idle_limit(config, IDLE)
    }

    /// As [`OpenaiModel::new`], with another time (default 300 s) after which a silent server is given up as `timed_out`.
    pub fn with_idle_limit(config: OpenaiConfig, idle: Duration) -> Result<Self, Failure> {
        let address = Address::parse(&config.base_url)?;
        let key = config.key.filter(|key| !key.expose().trim().is_empty());
        let authorization = key.as_ref().map(|key| address.authorization(key)).transpose()?;
        // Once for the process; whoever was first has chosen the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = Client::builder()
            .connect_timeout(CONNECT)
            // A redirect could carry key and conversation elsewhere: the person is told instead.
            .redirect(reqwest::redirect::Policy::none());
        if address.is_loopback() {
            // A proxy would send what is meant for this machine through another one.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|_| {
            Failure::permanent(
                Code::Unreachable,
                "secure connections cannot be set up: the system's certificates could not be read",
                "Install the system's certificates (package ca-certificates).",
            )
        })?;
        Ok(Self(Arc::new(Inner { http, address, authorization, key, idle, dialect: Mutex::default() })))
    }

    /// The ids of the models that the server offers, sorted.
    pub async fn models(&self) -> Result<Vec<String>, Failure> {
        let asked = Asked::new(&self.0, None);
        let limit = LIST.min(self.0.idle);
        timeout(limit, self.0.models(&asked)).await.unwrap_or_else(|_| Err(failure::silent(&asked, limit)))
    }
}

impl Inner {
    async fn models(&self, asked: &Asked<'_>) -> Result<Vec<String>, Failure> {
        let response = self.send(self.http.get(self.address.join("models")), asked).await?;
        if response.status() != StatusCode::OK {
            let (status, retry_after, body) = self.refusal(response, asked).await?;
            return Err(failure::refused(status, &body, retry_after, asked));
        }
        let list: Value =
            serde_json::from_slice(&self.body(response, asked).await?).map_err(|_| failure::other_protocol(asked))?;
        let entries = list["data"].as_array().ok_or_else(|| failure::other_protocol(asked))?;
        let mut ids: Vec<_> = entries.iter().filter_map(|entry| entry["id"].as_str()).map(str::to_owned).collect();
        ids.sort_unstable();
        Ok(ids)
    }

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
    async fn refusal(&self, response: Response, asked: &Asked<'_>) -> Result<(u16, Option<u64>, Vec<u8>), Failure> {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if response.status().is_redirection() {
            return Err(failure::redirected(asked, header(LOCATION)));
        }
        let retry_after = header(RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
        Ok((response.status().as_u16(), retry_after, self.body(response, asked).await?))
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

    /// The streaming answer. A 400 that names another spelling of the request is answered in that spelling, once for each.
    async fn open(&self, asked: &Asked<'_>, request: &ModelRequest) -> Result<Response, Failure> {
        loop {
            let dialect = *self.dialect.lock().unwrap_or_else(PoisonError::into_inner);
            let call = self.http.post(self.address.join("chat/completions")).header(ACCEPT, "text/event-stream");
            let response = self.send(call.json(&request::body(request, dialect)), asked).await?;
            if response.status() == StatusCode::OK {
                return Ok(response);
            }
            let (status, retry_after, body) = self.refusal(response, asked).await?;
            match dialect.after(&failure::text(&body)).filter(|_| status == 400 || status == 422) {
                Some(other) => *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = other,
                None => return Err(failure::refused(status, &body, retry_after, asked)),
            }
        }
    }

    /// Some servers answer 200 with an error, others with a page or with the whole answer at once.
    async fn unstreamed(&self, response: Response, asked: &Asked<'_>) -> Failure {
        match self.body(response, asked).await {
            Ok(body) if serde_json::from_slice(&body).is_ok_and(|body| failure::is_error(&body)) => {
                failure::refused(0, &body, None, asked)
            }
            Ok(_) => failure::other_protocol(asked),
            Err(failure) => failure,
        }
    }
}

fn is_other_than_events(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/json") || kind.starts_with("text/html")
}

impl ChatModel for OpenaiModel {
    fn stream(&self, request: ModelRequest) -> ModelStream {
        let inner = Arc::clone(&self.0);
        Box::pin(async_stream::try_stream! {
            let asked = Asked::new(&inner, Some(&request));
            let response = inner.open(&asked, &request).await?;
            if is_other_than_events(&response) {
                Err(inner.unstreamed(response, &asked).await)?;
                return;
            }
            let mut bytes = response.bytes_stream();
            let mut events = Events::default();
            let mut reply = Reply::default();
            while !reply.is_done {
                let limit = if reply.has_stopped() { END_GRACE } else { inner.idle };
                let (ready, is_end) = match timeout(limit, bytes.next()).await {
                    Ok(Some(Ok(piece))) => (events.feed(&piece)?, false),
                    Ok(None) => (events.end().into_iter().collect(), true),
                    // What comes after the end of the answer cannot make it less whole.
                    _ if reply.has_stopped() => break,
                    Ok(Some(Err(_))) => Err(failure::interrupted(&asked))?,
                    Err(_) => Err(failure::silent(&asked, inner.idle))?,
                };
                for data in ready {
                    if let Some(event) = reply.take(&data, &asked)? {
                        yield event;
                    }
                }
                if is_end {
                    break;
                }
            }
            for event in reply.into_end(&asked)? {
                yield event;
            }
        })
    }
}
