//! Conversations that were had before, as files for `twin session import` and `twin import`.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What the last message of conversation `number` says, and no other message.
pub fn last_word(number: usize) -> String {
    format!("The very last word of conversation {number}.")
}

/// Writes conversation `number`, whose first message begins with `name`, with that many messages of a usual length.
pub fn session_file(folder: &Path, name: &str, number: usize, messages: usize) -> PathBuf {
    let messages: Vec<Value> = (0..messages)
        .map(|at| {
            let text = match at {
                0 => format!("{name} {number}."),
                at if at + 1 == messages => last_word(number),
                at => format!("Message {at} of conversation {number}."),
            };
            let content = format!("{text} {}", "It says something of a usual length. ".repeat(at % 7));
            let (minute, second) = ((at / 60) % 60, at % 60);
            let (month, day, hour) = (1 + number % 12, 1 + number % 28, 6 + at / 3600);
            let role = if at % 2 == 0 { "user" } else { "assistant" };
            let timestamp = format!("2025-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
            json!({ "role": role, "content": content.trim_end(), "timestamp": timestamp })
        })
        .collect();
    let file = folder.join(format!("00000000-0000-4000-8000-{number:012x}.json"));
    fs_err::write(&file, json!(messages).to_string()).expect("the temporary folder can be written");
    file
}

/// Conversation `number` as ChatGPT gives it, begun later than those before it; the two take turns, the user first.
pub fn chatgpt(title: &str, number: usize, said: &[String]) -> Value {
    let begun = 1_700_000_000 + number * 100;
    let place = |at: usize| format!("{number}-{at}");
    let mapping = said.iter().enumerate().map(|(at, text)| {
        let role = if at % 2 == 0 { "user" } else { "assistant" };
        let message = json!({ "id": place(at), "author": { "role": role }, "create_time": begun + at,
            "content": { "content_type": "text", "parts": [text] }, "recipient": "all" });
        let parent = at.checked_sub(1).map(place);
        let children = if at + 1 < said.len() { vec![place(at + 1)] } else { vec![] };
        (place(at), json!({ "id": place(at), "parent": parent, "children": children, "message": message }))
    });
    let mapping: serde_json::Map<String, Value> = mapping.collect();
    json!({ "title": title, "create_time": begun, "update_time": begun, "mapping": mapping,
        "current_node": place(said.len() - 1), "conversation_id": number.to_string(), "id": number.to_string() })
}
