//! The model that is always there: no language model, and honest about it. It answers by quoting.

use crate::learn::spoken::spoken;
use crate::recall::origin;
use crate::recall::utterance::{self, Utterance};
use jiff::Zoned;
use twin_core::report::Passage;

const QUOTE: &str = include_str!("offline/prompt/quote.md");
const NOTHING: &str = include_str!("offline/prompt/nothing.md");
const STATEMENT: &str = include_str!("offline/prompt/statement.md");
const HEEDED: &str = include_str!("offline/prompt/heeded.md");
const GREETING: &str = include_str!("offline/prompt/greeting.md");

/// Most quotations in one answer.
const MOST: usize = 3;
/// A further quotation must fit at least this well, as a share of the best one's score.
const NEARLY_AS_GOOD: f32 = 0.7;

/// What is said without a language model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineAnswer {
    /// Markdown; what is quoted stands in block quotations and carries no Markdown of its own.
    pub text: String,
    /// How many of the passages, from the first, are quoted.
    pub quoted: usize,
}

/// Answers a question with the best of the passages (best first, as `recall::rank` gives them), who said it and when,
/// in the zone of `now`; says plainly when there are none. What is no question is only acknowledged: understanding it
/// would take a language model.
pub fn answer(question: &str, passages: &[Passage], now: &Zoned) -> OfflineAnswer {
    let plain = |text: &str| OfflineAnswer { text: text.trim().to_owned(), quoted: 0 };
    // What came of it stands beside the message.
    if spoken(question).is_some() {
        return plain(HEEDED);
    }
    match utterance::kind(question) {
        Utterance::Greeting => return plain(GREETING),
        Utterance::Statement => return plain(STATEMENT),
        Utterance::Question => {}
    }
    let Some(best) = passages.first() else { return plain(NOTHING) };
    let fits = |passage: &&Passage| passage.score >= best.score * NEARLY_AS_GOOD;
    let quotes: Vec<String> = passages.iter().take(MOST).take_while(fits).map(|passage| quote(passage, now)).collect();
    let lead = QUOTE.trim().to_owned();
    OfflineAnswer { quoted: quotes.len(), text: [vec![lead], quotes].concat().join("\n\n") }
}

/// Whether a line is one of the sentences that this model always says, which nobody wants to have recalled.
pub(crate) fn is_fixed(line: &str) -> bool {
    [QUOTE, NOTHING, STATEMENT, GREETING, HEEDED].iter().any(|fixed| fixed.trim() == line.trim())
}

fn quote(passage: &Passage, now: &Zoned) -> String {
    // CommonMark ends a line at `\n`, `\r\n` and `\r`; `str::lines` knows the first two.
    let text = passage.text.trim().replace("\r\n", "\n").replace('\r', "\n");
    let lines = text.lines().map(|line| format!("> {}", escape(line)));
    let mut quoted: Vec<String> = lines.map(|line| line.trim_end().to_owned()).collect();
    quoted.push(format!(">\n> — {}", escape(&origin::for_person(&passage.source, now))));
    quoted.join("\n")
}

/// Takes the meaning from whatever Markdown would read as a mark, and leaves ordinary writing as it is. A bare address
/// stays one: it says where it leads.
fn escape(line: &str) -> String {
    let line = line.trim();
    let mut out = String::with_capacity(line.len());
    // A list number: "1." or "1)".
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    for (at, character) in line.char_indices() {
        let rest = &line[at + character.len_utf8()..];
        let before = line[..at].chars().next_back();
        let is_mark = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' => true,
            '_' => {
                !(before.is_some_and(char::is_alphanumeric) && rest.chars().next().is_some_and(char::is_alphanumeric))
            }
            '&' => rest.starts_with('#') || rest.split_once(';').is_some_and(|(name, _)| is_entity_name(name)),
            '#' | '>' | '+' | '-' | '=' => at == 0,
            '.' | ')' => digits > 0 && at == digits,
            _ => false,
        };
        if is_mark {
            out.push('\\');
        }
        if !character.is_control() {
            out.push(character);
        }
    }
    out
}

fn is_entity_name(name: &str) -> bool {
    !name.is_empty() && name.len() < 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests;
