//! Photographs every screen of the real window, light and dark, in two sizes.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]
#![expect(clippy::expect_used, reason = "what breaks must fail loudly, there and then")]

use fantoccini::key::Key;
use serde_json::json;
use std::path::{Path, PathBuf};
use twin_e2e::home::Home;
use twin_e2e::memory::learned;
use twin_e2e::ministack::Ministack;
use twin_e2e::person::ANSWER;
use twin_e2e::stub::Stub;
use twin_e2e::{World, given};

const SIZES: [(u32, u32); 2] = [(1280, 800), (800, 600)];
const THEMES: [&str; 2] = ["light", "dark"];

const LETTER: &str = "The engine can do whatever we know how to order it to perform; **it originates nothing**.\n\n\
    | Part | Office |\n|---|---|\n| Store | numbers, on columns of discs |\n| Mill | the operations |\n\n\
    - Operations 1 to 7 prepare the first term\n- Operations 13 to 23 are repeated\n\n\
    ```python\nfor n in range(1, 5):\n    print(bernoulli(n))\n```\n\n\
    There is more in [the Notes](https://www.example.org/notes).";

const DRAWN: &str = "The Numbers of Bernoulli follow from $B_n = 1 - \\sum_{k=0}^{n-1} \\binom{n}{k} \\frac{B_k}{n-k+1}$:\n\n\
    $$\\frac{x}{e^x - 1} = \\sum_{n=0}^{\\infty} B_n \\frac{x^n}{n!}$$\n\n\
    ```mermaid\nflowchart LR\n  Cards --> Mill\n  Mill <--> Store\n  Store --> Print\n```\n\n\
    ```python\ndef bernoulli(n: int) -> Fraction:\n    return row[0]  # one card\n```\n\nThat is all of it.";

/// Kind, what is said, the words in it that count, what is learned, and the person that it is about.
type Told = (&'static str, &'static str, &'static str, &'static str, (&'static str, &'static str));

const LIFE: [Told; 8] = [
    ("semantic", "I live at Ockham Park in Surrey.", "I live at Ockham Park", "Lives at Ockham Park, Surrey", ("", "")),
    (
        "semantic",
        "I keep a box of unsent letters in the study, and nobody but you knows of it.",
        "keep a box of unsent letters",
        "Keeps a box of unsent letters in the study, of which nobody knows, and to which something is added on most evenings",
        ("", ""),
    ),
    (
        "episodic",
        "I met Mr Babbage at a party in June and saw his engine.",
        "met Mr Babbage at a party",
        "Met Mr Babbage at a party and saw his engine",
        ("Mr Babbage", "friend"),
    ),
    (
        "procedural",
        "When mail comes from the bank, put it aside until Friday.",
        "When mail comes from the bank, put it aside",
        "When mail comes from the bank, put it aside until Friday",
        ("", ""),
    ),
    (
        "social",
        "Mrs Somerville prefers letters to visits.",
        "Mrs Somerville prefers letters",
        "Mrs Somerville prefers letters to visits",
        ("Mrs Somerville", "teacher"),
    ),
    (
        "social",
        "Charles is away until spring.",
        "Charles is away",
        "Charles is away until spring",
        ("Charles", "brother"),
    ),
    ("semantic", "I am allergic to nuts.", "allergic to nuts", "Allergic to nuts", ("", "")),
    (
        "semantic",
        "I ride every morning before breakfast.",
        "ride every morning",
        "Rides every morning before breakfast",
        ("", ""),
    ),
];
const LATELY: (&str, &str, &str) = ("I play the harp on Sundays.", "I play the harp", "Plays the harp on Sundays");

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = given::screens().expect("run `cargo xtask screens`");
    fs_err::create_dir_all(&folder).expect("the folder for pictures can be made");
    for size in SIZES {
        for theme in THEMES {
            let album = Album { folder: folder.clone(), size, theme };
            album.first_run().await;
            album.conversation().await;
            album.filing().await;
            album.remembered().await;
            album.models().await;
            album.trouble().await;
            println!("{} × {}, {theme}", size.0, size.1);
        }
    }
    println!("pictures are in {}", folder.display());
}

/// The pictures of one size and theme.
struct Album {
    folder: PathBuf,
    size: (u32, u32),
    theme: &'static str,
}

impl Album {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}-{}-{}x{}.png", self.theme, self.size.0, self.size.1))
    }

    fn prepare(&self) -> World {
        // The desktop's own preference, so that the first run is dark as well.
        let theme = if self.theme == "dark" { "Adwaita:dark" } else { "Adwaita" };
        World::plan().with_keychain().with_size(self.size.0, self.size.1).with_environment("GTK_THEME", theme).prepare()
    }

    async fn open(&self) -> World {
        let mut world = self.prepare();
        world.open().await;
        world
    }

    async fn take(&self, world: &World, name: &str) {
        world.settled().await;
        world.photograph(&self.file(name)).await;
    }

    async fn first_run(&self) {
        let world = self.open().await;
        world.see("welcome").await;
        self.take(&world, "welcome").await;
        world.click("choose-openai").await;
        world.see("openai-form").await;
        self.take(&world, "welcome-openai").await;
        world.click("choose-bedrock").await;
        world.see("bedrock-form").await;
        self.take(&world, "welcome-bedrock").await;
    }

    async fn conversation(&self) {
        let stub = Stub::start();
        let world = self.open().await;
        world.choose_openai(&stub, None).await;
        self.take(&world, "chat-empty").await;

        stub.answer(LETTER);
        world.ask("What can the Analytical Engine do, and how did you set it down?", "the Notes").await;
        let coloured = "return CSS.highlights.size > 0";
        world
            .until("the code is coloured", async |world| world.run(coloured, vec![]).await.as_bool()?.then_some(()))
            .await;
        self.take(&world, "chat").await;
        world.click("why-toggle").await;
        world.see("show-prompt").await;
        self.take(&world, "chat-why").await;
        world.click("show-prompt").await;
        world.see("prompt-text").await;
        self.take(&world, "chat-prompt").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("prompt-dialog").await;
        world.close_why().await;
        world.button("the Notes").await.click().await.expect("a link can be clicked");
        world.see("link-host").await;
        self.take(&world, "chat-link").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("link-dialog").await;

        let gate = stub.answer_gated();
        world.say("And the Numbers of Bernoulli?").await;
        gate.say("They follow from a table of twenty-five operations, ");
        world.read(ANSWER, "twenty-five").await;
        self.take(&world, "chat-streaming").await;
        gate.end();
        world.gone("stop").await;

        self.aside(&world, "audience [data-value=visitor]").await;
        world.see("visitor-banner").await;
        self.take(&world, "chat-visitor").await;
        self.aside(&world, "audience [data-value=owner]").await;
        world.gone("visitor-banner").await;

        self.aside(&world, "nav-persona").await;
        world.see("persona-screen").await;
        self.take(&world, "persona").await;
        world.click("persona-file[data-path='summary.md']").await;
        world.see("editor-text").await;
        self.take(&world, "persona-editor").await;
        fs_err::write(world.persona("facts.json"), "{\n  \"name\": \"Ada Lovelace\",\n  born 1815\n}\n")
            .expect("the persona can be written");
        world.read("toast", "problem").await;
        world.button("Dismiss").await.click().await.expect("a toast can be dismissed");
        world.gone("toast").await;
        if world.shown("persona-file").await.is_none() {
            // A narrow window shows the list or the file.
            world.button("All files").await.click().await.expect("the list can be gone back to");
        }
        world.click("persona-file[data-path='facts.json']").await;
        world.see("persona-problem").await;
        self.take(&world, "persona-problem").await;

        self.aside(&world, "open-settings").await;
        world.see("settings-screen").await;
        self.take(&world, "settings").await;
        world.click("settings-general").await;
        self.take(&world, "settings-general").await;
        self.sync(&world).await;
        self.data(&world).await;
        world.click("settings-desktop").await;
        world.click("tray").await;
        world.see("tray-trouble").await;
        self.take(&world, "settings-desktop").await;
    }

    /// On the way to a device that syncs, by a folder.
    async fn sync(&self, world: &World) {
        world.click("settings-sync").await;
        world.see("sync-off").await;
        self.take(world, "settings-sync").await;
        world.click("sync-set-up").await;
        self.take(world, "settings-sync-where").await;
        world.click("sync-kind [data-value=folder]").await;
        let folder = world.write("meeting/beside.txt", "").with_file_name("place");
        fs_err::create_dir_all(&folder).expect("the person's folders can be made");
        world.fill("sync-folder", &folder.display().to_string()).await;
        world.click("sync-next").await;
        world.click("sync-test").await;
        world.see("sync-tested").await;
        self.take(world, "settings-sync-access").await;
        world.click("sync-next").await;
        world.fill("sync-device-name", "Study").await;
        world.fill("sync-passphrase", "hazel otter lantern").await;
        world.fill("sync-again", "hazel otter lantern").await;
        world.see("sync-strength[data-strength]").await;
        self.take(world, "settings-sync-passphrase").await;
        world.click("sync-next").await;
        let code = world.read("sync-recovery-code", "-").await;
        self.take(world, "settings-sync-recovery").await;
        world.click("sync-next").await;
        world.fill("sync-code-group", code.rsplit('-').next().expect("a code has groups")).await;
        world.click("sync-next").await;
        world.see("sync-state").await;
        world.click("sync-next").await;
        world.read("sync-state", "Everything is synced").await;
        self.take(world, "settings-sync-on").await;
    }

    /// What leaves as a file, comes in, and is kept as a copy.
    async fn data(&self, world: &World) {
        world.click("settings-data").await;
        world.see("backup-empty").await;
        self.take(world, "settings-data").await;
        world.see("encryption-on").await;
        let last = "document.querySelector('[data-part=encryption]').scrollIntoView({ block: 'center' })";
        world.run(last, vec![]).await;
        self.take(world, "settings-data-encryption").await;
        world.click("encryption-on").await;
        world.see("encryption-on-dialog").await;
        self.take(world, "settings-data-encryption-on").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("encryption-on-dialog").await;
        let file = world.user("everything.tar.zst.age").display().to_string();
        world.fill("export-path", &file).await;
        world.click("export-sealed").await;
        world.fill("export-passphrase", "hazel otter lantern").await;
        world.fill("export-again", "hazel otter lantern").await;
        self.take(world, "settings-data-sealed").await;
        world.click("export-run").await;
        world.see("export-done").await;
        self.take(world, "settings-data-exported").await;
        world.fill("import-path", &file).await;
        world.click("import-look").await;
        world.fill("import-passphrase", "hazel otter lantern").await;
        self.take(world, "settings-data-locked").await;
        world.click("import-open").await;
        world.see("import-preview").await;
        self.take(world, "settings-data-preview").await;
        world.click("import-run").await;
        world.see("import-report").await;
        self.take(world, "settings-data-imported").await;
        world.click("backup-now").await;
        world.click("backup-restore").await;
        world.see("restore-dialog").await;
        self.take(world, "settings-data-restore").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("restore-dialog").await;
        // Going to the visitor and back has left it.
        self.aside(world, "session-item:nth-of-type(1) button").await;
        world.see(ANSWER).await;
        world.press(&(Key::Control + "k")).await;
        world.fill("palette-field", "Export the chat").await;
        world.read("palette", "Export the chat").await;
        world.press(&Key::Enter.to_string()).await;
        world.see("export-dialog").await;
        self.take(world, "chat-export").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("export-dialog").await;
        self.aside(world, "open-settings").await;
    }

    /// Finding, branches, the palette, and how chats are kept.
    async fn filing(&self) {
        let stub = Stub::start();
        let world = self.open().await;
        world.choose_openai(&stub, None).await;
        stub.answer(LETTER);
        world.ask("What can the engine do?", "the Notes").await;
        world.fresh().await;
        stub.answer(DRAWN);
        world.ask("Show me how the parts hang together", "That is all of it.").await;
        world.see("diagram").await;
        world.see("formula").await;
        self.take(&world, "chat-drawn").await;
        world.click("message[data-role=user] [data-testid=edit]").await;
        world.see("editor-text").await;
        self.take(&world, "chat-editing").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("editor-text").await;
        world.press(&(Key::Control + "f")).await;
        world.fill("find-bar-field", "mill").await;
        world.read("find-bar-status", "of").await;
        self.take(&world, "chat-find").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("find-bar").await;
        world.press(&(Key::Control + "k")).await;
        world.see("palette-field").await;
        world.press("en").await;
        world.read("palette", "engine").await;
        self.take(&world, "palette").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("palette").await;
        world.press(&(Key::Control + "/")).await;
        world.see("shortcut-help").await;
        self.take(&world, "shortcuts").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("shortcut-help").await;
        world.press(&(Key::Control + &(Key::Shift + "f"))).await;
        world.fill("find-field", "engine").await;
        world.see("find-hit").await;
        self.take(&world, "find").await;
        self.aside(&world, "nav-chat").await;
        world.see("composer").await;
        world.press(&(Key::Control + &(Key::Shift + "n"))).await;
        world.see("temporary-banner").await;
        self.take(&world, "chat-temporary").await;
        self.aside(&world, "open-settings").await;
        world.click("settings-shortcuts").await;
        self.take(&world, "settings-shortcuts").await;
    }

    /// What is remembered, in the chat and on its screen.
    async fn remembered(&self) {
        let stub = Stub::start();
        let mut world = self.open().await;
        world.choose_openai(&stub, None).await;
        self.aside(&world, "nav-memory").await;
        world.see("memory-empty").await;
        self.take(&world, "memory-empty").await;
        self.aside(&world, "nav-chat").await;
        world.see("composer").await;
        self.life(&world, &stub).await;
        world.close().await;
        Home::of(&world).age(200);
        world.open().await;
        world.tell(&stub, LATELY.0, &learned("semantic", LATELY.1, LATELY.2, &json!([]))).await;
        self.take(&world, "chat-remembered").await;
        world.click("answer-as-of").await;
        world.see("answer-as-of-days").await;
        self.take(&world, "chat-as-of-days").await;
        world.button("A month ago").await.click().await.expect("a day can be chosen");
        world.see("answer-as-of-note").await;
        self.take(&world, "chat-as-of").await;
        world.click("answer-as-of-end").await;
        stub.answer("On the harp, mostly.");
        world.fresh().await;
        world.ask("What do I play on Sundays?", "On the harp").await;
        world.click("why-toggle").await;
        world.see("passage[data-source=memory]").await;
        self.take(&world, "chat-why-memory").await;
        world.close_why().await;
        self.looked_through(&world).await;
        self.corrected(&world).await;
        self.forgotten(&world).await;
    }

    /// Much is told.
    async fn life(&self, world: &World, stub: &Stub) {
        for (kind, said, quote, text, person) in LIFE {
            let people =
                if person.0.is_empty() { json!([]) } else { json!([{ "name": person.0, "relation": person.1 }]) };
            world.tell(stub, said, &learned(kind, quote, text, &people)).await;
        }
    }

    async fn looked_through(&self, world: &World) {
        self.aside(world, "nav-memory").await;
        world.see("memory-row").await;
        self.take(world, "memory").await;
        world.click("memory-tab-social").await;
        world.see("person-row").await;
        self.take(world, "memory-people").await;
        world.click("person-row").await;
        world.see("person-memories").await;
        self.take(world, "memory-person").await;
        world.click("memory-close").await;
        world.click("memory-tab-all").await;
        world.click("memory-view [data-value=time]").await;
        world.see("timeline-bar").await;
        self.take(world, "memory-timeline").await;
        world.click("memory-view [data-value=list]").await;
        world.click("as-of").await;
        world.button("A month ago").await.click().await.expect("a day can be chosen");
        world.see("as-of-banner").await;
        world.see("memory-row").await;
        self.take(world, "memory-as-of").await;
        world.button("Back to today").await.click().await.expect("today can be gone back to");
        world.gone("as-of-banner").await;
        world.fill("memory-search", "nosuchword").await;
        world.see("memory-none").await;
        self.take(world, "memory-none").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("memory-none").await;
    }

    async fn corrected(&self, world: &World) {
        world.click("memory-tab-semantic").await;
        world.click("memory-row").await;
        world.see("memory-source").await;
        self.take(world, "memory-detail").await;
        world.click("memory-correct").await;
        world.fill("correct-text", "Plays the harp, and the piano since this spring").await;
        self.take(world, "memory-correct").await;
        world.click("correct-save").await;
        world.gone("correct-dialog").await;
        world.read("memory-history", "since this spring").await;
        self.take(world, "memory-history").await;
        world.click("memory-acts").await;
        world.choose("Says the same as").await;
        world.see("merge-field-option").await;
        self.take(world, "memory-merge").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("merge-dialog").await;
    }

    async fn forgotten(&self, world: &World) {
        world.click("memory-forget").await;
        world.read("forget-plan", "memories").await;
        self.take(world, "memory-forget").await;
        world.click("forget-sure").await;
        world.see("receipt").await;
        self.take(world, "memory-forgotten").await;
        world.click("forgotten-close").await;
        world.gone("forgotten").await;
        world.click("memory-menu").await;
        world.choose("Receipts").await;
        world.see("receipt").await;
        self.take(world, "memory-receipts").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("receipts").await;
        world.click("memory-add").await;
        world.see("add-text").await;
        self.take(world, "memory-add").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("add-dialog").await;
        self.aside(world, "open-settings").await;
        world.click("settings-memory").await;
        world.see("learn").await;
        self.take(world, "settings-memory").await;
    }

    /// Choosing models, and what is seen of their work.
    async fn models(&self) {
        let stub = Stub::start();
        let mut world = self.prepare();
        let ministack = Ministack::start(world.desktop(), &stub).await;
        world.write(".aws/config", ministack.profile("work"));
        world.open().await;
        world.choose_profile("work").await;
        world.click("model-chip").await;
        world.read("model-list", "Nova Pro").await;
        self.take(&world, "chat-picker").await;
        world.fill("model-search", "sonnet v2").await;
        world.click("model-routes").await;
        world.see("model-route").await;
        self.take(&world, "chat-picker-routes").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("model-picker").await;
        self.working(&world, &stub).await;
        self.settings(&world, &stub).await;
    }

    /// Files, thoughts, a look into the memory, several answers.
    async fn working(&self, world: &World, stub: &Stub) {
        let (picture, notes) =
            (world.user("Engine, front view.png"), world.write("notes.txt", "The mill stands still."));
        world.photograph(&picture).await;
        for file in [&picture, &notes] {
            world.upload("attach-input", file).await;
            world
                .until("it waits to be sent", async |world| {
                    let name = file.file_name()?.to_str()?;
                    world.shown(&format!("tray-file[data-name='{name}']:not([aria-busy])")).await
                })
                .await;
        }
        self.take(world, "chat-attachments").await;
        stub.call("recall", json!({ "query": "the mill" }));
        stub.answer("The mill is the part that works on the numbers; the store only holds them.");
        world.ask("What is the mill in this picture?", "the store only holds them").await;
        world.click("tool button").await;
        self.take(world, "chat-tool").await;
        stub.answer("In it numbers are worked on.");
        world.pick("again-with", "us.amazon.nova-lite-v1:0").await;
        world.read("versions", "2 / 2").await;
        self.take(world, "chat-versions").await;
    }

    /// The settings, section by section.
    async fn settings(&self, world: &World, stub: &Stub) {
        self.aside(world, "open-settings").await;
        world.see("aws-identity").await;
        self.take(world, "settings-bedrock").await;
        stub.answer("yes");
        world.click("bedrock-test-run").await;
        world.see("test-step-invoke[data-state=passed]").await;
        let last = "document.querySelector('[data-testid=test-step-invoke]').scrollIntoView({ block: 'center' })";
        world.run(last, vec![]).await;
        self.take(world, "settings-bedrock-test").await;
        world.click("settings-answering").await;
        for model in ["nova pro", "nova lite"] {
            world.fill("fallback-add", model).await;
            world.press(&Key::Enter.to_string()).await;
            world.gone("fallback-add-option").await;
        }
        world.see("fallback-model:nth-child(2)").await;
        self.take(world, "settings-answering").await;
        world.click("settings-network").await;
        self.take(world, "settings-network").await;
        world.click("settings-usage").await;
        world.see("usage-model").await;
        self.take(world, "settings-usage").await;
    }

    async fn trouble(&self) {
        let stub = Stub::start();
        let mut world = self.open().await;
        world.choose_openai(&stub, None).await;
        stub.throttle(60);
        world.say("Have you time?").await;
        world.see("waiting").await;
        self.take(&world, "chat-waiting").await;
        world.click("waiting-stop").await;
        world.gone("waiting").await;
        let gate = stub.answer_gated();
        world.say("Then think about it.").await;
        gate.think("She wants to know how the engine repeats operations 13 to 23. ");
        world.click("reasoning button").await;
        world.read("reasoning", "13 to 23").await;
        gate.say("It turns the cards back.");
        world.read(ANSWER, "It turns the cards back.").await;
        self.take(&world, "chat-thoughts").await;
        gate.end();
        world.gone("stop").await;

        self.aside(&world, "open-settings").await;
        world.see("server-form").await;
        self.take(&world, "settings-servers").await;
        self.aside(&world, "nav-chat").await;
        world.see("composer").await;
        stub.refuse(401, "invalid_api_key", "Incorrect API key provided.");
        world.say("Are you there?").await;
        world.see("failure-card").await;
        self.take(&world, "chat-failure").await;
        world.close().await;
        // Folds the log of changes into the file, from which SQLite would mend it.
        world.twin(&["session", "list"]);
        damage(&world.home().join("twin.db"));
        world.open().await;
        world.see("trouble").await;
        self.take(&world, "trouble").await;
        world.click("rescue-offer").await;
        world.see("rescued").await;
        self.take(&world, "trouble-repaired").await;
    }

    /// Clicks on something in the sidebar, which a narrow window keeps in a drawer behind a button.
    async fn aside(&self, world: &World, name: &str) {
        let Some(toggle) = world.shown("sidebar-toggle").await else { return world.click(name).await };
        toggle.click().await.expect("the sidebar can be opened");
        world.see("nav-chat").await;
        world.settled().await;
        world.click(name).await;
        world
            .until("the drawer is closed", async |world| {
                // Some choices close it, others leave it open for the next.
                if world.shown("nav-chat").await.is_some() {
                    world.press(&Key::Escape.to_string()).await;
                    return None;
                }
                Some(())
            })
            .await;
    }
}

/// Overwrites the beginning of the database.
fn damage(file: &Path) {
    let mut bytes = fs_err::read(file).expect("the database can be read");
    bytes.iter_mut().take(4096).for_each(|byte| *byte = 0x5a);
    fs_err::write(file, bytes).expect("the database can be written");
}
