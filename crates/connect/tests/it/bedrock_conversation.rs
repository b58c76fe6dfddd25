//! One conversation with the same demands on two servers: the event stream of these tests, and MiniStack, a Bedrock that
//! is not ours.
//!
//! MiniStack takes its words from a stub that speaks the OpenAI protocol. It asks for each answer whole and cuts it into
//! pieces afterwards, passes no images on, and refuses neither credentials nor models.

use crate::bedrock::{config, finished};
use crate::bedrock_server::{begin, block_stop, delta, event, refuse, stop, text as send_text, tool_start, usage};
use crate::ministack::Ministack;
use crate::server::{Exchange, Server};
use crate::{collect, soon, text, turn};
use futures_util::StreamExt as _;
use rstest::rstest;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, Sender, channel};
use twin_connect::bedrock::{BedrockConfig, BedrockModel};
use twin_core::chat::Role;
use twin_core::model::{
    Block, Lessons, ModelEvent, ModelRef, ModelRequest, StopReason, SystemPart, ToolSpec, ToolUse, Turn, Usage,
};
use twin_core::port::ChatModel as _;

const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const SONNET: &str = "anthropic.claude-3-5-sonnet-20241022-v2:0";
const ON_DEMAND: &str = "Invocation of model ID anthropic.claude-3-5-sonnet-20241022-v2:0 with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.";
const COUNTED: ModelEvent = ModelEvent::Usage(Usage { input: 10, output: 20, cache_read: 0, cache_write: 0 });

#[derive(Debug, Clone, Copy, PartialEq)]
enum Which {
    Own,
    Ministack,
}

/// What the model says next.
#[derive(Debug)]
enum Reply {
    Words(&'static str),
    /// Its first words; the rest follows only after the client has left, where the server streams at all.
    Unfinished(&'static str),
    Call(ToolUse),
}

/// A Bedrock whose words are the test's.
struct Stage {
    model: BedrockModel,
    replies: Sender<Reply>,
    /// Our own Bedrock, or the stub behind MiniStack.
    server: Server,
    _ministack: Option<Ministack>,
}

impl Stage {
    /// None, after saying so, where MiniStack is not installed.
    fn set(which: Which) -> Option<Self> {
        let (replies, next) = channel();
        let speak = if which == Which::Own { bedrock } else { stub };
        let server = Server::start(move |_, exchange| speak(exchange, &next));
        let ministack = match which {
            Which::Own => None,
            Which::Ministack => Some(Ministack::start("the conversation with MiniStack", Some(&server.url))?),
        };
        let url = ministack.as_ref().map_or(&server.url, |ministack| &ministack.url);
        let model = BedrockModel::new(BedrockConfig { region: Some("us-east-1".to_owned()), ..config(url) });
        Some(Self { model, replies, server, _ministack: ministack })
    }

    fn reply(&self, reply: Reply) {
        self.replies.send(reply).unwrap();
    }

    /// All that the model answers, which has to arrive whole.
    async fn ask(&self, turns: &[Turn]) -> Vec<ModelEvent> {
        let (events, failure) = soon(collect(self.model.stream(request(HAIKU, turns)))).await;
        assert_eq!(failure, None);
        events
    }

    /// What the model was told the last time: the system prompt, and each line of the conversation.
    fn heard(&self) -> (String, Vec<String>) {
        let asked = self.server.requests().into_iter().rfind(|request| request.target.starts_with("POST ")).unwrap();
        let lines: Vec<String> = asked.body["messages"].as_array().unwrap().iter().flat_map(lines).collect();
        let (system, said): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.starts_with("system: "));
        let system: String = system.into_iter().chain(words(&asked.body["system"])).collect();
        (system, said)
    }
}

/// A message of Converse's or of OpenAI's protocol, in words.
fn lines(message: &Value) -> Vec<String> {
    let role = message["role"].as_str().unwrap();
    if role == "tool" {
        return vec![gave(&message["tool_call_id"], &message["content"])];
    }
    let calls = message["tool_calls"].as_array().into_iter().flatten().map(|call| {
        let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
        format!("{role} calls {} with {arguments}", call["function"]["name"])
    });
    let blocks = message["content"].as_array().into_iter().flatten().filter_map(|block| {
        let (call, result, image) = (&block["toolUse"], &block["toolResult"], &block["image"]);
        let called = call.is_object().then(|| format!("{role} calls {} with {}", call["name"], call["input"]));
        let given = result.is_object().then(|| gave(&result["toolUseId"], &result["content"][0]["text"]));
        let shown = image.is_object().then(|| format!("{role} shows {} {}", image["format"], image["source"]["bytes"]));
        called.or(given).or(shown)
    });
    words(&message["content"]).map(|words| format!("{role}: {words}")).chain(calls).chain(blocks).collect()
}

fn words(content: &Value) -> impl Iterator<Item = String> + use<> {
    let blocks = content.as_array().into_iter().flatten().filter_map(|block| block["text"].as_str());
    content.as_str().into_iter().chain(blocks).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

fn gave(id: &Value, content: &Value) -> String {
    format!("{id} gave {content}")
}

fn request(model_id: &str, turns: &[Turn]) -> ModelRequest {
    let recall = ToolSpec {
        name: "recall".to_owned(),
        description: "Looks further into the memory.".to_owned(),
        input_schema: json!({ "type": "object", "properties": { "query": { "type": "string" } } }),
    };
    ModelRequest {
        system: vec![SystemPart { text: "You are the twin of Ada.".to_owned(), cache_point: true }],
        turns: turns.to_owned(),
        tools: vec![recall],
        ..crate::request(model_id)
    }
}

fn said(events: &[ModelEvent]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| if let ModelEvent::Text(text) = event { Some(text.as_str()) } else { None })
        .collect()
}

/// Bedrock itself: both lists, a model that can be called only through its profile, and the test's words.
fn bedrock(exchange: &mut Exchange, replies: &Receiver<Reply>) {
    let target = exchange.request.target.clone();
    let json = [("content-type", "application/json")];
    if target.starts_with("GET /foundation-models") {
        let model = |id: &str, name: &str, kind: &str| {
            json!({
                "modelId": id, "modelName": name, "providerName": "Anthropic", "inputModalities": ["TEXT", "IMAGE"],
                "responseStreamingSupported": true, "inferenceTypesSupported": [kind],
                "modelLifecycle": { "status": "ACTIVE" },
            })
        };
        let sonnet = model(SONNET, "Claude 3.5 Sonnet v2", "INFERENCE_PROFILE");
        let list = json!({ "modelSummaries": [model(HAIKU, "Claude 3 Haiku", "ON_DEMAND"), sonnet] });
        return exchange.respond(200, &json, &list.to_string());
    }
    if target.starts_with("GET /inference-profiles") {
        let arn =
            |region: &str, id: &str| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{id}") });
        let profile = |id: &str| {
            let models = [arn("us-east-1", id), arn("us-west-2", id)];
            json!({ "inferenceProfileId": format!("us.{id}"), "inferenceProfileArn": "arn", "models": models })
        };
        let ours =
            if target.contains("type=SYSTEM_DEFINED") { vec![profile(HAIKU), profile(SONNET)] } else { Vec::new() };
        let list = json!({ "inferenceProfileSummaries": ours });
        return exchange.respond(200, &json, &list.to_string());
    }
    if target == "POST /model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse-stream" {
        return refuse(exchange, 400, "ValidationException", ON_DEMAND);
    }
    begin(exchange);
    event(exchange, "messageStart", &json!({ "role": "assistant" }));
    match replies.try_recv().expect("a reply for every request") {
        Reply::Words(words) => {
            words.split_inclusive(' ').for_each(|word| send_text(exchange, word));
            stop(exchange, "end_turn");
        }
        Reply::Unfinished(words) => {
            send_text(exchange, words);
            return exchange.wait_for_close();
        }
        Reply::Call(ToolUse { id, name, input }) => {
            tool_start(exchange, 0, &id, &name);
            let input = input.to_string();
            let (first, second) = input.split_at(input.len() / 2);
            delta(exchange, 0, &json!({ "toolUse": { "input": first } }));
            delta(exchange, 0, &json!({ "toolUse": { "input": second } }));
            block_stop(exchange, 0);
            event(exchange, "messageStop", &json!({ "stopReason": "tool_use" }));
        }
    }
    usage(exchange);
    exchange.end();
}

/// The words for MiniStack's Bedrock.
fn stub(exchange: &mut Exchange, replies: &Receiver<Reply>) {
    let message = match replies.try_recv().expect("a reply for every request") {
        Reply::Words(words) | Reply::Unfinished(words) => json!({ "role": "assistant", "content": words }),
        Reply::Call(ToolUse { id, name, input }) => {
            let function = json!({ "name": name, "arguments": input.to_string() });
            json!({ "role": "assistant", "tool_calls": [{ "id": id, "type": "function", "function": function }] })
        }
    };
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30 });
    let body = json!({ "choices": [{ "index": 0, "message": message }], "usage": usage });
    exchange.respond(200, &[("content-type", "application/json")], &body.to_string());
}

#[rstest]
#[case::own_server(Which::Own)]
#[case::ministack(Which::Ministack)]
#[tokio::test]
async fn a_conversation_streams_remembers_and_is_counted(#[case] which: Which) {
    let Some(stage) = Stage::set(which) else { return };
    let morning = "Good morning, I am the twin of Ada.";
    stage.reply(Reply::Words(morning));
    let mut turns = vec![turn(Role::User, "Good morning. Who are you?")];
    let events = stage.ask(&turns).await;
    let pieces = said(&events);
    assert!(pieces.len() > 1, "an answer comes in pieces: {pieces:?}");
    assert_eq!(pieces.concat(), morning);
    assert_eq!(events[pieces.len()..], [COUNTED, finished(StopReason::EndTurn)]);
    let (system, heard) = stage.heard();
    assert!(system.contains("You are the twin of Ada."), "{system}");
    assert_eq!(heard, ["user: Good morning. Who are you?"]);

    turns.extend([turn(Role::Assistant, morning), turn(Role::User, "What did I just ask?")]);
    stage.reply(Reply::Words("You asked who I am."));
    assert_eq!(said(&stage.ask(&turns).await).concat(), "You asked who I am.");
    let (system, heard) = stage.heard();
    assert!(system.contains("You are the twin of Ada."), "{system}");
    let morning = format!("assistant: {morning}");
    assert_eq!(heard, ["user: Good morning. Who are you?", &morning, "user: What did I just ask?"]);
}

#[rstest]
#[case::own_server(Which::Own)]
#[case::ministack(Which::Ministack)]
#[tokio::test]
async fn the_model_looks_into_the_memory_and_goes_on(#[case] which: Which) {
    let Some(stage) = Stage::set(which) else { return };
    let call = ToolUse { id: "call-1".to_owned(), name: "recall".to_owned(), input: json!({ "query": "May" }) };
    stage.reply(Reply::Call(call.clone()));
    let mut turns = vec![turn(Role::User, "Where was I in May?")];
    let events = stage.ask(&turns).await;
    let end = [ModelEvent::ToolUse(call.clone()), COUNTED, finished(StopReason::ToolUse)];
    assert_eq!(events[events.len() - 3..], end, "{events:?}");
    assert_eq!(said(&events).concat(), "");

    turns.push(Turn { role: Role::Assistant, content: vec![Block::ToolUse(call)] });
    let result = Block::ToolResult { id: "call-1".to_owned(), content: "In Turin.".to_owned(), is_error: false };
    turns.push(Turn { role: Role::User, content: vec![result] });
    stage.reply(Reply::Words("You were in Turin."));
    assert_eq!(said(&stage.ask(&turns).await).concat(), "You were in Turin.");
    let expected = [
        "user: Where was I in May?",
        r#"assistant calls "recall" with {"query":"May"}"#,
        r#""call-1" gave "In Turin.""#,
    ];
    assert_eq!(stage.heard().1, expected);
}

/// Our own server takes no other request before the first connection is closed, so the second answer proves that it was.
#[rstest]
#[case::own_server(Which::Own)]
#[case::ministack(Which::Ministack)]
#[tokio::test]
async fn an_answer_that_is_stopped_in_the_middle_hangs_up_and_the_conversation_goes_on(#[case] which: Which) {
    let Some(stage) = Stage::set(which) else { return };
    stage.reply(Reply::Unfinished("Once upon a time there was a mill."));
    let mut turns = vec![turn(Role::User, "Tell me a story.")];
    let mut stream = stage.model.stream(request(HAIKU, &turns));
    let Some(Ok(ModelEvent::Text(half))) = soon(stream.next()).await else { panic!("no first words") };
    drop(stream);
    assert!("Once upon a time there was a mill.".starts_with(&half));

    turns.extend([turn(Role::Assistant, &half), turn(Role::User, "Go on.")]);
    stage.reply(Reply::Words("It ground numbers."));
    assert_eq!(said(&stage.ask(&turns).await).concat(), "It ground numbers.");
    assert_eq!(stage.heard().1, ["user: Tell me a story.", &format!("assistant: {half}"), "user: Go on."]);
}

#[rstest]
#[case::own_server(Which::Own, &["user: What is this?", r#"user shows "png" "AQID""#])]
// It answers, and loses the picture on the way to its stub.
#[case::ministack(Which::Ministack, &["user: What is this?"])]
#[tokio::test]
async fn a_question_with_an_image_is_answered(#[case] which: Which, #[case] expected: &[&str]) {
    let Some(stage) = Stage::set(which) else { return };
    let image = Block::Image { media_type: "image/png".to_owned(), bytes: vec![1, 2, 3].into() };
    let turns = [Turn { role: Role::User, content: vec![Block::Text("What is this?".to_owned()), image] }];
    stage.reply(Reply::Words("A mill."));
    assert_eq!(said(&stage.ask(&turns).await).concat(), "A mill.");
    assert_eq!(stage.heard().1, expected);
}

#[rstest]
#[case::own_server(Which::Own)]
#[case::ministack(Which::Ministack)]
#[tokio::test]
async fn every_way_to_call_a_listed_model_is_answered(#[case] which: Which) {
    let Some(stage) = Stage::set(which) else { return };
    let entries = stage.model.catalogue().await.unwrap();
    assert!(entries.iter().all(|entry| !entry.model.id.contains("embed")), "only what can talk is listed");
    assert!(entries.iter().all(|entry| !entry.model.id.starts_with("arn:")), "a profile is no model of its own");
    let [haiku] = &entries.iter().filter(|entry| entry.name == "Claude 3 Haiku").collect::<Vec<_>>()[..] else {
        panic!("one entry a model: {entries:?}")
    };
    assert_eq!((haiku.vendor.as_str(), haiku.legacy), ("Anthropic", false));
    assert_eq!((haiku.streams, haiku.images), (Some(true), Some(true)));
    assert_eq!(haiku.model, ModelRef::bedrock(format!("us.{HAIKU}")));
    let ids: Vec<&str> = haiku.routes.iter().map(|route| route.id.as_str()).collect();
    assert!(ids.contains(&HAIKU) && ids.contains(&haiku.model.id.as_str()), "{ids:?}");
    for id in ids {
        stage.reply(Reply::Words("Here."));
        let events = soon(collect(stage.model.stream(request(id, &[turn(Role::User, "Are you there?")])))).await;
        assert_eq!(events, (vec![text("Here."), COUNTED, finished(StopReason::EndTurn)], None), "{id}");
    }
}

/// Complaint 1. MiniStack lists the profile and answers without it.
#[rstest]
#[case::own_server(Which::Own, true)]
#[case::ministack(Which::Ministack, false)]
#[tokio::test]
async fn a_model_that_needs_a_profile_answers(#[case] which: Which, #[case] switches: bool) {
    let Some(stage) = Stage::set(which) else { return };
    let profile = format!("us.{SONNET}");
    assert_eq!(stage.model.callable(SONNET).await.unwrap(), Some(profile.clone()));
    stage.reply(Reply::Words("Here."));
    let asked = request(SONNET, &[turn(Role::User, "Are you there?")]);
    let (events, failure) = soon(collect(stage.model.stream(asked))).await;
    let learned = ModelEvent::Learned(Lessons { called: Some(profile), ..Lessons::default() });
    let mut expected = vec![text("Here."), COUNTED, finished(StopReason::EndTurn)];
    expected.splice(..0, switches.then_some(learned));
    assert_eq!((events, failure), (expected, None));
}
