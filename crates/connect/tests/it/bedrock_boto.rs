//! The server of these tests is judged itself: AWS's client for Python reads it.

use crate::bedrock_server::{
    begin, block_stop, delta, event, exception, refuse, stop, text, tool_start, usage_with_cache,
};
use crate::server::Server;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// A Python that has boto3 and, beside it, MiniStack; `cargo xtask test` names it.
const PYTHON: &str = "TWIN_TEST_PYTHON";

/// That Python, or `left_out` said aloud: past the test harness, which shows nothing of a test that passes.
pub(crate) fn python(left_out: &str) -> Option<PathBuf> {
    let python = std::env::var_os(PYTHON).map(PathBuf::from);
    if python.is_none() {
        let words = format!("\nleft out: {left_out} ({PYTHON} is not set): run `cargo xtask test`\n");
        std::io::stderr().write_all(words.as_bytes()).unwrap();
    }
    python
}

#[test]
fn the_client_for_python_reads_the_test_server_as_bedrock() {
    let Some(python) = python("boto3 does not judge the test server") else { return };
    let server = Server::start(|number, exchange| match number {
        0 => {
            begin(exchange);
            event(exchange, "messageStart", &json!({ "role": "assistant" }));
            delta(exchange, 0, &json!({ "reasoningContent": { "text": "hm" } }));
            delta(exchange, 0, &json!({ "reasoningContent": { "signature": "c2VhbA==" } }));
            delta(exchange, 0, &json!({ "reasoningContent": { "redactedContent": "AAEC" } }));
            block_stop(exchange, 0);
            delta(exchange, 1, &json!({ "text": "Let me look." }));
            block_stop(exchange, 1);
            tool_start(exchange, 2, "call-1", "recall");
            delta(exchange, 2, &json!({ "toolUse": { "input": "{\"about\":" } }));
            delta(exchange, 2, &json!({ "toolUse": { "input": "\"May\"}" } }));
            block_stop(exchange, 2);
            event(exchange, "messageStop", &json!({ "stopReason": "tool_use" }));
            usage_with_cache(exchange, 30, 5);
            exchange.end();
        }
        1 => {
            begin(exchange);
            text(exchange, "half");
            exception(exchange, "throttlingException", &json!({ "message": "Too many tokens" }));
            stop(exchange, "end_turn");
            exchange.end();
        }
        _ => refuse(exchange, 400, "ValidationException", "This model doesn't support tool use."),
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/bedrock_boto.py");
    let output = Command::new(&python).args([script, &server.url]).output().unwrap_or_else(|error| {
        panic!("{} cannot be started ({error}): delete its folder and run `cargo xtask test`", python.display())
    });
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "boto3 could not read the test server:\n{words}");
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    let piece =
        |index: i32, delta: Value| json!({ "contentBlockDelta": { "contentBlockIndex": index, "delta": delta } });
    let end = |index: i32| json!({ "contentBlockStop": { "contentBlockIndex": index } });
    let usage = json!({
        "inputTokens": 10,
        "outputTokens": 20,
        "totalTokens": 65,
        "cacheReadInputTokens": 30,
        "cacheWriteInputTokens": 5,
    });
    assert_eq!(
        read[0],
        json!([
            { "messageStart": { "role": "assistant" } },
            piece(0, json!({ "reasoningContent": { "text": "hm" } })),
            piece(0, json!({ "reasoningContent": { "signature": "c2VhbA==" } })),
            piece(0, json!({ "reasoningContent": { "redactedContent": "AAEC" } })),
            end(0),
            piece(1, json!({ "text": "Let me look." })),
            end(1),
            { "contentBlockStart": { "contentBlockIndex": 2, "start": { "toolUse": { "toolUseId": "call-1", "name": "recall" } } } },
            piece(2, json!({ "toolUse": { "input": "{\"about\":" } })),
            piece(2, json!({ "toolUse": { "input": "\"May\"}" } })),
            end(2),
            { "messageStop": { "stopReason": "tool_use" } },
            { "metadata": { "usage": usage, "metrics": { "latencyMs": 1 } } },
        ])
    );
    assert_eq!(
        read[1],
        json!([
            piece(0, json!({ "text": "half" })),
            { "broke": { "Code": "throttlingException", "Message": "Too many tokens" } },
        ])
    );
    assert_eq!(
        read[2],
        json!([{ "refused": { "Code": "ValidationException", "Message": "This model doesn't support tool use." } }])
    );
}
