//! What a person does, in their words: choose a model, say something, look at the answer.

use crate::World;
use crate::ministack::Ministack;
use crate::stub::Stub;
use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::json;

/// A model that MiniStack lists.
pub const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";

/// The twin's latest answer, however far it has got.
pub const ANSWER: &str = "message[data-role=assistant]";
/// The twin's answers that arrived whole.
pub const WHOLE_ANSWER: &str = "message[data-role=assistant][data-status=complete]";
/// What the person said.
pub const QUESTION: &str = "message[data-role=user]";

impl World {
    /// At the first run: no language model.
    pub async fn choose_offline(&self) {
        self.click("choose-offline").await;
        self.see("composer").await;
    }

    /// At the first run: a server that speaks the OpenAI protocol.
    pub async fn choose_openai(&self, stub: &Stub, key: Option<&str>) {
        self.click("choose-openai").await;
        self.fill_openai(stub, key).await;
    }

    /// The same, its form being open.
    pub async fn fill_openai(&self, stub: &Stub, key: Option<&str>) {
        self.fill("openai-url", &stub.base_url()).await;
        if let Some(key) = key {
            self.fill("openai-key", key).await;
        }
        self.fill("openai-model", "stub-model").await;
        self.click("settings-save").await;
        self.see("composer").await;
    }

    /// At the first run: Bedrock, at MiniStack's address.
    pub async fn choose_bedrock(&self, ministack: &Ministack) {
        self.click("choose-bedrock").await;
        self.fill("bedrock-model", HAIKU).await;
        self.fill("bedrock-region", "us-east-1").await;
        self.click("bedrock-advanced summary").await;
        self.fill("bedrock-endpoint", &ministack.endpoint()).await;
        self.click("settings-save").await;
        self.see("composer").await;
    }

    /// At the first run: Bedrock, by a profile of the AWS files.
    pub async fn choose_profile(&self, name: &str) {
        self.click("choose-bedrock").await;
        self.click(&format!("bedrock-profiles [data-value={name}]")).await;
        self.fill("bedrock-model", HAIKU).await;
        self.click("settings-save").await;
        self.see("composer").await;
    }

    /// At the first run: Bedrock, with everything else from the environment.
    pub async fn choose_bedrock_by_chain(&self) {
        self.click("choose-bedrock").await;
        self.fill("bedrock-model", "stub-model").await;
        self.fill("bedrock-region", "us-east-1").await;
        self.click("settings-save").await;
        self.see("composer").await;
    }

    /// Writes a message and sends it with Enter.
    pub async fn say(&self, text: &str) {
        let composer = self.see("composer").await;
        composer.send_keys(text).await.expect("the composer can be typed into");
        composer.send_keys(&Key::Enter).await.expect("the composer can be typed into");
        self.read(QUESTION, text).await;
    }

    /// Says something and waits until an answer that contains `answer` is there, whole; all that the answer says.
    pub async fn ask(&self, question: &str, answer: &str) -> String {
        let before = self.texts(WHOLE_ANSWER).await.len();
        self.say(question).await;
        self.until(&format!("{question:?} is answered with {answer:?}"), async |world| {
            let answers = world.texts(WHOLE_ANSWER).await;
            answers.get(before).filter(|found| found.contains(answer)).cloned()
        })
        .await
    }

    /// Chooses a model in the picker that is opened by `trigger`.
    pub async fn pick(&self, trigger: &str, model: &str) {
        self.click(trigger).await;
        self.fill("model-search", model).await;
        self.click(&format!("model-option[data-model='{model}']")).await;
        self.gone("model-picker").await;
    }

    /// Adds a model to those that may answer when the chosen one cannot, and goes back to the chat.
    pub async fn fall_back_to(&self, model: &str) {
        self.click("open-settings").await;
        self.click("settings-answering").await;
        self.fill("fallback-add", model).await;
        self.press(&Key::Enter.to_string()).await;
        self.read("fallback-model", model).await;
        self.click("nav-chat").await;
        self.see("composer").await;
    }

    /// The newest conversation of the list.
    pub async fn open_newest_session(&self) {
        self.click("session-item button").await;
        self.see(QUESTION).await;
    }

    /// The visible button that says `name`, or is called so.
    pub async fn button(&self, name: &str) -> Element {
        let path = format!("//button[normalize-space()='{name}' or @aria-label='{name}']");
        self.until(&format!("there is a button {name:?}"), async |world| {
            for button in world.client().find_all(Locator::XPath(&path)).await.ok()? {
                if world.is_shown(&button).await {
                    return Some(button);
                }
            }
            None
        })
        .await
    }

    /// Chooses an entry of the menu that is open.
    pub async fn choose(&self, name: &str) {
        let role = "@role='menuitem' or @role='menuitemradio' or @role='menuitemcheckbox'";
        let path = format!("//*[({role}) and contains(normalize-space(), '{name}')]");
        self.until(&format!("the menu has {name:?}"), async |world| {
            let entry = world.client().find(Locator::XPath(&path)).await.ok()?;
            entry.click().await.ok()
        })
        .await;
    }

    /// Opens the menu of a conversation of the list, whose button is there once the pointer is, and chooses from it.
    pub async fn choose_for_session(&self, title: &str, entry: &str) {
        let row = self.see(&format!("session-item button[title^='{title}']")).await;
        let over = PointerAction::MoveToElement { element: row, duration: None, x: 0.0, y: 0.0 };
        // From elsewhere: the driver, which does not know of its own clicks, moves nothing to where it last moved the pointer.
        let away = PointerAction::MoveTo { duration: None, x: 0.0, y: 0.0 };
        let moves = MouseActions::new("mouse".to_owned()).then(away).then(over);
        self.client().perform_actions(moves).await.expect("a pointer");
        self.click(&format!("session-menu[aria-label*='{title}']")).await;
        self.choose(entry).await;
    }

    /// Opens a conversation of the list by its title.
    pub async fn open_session(&self, title: &str) {
        self.click(&format!("session-item button[title^='{title}']")).await;
    }

    /// The exact prompt of the latest answer, as "Why this answer?" shows it.
    pub async fn prompt_of_latest_answer(&self) -> String {
        if self.shown("why-panel").await.is_none() {
            self.click("why-toggle").await;
        }
        self.click("show-prompt").await;
        let prompt = self.until("the prompt is shown", async |world| {
            world.texts("prompt-text").await.pop().filter(|text| !text.is_empty())
        });
        let prompt = prompt.await;
        self.press(&Key::Escape.to_string()).await;
        self.gone("prompt-dialog").await;
        prompt
    }

    /// Closes "Why this answer?", which in a narrow window lies over everything else.
    pub async fn close_why(&self) {
        self.button("Close").await.click().await.expect("a button can be clicked");
        self.gone("why-panel").await;
    }

    /// Presses Tab until the focus is on, or in, an element of this name.
    pub async fn tab_to(&self, name: &str) {
        for _ in 0..60 {
            if self.has_focus(name).await {
                return;
            }
            self.press(&Key::Tab.to_string()).await;
        }
        panic!("`{name}` was not reached with 60 times Tab");
    }

    /// Whether the focus is on, or in, an element of this name.
    pub async fn has_focus(&self, name: &str) -> bool {
        let script = "return document.activeElement?.closest(arguments[0]) != null";
        self.run(script, vec![json!(crate::world::selector(name))]).await == json!(true)
    }
}
