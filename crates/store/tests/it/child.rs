//! The other process: this very test binary, started again with a part to play.

use crate::support::{StepClock, attached, finished, new_session, parts, reply_draft, user_message};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use twin_core::chat::Audience;
use twin_core::error::Coded;
use twin_store::{Store, TurnBegin};

const PART: &str = "TWIN_STORE_PART";
const HOME: &str = "TWIN_STORE_HOME";

/// Stands before every word to the parent: the test harness prints, too.
const SAYS: &str = "child says ";

/// Without a part to play, as in any ordinary run, there is nothing to do.
#[test]
fn plays_its_part() {
    let (Some(part), Some(home)) = (std::env::var_os(PART), std::env::var_os(HOME)) else {
        return;
    };
    let home = Path::new(&home);
    match part.to_str().unwrap() {
        "open when told" => {
            say("ready");
            hear();
            say(&Store::open(home, StepClock::new()).unwrap().device().to_string());
        }
        "try to open" => match Store::open(home, StepClock::new()) {
            Ok(_) => say("opened"),
            Err(error) => say(&format!("{:?}", error.code())),
        },
        "talk in memory" => {
            let _store = crate::in_memory::talk_in_memory();
            say("talked");
            hear();
        }
        "200 turns" => write_turns(home, 200),
        "turns until killed" => write_turns(home, usize::MAX),
        "let a reply grow" => {
            let clock = StepClock::new();
            let store = Store::open(home, clock.clone()).unwrap();
            let session = new_session(clock.as_ref(), "Growing", Audience::Owner);
            let question = user_message(clock.as_ref(), session.id, None, "tell me");
            let reply = reply_draft(clock.as_ref(), &question);
            let id = reply.id;
            store
                .turn_begin(&TurnBegin {
                    session: Some(session),
                    user_message: Some(question),
                    blobs: Vec::new(),
                    reply,
                })
                .unwrap();
            store.reply_grow(id, "Once upon a", &parts("Once upon a")).unwrap();
            say(&id.to_string());
            hear();
        }
        other => panic!("no such part: {other}"),
    }
}

/// Says the ids of what is committed, never earlier. With each question goes a file.
fn write_turns(home: &Path, count: usize) {
    let clock = StepClock::new();
    let store = Store::open(home, clock.clone()).unwrap();
    let session = new_session(clock.as_ref(), "Long", Audience::Owner);
    let mut parent = None;
    for number in 0..count {
        let text = format!("question {number}");
        let question = user_message(clock.as_ref(), session.id, parent, &text);
        let (question, blob) = attached(clock.as_ref(), question, text.as_bytes());
        let reply = reply_draft(clock.as_ref(), &question);
        let begin = (number == 0).then(|| session.clone());
        let (question_id, answer) = (question.id, finished(&reply, &format!("answer {number}")));
        store
            .turn_begin(&TurnBegin { session: begin, user_message: Some(question), blobs: vec![blob], reply })
            .unwrap();
        say(&question_id.to_string());
        store.reply_grow(answer.id, "ans", &[]).unwrap();
        store.reply_finish(&answer, None).unwrap();
        say(&answer.id.to_string());
        parent = Some(answer.id);
    }
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{SAYS}{word}").unwrap();
    out.flush().unwrap();
}

/// Until the parent says something or is gone.
fn hear() {
    let _ = std::io::stdin().lock().read(&mut [0]);
}

/// A process that plays a part. Killed when dropped.
pub(crate) struct Other {
    child: Child,
    words: BufReader<ChildStdout>,
    stdin: Option<ChildStdin>,
}

impl Other {
    pub(crate) fn start(part: &str, home: &Path) -> Self {
        Self::start_as(Command::new(std::env::current_exe().unwrap()), part, home)
    }

    /// `command` runs this binary, in whichever way.
    pub(crate) fn start_as(mut command: Command, part: &str, home: &Path) -> Self {
        let mut child = command
            .args(["--exact", "child::plays_its_part", "--nocapture"])
            .env(PART, part)
            .env(HOME, home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let words = BufReader::new(child.stdout.take().unwrap());
        let stdin = child.stdin.take();
        Self { child, words, stdin }
    }

    /// What it says next; none after its end.
    pub(crate) fn next_word(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.words.read_line(&mut line).unwrap() > 0 {
            // A line that the kill cut off was not said.
            if let Some((_, word)) = line.split_once(SAYS).filter(|_| line.ends_with('\n')) {
                return Some(word.trim_end().to_owned());
            }
            line.clear();
        }
        None
    }

    /// Its id.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets it go on.
    pub(crate) fn tell(&mut self) {
        drop(self.stdin.take());
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
