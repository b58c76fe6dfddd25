//! ConverseStream as Bedrock speaks it: event-stream frames over chunked HTTP.

use crate::server::Exchange;
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use serde_json::{Value, json};

pub(crate) fn begin(exchange: &mut Exchange) {
    exchange.begin(&[("content-type", "application/vnd.amazon.eventstream"), ("x-amzn-requestid", "request-1")]);
}

pub(crate) fn event(exchange: &mut Exchange, kind: &str, payload: &Value) {
    exchange.chunk(&frame("event", ":event-type", kind, payload));
}

pub(crate) fn exception(exchange: &mut Exchange, kind: &str, payload: &Value) {
    exchange.chunk(&frame("exception", ":exception-type", kind, payload));
}

pub(crate) fn frame(message_type: &str, kind_header: &'static str, kind: &str, payload: &Value) -> Vec<u8> {
    let header = |name: &'static str, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
    let message = Message::new(payload.to_string().into_bytes())
        .add_header(header(":message-type", message_type))
        .add_header(header(kind_header, kind))
        .add_header(header(":content-type", "application/json"));
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

/// A piece of a block. Bedrock pads the payloads of these with a field of its own.
pub(crate) fn delta(exchange: &mut Exchange, index: i32, delta: &Value) {
    event(exchange, "contentBlockDelta", &json!({ "contentBlockIndex": index, "delta": delta, "p": "abcdef" }));
}

pub(crate) fn text(exchange: &mut Exchange, text: &str) {
    delta(exchange, 0, &json!({ "text": text }));
}

pub(crate) fn tool_start(exchange: &mut Exchange, index: i32, id: &str, name: &str) {
    let start = json!({ "toolUse": { "toolUseId": id, "name": name } });
    event(exchange, "contentBlockStart", &json!({ "contentBlockIndex": index, "start": start }));
}

pub(crate) fn block_stop(exchange: &mut Exchange, index: i32) {
    event(exchange, "contentBlockStop", &json!({ "contentBlockIndex": index }));
}

pub(crate) fn stop(exchange: &mut Exchange, reason: &str) {
    event(exchange, "contentBlockStop", &json!({ "contentBlockIndex": 0 }));
    event(exchange, "messageStop", &json!({ "stopReason": reason }));
}

pub(crate) fn usage(exchange: &mut Exchange) {
    usage_with_cache(exchange, 0, 0);
}

pub(crate) fn usage_with_cache(exchange: &mut Exchange, read: u32, write: u32) {
    let usage = json!({
        "inputTokens": 10,
        "outputTokens": 20,
        "totalTokens": 30 + read + write,
        "cacheReadInputTokens": read,
        "cacheWriteInputTokens": write,
    });
    event(exchange, "metadata", &json!({ "usage": usage, "metrics": { "latencyMs": 1 } }));
}

/// A whole short answer, streamed.
pub(crate) fn answer(exchange: &mut Exchange, words: &str) {
    begin(exchange);
    event(exchange, "messageStart", &json!({ "role": "assistant" }));
    text(exchange, words);
    stop(exchange, "end_turn");
    usage(exchange);
    exchange.end();
}

/// An answer of Converse, which does not stream.
pub(crate) fn answer_whole(exchange: &mut Exchange, content: &Value, reason: &str) {
    let body = json!({
        "output": { "message": { "role": "assistant", "content": content } },
        "stopReason": reason,
        "usage": { "inputTokens": 10, "outputTokens": 20, "totalTokens": 30 },
        "metrics": { "latencyMs": 1 },
    });
    exchange.respond(200, &[("content-type", "application/json")], &body.to_string());
}

/// A refusal before the stream. `x-amz-retry-after` (milliseconds) spares the test the SDK's own waiting.
pub(crate) fn refuse(exchange: &mut Exchange, status: u16, kind: &str, message: &str) {
    let headers = [
        ("x-amzn-errortype", kind),
        ("x-amzn-requestid", "request-1"),
        ("x-amz-retry-after", "1"),
        ("content-type", "application/json"),
    ];
    exchange.respond(status, &headers, &json!({ "message": message }).to_string());
}
