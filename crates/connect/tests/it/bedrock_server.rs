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

pub(crate) fn text(exchange: &mut Exchange, text: &str) {
    event(exchange, "contentBlockDelta", &json!({ "contentBlockIndex": 0, "delta": { "text": text }, "p": "abcdef" }));
}

pub(crate) fn stop(exchange: &mut Exchange, reason: &str) {
    event(exchange, "contentBlockStop", &json!({ "contentBlockIndex": 0 }));
    event(exchange, "messageStop", &json!({ "stopReason": reason }));
}

pub(crate) fn usage(exchange: &mut Exchange) {
    let usage = json!({ "inputTokens": 10, "outputTokens": 20, "totalTokens": 65, "cacheReadInputTokens": 30, "cacheWriteInputTokens": 5 });
    event(exchange, "metadata", &json!({ "usage": usage, "metrics": { "latencyMs": 1 } }));
}

/// A whole short answer.
pub(crate) fn answer(exchange: &mut Exchange, words: &str) {
    begin(exchange);
    event(exchange, "messageStart", &json!({ "role": "assistant" }));
    text(exchange, words);
    stop(exchange, "end_turn");
    usage(exchange);
    exchange.end();
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
