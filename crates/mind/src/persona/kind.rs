//! What a file is, by its name alone.

use super::view::FileKind;

/// The largest text file that is read: a long novel fits, a log file by mistake does not.
pub const MAX_TEXT_BYTES: u64 = 4 * 1024 * 1024;
/// The largest PDF, Word file or picture that is read.
pub const MAX_BINARY_BYTES: u64 = 32 * 1024 * 1024;

/// How the bytes of a file are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Text,
    Markdown,
    Pdf,
    Docx,
    Picture,
}

impl Format {
    /// Whether it is edited as text and has lines.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Json | Self::Text | Self::Markdown)
    }

    /// The most bytes that are read of it.
    pub(super) fn max_bytes(self) -> u64 {
        if self.is_text() { MAX_TEXT_BYTES } else { MAX_BINARY_BYTES }
    }
}

/// What the name of a file says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) kind: FileKind,
    pub(super) format: Format,
    pub(super) private: bool,
}

/// Whether any folder of the path is called `private`, in whatever case: only the owner sees what is in it. A backslash
/// separates folders on one system and is a letter on the others. Here it always separates: the worst case is a file
/// that is private without need.
pub fn is_private(path: &str) -> bool {
    path.rsplit_once(['/', '\\'])
        .is_some_and(|(folders, _)| folders.split(['/', '\\']).any(|folder| folder.trim().to_lowercase() == "private"))
}

/// Sorts a relative path. None: not a file of a persona.
pub(super) fn classify(path: &str) -> Option<Class> {
    let mut parts: Vec<String> = path.split(['/', '\\']).map(str::to_lowercase).collect();
    if parts.iter().any(|part| part.is_empty() || part.starts_with(['.', '~', '#'])) {
        return None;
    }
    let name = parts.pop()?;
    let (stem, extension) = name.rsplit_once('.')?;
    let format = match extension {
        "json" => Format::Json,
        "txt" => Format::Text,
        "md" => Format::Markdown,
        "pdf" => Format::Pdf,
        "docx" => Format::Docx,
        "png" | "jpg" | "jpeg" => Format::Picture,
        _ => return None,
    };
    let private = is_private(path);
    let at_top = parts.is_empty();
    // The names with a meaning have it at the top and in `private/`; `notes/summary.md` is somebody's summary of notes.
    let by_name = at_top || (private && parts.len() == 1);
    let kind = match (stem, format) {
        ("facts", Format::Json) if by_name => FileKind::Facts,
        ("avatar", Format::Picture) if at_top => FileKind::Avatar,
        (_, Format::Json | Format::Picture) => return None,
        ("summary", Format::Text | Format::Markdown) if by_name => FileKind::Summary,
        ("style", Format::Text | Format::Markdown) if by_name => FileKind::Style,
        ("cv" | "resume" | "linkedin", _) if by_name => FileKind::Cv,
        _ => FileKind::Document,
    };
    Some(Class { kind, format, private })
}

/// Whether a file of this relative path is worth reading. Files of editors, of version control and of unknown kinds
/// are not.
pub fn is_wanted(path: &str) -> bool {
    classify(path).is_some()
}

/// The most bytes to read of a file; a larger one is [`TooLarge`](super::Unreadable::TooLarge).
pub fn max_bytes(path: &str) -> u64 {
    classify(path).map_or(0, |class| class.format.max_bytes())
}

#[cfg(test)]
mod tests;
