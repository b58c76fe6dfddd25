//! Starting text for files that are not there yet.

use super::FileKind;
use super::kind::classify;

/// What a new file of that name starts with. None for names that are not text to be filled in, such as `linkedin.pdf`.
///
/// The check of the editor says what is still to be filled in; nothing of a template itself reaches a prompt.
pub fn template(path: &str) -> Option<&'static str> {
    let class = classify(path).filter(|class| class.format.is_text())?;
    match class.kind {
        FileKind::Facts => Some(include_str!("template/facts.json")),
        FileKind::Summary => Some(include_str!("template/summary.md")),
        FileKind::Style => Some(include_str!("template/style.md")),
        FileKind::Cv | FileKind::Document | FileKind::Avatar => None,
    }
}
