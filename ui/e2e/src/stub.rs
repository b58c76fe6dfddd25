//! A server that speaks the OpenAI protocol, and Bedrock's ConverseStream, says what the test tells it to, when the test
//! tells it to, and remembers what it was asked. MiniStack asks it for the words of its own Bedrock as well.

mod wire;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use wire::{Call, Piece, Protocol, Refusal, refused, streamed, tool_call, whole};

/// What it lists unless it is told otherwise.
const MODELS: [&str; 2] = ["stub-model", "other-model"];

/// How the request for a conversation's title begins.
const TITLE_WANTED: &str = "Give the conversation above a title";

/// How the request for what there is to remember begins, and the tool that it is told by.
const LESSON_WANTED: &str = "You keep the memory of a person's digital twin.";
const REMEMBER: &str = "remember";

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
        self.send(Piece::Text(text.to_owned()));
    }

    /// Sends one more piece of what the model thinks.
    pub fn think(&self, text: &str) {
        self.send(Piece::Thought(text.to_owned()));
    }

    /// Ends the reply as a server does.
    pub fn end(self) {
        self.send(Piece::End);
    }

    fn send(&self, piece: Piece) {
        // The receiver is gone when the program has stopped listening, which is what some tests are about.
        let _ = self.0.send(piece);
    }

    /// Whether the other side has hung up.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

#[derive(Debug)]
enum Answer {
    Text(String),
    Gated(UnboundedReceiver<Piece>),
    Call(Call),
    Refusal(Refusal),
}

#[derive(Debug)]
struct Shared {
    answers: VecDeque<Answer>,
    lessons: VecDeque<Value>,
    otherwise: String,
    title: String,
    models: Vec<String>,
    pace: Duration,
    asked: Vec<Asked>,
    learned_from: Vec<Asked>,
    paths: Vec<String>,
}

impl Stub {
    /// Starts it on a free port, on threads of its own.
    pub fn start() -> Self {
        Self::start_at(0).expect("a port can be bound")
    }

    /// The same on this port; none if somebody listens there already.
    pub fn start_at(port: u16) -> Option<Self> {
        // Bound without the runtime: a test's own may not be blocked on.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be started");
        listener.set_nonblocking(true).expect("a socket can be made non-blocking");
        let port = listener.local_addr().expect("a bound port has an address").port();
        let shared = Shared {
            answers: VecDeque::new(),
            lessons: VecDeque::new(),
            otherwise: String::new(),
            // Three dots are no title.
            title: "…".to_owned(),
            models: MODELS.map(str::to_owned).to_vec(),
            pace: Duration::ZERO,
            asked: vec![],
            learned_from: vec![],
            paths: vec![],
        };
        let shared = Arc::new(Mutex::new(shared));
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, router).await
        });
        Some(Self { runtime: Some(runtime), port, shared })
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

    /// The next reply that has not been scripted yet asks for a tool.
    pub fn call(&self, name: &str, input: Value) {
        self.shared().answers.push_back(Answer::Call(Call { name: name.to_owned(), input }));
    }

    /// What the next request for what there is to remember is answered with: a list of operations. Nothing is remembered
    /// unless this is called.
    pub fn lesson(&self, operations: Value) {
        self.shared().lessons.push_back(operations);
    }

    /// The next request that has not been scripted yet is refused.
    pub fn refuse(&self, status: u16, code: &str, message: &str) {
        self.refuse_with(status, code, message, None);
    }

    /// The next request that has not been scripted yet comes too early by this many seconds.
    pub fn throttle(&self, seconds: u32) {
        self.refuse_with(429, "rate_limit_exceeded", "Too many requests.", Some(seconds));
    }

    fn refuse_with(&self, status: u16, code: &str, message: &str, retry_after: Option<u32>) {
        let status = StatusCode::from_u16(status).expect("a status code");
        let refusal = Refusal { status, code: code.to_owned(), message: message.to_owned(), retry_after };
        self.shared().answers.push_back(Answer::Refusal(refusal));
    }

    /// What is said whenever nothing is scripted.
    pub fn otherwise(&self, text: &str) {
        text.clone_into(&mut self.shared().otherwise);
    }

    /// The title that is given to every conversation; none unless this is called.
    pub fn title(&self, title: &str) {
        title.clone_into(&mut self.shared().title);
    }

    /// What it lists from now on.
    pub fn list(&self, models: &[String]) {
        self.shared().models = models.to_vec();
    }

    /// Texts are sent word by word with this pause between the words.
    pub fn pace(&self, pause: Duration) {
        self.shared().pace = pause;
    }

    /// Every request for a reply so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared().asked.clone()
    }

    /// Every request for what there is to remember so far.
    pub fn learned_from(&self) -> Vec<Asked> {
        self.shared().learned_from.clone()
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

async fn serve(State(shared): State<Arc<Mutex<Shared>>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    shared.lock().expect("the lock").paths.push(path.clone());
    if path == "/v1/models" {
        let models = shared.lock().expect("the lock").models.clone();
        let models: Vec<Value> = models.into_iter().map(|id| json!({ "id": id, "object": "model" })).collect();
        return axum::Json(json!({ "object": "list", "data": models })).into_response();
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
    let asked = Asked { authorization, body };
    // The program asks for a title by itself. That counts for nothing: what is scripted is the conversation.
    if asked.said_by("user").last().is_some_and(|text| text.starts_with(TITLE_WANTED)) {
        let title = shared.lock().expect("the lock").title.clone();
        return reply(Answer::Text(title), Duration::ZERO, protocol);
    }
    // Nor does what it asks to learn from what was said, in the background, whenever it gets to it.
    if asked.system().starts_with(LESSON_WANTED) {
        let mut shared = shared.lock().expect("the lock");
        shared.learned_from.push(asked);
        let operations = shared.lessons.pop_front().unwrap_or(json!([]));
        let call = Call { name: REMEMBER.to_owned(), input: json!({ "operations": operations }) };
        return reply(Answer::Call(call), Duration::ZERO, protocol);
    }
    let (answer, pace) = {
        let mut shared = shared.lock().expect("the lock");
        shared.asked.push(asked);
        let otherwise = Answer::Text(shared.otherwise.clone());
        (shared.answers.pop_front().unwrap_or(otherwise), shared.pace)
    };
    reply(answer, pace, protocol)
}

fn reply(answer: Answer, pace: Duration, protocol: Protocol) -> Response {
    match (answer, protocol) {
        (Answer::Refusal(refusal), protocol) => refused(refusal, protocol),
        (Answer::Text(text), Protocol::OpenaiWhole) => whole(&json!({ "role": "assistant", "content": text })),
        (Answer::Call(call), Protocol::OpenaiWhole) => {
            whole(&json!({ "role": "assistant", "content": null, "tool_calls": [tool_call(&call)] }))
        }
        (Answer::Text(text), _) => {
            let words: Vec<String> = text.split_inclusive(' ').map(str::to_owned).collect();
            let words = stream::iter(words).then(move |word| async move {
                tokio::time::sleep(pace).await;
                Piece::Text(word)
            });
            streamed(words.chain(stream::iter([Piece::End])), protocol)
        }
        (Answer::Call(call), _) => streamed(stream::iter([Piece::Call(call), Piece::End]), protocol),
        (Answer::Gated(receiver), _) => {
            let pieces = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
            streamed(pieces, protocol)
        }
    }
}

/// Content is a text or a list of parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}
