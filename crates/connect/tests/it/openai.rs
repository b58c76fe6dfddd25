//! The streams of OpenAI-compatible servers, whole and broken, and what is sent to get them.

mod answer;
mod catalogue;
mod embed;
mod lesson;
mod refusal;
mod request;

use crate::server::{Exchange, Server, without_tls};
use crate::{collect, fail, request, soon, text, within};
use futures_util::StreamExt as _;
use rstest::rstest;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use twin_connect::network::Network;
use twin_connect::openai::{OpenaiConfig, OpenaiModel};
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, ModelRequest, StopReason};
use twin_core::port::ChatModel as _;
use twin_core::secret::Secret;

const MODEL: &str = "llama3.2:3b";
const END: ModelEvent = ModelEvent::Finished(StopReason::EndTurn);

fn config(url: &str, key: Option<&str>) -> OpenaiConfig {
    let key = key.map(|key| Secret::new(key.to_owned()));
    OpenaiConfig { base_url: url.to_owned(), key, network: Network::default() }
}

fn model(server: &Server) -> OpenaiModel {
    OpenaiModel::new(config(&server.url, Some("SECRET-KEY"))).unwrap()
}

fn begin(exchange: &mut Exchange) {
    exchange.begin(&[("content-type", "text/event-stream; charset=utf-8")]);
}

fn send(exchange: &mut Exchange, chunk: &Value) {
    exchange.chunk(format!("data: {chunk}\n\n").as_bytes());
}

fn delta(words: &str) -> Value {
    json!({ "id": "x", "choices": [{ "index": 0, "delta": { "content": words }, "finish_reason": null }] })
}

fn finish(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }], "usage": null })
}

fn answer(exchange: &mut Exchange, words: &str) {
    begin(exchange);
    send(exchange, &delta(words));
    send(exchange, &finish("stop"));
    exchange.chunk(b"data: [DONE]\n\n");
    exchange.end();
}

fn refuse(exchange: &mut Exchange, status: u16, body: &str) {
    exchange.respond(status, &[("content-type", "application/json")], body);
}

/// All that one request to a server gives which answers with this stream.
async fn read(stream: impl Into<String>) -> (Vec<ModelEvent>, Option<Failure>) {
    let stream = stream.into();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        exchange.chunk(stream.as_bytes());
        exchange.end();
    });
    soon(collect(model(&server).stream(request(MODEL)))).await
}

/// The chunks as a stream, with the sign of its end.
fn stream(chunks: &[Value]) -> String {
    let mut events: Vec<_> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    events.push("data: [DONE]\n\n".to_owned());
    events.concat()
}

fn part(delta: Value) -> Value {
    let mut chunk = json!({ "choices": [{ "index": 0 }] });
    chunk["choices"][0]["delta"] = delta;
    chunk
}

/// All that `asked` gives, and what the server was sent.
async fn ask(
    asked: ModelRequest,
    script: impl Fn(usize, &mut Exchange) + Send + 'static,
) -> (Vec<ModelEvent>, Option<Failure>, Vec<Value>) {
    let server = Server::start(script);
    let (events, failure) = soon(collect(model(&server).stream(asked))).await;
    (events, failure, server.requests().into_iter().map(|request| request.body).collect())
}

#[tokio::test]
async fn nothing_follows_a_redirect() {
    let other = Server::start(|_, exchange| answer(exchange, "stolen"));
    let target = format!("{}/v1/chat/completions", other.url);
    let server = Server::start(move |_, exchange| exchange.respond(307, &[("location", &target)], ""));
    let failure = fail(model(&server).stream(request(MODEL))).await;
    assert_eq!(failure.code, Code::RequestRefused);
    assert!(failure.message.contains(&other.url), "{failure:?}");
    assert!(other.has_no_more_requests());
}

#[tokio::test]
async fn a_silent_stream_is_given_up() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        send(exchange, &delta("half"));
        exchange.wait_for_close();
    });
    let mut stream = model(&server).stream(request(MODEL));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("half"))));
    tokio::time::pause();
    let failure = within(Duration::from_hours(1), fail(stream)).await;
    assert_eq!((failure.code, failure.retryable), (Code::TimedOut, true));
    assert!(failure.message.contains("300 s"), "{}", failure.message);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start(|_, exchange| exchange.wait_for_close());
    let model = OpenaiModel::with_idle_limit(config(&server.url, None), Duration::from_millis(50)).unwrap();
    assert_eq!(soon(fail(model.stream(request(MODEL)))).await.code, Code::TimedOut);
    assert_eq!(soon(model.catalogue(None)).await.unwrap_err().code, Code::TimedOut);
}

#[tokio::test]
async fn an_answer_that_stopped_does_not_wait_for_its_connection_to_end() {
    let (sent, mut was_sent) = unbounded_channel();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send(exchange, &delta("all"));
        send(exchange, &finish("stop"));
        sent.send(()).unwrap();
        exchange.wait_for_close();
    });
    let mut stream = model(&server).stream(request(MODEL));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("all"))));
    soon(was_sent.recv()).await.unwrap();
    tokio::time::pause();
    assert_eq!(within(Duration::from_mins(1), collect(stream)).await, (vec![END], None));
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let (closed, mut was_closed) = unbounded_channel();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send(exchange, &delta("half"));
        exchange.wait_for_close();
        closed.send(()).unwrap();
    });
    let mut stream = model(&server).stream(request(MODEL));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("half"))));
    drop(stream);
    soon(was_closed.recv()).await.unwrap();
}

#[tokio::test]
async fn nobody_at_the_address_is_told_with_the_address() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let model = OpenaiModel::new(config(&format!("http://{address}"), None)).unwrap();
    let failure = fail(model.stream(request(MODEL))).await;
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, true));
    assert!(failure.message.contains(&address.to_string()) && failure.hint.contains("running?"), "{failure:?}");
    assert_eq!(model.catalogue(None).await.unwrap_err(), failure);
}

#[rstest]
#[case::that_answers_in_plain_http("HTTP/1.1 400 Bad Request\r\n\r\n")]
#[case::that_hangs_up("")]
#[tokio::test]
async fn a_server_without_tls_behind_https_is_told(#[case] reaction: &'static str) {
    let url = without_tls(reaction);
    let model = OpenaiModel::new(config(&url, None)).unwrap();
    let failure = soon(fail(model.stream(request(MODEL)))).await;
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, false), "{failure:?}");
    assert!(failure.hint.contains("https"), "{failure:?}");
}

#[tokio::test]
async fn a_key_does_not_leave_unencrypted() {
    let failure = OpenaiModel::new(config("http://192.0.2.1:8080", Some("SECRET-KEY"))).unwrap_err();
    assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false));
    assert!(!failure.message.contains("SECRET-KEY") && failure.hint.contains("https"), "{failure:?}");
    OpenaiModel::new(config("http://192.0.2.1:8080", None)).unwrap();
}

#[test]
fn a_model_prints_no_secret() {
    let model = OpenaiModel::new(config("http://localhost", Some("SECRET-KEY"))).unwrap();
    assert!(!format!("{model:?}").contains("SECRET"));
}
