//! How the stub's replies are put on the wire, in each protocol.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::io;

#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Thought(String),
    Call(Call),
    End,
}

/// A tool that the model asks for.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) input: Value,
}

#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) message: String,
    /// In seconds.
    pub(super) retry_after: Option<u32>,
}

/// How a reply is put on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) enum Protocol {
    /// Server-sent events.
    OpenaiStream,
    /// One JSON object, which is how MiniStack asks.
    OpenaiWhole,
    /// Binary frames: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>.
    BedrockStream,
}

pub(super) fn refused(refusal: Refusal, protocol: Protocol) -> Response {
    let Refusal { status, code, message, retry_after } = refusal;
    let body = match protocol {
        Protocol::BedrockStream => json!({ "message": message }),
        Protocol::OpenaiStream | Protocol::OpenaiWhole => {
            json!({ "error": { "message": message, "type": "invalid_request_error", "code": code } })
        }
    };
    // Where Bedrock says which kind of refusal it is; nobody else minds.
    let mut response = (status, [("x-amzn-errortype", code)], axum::Json(body)).into_response();
    response.headers_mut().extend(retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into())));
    response
}

pub(super) fn whole(message: &Value) -> Response {
    let reason = if message["tool_calls"].is_null() { "stop" } else { "tool_calls" };
    axum::Json(json!({
        "id": "stub", "object": "chat.completion", "model": "stub-model",
        "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
        "usage": usage(),
    }))
    .into_response()
}

fn usage() -> Value {
    json!({ "prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12 })
}

/// As OpenAI's protocol writes it, whole.
pub(super) fn tool_call(call: &Call) -> Value {
    let function = json!({ "name": call.name, "arguments": call.input.to_string() });
    json!({ "index": 0, "id": "call-1", "type": "function", "function": function })
}

/// A body that grows with the pieces; if they end without [`Piece::End`] the connection is broken.
pub(super) fn streamed(pieces: impl stream::Stream<Item = Piece> + Send + 'static, protocol: Protocol) -> Response {
    let (kind, opening) = match protocol {
        Protocol::BedrockStream => {
            ("application/vnd.amazon.eventstream", frame("messageStart", &json!({ "role": "assistant" })))
        }
        _ => ("text/event-stream", Vec::new()),
    };
    let chunks = stream::unfold((Box::pin(pieces), false, false), move |(mut pieces, ended, called)| async move {
        if ended {
            return None;
        }
        let piece = pieces.next().await;
        let (ended, called) =
            (matches!(piece, None | Some(Piece::End)), called || matches!(piece, Some(Piece::Call(_))));
        let cut = || io::Error::new(io::ErrorKind::ConnectionReset, "the test cut the connection");
        let chunk = piece.map(|piece| encoded(&piece, protocol, called)).ok_or_else(cut);
        Some((chunk, (pieces, ended, called)))
    });
    let body = Body::from_stream(stream::iter([Ok(opening)]).chain(chunks));
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// `called`: the reply has asked for a tool.
fn encoded(piece: &Piece, protocol: Protocol, called: bool) -> Vec<u8> {
    match protocol {
        Protocol::BedrockStream => bedrock_frames(piece, called),
        _ => openai_events(piece, called),
    }
}

fn bedrock_frames(piece: &Piece, called: bool) -> Vec<u8> {
    // Thoughts, words and calls are blocks of their own.
    let delta =
        |index: u32, delta: Value| frame("contentBlockDelta", &json!({ "contentBlockIndex": index, "delta": delta }));
    let stop = |index: u32| frame("contentBlockStop", &json!({ "contentBlockIndex": index }));
    match piece {
        Piece::Thought(text) => delta(0, json!({ "reasoningContent": { "text": text } })),
        Piece::Text(text) => delta(1, json!({ "text": text })),
        Piece::Call(Call { name, input }) => {
            let start = json!({ "toolUse": { "toolUseId": "call-1", "name": name } });
            [
                frame("contentBlockStart", &json!({ "contentBlockIndex": 2, "start": start })),
                delta(2, json!({ "toolUse": { "input": input.to_string() } })),
                stop(2),
            ]
            .concat()
        }
        Piece::End => {
            let reason = if called { "tool_use" } else { "end_turn" };
            [
                stop(0),
                stop(1),
                frame("messageStop", &json!({ "stopReason": reason })),
                frame("metadata", &json!({ "usage": { "inputTokens": 7, "outputTokens": 5, "totalTokens": 12 } })),
            ]
            .concat()
        }
    }
}

fn openai_events(piece: &Piece, called: bool) -> Vec<u8> {
    match piece {
        Piece::Thought(text) => event(&json!({ "reasoning_content": text }), &Value::Null),
        Piece::Text(text) => event(&json!({ "content": text }), &Value::Null),
        Piece::Call(call) => event(&json!({ "tool_calls": [tool_call(call)] }), &Value::Null),
        Piece::End => {
            let reason = if called { "tool_calls" } else { "stop" };
            let counted =
                format!("data: {}\n\ndata: [DONE]\n\n", json!({ "id": "stub", "choices": [], "usage": usage() }));
            [event(&json!({}), &json!(reason)), counted.into_bytes()].concat()
        }
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
