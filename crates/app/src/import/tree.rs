//! The messages of a conversation of another program, as a tree of ours.

use std::collections::{BTreeMap, BTreeSet};
use twin_core::chat::{Attachment, Imported, Message, MessageStatus, Role};
use twin_core::id::{MessageId, SessionId};
use twin_core::time::Timestamp;

/// What somebody said.
pub(super) struct Said {
    pub(super) role: Role,
    pub(super) text: String,
    pub(super) at: Option<Timestamp>,
    pub(super) attachments: Vec<Attachment>,
}

/// A place in the other program's tree. Nothing is said in some.
pub(super) struct Node {
    pub(super) parent: Option<String>,
    pub(super) children: Vec<String>,
    pub(super) said: Option<Said>,
}

/// The messages, parents before their children and versions in the order of the file, with the one that stands for `head`.
/// Where nothing was said, what follows stands in its place. What hangs on itself is left out: its ids are returned. Each id is
/// in `order` once, or what follows it would come as often, and what follows that as often again.
pub(super) fn grow(
    session: SessionId,
    nodes: &BTreeMap<String, Node>,
    order: &[String],
    head: Option<&str>,
    begun: Timestamp,
) -> (Vec<Message>, Option<MessageId>, Vec<String>) {
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waiting: Vec<(&str, Option<MessageId>, Timestamp)> = Vec::new();
    for id in order {
        let Some(node) = nodes.get(id) else { continue };
        match node.parent.as_deref().filter(|parent| nodes.contains_key(*parent)) {
            Some(parent) => children.entry(parent).or_default().push(id),
            None => waiting.push((id, None, begun)),
        }
    }
    for (parent, children) in &mut children {
        let named = nodes[*parent].children.iter().enumerate().rev();
        let named: BTreeMap<&str, usize> = named.map(|(place, name)| (name.as_str(), place)).collect();
        // A place that the parent does not name comes last.
        children.sort_by_key(|child| named.get(child).copied().unwrap_or(usize::MAX));
    }
    waiting.reverse();
    let mut messages = Vec::new();
    let mut stands_for: BTreeMap<&str, Option<MessageId>> = BTreeMap::new();
    let mut reached = BTreeSet::new();
    while let Some((id, above, time)) = waiting.pop() {
        reached.insert(id);
        let Some(node) = nodes.get(id) else { continue };
        let (mut last, mut time) = (above, time);
        if let Some(said) = &node.said {
            time = said.at.unwrap_or(time);
            let message = message(session, id, above, said, time);
            last = Some(message.id);
            messages.push(message);
        }
        stands_for.insert(id, last);
        waiting.extend(children.get(id).into_iter().flatten().rev().map(|child| (*child, last, time)));
    }
    let head = head.and_then(|head| stands_for.get(head).copied().flatten());
    let lost = nodes.keys().filter(|id| !reached.contains(id.as_str())).cloned().collect();
    (messages, head, lost)
}

fn message(session: SessionId, id: &str, parent: Option<MessageId>, said: &Said, at: Timestamp) -> Message {
    Message {
        // From the other program's ids alone: the same message of a later export is the same message.
        id: MessageId::derived(session.as_uuid(), id.as_bytes()),
        session_id: session,
        parent_id: parent,
        role: said.role,
        content: said.text.clone(),
        parts: Vec::new(),
        attachments: said.attachments.clone(),
        created_at: at,
        status: MessageStatus::Complete,
        model: None,
        instead_of: None,
        usage: None,
        failure: None,
        imported: Some(Imported { timestamp: said.at.map(|at| at.to_string()), speaker: None }),
    }
}
