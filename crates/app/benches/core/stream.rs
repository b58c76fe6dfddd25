//! A fast answer through the core: how many words come late, and what each costs the processor. The server is another
//! process, so that its work is not counted, and stamps every word with the time at which it leaves.

use super::{Error, open, question, read_request};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use twin_app::{App, SystemClock};
use twin_core::event::ReplyEvent;
use twin_core::port::Clock as _;

/// The argument that makes this program the server.
pub(super) const SERVE: &str = "--paced-server";

const TOKENS: u32 = 5_000;
const PACE: Duration = Duration::from_millis(1);
/// A frame at 60 pictures a second, in whole milliseconds.
const FRAME: i64 = 16;
const ROUNDS: usize = 5;

/// Two rows: late words, and processor time a word. The reference is the least that anybody could do: read the same
/// stream from a socket and parse each line.
pub(super) fn rows() -> Result<[Value; 2], Error> {
    let mut server = Server::start()?;
    let home = tempfile::TempDir::new()?;
    let (app, runtime) = open(home.path(), &format!("http://{}/v1", server.address))?;
    let (mut late, mut late_reference) = (0, 0);
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let before = processor_time()?;
        let mine = runtime.block_on(through_the_core(&app))?;
        let between = processor_time()?;
        let theirs = through_a_socket(&server.address)?;
        let after = processor_time()?;
        // The first round opens files and loads code.
        if round > 0 {
            late += mine;
            late_reference += theirs;
            ours.push(micros_a_token(between.saturating_sub(before)));
            reference.push(micros_a_token(after.saturating_sub(between)));
        }
    }
    server.process.kill()?;
    let of = u32::try_from(ROUNDS)? * TOKENS;
    Ok([
        json!({
            "name": "words more than a frame late, 1,000 a second", "ours": late, "reference": late_reference,
            "unit": format!("of {of}"), "ratio": Value::Null, "target": "0", "met": late == 0, "spread": "",
        }),
        // No target was set for it; it is watched.
        Value::Object(
            super::row("core CPU a word / read and parse", ours, reference, f64::INFINITY)
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, value)| match key.as_str() {
                    "unit" => (key.clone(), json!("µs")),
                    "target" => (key.clone(), json!("none")),
                    "met" => (key.clone(), Value::Null),
                    _ => (key.clone(), value.clone()),
                })
                .collect(),
        ),
    ])
}

fn micros_a_token(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6 / f64::from(TOKENS)
}

/// How many words reached the window's door late.
async fn through_the_core(app: &App) -> Result<u32, Error> {
    let late = Arc::new(AtomicU32::new(0));
    let failure = Arc::new(Mutex::new(None));
    let sink: twin_app::chat::Sink = {
        let (late, failure) = (Arc::clone(&late), Arc::clone(&failure));
        Arc::new(move |event| match event {
            ReplyEvent::Delta { text } if is_late(&text) => drop(late.fetch_add(1, Ordering::Relaxed)),
            ReplyEvent::Failed { failure: why, .. } => {
                *failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(why);
            }
            _ => {}
        })
    };
    app.chat_send(question()?, sink).await?;
    match failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
        Some(failure) => Err(failure.into()),
        None => Ok(late.load(Ordering::Relaxed)),
    }
}

fn through_a_socket(address: &str) -> Result<u32, Error> {
    let mut stream = TcpStream::connect(address)?;
    let body =
        json!({ "model": "paced", "stream": true, "messages": [{ "role": "user", "content": "x" }] }).to_string();
    write!(stream, "POST /v1/chat/completions HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
    let mut late = 0;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let Some(data) = line.strip_prefix("data: ").filter(|data| *data != "[DONE]") else { continue };
        let chunk: Value = serde_json::from_str(data)?;
        late += u32::from(chunk["choices"][0]["delta"]["content"].as_str().is_some_and(is_late));
    }
    Ok(late)
}

/// Whether the word left more than a frame ago.
fn is_late(word: &str) -> bool {
    let left: i64 = word.trim().parse().unwrap_or(0);
    SystemClock.now().as_millis() - left > FRAME
}

/// What this process has used of all processors.
fn processor_time() -> Result<Duration, Error> {
    let mut nanos = 0;
    for thread in fs_err::read_dir("/proc/self/task")? {
        // A thread may end between the two looks.
        let Ok(text) = fs_err::read_to_string(thread?.path().join("schedstat")) else { continue };
        nanos += text.split_whitespace().next().unwrap_or("0").parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Result<Self, Error> {
        let mut process = Command::new(std::env::current_exe()?).arg(SERVE).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Self { process, address: address.trim().to_owned() })
    }
}

/// Prints its address, then answers until it is killed.
pub(super) fn serve() -> Result<(), Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    for stream in listener.incoming().flatten() {
        // A client that went away ends its own thread, not the server.
        std::thread::spawn(move || drop(answer(stream)));
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    if !read_request(&mut stream)? {
        return Ok(());
    }
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")?;
    let start = Instant::now();
    for number in 1..=TOKENS {
        let due = start + PACE * number;
        if let Some(wait) = due.checked_duration_since(Instant::now()) {
            std::thread::sleep(wait);
        }
        let word = SystemClock.now().as_millis();
        stream
            .write_all(format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{word} \"}}}}]}}\n\n").as_bytes())?;
    }
    write!(stream, "data: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n")
}
