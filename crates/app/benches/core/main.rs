//! What the application's core adds, as ratios measured in one run, ours and the reference in turns:
//! the first word against `curl -N` on the same server, a fast answer against reading it from a socket, and a durable
//! turn against write + fdatasync of the same bytes.
//!
//! With `--memory` it measures the memory in a home of a million messages instead, which takes some ten minutes.
//! `cargo bench -p twin-app --bench core -- --json` prints the rows as JSON; `cargo xtask bench` puts them in its table.

mod memory;
mod stream;

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use twin_app::chat::SendRequest;
use twin_app::model::Providers;
use twin_app::paths::Paths;
use twin_app::{App, Parts, SystemClock};
use twin_connect::keychain::SessionSecrets;
use twin_core::chat::{Audience, Message, MessageStatus, Role, Session, TitleBy};
use twin_core::event::ReplyEvent;
use twin_core::id::{MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_core::port::Clock as _;
use twin_core::report::ContextReport;
use twin_store::{ReplyDraft, Store, TurnBegin};

type Error = Box<dyn std::error::Error>;

/// How long the server thinks before its first word: as a fast local model.
const THINKING: Duration = Duration::from_millis(100);
const ROUNDS: usize = 40;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == stream::SERVE) {
        return if stream::serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let rows = measure();
    let (text, code) = match rows {
        Ok(rows) if std::env::args().any(|argument| argument == "--json") => {
            (json!(rows).to_string(), ExitCode::SUCCESS)
        }
        Ok(rows) => {
            let rows: Vec<String> = rows.iter().map(|row| format!("{row:#}")).collect();
            (rows.join("\n"), ExitCode::SUCCESS)
        }
        Err(error) => (format!("the benchmark could not run: {error}"), ExitCode::FAILURE),
    };
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}

fn measure() -> Result<Vec<Value>, Error> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--memory").skip(1);
    if std::env::args().any(|argument| argument == "--memory") {
        let messages = arguments.find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
        return memory::rows(messages);
    }
    let [late, processor] = stream::rows()?;
    Ok(vec![first_word()?, late, processor, durable_turn()?])
}

/// An application whose first server is the one at that address.
fn open(home: &Path, base_url: &str) -> Result<(App, tokio::runtime::Runtime), Error> {
    let app = App::open(Parts {
        paths: Paths::resolve(Some(home.to_owned()))?,
        clock: Arc::new(SystemClock),
        zone: jiff::tz::TimeZone::UTC,
        secrets: Arc::new(SessionSecrets::default()),
        models: Box::new(Arc::<Providers>::default()),
        providers: Arc::default(),
        buckets: Box::new(twin_app::sync::Buckets),
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut settings = app.settings();
    base_url.clone_into(&mut settings.openai.servers[0].base_url);
    runtime.block_on(app.settings_save(settings))?;
    Ok((app, runtime))
}

/// Milliseconds from the request to the first word.
fn first_word() -> Result<Value, Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let base_url = format!("http://{}/v1", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that went away ends its own thread, not the benchmark.
            std::thread::spawn(move || drop(answer(stream)));
        }
    });
    let home = tempfile::TempDir::new()?;
    let (app, runtime) = open(home.path(), &base_url)?;

    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (mine, theirs) = (runtime.block_on(through_the_core(&app))?, through_curl(&base_url)?);
        // The first round opens files and loads code.
        if round > 0 {
            ours.push(mine);
            reference.push(theirs);
        }
    }
    // The allowance: two hundredths and 5 ms, as a ratio to what was measured.
    let target = 1.02 + 5.0 / median(&mut reference.clone());
    Ok(row("first word through the core / curl -N", ours, reference, target))
}

/// What the paced servers are asked.
fn question() -> Result<SendRequest, Error> {
    Ok(SendRequest {
        session_id: None,
        audience: Audience::Owner,
        text: "What did you write?".to_owned(),
        parent_id: None,
        attachments: Vec::new(),
        model: Some("openai:paced".parse()?),
        edits: None,
        temporary: false,
        as_of: None,
    })
}

async fn through_the_core(app: &App) -> Result<f64, Error> {
    let (sender, mut events) = mpsc::unbounded_channel();
    let sink: twin_app::chat::Sink = Arc::new(move |event| drop(sender.send((Instant::now(), event))));
    let start = Instant::now();
    app.chat_send(question()?, sink).await?;
    while let Some((at, event)) = events.recv().await {
        match event {
            ReplyEvent::Delta { .. } => return Ok((at - start).as_secs_f64() * 1_000.0),
            ReplyEvent::Failed { failure, .. } => return Err(failure.into()),
            _ => {}
        }
    }
    Err("the reply had no word".into())
}

fn through_curl(base_url: &str) -> Result<f64, Error> {
    let body =
        json!({ "model": "paced", "stream": true, "messages": [{ "role": "user", "content": "What did you write?" }] });
    let output = Command::new("curl")
        .args(["-N", "-s", "-o", "/dev/null", "-w", "%{time_starttransfer}", "-H", "content-type: application/json"])
        .args(["-d", &body.to_string(), &format!("{base_url}/chat/completions")])
        .output()?;
    let seconds: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(seconds * 1_000.0)
}

/// One request: read it, think, then the whole answer; headers and first word go out together.
fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    if !read_request(&mut stream)? {
        return Ok(());
    }
    std::thread::sleep(THINKING);
    let word = r#"data: {"choices":[{"delta":{"content":"Notes."}}]}"#;
    let end = r#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    write!(stream, "{head}{word}\n\n{end}\n\ndata: [DONE]\n\n")
}

/// Whether a whole request came before the client went away.
fn read_request(stream: &mut TcpStream) -> std::io::Result<bool> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    let mut buffer = [0; 8_192];
    while !is_whole(&request) {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(false);
        }
        request.extend_from_slice(&buffer[..count]);
    }
    Ok(true)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    request.len() >= head.len() + 4 + length
}

/// Milliseconds for both commits of a turn: the question, then the reply with its context report.
fn durable_turn() -> Result<Value, Error> {
    let home = tempfile::TempDir::new()?;
    let clock = Arc::new(SystemClock);
    let store = Store::open(home.path(), clock.clone())?;
    let mut file = fs_err::OpenOptions::new().create(true).append(true).open(home.path().join("reference"))?;
    let session = new_session(clock.now());
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    let mut last: Option<MessageId> = None;
    for round in 0..=ROUNDS * 5 {
        let question =
            message(&session, last, Role::User, "What did Somerville teach you, and when did you begin? ".repeat(3));
        let reply = message(&session, Some(question.id), Role::Assistant, "Mathematics, from 1834 on. ".repeat(30));
        let report = report("You are the digital twin of Ada. ".repeat(500));
        let begin = TurnBegin {
            session: last.is_none().then(|| session.clone()),
            user_message: Some(question.clone()),
            blobs: Vec::new(),
            reply: ReplyDraft {
                id: reply.id,
                session_id: session.id,
                parent_id: question.id,
                model: ModelRef::offline(),
                created_at: reply.created_at,
            },
        };
        last = Some(reply.id);
        let start = Instant::now();
        store.turn_begin(&begin)?;
        store.reply_finish(&reply, Some(&report))?;
        let mine = start.elapsed();

        let bytes = [serde_json::to_vec(&question)?, serde_json::to_vec(&(&reply, &report))?];
        let start = Instant::now();
        for part in &bytes {
            file.write_all(part)?;
            file.sync_data()?;
        }
        let theirs = start.elapsed();
        if round > 0 {
            ours.push(mine.as_secs_f64() * 1_000.0);
            reference.push(theirs.as_secs_f64() * 1_000.0);
        }
    }
    Ok(row("durable turn / write + fdatasync of the same bytes", ours, reference, 2.0))
}

fn new_session(now: twin_core::time::Timestamp) -> Session {
    Session {
        id: SessionId::new(now),
        title: "Bench".to_owned(),
        audience: Audience::Owner,
        created_at: now,
        updated_at: now,
        head: None,
        model: None,
        title_by: TitleBy::Opening,
        pinned: false,
        archived: false,
        tags: Vec::new(),
        forked_from: None,
        temporary: false,
    }
}

fn message(session: &Session, parent_id: Option<MessageId>, role: Role, content: String) -> Message {
    let now = SystemClock.now();
    Message {
        id: MessageId::new(now),
        session_id: session.id,
        parent_id,
        role,
        content,
        parts: Vec::new(),
        attachments: Vec::new(),
        created_at: now,
        status: MessageStatus::Complete,
        model: (role == Role::Assistant).then(ModelRef::offline),
        instead_of: None,
        usage: None,
        failure: None,
        imported: None,
    }
}

fn report(system_prompt: String) -> ContextReport {
    ContextReport {
        audience: Audience::Owner,
        model: ModelRef::offline(),
        parts: Vec::new(),
        passages: Vec::new(),
        budget_tokens: 8_192,
        estimated_tokens: 4_000,
        estimate_method: "4 characters a token".to_owned(),
        system_prompt,
        first_token_ms: Some(1),
        total_ms: Some(2),
        usage: None,
        stop_reason: None,
        notes: Vec::new(),
        as_of: None,
        claims: Vec::new(),
    }
}

fn row(name: &str, mut ours: Vec<f64>, mut reference: Vec<f64>, target: f64) -> Value {
    let mut ratios: Vec<f64> = ours.iter().zip(&reference).map(|(ours, reference)| ours / reference).collect();
    let ratio = median(&mut ours) / median(&mut reference);
    median(&mut ratios);
    let spread = format!("ratio {:.2}–{:.2}", ratios[ratios.len() / 10], ratios[ratios.len() * 9 / 10]);
    json!({
        "name": name, "ours": median(&mut ours), "reference": median(&mut reference), "unit": "ms",
        "ratio": ratio, "target": format!("≤ {target:.2}×"), "met": ratio <= target, "spread": spread,
    })
}

/// Sorts, and gives the middle.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
