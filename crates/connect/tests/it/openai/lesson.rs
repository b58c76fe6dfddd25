//! What refusals teach, in the words in which servers were seen to refuse.

use super::{END, MODEL, answer, ask, refuse};
use crate::server::Exchange;
use crate::{request, text};
use rstest::rstest;
use serde_json::{Value, json};
use twin_core::error::Code;
use twin_core::model::{Block, Effort, Feature, Lessons, ModelEvent, ModelRequest, ToolSpec};

/// A request with everything in it that a model may refuse.
fn rich() -> ModelRequest {
    let mut rich = request(MODEL);
    rich.effort = Effort::Medium;
    rich.tools =
        vec![ToolSpec { name: "recall".to_owned(), description: "Recalls.".to_owned(), input_schema: json!({}) }];
    let image = Block::Image { media_type: "image/png".to_owned(), bytes: vec![1, 2, 3].into() };
    rich.turns.last_mut().unwrap().content.push(image);
    rich
}

fn has_image(body: &Value) -> bool {
    body["messages"].to_string().contains("image_url")
}

fn in_body(exchange: &mut Exchange, whole: bool, words: &str) {
    if whole {
        let body =
            json!({ "choices": [{ "message": { "role": "assistant", "content": words }, "finish_reason": "stop" }] });
        refuse(exchange, 200, &body.to_string());
    } else {
        answer(exchange, words);
    }
}

#[rstest]
#[case::openai_max_tokens(400, r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#, Feature::MaxTokens)]
#[case::fastapi_stream_options(422, r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]}"#, Feature::StreamOptions)]
#[case::ollama_tools(400, r#"{"error":{"message":"registry.ollama.ai/library/gemma3:4b does not support tools","type":"api_error","param":null,"code":null}}"#, Feature::Tools)]
#[case::llama_cpp_tools(
    500,
    r#"{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}"#,
    Feature::Tools
)]
#[case::vllm_tools(400, r#"{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","type":"BadRequestError","param":null,"code":400}"#, Feature::Tools)]
#[case::openrouter_tools(404, r#"{"error":{"message":"No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing","code":404}}"#, Feature::Tools)]
#[case::mistral_tools(422, r#"{"object":"Error","message":[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted","input":[]}],"type":"invalid_request_error","code":3001}"#, Feature::Tools)]
#[case::llama_cpp_of_old_tools_in_a_stream(
    500,
    r#"{"error":{"code":500,"message":"Cannot use tools with stream","type":"server_error"}}"#,
    Feature::ToolsWhileStreaming
)]
#[case::llama_cpp_images(500, r#"{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}"#, Feature::Images)]
#[case::openrouter_images(
    404,
    r#"{"error":{"message":"No endpoints found that support image input","code":404}}"#,
    Feature::Images
)]
#[case::ollama_images(500, r#"{"error":{"message":"this model is missing data required for image input","type":"api_error","param":null,"code":null}}"#, Feature::Images)]
#[case::lm_studio_images(
    400,
    r#"{"error":"Model does not support images. Please use a model that does."}"#,
    Feature::Images
)]
#[case::vllm_images(
    400,
    r#"{"error":{"message":"BLACK-LM is not a multimodal model","type":"BadRequestError","param":null,"code":400}}"#,
    Feature::Images
)]
#[case::deepseek_images(400, r#"{"error":{"message":"Failed to deserialize the JSON body into the target type: messages[7]: unknown variant `image_url`, expected `text` at line 1 column 114708","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#, Feature::Images)]
#[case::openai_images(400, r#"{"error":{"message":"Invalid content type. image_url is only supported by certain models.","type":"invalid_request_error","param":"messages.[0].content.[1].type","code":null}}"#, Feature::Images)]
#[case::groq_images(400, r#"{"error":{"message":"messages[1].content must be a string","type":"invalid_request_error","param":"messages[1].content"}}"#, Feature::Images)]
#[case::openai_effort(400, r#"{"error":{"message":"Unrecognized request argument supplied: reasoning_effort","type":"invalid_request_error","param":null,"code":null}}"#, Feature::ReasoningEffort)]
#[case::ollama_effort(400, r#"{"error":{"message":"\"qwen3:8b\" does not support thinking","type":"invalid_request_error","param":null,"code":null}}"#, Feature::ReasoningEffort)]
#[case::openai_system(400, r#"{"error":{"message":"Unsupported value: 'messages[0].role' does not support 'system' with this model.","type":"invalid_request_error","param":"messages[0].role","code":"unsupported_value"}}"#, Feature::System)]
#[case::gemma_in_llama_cpp_system(
    500,
    r#"{"error":{"code":500,"message":"Jinja Exception: System role not supported","type":"server_error"}}"#,
    Feature::System
)]
#[case::gemini_system(400, r#"[{"error":{"code":400,"message":"Developer instruction is not enabled for models/gemma-3-27b-it","status":"INVALID_ARGUMENT"}}]"#, Feature::System)]
#[case::mistral_in_vllm_system(400, r#"{"object":"error","message":"Conversation roles must alternate user/assistant/user/assistant/...","type":"BadRequestError","param":null,"code":400}"#, Feature::System)]
#[case::openai_streaming_of_o1(400, r#"{"error":{"message":"Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.","type":"invalid_request_error","param":"stream","code":"unsupported_value"}}"#, Feature::Streaming)]
#[case::openai_streaming(400, r#"{"error":{"message":"Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.","type":"invalid_request_error","param":"stream","code":"unsupported_value"}}"#, Feature::Streaming)]
#[case::openrouter_that_hides_the_reason(400, r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\n  \"error\": {\n    \"message\": \"Your organization must be verified to stream this model.\",\n    \"type\": \"invalid_request_error\",\n    \"param\": \"stream\"}}","provider_name":"OpenAI"}}}"#, Feature::Streaming)]
#[case::an_error_with_a_good_status(
    200,
    r#"{"error":"Model does not support images. Please use a model that does."}"#,
    Feature::Images
)]
#[tokio::test]
async fn what_a_model_refuses_is_left_out_once_and_for_all(
    #[case] status: u16,
    #[case] refusal: &'static str,
    #[case] feature: Feature,
) {
    let (events, failure, bodies) = ask(rich(), move |number, exchange| {
        if number == 0 {
            refuse(exchange, status, refusal);
        } else {
            let whole = exchange.request.body["stream"] == false;
            in_body(exchange, whole, "hi");
        }
    })
    .await;
    let learned = ModelEvent::Learned(Lessons::default().without(feature));
    assert_eq!((events, failure), (vec![learned, text("hi"), END], None));
    let [first, second] = &bodies[..] else { panic!("asked {} times", bodies.len()) };
    let is_in = |body: &Value| match feature {
        Feature::MaxTokens => body.get("max_tokens").is_some(),
        Feature::StreamOptions => body.get("stream_options").is_some(),
        Feature::Tools => body.get("tools").is_some(),
        Feature::Images => has_image(body),
        Feature::ReasoningEffort => body.get("reasoning_effort").is_some(),
        Feature::System => body["messages"][0]["role"] == "system",
        _ => body["stream"] == true,
    };
    assert!(is_in(first) && !is_in(second), "{second}");
}

#[tokio::test]
async fn an_error_as_the_first_event_of_the_stream_teaches_as_well() {
    let (events, failure, bodies) = ask(rich(), |number, exchange| match number {
        0 => {
            super::begin(exchange);
            super::send(exchange, &json!({ "error": { "message": "Model does not support images.", "code": 400 } }));
            exchange.end();
        }
        _ => answer(exchange, "hi"),
    })
    .await;
    assert_eq!((events.last(), failure, bodies.len()), (Some(&END), None, 2));
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_asked_once_for_each_part_and_then_no_more() {
    let refusal = r#"{"error":{"message":"does not support images, does not support tools, reasoning_effort, stream_options, streaming is not supported, System role not supported, Unsupported parameter: 'max_tokens'"}}"#;
    let (events, failure, bodies) = ask(rich(), move |_, exchange| refuse(exchange, 400, refusal)).await;
    assert_eq!(failure.unwrap().code, Code::RequestRefused);
    assert_eq!((events.len(), bodies.len()), (7, 8));
    let ModelEvent::Learned(lessons) = events.last().unwrap() else { panic!("{events:?}") };
    assert_eq!(lessons.refused.len(), 7);
}

#[tokio::test]
async fn an_answer_that_has_begun_is_never_asked_for_twice() {
    let (events, failure, bodies) = ask(rich(), |_, exchange| {
        super::begin(exchange);
        super::send(exchange, &super::delta("half"));
        super::send(exchange, &json!({ "error": { "message": "Model does not support images.", "code": 400 } }));
        exchange.end();
    })
    .await;
    assert_eq!((events, bodies.len()), (vec![text("half")], 1));
    assert_eq!(failure.unwrap().code, Code::AttachmentRefused);
}

#[rstest]
#[case::its_room(|room| format!("This model's maximum context length is 1024 tokens and your request has {} input tokens", 1024 - room), Code::ContextTooLong)]
#[case::its_answers(|room| format!("max_tokens is too large. This model supports at most {room} completion tokens"), Code::RequestRefused)]
#[tokio::test]
async fn a_server_that_shrinks_with_every_request_is_asked_twice(
    #[case] refusal: fn(u64) -> String,
    #[case] code: Code,
) {
    let (_, failure, bodies) = ask(request(MODEL), move |_, exchange| {
        let room = exchange.request.body["max_tokens"].as_u64().unwrap() - 1;
        refuse(exchange, 400, &json!({ "error": { "message": refusal(room) } }).to_string());
    })
    .await;
    assert_eq!((failure.unwrap().code, bodies.len()), (code, 2));
}

#[rstest]
#[case::openai(r#"{"error":{"message":"max_tokens is too large: 512. This model supports at most 400 completion tokens, whereas you provided 512.","type":"invalid_request_error","param":"max_tokens","code":"invalid_value"}}"#, 400)]
#[case::deepseek(r#"{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 400]","type":"invalid_request_error"}}"#, 400)]
#[case::volcano_engine(r#"{"error":{"code":"InvalidParameter","message":"The parameter `max_tokens` specified in the request are not valid: integer above maximum value, expected a value <= 400, but got 512 instead.","param":"max_tokens","type":"BadRequest"}}"#, 400)]
#[tokio::test]
async fn an_answer_longer_than_the_model_can_give_is_asked_shorter(#[case] refusal: &'static str, #[case] most: u32) {
    let (events, failure, bodies) = ask(request(MODEL), move |number, exchange| match number {
        0 => refuse(exchange, 400, refusal),
        _ => answer(exchange, "hi"),
    })
    .await;
    let lessons = Lessons { max_output_tokens: Some(most), ..Lessons::default() };
    assert_eq!((events, failure), (vec![ModelEvent::Learned(lessons), text("hi"), END], None));
    assert_eq!(bodies[1]["max_tokens"], most);
}

#[rstest]
#[case::vllm(r#"{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 512. This model's maximum context length is 1024 tokens and your request has 700 input tokens (512 > 1024 - 700). None","type":"BadRequestError","param":null,"code":400}}"#)]
#[case::vllm_of_old(r#"{"object":"error","message":"This model's maximum context length is 1024 tokens. However, you requested 1212 tokens (700 in the messages, 512 in the completion). Please reduce the length of the messages or completion.","type":"BadRequestError","param":null,"code":400}"#)]
#[case::openrouter(r#"{"error":{"message":"This endpoint's maximum context length is 1024 tokens. However, you requested about 1212 tokens (700 of text input, 512 in the output). Please reduce the length of either one, or use the \"middle-out\" transform to compress your prompt automatically.","code":400}}"#)]
#[case::sglang(r#"{"object":"error","message":"Requested token count exceeds the model's maximum context length of 1024 tokens. You requested a total of 1212 tokens: 700 tokens from the input messages and 512 tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.","type":"BadRequestError","param":null,"code":400}"#)]
#[tokio::test]
async fn an_answer_for_which_there_is_less_room_is_asked_shorter_once(#[case] refusal: &'static str) {
    let (events, failure, bodies) = ask(request(MODEL), move |number, exchange| match number {
        0 => refuse(exchange, 400, refusal),
        _ => answer(exchange, "hi"),
    })
    .await;
    let lessons = Lessons { context_tokens: Some(1024), ..Lessons::default() };
    assert_eq!((events, failure), (vec![ModelEvent::Learned(lessons), text("hi"), END], None));
    assert_eq!(bodies[1]["max_tokens"], 324);
}

#[rstest]
#[case::openai(400, r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 8227 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#)]
#[case::llama_cpp(400, r#"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}"#)]
#[case::llama_cpp_of_old(500, r#"{"error":{"code":500,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}"#)]
#[case::llama_cpp_that_writes_it_out(400, r#"{"error":{"code":400,"message":"request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it","type":"exceed_context_size_error"}}"#)]
#[case::lm_studio(400, r#"{"error":"Trying to keep the first 14538 tokens when context the overflows. However, the model is loaded with context length of only 8192 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"}"#)]
#[case::lm_studio_of_late(400, r#"{"error":"Cannot truncate prompt with n_keep (15028) >= n_ctx (8192)"}"#)]
#[case::llama_cpp_python(400, r#"{"error":{"message":"Requested tokens (9285) exceed context window of 8192","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#)]
#[case::sglang(400, r#"{"object":"error","message":"The input (9310 tokens) is longer than the model's context length (8192 tokens).","type":"BadRequestError","param":null,"code":400}"#)]
#[case::anthropic_behind_openrouter(400, r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 9310 tokens > 8192 maximum\"}}"}}}"#)]
#[tokio::test]
async fn a_conversation_that_does_not_fit_says_so_and_how_much_would(
    #[case] status: u16,
    #[case] refusal: &'static str,
) {
    let (events, failure, bodies) = ask(request(MODEL), move |_, exchange| refuse(exchange, status, refusal)).await;
    let lessons = Lessons { context_tokens: Some(8192), ..Lessons::default() };
    assert_eq!(events, [ModelEvent::Learned(lessons)]);
    assert_eq!((failure.unwrap().code, bodies.len()), (Code::ContextTooLong, 1));
}

#[rstest]
#[case::a_key(401, r#"{"error":{"message":"this key does not support tools"}}"#)]
#[case::a_pace(429, r#"{"error":{"message":"Request too large: streaming is not supported at this tier"}}"#)]
#[case::something_that_was_not_sent(400, r#"{"error":{"message":"response_format is not supported"}}"#)]
#[case::the_order_of_turns(500, r#"{"error":{"code":500,"message":"Jinja Exception: After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.","type":"server_error"}}"#)]
#[case::an_order_of_messages(400, r#"{"error":{"message":"An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."}}"#)]
#[tokio::test]
async fn a_refusal_of_something_else_strips_nothing(#[case] status: u16, #[case] refusal: &'static str) {
    let (events, failure, bodies) = ask(rich(), move |_, exchange| refuse(exchange, status, refusal)).await;
    assert_eq!((events, bodies.len()), (vec![], 1));
    assert!(failure.is_some());
}

#[rstest]
#[case::images("Model does not support images. Please use a model that does.")]
#[case::tools("registry.ollama.ai/library/gemma3:4b does not support tools")]
#[case::effort("\"qwen3:8b\" does not support thinking")]
#[tokio::test]
async fn a_refusal_of_what_was_not_sent_teaches_nothing(#[case] refusal: &'static str) {
    let (events, failure, bodies) = ask(request(MODEL), move |_, exchange| {
        refuse(exchange, 400, &json!({ "error": { "message": refusal } }).to_string());
    })
    .await;
    assert_eq!((events, failure.unwrap().code, bodies.len()), (vec![], Code::RequestRefused, 1));
}
