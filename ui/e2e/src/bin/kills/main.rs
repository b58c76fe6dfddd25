//! Kills `twin chat` at random moments and looks, after every kill, whether what the person saw as sent is still there.
//!
//! Seen as sent means: the program ended well, or had printed the first piece of the reply. With `--sync` it kills
//! `twin sync now` of three homes instead.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]
#![expect(clippy::expect_used, reason = "a test harness: what breaks must fail loudly, there and then")]

mod sync;

use clap::Parser;
use serde_json::Value;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use twin_e2e::given;
use twin_e2e::stub::Stub;

/// What the model says: long enough for a kill to land in the middle of it.
const ANSWER: &str = "Yes. I remember what you said, and I shall remember it after the lights have gone out, because it \
                      was written down before I was asked. Ask me again whenever you like, and I shall say the same.";

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    rounds: u32,
    #[arg(long)]
    seed: Option<u64>,
    #[arg(long)]
    sync: bool,
    /// With `--sync`: in a bucket of that server and not in a folder.
    #[arg(long, requires = "sync")]
    s3: Option<sync::Server>,
}

fn main() -> ExitCode {
    let Arguments { rounds, seed, sync, s3 } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("{rounds} rounds, seed {seed}");
    if sync {
        return sync::run(rounds, Random(seed), s3);
    }
    let mut trial = Trial::new(seed);
    for round in 1..=rounds {
        trial.round(round);
        if round % 20 == 0 || round == rounds {
            trial.look_at_everything();
            println!("{round:>5} of {rounds}: {}", trial.tally());
        }
    }
    for fault in &trial.faults {
        println!("FAULT: {fault}");
    }
    if trial.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A message that was sent, and what came of it.
struct Sent {
    text: String,
    acknowledged: bool,
    /// The program ended by itself.
    finished: bool,
}

struct Trial {
    home: TempDir,
    stub: Stub,
    random: Random,
    sent: Vec<Sent>,
    sessions: Vec<String>,
    lost: BTreeSet<String>,
    interrupted: BTreeSet<String>,
    faults: BTreeSet<String>,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let stub = Stub::start();
        stub.otherwise(ANSWER);
        stub.pace(Duration::from_millis(4));
        Self {
            home: TempDir::with_prefix("twin-kills-").expect("a temporary folder can be made"),
            stub,
            random: Random(seed),
            sent: Vec::new(),
            sessions: Vec::new(),
            lost: BTreeSet::new(),
            interrupted: BTreeSet::new(),
            faults: BTreeSet::new(),
        }
    }

    fn twin(&self) -> Command {
        let mut command = Command::new(given::twin());
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("TWIN_HOME", self.home.path().join("twin"))
            .env("AWS_ENDPOINT_URL", self.stub.origin())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "an-id")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    /// Sends one message and kills the program some time before it would have ended, or a little later.
    fn round(&mut self, round: u32) {
        let model = if self.random.below(4) == 0 { "offline" } else { "bedrock:stub" };
        let text = format!("Message {round}: {}", "remember this, ".repeat(1 + self.random.below(40)));
        let mut command = self.twin();
        command.args(["chat", "--model", model]);
        let continued = (!self.sessions.is_empty() && self.random.below(4) != 0)
            .then(|| self.sessions[self.random.below(self.sessions.len())].clone());
        command.args(continued.iter().flat_map(|session| ["--session", session]));
        let longest = if model == "offline" { 150 } else { 600 };
        let delay = Duration::from_micros(self.random.below(longest * 1000) as u64);

        let start = Instant::now();
        let mut child =
            command.arg(&text).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("`twin` can be started");
        let mut stdout = child.stdout.take().expect("standard output was asked for");
        let reading = std::thread::spawn(move || {
            let mut printed = Vec::new();
            // A pipe whose writer was killed ends; it does not fail.
            let _ = stdout.read_to_end(&mut printed);
            printed
        });
        // The random moment is the point: nothing is waited for here.
        std::thread::sleep(delay.saturating_sub(start.elapsed()));
        child.kill().expect("the program can be killed");
        let status = child.wait().expect("the program can be waited for");
        let printed = reading.join().expect("reading does not panic");
        if !status.success() && status.code().is_some() {
            self.faults.insert(format!("round {round}: twin chat failed by itself ({status})"));
        }
        let acknowledged = status.success() || !printed.is_empty();
        self.sent.push(Sent { text, acknowledged, finished: status.success() });
        self.look_at_the_latest();
    }

    /// The home opens, and the message is where it should be.
    fn look_at_the_latest(&mut self) {
        let Some(sessions) = self.ask(&["session", "list", "--json"]) else { return };
        let ids = sessions.as_array().into_iter().flatten().filter_map(|session| session["id"].as_str());
        self.sessions = ids.map(str::to_owned).collect();
        // The list has the newest first, so the message is in the first session or in none.
        let newest: Vec<String> = self.sessions.first().cloned().into_iter().collect();
        let from = self.sent.len() - 1;
        self.look(&newest, from);
    }

    fn look_at_everything(&mut self) {
        let sessions = self.sessions.clone();
        self.look(&sessions, 0);
    }

    /// Looks in these sessions for the messages sent since number `from`.
    fn look(&mut self, sessions: &[String], from: usize) {
        let mut messages = Vec::new();
        for session in sessions {
            let Some(shown) = self.ask(&["session", "show", session, "--json"]) else { continue };
            messages.extend(shown["messages"].as_array().cloned().unwrap_or_default());
        }
        for sent in &self.sent[from..] {
            let found: Vec<&Value> = messages.iter().filter(|message| message["content"] == *sent.text).collect();
            let name = sent.text.split(':').next().unwrap_or_default();
            match found[..] {
                [] if sent.acknowledged => drop(self.lost.insert(sent.text.clone())),
                [] => {}
                [message] => {
                    let fault = judge(sent, message, &messages, &mut self.interrupted);
                    self.faults.extend(fault.map(|fault| format!("{name}: {fault}")));
                }
                _ => drop(self.faults.insert(format!("{name} is there {} times", found.len()))),
            }
        }
        for message in messages.iter().filter(|message| message["role"] == "user") {
            if !self.sent.iter().any(|sent| message["content"] == *sent.text) {
                self.faults.insert(format!("a message that nobody sent: {}", message["content"]));
            }
        }
        self.faults.extend(self.lost.iter().map(|text| format!("lost: {text}")));
    }

    /// What the command answered in JSON; a fault if it failed.
    fn ask(&mut self, arguments: &[&str]) -> Option<Value> {
        let Output { status, stdout, stderr } = self.twin().args(arguments).output().expect("`twin` can be started");
        let answer = serde_json::from_slice(&stdout).ok().filter(|_| status.success());
        if answer.is_none() {
            let said = String::from_utf8_lossy(&stderr).into_owned();
            self.faults.insert(format!("after {} kills, twin {arguments:?} failed: {said}", self.sent.len()));
        }
        answer
    }

    fn tally(&self) -> String {
        let finished = self.sent.iter().filter(|sent| sent.finished).count();
        let acknowledged = self.sent.iter().filter(|sent| sent.acknowledged).count();
        format!(
            "{} killed, {finished} ended before the kill, {acknowledged} messages acknowledged, {} replies cut off and \
             marked, {} acknowledged messages lost, {} faults",
            self.sent.len() - finished,
            self.interrupted.len(),
            self.lost.len(),
            self.faults.len(),
        )
    }
}

/// What is wrong with a stored message's reply, if anything.
fn judge(sent: &Sent, message: &Value, messages: &[Value], interrupted: &mut BTreeSet<String>) -> Option<String> {
    let mut replies = messages.iter().filter(|reply| reply["parent_id"] == message["id"]);
    let (Some(reply), None) =
        (replies.find(|reply| reply["role"] == "assistant"), replies.find(|reply| reply["role"] == "assistant"))
    else {
        return Some("it should have one reply, whole or cut off".to_owned());
    };
    let content = reply["content"].as_str().unwrap_or_default();
    let offline = reply["model"]["provider"] == "offline";
    match reply["status"].as_str() {
        Some("complete") if offline || content == ANSWER => None,
        Some("complete") => Some(format!("the whole reply is {content:?}")),
        Some("interrupted") if sent.finished => Some("a reply that was shown whole is marked as cut off".to_owned()),
        Some("interrupted") if offline || ANSWER.starts_with(content) => {
            interrupted.insert(reply["id"].to_string());
            None
        }
        Some("interrupted") => Some(format!("the cut reply is {content:?}")),
        status => Some(format!("its reply has status {status:?}")),
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, good enough to choose moments.
struct Random(u64);

impl Random {
    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % limit as u64).unwrap_or_default()
    }
}
