//! Files that were sent with messages, as blocks and as parts of the report.
//!
//! Attachments need no wall of their own between owner and visitor: they come only from the question and from the
//! history, both of one session, and a session has one audience for life.

use super::meter::Meter;
use super::{ContextInput, File};
use twin_core::chat::Attachment;
use twin_core::model::Block;
use twin_core::report::{Fate, Part, PartKind};

/// What a picture takes. Anthropic's documentation of vision gives about width × height / 750 tokens and, because
/// larger pictures are made smaller first, about 1,600 at most. The size in pixels is not known here, so every picture
/// is taken for the largest. Some newer models look more closely and take about three times as much; where that is too
/// much, [`Built::tighter`](super::Built::tighter) follows.
const IMAGE_TOKENS: u32 = 1_600;

/// The files that are sent: not those that were taken out, nor those that are gone.
fn sent<'a>(
    attachments: &'a [Attachment],
    input: &ContextInput<'a>,
) -> impl Iterator<Item = (&'a Attachment, &'a File)> {
    let files = input.files;
    attachments
        .iter()
        .filter(|attachment| !attachment.left_out)
        .filter_map(|attachment| Some((attachment, files.get(&attachment.sha256)?)))
}

/// The blocks of a message's files. Documents get their names when it is known which are sent ([`number`]).
pub(super) fn blocks<'a>(attachments: &'a [Attachment], input: &ContextInput<'a>) -> impl Iterator<Item = Block> {
    sent(attachments, input).map(|(attachment, file)| {
        let (media_type, bytes) = (attachment.media_type.clone(), file.bytes.clone());
        if media_type.starts_with("image/") {
            Block::Image { media_type, bytes }
        } else {
            Block::Document { name: String::new(), media_type, bytes, text: file.text.clone() }
        }
    })
}

/// Names the documents of a whole request by number: their own names would be a way to talk to the model.
pub(super) fn number<'a>(blocks: impl Iterator<Item = &'a mut Block>) {
    let documents = blocks.filter_map(|block| match block {
        Block::Document { name, .. } => Some(name),
        _ => None,
    });
    for (name, number) in documents.zip(1..) {
        *name = format!("document {number}");
    }
}

/// The report's parts for a message's files, `in_request` if the message itself is sent. What was taken out is none
/// of them; what is gone is omitted.
pub(super) fn parts<'a>(
    attachments: &'a [Attachment],
    in_request: bool,
    input: &ContextInput<'a>,
    meter: Meter,
) -> impl Iterator<Item = Part> {
    let files = input.files;
    attachments.iter().filter(|attachment| !attachment.left_out).map(move |attachment| {
        let file = files.get(&attachment.sha256).filter(|_| in_request);
        Part {
            kind: PartKind::Attachment,
            name: attachment.name.clone(),
            tokens: file.map_or(0, |file| tokens(attachment, file, meter)),
            fate: if file.is_some() { Fate::Whole } else { Fate::Omitted },
            cacheable: false,
        }
    })
}

/// What all of a message's files take.
pub(super) fn all_tokens<'a>(attachments: &'a [Attachment], input: &ContextInput<'a>, meter: Meter) -> u32 {
    sent(attachments, input).map(|(attachment, file)| tokens(attachment, file, meter)).sum()
}

/// By its words; a picture, and a document whose words only the model can read, as a picture.
fn tokens(attachment: &Attachment, file: &File, meter: Meter) -> u32 {
    if attachment.media_type.starts_with("image/") || file.text.trim().is_empty() {
        IMAGE_TOKENS
    } else {
        meter.tokens(&file.text)
    }
}
