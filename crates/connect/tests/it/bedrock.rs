//! Bedrock as the settings describe it: who is asked, where, and what they say when nobody answers.

use crate::bedrock_server::answer;
use crate::server::{Server, without_tls};
use crate::{collect, fail, request, soon};
use rstest::rstest;
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_core::error::Code;
use twin_core::model::{ModelEvent, StopReason, Usage};
use twin_core::port::ChatModel as _;
use twin_core::secret::Secret;

pub(crate) const CLAUDE: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
pub(crate) const USAGE: ModelEvent = ModelEvent::Usage(Usage { input: 10, output: 20, cache_read: 0, cache_write: 0 });

pub(crate) fn config(url: &str) -> BedrockConfig {
    BedrockConfig {
        region: Some("eu-west-1".to_owned()),
        credentials: BedrockAuth::Keys {
            access_key_id: Secret::new("AKIAEXAMPLE".to_owned()),
            secret_access_key: Secret::new("SECRET-KEY".to_owned()),
            session_token: None,
        },
        endpoint_url: Some(url.to_owned()),
        control_endpoint_url: Some(url.to_owned()),
        ..BedrockConfig::default()
    }
}

pub(crate) fn model(server: &Server) -> BedrockModel {
    BedrockModel::new(config(&server.url))
}

pub(crate) fn finished(reason: StopReason) -> ModelEvent {
    ModelEvent::Finished(reason)
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_is_a_wrong_address() {
    let server = Server::start(|_, exchange| {
        exchange.respond(404, &[("content-type", "text/html")], "<html>nothing here</html>");
    });
    let failure = fail(model(&server).stream(request(CLAUDE))).await;
    assert_eq!(failure.code, Code::RequestRefused);
    assert!(failure.hint.contains("endpoint"), "{failure:?}");
}

#[tokio::test]
async fn nobody_at_the_address_is_told_with_the_address() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = fail(BedrockModel::new(config(&format!("http://{address}"))).stream(request(CLAUDE))).await;
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, true));
    assert!(failure.message.contains(&address.to_string()), "{failure:?}");
}

#[tokio::test]
async fn a_server_without_tls_behind_https_is_told() {
    let url = without_tls("HTTP/1.1 400 Bad Request\r\n\r\n");
    let failure = soon(fail(BedrockModel::new(config(&url)).stream(request(CLAUDE)))).await;
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, false), "{failure:?}");
    assert!(failure.hint.contains("https"), "{failure:?}");
}

#[rstest]
#[tokio::test]
async fn an_endpoint_that_is_no_address_is_refused(#[values("nonsense", "ftp://x", "", "http://")] url: &str
) {
    let failure = fail(BedrockModel::new(config(url)).stream(request(CLAUDE))).await;
    assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false), "{failure:?}");
}

#[rstest]
#[tokio::test]
async fn a_region_that_is_none_is_refused(#[values("", "eu west 1", "eu-west-1.evil.example/")] region: &str) {
    let config = BedrockConfig { region: Some(region.to_owned()), ..config("http://127.0.0.1:1") };
    let failure = fail(BedrockModel::new(config).stream(request(CLAUDE))).await;
    assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false), "{failure:?}");
}

#[tokio::test]
async fn a_model_prints_no_secret() {
    let server = Server::start(|_, exchange| answer(exchange, "hi"));
    let model = model(&server);
    collect(model.stream(request(CLAUDE))).await;
    assert!(!format!("{model:?}").contains("SECRET"));
}
