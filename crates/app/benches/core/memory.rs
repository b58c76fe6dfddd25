//! The memory in a home of a million messages: recall against the bare full-text query in the `sqlite3` shell, importing with
//! the index of words against inserting the same text into a plain one, and what a message takes on disk and in memory.
//!
//! The vectors are random directions: to compare a million with a question takes as long whatever they mean, and to make real
//! ones takes hours. What the real ones find is measured by `cargo xtask bench recall`.

#![expect(clippy::print_stderr, reason = "what takes minutes says how far it is; the rows go to standard output")]

use super::{Error, json, median, open, row};
use rusqlite::Connection;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use twin_app::App;
use twin_embed::{Vector, scan};
use twin_store::{NewVector, Store, Subject};

const IN_A_SESSION: usize = 100;
/// About 30 words a message, as people talk.
const WORDS: usize = 30;
const VOCABULARY: usize = 30_000;
const QUESTIONS: usize = 60;
const RANKED: usize = 50;

/// `messages` is a million unless somebody tries it out.
pub(crate) fn rows(messages: usize) -> Result<Vec<Value>, Error> {
    let folder = tempfile::TempDir::new()?;
    let home = folder.path().join("home");
    let (app, runtime) = open(&home, "http://127.0.0.1:1/v1")?;
    let vocabulary: Vec<String> = (0..VOCABULARY).map(word).collect();
    let mut random = Random(1);
    let plain = Connection::open(folder.path().join("plain.db"))?;
    plain.execute_batch(
        "PRAGMA journal_mode = wal; CREATE VIRTUAL TABLE text USING fts5 (content, tokenize = 'porter');",
    )?;
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for number in 0..messages / IN_A_SESSION {
        let texts: Vec<String> = (0..IN_A_SESSION).map(|_| text(&vocabulary, &mut random, WORDS)).collect();
        let file = session_file(folder.path(), number, &texts)?;
        let start = Instant::now();
        runtime.block_on(app.session_import_seed(&file))?;
        ours.push(start.elapsed().as_secs_f64() * 1_000.0);
        fs_err::remove_file(file)?;
        let start = Instant::now();
        insert(&plain, &texts)?;
        reference.push(start.elapsed().as_secs_f64() * 1_000.0);
        if number % 1_000 == 999 {
            eprintln!("   {} messages", (number + 1) * IN_A_SESSION);
        }
    }
    // A session of a hundred, one commit each; the last tenth, where both indexes are large.
    let late = ours.len() * 9 / 10;
    let mut rows = vec![row(
        "import of 100 messages, indexed / plain FTS insertion",
        ours.split_off(late),
        reference.split_off(late),
        2.0,
    )];
    rows.extend(super::transfer::rows(&app, &runtime, &home)?);
    let store = Store::open(&home, std::sync::Arc::new(twin_app::SystemClock))?;
    let bytes = size(&home)?;
    embed(&store)?;
    let with_vectors = size(&home)?;
    let before = resident()?;
    runtime.block_on(app.recall_turns("warm", RANKED))?;
    rows.extend(figures(messages, bytes, with_vectors, resident()?.saturating_sub(before)));
    let (ours, reference) = recall(&app, &runtime, &home, &vocabulary, &mut random)?;
    rows.push(row(&format!("recall in {messages} messages / full text in the sqlite3 shell"), ours, reference, 3.0));
    Ok(rows)
}

/// Asked in turns, each question once: three words of all degrees of rarity.
fn recall(
    app: &App,
    runtime: &tokio::runtime::Runtime,
    home: &Path,
    vocabulary: &[String],
    random: &mut Random,
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..QUESTIONS {
        let words: Vec<&str> = (0..3).map(|_| vocabulary[random.place()].as_str()).collect();
        let start = Instant::now();
        let hits = runtime.block_on(app.recall_turns(&words.join(" "), RANKED))?;
        ours.push(start.elapsed().as_secs_f64() * 1_000.0);
        if hits.is_empty() {
            return Err("nothing was recalled".into());
        }
        reference.push(in_the_shell(&home.join("twin.db"), &words)?);
    }
    let mut sorted = ours.clone();
    median(&mut sorted);
    eprintln!("   recall: 95 of 100 within {:.1} ms", sorted[sorted.len() * 95 / 100]);
    Ok((ours, reference))
}

/// Milliseconds of the query as the shell's own timer says: neither its start nor what it prints.
fn in_the_shell(database: &Path, words: &[&str]) -> Result<f64, Error> {
    let wanted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let query = format!(
        ".timer on\nSELECT count(content) FROM (SELECT m.content FROM message_fts f JOIN message m ON m.number = f.rowid
         WHERE message_fts MATCH '{}' ORDER BY bm25(message_fts) LIMIT {RANKED});\n",
        wanted.join(" OR ")
    );
    let mut shell = Command::new("sqlite3")
        .args(["-readonly", &database.to_string_lossy()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    shell.stdin.take().ok_or("the shell takes no input")?.write_all(query.as_bytes())?;
    let output = String::from_utf8(shell.wait_with_output()?.stdout)?;
    let time = output.split("real ").nth(1).and_then(|rest| rest.split_whitespace().next());
    Ok(time.ok_or("the shell told no time")?.parse::<f64>()? * 1_000.0)
}

fn figures(messages: usize, bytes: u64, with_vectors: u64, resident: u64) -> Vec<Value> {
    let each = |name: &str, bytes: u64| {
        #[expect(clippy::cast_precision_loss, reason = "bytes of a message, rounded")]
        let each = bytes as f64 / messages as f64;
        json!({ "name": name, "ours": each, "unit": "bytes" })
    };
    vec![
        each("disk a message, with its index of words", bytes),
        each("disk a message's vector", with_vectors.saturating_sub(bytes)),
        each("memory a message's vector", resident),
    ]
}

fn insert(plain: &Connection, texts: &[String]) -> Result<(), Error> {
    let transaction = plain.unchecked_transaction()?;
    for text in texts {
        transaction.prepare_cached("INSERT INTO text (content) VALUES (?1)")?.execute([text])?;
    }
    Ok(transaction.commit()?)
}

/// Gives every message a vector.
fn embed(store: &Store) -> Result<(), Error> {
    let (mut random, mut below) = (Random(2), i64::MAX);
    loop {
        let missing = store.vector_missing("embedded", 0..below, 5_000)?;
        let Some((lowest, _, _)) = missing.last() else { return Ok(()) };
        below = *lowest;
        let vectors = missing.into_iter().map(|(_, id, _)| {
            let vector = Vector::from_floats(&(0..384).map(|_| random.share() - 0.5).collect::<Vec<f32>>());
            NewVector {
                subject: Subject::Message(id),
                bits: scan::signs(&vector).iter().flat_map(|word| word.to_le_bytes()).collect(),
                vector: vector.to_bytes(),
            }
        });
        store.vector_put("embedded", vectors.collect())?;
    }
}

fn session_file(folder: &Path, number: usize, texts: &[String]) -> Result<std::path::PathBuf, Error> {
    let messages: Vec<Value> = (0..)
        .zip(texts)
        .map(|(at, content)| {
            let role = if at % 2 == 0 { "user" } else { "assistant" };
            let (year, month, day) = (2016 + number / 1_000, 1 + (number / 84) % 12, 1 + (number / 3) % 28);
            let timestamp = format!("{year}-{month:02}-{day:02}T10:{:02}:{:02}", at / 60, at % 60);
            json!({ "role": role, "content": content, "timestamp": timestamp })
        })
        .collect();
    let file = folder.join(format!("00000000-0000-4000-8000-{number:012x}.json"));
    fs_err::write(&file, json!(messages).to_string())?;
    Ok(file)
}

fn size(home: &Path) -> Result<u64, Error> {
    let database = Connection::open(home.join("twin.db"))?;
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(fs_err::metadata(home.join("twin.db"))?.len())
}

/// Bytes of this process in memory.
fn resident() -> Result<u64, Error> {
    let statm = fs_err::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split_whitespace().nth(1).ok_or("statm has two numbers")?.parse()?;
    Ok(pages * 4_096)
}

fn text(vocabulary: &[String], random: &mut Random, words: usize) -> String {
    let words: Vec<&str> = (0..words).map(|_| vocabulary[random.place()].as_str()).collect();
    words.join(" ")
}

/// A word that no language has, the same for the same place.
fn word(place: usize) -> String {
    const CONSONANTS: &[u8] = b"bdfgklmnprtvz";
    const VOWELS: &[u8] = b"aiou";
    let syllables = CONSONANTS.len() * VOWELS.len();
    // Three syllables are enough for all; multiplied, so that neighbours do not begin alike.
    let mut rest = place * 48_271 % (syllables * syllables * syllables);
    let mut word = String::new();
    for _ in 0..3 {
        let syllable = rest % syllables;
        word.push(char::from(CONSONANTS[syllable / VOWELS.len()]));
        word.push(char::from(VOWELS[syllable % VOWELS.len()]));
        rest /= syllables;
    }
    word
}

/// SplitMix64 (Steele, Lea, Flood 2014): small and seeded.
struct Random(u64);

impl Random {
    /// From 0 up to, not including, 1.
    #[expect(clippy::cast_precision_loss, reason = "24 bits, which a float holds")]
    fn share(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 40) as f32 / (1_u32 << 24) as f32
    }

    /// The place of a word: the tenth word is a tenth as common as the first (Zipf's law).
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a small place"
    )]
    fn place(&mut self) -> usize {
        ((VOCABULARY as f32).powf(self.share()) as usize).saturating_sub(1).min(VOCABULARY - 1)
    }
}
