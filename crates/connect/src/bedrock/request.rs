//! From the words of `core` to Converse's.

use super::BedrockConfig;
use super::content;
use super::repair::repaired;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::BuildError;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::operation::converse_stream::builders::ConverseStreamFluentBuilder;
use aws_sdk_bedrockruntime::types::{
    CachePointBlock, CachePointType, GuardrailConfiguration, GuardrailStreamConfiguration, InferenceConfiguration,
    Message, PerformanceConfigLatency, PerformanceConfiguration, ServiceTier as Tier, ServiceTierType,
    SystemContentBlock, Tool, ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::Document;
use serde_json::{Value, json};
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, Effort, Feature, Lessons, ModelRequest, SystemPart, ToolSpec, Turn};
use twin_core::settings::{Guardrail, ServiceTier};

/// The service takes no smaller budget for thoughts.
const LEAST_BUDGET: u32 = 1_024;

/// What this one request does otherwise than the lessons of its model say.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// What is called: the model, or an inference profile in its place.
    pub(super) called: String,
    /// The largest answer, in tokens.
    pub(super) output_tokens: u32,
    /// Whether earlier thoughts are given back.
    pub(super) thoughts: bool,
}

/// A request, ready to be sent either way.
pub(super) struct Prepared {
    /// Which parts that a model may refuse are in it.
    pub(super) carries: Vec<Feature>,
    /// Whether earlier thoughts are in it.
    pub(super) thoughts: bool,
    model_id: String,
    messages: Vec<Message>,
    system: Vec<SystemContentBlock>,
    inference: InferenceConfiguration,
    tools: Option<ToolConfiguration>,
    thinking: Option<Document>,
    guardrail: Option<Guardrail>,
    tier: Option<Tier>,
    performance: Option<PerformanceConfiguration>,
}

/// Neither temperature nor topP is sent: newer models refuse the first, or both together.
pub(super) fn prepare(request: &ModelRequest, config: &BedrockConfig, bounds: &Bounds) -> Result<Prepared, Failure> {
    build(request, config, bounds).map_err(|error| {
        Failure::permanent(Code::Internal, format!("the request for Bedrock is incomplete: {error}"), "Report this.")
    })
}

fn build(request: &ModelRequest, config: &BedrockConfig, bounds: &Bounds) -> Result<Prepared, BuildError> {
    let lessons = &request.lessons;
    let mut carries = Vec::new();
    let offers_tools = !request.tools.is_empty() && lessons.allows(Feature::Tools);
    let mut turns = repaired(&request.turns, offers_tools);
    if !bounds.thoughts {
        for turn in &mut turns {
            turn.content.retain(|block| !matches!(block, Block::Reasoning(_)));
        }
    }
    let thoughts = turns.iter().flat_map(|turn| &turn.content).any(|block| matches!(block, Block::Reasoning(_)));
    let (spelling, thinking) = thinking(request.effort, &turns, lessons, bounds).unzip();

    let mut system = system(&request.system, lessons.allows(Feature::Cache))?;
    if lessons.allows(Feature::System) {
        carries.extend((!system.is_empty()).then_some(Feature::System));
        carries.extend(system.iter().any(SystemContentBlock::is_cache_point).then_some(Feature::Cache));
    } else if let (Some(words), Some(first)) = (joined(&request.system), turns.first_mut()) {
        first.content.insert(0, Block::Text(words));
        system.clear();
    }

    let tools = if offers_tools {
        carries.push(Feature::Tools);
        let tools = request.tools.iter().map(tool).collect::<Result<_, _>>()?;
        Some(ToolConfiguration::builder().set_tools(Some(tools)).build()?)
    } else {
        None
    };
    let streams =
        lessons.allows(Feature::Streaming) && (tools.is_none() || lessons.allows(Feature::ToolsWhileStreaming));
    if streams {
        carries.push(Feature::Streaming);
        carries.extend(tools.is_some().then_some(Feature::ToolsWhileStreaming));
    }
    let messages = content::messages(&turns, lessons, &mut carries)?;

    let tier = service_tier(config.service_tier).filter(|_| lessons.allows(Feature::ServiceTier));
    carries.extend(tier.is_some().then_some(Feature::ServiceTier));
    let is_fast = config.low_latency && lessons.allows(Feature::Latency);
    carries.extend(is_fast.then_some(Feature::Latency));
    let latency = PerformanceConfiguration::builder().latency(PerformanceConfigLatency::Optimized).build();

    // The last: refusals name models, and names have words such as "thinking" in them.
    carries.extend(spelling);

    let limit = i32::try_from(bounds.output_tokens).unwrap_or(i32::MAX).max(1);
    Ok(Prepared {
        carries,
        thoughts,
        model_id: bounds.called.clone(),
        messages,
        system,
        inference: InferenceConfiguration::builder().max_tokens(limit).build(),
        tools,
        thinking: thinking.as_ref().map(content::document),
        guardrail: config.guardrail.clone(),
        tier: tier.map(|tier| Tier::builder().r#type(tier).build()).transpose()?,
        performance: is_fast.then_some(latency),
    })
}

impl Prepared {
    /// Whether the answer is asked for piece by piece.
    pub(super) fn streams(&self) -> bool {
        self.carries.contains(&Feature::Streaming)
    }

    pub(super) fn stream(self, client: &Client) -> ConverseStreamFluentBuilder {
        let guardrail = self.guardrail.map(|guardrail| {
            GuardrailStreamConfiguration::builder()
                .guardrail_identifier(guardrail.id)
                .guardrail_version(guardrail.version)
                .build()
        });
        client
            .converse_stream()
            .model_id(self.model_id)
            .set_messages(Some(self.messages))
            .set_system(Some(self.system).filter(|blocks| !blocks.is_empty()))
            .inference_config(self.inference)
            .set_tool_config(self.tools)
            .set_additional_model_request_fields(self.thinking)
            .set_guardrail_config(guardrail)
            .set_service_tier(self.tier)
            .set_performance_config(self.performance)
    }

    pub(super) fn whole(self, client: &Client) -> ConverseFluentBuilder {
        let guardrail = self.guardrail.map(|guardrail| {
            GuardrailConfiguration::builder()
                .guardrail_identifier(guardrail.id)
                .guardrail_version(guardrail.version)
                .build()
        });
        client
            .converse()
            .model_id(self.model_id)
            .set_messages(Some(self.messages))
            .set_system(Some(self.system).filter(|blocks| !blocks.is_empty()))
            .inference_config(self.inference)
            .set_tool_config(self.tools)
            .set_additional_model_request_fields(self.thinking)
            .set_guardrail_config(guardrail)
            .set_service_tier(self.tier)
            .set_performance_config(self.performance)
    }
}

/// How the model is asked to think, in the spelling that it has not refused yet. The newer one goes through the model's
/// own fields and not through Converse's `outputConfig`, which answered "This model doesn't support the effort field"
/// for models that took the other. Their thoughts come without words unless a summary is asked for.
fn thinking(effort: Effort, turns: &[Turn], lessons: &Lessons, bounds: &Bounds) -> Option<(Feature, Value)> {
    let (word, quarters) = match effort {
        Effort::Unset => return None,
        Effort::Low => ("low", 1),
        Effort::Medium => ("medium", 2),
        Effort::High => ("high", 3),
    };
    if lessons.allows(Feature::ReasoningEffort) {
        let thinking = json!({
            "thinking": { "type": "adaptive", "display": "summarized" },
            "output_config": { "effort": word },
        });
        return Some((Feature::ReasoningEffort, thinking));
    }
    let budget = (bounds.output_tokens / 4 * quarters).max(LEAST_BUDGET);
    let has_room = budget < bounds.output_tokens;
    (lessons.allows(Feature::ReasoningBudget) && has_room && !is_amid_tools_without_thoughts(turns))
        .then(|| (Feature::ReasoningBudget, json!({ "thinking": { "type": "enabled", "budget_tokens": budget } })))
}

/// In the older spelling an answer that goes on after a tool must have begun with a thought, or it is refused.
fn is_amid_tools_without_thoughts(turns: &[Turn]) -> bool {
    match turns {
        [.., answer, last] => {
            matches!(last.content.first(), Some(Block::ToolResult { .. }))
                && !matches!(answer.content.first(), Some(Block::Reasoning(_)))
        }
        _ => false,
    }
}

/// What model takes a cache point is in no table here: one that refuses it says so, once.
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

/// The system prompt in front of the first question, for models that take none.
fn joined(parts: &[SystemPart]) -> Option<String> {
    let texts: Vec<&str> = parts.iter().map(|part| part.text.trim()).filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn service_tier(tier: ServiceTier) -> Option<ServiceTierType> {
    match tier {
        ServiceTier::Unset => None,
        ServiceTier::Priority => Some(ServiceTierType::Priority),
        ServiceTier::Flex => Some(ServiceTierType::Flex),
        ServiceTier::Reserved => Some(ServiceTierType::Reserved),
    }
}

fn tool(tool: &ToolSpec) -> Result<Tool, BuildError> {
    Ok(Tool::ToolSpec(
        ToolSpecification::builder()
            .name(&tool.name)
            .set_description(Some(tool.description.clone()).filter(|text| !text.trim().is_empty()))
            .input_schema(ToolInputSchema::Json(content::document(&tool.input_schema)))
            .build()?,
    ))
}
