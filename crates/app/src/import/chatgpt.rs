//! `conversations.json` of ChatGPT: each conversation a tree of places, in some of which somebody said something.

use super::tree::{Node, Said, grow};
use super::{Conversation, SkipReason, SkippedList, shown};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use twin_core::chat::Role;
use twin_core::id::SessionId;
use twin_core::time::Timestamp;
use uuid::{Uuid, uuid};

/// Under which the ids of its conversations become ours. Never changed: importing again rests on it.
const NAMESPACE: Uuid = uuid!("5c0c1f0e-7a34-4c0e-9d3a-2f9b8d1e6a01");

#[derive(Deserialize)]
struct Raw {
    conversation_id: Option<String>,
    id: Option<String>,
    title: Option<String>,
    create_time: Option<f64>,
    current_node: Option<String>,
    is_archived: Option<bool>,
    mapping: Mapping,
}

/// In the order of the file.
#[derive(Default)]
struct Mapping(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Mapping {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Places;
        impl<'de> serde::de::Visitor<'de> for Places {
            type Value = Mapping;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("places by their ids")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Mapping, A::Error> {
                let mut places = Vec::new();
                while let Some(place) = map.next_entry()? {
                    places.push(place);
                }
                Ok(Mapping(places))
            }
        }
        deserializer.deserialize_map(Places)
    }
}

#[derive(Deserialize)]
struct Place {
    parent: Option<String>,
    #[serde(default)]
    children: Vec<String>,
    message: Option<Spoken>,
}

#[derive(Deserialize)]
struct Spoken {
    author: Author,
    create_time: Option<f64>,
    content: Content,
    recipient: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Author {
    role: String,
}

#[derive(Deserialize)]
struct Metadata {
    is_visually_hidden_from_conversation: Option<bool>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "content_type")]
    kind: String,
    #[serde(default)]
    parts: Vec<Value>,
    text: Option<String>,
    language: Option<String>,
}

pub(super) fn conversation(raw: &RawValue, place: &str, now: Timestamp) -> Result<Conversation, SkipReason> {
    let raw: Raw = serde_json::from_str(raw.get()).map_err(|_| SkipReason::Broken)?;
    let id = raw.conversation_id.or(raw.id).filter(|id| !id.is_empty()).ok_or(SkipReason::Broken)?;
    let session = SessionId::derived(&NAMESPACE, id.as_bytes());
    let begun = raw.create_time.and_then(time).unwrap_or(now);
    let mut skipped = SkippedList::default();
    let (mut nodes, mut order) = (BTreeMap::new(), Vec::new());
    for (id, raw) in raw.mapping.0 {
        let place = format!("{place}.mapping.{}", shown(&id));
        if nodes.contains_key(&id) {
            skipped.add(place, SkipReason::Broken);
            continue;
        }
        let node = if let Ok(found) = serde_json::from_str::<Place>(raw.get()) {
            let said = found.message.and_then(|spoken| said(spoken, &place, &mut skipped));
            Node { parent: found.parent, children: found.children, said }
        } else {
            skipped.add(place, SkipReason::Broken);
            // What follows it still has its place.
            broken(&raw)
        };
        order.push(id.clone());
        nodes.insert(id, node);
    }
    let (messages, head, lost) = grow(session, &nodes, &order, raw.current_node.as_deref(), begun);
    for id in lost {
        skipped.add(format!("{place}.mapping.{}", shown(&id)), SkipReason::Broken);
    }
    let session = super::session(session, raw.title.as_deref(), begun, head, &messages);
    Ok(Conversation { session, archived: raw.is_archived == Some(true), messages, files: Vec::new(), skipped })
}

fn broken(raw: &RawValue) -> Node {
    #[derive(Deserialize)]
    struct Where {
        parent: Option<String>,
    }
    let parent = serde_json::from_str::<Where>(raw.get()).ok().and_then(|place| place.parent);
    Node { parent, children: Vec::new(), said: None }
}

/// What a person reads as said in that place.
fn said(spoken: Spoken, place: &str, skipped: &mut SkippedList) -> Option<Said> {
    let Spoken { author, create_time, content, recipient, metadata } = spoken;
    let role = match author.role.as_str() {
        "user" => Some(Role::User),
        "assistant" => Some(Role::Assistant),
        _ => None,
    };
    let text = text(content, place, skipped);
    let hidden = metadata.and_then(|metadata| metadata.is_visually_hidden_from_conversation) == Some(true);
    let to_all = recipient.is_none_or(|recipient| recipient == "all");
    match (role, text) {
        (_, Some(text)) if text.trim().is_empty() => None,
        (Some(role), Some(text)) if to_all && !hidden => {
            Some(Said { role, text, at: create_time.and_then(time), attachments: Vec::new() })
        }
        _ => {
            skipped.add(place, SkipReason::NotSaid);
            None
        }
    }
}

/// None for what is no text of a conversation.
fn text(content: Content, place: &str, skipped: &mut SkippedList) -> Option<String> {
    match content.kind.as_str() {
        "text" | "multimodal_text" => {
            let mut texts = Vec::new();
            for (index, part) in content.parts.into_iter().enumerate() {
                match part {
                    Value::String(text) => texts.push(text),
                    Value::Object(part)
                        if part.get("content_type").is_some_and(|kind| kind == "audio_transcription") =>
                    {
                        texts.extend(part.get("text").and_then(Value::as_str).map(str::to_owned));
                    }
                    Value::Null => {}
                    _ => skipped.add(format!("{place}.message.content.parts[{index}]"), SkipReason::Attachment),
                }
            }
            Some(texts.join("\n"))
        }
        "code" => {
            let language = content.language.filter(|language| language != "unknown").unwrap_or_default();
            let text = content.text.unwrap_or_default();
            Some(if text.is_empty() { text } else { format!("```{language}\n{text}\n```") })
        }
        _ => None,
    }
}

/// Seconds since 1970.
fn time(seconds: f64) -> Option<Timestamp> {
    let millis = (seconds * 1_000.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "the range was looked at")]
    (millis.is_finite() && millis.abs() < 1e15).then(|| Timestamp::from_millis(millis as i64))
}
