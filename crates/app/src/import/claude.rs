//! `conversations.json` of Claude: each conversation a list of messages, which newer exports say the parents of.

use super::tree::{Node, Said, grow};
use super::{Conversation, SkipReason, SkippedList, shown};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use twin_core::chat::{Attachment, Role};
use twin_core::id::{AttachmentId, SessionId};
use twin_core::time::Timestamp;
use twin_store::Blob;
use uuid::{Uuid, uuid};

/// Under which the ids of its conversations become ours. Never changed: importing again rests on it.
const NAMESPACE: Uuid = uuid!("b3b0a2c4-5d6e-4f10-8a7b-90c1d2e3f402");

#[derive(Deserialize)]
struct Raw {
    uuid: Option<String>,
    name: Option<String>,
    created_at: Option<String>,
    current_leaf_message_uuid: Option<String>,
    chat_messages: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Spoken {
    uuid: String,
    sender: String,
    text: Option<String>,
    #[serde(default)]
    content: Vec<Block>,
    created_at: Option<String>,
    parent_message_uuid: Option<String>,
    #[serde(default)]
    attachments: Vec<Pasted>,
    #[serde(default)]
    files: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
}

/// A text that was attached: the export has its words.
#[derive(Deserialize)]
struct Pasted {
    file_name: Option<String>,
    extracted_content: Option<String>,
}

pub(super) fn conversation(raw: &RawValue, place: &str, now: Timestamp) -> Result<Conversation, SkipReason> {
    let raw: Raw = serde_json::from_str(raw.get()).map_err(|_| SkipReason::Broken)?;
    let id = raw.uuid.filter(|id| !id.is_empty()).ok_or(SkipReason::Broken)?;
    let session = SessionId::derived(&NAMESPACE, id.as_bytes());
    let begun = raw.created_at.as_deref().and_then(time).unwrap_or(now);
    let (mut skipped, mut files) = (SkippedList::default(), Vec::new());
    let (mut nodes, mut order) = (BTreeMap::new(), Vec::<String>::new());
    for (index, raw) in raw.chat_messages.into_iter().enumerate() {
        let place = format!("{place}.chat_messages[{index}]");
        let Ok(spoken) = serde_json::from_str::<Spoken>(raw.get()) else {
            skipped.add(place, SkipReason::Broken);
            continue;
        };
        let id = spoken.uuid.clone();
        if nodes.contains_key(&id) {
            skipped.add(place, SkipReason::Broken);
            continue;
        }
        // Without a word on what it follows, it follows what stands before it.
        let parent = spoken.parent_message_uuid.clone().or_else(|| order.last().cloned());
        let said = said(spoken, session, &place, &mut files, &mut skipped);
        order.push(id.clone());
        nodes.insert(id, Node { parent, children: Vec::new(), said });
    }
    let head = raw.current_leaf_message_uuid.or_else(|| order.last().cloned());
    let (messages, head, lost) = grow(session, &nodes, &order, head.as_deref(), begun);
    for id in lost {
        skipped.add(format!("{place}.chat_messages: {}", shown(&id)), SkipReason::Broken);
    }
    let session = super::session(session, raw.name.as_deref(), begun, head, &messages);
    Ok(Conversation { session, archived: false, messages, files, skipped })
}

fn said(
    spoken: Spoken,
    session: SessionId,
    place: &str,
    files: &mut Vec<Blob>,
    skipped: &mut SkippedList,
) -> Option<Said> {
    let role = match spoken.sender.as_str() {
        "human" | "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => {
            skipped.add(place, SkipReason::NotSaid);
            return None;
        }
    };
    let blocks: Vec<String> =
        spoken.content.into_iter().filter(|block| block.kind == "text").filter_map(|block| block.text).collect();
    let blocks = blocks.join("\n\n");
    // The blocks are what was said; the text of some exports has remarks on tools in between.
    let text = if blocks.trim().is_empty() { spoken.text.unwrap_or_default() } else { blocks };
    let mut attachments = Vec::new();
    for (index, pasted) in spoken.attachments.into_iter().enumerate() {
        let Some(words) = pasted.extracted_content.filter(|words| !words.is_empty()) else {
            skipped.add(format!("{place}.attachments[{index}]"), SkipReason::Attachment);
            continue;
        };
        let blob = Blob::new(words.into_bytes());
        let name = pasted.file_name.filter(|name| !name.is_empty()).unwrap_or_else(|| "text.txt".to_owned());
        let place = format!("{}/{index}", spoken.uuid);
        attachments.push(Attachment {
            id: AttachmentId::derived(session.as_uuid(), place.as_bytes()),
            name,
            media_type: "text/plain".to_owned(),
            bytes: u32::try_from(blob.bytes.len()).unwrap_or(u32::MAX),
            sha256: blob.sha256.clone(),
            left_out: false,
        });
        files.push(blob);
    }
    for index in 0..spoken.files.len() {
        skipped.add(format!("{place}.files[{index}]"), SkipReason::Attachment);
    }
    if text.trim().is_empty() && attachments.is_empty() {
        skipped.add(place, SkipReason::Empty);
        return None;
    }
    Some(Said { role, text, at: spoken.created_at.as_deref().and_then(time), attachments })
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
