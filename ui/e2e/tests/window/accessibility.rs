//! Every screen and state, judged by axe as the real engine draws it, in light and in dark, and at twice the size of text.

use fantoccini::key::Key;
use serde_json::json;
use twin_e2e::World;
use twin_e2e::memory::learned;
use twin_e2e::person::ANSWER;
use twin_e2e::stub::Stub;

const LETTER: &str = "The engine can do **whatever we know how to order** it to perform.\n\n\
    | Part | Office |\n|---|---|\n| Store | numbers |\n\n- Operations 1 to 7\n- [x] Operations 13 to 23\n\n\
    ```python\nfor n in range(1, 5):\n    print(bernoulli(n))  # one card\n```\n\nThere is more in [the Notes](https://www.example.org/notes).";

#[tokio::test]
async fn the_chat_has_no_violation_in_light_colours() {
    Looks::new("light").await.chat().await;
}

#[tokio::test]
async fn the_chat_has_no_violation_in_dark_colours() {
    Looks::new("dark").await.chat().await;
}

#[tokio::test]
async fn finding_and_filing_have_no_violation_in_light_colours() {
    Looks::new("light").await.finding_and_filing().await;
}

#[tokio::test]
async fn finding_and_filing_have_no_violation_in_dark_colours() {
    Looks::new("dark").await.finding_and_filing().await;
}

#[tokio::test]
async fn what_is_remembered_has_no_violation_in_light_colours() {
    Looks::new("light").await.remembered().await;
}

#[tokio::test]
async fn what_is_remembered_has_no_violation_in_dark_colours() {
    Looks::new("dark").await.remembered().await;
}

#[tokio::test]
async fn the_other_screens_have_no_violation_in_light_colours() {
    Looks::new("light").await.others().await;
}

#[tokio::test]
async fn the_other_screens_have_no_violation_in_dark_colours() {
    Looks::new("dark").await.others().await;
}

/// A walk through the window that stops to look.
struct Looks {
    world: World,
    stub: Stub,
    /// Name of the state, and what is wrong with it.
    found: Vec<(&'static str, Vec<String>)>,
}

impl Looks {
    async fn new(theme: &str) -> Self {
        let theme = if theme == "dark" { "Adwaita:dark" } else { "Adwaita" };
        let world = World::plan().with_environment("GTK_THEME", theme).open().await;
        let mut looks = Self { world, stub: Stub::start(), found: Vec::new() };
        looks.world.see("welcome").await;
        looks.at("welcome").await;
        looks.world.click("choose-openai").await;
        looks.world.see("openai-form").await;
        looks.at("welcome, a server").await;
        looks.world.fill_openai(&looks.stub, None).await;
        looks
    }

    async fn at(&mut self, name: &'static str) {
        self.world.settled().await;
        let found = self.world.violations().await;
        self.found.push((name, found));
    }

    fn finish(self) {
        let wrong: Vec<_> = self.found.iter().filter(|(_, found)| !found.is_empty()).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn chat(mut self) {
        self.at("empty chat").await;
        self.stub.answer(LETTER);
        self.world.ask("What can the engine do?", "the Notes").await;
        self.at("chat").await;
        self.world.click("why-toggle").await;
        self.world.see("show-prompt").await;
        self.at("why this answer").await;
        self.world.click("show-prompt").await;
        self.world.see("prompt-text").await;
        self.at("prompt").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("prompt-dialog").await;
        self.world.close_why().await;
        self.world.button("the Notes").await.click().await.unwrap();
        self.world.see("link-host").await;
        self.at("a link").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("link-dialog").await;
        self.world.click("model-chip").await;
        self.world.read("model-list", "other-model").await;
        self.at("choosing a model").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("model-picker").await;

        let notes = self.world.write("notes.txt", "The mill stands still.");
        self.world.upload("attach-input", &notes).await;
        self.world.see("tray-file:not([aria-busy])").await;
        self.at("a file to send").await;
        let gate = self.stub.answer_gated();
        self.world.say("And the Numbers of Bernoulli?").await;
        gate.think("A table of operations. ");
        gate.say("They follow from a **table**, \n\n```python\nfor n in ");
        self.world.read(ANSWER, "for n in").await;
        self.at("streaming").await;
        gate.end();
        self.world.gone("stop").await;
        self.stub.refuse(401, "invalid_api_key", "Incorrect API key provided.");
        self.world.say("Are you there?").await;
        self.world.see("failure-card").await;
        self.at("an error").await;
        self.stub.throttle(60);
        self.world.click("try-again").await;
        self.world.see("waiting").await;
        self.at("waiting").await;
        self.world.click("waiting-stop").await;
        self.world.gone("waiting").await;
        self.world.click("audience [data-value=visitor]").await;
        self.world.see("visitor-banner").await;
        self.at("as a visitor").await;
        self.finish();
    }

    async fn finding_and_filing(mut self) {
        self.stub.otherwise("So it is, as the **engine** has it.");
        for title in ["Alpha", "Beta", "Gamma"] {
            self.world.press(&(Key::Control + "n")).await;
            self.world.see("greeting").await;
            self.world.ask(title, "So it is").await;
        }
        self.world.click("message[data-role=user] [data-testid=edit]").await;
        self.world.see("editor-text").await;
        self.at("editing a question").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("editor-text").await;
        self.world.button("Again").await.click().await.unwrap();
        self.world.read("versions", "2 / 2").await;
        self.at("versions").await;
        self.world.click("message[data-role=user] [data-testid=message-more]").await;
        self.at("the menu of a message").await;
        self.world.choose("Delete this branch").await;
        self.world.see("delete-branch-sure").await;
        self.at("deleting a branch").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("delete-branch").await;
        self.world.press(&(Key::Control + "f")).await;
        self.world.fill("find-bar-field", "engine").await;
        self.world.read("find-bar-status", "of").await;
        self.at("finding in a chat").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("find-bar").await;

        self.world.press(&(Key::Control + "k")).await;
        self.world.see("palette-field").await;
        self.at("the palette").await;
        self.world.press("alp").await;
        self.world.read("palette", "Alpha").await;
        self.at("the palette, something typed").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("palette").await;
        self.world.press(&(Key::Control + "/")).await;
        self.world.see("shortcut-help").await;
        self.at("shortcuts").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("shortcut-help").await;
        self.world.press(&(Key::Control + &(Key::Shift + "f"))).await;
        self.world.see("find-field").await;
        self.at("finding, nothing typed").await;
        self.world.fill("find-field", "engine").await;
        self.world.see("find-hit").await;
        self.at("finding").await;
        self.world.fill("find-field", "nosuchword").await;
        self.world.see("find-none").await;
        self.at("finding nothing").await;
        self.world.click("nav-chat").await;
        self.world.see("composer").await;

        self.world.choose_for_session("Beta", "Archive").await;
        self.world.click("show-archived").await;
        self.world.read("session-item", "Beta").await;
        self.at("archived chats").await;
        self.world.open_session("Beta").await;
        self.world.see("archived-notice").await;
        self.at("an archived chat").await;
        self.world.click("archived-back").await;
        self.world.choose_for_session("Alpha", "Tags").await;
        self.world.fill("tag-field", "Letters").await;
        self.at("tags").await;
        self.world.press(&Key::Enter.to_string()).await;
        self.world.button("Done").await.click().await.unwrap();
        self.world.gone("tags-dialog").await;
        self.world.choose_for_session("Alpha", "Select").await;
        self.world.see("selection-bar").await;
        self.at("selecting").await;
        self.world.click("selection-end").await;
        self.world.click("temporary-chat").await;
        self.world.see("temporary-banner").await;
        self.at("a temporary chat").await;
        self.world.ask("Between us", "So it is").await;
        self.world.open_session("Alpha").await;
        self.world.see("give-up-yes").await;
        self.at("giving up a temporary chat").await;
        self.finish();
    }

    async fn remembered(mut self) {
        self.world.open_memory().await;
        self.world.see("memory-empty").await;
        self.at("memory, nothing in it").await;
        self.world.click("memory-add").await;
        self.world.see("add-text").await;
        self.at("remembering something").await;
        self.world.click("add-kind").await;
        self.at("choosing its kind").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.see("add-text").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("add-dialog").await;
        self.world.click("nav-chat").await;
        let sister =
            learned("social", "Minna sails", "Minna sails", &json!([{ "name": "Minna", "relation": "sister" }]));
        self.world.tell(&self.stub, "My sister Minna sails.", &sister).await;
        let harp = learned("semantic", "I play the harp", "Plays the harp", &json!([]));
        self.world.tell(&self.stub, "I play the harp on Sundays.", &harp).await;
        self.world.click("answer-as-of").await;
        self.world.see("answer-as-of-days").await;
        self.at("a day to answer as of").await;
        self.world.button("A week ago").await.click().await.unwrap();
        self.world.see("answer-as-of-note").await;
        self.at("a notice, and answers as of a day").await;

        self.world.open_memory().await;
        self.world.read("memory-row", "Plays the harp").await;
        self.at("memory").await;
        self.world.click("memory-row").await;
        self.world.see("memory-source").await;
        self.at("a memory").await;
        self.world.click("memory-correct").await;
        self.world.see("correct-text").await;
        self.at("correcting a memory").await;
        self.world.fill("correct-text", "Plays the lute").await;
        self.world.click("correct-save").await;
        self.world.gone("correct-dialog").await;
        self.world.read("memory-text", "Plays the lute").await;
        self.at("a corrected memory").await;
        self.world.click("memory-acts").await;
        self.world.choose("Says the same as").await;
        self.world.see("merge-field").await;
        self.at("merging memories").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("merge-dialog").await;
        self.world.click("as-of").await;
        self.world.button("A week ago").await.click().await.unwrap();
        self.world.see("memory-none").await;
        self.at("memory as of a day before there was any").await;
        self.world.button("Back to today").await.click().await.unwrap();
        self.world.click("memory-view [data-value=time]").await;
        self.world.see("timeline-bar").await;
        self.at("the timeline").await;
        self.world.click("memory-view [data-value=list]").await;
        self.world.click("memory-tab-social").await;
        self.world.click("person-row").await;
        self.world.read("person-detail", "Minna sails").await;
        self.at("a person").await;
        self.world.click("person-forget").await;
        self.world.read("forget-plan", "1 person").await;
        self.at("forgetting a person").await;
        self.world.click("forget-sure").await;
        self.world.see("receipt").await;
        self.at("a receipt").await;
        self.world.click("forgotten-close").await;
        self.world.gone("forgotten").await;
        self.world.click("memory-tab-semantic").await;
        self.world.click("memory-row").await;
        self.world.click("memory-forget").await;
        self.world.read("forget-plan", "memories").await;
        self.at("forgetting a memory").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("forget-dialog").await;
        self.world.click("memory-menu").await;
        self.world.choose("Forget a span").await;
        self.world.see("forget-from").await;
        self.at("forgetting a span of time").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("forget-dialog").await;
        self.world.click("memory-menu").await;
        self.at("the menu of the memory").await;
        self.world.choose("Receipts").await;
        self.world.see("receipt").await;
        self.at("receipts").await;
        self.finish();
    }

    async fn others(mut self) {
        self.world.click("nav-persona").await;
        self.world.see("persona-screen").await;
        self.at("persona").await;
        self.world.click("persona-file[data-path='summary.md']").await;
        self.world.see("editor-text").await;
        self.at("persona, a file").await;
        fs_err::write(self.world.persona("facts.json"), "{\n  born 1815\n}\n").unwrap();
        self.world.read("toast", "problem").await;
        self.at("a notice").await;
        self.world.click("persona-file[data-path='facts.json']").await;
        self.world.see("persona-problem").await;
        self.at("persona, a problem").await;
        self.world.click("open-settings").await;
        self.world.see("settings-screen").await;
        for section in self.sections().await {
            self.world.click(&section).await;
            let name: &'static str = Box::leak(section.into_boxed_str());
            self.at(name).await;
        }
        self.data().await;
        self.finish();
    }

    /// What leaves as a file, comes in, and is kept as a copy.
    async fn data(&mut self) {
        self.world.click("settings-data").await;
        let file = self.world.user("everything.tar.zst.age").display().to_string();
        self.world.fill("export-path", &file).await;
        self.world.click("export-sealed").await;
        self.world.fill("export-passphrase", "hazel").await;
        self.world.fill("export-again", "hazel").await;
        self.world.click("export-run").await;
        self.world.see("export-done").await;
        self.at("everything exported").await;
        self.world.fill("import-path", &file).await;
        self.world.click("import-look").await;
        self.world.fill("import-passphrase", "x").await;
        self.world.click("import-open").await;
        self.world.read("import-locked", "does not fit").await;
        self.at("a wrong passphrase").await;
        self.world.fill("import-passphrase", "hazel").await;
        self.world.click("import-open").await;
        self.world.see("import-preview").await;
        self.at("what would come in").await;
        self.world.click("import-run").await;
        self.world.see("import-report").await;
        self.at("what came in").await;
        self.world.click("backup-now").await;
        self.world.click("backup-restore").await;
        self.world.see("restore-dialog").await;
        self.at("the question before a backup is restored").await;
        self.world.press(&Key::Escape.to_string()).await;
        self.world.gone("restore-dialog").await;
    }

    /// The buttons of the settings' sections.
    async fn sections(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[role=tab][data-testid^=settings-]')].map((one) => one.dataset.testid)";
        let sections = self.world.run(script, vec![]).await;
        let sections: Vec<String> = serde_json::from_value(sections).unwrap();
        assert!(sections.len() > 4, "{sections:?}");
        sections
    }
}

#[tokio::test]
async fn with_text_of_twice_the_size_nothing_is_lost() {
    let stub = Stub::start();
    for size in [(1280, 800), (800, 600)] {
        let world = World::plan().with_size(size.0, size.1).open().await;
        world.choose_openai(&stub, None).await;
        aside(&world, "open-settings").await;
        world.click("settings-general").await;
        // 80, 90, 100, 110, 125, 150, 175, 200.
        for _ in 0..5 {
            world.click("text-larger").await;
        }
        world
            .until("text is twice its size", async |world| {
                let size = "return parseFloat(getComputedStyle(document.documentElement).fontSize)";
                (world.run(size, vec![]).await.as_f64()? >= 32.0).then_some(())
            })
            .await;
        let mut lost = Vec::new();
        let mut look = async |world: &World, name: &str| {
            world.settled().await;
            lost.extend(world.cramped().await.into_iter().map(|what| format!("{size:?}, {name}: {what}")));
        };
        for section in ["models", "general", "shortcuts", "usage"] {
            world.click(&format!("settings-{section}")).await;
            look(&world, section).await;
        }
        aside(&world, "nav-persona").await;
        world.see("persona-screen").await;
        look(&world, "persona").await;
        aside(&world, "nav-chat").await;
        world.see("composer").await;
        look(&world, "empty chat").await;
        stub.answer(LETTER);
        world.ask("What can the engine do?", "the Notes").await;
        look(&world, "chat").await;
        let harp = learned("semantic", "I play the harp", "Plays the harp", &json!([]));
        world.tell(&stub, "I play the harp on Sundays.", &harp).await;
        look(&world, "a notice").await;
        world.click("notice-open").await;
        world.see("memory-source").await;
        look(&world, "a memory").await;
        world.click("memory-forget").await;
        world.read("forget-plan", "memory").await;
        look(&world, "forgetting").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("forget-dialog").await;
        world.click("memory-close").await;
        world.read("memory-row", "Plays the harp").await;
        look(&world, "memory").await;
        world.click("memory-view [data-value=time]").await;
        world.see("timeline-bar").await;
        look(&world, "the timeline").await;
        world.press(&(Key::Control + "k")).await;
        world.see("palette-field").await;
        look(&world, "palette").await;
        world.press(&Key::Escape.to_string()).await;
        world.gone("palette").await;
        world.press(&(Key::Control + &(Key::Shift + "f"))).await;
        world.fill("find-field", "engine").await;
        world.see("find-hit").await;
        look(&world, "finding").await;
        if let Some(toggle) = world.shown("sidebar-toggle").await {
            toggle.click().await.unwrap();
            world.see("nav-chat").await;
            look(&world, "the drawer").await;
        }
        assert!(lost.is_empty(), "{lost:#?}");
    }
}

/// Clicks on something in the sidebar, which a narrow window keeps in a drawer behind a button.
async fn aside(world: &World, name: &str) {
    if let Some(toggle) = world.shown("sidebar-toggle").await {
        toggle.click().await.unwrap();
        world.see("nav-chat").await;
        world.settled().await;
    }
    world.click(name).await;
}
