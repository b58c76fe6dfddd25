//! What a server sends as an answer: server-sent events, frames of AWS, one body, or a refusal. Sent whole and sent in pieces,
//! it must come to the same.

#![no_main]

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use futures_util::StreamExt as _;
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_connect::network::Network;
use twin_connect::openai::{OpenaiConfig, OpenaiModel};
use twin_core::chat::Role;
use twin_core::error::Failure;
use twin_core::model::{Block, Effort, Lessons, ModelEvent, ModelRequest, Turn};
use twin_core::port::ChatModel;
use twin_core::secret::Secret;
use twin_fuzz::most_held;

/// By the first byte, of which digits are one: the model, status and type of what it gets.
const KINDS: [(usize, &str, &str); 4] = [
    (0, "200 OK", "text/event-stream"),
    (1, "200 OK", "application/vnd.amazon.eventstream"),
    (0, "200 OK", "application/json"),
    (0, "400 Bad Request", "application/json"),
];

/// In the first byte: the connection ends in the middle of the body.
const CUT: u8 = 0x40;

/// However little came, buffers of the connection among it.
const HELD_ANYWAY: usize = 16 << 20;
/// As JSON values, in an answer that is kept beside its pieces.
const HELD_FOR_A_BYTE: usize = 512;

/// What every request gets.
#[derive(Clone, Default)]
struct Response {
    bytes: Vec<u8>,
    /// The connection ends with it.
    is_last: bool,
}

struct World {
    runtime: Runtime,
    response: Arc<Mutex<Response>>,
    models: [Box<dyn ChatModel>; 2],
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    // One thread, so that the same input always goes the same way.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be started");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port can be bound");
    let url = format!("http://{}", listener.local_addr().expect("a bound port has an address"));
    let response = Arc::default();
    let its_response = Arc::clone(&response);
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&its_response)));
        }
    });
    let openai = OpenaiConfig { base_url: url.clone(), key: None, network: Network::default() };
    let secret = |text: &str| Secret::new(text.to_owned());
    let (access_key_id, secret_access_key) = (secret("AKIAEXAMPLE"), secret("x"));
    let bedrock = BedrockConfig {
        region: Some("eu-west-1".to_owned()),
        credentials: BedrockAuth::Keys { access_key_id, secret_access_key, session_token: None },
        endpoint_url: Some(url.clone()),
        control_endpoint_url: Some(url),
        ..BedrockConfig::default()
    };
    let openai = OpenaiModel::new(openai).expect("the address is one");
    World { runtime, response, models: [Box::new(openai), Box::new(BedrockModel::new(bedrock))] }
});

fuzz_target!(|data: &[u8]| {
    let &[first, cuts, ref bytes @ ..] = data else { return };
    let (model, status, media_type) = KINDS[usize::from(first) % KINDS.len()];
    let body = if model == 1 { framed(bytes) } else { bytes.to_vec() };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nTransfer-Encoding: chunked\r\n\r\n");
    let is_last = first & CUT != 0;
    let told = |pieces: Vec<&[u8]>| {
        let mut bytes = head.clone().into_bytes();
        for piece in pieces {
            bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
            bytes.extend(piece);
            bytes.extend(b"\r\n");
        }
        if !is_last {
            bytes.extend(b"0\r\n\r\n");
        }
        *WORLD.response.lock().expect("nobody panicked") = Response { bytes, is_last };
        WORLD.runtime.block_on(answer(&*WORLD.models[model]))
    };
    let at_once = if body.is_empty() { Vec::new() } else { vec![&body[..]] };
    let ((whole, in_pieces), held) = most_held(|| (told(at_once), told(pieces(&body, cuts))));
    assert_eq!(whole, in_pieces, "where the network cuts makes no difference");
    assert!(held <= HELD_ANYWAY + HELD_FOR_A_BYTE * body.len(), "{held} bytes were held for {}", body.len());
});

async fn answer(model: &dyn ChatModel) -> (Vec<ModelEvent>, Option<Failure>) {
    let mut stream = model.stream(ModelRequest {
        model_id: "model".to_owned(),
        system: Vec::new(),
        turns: vec![Turn { role: Role::User, content: vec![Block::Text("Hello".to_owned())] }],
        tools: Vec::new(),
        max_output_tokens: 64,
        effort: Effort::default(),
        lessons: Lessons::default(),
        passages: Vec::new(),
    });
    let mut events = Vec::new();
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(failure) => return (events, Some(failure)),
        }
    }
    (events, None)
}

/// Answers one request after the other, until the client or the end of a cut response closes the connection.
async fn serve(mut stream: TcpStream, response: Arc<Mutex<Response>>) -> Option<()> {
    let mut asked = Vec::new();
    loop {
        let body = loop {
            if let Some(at) = asked.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            more(&mut stream, &mut asked).await?;
        };
        let head = String::from_utf8_lossy(&asked[..body]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let end = body + length.unwrap_or(0);
        while asked.len() < end {
            more(&mut stream, &mut asked).await?;
        }
        asked.drain(..end);
        let response = response.lock().ok()?.clone();
        stream.write_all(&response.bytes).await.ok()?;
        if response.is_last {
            return None;
        }
    }
}

async fn more(stream: &mut TcpStream, asked: &mut Vec<u8>) -> Option<()> {
    stream.read_buf(asked).await.ok().filter(|read| *read > 0).map(drop)
}

/// Of sizes that follow from a number: one byte each for 0 and multiples of 16.
fn pieces(body: &[u8], cuts: u8) -> Vec<&[u8]> {
    let (most, mut state) = (u32::from(cuts % 16) + 1, u32::from(cuts) + 1);
    let (mut pieces, mut rest) = (Vec::new(), body);
    while !rest.is_empty() {
        // Marsaglia's xorshift.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let size = usize::try_from(1 + state % most).unwrap_or(1).min(rest.len());
        let (piece, after) = rest.split_at(size);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Each line as a frame whose sums fit, `NAME payload` or `!NAME payload` for an exception: otherwise nothing would come past
/// them. Without a line, as it is.
fn framed(bytes: &[u8]) -> Vec<u8> {
    if !bytes.contains(&b'\n') {
        return bytes.to_vec();
    }
    let mut frames = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        let (name, payload) = line.split_at(space);
        let name = String::from_utf8_lossy(name);
        let (message_type, name_header, name) = match name.strip_prefix('!') {
            Some(name) => ("exception", ":exception-type", name),
            None => ("event", ":event-type", &*name),
        };
        let header = |name: &'static str, value: &str| Header::new(name, HeaderValue::String(value.to_owned().into()));
        let message = Message::new(payload.to_vec())
            .add_header(header(":message-type", message_type))
            .add_header(header(name_header, name))
            .add_header(header(":content-type", "application/json"));
        // A name that is too long for a header makes no frame.
        let _ = write_message_to(&message, &mut frames);
    }
    frames
}
