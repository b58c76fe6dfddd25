//! Recall of turns, as a person with these conversations would have it: each conversation is imported into an empty home
//! of its own, session file by session file, and every question is asked there.
//!
//! `--turns` has lines of `{conv, dia_id, session, date, speaker, text, caption}` in the order of the conversation,
//! `--questions` of `{qid, conv, question}`; `--out` gets `{qid, ranked, ms}`. `cargo xtask bench recall` calls it.

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use twin_app::model::Providers;
use twin_app::paths::Paths;
use twin_app::{App, Parts, SystemClock};
use twin_connect::keychain::SessionSecrets;
use twin_core::id::{MessageId, SessionId};
use twin_core::port::Clock as _;

type Error = Box<dyn std::error::Error>;

/// Turns that are written for each question.
const RANKED: usize = 50;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "recall could not be measured: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().collect();
    let file = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name).ok_or(format!("{name} is missing"))?;
        arguments.get(place + 1).ok_or(format!("{name} needs a file"))
    };
    let turns = by_conversation(file("--turns")?)?;
    let questions = by_conversation(file("--questions")?)?;
    let mut out = fs_err::File::create(file("--out")?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for (conversation, questions) in &questions {
        let home = tempfile::tempdir()?;
        let app = App::open(Parts {
            paths: Paths::resolve(Some(home.path().to_owned()))?,
            clock: Arc::new(SystemClock),
            zone: jiff::tz::TimeZone::UTC,
            secrets: Arc::new(SessionSecrets::default()),
            models: Box::new(Arc::<Providers>::default()),
            providers: Arc::default(),
            buckets: Box::new(twin_app::sync::Buckets),
        })?;
        let turns = turns.get(conversation).ok_or(format!("{conversation} has no turns"))?;
        let names = runtime.block_on(import(&app, home.path(), turns))?;
        // What the window does in the background.
        runtime.block_on(app.memory_index(|_| {}))?;
        for question in questions {
            let begun = Instant::now();
            let hits = runtime.block_on(app.recall_turns(text(question, "question"), RANKED))?;
            let ms = begun.elapsed().as_secs_f64() * 1_000.0;
            let ranked: Vec<&String> = hits.iter().filter_map(|hit| names.get(&hit.message_id)).collect();
            writeln!(out, "{}", json!({ "qid": question["qid"], "ranked": ranked, "ms": ms }))?;
        }
    }
    Ok(())
}

/// The lines of a file, each conversation's by itself.
fn by_conversation(file: &str) -> Result<BTreeMap<String, Vec<Value>>, Error> {
    let mut lines: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in fs_err::read_to_string(file)?.lines() {
        let line: Value = serde_json::from_str(line)?;
        lines.entry(text(&line, "conv").to_owned()).or_default().push(line);
    }
    Ok(lines)
}

/// Imports a conversation and says which message is which turn.
async fn import(app: &App, folder: &Path, turns: &[Value]) -> Result<HashMap<MessageId, String>, Error> {
    let mut names = HashMap::new();
    for session in turns.chunk_by(|one, other| one["session"] == other["session"]) {
        let seed: Vec<Value> =
            session.iter().map(|turn| seed(turn, text(&turns[0], "speaker"))).collect::<Result<_, _>>()?;
        let id = SessionId::new(SystemClock.now());
        let file = folder.join(format!("{id}.json"));
        fs_err::write(&file, serde_json::to_vec(&seed)?)?;
        app.session_import_seed(&file).await?;
        let messages = app.session_messages(id).await?;
        if messages.len() != session.len() {
            return Err("a turn was lost in the import".into());
        }
        names.extend(messages.iter().zip(session).map(|(message, turn)| (message.id, text(turn, "dia_id").to_owned())));
    }
    Ok(names)
}

/// A turn as an entry of a session file; what a picture shows is told below the words.
fn seed(turn: &Value, first: &str) -> Result<Value, Error> {
    let time = jiff::fmt::strtime::parse("%I:%M %p on %d %B, %Y", text(turn, "date"))?.to_datetime()?;
    let caption = turn["caption"].as_str().map(|caption| format!("\n{caption}")).unwrap_or_default();
    Ok(json!({
        "role": if text(turn, "speaker") == first { "user" } else { "assistant" },
        "content": format!("{}{caption}", text(turn, "text")),
        "timestamp": time.to_string(),
        "speaker": text(turn, "speaker"),
    }))
}

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_default()
}
