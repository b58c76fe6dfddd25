//! What a refusal teaches: the same is asked again without what was refused, once, and what was learned is told first.

use crate::bedrock::{CLAUDE, USAGE, config, finished, model};
use crate::bedrock_server::{
    answer, answer_whole, begin, delta, event, exception, refuse, stop, text as send_text, usage, usage_with_cache,
};
use crate::server::{Exchange, Server};
use crate::{collect, fail, request, soon, text};
use rstest::rstest;
use serde_json::{Value, json};
use twin_connect::bedrock::{BedrockConfig, BedrockModel};
use twin_core::error::Code;
use twin_core::model::{
    Block, Effort, Feature, Lessons, ModelEvent, ModelRequest, Reach, Reasoning, StopReason, ToolSpec, ToolUse, Usage,
};
use twin_core::port::ChatModel as _;
use twin_core::settings::ServiceTier;

const ON_DEMAND: &str = "Invocation of model ID anthropic.claude-x with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.";

/// A request with everything in it that some model refuses.
fn everything() -> ModelRequest {
    let mut asked = ModelRequest { effort: Effort::High, max_output_tokens: 8_000, ..request(CLAUDE) };
    asked.tools = vec![ToolSpec {
        name: "recall".to_owned(),
        description: String::new(),
        input_schema: json!({ "type": "object" }),
    }];
    asked.turns[2].content.push(Block::Image { media_type: "image/png".to_owned(), bytes: vec![1].into() });
    asked.turns[2].content.push(Block::Document {
        name: "document 1".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: vec![1].into(),
        text: "Its words.".to_owned(),
    });
    asked
}

fn settings(url: &str) -> BedrockConfig {
    BedrockConfig { service_tier: ServiceTier::Priority, low_latency: true, ..config(url) }
}

/// Whether a part that was sent is in a body.
fn carries(body: &Value, feature: Feature) -> bool {
    let has = |field: &str, word: &str| body[field].to_string().contains(word);
    match feature {
        Feature::Cache => has("system", "cachePoint"),
        Feature::Tools | Feature::ToolsWhileStreaming => body["toolConfig"].is_object(),
        Feature::System => body["system"].is_array(),
        Feature::Images => has("messages", "\"image\""),
        Feature::Documents => has("messages", "\"document\""),
        Feature::ReasoningEffort => has("additionalModelRequestFields", "adaptive"),
        Feature::ReasoningBudget => has("additionalModelRequestFields", "budget_tokens"),
        Feature::ServiceTier => body["serviceTier"].is_object(),
        Feature::Latency => body["performanceConfig"].is_object(),
        Feature::Streaming | Feature::MaxTokens | Feature::StreamOptions => false,
    }
}

#[rstest]
#[case::cache(Feature::Cache, 400, "You invoked an unsupported model or your request did not allow prompt caching.")]
#[case::cache_of_some(
    Feature::Cache,
    403,
    "You invoked an unsupported model or your request did not allow prompt caching."
)]
#[case::cache_of_nova(
    Feature::Cache,
    400,
    "Malformed input request: #/system/1: extraneous key [cachePoint] is not permitted, please reformat your input and try again."
)]
#[case::tools(Feature::Tools, 400, "This model doesn't support tool use.")]
#[case::tools_with_a_curly_apostrophe(Feature::Tools, 400, "This model doesn\u{2019}t support tool use.")]
#[case::system(
    Feature::System,
    400,
    "This model doesn't support system messages. Try again without a system message or use a model that supports system messages."
)]
#[case::images(
    Feature::Images,
    400,
    "This model doesn't support the image content block that you provided. Update the content block and try again."
)]
#[case::documents(Feature::Documents, 400, "This model doesn't support documents.")]
#[case::effort(Feature::ReasoningEffort, 400, "adaptive thinking is not supported on this model")]
#[case::effort_of_others(
    Feature::ReasoningEffort,
    400,
    "Malformed input request: #: extraneous key [thinking] is not permitted"
)]
#[case::tier(Feature::ServiceTier, 400, "The provided service tier is not supported for this model.")]
#[case::latency(
    Feature::Latency,
    400,
    "Latency performance configuration is not supported for moonshot.kimi-k2-thinking in eu-west-1"
)]
#[tokio::test]
async fn a_part_that_the_model_refuses_is_left_out_once_and_remembered(
    #[case] feature: Feature,
    #[case] status: u16,
    #[case] message: &'static str,
) {
    let kind = if status == 403 { "AccessDeniedException" } else { "ValidationException" };
    let server = Server::start(move |number, exchange| match number {
        0 => refuse(exchange, status, kind, message),
        _ => answer(exchange, "hi"),
    });
    let model = BedrockModel::new(settings(&server.url));
    let (events, failure) = collect(model.stream(everything())).await;
    let lessons = Lessons::default().without(feature);
    let learned = ModelEvent::Learned(lessons.clone());
    assert_eq!((events, failure), (vec![learned, text("hi"), USAGE, finished(StopReason::EndTurn)], None));
    let (first, second) = (server.request().body, server.request().body);
    assert!(carries(&first, feature) && !carries(&second, feature), "{second}");
    // Nothing else was given up with it.
    let others = [Feature::Tools, Feature::Images, Feature::Documents, Feature::ServiceTier, Feature::Latency];
    for other in others.into_iter().filter(|other| *other != feature) {
        assert!(carries(&second, other), "{other:?} of {second}");
    }
    // What is remembered is not tried again.
    collect(model.stream(ModelRequest { lessons, ..everything() })).await;
    assert!(!carries(&server.request().body, feature));
    assert!(server.has_no_more_requests());
}

#[tokio::test]
async fn the_same_refusal_twice_is_told_and_never_a_loop() {
    let server = Server::start(|_, exchange| {
        refuse(exchange, 400, "ValidationException", "This model doesn't support tool use.");
    });
    let (events, failure) = collect(model(&server).stream(everything())).await;
    assert_eq!(events, [ModelEvent::Learned(Lessons::default().without(Feature::Tools))]);
    assert_eq!(failure.unwrap().code, Code::RequestRefused);
    server.request();
    server.request();
    assert!(server.has_no_more_requests());
}

#[tokio::test]
async fn a_model_that_knows_neither_way_of_thinking_answers_without() {
    let server = Server::start(|number, exchange| match number {
        0 | 1 => refuse(exchange, 400, "ValidationException", "extraneous key [thinking] is not permitted"),
        _ => answer(exchange, "hi"),
    });
    let (events, failure) = collect(model(&server).stream(everything())).await;
    let newer = Lessons::default().without(Feature::ReasoningEffort);
    let both = newer.clone().without(Feature::ReasoningBudget);
    assert_eq!(failure, None);
    assert_eq!(events[..3], [ModelEvent::Learned(newer), ModelEvent::Learned(both), text("hi")]);
    server.request();
    let budget = server.request().body["additionalModelRequestFields"]["thinking"]["budget_tokens"].as_u64().unwrap();
    assert!((1_024..8_000).contains(&budget), "{budget}");
    assert_eq!(server.request().body["additionalModelRequestFields"], Value::Null);
}

/// A model that does not stream, or not while it is offered tools, is asked for the whole answer.
#[rstest]
#[case(Feature::Streaming, "The model is unsupported for streaming.")]
#[case(Feature::ToolsWhileStreaming, "This model doesn't support tool use in streaming mode.")]
#[tokio::test]
async fn an_answer_that_cannot_be_streamed_comes_whole(#[case] feature: Feature, #[case] message: &'static str) {
    let server = Server::start(move |number, exchange| {
        if number == 0 {
            return refuse(exchange, 400, "ValidationException", message);
        }
        let content = json!([
            { "reasoningContent": { "reasoningText": { "text": "hm", "signature": "c2VhbA==" } } },
            { "reasoningContent": { "redactedContent": "AAEC" } },
            { "text": "Let me look." },
            { "toolUse": { "toolUseId": "a", "name": "recall", "input": { "about": ["May", 5, -1, 0.5, null, true] } } },
        ]);
        answer_whole(exchange, &content, "tool_use");
    });
    let (events, failure) = collect(model(&server).stream(everything())).await;
    let lessons = Lessons::default().without(feature);
    let thought = |text: &str, signature: Option<&str>, redacted: Option<&str>| {
        ModelEvent::Reasoning(Reasoning {
            text: text.to_owned(),
            signature: signature.map(str::to_owned),
            redacted: redacted.map(str::to_owned),
        })
    };
    let input = json!({ "about": ["May", 5, -1, 0.5, null, true] });
    let expected = [
        ModelEvent::Learned(lessons.clone()),
        ModelEvent::Learned(Lessons { reasons: true, ..lessons }),
        ModelEvent::ReasoningText("hm".to_owned()),
        thought("hm", Some("c2VhbA=="), None),
        thought("", None, Some("AAEC")),
        text("Let me look."),
        ModelEvent::ToolUse(ToolUse { id: "a".to_owned(), name: "recall".to_owned(), input }),
        USAGE,
        finished(StopReason::ToolUse),
    ];
    assert_eq!((events, failure), (expected.into(), None));
    assert!(server.request().target.ends_with("/converse-stream"));
    let whole = server.request();
    assert!(whole.target.ends_with("/converse"), "{}", whole.target);
    assert!(carries(&whole.body, Feature::Tools));
}

#[rstest]
#[case(
    "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096."
)]
#[case("max_tokens: 8000 > 4096, which is the maximum allowed number of output tokens for claude-3-5")]
#[tokio::test]
async fn an_answer_longer_than_the_model_writes_is_asked_for_shorter(#[case] message: &'static str) {
    let server = Server::start(move |number, exchange| match number {
        0 => refuse(exchange, 400, "ValidationException", message),
        _ => answer(exchange, "hi"),
    });
    let (events, failure) = collect(model(&server).stream(everything())).await;
    let lessons = Lessons { max_output_tokens: Some(4_096), ..Lessons::default() };
    assert_eq!((events[0].clone(), failure), (ModelEvent::Learned(lessons.clone()), None));
    server.request();
    assert_eq!(server.request().body["inferenceConfig"]["maxTokens"], 4_096);
    collect(model(&server).stream(ModelRequest { lessons, ..everything() })).await;
    assert_eq!(server.request().body["inferenceConfig"]["maxTokens"], 4_096);
}

#[tokio::test]
async fn a_prompt_that_leaves_room_for_a_shorter_answer_gets_one() {
    let message = "input length and `max_tokens` exceed context limit: 195000 + 8000 > 200000, decrease input length or `max_tokens` and try again";
    let server = Server::start(move |number, exchange| match number {
        0 => refuse(exchange, 400, "ValidationException", message),
        _ => answer(exchange, "hi"),
    });
    let (events, failure) = collect(model(&server).stream(everything())).await;
    let learned = ModelEvent::Learned(Lessons { context_tokens: Some(200_000), ..Lessons::default() });
    assert_eq!((events[0].clone(), failure), (learned, None));
    server.request();
    assert_eq!(server.request().body["inferenceConfig"]["maxTokens"], 5_000);
}

#[rstest]
#[case("input length and `max_tokens` exceed context limit: 199990 + 8000 > 200000", Some(200_000))]
#[case("prompt is too long: 213462 tokens > 200000 maximum", Some(200_000))]
#[case("This model's maximum context length is 131072 tokens. Please reduce the length of the prompt", Some(131_072))]
#[case("Input is too long for requested model.", None)]
#[tokio::test]
async fn a_prompt_that_leaves_no_room_is_too_long_and_its_limit_is_remembered(
    #[case] message: &'static str,
    #[case] context_tokens: Option<u32>,
) {
    let server = Server::start(move |_, exchange| refuse(exchange, 400, "ValidationException", message));
    let (events, failure) = collect(model(&server).stream(everything())).await;
    let learned = context_tokens.map(|_| ModelEvent::Learned(Lessons { context_tokens, ..Lessons::default() }));
    assert_eq!(events, Vec::from_iter(learned));
    assert_eq!(failure.unwrap().code, Code::ContextTooLong);
    server.request();
    assert!(server.has_no_more_requests());
}

/// Thoughts of another model, or of another conversation, would otherwise be refused for ever.
#[rstest]
#[case("messages.1.content.0: Invalid `signature` in `thinking` block")]
#[case("User messages cannot contain reasoning content. Please remove the reasoning content and try again.")]
#[case("This model doesn't support the reasoningContent.reasoningText.signature field.")]
#[tokio::test]
async fn thoughts_that_the_model_does_not_take_back_do_not_spoil_the_conversation(#[case] message: &'static str) {
    let server = Server::start(move |number, exchange| match number {
        0 => refuse(exchange, 400, "ValidationException", message),
        _ => answer(exchange, "hi"),
    });
    let mut asked = everything();
    let thought = Reasoning { text: "hm".to_owned(), signature: Some("c2VhbA==".to_owned()), redacted: None };
    asked.turns[1].content.insert(0, Block::Reasoning(thought));
    let (events, failure) = collect(model(&server).stream(asked)).await;
    // It is the conversation's fault and not the model's way: nothing is remembered.
    assert_eq!((events, failure), (vec![text("hi"), USAGE, finished(StopReason::EndTurn)], None));
    assert!(server.request().body.to_string().contains("reasoningContent"));
    assert!(!server.request().body.to_string().contains("reasoningContent"));
}

#[tokio::test]
async fn caching_and_thinking_are_learned_from_the_answer_itself() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        delta(exchange, 0, &json!({ "reasoningContent": { "text": "hm" } }));
        delta(exchange, 1, &json!({ "text": "hi" }));
        stop(exchange, "end_turn");
        usage_with_cache(exchange, 30, 5);
        exchange.end();
    });
    let (events, failure) = collect(model(&server).stream(request(CLAUDE))).await;
    let reasons = Lessons { reasons: true, ..Lessons::default() };
    let both = Lessons { caches: true, ..reasons.clone() };
    let expected = [
        ModelEvent::Learned(reasons),
        ModelEvent::ReasoningText("hm".to_owned()),
        text("hi"),
        ModelEvent::Reasoning(Reasoning { text: "hm".to_owned(), ..Reasoning::default() }),
        ModelEvent::Learned(both.clone()),
        ModelEvent::Usage(Usage { input: 10, output: 20, cache_read: 30, cache_write: 5 }),
        finished(StopReason::EndTurn),
    ];
    assert_eq!((events, failure), (expected.into(), None));
    // What is known is not told again.
    let (events, _) = collect(model(&server).stream(ModelRequest { lessons: both, ..request(CLAUDE) })).await;
    assert!(!events.iter().any(|event| matches!(event, ModelEvent::Learned(_))), "{events:?}");
}

#[tokio::test]
async fn a_refusal_inside_a_stream_teaches_before_the_first_word_and_not_after() {
    let server = Server::start(|number, exchange| match number {
        0 | 2 => {
            begin(exchange);
            if number == 2 {
                send_text(exchange, "half");
            }
            exception(exchange, "validationException", &json!({ "message": "This model doesn't support tool use." }));
            exchange.end();
        }
        _ => answer(exchange, "hi"),
    });
    let model = model(&server);
    let (events, failure) = collect(model.stream(everything())).await;
    let learned = ModelEvent::Learned(Lessons::default().without(Feature::Tools));
    assert_eq!((events, failure), (vec![learned, text("hi"), USAGE, finished(StopReason::EndTurn)], None));
    let (events, failure) = collect(model.stream(everything())).await;
    assert_eq!((events, failure.unwrap().code), (vec![text("half")], Code::RequestRefused));
    for _ in 0..3 {
        server.request();
    }
    assert!(server.has_no_more_requests(), "what was said is not asked for again");
}

/// Bedrock's lists, with one profile for the geography and one for the world.
fn lists(exchange: &mut Exchange) {
    let arn =
        |region: &str| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/anthropic.claude-x") });
    let profile = |id: &str, regions: &[&str]| {
        json!({
            "inferenceProfileId": id,
            "inferenceProfileArn": format!("arn:aws:bedrock:eu-west-1:1:inference-profile/{id}"),
            "models": regions.iter().map(|region| arn(region)).collect::<Vec<_>>(),
        })
    };
    let body = if exchange.request.target.contains("/inference-profiles") {
        json!({ "inferenceProfileSummaries": [
            profile("global.anthropic.claude-x", &["eu-west-1", ""]),
            profile("eu.anthropic.claude-x", &["eu-west-1", "eu-north-1"]),
        ] })
    } else {
        json!({ "modelSummaries": [{ "modelId": "anthropic.claude-x", "inferenceTypesSupported": ["INFERENCE_PROFILE"] }] })
    };
    exchange.respond(200, &[("content-type", "application/json")], &body.to_string());
}

/// A Bedrock that answers for profiles only.
fn profiles_only(_: usize, exchange: &mut Exchange) {
    match exchange.request.target.as_str() {
        "POST /model/anthropic.claude-x/converse-stream" => refuse(exchange, 400, "ValidationException", ON_DEMAND),
        target if target.starts_with("POST ") => answer(exchange, "hi"),
        _ => lists(exchange),
    }
}

/// Complaint 1.
#[rstest]
#[case(Reach::Geography, "eu.anthropic.claude-x")]
#[case(Reach::Global, "global.anthropic.claude-x")]
#[tokio::test]
async fn a_model_that_needs_a_profile_answers_at_once(#[case] reach: Reach, #[case] profile: &str) {
    let server = Server::start(profiles_only);
    let model = BedrockModel::new(BedrockConfig { reach, ..config(&server.url) });
    let (events, failure) = soon(collect(model.stream(request("anthropic.claude-x")))).await;
    let learned = ModelEvent::Learned(Lessons { called: Some(profile.to_owned()), ..Lessons::default() });
    assert_eq!((events, failure), (vec![learned, text("hi"), USAGE, finished(StopReason::EndTurn)], None));
}

#[tokio::test]
async fn a_profile_beyond_the_reach_is_not_called_but_the_setting_is_named() {
    let server = Server::start(profiles_only);
    let model = BedrockModel::new(BedrockConfig { reach: Reach::Region, ..config(&server.url) });
    let failure = soon(fail(model.stream(request("anthropic.claude-x")))).await;
    assert_eq!((failure.code, failure.retryable), (Code::ModelNotFound, false), "{failure:?}");
    assert!(failure.hint.contains("travel more widely"), "{failure:?}");
}

#[tokio::test]
async fn a_profile_of_another_region_is_forgotten() {
    let server = Server::start(|number, exchange| match number {
        0 => refuse(exchange, 400, "ValidationException", "The provided model identifier is invalid."),
        _ => profiles_only(number, exchange),
    });
    let lessons = Lessons { called: Some("us.anthropic.claude-x".to_owned()), ..Lessons::default() };
    let asked = ModelRequest { lessons, ..request("anthropic.claude-x") };
    let (events, failure) = soon(collect(model(&server).stream(asked))).await;
    let called = Some("eu.anthropic.claude-x".to_owned());
    let expected = [
        ModelEvent::Learned(Lessons::default()),
        ModelEvent::Learned(Lessons { called, ..Lessons::default() }),
        text("hi"),
        USAGE,
        finished(StopReason::EndTurn),
    ];
    assert_eq!((events, failure), (expected.into(), None));
}

#[tokio::test]
async fn nothing_is_asked_twice_after_a_tool_was_asked_for() {
    let server = Server::start(|_, exchange| {
        begin(exchange);
        crate::bedrock_server::tool_start(exchange, 0, "a", "recall");
        event(exchange, "contentBlockStop", &json!({ "contentBlockIndex": 0 }));
        exception(exchange, "serviceUnavailableException", &json!({ "message": "x" }));
        exchange.end();
        usage(exchange);
    });
    let (events, failure) = collect(model(&server).stream(everything())).await;
    assert!(matches!(events[..], [ModelEvent::ToolUse(_)]), "{events:?}");
    assert_eq!(failure.unwrap().code, Code::ProviderFailed);
    server.request();
    assert!(server.has_no_more_requests());
}
