//! What Bedrock streams, whole and broken.

use crate::bedrock::{CLAUDE, USAGE, config, finished, model};
use crate::bedrock_server::{
    begin, block_stop, delta, event, exception, frame, stop, text as send_text, tool_start, usage,
};
use crate::server::{Exchange, Server};
use crate::{collect, fail, request, soon, text, within};
use futures_util::{StreamExt as _, poll};
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use twin_connect::bedrock::BedrockModel;
use twin_core::error::Code;
use twin_core::model::{Effort, Lessons, ModelEvent, ModelRequest, Reasoning, StopReason, ToolUse};
use twin_core::port::ChatModel as _;

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

fn call(id: &str, name: &str, input: Value) -> ModelEvent {
    ModelEvent::ToolUse(ToolUse { id: id.to_owned(), name: name.to_owned(), input })
}

#[tokio::test]
async fn tool_calls_arrive_assembled_however_their_pieces_interleave() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        send_text(exchange, "Let me look.");
        block_stop(exchange, 0);
        tool_start(exchange, 1, "call-1", "search");
        delta(exchange, 1, &json!({ "toolUse": { "input": "" } }));
        delta(exchange, 1, &json!({ "toolUse": { "input": "{\"ci" } }));
        // Blocks may interleave, and what this version does not know may stand anywhere.
        tool_start(exchange, 2, "call-2", "now");
        event(exchange, "somethingNew", &json!({ "a": 1 }));
        delta(exchange, 3, &json!({ "somethingNew": {} }));
        delta(exchange, 1, &json!({ "toolUse": { "input": "ty\":\"Paris\"}" } }));
        block_stop(exchange, 2);
        block_stop(exchange, 1);
        event(exchange, "messageStop", &json!({ "stopReason": "tool_use" }));
        usage(exchange);
        exchange.end();
    });
    let (events, failure) = collect(model(&server).stream(request(CLAUDE))).await;
    let expected = [
        text("Let me look."),
        call("call-2", "now", json!({})),
        call("call-1", "search", json!({ "city": "Paris" })),
        USAGE,
        finished(StopReason::ToolUse),
    ];
    assert_eq!((events, failure), (expected.into(), None));
}

fn thinks() -> ModelEvent {
    ModelEvent::Learned(Lessons { reasons: true, ..Lessons::default() })
}

fn thought(text: &str, signature: Option<&str>, redacted: Option<&str>) -> ModelEvent {
    let owned = |seal: Option<&str>| seal.map(str::to_owned);
    ModelEvent::Reasoning(Reasoning { text: text.to_owned(), signature: owned(signature), redacted: owned(redacted) })
}

#[tokio::test]
async fn thoughts_are_shown_as_they_come_and_kept_with_their_seal() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        let think = |exchange: &mut Exchange, index, member: Value| {
            delta(exchange, index, &json!({ "reasoningContent": member }));
        };
        think(exchange, 0, json!({ "text": "She asks " }));
        think(exchange, 0, json!({ "text": "about May." }));
        think(exchange, 0, json!({ "signature": "c2Vh" }));
        think(exchange, 0, json!({ "signature": "bA==" }));
        block_stop(exchange, 0);
        // Newer models give the seal alone, or thoughts that only they can read.
        think(exchange, 1, json!({ "signature": "YWxvbmU=" }));
        block_stop(exchange, 1);
        think(exchange, 2, json!({ "redactedContent": "AAEC" }));
        block_stop(exchange, 2);
        delta(exchange, 3, &json!({ "text": "In May." }));
        block_stop(exchange, 3);
        event(exchange, "messageStop", &json!({ "stopReason": "end_turn" }));
        usage(exchange);
        exchange.end();
    });
    let (events, failure) = collect(model(&server).stream(request(CLAUDE))).await;
    let expected = [
        thinks(),
        ModelEvent::ReasoningText("She asks ".to_owned()),
        ModelEvent::ReasoningText("about May.".to_owned()),
        thought("She asks about May.", Some("c2VhbA=="), None),
        thought("", Some("YWxvbmU="), None),
        thought("", None, Some("AAEC")),
        text("In May."),
        USAGE,
        finished(StopReason::EndTurn),
    ];
    assert_eq!((events, failure), (expected.into(), None));
}

#[tokio::test]
async fn a_start_event_that_says_nothing_breaks_the_answer_off_and_keeps_its_words() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        send_text(exchange, "half");
        event(exchange, "contentBlockStart", &json!({ "contentBlockIndex": 1, "start": {} }));
        stop(exchange, "end_turn");
        exchange.end();
    });
    let (events, failure) = collect(model(&server).stream(request(CLAUDE))).await;
    assert_eq!((events, failure.unwrap().code), (vec![text("half")], Code::StreamInterrupted));
}

fn half_a_tool_call(exchange: &mut Exchange, reason: &str) {
    begin(exchange);
    tool_start(exchange, 0, "a", "search");
    delta(exchange, 0, &json!({ "toolUse": { "input": "{\"city\":\"Pa" } }));
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
#[case("malformed_tool_use", StopReason::Other("malformed_tool_use".to_owned()))]
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

fn no_event(exchange: &mut Exchange) {
    exchange.chunk(&frame("error", ":error-code", "500", &json!({})));
    exchange.end();
}

#[rstest]
#[case::a_clean_end_without_message_stop(Exchange::end)]
#[case::a_cut_connection(Exchange::cut)]
#[case::a_damaged_frame(damaged)]
#[case::an_error_that_is_no_event(no_event)]
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

#[rstest]
#[case::one_that_answers_at_once(Effort::Unset, "120 s")]
#[case::one_that_thinks_first(Effort::Low, "300 s")]
#[tokio::test]
async fn a_silent_stream_is_given_up(#[case] effort: Effort, #[case] patience: &str) {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        send_text(exchange, "half");
        exchange.wait_for_close();
    });
    let mut stream = model(&server).stream(ModelRequest { effort, ..request(CLAUDE) });
    assert_eq!(soon(stream.next()).await, Some(Ok(text("half"))));
    tokio::time::pause();
    let failure = within(Duration::from_hours(1), fail(stream)).await;
    assert_eq!((failure.code, failure.retryable), (Code::TimedOut, true));
    assert!(failure.message.contains(patience), "{}", failure.message);
}

#[tokio::test]
async fn a_slow_model_is_waited_for() {
    let (go, wait) = channel();
    let server = Server::start(move |_, exchange| {
        begin(exchange);
        send_text(exchange, "one ");
        wait.recv().unwrap();
        send_text(exchange, "two");
        stop(exchange, "end_turn");
        exchange.end();
    });
    let mut stream = model(&server).stream(request(CLAUDE));
    assert_eq!(soon(stream.next()).await, Some(Ok(text("one "))));
    tokio::time::pause();
    let mut next = stream.next();
    assert!(poll!(&mut next).is_pending());
    tokio::time::advance(Duration::from_secs(119)).await;
    assert!(poll!(&mut next).is_pending());
    tokio::time::resume();
    go.send(()).unwrap();
    assert_eq!(soon(next).await, Some(Ok(text("two"))));
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
#[case("modelStreamErrorException", "", Code::ProviderFailed, true)]
#[case("serviceUnavailableException", "Bedrock is unable to process your request.", Code::ProviderFailed, true)]
#[case("internalServerException", "The system encountered an unexpected error.", Code::ProviderFailed, true)]
#[case("validationException", "Input is too long for requested model.", Code::ContextTooLong, false)]
#[case("validationException", "Could not do this.", Code::RequestRefused, false)]
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
