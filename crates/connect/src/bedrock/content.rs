//! Blocks of turns, there and back.

use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, DocumentBlock, DocumentFormat, DocumentSource, ImageBlock, ImageFormat,
    ImageSource, Message, ReasoningContentBlock, ReasoningTextBlock, ToolResultBlock, ToolResultContentBlock,
    ToolResultStatus, ToolUseBlock,
};
use aws_smithy_types::{Document, Number, base64};
use serde_json::Value;
use std::collections::HashSet;
use twin_core::chat::Role;
use twin_core::model::{Block, Feature, Lessons, Reasoning, Turn};

/// A document is refused unless a text stands beside it.
const BESIDE_A_DOCUMENT: &str = "See the attached document.";
/// In place of an image that the model does not take, so that it can say so.
const UNSEEN: &str = "(An image was attached here, which this model cannot see.)";

/// `turns`, which hold the rules of [`super::repair`], as messages. What of them a model may refuse is added to `carries`.
pub(super) fn messages(
    turns: &[Turn],
    lessons: &Lessons,
    carries: &mut Vec<Feature>,
) -> Result<Vec<Message>, BuildError> {
    let mut files = Files { lessons, carries, names: HashSet::new() };
    turns
        .iter()
        .map(|turn| {
            let mut blocks = turn.content.iter().map(|block| files.block(block)).collect::<Result<Vec<_>, _>>()?;
            if blocks.iter().any(ContentBlock::is_document) && !blocks.iter().any(ContentBlock::is_text) {
                blocks.push(ContentBlock::Text(BESIDE_A_DOCUMENT.to_owned()));
            }
            let role = match turn.role {
                Role::User => ConversationRole::User,
                Role::Assistant => ConversationRole::Assistant,
            };
            Message::builder().role(role).set_content(Some(blocks)).build()
        })
        .collect()
}

struct Files<'a> {
    lessons: &'a Lessons,
    carries: &'a mut Vec<Feature>,
    /// Of the documents so far: two may not be called the same.
    names: HashSet<String>,
}

impl Files<'_> {
    fn block(&mut self, block: &Block) -> Result<ContentBlock, BuildError> {
        Ok(match block {
            Block::Text(text) => ContentBlock::Text(text.clone()),
            Block::Image { media_type, bytes } => self.image(media_type, bytes)?,
            Block::Document { name, media_type, bytes, text } => self.document(name, media_type, bytes, text)?,
            Block::Reasoning(thought) => ContentBlock::ReasoningContent(reasoning(thought)?),
            Block::ToolUse(tool) => ContentBlock::ToolUse(
                ToolUseBlock::builder().tool_use_id(&tool.id).name(&tool.name).input(document(&tool.input)).build()?,
            ),
            Block::ToolResult { id, content, is_error } => ContentBlock::ToolResult(
                ToolResultBlock::builder()
                    .tool_use_id(id)
                    .content(ToolResultContentBlock::Text(content.clone()))
                    .status(if *is_error { ToolResultStatus::Error } else { ToolResultStatus::Success })
                    .build()?,
            ),
        })
    }

    fn image(&mut self, media_type: &str, bytes: &[u8]) -> Result<ContentBlock, BuildError> {
        let format = image_format(media_type).filter(|_| !bytes.is_empty() && self.lessons.allows(Feature::Images));
        let Some(format) = format else { return Ok(ContentBlock::Text(UNSEEN.to_owned())) };
        self.carry(Feature::Images);
        let source = ImageSource::Bytes(Blob::new(bytes));
        Ok(ContentBlock::Image(ImageBlock::builder().format(format).source(source).build()?))
    }

    fn document(&mut self, name: &str, media_type: &str, bytes: &[u8], text: &str) -> Result<ContentBlock, BuildError> {
        let name = self.free_name(name);
        let format =
            document_format(media_type).filter(|_| !bytes.is_empty() && self.lessons.allows(Feature::Documents));
        let Some(format) = format else {
            let text = if text.trim().is_empty() { "(Its text cannot be read.)" } else { text };
            return Ok(ContentBlock::Text(format!("The attached {name}:\n\n{text}")));
        };
        self.carry(Feature::Documents);
        let source = DocumentSource::Bytes(Blob::new(bytes));
        Ok(ContentBlock::Document(DocumentBlock::builder().format(format).name(name).source(source).build()?))
    }

    fn carry(&mut self, feature: Feature) {
        if !self.carries.contains(&feature) {
            self.carries.push(feature);
        }
    }

    /// Letters, digits, single spaces, hyphens and brackets are allowed, and each name once.
    fn free_name(&mut self, name: &str) -> String {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '(' | ')' | '[' | ']');
        let words = name.split(|c: char| !is_allowed(c)).filter(|word| !word.is_empty());
        let name: String = words.collect::<Vec<_>>().join(" ").chars().take(100).collect();
        let name = if name.is_empty() { "document".to_owned() } else { name.trim_end().to_owned() };
        let mut free = name.clone();
        for number in 2.. {
            if self.names.insert(free.clone()) {
                break;
            }
            free = format!("{name} ({number})");
        }
        free
    }
}

/// Word for word: the seal is over the words, and a changed thought is refused.
fn reasoning(thought: &Reasoning) -> Result<ReasoningContentBlock, BuildError> {
    if let Some(sealed) = thought.redacted.as_deref().and_then(|sealed| base64::decode(sealed).ok()) {
        return Ok(ReasoningContentBlock::RedactedContent(Blob::new(sealed)));
    }
    let text = ReasoningTextBlock::builder().text(&thought.text).set_signature(thought.signature.clone());
    Ok(ReasoningContentBlock::ReasoningText(text.build()?))
}

fn image_format(media_type: &str) -> Option<ImageFormat> {
    Some(match media_type {
        "image/png" => ImageFormat::Png,
        "image/jpeg" => ImageFormat::Jpeg,
        "image/gif" => ImageFormat::Gif,
        "image/webp" => ImageFormat::Webp,
        _ => return None,
    })
}

fn document_format(media_type: &str) -> Option<DocumentFormat> {
    Some(match media_type.split(';').next()?.trim() {
        "application/pdf" => DocumentFormat::Pdf,
        "text/csv" => DocumentFormat::Csv,
        "application/msword" => DocumentFormat::Doc,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => DocumentFormat::Docx,
        "application/vnd.ms-excel" => DocumentFormat::Xls,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => DocumentFormat::Xlsx,
        "text/html" => DocumentFormat::Html,
        "text/plain" => DocumentFormat::Txt,
        "text/markdown" => DocumentFormat::Md,
        _ => return None,
    })
}

pub(super) fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or(f64::NAN)),
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(fields) => {
            Document::Object(fields.iter().map(|(key, value)| (key.clone(), document(value))).collect())
        }
    }
}

pub(super) fn value(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => Value::Bool(*value),
        Document::Number(Number::PosInt(number)) => Value::from(*number),
        Document::Number(Number::NegInt(number)) => Value::from(*number),
        Document::Number(Number::Float(number)) => Value::from(*number),
        Document::String(text) => Value::String(text.clone()),
        Document::Array(items) => Value::Array(items.iter().map(value).collect()),
        Document::Object(fields) => fields.iter().map(|(key, field)| (key.clone(), value(field))).collect(),
    }
}
