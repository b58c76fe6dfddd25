//! What servers send when they answer, in every spelling that they were seen to use, and what is made of it.

use super::{END, MODEL, begin, delta, finish, model, part, read, refuse, send, stream};
use crate::server::{Exchange, Server};
use crate::{collect, request, soon, text};
use futures_util::StreamExt as _;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use twin_core::chat::Role;
use twin_core::error::Code;
use twin_core::model::{Block, ModelEvent, Reasoning, StopReason, ToolSpec, ToolUse, Turn, Usage};
use twin_core::port::ChatModel as _;

fn thought(words: &str) -> ModelEvent {
    ModelEvent::ReasoningText(words.to_owned())
}

fn thoughts(text: &str, seal: Option<&str>) -> ModelEvent {
    ModelEvent::Reasoning(Reasoning { text: text.to_owned(), signature: seal.map(str::to_owned), redacted: None })
}

fn call(id: &str, name: &str, input: Value) -> ModelEvent {
    ModelEvent::ToolUse(ToolUse { id: id.to_owned(), name: name.to_owned(), input })
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

#[rstest]
#[case::comments_and_carriage_returns(
    ": ping\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\r\n\r\n: ping\r\n\r\ndata: [DONE]\r\n\r\n"
)]
#[case::one_event_on_several_lines(
    "event: chunk\nid: 7\ndata: {\"choices\":\ndata: [{\"delta\":{\"content\":\"all\"},\ndata: \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
)]
#[case::openrouter_that_says_it_is_working(
    ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
)]
#[case::a_byte_order_mark_and_empty_events(
    "\u{feff}data: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\n\ndata:\n\ndata: [DONE]\n\n"
)]
#[case::a_second_done(
    "data: {\"choices\":[{\"delta\":{\"content\":\"all\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\ndata: [DONE]\n\n"
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
#[case::gemini("MAX_TOKENS", StopReason::MaxTokens)]
#[case::together("eos", StopReason::EndTurn)]
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
#[case::openrouter(
    r#"{"id":"cmpl-abc123","object":"chat.completion.chunk","provider":"openai","error":{"code":"server_error","message":"Provider disconnected unexpectedly"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
    Code::ProviderFailed
)]
#[case::openrouter_out_of_credit(r#"{"error":{"code":402,"message":"Insufficient credits"}}"#, Code::QuotaExceeded)]
#[case::openrouter_without_a_word(
    r#"{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
    Code::ProviderFailed
)]
#[case::ollama(r#"{"error":"an error was encountered while running the model"}"#, Code::ProviderFailed)]
#[case::vllm(
    r#"{"object":"error","message":"boom","type":"InternalServerError","param":null,"code":500}"#,
    Code::ProviderFailed
)]
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

#[rstest]
#[case::llama_cpp_of_old("error: {\"code\":500,\"message\":\"boom\",\"type\":\"server_error\"}\n\n")]
#[case::ollama_that_forgets_the_frame("{\"error\":\"boom\"}\n")]
#[case::lm_studio("event: error\ndata: {\"error\":{\"message\":\"boom\"}}\n\n")]
#[tokio::test]
async fn an_error_that_is_no_proper_event_is_told_all_the_same(#[case] error: &str) {
    let (events, failure) = read(format!("data: {}\n\n{error}", delta("half"))).await;
    assert_eq!(events, [text("half")]);
    let failure = failure.unwrap();
    assert_eq!(failure.code, Code::ProviderFailed);
    assert!(failure.message.contains("boom"), "{failure:?}");
}

#[rstest]
#[case::deepseek_and_llama_cpp(&[json!({ "role": "assistant", "content": null, "reasoning_content": "Let me " }), json!({ "reasoning_content": "think." }), json!({ "content": "Hi" })], Some("reasoning_content"))]
#[case::ollama_and_vllm(&[json!({ "reasoning": "Let me ", "content": "" }), json!({ "reasoning": "think.", "content": "" }), json!({ "content": "Hi" })], Some("reasoning"))]
#[case::openrouter(
    &[
        json!({ "reasoning": "Let me ", "reasoning_details": [{ "type": "reasoning.text", "text": "Let me ", "index": 0, "format": "anthropic-claude-v1" }] }),
        json!({ "reasoning": "think.", "reasoning_details": [{ "type": "reasoning.text", "text": "think.", "index": 0 }] }),
        json!({ "reasoning_details": [{ "type": "reasoning.text", "signature": "SEAL", "index": 0 }] }),
        json!({ "content": "Hi" }),
    ],
    Some(r#"[{"format":"anthropic-claude-v1","index":0,"signature":"SEAL","text":"Let me think.","type":"reasoning.text"}]"#)
)]
#[case::openrouter_with_details_alone(
    &[json!({ "reasoning_details": [{ "type": "reasoning.summary", "summary": "Let me think." }] }), json!({ "content": "Hi" })],
    Some(r#"[{"summary":"Let me think.","type":"reasoning.summary"}]"#)
)]
#[case::ollama_and_llama_cpp_without_the_template(
    &[json!({ "content": "<th" }), json!({ "content": "ink>\nLet me " }), json!({ "content": "think.</thi" }), json!({ "content": "nk>\n\nHi" })],
    None
)]
#[case::magistral(
    &[
        json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "Let me " }] }] }),
        json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "think." }] }] }),
        json!({ "content": "Hi" }),
    ],
    None
)]
#[tokio::test]
async fn thoughts_are_shown_apart_from_the_answer(#[case] deltas: &[Value], #[case] seal: Option<&str>) {
    let chunks: Vec<_> = deltas.iter().cloned().map(part).chain([finish("stop")]).collect();
    let (events, failure) = read(stream(&chunks)).await;
    assert_eq!(failure, None);
    let pieces: String = events
        .iter()
        .filter_map(|event| match event {
            ModelEvent::ReasoningText(words) => Some(words.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(pieces, "Let me think.");
    let rest: Vec<_> = events.into_iter().filter(|event| !matches!(event, ModelEvent::ReasoningText(_))).collect();
    assert_eq!(rest, [thoughts("Let me think.", seal), text("Hi"), END]);
}

#[tokio::test]
async fn thoughts_that_nothing_follows_end_with_the_answer() {
    let chunks = [part(json!({ "content": "<think>Hm" })), part(json!({ "content": "</thi" })), finish("length")];
    let (events, failure) = read(stream(&chunks)).await;
    assert_eq!(failure, None);
    assert_eq!(events, [thought("Hm"), thoughts("Hm", None), ModelEvent::Finished(StopReason::MaxTokens)]);
}

#[tokio::test]
async fn a_model_that_does_not_think_shows_no_thoughts() {
    let chunks = [part(json!({ "content": "<think>\n\n</think>\n\nHi" })), finish("stop")];
    assert_eq!(read(stream(&chunks)).await, (vec![text("Hi"), END], None));
}

#[rstest]
#[case::openai(json!({ "prompt_tokens": 40, "completion_tokens": 20, "total_tokens": 60, "prompt_tokens_details": { "cached_tokens": 30 }, "completion_tokens_details": { "reasoning_tokens": 15 } }), (10, 20, 30, 0))]
#[case::openrouter(json!({ "prompt_tokens": 40, "completion_tokens": 20, "prompt_tokens_details": { "cached_tokens": 25, "cache_write_tokens": 5 } }), (10, 20, 25, 5))]
#[case::deepseek(json!({ "prompt_tokens": 40, "completion_tokens": 20, "prompt_cache_hit_tokens": 30, "prompt_cache_miss_tokens": 10 }), (10, 20, 30, 0))]
#[case::xai_which_leaves_out_the_thoughts(json!({ "prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 60, "completion_tokens_details": { "reasoning_tokens": 15 } }), (40, 20, 0, 0))]
#[case::ollama(json!({ "prompt_tokens": 40, "completion_tokens": 20, "total_tokens": 60 }), (40, 20, 0, 0))]
#[tokio::test]
async fn what_the_answer_used_is_counted(#[case] usage: Value, #[case] expected: (u32, u32, u32, u32)) {
    let (events, _) = read(stream(&[finish("stop"), json!({ "choices": [], "usage": usage })])).await;
    let (input, output, cache_read, cache_write) = expected;
    assert_eq!(events[0], ModelEvent::Usage(Usage { input, output, cache_read, cache_write }));
}

#[rstest]
#[case::groq(json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }], "x_groq": { "usage": { "prompt_tokens": 4, "completion_tokens": 2 } } }))]
#[case::moonshot(json!({ "choices": [{ "delta": {}, "finish_reason": "stop", "usage": { "prompt_tokens": 4, "completion_tokens": 2 } }] }))]
#[tokio::test]
async fn what_the_answer_used_is_found_where_the_server_puts_it(#[case] last: Value) {
    let (events, _) = read(stream(&[last])).await;
    assert_eq!(events[0], ModelEvent::Usage(Usage { input: 4, output: 2, cache_read: 0, cache_write: 0 }));
}

#[rstest]
#[case::ollama_whole_at_once(&[json!({ "index": 0, "id": "call_1", "type": "function", "function": { "name": "search", "arguments": "{\"city\":\"Rome\"}" } })], "stop", "call_1")]
#[case::gemini_without_index(&[json!({ "id": "call_1", "function": { "name": "search", "arguments": "{\"city\":\"Rome\"}" } })], "tool_calls", "call_1")]
#[case::arguments_as_an_object(&[json!({ "id": "call_1", "function": { "name": "search", "arguments": { "city": "Rome" } } })], "stop", "call_1")]
#[case::a_name_with_every_piece(
    &[
        json!({ "index": 0, "id": "call_1", "function": { "name": "search", "arguments": "{\"city\":" } }),
        json!({ "index": 0, "id": "call_1", "function": { "name": "search", "arguments": "\"Rome\"}" } }),
    ],
    "tool_calls",
    "call_1"
)]
#[case::pieces_without_index(
    &[json!({ "id": "call_1", "function": { "name": "search", "arguments": "{\"city\":" } }), json!({ "id": "", "function": { "arguments": "\"Rome\"}" } })],
    "tool_calls",
    "call_1"
)]
#[case::no_id(&[json!({ "index": 0, "function": { "name": "search", "arguments": "{\"city\":\"Rome\"}" } })], "tool_calls", "call_0")]
#[tokio::test]
async fn a_tool_call_is_understood_in_every_spelling(#[case] pieces: &[Value], #[case] reason: &str, #[case] id: &str) {
    let chunks: Vec<_> =
        pieces.iter().map(|piece| part(json!({ "tool_calls": [piece] }))).chain([finish(reason)]).collect();
    let expected = vec![call(id, "search", json!({ "city": "Rome" })), ModelEvent::Finished(StopReason::ToolUse)];
    assert_eq!(read(stream(&chunks)).await, (expected, None));
}

#[tokio::test]
async fn two_calls_without_index_and_id_stay_two() {
    let piece = |city: &str| json!({ "function": { "name": "search", "arguments": { "city": city } } });
    let chunks = [part(json!({ "tool_calls": [piece("Rome"), piece("Paris")] })), finish("tool_calls")];
    let (events, failure) = read(stream(&chunks)).await;
    assert_eq!(failure, None);
    let expected =
        [call("call_0", "search", json!({ "city": "Rome" })), call("call_1", "search", json!({ "city": "Paris" }))];
    assert_eq!(events[..2], expected);
}

#[tokio::test]
async fn a_tool_call_that_ends_without_a_reason_is_made() {
    let piece = json!({ "index": 0, "id": "call_1", "function": { "name": "now", "arguments": "" } });
    let (events, failure) = read(stream(&[part(json!({ "tool_calls": [piece] }))])).await;
    assert_eq!(
        (events, failure),
        (vec![call("call_1", "now", json!({})), ModelEvent::Finished(StopReason::ToolUse)], None)
    );
}

#[tokio::test]
async fn an_error_behind_the_end_makes_no_answer_less_whole() {
    let (events, failure) = read(stream(&[delta("all"), finish("stop"), json!({ "error": "boom" })])).await;
    assert_eq!((events, failure), (vec![text("all"), END], None));
}

#[tokio::test]
async fn an_answer_in_one_body_is_an_answer() {
    let server = Server::start(|_, exchange| {
        let message = json!({
            "role": "assistant",
            "content": "Hi",
            "reasoning_content": "Hm.",
            "tool_calls": [{ "id": "call_1", "type": "function", "function": { "name": "now", "arguments": "{}" } }],
        });
        let usage = json!({ "prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6 });
        let body =
            json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "tool_calls" }], "usage": usage });
        refuse(exchange, 200, &body.to_string());
    });
    let (events, failure) = collect(model(&server).stream(request(MODEL))).await;
    let expected = vec![
        thought("Hm."),
        thoughts("Hm.", Some("reasoning_content")),
        text("Hi"),
        call("call_1", "now", json!({})),
        ModelEvent::Usage(Usage { input: 4, output: 2, cache_read: 0, cache_write: 0 }),
        ModelEvent::Finished(StopReason::ToolUse),
    ];
    assert_eq!((events, failure), (expected, None));
}

/// A stream with everything in it, which ends well or with an error.
fn rich_stream(breaks_off: bool) -> Vec<u8> {
    let call = json!({ "index": 0, "id": "call_1", "function": { "name": "search", "arguments": "{\"city\":\"\u{e9}\u{1f600}\"}" } });
    let chunks = [
        part(json!({ "reasoning_content": "H\u{e9}\u{1f600}m" })),
        part(json!({ "content": "One " })),
        part(json!({ "content": "tw\u{1f600}" })),
        part(json!({ "tool_calls": [call] })),
        if breaks_off { json!({ "error": "boom" }) } else { finish("tool_calls") },
        json!({ "choices": [], "usage": { "prompt_tokens": 4, "completion_tokens": 2 } }),
    ];
    let all = "\u{feff}: OPENROUTER PROCESSING\r\n\r\n".to_owned() + &stream(&chunks);
    all.into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]
    #[test]
    fn where_the_network_cuts_changes_no_answer(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        breaks_off in any::<bool>(),
    ) {
        let bytes = rich_stream(breaks_off);
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        places.dedup();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = |places: Vec<usize>| {
            let bytes = bytes.clone();
            let server = Server::start(move |_, exchange| {
                begin(exchange);
                for pair in places.windows(2) {
                    exchange.chunk(&bytes[pair[0]..pair[1]]);
                }
                exchange.end();
            });
            let stream = model(&server).stream(request(MODEL));
            let (events, failure) = runtime.block_on(async { soon(collect(stream)).await });
            (events, failure.map(|failure| failure.code))
        };
        let whole = answer(vec![0, bytes.len()]);
        prop_assert_eq!(whole.0.len(), if breaks_off { 4 } else { 7 });
        prop_assert_eq!(answer(places), whole);
    }
}
