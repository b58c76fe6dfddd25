//! What a person does all day, in parts that are alike: each has the same work in it, so that what one part leaves behind
//! can be held against what the others did.

use fantoccini::key::Key;
use serde_json::json;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use twin_e2e::meeting::Meeting;
use twin_e2e::memory::learned;
use twin_e2e::person::WHOLE_ANSWER;
use twin_e2e::stub::Stub;
use twin_e2e::{World, given};

/// Turns in a part, which are one chat.
pub(crate) const TURNS: usize = 25;
/// Changes of the chat in a part.
pub(crate) const SWITCHES: usize = 10;
/// How many other chats are looked at in turn.
const VISITED: usize = 8;
/// Between two words of an answer.
const PACE: Duration = Duration::from_millis(2);

const ANSWERS: [&str; 5] = [
    "The **mill** works on the numbers, and the store holds them:\n\n- columns of discs,\n- read by cards.",
    "It has parts.\n\n| Part | Office |\n|---|---|\n| Store | numbers, on columns of discs |\n| Mill | the operations |",
    "As a program:\n\n```python\ndef mill(store: list[int]) -> int:\n    # one card after the other\n    return sum(store)\n```",
    "Then $B_n = 1 - \\sum_{k=0}^{n-1} \\binom{n}{k} \\frac{B_k}{n-k+1}$, and\n\n$$\\frac{x}{e^x - 1} = \\sum_{n=0}^{\\infty} B_n \\frac{x^n}{n!}$$",
    "> It originates nothing.\n\n1. Cards\n2. Mill\n3. Store\n\nThere is more in [the Notes](https://www.example.org/notes).",
];
const DIAGRAM: &str = "```mermaid\nflowchart LR\n  Cards --> Mill\n  Mill <--> Store\n```";

/// The window, the model, and the other device, which meets it in a folder.
pub(crate) struct Day {
    pub(crate) world: World,
    stub: Stub,
    other: PathBuf,
}

impl Day {
    /// Past the first run, both devices syncing.
    pub(crate) async fn begin() -> Self {
        let stub = Stub::start();
        stub.pace(PACE);
        let world = World::plan().with_keychain().prepare();
        let place = world.write("meeting/beside.txt", "").with_file_name("place");
        fs_err::create_dir(&place).expect("the person's folders can be made");
        let mut day = Self { other: world.user("other-device"), world, stub };
        let meeting = Meeting::Folder(place);
        meeting.begin(day.world.command(&given::twin()), true, "Study");
        day.world.twin(&["sync", "now"]);
        meeting.begin(day.on_other(), false, "Laptop");
        day.world.open().await;
        day.world.choose_openai(&day.stub, None).await;
        day
    }

    fn on_other(&self) -> Command {
        let mut command = self.world.command(&given::twin());
        command.env("TWIN_HOME", &self.other);
        command
    }

    /// The other device does something.
    fn elsewhere(&self, arguments: &[&str]) {
        let output = self.on_other().args(arguments).stdin(Stdio::null()).output().expect("`twin` can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the other device: twin {arguments:?}: {said}");
    }

    /// One part; `part` counts from one.
    pub(crate) async fn part(&mut self, part: usize) {
        self.world.fresh().await;
        for turn in 1..=TURNS {
            self.turn(part, turn).await;
            match turn {
                3 | 8 | 13 | 18 | 23 => self.switch(part, turn).await,
                5 => self.persona_edited(part).await,
                7 => self.other_device(part).await,
                10 => self.found().await,
                12 => self.why().await,
                15 => self.found_here().await,
                17 => self.settings().await,
                20 => self.palette().await,
                22 => self.memory().await,
                _ => {}
            }
        }
    }

    async fn turn(&self, part: usize, turn: usize) {
        let answer = if turn == TURNS { DIAGRAM } else { ANSWERS[turn % ANSWERS.len()] };
        self.stub.answer(&format!("{answer}\n\nThat was answer {turn} of chat {part}."));
        // Nothing else waits to be learned from by then.
        let told = if turn == 1 { format!(" I play the harp on day {part}.") } else { String::new() };
        if turn == 1 {
            let (quote, text) = (format!("I play the harp on day {part}"), format!("Plays the harp on day {part}"));
            self.stub.lesson(json!([learned("semantic", &quote, &text, &json!([]))]));
        }
        self.world.say(&format!("Chat {part}, question {turn}: what is the mill?{told}")).await;
        self.world.read(WHOLE_ANSWER, &answer_of(part, turn)).await;
        if turn == 1 {
            self.world.read("notice-remembered", &format!("harp on day {part}")).await;
        }
    }

    /// To another chat and back.
    async fn switch(&self, part: usize, turn: usize) {
        let before = part - 1;
        if before > 0 {
            let first = before.saturating_sub(VISITED - 1).max(1);
            let to = first + (part * 5 + turn / 5) % (before - first + 1);
            self.open(to, TURNS).await;
        } else {
            self.world.fresh().await;
        }
        self.open(part, turn).await;
    }

    async fn open(&self, part: usize, last: usize) {
        self.world.open_session(&format!("Chat {part}, ")).await;
        self.world.read(WHOLE_ANSWER, &answer_of(part, last)).await;
    }

    /// As editors save: a new file beside the old one, renamed over it.
    async fn persona_edited(&self, part: usize) {
        let summary = self.world.persona("summary.md");
        let text = fs_err::read_to_string(&summary).expect("the persona can be read");
        let text = text.split("\n\nI keep ").next().unwrap_or_default();
        let beside = self.world.persona("summary.md.tmp~");
        fs_err::write(&beside, format!("{text}\n\nI keep {part} hives of bees.\n"))
            .expect("the persona can be written");
        fs_err::rename(&beside, &summary).expect("the persona can be written");
        self.world.read("toast", "summary.md").await;
        self.world.button("Dismiss").await.click().await.expect("a toast can be dismissed");
        self.world.gone("toast").await;
    }

    /// It writes a chat, which comes in here, and reads what was written here.
    async fn other_device(&self, part: usize) {
        let world = &self.world;
        let said = format!("Letter {part} from the other device");
        self.elsewhere(&["sync", "now"]);
        self.elsewhere(&["chat", "--model", "offline", &said]);
        self.elsewhere(&["sync", "now"]);
        world.click("open-settings").await;
        world.click("settings-sync").await;
        world.click("sync-now").await;
        world
            .until("the letter has come", async |world| {
                world.texts("session-item").await.iter().any(|title| title.starts_with(&said)).then_some(())
            })
            .await;
        world.read("sync-state", "Everything is synced").await;
        self.to_chat().await;
    }

    async fn to_chat(&self) {
        self.world.click("nav-chat").await;
        self.world.see("composer").await;
    }

    async fn found(&self) {
        let world = &self.world;
        world.press(&(Key::Control + &(Key::Shift + "f"))).await;
        for words in ["mill", "disc", "\"originates nothing\""] {
            world.fill("find-field", words).await;
            world.see("find-hit").await;
        }
        self.to_chat().await;
    }

    async fn found_here(&self) {
        let world = &self.world;
        world.press(&(Key::Control + "f")).await;
        world.fill("find-bar-field", "mill").await;
        world.read("find-bar-status", " of ").await;
        world.press(&Key::Enter.to_string()).await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("find-bar").await;
    }

    async fn why(&self) {
        self.world.click("why-toggle").await;
        assert!(!self.world.prompt_of_latest_answer().await.is_empty());
        self.world.close_why().await;
    }

    async fn settings(&self) {
        let world = &self.world;
        world.click("open-settings").await;
        for section in ["general", "answering", "data", "usage", "shortcuts"] {
            world.click(&format!("settings-{section}")).await;
        }
        self.to_chat().await;
    }

    async fn palette(&self) {
        let world = &self.world;
        world.press(&(Key::Control + "k")).await;
        world.fill("palette-field", "Chat").await;
        world.read("palette", "Chat").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("palette").await;
    }

    async fn memory(&self) {
        let world = &self.world;
        world.open_memory().await;
        world.see("memory-row").await;
        world.click("memory-row").await;
        world.see("memory-source").await;
        world.click("memory-close").await;
        self.to_chat().await;
    }
}

fn answer_of(part: usize, turn: usize) -> String {
    format!("answer {turn} of chat {part}.")
}
