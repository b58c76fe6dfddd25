//! What is to be remembered: what a model proposes, and what a person does on the screen.

use crate::World;
use crate::stub::Stub;
use fantoccini::key::Key;
use serde_json::{Value, json};

/// What a model proposes to add, because the first message of a conversation says so.
pub fn learned(kind: &str, quote: &str, text: &str, people: &Value) -> Value {
    json!({ "op": "add", "message": 1, "quote": quote, "basis": "stated", "kind": kind, "text": text, "topic": "life",
            "people": people, "importance": 3 })
}

impl World {
    /// Begins another chat.
    pub async fn fresh(&self) {
        self.press(&(Key::Control + "n")).await;
        self.see("greeting").await;
    }

    /// Says something in a chat of its own, and waits until what is learned from it stands under it.
    pub async fn tell(&self, stub: &Stub, said: &str, learned: &Value) {
        self.fresh().await;
        stub.lesson(json!([learned]));
        stub.answer("I see.");
        self.ask(said, "I see.").await;
        self.read("notice-remembered", learned["text"].as_str().expect("a lesson has a text")).await;
    }

    /// Goes to what is remembered.
    pub async fn open_memory(&self) {
        self.click("nav-memory").await;
        self.see("memory-screen").await;
    }

    /// Writes a memory down on its screen, which is open, and looks at it.
    pub async fn write_down(&self, text: &str) {
        self.click("memory-add").await;
        self.fill("add-text", text).await;
        self.click("add-save").await;
        self.gone("add-dialog").await;
        self.read("memory-text", text).await;
    }
}
