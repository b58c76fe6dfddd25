//! The providers against servers that answer as real ones were seen to, and the keychain against a real one.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod aws_credentials;
mod aws_network;
mod aws_proxy;
mod aws_sign_in;
mod aws_stand_in;
mod aws_trial;
mod bedrock;
mod bedrock_boto;
mod bedrock_catalogue;
mod bedrock_conversation;
mod bedrock_embed;
mod bedrock_identity;
mod bedrock_lesson;
mod bedrock_refusal;
mod bedrock_request;
mod bedrock_server;
mod bedrock_stream;
mod bucket;
mod bucket_folder;
mod bucket_refusal;
mod bucket_stage;
mod child;
mod keychain;
mod ministack;
mod openai;
mod server;

use futures_util::StreamExt as _;
use std::future::Future;
use std::time::Duration;
use twin_core::chat::Role;
use twin_core::error::Failure;
use twin_core::model::{Block, Effort, Lessons, ModelEvent, ModelRequest, SystemPart, Turn};
use twin_core::port::ModelStream;

/// The words that no failure may repeat.
const QUESTION: &str = "What did my sister tell me in confidence?";

fn request(model_id: &str) -> ModelRequest {
    ModelRequest {
        model_id: model_id.to_owned(),
        system: vec![
            SystemPart { text: "You are the twin of Ada.".to_owned(), cache_point: true },
            SystemPart { text: "It is Monday.".to_owned(), cache_point: false },
        ],
        turns: vec![
            turn(Role::User, "Hello"),
            turn(Role::Assistant, "Hi, I am Ada's twin."),
            turn(Role::User, QUESTION),
        ],
        tools: Vec::new(),
        max_output_tokens: 512,
        effort: Effort::default(),
        lessons: Lessons::default(),
        passages: Vec::new(),
    }
}

fn turn(role: Role, text: &str) -> Turn {
    Turn { role, content: vec![Block::Text(text.to_owned())] }
}

fn text(text: &str) -> ModelEvent {
    ModelEvent::Text(text.to_owned())
}

async fn collect(mut stream: ModelStream) -> (Vec<ModelEvent>, Option<Failure>) {
    let mut events = Vec::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(event) => events.push(event),
            Err(failure) => {
                assert!(stream.next().await.is_none(), "a failure is the last item");
                return (events, Some(failure));
            }
        }
    }
    (events, None)
}

async fn fail(stream: ModelStream) -> Failure {
    let (_, failure) = collect(stream).await;
    judged(failure.expect("the stream should fail"))
}

/// A failure as every failure must be.
fn judged(failure: Failure) -> Failure {
    let words = format!("{} {}", failure.message, failure.hint);
    assert!(!words.contains("sister"), "content in a failure: {words}");
    assert!(!words.contains("SECRET"), "a secret in a failure: {words}");
    assert!(!failure.hint.is_empty() && failure.hint.ends_with('.'), "no next step: {words}");
    assert!(!failure.message.ends_with('.'), "{words}");
    failure
}

/// For tests that have paused the time: it then passes as soon as nothing else can happen.
async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(limit, future).await.expect("this should have happened earlier")
}

/// So that a server that waits for ever fails its test instead of stopping all of them.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    within(Duration::from_secs(20), future).await
}
