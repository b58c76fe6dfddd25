//! A server that speaks the OpenAI protocol, and Bedrock's ConverseStream, says what the test tells it to, when the test
//! tells it to, and remembers what it was asked. MiniStack asks it for the words of its own Bedrock as well.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The running server; dropping it closes its port and every connection.
#[derive(Debug)]
pub struct Stub {
    runtime: Option<Runtime>,
    port: u16,
    shared: Arc<Mutex<Shared>>,
}

/// One request for a reply.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body.
    pub body: Value,
}

impl Asked {
    /// The system prompt: a message in OpenAI's protocol, a field of its own in Bedrock's.
    pub fn system(&self) -> String {
        self.said_by("system").join("\n") + &text_of(&self.body["system"])
    }

    /// The text of all messages of a role (`user`, `assistant`), in order.
    pub fn said_by(&self, role: &str) -> Vec<String> {
        let messages = self.body["messages"].as_array().into_iter().flatten();
        messages.filter(|message| message["role"] == role).map(|message| text_of(&message["content"])).collect()
    }
}

/// Lets a reply through, piece by piece. Dropped before [`Gate::end`], it cuts the connection.
#[derive(Debug)]
pub struct Gate(UnboundedSender<Piece>);

impl Gate {
    /// Sends one more piece.
    pub fn say(&self, text: &str) {
        // The receiver is gone when the program has stopped listening, which is what some tests are about.
        let _ = self.0.send(Piece::Text(text.to_owned()));
    }

    /// Ends the reply as a server does.
    pub fn end(self) {
        let _ = self.0.send(Piece::End);
    }

    /// Whether the other side has hung up.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

#[derive(Debug)]
enum Piece {
    Text(String),
    End,
}

#[derive(Debug)]
enum Answer {
    Text(String),
    Gated(UnboundedReceiver<Piece>),
    Refusal(StatusCode, String, String),
}

#[derive(Debug)]
struct Shared {
    answers: VecDeque<Answer>,
    otherwise: String,
    pace: Duration,
    asked: Vec<Asked>,
    paths: Vec<String>,
}

impl Stub {
    /// Starts it on a free port, on threads of its own.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be started");
        // Bound without the runtime: a test's own may not be blocked on.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port can be bound");
        listener.set_nonblocking(true).expect("a socket can be made non-blocking");
        let port = listener.local_addr().expect("a bound port has an address").port();
        let shared = Shared {
            answers: VecDeque::new(),
            otherwise: String::new(),
            pace: Duration::ZERO,
            asked: vec![],
            paths: vec![],
        };
        let shared = Arc::new(Mutex::new(shared));
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, router).await
        });
        Self { runtime: Some(runtime), port, shared }
    }

    /// Where it is, without a path.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its address as the OpenAI setting wants it.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.origin())
    }

    /// The next reply that has not been scripted yet is this text.
    pub fn answer(&self, text: &str) {
        self.shared().answers.push_back(Answer::Text(text.to_owned()));
    }

    /// The next reply that has not been scripted yet is let through by the test.
    pub fn answer_gated(&self) -> Gate {
        let (sender, receiver) = unbounded_channel();
        self.shared().answers.push_back(Answer::Gated(receiver));
        Gate(sender)
    }

    /// The next request that has not been scripted yet is refused.
    pub fn refuse(&self, status: u16, code: &str, message: &str) {
        let status = StatusCode::from_u16(status).expect("a status code");
        self.shared().answers.push_back(Answer::Refusal(status, code.to_owned(), message.to_owned()));
    }

    /// What is said whenever nothing is scripted.
    pub fn otherwise(&self, text: &str) {
        text.clone_into(&mut self.shared().otherwise);
    }

    /// Texts are sent word by word with this pause between the words.
    pub fn pace(&self, pause: Duration) {
        self.shared().pace = pause;
    }

    /// Every request for a reply so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared().asked.clone()
    }

    /// Every path that was requested so far, by whomever.
    pub fn paths(&self) -> Vec<String> {
        self.shared().paths.clone()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("no test panics while it holds the lock")
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// How a reply is put on the wire.
#[derive(Debug, Clone, Copy)]
enum Protocol {
    /// Server-sent events.
    OpenaiStream,
    /// One JSON object, which is how MiniStack asks.
    OpenaiWhole,
    /// Binary frames: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>.
    BedrockStream,
}

async fn serve(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    shared.lock().expect("the lock").paths.push(path.clone());
    if path == "/v1/models" {
        let models = json!({ "object": "list", "data": [{ "id": "stub-model", "object": "model" }] });
        return axum::Json(models).into_response();
    }
    let bedrock = path.ends_with("/converse-stream");
    if !bedrock && path != "/v1/chat/completions" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let protocol = match body["stream"].as_bool() {
        _ if bedrock => Protocol::BedrockStream,
        Some(true) => Protocol::OpenaiStream,
        _ => Protocol::OpenaiWhole,
    };
    let (answer, pace) = {
        let mut shared = shared.lock().expect("the lock");
        shared.asked.push(Asked { authorization, body });
        let otherwise = Answer::Text(shared.otherwise.clone());
        (shared.answers.pop_front().unwrap_or(otherwise), shared.pace)
    };
    reply(answer, pace, protocol)
}

fn reply(answer: Answer, pace: Duration, protocol: Protocol) -> Response {
    match (answer, protocol) {
        (Answer::Refusal(status, code, message), Protocol::BedrockStream) => {
            let body = axum::Json(json!({ "message": message }));
            (status, [("x-amzn-errortype", code)], body).into_response()
        }
        (Answer::Refusal(status, code, message), _) => {
            let error = json!({ "message": message, "type": "invalid_request_error", "code": code });
            (status, axum::Json(json!({ "error": error }))).into_response()
        }
        (Answer::Text(text), Protocol::OpenaiWhole) => axum::Json(json!({
            "id": "stub", "object": "chat.completion", "model": "stub-model",
            "choices": [{ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12 },
        }))
        .into_response(),
        (Answer::Text(text), _) => {
            let words: Vec<String> = text.split_inclusive(' ').map(str::to_owned).collect();
            let words = stream::iter(words).then(move |word| async move {
                tokio::time::sleep(pace).await;
                Piece::Text(word)
            });
            streamed(words.chain(stream::iter([Piece::End])), protocol)
        }
        (Answer::Gated(receiver), _) => {
            let pieces = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
            streamed(pieces, protocol)
        }
    }
}

/// A body that grows with the pieces; if they end without [`Piece::End`] the connection is broken.
fn streamed(pieces: impl stream::Stream<Item = Piece> + Send + 'static, protocol: Protocol) -> Response {
    let (kind, opening) = match protocol {
        Protocol::BedrockStream => {
            ("application/vnd.amazon.eventstream", frame("messageStart", &json!({ "role": "assistant" })))
        }
        _ => ("text/event-stream", Vec::new()),
    };
    let chunks = stream::unfold((Box::pin(pieces), false), move |(mut pieces, ended)| async move {
        if ended {
            return None;
        }
        let (chunk, ended) = match pieces.next().await {
            Some(piece) => (Ok(encoded(&piece, protocol)), matches!(piece, Piece::End)),
            None => (Err(io::Error::new(io::ErrorKind::ConnectionReset, "the test cut the connection")), true),
        };
        Some((chunk, (pieces, ended)))
    });
    let body = Body::from_stream(stream::iter([Ok(opening)]).chain(chunks));
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

fn encoded(piece: &Piece, protocol: Protocol) -> Vec<u8> {
    match (piece, protocol) {
        (Piece::Text(text), Protocol::BedrockStream) => {
            frame("contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "text": text } }))
        }
        (Piece::End, Protocol::BedrockStream) => [
            frame("contentBlockStop", &json!({ "contentBlockIndex": 0 })),
            frame("messageStop", &json!({ "stopReason": "end_turn" })),
            frame("metadata", &json!({ "usage": { "inputTokens": 7, "outputTokens": 5, "totalTokens": 12 } })),
        ]
        .concat(),
        (Piece::Text(text), _) => event(&json!({ "content": text }), &Value::Null),
        (Piece::End, _) => [event(&json!({}), &json!("stop")), b"data: [DONE]\n\n".to_vec()].concat(),
    }
}

fn event(delta: &Value, finish_reason: &Value) -> Vec<u8> {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish_reason });
    let chunk = json!({ "id": "stub", "object": "chat.completion.chunk", "model": "stub-model", "choices": [choice] });
    format!("data: {chunk}\n\n").into_bytes()
}

fn frame(kind: &str, payload: &Value) -> Vec<u8> {
    let header = |name: &'static str, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
    let message = Message::new(payload.to_string())
        .add_header(header(":message-type", "event"))
        .add_header(header(":event-type", kind))
        .add_header(header(":content-type", "application/json"));
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).expect("a small message can be framed");
    bytes
}

/// Content is a text or a list of parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}
