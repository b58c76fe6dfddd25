//! One request and what comes back, as it arrives.

use super::event::Events;
use super::failure::{self, Asked};
use super::refusal::{Refusal, is_refusal};
use super::reply::Reply;
use super::{Inner, request};
use futures_util::{Stream, StreamExt as _, stream};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;
use twin_core::error::Failure;
use twin_core::model::{ModelEvent, ModelRequest};

/// What follows the end of the answer (usage, `[DONE]`) follows at once; a whole answer does not wait longer for it.
const END_GRACE: Duration = Duration::from_secs(5);

/// Why there is no (more) answer.
pub(super) enum Trouble {
    /// The server says why; it may be something to learn from.
    Refused(Refusal),
    Failed(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) struct Answer {
    bytes: Pin<Box<dyn Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    events: Events,
    /// None when nothing more can come.
    reply: Option<Reply>,
    ready: VecDeque<Result<ModelEvent, Trouble>>,
}

impl Answer {
    /// Sends the request. Returns when the server has begun to answer.
    pub(super) async fn open(inner: &Inner, asked: &Asked<'_>, request: &ModelRequest) -> Result<Self, Trouble> {
        let body = request::body(request);
        let accept = if body["stream"] == true { "text/event-stream" } else { "application/json" };
        let call = inner.http.post(inner.address.join("chat/completions")).header(ACCEPT, accept);
        let response = inner.send(call.json(&body), asked).await?;
        if response.status() != StatusCode::OK {
            return Err(Trouble::Refused(inner.refusal(response, asked).await?));
        }
        if !is_events(&response) {
            return Self::whole(&inner.body(response, asked).await?, asked);
        }
        let bytes = response.bytes_stream().map(|piece| piece.map(Vec::from));
        Ok(Self {
            bytes: Box::pin(bytes),
            events: Events::default(),
            reply: Some(Reply::default()),
            ready: VecDeque::new(),
        })
    }

    /// Asked not to stream, or not knowing how to, a server answers in one body; others put an error or a web page there.
    fn whole(body: &[u8], asked: &Asked<'_>) -> Result<Self, Trouble> {
        let value: Value = serde_json::from_slice(body).map_err(|_| failure::other_protocol(asked))?;
        if is_refusal(&value) {
            return Err(Trouble::Refused(Refusal::of(&value)));
        }
        if !value["choices"][0]["message"].is_object() {
            return Err(failure::other_protocol(asked).into());
        }
        let mut reply = Reply::default();
        let mut events = reply.take_whole(&value);
        events.extend(reply.into_end(asked)?);
        Ok(Self {
            bytes: Box::pin(stream::empty()),
            events: Events::default(),
            reply: None,
            ready: events.into_iter().map(Ok).collect(),
        })
    }

    /// The next event; none after the last. Trouble is the last.
    pub(super) async fn next(&mut self, inner: &Inner, asked: &Asked<'_>) -> Option<Result<ModelEvent, Trouble>> {
        while self.ready.is_empty()
            && let Some(mut reply) = self.reply.take()
        {
            match self.read(&mut reply, inner, asked).await {
                Ok(true) => self.reply = Some(reply),
                Ok(false) => match reply.into_end(asked) {
                    Ok(events) => self.ready.extend(events.into_iter().map(Ok)),
                    Err(failure) => self.ready.push_back(Err(failure.into())),
                },
                Err(trouble) => self.ready.push_back(Err(trouble)),
            }
        }
        self.ready.pop_front()
    }

    /// Reads one piece, however much the network made of it. Returns whether more can come.
    async fn read(&mut self, reply: &mut Reply, inner: &Inner, asked: &Asked<'_>) -> Result<bool, Trouble> {
        let limit = if reply.has_stopped() { END_GRACE } else { inner.idle };
        let (datas, is_end) = match timeout(limit, self.bytes.next()).await {
            Ok(Some(Ok(piece))) => (self.events.feed(&piece)?, false),
            Ok(None) => (self.events.end().into_iter().collect(), true),
            // What comes after the end of the answer cannot make it less whole.
            _ if reply.has_stopped() => (Vec::new(), true),
            Ok(Some(Err(_))) => return Err(failure::interrupted(asked).into()),
            Err(_) => return Err(failure::silent(asked, inner.idle).into()),
        };
        for data in datas {
            match data.trim() {
                // Some servers keep the connection alive with empty events.
                "" => {}
                "[DONE]" => {
                    reply.is_done = true;
                    return Ok(false);
                }
                data => match serde_json::from_str(data) {
                    Ok(chunk) if !is_refusal(&chunk) => self.ready.extend(reply.take(&chunk).into_iter().map(Ok)),
                    // As above: an error behind the end comes too late.
                    _ if reply.has_stopped() => return Ok(false),
                    Ok(refusal) => return Err(Trouble::Refused(Refusal::of(&refusal))),
                    Err(_) => return Err(failure::other_protocol(asked).into()),
                },
            }
        }
        Ok(!is_end)
    }
}

fn is_events(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    !kind.starts_with("application/json") && !kind.starts_with("text/html")
}
