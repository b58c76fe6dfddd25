//! Records on their way from one home to another, through a bucket far away.

use crate::row::{Target, row};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use twin_e2e::desktop::{Desktop, Keychain};
use twin_e2e::given;
use twin_e2e::meeting::{ACCESS_KEY, Meeting, SECRET};
use twin_e2e::ministack::Ministack;
use twin_e2e::slow::Slow;
use twin_e2e::stub::Stub;

const RECORDS: usize = 10_000;
const BUCKET: &str = "attic";
const THERE_AND_BACK: Duration = Duration::from_millis(50);

/// 10,000 messages sealed, sent, read and kept by another home, against the same bytes as one file by `rclone` to the same
/// bucket and back.
pub(crate) async fn rows(rounds: usize) -> Vec<Value> {
    let folder = TempDir::with_prefix("twin-travel-").expect("a temporary folder can be made");
    let desktop = Desktop::start(folder.path(), Keychain::Unlocked, (64, 64));
    let stub = Stub::start();
    let server = Ministack::start(&desktop, &stub).await;
    server.make_bucket(BUCKET).await;
    let line = Slow::start(server.port(), THERE_AND_BACK);
    let twin = |home: &str| {
        let mut command = desktop.command(&given::twin());
        command.env("TWIN_HOME", folder.path().join(home)).stdin(Stdio::null());
        command
    };
    let meeting = Meeting::Bucket { name: BUCKET, endpoint: line.origin() };
    for (home, first) in [("here", true), ("there", false)] {
        meeting.begin(twin(home), first, home);
        done(twin(home).args(["sync", "now"]));
    }
    done(twin("here").args(["sync", "now"]));

    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let file = session_file(folder.path(), round);
        done(twin("here").args(["session", "import"]).arg(file));
        let before = line.sent();
        let sent = timed(twin("here").args(["sync", "now"]));
        let bytes = line.sent() - before;
        let taken_in = timed(twin("there").args(["sync", "now"]));
        ours.push(sent + taken_in);

        let (file, back) = (folder.path().join("bytes"), folder.path().join("back"));
        fs_err::write(&file, random(bytes)).expect("the temporary folder can be written");
        let object = format!("far:{BUCKET}/{round}");
        let there = timed(rclone(&desktop, &line).arg(&file).arg(&object));
        reference.push(there + timed(rclone(&desktop, &line).arg(&object).arg(&back)));
        eprintln!("   journey {round} of {rounds}: {bytes} bytes, sent in {sent:.0} ms, taken in in {taken_in:.0} ms");
    }
    vec![row("10,000 records to another home / rclone", &ours, &reference, "ms", Target::Times(1.5))]
}

fn rclone(desktop: &Desktop, line: &Slow) -> Command {
    let mut command = desktop.command(Path::new("rclone"));
    command.env("RCLONE_CONFIG_FAR_TYPE", "s3").env("RCLONE_CONFIG_FAR_PROVIDER", "Other");
    command.env("RCLONE_CONFIG_FAR_ACCESS_KEY_ID", ACCESS_KEY).env("RCLONE_CONFIG_FAR_SECRET_ACCESS_KEY", SECRET);
    command.env("RCLONE_CONFIG_FAR_ENDPOINT", line.origin()).env("RCLONE_CONFIG_FAR_REGION", "us-east-1");
    command.args(["--s3-no-check-bucket", "copyto"]);
    command
}

fn done(command: &mut Command) {
    let output = command.output().expect("the program can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// In milliseconds.
fn timed(command: &mut Command) -> f64 {
    let start = Instant::now();
    done(command);
    start.elapsed().as_secs_f64() * 1_000.0
}

/// As large as sealed records, and no more to be made smaller.
fn random(length: u64) -> Vec<u8> {
    (0..length.div_ceil(8)).flat_map(|at| mixed(at).to_le_bytes()).collect()
}

/// One conversation of words that do not repeat themselves as a sample would.
fn session_file(folder: &Path, round: usize) -> std::path::PathBuf {
    let messages: Vec<Value> = (0..RECORDS)
        .map(|at| {
            let words: Vec<String> = (0..24).map(|word| word_of(mixed((round * RECORDS + at) as u64 * 64 + word))).collect();
            let role = if at % 2 == 0 { "user" } else { "assistant" };
            let (hour, minute, second) = (at / 3_600, at / 60 % 60, at % 60);
            json!({ "role": role, "content": words.join(" "), "timestamp": format!("2025-03-01T{hour:02}:{minute:02}:{second:02}") })
        })
        .collect();
    let file = folder.join(format!("00000000-0000-4000-8000-{round:012x}.json"));
    fs_err::write(&file, json!(messages).to_string()).expect("the temporary folder can be written");
    file
}

/// Of a language of 20,000 words.
fn word_of(number: u64) -> String {
    let mut left = number % 20_000 + 400;
    let mut word = String::new();
    while left > 0 {
        word.push_str(["ka", "lo", "mi", "ren", "su", "tav", "ne", "or", "pil", "ua"][(left % 10) as usize]);
        left /= 10;
    }
    word
}

/// `SplitMix64` (Steele et al. 2014).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
