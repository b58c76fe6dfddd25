//! The conversation so far, in the form that models accept: roles alternate, the user is first, nothing is blank.

use super::meter::{Meter, TURN_TOKENS};
use twin_core::chat::{Message, Role};
use twin_core::id::MessageId;
use twin_core::model::{Block, Turn};

/// A question and what was answered; the answer may be missing.
pub(crate) struct Exchange {
    turns: Vec<Merged>,
    /// Estimated.
    pub(crate) tokens: u32,
}

/// Neighbouring messages of the same role.
struct Merged {
    role: Role,
    text: String,
    messages: Vec<MessageId>,
}

impl Exchange {
    /// The messages that it is made of.
    pub(crate) fn messages(&self) -> impl Iterator<Item = MessageId> + '_ {
        self.turns.iter().flat_map(|turn| turn.messages.iter().copied())
    }
}

/// Sorts messages into exchanges, oldest first. Blank messages (a reply that was cut off before its first word) and
/// answers that follow no question are left out.
pub(crate) fn exchanges(history: &[Message], meter: Meter) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for message in history.iter().filter(|message| !message.content.trim().is_empty()) {
        let new = Merged { role: message.role, text: message.content.clone(), messages: vec![message.id] };
        let open = exchanges.last_mut().and_then(|exchange| exchange.turns.last_mut());
        match (open, message.role) {
            (Some(turn), role) if turn.role == role => {
                turn.text = format!("{}\n\n{}", turn.text, message.content);
                turn.messages.push(message.id);
            }
            (_, Role::User) => exchanges.push(Exchange { turns: vec![new], tokens: 0 }),
            (_, Role::Assistant) => {
                if let Some(exchange) = exchanges.last_mut() {
                    exchange.turns.push(new);
                }
            }
        }
    }
    for exchange in &mut exchanges {
        exchange.tokens = exchange.turns.iter().map(|turn| meter.tokens(&turn.text) + TURN_TOKENS).sum();
    }
    exchanges
}

/// The turns to send. A question that was never answered becomes one turn with the one that is asked now.
pub(crate) fn turns(exchanges: &[Exchange], question: &str) -> Vec<Turn> {
    let mut texts: Vec<(Role, String)> =
        exchanges.iter().flat_map(|exchange| &exchange.turns).map(|turn| (turn.role, turn.text.clone())).collect();
    match texts.last_mut() {
        Some((Role::User, text)) => *text = format!("{text}\n\n{question}"),
        _ => texts.push((Role::User, question.to_owned())),
    }
    texts.into_iter().map(|(role, text)| Turn { role, content: vec![Block::Text(text)] }).collect()
}
