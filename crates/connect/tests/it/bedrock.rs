//! Bedrock's stream, whole and broken, and what is sent to get it.

use crate::bedrock_server::{answer, begin, event, exception, frame, refuse, stop, text as send_text, usage};
use crate::server::{Exchange, Server, without_tls};
use crate::{QUESTION, collect, fail, request, soon, text, within};
use futures_util::StreamExt as _;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_core::chat::Role;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, ModelEvent, StopReason, ToolSpec, ToolUse, Turn, Usage};
use twin_core::port::ChatModel as _;
use twin_core::secret::Secret;

const CLAUDE: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const USAGE: ModelEvent = ModelEvent::Usage(Usage { input: 10, output: 20, cache_read: 30, cache_write: 5 });

fn config(url: &str) -> BedrockConfig {
    BedrockConfig {
        region: Some("eu-west-1".to_owned()),
        credentials: BedrockAuth::Keys {
            access_key_id: Secret::new("AKIAEXAMPLE".to_owned()),
            secret_access_key: Secret::new("SECRET-KEY".to_owned()),
            session_token: None,
        },
        endpoint_url: Some(url.to_owned()),
    }
}

fn model(server: &Server) -> BedrockModel {
    BedrockModel::new(config(&server.url))
}

fn finished(reason: StopReason) -> ModelEvent {
    ModelEvent::Finished(reason)
}

#[tokio::test]
async fn words_arrive_as_they_are_sent() {
    let (go, wait) = channel();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send_text(exchange, "one ");
        wait.recv().unwrap();
        send_text(exchange, "two");
        stop(exchange, "end_turn");
        usage(exchange);
        exchange.end();
    });
    let mut stream = model(&server).stream(request(CLAUDE));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("one "))));
    // The server sends the rest only now: had the first word been held back, the line above would wait for ever.
    go.send(()).unwrap();
    let (events, failure) = soon(collect(stream)).await;
    assert_eq!((events, failure), (vec![text("two"), USAGE, finished(StopReason::EndTurn)], None));
}

#[tokio::test]
async fn the_request_carries_the_system_prompt_proper_the_roles_and_the_cache_point() {
    let server = Server::start(|_, exchange| answer(exchange, "hi"));
    let (_, failure) = collect(model(&server).stream(request(CLAUDE))).await;
    assert_eq!(failure, None);
    let sent = server.request();
    assert_eq!(sent.target, "POST /model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream");
    assert!(sent.header("authorization").unwrap().contains("Credential=AKIAEXAMPLE/"));
    let expected = json!({
        "system": [
            { "text": "You are the twin of Ada." },
            { "cachePoint": { "type": "default" } },
            { "text": "It is Monday." },
        ],
        "messages": [
            { "role": "user", "content": [{ "text": "Hello" }] },
            { "role": "assistant", "content": [{ "text": "Hi, I am Ada's twin." }] },
            { "role": "user", "content": [{ "text": QUESTION }] },
        ],
        "inferenceConfig": { "maxTokens": 512 },
    });
    assert_eq!(sent.body, expected);
}

#[rstest]
#[case("eu.amazon.nova-lite-v1:0", true)]
#[case("meta.llama3-1-70b-instruct-v1:0", false)]
#[case("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc", false)]
#[tokio::test]
async fn only_families_that_take_cache_points_get_them(#[case] model_id: &str, #[case] expected: bool) {
    let server = Server::start(|_, exchange| answer(exchange, "hi"));
    collect(model(&server).stream(request(model_id))).await;
    assert_eq!(server.request().body["system"].to_string().contains("cachePoint"), expected);
}

#[tokio::test]
async fn blank_messages_are_left_out_and_neighbours_joined() {
    let server = Server::start(|_, exchange| answer(exchange, "hi"));
    let mut asked = request(CLAUDE);
    asked.turns[1].content = vec![Block::Text(" \n".to_owned())];
    collect(model(&server).stream(asked)).await;
    let expected = json!([{ "role": "user", "content": [{ "text": "Hello" }, { "text": QUESTION }] }]);
    assert_eq!(server.request().body["messages"], expected);
}

#[tokio::test]
async fn tools_travel_both_ways() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        send_text(exchange, "Let me look.");
        let start = |index: i32, id: &str, name: &str| json!({ "contentBlockIndex": index, "start": { "toolUse": { "toolUseId": id, "name": name } } });
        let piece =
            |index: i32, input: &str| json!({ "contentBlockIndex": index, "delta": { "toolUse": { "input": input } } });
        event(exchange, "contentBlockStart", &start(1, "call-1", "search"));
        event(exchange, "contentBlockDelta", &piece(1, ""));
        event(exchange, "contentBlockDelta", &piece(1, "{\"ci"));
        // Blocks may interleave, and what this version does not know may stand anywhere.
        event(exchange, "contentBlockStart", &start(2, "call-2", "now"));
        event(exchange, "somethingNew", &json!({ "a": 1 }));
        event(exchange, "contentBlockDelta", &json!({ "contentBlockIndex": 3, "delta": { "somethingNew": {} } }));
        event(
            exchange,
            "contentBlockDelta",
            &json!({ "contentBlockIndex": 4, "delta": { "reasoningContent": { "text": "hm" } } }),
        );
        event(exchange, "contentBlockDelta", &piece(1, "ty\":\"Paris\"}"));
        event(exchange, "contentBlockStop", &json!({ "contentBlockIndex": 2 }));
        event(exchange, "contentBlockStop", &json!({ "contentBlockIndex": 1 }));
        stop(exchange, "tool_use");
        usage(exchange);
        exchange.end();
    });
    let tool = ToolUse {
        id: "call-0".to_owned(),
        name: "search".to_owned(),
        input: json!({ "city": "Rome", "days": 3, "past": -1, "share": 0.5 }),
    };
    let mut asked = request(CLAUDE);
    asked.tools = vec![ToolSpec {
        name: "search".to_owned(),
        description: "Searches.".to_owned(),
        input_schema: json!({ "type": "object" }),
    }];
    asked.turns.push(Turn { role: Role::Assistant, content: vec![Block::ToolUse(tool)] });
    let result = Block::ToolResult { id: "call-0".to_owned(), content: "no network".to_owned(), is_error: true };
    asked.turns.push(Turn { role: Role::User, content: vec![result] });

    let (events, failure) = collect(model(&server).stream(asked)).await;
    let call = |id: &str, name: &str, input: Value| {
        ModelEvent::ToolUse(ToolUse { id: id.to_owned(), name: name.to_owned(), input })
    };
    let expected = [
        text("Let me look."),
        call("call-2", "now", json!({})),
        call("call-1", "search", json!({ "city": "Paris" })),
        USAGE,
        finished(StopReason::ToolUse),
    ];
    assert_eq!((events, failure), (expected.into(), None));
    let body = server.request().body;
    assert_eq!(
        body["toolConfig"]["tools"],
        json!([{ "toolSpec": { "name": "search", "description": "Searches.", "inputSchema": { "json": { "type": "object" } } } }])
    );
    assert_eq!(
        body["messages"][3]["content"],
        json!([{ "toolUse": { "toolUseId": "call-0", "name": "search", "input": { "city": "Rome", "days": 3, "past": -1, "share": 0.5 } } }])
    );
    assert_eq!(
        body["messages"][4]["content"],
        json!([{ "toolResult": { "toolUseId": "call-0", "content": [{ "text": "no network" }], "status": "error" } }])
    );
}

fn half_a_tool_call(exchange: &mut Exchange, reason: &str) {
    begin(exchange);
    event(
        exchange,
        "contentBlockStart",
        &json!({ "contentBlockIndex": 0, "start": { "toolUse": { "toolUseId": "a", "name": "search" } } }),
    );
    event(
        exchange,
        "contentBlockDelta",
        &json!({ "contentBlockIndex": 0, "delta": { "toolUse": { "input": "{\"city\":\"Pa" } } }),
    );
    stop(exchange, reason);
    usage(exchange);
    exchange.end();
}

#[tokio::test]
async fn a_tool_call_cut_by_the_limit_is_not_made() {
    let server = Server::start(|_, exchange| half_a_tool_call(exchange, "max_tokens"));
    let (events, failure) = collect(model(&server).stream(request(CLAUDE))).await;
    assert_eq!((events, failure), (vec![USAGE, finished(StopReason::MaxTokens)], None));
    let server = Server::start(|_, exchange| half_a_tool_call(exchange, "tool_use"));
    assert_eq!(fail(model(&server).stream(request(CLAUDE))).await.code, Code::ProviderFailed);
}

#[rstest]
#[case("end_turn", StopReason::EndTurn)]
#[case("stop_sequence", StopReason::StopSequence)]
#[case("guardrail_intervened", StopReason::ContentFiltered)]
#[case("content_filtered", StopReason::ContentFiltered)]
#[case("model_context_window_exceeded", StopReason::Other("model_context_window_exceeded".to_owned()))]
#[case("something_new", StopReason::Other("something_new".to_owned()))]
#[tokio::test]
async fn a_stream_that_stopped_is_whole_even_without_usage(#[case] reason: &'static str, #[case] expected: StopReason) {
    let server = Server::start(move |number, exchange| {
        begin(exchange);
        send_text(exchange, "all");
        stop(exchange, reason);
        if number == 0 { exchange.end() } else { exchange.cut() }
    });
    let model = model(&server);
    for _ in 0..2 {
        let (events, failure) = collect(model.stream(request(CLAUDE))).await;
        assert_eq!((events, failure), (vec![text("all"), finished(expected.clone())], None));
    }
}

fn damaged(exchange: &mut Exchange) {
    let delta = json!({ "contentBlockIndex": 0, "delta": { "text": "x" } });
    let mut bytes = frame("event", ":event-type", "contentBlockDelta", &delta);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    exchange.chunk(&bytes);
    exchange.end();
}

#[rstest]
#[case::a_clean_end_without_message_stop(Exchange::end)]
#[case::a_cut_connection(Exchange::cut)]
#[case::a_damaged_frame(damaged)]
#[tokio::test]
async fn a_broken_stream_is_interrupted_and_keeps_its_words(#[case] break_off: fn(&mut Exchange)) {
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send_text(exchange, "half");
        break_off(exchange);
    });
    let (events, failure) = soon(collect(model(&server).stream(request(CLAUDE)))).await;
    assert_eq!(events, [text("half")]);
    let failure = failure.unwrap();
    assert_eq!((failure.code, failure.retryable), (Code::StreamInterrupted, true));
    assert!(failure.message.contains("request-1"), "{}", failure.message);
}

#[tokio::test]
async fn a_silent_stream_is_given_up() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        send_text(exchange, "half");
        exchange.wait_for_close();
    });
    let mut stream = model(&server).stream(request(CLAUDE));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("half"))));
    tokio::time::pause();
    let failure = within(Duration::from_hours(1), fail(stream)).await;
    assert_eq!((failure.code, failure.retryable), (Code::TimedOut, true));
    assert!(failure.message.contains("120 s"), "{}", failure.message);
}

#[tokio::test]
async fn an_answer_that_stopped_does_not_wait_long_for_its_usage() {
    let (sent, mut was_sent) = unbounded_channel();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send_text(exchange, "all");
        stop(exchange, "end_turn");
        sent.send(()).unwrap();
        exchange.wait_for_close();
    });
    let mut stream = model(&server).stream(request(CLAUDE));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("all"))));
    soon(was_sent.recv()).await.unwrap();
    tokio::time::pause();
    let (events, failure) = within(Duration::from_mins(1), collect(stream)).await;
    assert_eq!((events, failure), (vec![finished(StopReason::EndTurn)], None));
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start(|_, exchange| exchange.wait_for_close());
    let model = BedrockModel::with_idle_limit(config(&server.url), Duration::from_millis(50));
    assert_eq!(soon(fail(model.stream(request(CLAUDE)))).await.code, Code::TimedOut);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let (closed, mut was_closed) = unbounded_channel();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send_text(exchange, "half");
        exchange.wait_for_close();
        closed.send(()).unwrap();
    });
    let mut stream = model(&server).stream(request(CLAUDE));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("half"))));
    drop(stream);
    soon(was_closed.recv()).await.unwrap();
}

#[rstest]
#[case("throttlingException", "Too many tokens, please wait before trying again.", Code::Throttled, true)]
#[case("throttlingException", "Too many tokens per day, please wait before trying again.", Code::QuotaExceeded, false)]
#[case("modelStreamErrorException", "The model broke.", Code::ProviderFailed, true)]
#[case("serviceUnavailableException", "Bedrock is unable to process your request.", Code::ProviderFailed, true)]
#[case("internalServerException", "The system encountered an unexpected error.", Code::ProviderFailed, true)]
#[case("validationException", "Input is too long for requested model.", Code::ContextTooLong, false)]
#[case("somethingNewException", "What did my sister tell me in confidence?", Code::ProviderFailed, true)]
#[tokio::test]
async fn an_exception_inside_the_stream_is_told(
    #[case] kind: &'static str,
    #[case] message: &'static str,
    #[case] code: Code,
    #[case] retryable: bool,
) {
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send_text(exchange, "half");
        exception(exchange, kind, &json!({ "message": message, "originalStatusCode": 424 }));
        exchange.end();
    });
    let (events, failure) = collect(model(&server).stream(request(CLAUDE))).await;
    assert_eq!(events, [text("half")]);
    let failure = failure.unwrap();
    assert_eq!((failure.code, failure.retryable), (code, retryable), "{failure:?}");
    assert!(failure.message.contains("(request request-1)"), "{}", failure.message);
    assert!(!failure.message.contains("sister"));
}

async fn refusal(status: u16, kind: &'static str, message: &'static str) -> Failure {
    let server = Server::start(move |_, exchange| refuse(exchange, status, kind, message));
    fail(model(&server).stream(request(CLAUDE))).await
}

#[rstest]
#[case(
    403,
    "AccessDeniedException",
    "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-west-1::foundation-model/x because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action",
    Code::AccessDenied,
    "bedrock:InvokeModelWithResponseStream"
)]
#[case(
    403,
    "AccessDeniedException",
    "You don't have access to the model with the specified model ID.",
    Code::AccessDenied,
    "Bedrock console"
)]
#[case(
    403,
    "AccessDeniedException",
    "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe)",
    Code::AccessDenied,
    "aws-marketplace:Subscribe"
)]
#[case(
    403,
    "AccessDeniedException",
    "… with an explicit deny in a service control policy",
    Code::AccessDenied,
    "administrator"
)]
#[case(
    403,
    "ExpiredTokenException",
    "The security token included in the request is expired",
    Code::CredentialsRejected,
    "no restart"
)]
#[case(
    403,
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
    Code::CredentialsRejected,
    "access key"
)]
#[case(
    403,
    "InvalidSignatureException",
    "Signature expired: 20260101T000000Z is now earlier than …",
    Code::CredentialsRejected,
    "clock"
)]
#[case(
    404,
    "ResourceNotFoundException",
    "Model use case details have not been submitted for this account.",
    Code::AccessDenied,
    "Fill it in"
)]
#[case(
    404,
    "ResourceNotFoundException",
    "This model version has reached the end of its life.",
    Code::ModelNotFound,
    "newer"
)]
#[case(
    404,
    "ResourceNotFoundException",
    "Could not resolve the foundation model from the provided model identifier.",
    Code::ModelNotFound,
    "region"
)]
#[case(404, "UnknownOperationException", "", Code::RequestRefused, "endpoint")]
#[case(
    400,
    "ValidationException",
    "Invocation of model ID x with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    Code::ModelNotFound,
    "inference profile"
)]
#[case(400, "ValidationException", "The provided model identifier is invalid.", Code::ModelNotFound, "region")]
#[case(
    400,
    "ValidationException",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
    Code::ContextTooLong,
    "new session"
)]
#[case(
    400,
    "ValidationException",
    "The maximum tokens you requested exceeds the model limit of 4096.",
    Code::RequestRefused,
    "Lower"
)]
#[case(
    400,
    "ServiceQuotaExceededException",
    "Your account has reached its quota.",
    Code::QuotaExceeded,
    "Service Quotas"
)]
#[case(424, "ModelErrorException", "The model failed.", Code::ProviderFailed, "Try again")]
#[case(408, "ModelTimeoutException", "Model has timed out.", Code::TimedOut, "new session")]
#[case(
    429,
    "ThrottlingException",
    "Too many requests, please wait before trying again.",
    Code::Throttled,
    "Wait a minute"
)]
#[case(
    429,
    "ThrottlingException",
    "Too many tokens per day, please wait before trying again.",
    Code::QuotaExceeded,
    "another model"
)]
#[case(429, "ModelNotReadyException", "Model is not ready for inference.", Code::ProviderFailed, "Wait a minute")]
#[case(500, "InternalServerException", "An internal server error occurred.", Code::ProviderFailed, "in a moment")]
#[case(503, "ServiceUnavailableException", "Too many connections.", Code::ProviderFailed, "in a moment")]
#[tokio::test]
async fn a_refusal_names_its_cause_and_the_next_step(
    #[case] status: u16,
    #[case] kind: &'static str,
    #[case] message: &'static str,
    #[case] code: Code,
    #[case] step: &str,
) {
    let failure = refusal(status, kind, message).await;
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(failure.hint.contains(step), "{failure:?}");
    assert!(failure.message.contains("request-1"), "{failure:?}");
}

#[tokio::test]
async fn an_unknown_refusal_is_quoted_only_if_it_repeats_nothing() {
    let failure = refusal(400, "ValidationException", "`temperature` is deprecated for this model.").await;
    assert_eq!(failure.code, Code::RequestRefused);
    assert!(
        failure.message.contains("ValidationException: `temperature` is deprecated for this model (request"),
        "{failure:?}"
    );
    let failure = refusal(400, "ValidationException", "Malformed: \"What did my sister tell me\"").await;
    assert!(failure.message.contains("ValidationException (request"), "{failure:?}");
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_is_a_wrong_address() {
    let server = Server::start(|_, exchange| {
        exchange.respond(404, &[("content-type", "text/html")], "<html>nothing here</html>");
    });
    let failure = fail(model(&server).stream(request(CLAUDE))).await;
    assert_eq!(failure.code, Code::RequestRefused);
    assert!(failure.hint.contains("endpoint"), "{failure:?}");
}

#[tokio::test]
async fn throttling_that_passes_is_not_seen() {
    let server = Server::start(|number, exchange| match number {
        0 | 1 => refuse(exchange, 429, "ThrottlingException", "Too many requests"),
        _ => answer(exchange, "hi"),
    });
    let (events, failure) = soon(collect(model(&server).stream(request(CLAUDE)))).await;
    assert_eq!((events, failure), (vec![text("hi"), USAGE, finished(StopReason::EndTurn)], None));
}

#[tokio::test]
async fn nobody_at_the_address_is_told_with_the_address() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = fail(BedrockModel::new(config(&format!("http://{address}"))).stream(request(CLAUDE))).await;
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, true));
    assert!(failure.message.contains(&address.to_string()), "{failure:?}");
}

#[tokio::test]
async fn a_server_without_tls_behind_https_is_told() {
    let url = without_tls("HTTP/1.1 400 Bad Request\r\n\r\n");
    let failure = soon(fail(BedrockModel::new(config(&url)).stream(request(CLAUDE)))).await;
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, false), "{failure:?}");
    assert!(failure.hint.contains("https"), "{failure:?}");
}

#[rstest]
#[tokio::test]
async fn an_endpoint_that_is_no_address_is_refused(#[values("nonsense", "ftp://x", "", "http://")] url: &str
) {
    let failure = fail(BedrockModel::new(config(url)).stream(request(CLAUDE))).await;
    assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false), "{failure:?}");
}

#[rstest]
#[tokio::test]
async fn a_region_that_is_none_is_refused(#[values("", "eu west 1", "eu-west-1.evil.example/")] region: &str) {
    let config = BedrockConfig { region: Some(region.to_owned()), ..config("http://127.0.0.1:1") };
    let failure = fail(BedrockModel::new(config).stream(request(CLAUDE))).await;
    assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false), "{failure:?}");
}

#[tokio::test]
async fn a_model_prints_no_secret() {
    let server = Server::start(|_, exchange| answer(exchange, "hi"));
    let model = model(&server);
    collect(model.stream(request(CLAUDE))).await;
    assert!(!format!("{model:?}").contains("SECRET"));
}
