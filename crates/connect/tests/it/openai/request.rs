//! What is sent, and what is never sent.

use super::{MODEL, answer, ask, config, model};
use crate::server::Server;
use crate::{QUESTION, collect, request, turn};
use rstest::rstest;
use serde_json::{Value, json};
use twin_connect::openai::OpenaiModel;
use twin_core::chat::Role;
use twin_core::model::{Block, Effort, Feature, Lessons, ModelRequest, Reasoning, ToolSpec, ToolUse, Turn};
use twin_core::port::ChatModel as _;

#[tokio::test]
async fn the_request_carries_one_system_message_the_roles_and_the_key() {
    let server = Server::start(|_, exchange| answer(exchange, "hi"));
    let (_, failure) = collect(model(&server).stream(request(MODEL))).await;
    assert_eq!(failure, None);
    let sent = server.request();
    assert_eq!(sent.target, "POST /v1/chat/completions");
    assert_eq!(sent.header("authorization"), Some("Bearer SECRET-KEY"));
    let expected = json!({
        "model": MODEL,
        "messages": [
            { "role": "system", "content": "You are the twin of Ada.\n\nIt is Monday." },
            { "role": "user", "content": "Hello" },
            { "role": "assistant", "content": "Hi, I am Ada's twin." },
            { "role": "user", "content": QUESTION },
        ],
        "max_tokens": 512,
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    assert_eq!(sent.body, expected);
    let without_key = OpenaiModel::new(config(&server.url, Some("  "))).unwrap();
    collect(without_key.stream(request(MODEL))).await;
    assert_eq!(server.request().header("authorization"), None);
}

/// The body of a request that is answered.
async fn sent(asked: ModelRequest) -> Value {
    let (_, failure, mut bodies) = ask(asked, |_, exchange| answer(exchange, "hi")).await;
    assert_eq!((failure, bodies.len()), (None, 1));
    bodies.remove(0)
}

/// The messages behind the system message, of these turns.
async fn messages(turns: Vec<Turn>, lessons: Lessons) -> Value {
    let mut body = sent(ModelRequest { turns, lessons, ..request(MODEL) }).await;
    Value::Array(body["messages"].as_array_mut().unwrap().split_off(1))
}

fn image() -> Block {
    Block::Image { media_type: "image/png".to_owned(), bytes: vec![1, 2, 3].into() }
}

fn tool_use(id: &str) -> Block {
    Block::ToolUse(ToolUse { id: id.to_owned(), name: "recall".to_owned(), input: json!({ "about": "May" }) })
}

fn tool_result(id: &str, content: &str) -> Block {
    Block::ToolResult { id: id.to_owned(), content: content.to_owned(), is_error: false }
}

fn said(role: Role, content: Vec<Block>) -> Turn {
    Turn { role, content }
}

fn words(words: &str) -> Block {
    Block::Text(words.to_owned())
}

#[tokio::test]
async fn an_image_travels_beside_the_words_and_words_alone_stay_plain() {
    let turns =
        vec![turn(Role::User, "Hello"), turn(Role::Assistant, "Hi"), said(Role::User, vec![words("Look"), image()])];
    let expected = json!([
        { "role": "user", "content": "Hello" },
        { "role": "assistant", "content": "Hi" },
        { "role": "user", "content": [
            { "type": "text", "text": "Look" },
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,AQID" } },
        ] },
    ]);
    assert_eq!(messages(turns.clone(), Lessons::default()).await, expected);
    let blind = messages(turns, Lessons::default().without(Feature::Images)).await;
    assert_eq!(blind[2]["content"], "Look\n\n(Here is an image, which you cannot see.)");
}

#[tokio::test]
async fn a_document_is_sent_as_its_text_under_a_neutral_name() {
    let document = |name: &str, text: &str| Block::Document {
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: vec![9].into(),
        text: text.to_owned(),
    };
    let content = vec![document("document 1", "Ada was born in May."), document("document 2", " "), words("When?")];
    assert_eq!(
        messages(vec![said(Role::User, content)], Lessons::default()).await[0]["content"],
        "Text of document 1:\n\nAda was born in May.\n\nEnd of document 1.\n\n(Here is document 2, in which there is no text.)\n\nWhen?"
    );
}

#[rstest]
#[case(Effort::Unset, Value::Null)]
#[case(Effort::Low, json!("low"))]
#[case(Effort::High, json!("high"))]
#[tokio::test]
async fn the_effort_is_asked_for_only_if_somebody_wants_it(#[case] effort: Effort, #[case] expected: Value) {
    let body = sent(ModelRequest { effort, ..request(MODEL) }).await;
    assert_eq!(body["reasoning_effort"], expected);
}

#[tokio::test]
async fn blank_turns_and_calls_without_answer_never_spoil_the_conversation() {
    let turns = vec![
        turn(Role::Assistant, "An answer whose question was trimmed away."),
        turn(Role::User, "One"),
        turn(Role::Assistant, "  "),
        turn(Role::User, "Two"),
        said(Role::Assistant, vec![tool_use("stopped")]),
        turn(Role::User, "Three"),
        said(Role::Assistant, vec![words("Let me look."), tool_use("b"), tool_use("a"), tool_use("left")]),
        said(Role::User, vec![tool_result("a", " "), tool_result("b", "found"), tool_result("orphan", "x")]),
        turn(Role::Assistant, "Found."),
        said(Role::User, vec![tool_result("late", "y"), words("Four")]),
    ];
    let call = |id: &str| json!({ "id": id, "type": "function", "function": { "name": "recall", "arguments": "{\"about\":\"May\"}" } });
    let expected = json!([
        { "role": "user", "content": "One\n\nTwo\n\nThree" },
        { "role": "assistant", "content": "Let me look.", "tool_calls": [call("b"), call("a")] },
        { "role": "tool", "tool_call_id": "b", "content": "found" },
        { "role": "tool", "tool_call_id": "a", "content": "(nothing)" },
        { "role": "assistant", "content": "Found." },
        { "role": "user", "content": "Four" },
    ]);
    assert_eq!(messages(turns, Lessons::default()).await, expected);
}

#[rstest]
#[case::deepseek("reasoning_content", json!({ "reasoning_content": "Hm." }))]
#[case::ollama("reasoning", json!({ "reasoning": "Hm." }))]
#[case::openrouter(r#"[{"type":"reasoning.encrypted","data":"x"}]"#, json!({ "reasoning_details": [{ "type": "reasoning.encrypted", "data": "x" }] }))]
#[case::bedrock("EqoBCkgIARABGAIiQL2", json!({}))]
#[tokio::test]
async fn thoughts_go_back_with_calls_of_tools_in_the_form_in_which_they_came_and_nowhere_else(
    #[case] seal: &str,
    #[case] fields: Value,
) {
    let thought =
        Block::Reasoning(Reasoning { text: "Hm.".to_owned(), signature: Some(seal.to_owned()), redacted: None });
    let turns = vec![
        turn(Role::User, "One"),
        said(Role::Assistant, vec![thought.clone(), tool_use("a")]),
        said(Role::User, vec![tool_result("a", "found")]),
        said(Role::Assistant, vec![thought, words("Found.")]),
        turn(Role::User, "Two"),
    ];
    let sent = messages(turns, Lessons::default()).await;
    let mut with_call = sent[1].as_object().unwrap().clone();
    for known in ["role", "content", "tool_calls"] {
        with_call.remove(known);
    }
    assert_eq!(Value::Object(with_call), fields);
    assert_eq!(sent[3], json!({ "role": "assistant", "content": "Found." }));
}

#[tokio::test]
async fn what_the_model_refused_before_is_not_asked_again() {
    let refused = vec![
        Feature::MaxTokens,
        Feature::StreamOptions,
        Feature::Tools,
        Feature::ReasoningEffort,
        Feature::System,
        Feature::Streaming,
    ];
    let lessons = Lessons { refused, max_output_tokens: Some(300), ..Lessons::default() };
    let tools =
        vec![ToolSpec { name: "recall".to_owned(), description: "Recalls.".to_owned(), input_schema: json!({}) }];
    let turns = vec![
        turn(Role::User, "One"),
        said(Role::Assistant, vec![tool_use("a")]),
        said(Role::User, vec![tool_result("a", "found")]),
    ];
    let body = sent(ModelRequest { turns, tools, lessons, effort: Effort::High, ..request(MODEL) }).await;
    let expected = json!({
        "model": MODEL,
        "messages": [{
            "role": "user",
            "content": "You are the twin of Ada.\n\nIt is Monday.\n\nOne\n\nResult of the tool recall:\n\nfound",
        }],
        "max_completion_tokens": 300,
        "stream": false,
    });
    assert_eq!(body, expected);
}
