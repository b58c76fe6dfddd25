//! What every refusal of a server means to the person, in the words in which servers were seen to refuse.

use super::{MODEL, config, model, refuse};
use crate::server::Server;
use crate::{fail, request};
use rstest::rstest;
use twin_connect::openai::OpenaiModel;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, ModelRequest};
use twin_core::port::ChatModel as _;

async fn refusal(status: u16, body: &'static str) -> Failure {
    let server = Server::start(move |_, exchange| refuse(exchange, status, body));
    fail(model(&server).stream(request(MODEL))).await
}

#[rstest]
#[case(
    401,
    r#"{"error":{"message":"Incorrect API key provided: SECRET-KEY.","code":"invalid_api_key"}}"#,
    Code::CredentialsRejected,
    "Enter the key again"
)]
#[case(403, r#"{"error":{"message":"Country not supported"}}"#, Code::AccessDenied, "what the key may do")]
#[case(404, r#"{"error":"model 'llama3.2:3b' not found, try pulling it first"}"#, Code::ModelNotFound, "ollama pull")]
#[case(
    404,
    r#"{"error":{"message":"model \"llama3.2:3b\" not found, try pulling it first","type":"api_error"}}"#,
    Code::ModelNotFound,
    "ollama pull"
)]
#[case(
    404,
    r#"{"error":{"message":"The model `x` does not exist or you do not have access to it.","code":"model_not_found"}}"#,
    Code::ModelNotFound,
    "Load the model"
)]
#[case(400, r#"{"error":{"message":"Model does not exist"}}"#, Code::ModelNotFound, "Load the model")]
#[case(404, "404 page not found", Code::RequestRefused, "/v1")]
#[case(429, r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#, Code::QuotaExceeded, "billing")]
#[case(402, r#"{"error":{"message":"Insufficient credits"}}"#, Code::QuotaExceeded, "billing")]
#[case(429, r#"{"error":{"message":"Rate limit reached","type":"requests"}}"#, Code::Throttled, "Wait a moment")]
#[case(
    400,
    r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
    Code::ContextTooLong,
    "new session"
)]
#[case(400, r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#, Code::ContextTooLong, "new session")]
#[case(400, r#"{"error":{"message":"filtered","code":"content_filter"}}"#, Code::ContentFiltered, "other words")]
#[case(
    400,
    r#"{"detail":[{"loc":["body"],"input":"What did my sister tell me in confidence?"}]}"#,
    Code::RequestRefused,
    "another model"
)]
#[case(500, r#"{"error":{"message":"boom"}}"#, Code::ProviderFailed, "Try again")]
#[case(502, "<html><body>Bad gateway</body></html>", Code::ProviderFailed, "Try again")]
#[case(
    503,
    r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
    Code::ModelLoading,
    "Wait until"
)]
#[case::hugging_face(
    503,
    r#"{"error":"Model x is currently loading","estimated_time":20.4}"#,
    Code::ModelLoading,
    "Wait until"
)]
#[case::openrouter_key_limit(403, r#"{"error":{"message":"Key limit exceeded (monthly limit). Manage it using https://openrouter.ai/settings/keys","code":403}}"#, Code::QuotaExceeded, "billing")]
#[case::openrouter_credit(402, r#"{"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 3395. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account","code":402,"metadata":{"provider_name":null}},"user_id":"user_"}"#, Code::QuotaExceeded, "billing")]
#[case::deepseek_credit(402, r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#, Code::QuotaExceeded, "billing")]
#[case::lm_studio_without_a_model(404, r#"{"error":{"message":"No models loaded. Please load a model in the developer page or use the `lms load` command.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#, Code::ModelNotFound, "Load the model")]
#[case::openrouter_unknown_model(
    400,
    r#"{"error":{"message":"x/y is not a valid model ID","code":400}}"#,
    Code::ModelNotFound,
    "Load the model"
)]
#[case::groq_too_large(413, r#"{"error":{"message":"Request too large for model `llama-3.3-70b-versatile` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 12000, Requested 14137, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}"#, Code::ContextTooLong, "new session")]
#[case::overloaded(
    529,
    r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
    Code::Throttled,
    "Wait a moment"
)]
#[case::openrouter_without_a_provider(
    503,
    r#"{"error":{"message":"No instances available","code":503}}"#,
    Code::ProviderFailed,
    "Try again"
)]
#[case(504, "", Code::TimedOut, "Try again")]
#[tokio::test]
async fn a_refusal_names_its_cause_and_the_next_step(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] code: Code,
    #[case] step: &str,
) {
    let failure = refusal(status, body).await;
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(failure.hint.contains(step), "{failure:?}");
}

#[tokio::test]
async fn a_refusal_without_a_key_asks_for_one() {
    let server = Server::start(|_, exchange| refuse(exchange, 401, "{}"));
    let model = OpenaiModel::new(config(&server.url, None)).unwrap();
    assert_eq!(fail(model.stream(request(MODEL))).await.code, Code::CredentialsMissing);
}

#[rstest]
#[case::seconds(429, &[("retry-after", "17")], Some(17))]
#[case::seconds_and_a_fraction(429, &[("retry-after", "1.2")], Some(2))]
#[case::a_date(429, &[("date", "Wed, 21 Oct 2026 07:28:00 GMT"), ("retry-after", "Wed, 21 Oct 2026 07:28:17 GMT")], Some(17))]
#[case::a_date_that_has_passed(429, &[("date", "Wed, 21 Oct 2026 07:28:00 GMT"), ("retry-after", "Wed, 21 Oct 2026 07:27:00 GMT")], Some(0))]
#[case::a_date_without_a_clock_to_read_it_by(429, &[("retry-after", "Wed, 21 Oct 2026 07:28:17 GMT")], None)]
#[case::nonsense(429, &[("retry-after", "soon")], None)]
#[case::nothing(429, &[], None)]
#[case::openrouter_without_a_provider(503, &[("retry-after", "17")], Some(17))]
#[tokio::test]
async fn a_pause_that_the_server_asks_for_is_told(
    #[case] status: u16,
    #[case] headers: &'static [(&str, &str)],
    #[case] expected: Option<u32>,
) {
    let server = Server::start(move |_, exchange| exchange.respond(status, headers, "{}"));
    let failure = fail(model(&server).stream(request(MODEL))).await;
    assert_eq!((failure.retry_after, failure.retryable), (expected, true));
}

#[rstest]
#[case::ollama_gif(
    400,
    r#"{"error":{"message":"invalid image input","type":"invalid_request_error","param":null,"code":null}}"#
)]
#[case::lm_studio(400, r#"{"error":"'url' field must be a base64 encoded image."}"#)]
#[case::vllm(400, r#"{"object":"error","message":"At most 1 image(s) may be provided in one request.","type":"BadRequestError","param":null,"code":400}"#)]
#[case::a_proxy(413, "<html><body>413 Request Entity Too Large</body></html>")]
#[tokio::test]
async fn an_image_that_is_not_taken_can_be_taken_out(#[case] status: u16, #[case] body: &'static str) {
    let server = Server::start(move |_, exchange| refuse(exchange, status, body));
    let mut asked: ModelRequest = request(MODEL);
    let image = Block::Image { media_type: "image/gif".to_owned(), bytes: vec![1].into() };
    asked.turns.last_mut().unwrap().content.push(image);
    let failure = fail(model(&server).stream(asked)).await;
    assert_eq!((failure.code, failure.retryable), (Code::AttachmentRefused, false));
    assert!(failure.hint.contains("Take the image out"), "{failure:?}");
    server.request();
    assert!(server.has_no_more_requests());
}

#[tokio::test]
async fn an_unknown_refusal_is_quoted_only_if_it_repeats_nothing() {
    let failure = refusal(400, r#"{"error":{"message":"tools are not supported by this template."}}"#).await;
    assert!(failure.message.ends_with("HTTP 400: tools are not supported by this template"), "{failure:?}");
    let failure = refusal(400, r#"{"error":{"message":"bad: What did my sister tell me"}}"#).await;
    assert!(failure.message.ends_with("HTTP 400"), "{failure:?}");
    let failure = refusal(422, r#"{"error":{"message":"who is SECRET-KEY"}}"#).await;
    assert!(failure.message.ends_with("HTTP 422"), "{failure:?}");
}

#[rstest]
#[case(
    "application/json",
    r#"{"error":"Unexpected endpoint or method. (POST /v1/chat/completions)"}"#,
    Code::ProviderFailed
)]
#[case("application/json", r#"{"choices":[]}"#, Code::RequestRefused)]
#[case("text/html; charset=utf-8", "<!doctype html><title>A web interface</title>", Code::RequestRefused)]
#[tokio::test]
async fn a_good_status_without_a_stream_is_no_answer(
    #[case] kind: &'static str,
    #[case] body: &'static str,
    #[case] code: Code,
) {
    let server = Server::start(move |_, exchange| exchange.respond(200, &[("content-type", kind)], body));
    let failure = fail(model(&server).stream(request(MODEL))).await;
    assert_eq!(failure.code, code, "{failure:?}");
}
