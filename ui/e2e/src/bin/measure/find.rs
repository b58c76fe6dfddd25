//! Search over a million messages, from the page's question to its answer, against the same full-text query in this process
//! and against `rg` over the same text.

use crate::row::{Target, quantile, row};
use fs_err::File;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use twin_e2e::World;
use twin_e2e::random::Random;

const MESSAGES: usize = 1_000_000;
const IN_A_SESSION: usize = 100;
const FILES_AT_ONCE: usize = 250;
/// About 90 words a message, 550 bytes, as people and models write.
const WORDS: usize = 90;
const VOCABULARY: usize = 30_000;
/// Each question is asked so often in a row: the page's clock counts whole milliseconds.
const TIMES: u32 = 20;
const TOP: u32 = 20;

/// Asks the program, as the window's search does, and waits for the answer.
const ASK: &str = "
    const [text, times, top, done] = arguments;
    const query = { text, audience: 'owner', session: null, role: null, from: null, before: null, order: 'newest', limit: top };
    const ask = async () => {
        const start = performance.now();
        let found;
        for (let time = 0; time < times; time++) found = await window.__TAURI_INTERNALS__.invoke('message_find', { query });
        return { took: (performance.now() - start) / times, hits: found.hits.length };
    };
    ask().then(done, (error) => done(String(error)));";

pub(crate) async fn rows(rounds: usize) -> Vec<Value> {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    world.close().await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let text = folder.path().join("text");
    let start = Instant::now();
    write(&world, folder.path(), &text);
    eprintln!("   {MESSAGES} messages in {:.0} s", start.elapsed().as_secs_f64());
    let database = Connection::open_with_flags(world.home().join("twin.db"), OpenFlags::SQLITE_OPEN_READ_ONLY);
    let database = database.expect("the database can be read");
    world.open().await;
    world.see("composer").await;

    let [mut ours, mut reference, mut rg, mut empty] = [const { Vec::new() }; 4];
    let (mut commonest, mut commonest_reference) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        for place in [COMMONEST, 30, 300, 3_000, 20_000] {
            let sought = word(place);
            let mine = asked(&world, &sought, TOP).await;
            let theirs = in_process(&database, &sought);
            // What the way through the web view takes by itself.
            let way = asked(&world, "", 0).await;
            if round > 0 {
                empty.push(way);
                if place == COMMONEST {
                    commonest.push(mine);
                    commonest_reference.push(theirs);
                }
                ours.push(mine);
                reference.push(theirs);
            }
            // It takes long, and its spread is small.
            if (1..=3).contains(&round) {
                rg.push(scanned(&text, &sought));
            }
            eprintln!("   {sought}: {mine:.2} ms, in process {theirs:.2} ms");
        }
    }
    let longest = quantile(&ours, 1.0);
    eprintln!("   the longest of all took {longest:.1} ms");
    vec![
        row("search of 1,000,000 messages / in process", &ours, &reference, "ms", Target::Times(2.0)),
        row("search of 1,000,000 messages / an empty search, by the same way", &ours, &empty, "ms", Target::None),
        row("search for the commonest word / in process", &commonest, &commonest_reference, "ms", Target::AtMost(30.0)),
        row("search of 1,000,000 messages / rg", &ours, &rg, "ms", Target::Times(0.02)),
    ]
}

/// Milliseconds from the page's call to its answer, with so many hits and their snippets.
async fn asked(world: &World, sought: &str, hits: u32) -> f64 {
    let answer = world.client().execute_async(ASK, vec![json!(sought), json!(TIMES), json!(TOP)]).await;
    let answer = answer.expect("the page answers");
    assert_eq!(answer["hits"], hits, "{sought} is found: {answer}");
    answer["took"].as_f64().expect("a time")
}

/// Milliseconds of the bare query: the index asked for the newest twenty, and their text read.
fn in_process(database: &Connection, sought: &str) -> f64 {
    let start = Instant::now();
    for _ in 0..TIMES {
        let select = "SELECT m.content FROM message_fts f CROSS JOIN message m ON m.number = f.rowid
                      WHERE message_fts MATCH ?1 ORDER BY f.rowid DESC LIMIT ?2";
        let mut select = database.prepare_cached(select).expect("the index can be asked");
        let found = select.query_map((format!("\"{sought}\"*"), TOP), |row| row.get::<_, String>(0));
        let found = found.expect("the index can be asked").flatten().count();
        assert_eq!(Ok(TOP), u32::try_from(found), "{sought} is found in process");
    }
    start.elapsed().as_secs_f64() * 1000.0 / f64::from(TIMES)
}

/// Milliseconds of `rg`, at its fastest: a fixed string, counted and not printed, the file in the disk's cache.
fn scanned(text: &Path, sought: &str) -> f64 {
    let start = Instant::now();
    let status =
        Command::new("rg").args(["--fixed-strings", "--count", sought]).arg(text).stdout(Stdio::null()).status();
    assert!(status.expect("`rg` can be started").success(), "rg finds {sought}");
    start.elapsed().as_secs_f64() * 1000.0
}

/// Imports the messages, and writes their text to a file, a message a line.
fn write(world: &World, folder: &Path, text: &Path) {
    let mut text = BufWriter::new(File::create(text).expect("the temporary folder can be written"));
    let vocabulary: Vec<String> = (0..VOCABULARY).map(word).collect();
    let mut random = Random(1);
    let mut files = Vec::new();
    for number in 0..MESSAGES / IN_A_SESSION {
        let messages: Vec<Value> = (0..IN_A_SESSION)
            .map(|at| {
                let words: Vec<&str> = (0..WORDS).map(|_| vocabulary[place(&mut random)].as_str()).collect();
                let content = words.join(" ");
                writeln!(text, "{content}").expect("the temporary folder can be written");
                let role = if at % 2 == 0 { "user" } else { "assistant" };
                let (year, month, day) = (2016 + number / 1_000, 1 + (number / 84) % 12, 1 + (number / 3) % 28);
                let timestamp = format!("{year}-{month:02}-{day:02}T10:{:02}:{:02}", at / 60, at % 60);
                json!({ "role": role, "content": content, "timestamp": timestamp })
            })
            .collect();
        let file = folder.join(format!("00000000-0000-4000-8000-{number:012x}.json"));
        fs_err::write(&file, json!(messages).to_string()).expect("the temporary folder can be written");
        files.push(file.to_string_lossy().into_owned());
        if files.len() == FILES_AT_ONCE {
            let mut arguments = vec!["session", "import"];
            arguments.extend(files.iter().map(String::as_str));
            world.twin(&arguments);
            for file in files.drain(..) {
                fs_err::remove_file(file).expect("the file can be removed");
            }
            eprintln!("   {} messages", (number + 1) * IN_A_SESSION);
        }
    }
    text.flush().expect("the temporary folder can be written");
}

/// The place of the commonest word: it is in nearly every message.
const COMMONEST: usize = 0;

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

/// The place of a word: the tenth word is a tenth as common as the first (Zipf's law).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in the vocabulary, drawn from 53 bits"
)]
fn place(random: &mut Random) -> usize {
    let share = (random.draw() >> 11) as f64 / (1_u64 << 53) as f64;
    ((VOCABULARY as f64).powf(share) as usize - 1).min(VOCABULARY - 1)
}
