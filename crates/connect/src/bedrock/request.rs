//! From the words of `core` to ConverseStream's.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::operation::converse_stream::builders::ConverseStreamFluentBuilder;
use aws_sdk_bedrockruntime::types::{
    CachePointBlock, CachePointType, ContentBlock, ConversationRole, InferenceConfiguration, Message,
    SystemContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolResultBlock, ToolResultContentBlock,
    ToolResultStatus, ToolSpecification, ToolUseBlock,
};
use aws_smithy_types::{Document, Number};
use serde_json::Value;
use twin_core::chat::Role;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, ModelRequest, SystemPart, ToolSpec, Turn};

/// Neither temperature nor topP is sent: newer models refuse the first, or both together.
pub(super) fn converse(client: &Client, request: &ModelRequest) -> Result<ConverseStreamFluentBuilder, Failure> {
    build(client, request).map_err(|error| {
        Failure::permanent(Code::Internal, format!("the request for Bedrock is incomplete: {error}"), "Report this.")
    })
}

fn build(client: &Client, request: &ModelRequest) -> Result<ConverseStreamFluentBuilder, BuildError> {
    let limit = i32::try_from(request.max_output_tokens).unwrap_or(i32::MAX).max(1);
    let mut call = client
        .converse_stream()
        .model_id(&request.model_id)
        .inference_config(InferenceConfiguration::builder().max_tokens(limit).build());
    for block in system(&request.system, takes_cache_points(&request.model_id))? {
        call = call.system(block);
    }
    for message in messages(&request.turns)? {
        call = call.messages(message);
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(tool).collect::<Result<_, _>>()?;
        call = call.tool_config(ToolConfiguration::builder().set_tools(Some(tools)).build()?);
    }
    Ok(call)
}

/// Other families answer 400 to a cache point. An application profile's ARN does not tell the family: no cache then.
fn takes_cache_points(model_id: &str) -> bool {
    ["anthropic.claude", "amazon.nova"].iter().any(|family| model_id.contains(family))
}

fn system(parts: &[SystemPart], cache: bool) -> Result<Vec<SystemContentBlock>, BuildError> {
    let mut blocks = Vec::new();
    for part in parts {
        // A blank block is refused with 400, here and in messages.
        if !part.text.trim().is_empty() {
            blocks.push(SystemContentBlock::Text(part.text.clone()));
        }
        if cache && part.cache_point && !blocks.is_empty() {
            let point = CachePointBlock::builder().r#type(CachePointType::Default).build()?;
            blocks.push(SystemContentBlock::CachePoint(point));
        }
    }
    Ok(blocks)
}

/// Roles must alternate and no message may be empty, so what has nothing to say is left out and neighbours are joined:
/// one reply that was stopped before its first word would otherwise spoil its session for good.
fn messages(turns: &[Turn]) -> Result<Vec<Message>, BuildError> {
    let mut joined: Vec<(Role, Vec<ContentBlock>)> = Vec::new();
    for turn in turns {
        let blocks: Vec<_> =
            turn.content.iter().filter_map(|block| content(block).transpose()).collect::<Result<_, _>>()?;
        if blocks.is_empty() {
            continue;
        }
        match joined.last_mut() {
            Some((role, before)) if *role == turn.role => before.extend(blocks),
            _ => joined.push((turn.role, blocks)),
        }
    }
    joined
        .into_iter()
        .map(|(role, blocks)| {
            let role = match role {
                Role::User => ConversationRole::User,
                Role::Assistant => ConversationRole::Assistant,
            };
            Message::builder().role(role).set_content(Some(blocks)).build()
        })
        .collect()
}

fn content(block: &Block) -> Result<Option<ContentBlock>, BuildError> {
    Ok(Some(match block {
        Block::Text(text) if text.trim().is_empty() => return Ok(None),
        Block::Text(text) => ContentBlock::Text(text.clone()),
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
    }))
}

fn tool(tool: &ToolSpec) -> Result<Tool, BuildError> {
    Ok(Tool::ToolSpec(
        ToolSpecification::builder()
            .name(&tool.name)
            .set_description(Some(tool.description.clone()).filter(|text| !text.trim().is_empty()))
            .input_schema(ToolInputSchema::Json(document(&tool.input_schema)))
            .build()?,
    ))
}

fn document(value: &Value) -> Document {
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
