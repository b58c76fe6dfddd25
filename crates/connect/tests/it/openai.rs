//! The streams of OpenAI-compatible servers, whole and broken, and what is sent to get them.

use crate::server::{Exchange, Server, without_tls};
use crate::{QUESTION, collect, fail, request, soon, text, within};
use futures_util::StreamExt as _;
use rstest::rstest;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use twin_connect::openai::{OpenaiConfig, OpenaiModel};
use twin_core::chat::Role;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, ModelEvent, StopReason, ToolSpec, ToolUse, Turn, Usage};
use twin_core::port::ChatModel as _;
use twin_core::secret::Secret;

const MODEL: &str = "llama3.2:3b";
const END: ModelEvent = ModelEvent::Finished(StopReason::EndTurn);

fn config(url: &str, key: Option<&str>) -> OpenaiConfig {
    OpenaiConfig { base_url: url.to_owned(), key: key.map(|key| Secret::new(key.to_owned())) }
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

#[tokio::test]
async fn words_arrive_as_they_are_sent_and_the_usage_is_counted() {
    let (go, wait) = channel();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send(exchange, &json!({ "choices": [{ "delta": { "role": "assistant", "content": "" } }] }));
        send(exchange, &delta("one "));
        wait.recv().unwrap();
        send(exchange, &delta("two"));
        send(exchange, &finish("stop"));
        let usage =
            json!({ "prompt_tokens": 40, "completion_tokens": 20, "prompt_tokens_details": { "cached_tokens": 30 } });
        send(exchange, &json!({ "choices": [], "usage": usage }));
        exchange.chunk(b"data: [DONE]\n\n");
        exchange.end();
    });
    let mut stream = model(&server).stream(request(MODEL));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("one "))));
    // The server sends the rest only now: had the first word been held back, the line above would wait for ever.
    go.send(()).unwrap();
    let (events, failure) = soon(collect(stream)).await;
    let usage = ModelEvent::Usage(Usage { input: 10, output: 20, cache_read: 30, cache_write: 0 });
    assert_eq!((events, failure), (vec![text("two"), usage, END], None));
}

#[tokio::test]
async fn the_request_carries_one_system_message_the_roles_and_the_key() {
    let server = Server::start(|_, exchange| answer(exchange, "hi"));
    let (_, failure) = collect(model(&server).stream(request(MODEL))).await;
    assert_eq!(failure, None);
    let sent = server.request();
    assert_eq!(sent.target, "POST /v1/chat/completions");
    assert_eq!(sent.header("authorization"), Some("Bearer SECRET-KEY"));
    let expected = json!({
        "model": MODEL,
        "messages": [
            { "role": "system", "content": "You are the twin of Ada.\n\nIt is Monday." },
            { "role": "user", "content": "Hello" },
            { "role": "assistant", "content": "Hi, I am Ada's twin." },
            { "role": "user", "content": QUESTION },
        ],
        "max_tokens": 512,
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    assert_eq!(sent.body, expected);
    let without_key = OpenaiModel::new(config(&server.url, Some("  "))).unwrap();
    collect(without_key.stream(request(MODEL))).await;
    assert_eq!(server.request().header("authorization"), None);
}

#[rstest]
#[case::comments_and_carriage_returns(
    ": ping\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\r\n\r\n: ping\r\n\r\ndata: [DONE]\r\n\r\n"
)]
#[case::one_event_on_several_lines(
    "event: chunk\nid: 7\ndata: {\"choices\":\ndata: [{\"delta\":{\"content\":\"all\"},\ndata: \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
)]
#[case::no_done("data: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\n\n")]
#[case::no_done_and_no_last_blank_line(
    "data:{\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}"
)]
#[case::fields_that_are_null(
    "data: {\"choices\":[{\"delta\":{\"content\":\"all\",\"tool_calls\":null,\"refusal\":null},\"finish_reason\":\"stop\"}],\"error\":null,\"usage\":null}\n\ndata: [DONE]\n\n"
)]
#[tokio::test]
async fn every_way_to_write_a_stream_is_read(#[case] stream: &'static str) {
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        // Cut where no line ends.
        let (first, second) = stream.as_bytes().split_at(stream.len() / 2);
        exchange.chunk(first);
        exchange.chunk(second);
        exchange.end();
    });
    let (events, failure) = soon(collect(model(&server).stream(request(MODEL)))).await;
    assert_eq!((events, failure), (vec![text("all"), END], None));
}

#[rstest]
#[case("length", StopReason::MaxTokens)]
#[case("content_filter", StopReason::ContentFiltered)]
#[case("something_new", StopReason::Other("something_new".to_owned()))]
#[tokio::test]
async fn the_reason_to_stop_is_told(#[case] reason: &'static str, #[case] expected: StopReason) {
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send(exchange, &finish(reason));
        // What comes after the end of the answer cannot make it less whole.
        exchange.cut();
    });
    let (events, failure) = collect(model(&server).stream(request(MODEL))).await;
    assert_eq!((events, failure), (vec![ModelEvent::Finished(expected)], None));
}

#[rstest]
#[case::a_clean_end(Exchange::end)]
#[case::a_cut_connection(Exchange::cut)]
#[case::done_without_a_reason(|exchange: &mut Exchange| { exchange.chunk(b"data: [DONE]\n\n"); exchange.end() })]
#[tokio::test]
async fn a_broken_stream_is_interrupted_and_keeps_its_words(#[case] break_off: fn(&mut Exchange)) {
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send(exchange, &delta("half"));
        break_off(exchange);
    });
    let (events, failure) = soon(collect(model(&server).stream(request(MODEL)))).await;
    assert_eq!(events, [text("half")]);
    let failure = failure.unwrap();
    assert_eq!((failure.code, failure.retryable), (Code::StreamInterrupted, true));
}

#[rstest]
#[case(r#"{"error":{"message":"The server is overloaded","type":"server_error"}}"#, Code::ProviderFailed)]
#[case(r#"{"error":{"message":"Rate limited","code":429}}"#, Code::Throttled)]
#[case(r#"{"error":{"message":"the request exceeds the available context size"}}"#, Code::ContextTooLong)]
#[case(r#"{"error":"What did my sister tell me in confidence?"}"#, Code::ProviderFailed)]
#[case("no json at all", Code::RequestRefused)]
#[tokio::test]
async fn an_error_inside_the_stream_is_told(#[case] data: &'static str, #[case] code: Code) {
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send(exchange, &delta("half"));
        exchange.chunk(format!("data: {data}\n\n").as_bytes());
        exchange.end();
    });
    let (events, failure) = collect(model(&server).stream(request(MODEL))).await;
    assert_eq!(events, [text("half")]);
    let failure = failure.unwrap();
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(!failure.message.contains("sister"), "{failure:?}");
}

#[tokio::test]
async fn tools_travel_both_ways() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        let piece = |call: Value| json!({ "choices": [{ "delta": { "tool_calls": [call] } }] });
        send(exchange, &delta("Let me look."));
        send(
            exchange,
            &piece(
                json!({ "index": 0, "id": "call-1", "type": "function", "function": { "name": "search", "arguments": "" } }),
            ),
        );
        send(exchange, &piece(json!({ "index": 1, "id": "call-2", "function": { "name": "now", "arguments": "" } })));
        send(exchange, &piece(json!({ "index": 0, "function": { "arguments": "{\"city\":" } })));
        send(exchange, &piece(json!({ "index": 0, "function": { "arguments": "\"Paris\"}" } })));
        // Some servers count every call as 0 and tell them apart by the id.
        send(
            exchange,
            &piece(
                json!({ "index": 0, "id": "call-3", "function": { "name": "search", "arguments": "{\"city\":\"Rome\"}" } }),
            ),
        );
        send(exchange, &finish("tool_calls"));
        exchange.chunk(b"data: [DONE]\n\n");
        exchange.end();
    });
    let mut asked = request(MODEL);
    asked.tools = vec![ToolSpec {
        name: "search".to_owned(),
        description: "Searches.".to_owned(),
        input_schema: json!({ "type": "object" }),
    }];
    let tool = ToolUse { id: "call-0".to_owned(), name: "search".to_owned(), input: json!({ "city": "Rome" }) };
    asked
        .turns
        .push(Turn { role: Role::Assistant, content: vec![Block::Text("Wait.".to_owned()), Block::ToolUse(tool)] });
    let result = Block::ToolResult { id: "call-0".to_owned(), content: "no network".to_owned(), is_error: true };
    asked.turns.push(Turn { role: Role::User, content: vec![result, Block::Text("And?".to_owned())] });

    let (events, failure) = collect(model(&server).stream(asked)).await;
    let call = |id: &str, name: &str, input: Value| {
        ModelEvent::ToolUse(ToolUse { id: id.to_owned(), name: name.to_owned(), input })
    };
    let expected = vec![
        text("Let me look."),
        call("call-1", "search", json!({ "city": "Paris" })),
        call("call-2", "now", json!({})),
        call("call-3", "search", json!({ "city": "Rome" })),
        ModelEvent::Finished(StopReason::ToolUse),
    ];
    assert_eq!((events, failure), (expected, None));
    let body = server.request().body;
    assert_eq!(
        body["tools"],
        json!([{ "type": "function", "function": { "name": "search", "description": "Searches.", "parameters": { "type": "object" } } }])
    );
    let expected = json!([
        { "role": "assistant", "content": "Wait.", "tool_calls": [{ "id": "call-0", "type": "function", "function": { "name": "search", "arguments": "{\"city\":\"Rome\"}" } }] },
        { "role": "tool", "tool_call_id": "call-0", "content": "Error: no network" },
        { "role": "user", "content": "And?" },
    ]);
    assert_eq!(body["messages"].as_array().unwrap()[4..], expected.as_array().unwrap()[..]);
}

#[rstest]
#[case("length", None)]
#[case("tool_calls", Some(Code::ProviderFailed))]
#[tokio::test]
async fn a_tool_call_cut_by_the_limit_is_not_made(#[case] reason: &'static str, #[case] code: Option<Code>) {
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        let call = json!({ "index": 0, "id": "a", "function": { "name": "search", "arguments": "{\"ci" } });
        send(exchange, &json!({ "choices": [{ "delta": { "tool_calls": [call] } }] }));
        send(exchange, &finish(reason));
        exchange.end();
    });
    let (events, failure) = collect(model(&server).stream(request(MODEL))).await;
    assert_eq!(failure.map(|failure| failure.code), code);
    assert!(!events.iter().any(|event| matches!(event, ModelEvent::ToolUse(_))));
}

#[tokio::test]
async fn another_spelling_that_the_server_names_is_used_and_remembered() {
    let server = Server::start(|_, exchange| {
        let body = &exchange.request.body;
        if body.get("max_tokens").is_some() {
            refuse(
                exchange,
                400,
                r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."}}"#,
            );
        } else if body.get("stream_options").is_some() {
            refuse(exchange, 400, r#"{"detail":"stream_options: extra fields not permitted"}"#);
        } else {
            answer(exchange, "hi");
        }
    });
    let model = model(&server);
    for _ in 0..2 {
        let (events, failure) = collect(model.stream(request(MODEL))).await;
        assert_eq!((events, failure), (vec![text("hi"), END], None));
    }
    for _ in 0..3 {
        server.request();
    }
    assert_eq!(server.request().body["max_completion_tokens"], 512);
    assert!(server.has_no_more_requests());
}

async fn refusal(status: u16, body: &'static str) -> Failure {
    let server = Server::start(move |_, exchange| refuse(exchange, status, body));
    fail(model(&server).stream(request(MODEL))).await
}

#[rstest]
#[case(
    401,
    r#"{"error":{"message":"Incorrect API key provided: SECRET-KEY.","code":"invalid_api_key"}}"#,
    Code::CredentialsRejected,
    "Enter the key again"
)]
#[case(403, r#"{"error":{"message":"Country not supported"}}"#, Code::AccessDenied, "what the key may do")]
#[case(404, r#"{"error":"model 'llama3.2:3b' not found, try pulling it first"}"#, Code::ModelNotFound, "ollama pull")]
#[case(
    404,
    r#"{"error":{"message":"model \"llama3.2:3b\" not found, try pulling it first","type":"api_error"}}"#,
    Code::ModelNotFound,
    "ollama pull"
)]
#[case(
    404,
    r#"{"error":{"message":"The model `x` does not exist or you do not have access to it.","code":"model_not_found"}}"#,
    Code::ModelNotFound,
    "Load the model"
)]
#[case(400, r#"{"error":{"message":"Model does not exist"}}"#, Code::ModelNotFound, "Load the model")]
#[case(404, "404 page not found", Code::RequestRefused, "/v1")]
#[case(429, r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#, Code::QuotaExceeded, "billing")]
#[case(402, r#"{"error":{"message":"Insufficient credits"}}"#, Code::QuotaExceeded, "billing")]
#[case(429, r#"{"error":{"message":"Rate limit reached","type":"requests"}}"#, Code::Throttled, "Wait a moment")]
#[case(
    400,
    r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
    Code::ContextTooLong,
    "new session"
)]
#[case(400, r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#, Code::ContextTooLong, "new session")]
#[case(400, r#"{"error":{"message":"filtered","code":"content_filter"}}"#, Code::ContentFiltered, "other words")]
#[case(
    400,
    r#"{"detail":[{"loc":["body"],"input":"What did my sister tell me in confidence?"}]}"#,
    Code::RequestRefused,
    "another model"
)]
#[case(500, r#"{"error":{"message":"boom"}}"#, Code::ProviderFailed, "Try again")]
#[case(502, "<html><body>Bad gateway</body></html>", Code::ProviderFailed, "Try again")]
#[case(
    503,
    r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
    Code::ProviderFailed,
    "Wait until"
)]
#[case(504, "", Code::TimedOut, "Try again")]
#[tokio::test]
async fn a_refusal_names_its_cause_and_the_next_step(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] code: Code,
    #[case] step: &str,
) {
    let failure = refusal(status, body).await;
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(failure.hint.contains(step), "{failure:?}");
}

#[tokio::test]
async fn a_refusal_without_a_key_asks_for_one_and_a_pause_is_named() {
    let server = Server::start(|number, exchange| match number {
        0 => refuse(exchange, 401, "{}"),
        _ => exchange.respond(429, &[("retry-after", "17")], "{}"),
    });
    let model = OpenaiModel::new(config(&server.url, None)).unwrap();
    assert_eq!(fail(model.stream(request(MODEL))).await.code, Code::CredentialsMissing);
    assert!(fail(model.stream(request(MODEL))).await.hint.contains("17 s"));
}

#[tokio::test]
async fn an_unknown_refusal_is_quoted_only_if_it_repeats_nothing() {
    let failure = refusal(400, r#"{"error":{"message":"tools are not supported by this template."}}"#).await;
    assert!(failure.message.ends_with("HTTP 400: tools are not supported by this template"), "{failure:?}");
    let failure = refusal(400, r#"{"error":{"message":"bad: What did my sister tell me"}}"#).await;
    assert!(failure.message.ends_with("HTTP 400"), "{failure:?}");
    let failure = refusal(422, r#"{"error":{"message":"who is SECRET-KEY"}}"#).await;
    assert!(failure.message.ends_with("HTTP 422"), "{failure:?}");
}

#[rstest]
#[case(
    "application/json",
    r#"{"error":"Unexpected endpoint or method. (POST /v1/chat/completions)"}"#,
    Code::ProviderFailed
)]
#[case("application/json", r#"{"choices":[]}"#, Code::RequestRefused)]
#[case("text/html; charset=utf-8", "<!doctype html><title>A web interface</title>", Code::RequestRefused)]
#[tokio::test]
async fn a_good_status_without_a_stream_is_no_answer(
    #[case] kind: &'static str,
    #[case] body: &'static str,
    #[case] code: Code,
) {
    let server = Server::start(move |_, exchange| exchange.respond(200, &[("content-type", kind)], body));
    let failure = fail(model(&server).stream(request(MODEL))).await;
    assert_eq!(failure.code, code, "{failure:?}");
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
    assert_eq!(soon(model.models()).await.unwrap_err().code, Code::TimedOut);
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
    assert_eq!(model.models().await.unwrap_err(), failure);
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

#[tokio::test]
async fn the_models_are_listed() {
    let server = Server::start(|number, exchange| match number {
        0 => refuse(exchange, 200, r#"{"object":"list","data":[{"id":"b"},{"id":"a","owned_by":"x"},{"no_id":1}]}"#),
        1 => refuse(exchange, 200, r#"{"hello":"world"}"#),
        _ => refuse(exchange, 401, "{}"),
    });
    let model = model(&server);
    assert_eq!(model.models().await.unwrap(), ["a", "b"]);
    let sent = server.request();
    assert_eq!((sent.target.as_str(), sent.header("authorization")), ("GET /v1/models", Some("Bearer SECRET-KEY")));
    assert_eq!(model.models().await.unwrap_err().code, Code::RequestRefused);
    assert_eq!(model.models().await.unwrap_err().code, Code::CredentialsRejected);
}
