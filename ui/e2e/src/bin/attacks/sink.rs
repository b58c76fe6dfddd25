//! The places where a text from outside is shown, each reached as a person's texts reach it.

use fantoccini::key::Key;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use twin_e2e::history::chatgpt;
use twin_e2e::person::WHOLE_ANSWER;
use twin_e2e::stub::Stub;
use twin_e2e::{World, attack};

/// Messages of one conversation that are drawn at once when it is opened.
const IN_A_SESSION: usize = 40;
/// Files that one message may carry.
const IN_A_MESSAGE: usize = 20;
/// Characters of an answer that is streamed, and the pause after each.
const IN_AN_ANSWER: usize = 4_000;
const PACE: Duration = Duration::from_millis(1);
/// Characters of a server's own words, beside a few of ours; more are not repeated.
const IN_A_LINE: usize = 220;
/// Messages that one search finds at most.
const FOUND_AT_ONCE: usize = 200;
/// So many toasts, refusals and typed searches at most: each takes its time.
const AT_MOST: usize = 150;

/// Only what is near the view is drawn. How many messages there were on the way.
const LOOK_THROUGH: &str = "
    const done = arguments[arguments.length - 1];
    const seen = new Set();
    const look = () => {
        const messages = [...document.querySelectorAll('[data-testid=message]')];
        for (const { dataset } of messages) seen.add(dataset.messageId);
        let box = messages[0]?.parentElement;
        while (box && !(['auto', 'scroll'].includes(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight)) {
            box = box.parentElement;
        }
        return box;
    };
    const box = look();
    if (!box) return done(seen.size);
    box.scrollTop = 0;
    const step = () => {
        look();
        if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) return done(seen.size);
        box.scrollTop += box.clientHeight / 2;
        requestAnimationFrame(() => requestAnimationFrame(step));
    };
    requestAnimationFrame(() => requestAnimationFrame(step));";

#[derive(Debug, Clone, Copy)]
pub(crate) enum Sink {
    Message,
    Streamed,
    Imported,
    Title,
    Search,
    Persona,
    FileName,
    ModelName,
    Error,
    Notification,
}

impl Sink {
    pub(crate) const ALL: [Self; 10] = [
        Self::Message,
        Self::Streamed,
        Self::Imported,
        Self::Title,
        Self::Search,
        Self::Persona,
        Self::FileName,
        Self::ModelName,
        Self::Error,
        Self::Notification,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Streamed => "streamed",
            Self::Imported => "import",
            Self::Title => "title",
            Self::Search => "search",
            Self::Persona => "persona",
            Self::FileName => "file",
            Self::ModelName => "model",
            Self::Error => "error",
            Self::Notification => "notification",
        }
    }
}

/// A person in front of a window, with a server that says what it is told to.
pub(crate) struct Bench {
    pub(crate) world: World,
    stub: Stub,
    made: usize,
}

impl Bench {
    pub(crate) async fn open() -> Self {
        let stub = Stub::start();
        stub.otherwise("So it is.");
        let world = World::plan().open().await;
        world.choose_openai(&stub, None).await;
        Self { world, stub, made: 0 }
    }

    /// Shows the texts in a place; how many of them were seen to be there.
    pub(crate) async fn show(&mut self, sink: Sink, texts: &[String]) -> usize {
        match sink {
            Sink::Message => self.messages(texts).await,
            Sink::Streamed => self.streamed(texts).await,
            Sink::Imported => self.imported(texts).await,
            Sink::Title => self.titles(texts).await,
            Sink::Search => self.search(texts).await,
            Sink::Persona => self.persona(texts).await,
            Sink::FileName => self.file_names(texts).await,
            Sink::ModelName => self.model_names(texts).await,
            Sink::Error => self.errors(texts).await,
            Sink::Notification => self.notifications(texts).await,
        }
    }

    /// Answers of the past, as they are drawn when a conversation is opened.
    async fn messages(&mut self, texts: &[String]) -> usize {
        let mut shown = 0;
        for texts in texts.chunks(IN_A_SESSION) {
            let id = self.session(texts);
            self.open_session(&id).await;
            shown += self.drawn(texts.len() + 1).await - 1;
        }
        shown
    }

    /// An answer that grows by a character at a time.
    async fn streamed(&mut self, texts: &[String]) -> usize {
        let mut shown = 0;
        for texts in answers(texts) {
            self.made += 1;
            let end = format!("End of answer {}.", self.made);
            self.new_chat().await;
            let gate = self.stub.answer_gated();
            self.world.say("Say it.").await;
            let answer = texts.join("\n\n");
            tokio::task::spawn_blocking(move || {
                for character in answer.chars() {
                    gate.say(character.encode_utf8(&mut [0; 4]));
                    std::thread::sleep(PACE);
                }
                gate
            })
            .await
            // What was left open, of a block of code or of a formula, is closed, so that the end is seen.
            .map(|gate| {
                gate.say(&format!("\n\n{end}"));
                gate.end();
            })
            .expect("the answer is said");
            self.world.read(WHOLE_ANSWER, &end).await;
            shown += texts.len();
        }
        shown
    }

    /// What another program gave its user: titles and both sides of conversations.
    async fn imported(&mut self, texts: &[String]) -> usize {
        let conversations = texts.chunks(IN_A_SESSION).map(|texts| (texts[0].clone(), texts));
        let ids = self.import(conversations);
        let mut shown = 0;
        for (id, texts) in ids.into_iter().zip(texts.chunks(IN_A_SESSION)) {
            self.open_session(&id).await;
            shown += self.drawn(texts.len()).await;
        }
        shown
    }

    async fn titles(&mut self, texts: &[String]) -> usize {
        let said = ["So it is.".to_owned()];
        let ids = self.import(texts.iter().map(|title| (title.clone(), &said[..])));
        // The last in the list: by then all of them are there. It is opened, for the title above the conversation.
        for id in [&ids[0], &ids[ids.len() - 1]] {
            self.open_session(id).await;
            self.drawn(1).await;
        }
        let count = "return document.querySelectorAll('[data-testid=session-item]').length";
        usize::try_from(self.world.run(count, vec![]).await.as_u64().unwrap_or(0)).unwrap_or(0).min(ids.len())
    }

    async fn search(&mut self, texts: &[String]) -> usize {
        let parts: Vec<(String, &[String])> = texts
            .chunks(FOUND_AT_ONCE)
            .map(|texts| {
                self.made += 1;
                (format!("zebrafinch{}", self.made), texts)
            })
            .collect();
        for (word, texts) in &parts {
            self.session(&texts.iter().map(|text| format!("{word} {text}")).collect::<Vec<_>>());
        }
        let world = &self.world;
        world.press(&(Key::Control + &(Key::Shift + "f"))).await;
        let typed = "
            const field = document.querySelector('[data-testid=find-field]');
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, arguments[0]);
            field.dispatchEvent(new Event('input', { bubbles: true }));
            setTimeout(arguments[1], 30);";
        world.see("find-field").await;
        for text in some(texts) {
            world.client().execute_async(typed, vec![json!(text)]).await.expect("the field can be typed into");
        }
        let mut shown = 0;
        for (word, texts) in &parts {
            world.fill("find-field", word).await;
            world.read("find-hit", word).await;
            let hits = "
                document.querySelector('[data-testid=find-more]')?.click();
                return document.querySelectorAll('[data-testid=find-hit]').length";
            let wanted = u64::try_from(texts.len()).unwrap_or(u64::MAX);
            let found = async |world: &World| world.run(hits, vec![]).await.as_u64().filter(|hits| *hits == wanted);
            world.until(&format!("{wanted} messages with {word} are found"), found).await;
            shown += texts.len();
        }
        world.click("find-close").await;
        world.see("composer").await;
        shown
    }

    /// As facts, in a table, and as a text, with its beginning in the list of files.
    async fn persona(&mut self, texts: &[String]) -> usize {
        let mut shown = 0;
        self.world.click("nav-persona").await;
        for texts in texts.chunks(200) {
            self.made += 1;
            let facts = texts.iter().enumerate().map(|(at, text)| (format!("{at:03} {text}"), json!(text)));
            let names = ["full_name", "name"].map(|name| (name.to_owned(), json!("Ada Lovelace")));
            let facts: serde_json::Map<String, Value> = names.into_iter().chain(facts).collect();
            let end = format!("End of file {}.", self.made);
            let file = format!("file-{}.md", self.made);
            let write = |path: &str, text: &str| {
                fs_err::write(self.world.persona(path), text).expect("the persona can be written");
            };
            write("facts.json", &json!(facts).to_string());
            write(&file, &format!("{}\n\n{end}\n", texts.join("\n\n")));
            self.world.click(&format!("persona-file[data-path='{file}']")).await;
            let written = "return document.querySelector('textarea')?.value.includes(arguments[0]) || null";
            self.world.until(&end, async |world| world.run(written, vec![json!(end)]).await.as_bool()).await;
            self.world.click("persona-file[data-path='facts.json']").await;
            let rows = "
                const rows = [...document.querySelectorAll('[data-testid=facts-table] tbody tr')];
                return rows.some((row) => row.textContent.includes(arguments[0])) ? rows.length : null";
            let number = format!("{:03} ", texts.len() - 1);
            let rows = self
                .world
                .until("the facts are shown", async |world| world.run(rows, vec![json!(number)]).await.as_u64());
            shown += usize::try_from(rows.await).unwrap_or(0).min(texts.len());
        }
        self.world.click("nav-chat").await;
        shown
    }

    /// Of files that wait, were sent, or were refused. Given by the page's own means: no disk has such names.
    async fn file_names(&mut self, texts: &[String]) -> usize {
        let mut shown = 0;
        for texts in texts.chunks(IN_A_MESSAGE) {
            self.new_chat().await;
            let given = "
                const files = new DataTransfer();
                for (const name of arguments[0]) files.items.add(new File(['So it is.'], name, { type: 'text/plain' }));
                const input = document.querySelector('[data-testid=attach-input]');
                input.files = files.files;
                input.dispatchEvent(new Event('change', { bubbles: true }));";
            let sent = "return document.querySelectorAll('[data-testid=sent-file]').length";
            self.world.run(given, vec![json!(texts)]).await;
            let waiting = "
                const files = [...document.querySelectorAll('[data-testid=tray-file]')];
                return files.length > 0 && files.every((file) => !file.ariaBusy) ? files.length : null";
            let waiting =
                self.world.until("the files are taken", async |world| world.run(waiting, vec![]).await.as_u64());
            let waiting = waiting.await;
            self.world.say("Here.").await;
            self.world.read(WHOLE_ANSWER, "So it is.").await;
            self.world
                .until("the files are sent", async |world| {
                    (world.run(sent, vec![]).await == json!(waiting)).then_some(())
                })
                .await;
            shown += usize::try_from(waiting).unwrap_or(0);
        }
        shown
    }

    async fn model_names(&mut self, texts: &[String]) -> usize {
        let mut shown = 0;
        for texts in texts.chunks(400) {
            let wanted: BTreeSet<&str> = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
            self.stub.list(&texts.iter().filter(|text| !text.trim().is_empty()).cloned().collect::<Vec<_>>());
            let world = &self.world;
            world.click("model-chip").await;
            world.click("models-refresh").await;
            let last = texts[texts.len() - 1].trim();
            let listed = "
                const list = document.querySelector('[data-testid=model-list]');
                list.scrollTop = list.scrollHeight;
                return [...list.querySelectorAll('[data-testid=model-option]')].map((option) => option.dataset.model)";
            let listed = world.until("the models are listed", async |world| {
                let listed = world.run(listed, vec![]).await;
                let listed =
                    listed.as_array()?.iter().filter_map(Value::as_str).filter(|name| wanted.contains(name.trim()));
                let listed: BTreeSet<String> = listed.map(str::to_owned).collect();
                // Some are no names of models that can talk.
                (listed.contains(last) && listed.len() * 10 >= wanted.len() * 9).then_some(listed.len())
            });
            shown += listed.await;
            world.press(&Key::Escape.to_string()).await;
            world.gone("model-picker").await;
        }
        shown
    }

    /// What a server says instead of an answer, as far as it is repeated: one short line.
    async fn errors(&mut self, texts: &[String]) -> usize {
        let mut lines: Vec<Vec<&str>> = vec![vec![]];
        for text in texts.iter().filter(|text| text.chars().count() <= IN_A_LINE) {
            let so_far: usize = lines.last().into_iter().flatten().map(|text| text.chars().count() + 1).sum();
            if so_far + text.chars().count() > IN_A_LINE {
                lines.push(vec![]);
            }
            lines.last_mut().expect("there is always one").push(text);
        }
        let mut shown = 0;
        for line in some(&lines) {
            self.made += 1;
            let begin = format!("Refusal {}:", self.made);
            self.new_chat().await;
            self.stub.refuse(418, "teapot", &format!("{begin} {}", line.join(" ")));
            self.world.say("Hm?").await;
            self.world.see("failure-card").await;
            let told = self.world.texts("failure-card").await.concat();
            shown += if told.contains(&begin) { line.len() } else { 0 };
        }
        shown
    }

    /// What the window says in its corner: here, of a file of the persona that was changed. The program sends no others.
    async fn notifications(&mut self, texts: &[String]) -> usize {
        let mut shown = 0;
        for text in some(texts) {
            let name: String = text.chars().filter(|character| !character.is_control()).take(60).collect();
            let name = name.trim_matches('/');
            let file = self.world.persona(&format!("{name}.md"));
            // Others are no files of a persona, and some no files inside of its folder.
            let is_read = !name.split(['/', '\\']).any(|piece| piece.is_empty() || piece.starts_with(['.', '~', '#']));
            let folder = file.parent().filter(|_| is_read);
            let Some(Ok(())) = folder.map(fs_err::create_dir_all) else { continue };
            if fs_err::write(&file, format!("{}\n", self.made)).is_err() {
                continue;
            }
            self.made += 1;
            self.world.see("toast").await;
            // Clicked by script: it may go by itself meanwhile.
            let close =
                "document.querySelectorAll('[data-testid=toast] button:last-of-type').forEach((one) => one.click())";
            self.world.run(close, vec![]).await;
            self.world.gone("toast").await;
            shown += 1;
        }
        shown
    }

    /// Conversations with these titles and texts as pages, written by the program; how many texts are in each.
    pub(crate) fn exported(&mut self, texts: &[String]) -> Vec<(PathBuf, usize)> {
        let ids = self.import(texts.chunks(IN_A_SESSION).map(|texts| (texts[0].clone(), texts)));
        let write = |(id, texts): (String, &[String])| {
            let file = self.world.write(&format!("exports/{id}.html"), "");
            fs_err::remove_file(&file).expect("a file of ours can be taken away");
            self.world.twin(&["session", "export", &id, "--format", "html", "--output", &file.to_string_lossy()]);
            (file, texts.len())
        };
        ids.into_iter().zip(texts.chunks(IN_A_SESSION)).map(write).collect()
    }

    /// A conversation with these answers; its id.
    fn session(&mut self, answers: &[String]) -> String {
        self.made += 1;
        let (hour, minute) = (self.made / 60, self.made % 60);
        let timestamp = format!("2026-01-{:02}T{:02}:{minute:02}:00", 1 + hour / 24, hour % 24);
        let said = |role: &str, text: &str| json!({ "role": role, "content": text, "timestamp": timestamp });
        let first = [said("user", &format!("Conversation {}.", self.made))];
        let messages: Vec<Value> =
            first.into_iter().chain(answers.iter().map(|answer| said("assistant", answer))).collect();
        let id = format!("00000000-0000-4000-8000-{:012x}", self.made);
        let file = self.world.write(&format!("{id}.json"), json!(messages).to_string());
        self.world.twin(&["session", "import", &file.to_string_lossy()]);
        id
    }

    /// Conversations as ChatGPT gives them; their ids, in the order given.
    fn import<'a>(&mut self, conversations: impl Iterator<Item = (String, &'a [String])>) -> Vec<String> {
        let known = self.sessions();
        let conversations: Vec<Value> = conversations
            .map(|(title, said)| {
                self.made += 1;
                chatgpt(&title, self.made, said)
            })
            .collect();
        let file = self.world.write("conversations.json", json!(conversations).to_string());
        self.world.twin(&["import", &file.to_string_lossy()]);
        // The newest is first in the list, and was last in the file.
        self.sessions().into_iter().filter(|id| !known.contains(id)).rev().collect()
    }

    fn sessions(&self) -> Vec<String> {
        let listed: Value = serde_json::from_str(&self.world.twin(&["session", "list", "--json"])).unwrap_or_default();
        let ids = listed.as_array().into_iter().flatten().filter_map(|session| session["id"].as_str());
        ids.map(str::to_owned).collect()
    }

    async fn new_chat(&self) {
        self.world.press(&(Key::Control + "n")).await;
        self.world.see("greeting").await;
    }

    /// Opens a conversation by its row in the list, however far down that is.
    async fn open_session(&self, id: &str) {
        let click = "
            const row = document.querySelector(`[data-session-id='${arguments[0]}'] button`);
            (row ?? document.querySelector('[data-testid=session-list] > li:last-child > button'))?.click();
            return row !== null || null";
        self.world
            .until("the conversation is in the list", async |world| world.run(click, vec![json!(id)]).await.as_bool())
            .await;
        let open = format!("session-item[data-session-id='{id}'] [aria-current=page]");
        self.world.see(&open).await;
    }

    /// Looks at a conversation from its beginning to its end, and waits until so many messages were drawn; how many.
    async fn drawn(&self, messages: usize) -> usize {
        let wanted = json!(messages);
        self.world
            .until(&format!("{messages} messages are drawn"), async |world| {
                let seen = world.client().execute_async(LOOK_THROUGH, vec![]).await.ok()?;
                (seen == wanted).then_some(())
            })
            .await;
        self.world.settled().await;
        messages
    }
}

/// As many as there is time for, from all over the list.
fn some<T>(texts: &[T]) -> impl Iterator<Item = &T> {
    texts.iter().step_by(texts.len().div_ceil(AT_MOST))
}

/// Texts that are said together. What may swallow all that follows, a block of code or a formula, ends an answer.
fn answers(texts: &[String]) -> Vec<Vec<String>> {
    let mut answers: Vec<Vec<String>> = vec![vec![]];
    for text in texts {
        let last = answers.last_mut().expect("there is always one");
        last.push(text.clone());
        if attack::swallows(text) || last.iter().map(String::len).sum::<usize>() > IN_AN_ANSWER {
            answers.push(vec![]);
        }
    }
    answers.retain(|texts| !texts.is_empty());
    answers
}
