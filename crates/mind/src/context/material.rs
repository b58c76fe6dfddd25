//! The persona's files as parts of the prompt, whole or cut.

use super::meter::Meter;
use super::prompt::{self, as_data, as_line};
use super::{ContextInput, Names};
use crate::persona::FileKind;
use twin_core::report::{Fate, PartKind};

/// A part that would be cut below this many tokens is left out: a torn-off beginning says nothing.
const WORTH_SENDING: u32 = 40;
/// Stands where a text was cut.
const CUT: &str = "\n[The rest did not fit.]";

/// A file of the persona as it would be sent whole.
pub(super) struct Material<'a> {
    pub(super) kind: PartKind,
    /// Before a document: it is trimmed later.
    pub(super) is_cv: bool,
    pub(super) path: &'a str,
    body: String,
    before: String,
    after: String,
}

/// What is sent of it.
pub(super) struct Sent<'a> {
    pub(super) kind: PartKind,
    pub(super) path: &'a str,
    pub(super) text: String,
    pub(super) fate: Fate,
}

/// Everything of the persona that this audience may see, in the order of the prompt.
pub(super) fn materials<'a>(input: &ContextInput<'a>, names: &Names) -> Vec<Material<'a>> {
    let file = |kind, template, path: &'a str, text: &str, is_cv| {
        // Filled without its text first, so that a cut can be made within the text.
        const TEXT: &str = "\u{0}";
        let frame = names.fill(template, &[("file", &as_line(path)), ("text", TEXT)]);
        let (before, after) = frame.split_once(TEXT).unwrap_or((&frame, ""));
        Material { kind, is_cv, path, body: as_data(text), before: before.to_owned(), after: after.to_owned() }
    };
    let facts = input.persona.facts(input.audience);
    let facts = facts.map(|sheet| file(PartKind::Facts, prompt::FACTS, sheet.path, sheet.outline, false));
    let texts = input.persona.texts(input.audience).filter_map(|text| {
        let (kind, template) = match text.kind {
            FileKind::Summary => (PartKind::Summary, prompt::SUMMARY),
            FileKind::Style => (PartKind::Style, prompt::STYLE),
            FileKind::Cv | FileKind::Document => (PartKind::Document, prompt::DOCUMENT),
            FileKind::Facts | FileKind::Avatar => return None,
        };
        Some(file(kind, template, text.path, text.text, text.kind == FileKind::Cv))
    });
    let mut materials: Vec<Material<'a>> = facts.chain(texts).collect();
    materials.sort_by_key(|material| (order(material.kind), !material.is_cv));
    materials
}

/// Where a kind of file stands in the prompt.
fn order(kind: PartKind) -> u8 {
    match kind {
        PartKind::Facts => 0,
        PartKind::Summary => 1,
        PartKind::Document => 2,
        _ => 3,
    }
}

impl<'a> Material<'a> {
    pub(super) fn whole(&self) -> String {
        [self.before.as_str(), &self.body, &self.after].concat()
    }

    pub(super) fn fit(self, granted: u32, meter: Meter) -> Sent<'a> {
        let whole = self.whole();
        let sent = |text, fate| Sent { kind: self.kind, path: self.path, text, fate };
        if meter.tokens(&whole) <= granted {
            return sent(whole, Fate::Whole);
        }
        let frame = meter.tokens(&[self.before.as_str(), CUT, &self.after].concat());
        // One less, because rounding up twice may give one more.
        let body = meter.beginning(&self.body, granted.saturating_sub(frame + 1));
        if meter.tokens(body) < WORTH_SENDING {
            return sent(String::new(), Fate::Omitted);
        }
        sent([self.before.as_str(), body, CUT, &self.after].concat(), Fate::Trimmed)
    }
}
