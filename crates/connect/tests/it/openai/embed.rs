//! Vectors from OpenAI-compatible servers, in the words in which they were seen to answer.

use super::{config, model, refuse};
use crate::server::{Exchange, Server};
use crate::{QUESTION, judged, soon};
use rstest::rstest;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use twin_connect::openai::OpenaiModel;
use twin_core::error::{Code, Failure};
use twin_core::port::{EmbedPurpose, TextEmbedder as _};

const MODEL: &str = "all-minilm";

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

fn respond(exchange: &mut Exchange, body: &Value) {
    exchange.respond(200, &[("content-type", "application/json")], &body.to_string());
}

/// Each text is a number and comes back as one; the last first.
fn answer(exchange: &mut Exchange) {
    let texts = exchange.request.body["input"].as_array().unwrap().clone();
    let item = |(index, text): (usize, &Value)| {
        let number: f32 = text.as_str().unwrap().parse().unwrap();
        json!({ "object": "embedding", "index": index, "embedding": [number, 0.5] })
    };
    let data: Vec<Value> = texts.iter().enumerate().map(item).rev().collect();
    let usage = json!({ "prompt_tokens": 8, "total_tokens": 8 });
    respond(exchange, &json!({ "object": "list", "data": data, "model": MODEL, "usage": usage }));
}

async fn embed(server: &Server, texts: &[String], purpose: EmbedPurpose) -> Result<Vec<Vec<f32>>, Failure> {
    soon(model(server).embedder(MODEL).embed(texts.to_vec(), purpose)).await.map_err(judged)
}

async fn failure(script: impl Fn(usize, &mut Exchange) + Send + 'static) -> Failure {
    embed(&Server::start(script), &[QUESTION.to_owned()], EmbedPurpose::Question).await.unwrap_err()
}

#[tokio::test]
async fn texts_go_in_the_protocols_words_and_come_back_in_their_order() {
    let server = Server::start(|_, exchange| answer(exchange));
    let vectors = embed(&server, &numbers(3), EmbedPurpose::Stored).await.unwrap();
    assert_eq!(vectors, [[0.0, 0.5], [1.0, 0.5], [2.0, 0.5]]);
    let request = server.request();
    assert_eq!(request.target, "POST /v1/embeddings");
    assert_eq!(request.header("authorization").unwrap(), "Bearer SECRET-KEY");
    assert_eq!(request.body, json!({ "model": MODEL, "input": ["0", "1", "2"], "encoding_format": "float" }));
}

#[tokio::test]
async fn many_texts_take_several_requests() {
    let server = Server::start(|_, exchange| answer(exchange));
    let vectors = embed(&server, &numbers(70), EmbedPurpose::Stored).await.unwrap();
    let expected: Vec<Vec<f32>> = (0..70_u8).map(|number| vec![f32::from(number), 0.5]).collect();
    assert_eq!(vectors, expected);
    let mut sizes: Vec<usize> =
        server.requests().iter().map(|request| request.body["input"].as_array().unwrap().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [6, 32, 32]);
    assert_eq!(embed(&server, &[], EmbedPurpose::Stored).await.unwrap(), Vec::<Vec<f32>>::new());
    assert!(server.has_no_more_requests());
}

#[tokio::test]
async fn long_texts_are_cut_and_few_go_together() {
    let script = |_: usize, exchange: &mut Exchange| {
        let texts = exchange.request.body["input"].as_array().unwrap().len();
        let data: Vec<Value> = (0..texts).map(|index| json!({ "index": index, "embedding": [1.0] })).collect();
        respond(exchange, &json!({ "data": data }));
    };
    let server = Server::start(script);
    let vectors = embed(&server, &vec!["a".repeat(20_000); 6], EmbedPurpose::Stored).await.unwrap();
    assert_eq!(vectors.len(), 6);
    let requests = server.requests();
    let input = |number: usize| requests[number].body["input"].as_array().unwrap().clone();
    assert_eq!((input(0).len(), input(1).len()), (4, 2));
    assert!(input(0).iter().all(|text| text.as_str().unwrap().len() == 8_000));
}

#[tokio::test]
async fn a_model_that_wants_to_know_the_purpose_is_told() {
    let server = Server::start(|_, exchange| respond(exchange, &json!({ "data": [{ "embedding": [1.0] }] })));
    let embedder = model(&server).embedder("nomic-embed-text");
    for (purpose, sent) in
        [(EmbedPurpose::Stored, "search_document: It rained."), (EmbedPurpose::Question, "search_query: It rained.")]
    {
        soon(embedder.embed(vec!["It rained.".to_owned()], purpose)).await.unwrap();
        assert_eq!(server.request().body["input"], json!([sent]));
    }
}

/// Each as it was seen of the server, of a model with 512 tokens.
#[rstest]
#[case::llama_cpp(500, r#"{"error":{"code":500,"message":"input (812 tokens) is too large to process. increase the physical batch size (current batch size: 512)","type":"server_error"}}"#)]
#[case::ollama(
    400,
    r#"{"error":{"message":"the input length exceeds the context length","type":"invalid_request_error"}}"#
)]
#[case::text_embeddings_inference(413, r#"{"error":"Input validation error: `inputs` must have less than 512 tokens. Given: 812","error_type":"Validation"}"#)]
#[case::vllm(400, r#"{"object":"error","message":"This model's maximum context length is 512 tokens. However, you requested 812 tokens in the input for embedding generation.","type":"BadRequestError","code":400}"#)]
#[tokio::test]
async fn a_text_that_the_model_cannot_read_whole_is_cut_until_it_fits(#[case] status: u16, #[case] body: &'static str) {
    let server = Server::start(move |_, exchange| {
        let longest =
            exchange.request.body["input"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().len());
        if longest.max().unwrap() > 1_500 {
            refuse(exchange, status, body);
        } else {
            respond(exchange, &json!({ "data": [{ "embedding": [1.0] }, { "embedding": [2.0] }] }));
        }
    });
    let texts = ["short".to_owned(), "long ".repeat(1_000)];
    assert_eq!(embed(&server, &texts, EmbedPurpose::Question).await.unwrap(), [[1.0], [2.0]]);
    let last = server.requests().pop().unwrap();
    assert_eq!(last.body["input"][0], "short");
}

#[rstest]
#[case(
    401,
    r#"{"error":{"message":"Incorrect API key provided: SECRET-KEY.","code":"invalid_api_key"}}"#,
    Code::CredentialsRejected,
    "Enter the key again"
)]
#[case(403, r#"{"error":{"message":"no"}}"#, Code::AccessDenied, "what the key may do")]
#[case::ollama(
    404,
    r#"{"error":{"message":"model \"all-minilm\" not found, try pulling it first","type":"api_error"}}"#,
    Code::ModelNotFound,
    "ollama pull"
)]
#[case::lm_studio(404, r#"{"error":{"message":"No models loaded. Please load a model in the developer page or use the `lms load` command.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#, Code::ModelNotFound, "Load the model")]
#[case(404, "404 page not found", Code::RequestRefused, "/v1")]
#[case::llama_cpp(501, r#"{"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}}"#, Code::RequestRefused, "--embeddings")]
#[case::llama_cpp_with_a_chat_model(400, r#"{"error":{"code":400,"message":"Pooling type 'none' is not OAI compatible. Please use a different pooling type","type":"invalid_request_error"}}"#, Code::RequestRefused, "made for embeddings")]
#[case::ollama_with_a_chat_model(
    500,
    r#"{"error":{"message":"this model does not support embeddings","type":"api_error"}}"#,
    Code::RequestRefused,
    "made for embeddings"
)]
#[case(402, r#"{"error":{"message":"Insufficient credits"}}"#, Code::QuotaExceeded, "billing")]
#[case(429, r#"{"error":{"message":"Rate limit reached","type":"requests"}}"#, Code::Throttled, "Wait a moment")]
#[case(400, r#"{"detail":[{"loc":["body"],"input":"What did my sister tell me in confidence?","msg":"What did my sister tell me"}]}"#, Code::RequestRefused, "another model")]
#[case(
    500,
    r#"{"error":{"message":"failed to encode response: json: unsupported value: NaN"}}"#,
    Code::ProviderFailed,
    "Try again"
)]
#[case(502, "<html><body>Bad gateway</body></html>", Code::ProviderFailed, "Try again")]
#[case(
    503,
    r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
    Code::ModelLoading,
    "Wait until"
)]
#[case::with_a_good_status(200, r#"{"error":{"message":"boom"}}"#, Code::ProviderFailed, "Try again")]
#[case::another_protocol(200, "<html>hello</html>", Code::RequestRefused, "/v1")]
#[case::another_shape(200, r#"{"embedding":[1.0]}"#, Code::RequestRefused, "made for embeddings")]
#[case::too_many(
    200,
    r#"{"data":[{"embedding":[1.0]},{"embedding":[1.0]}]}"#,
    Code::RequestRefused,
    "made for embeddings"
)]
#[case::no_number(200, r#"{"data":[{"embedding":[1.0,null]}]}"#, Code::RequestRefused, "made for embeddings")]
#[tokio::test]
async fn a_refusal_is_told_with_the_next_step(
    #[case] status: u16,
    #[case] body: &'static str,
    #[case] code: Code,
    #[case] next: &str,
) {
    let failure = failure(move |_, exchange| refuse(exchange, status, body)).await;
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(failure.hint.contains(next), "{failure:?}");
    assert!(!failure.message.contains("chat") && !failure.message.contains("conversation"), "{failure:?}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_for_what_is_stored() {
    let busy = |exchange: &mut Exchange| {
        exchange.respond(429, &[("retry-after", "0")], r#"{"error":{"message":"Rate limit reached"}}"#);
    };
    let server = Server::start(move |number, exchange| if number < 2 { busy(exchange) } else { answer(exchange) });
    assert_eq!(embed(&server, &numbers(1), EmbedPurpose::Stored).await.unwrap(), [[0.0, 0.5]]);
    assert_eq!(server.requests().len(), 3);
    // In the end it is told, too.
    let server = Server::start(move |_, exchange| busy(exchange));
    let failure = embed(&server, &numbers(1), EmbedPurpose::Stored).await.unwrap_err();
    assert_eq!((failure.code, failure.retryable), (Code::Throttled, true));
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn a_long_pause_and_a_question_are_not_waited_for() {
    let busy = |_: usize, exchange: &mut Exchange| {
        exchange.respond(429, &[("retry-after", "61")], r#"{"error":{"message":"Rate limit reached"}}"#);
    };
    for purpose in [EmbedPurpose::Stored, EmbedPurpose::Question] {
        let server = Server::start(busy);
        let failure = embed(&server, &numbers(1), purpose).await.unwrap_err();
        assert_eq!((failure.code, failure.retry_after), (Code::Throttled, Some(61)));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn nothing_follows_a_redirect() {
    let other = Server::start(|_, exchange| answer(exchange));
    let target = format!("{}/v1/embeddings", other.url);
    let failure = failure(move |_, exchange| exchange.respond(307, &[("location", &target)], "")).await;
    assert_eq!(failure.code, Code::RequestRefused);
    assert!(other.has_no_more_requests());
}

#[tokio::test]
async fn nobody_at_the_address_is_told_with_the_address() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let embedder = OpenaiModel::new(config(&format!("http://{address}"), None)).unwrap().embedder(MODEL);
    let failure = soon(embedder.embed(numbers(1), EmbedPurpose::Stored)).await.map_err(judged).unwrap_err();
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, true));
    assert!(failure.message.contains(&address.to_string()), "{failure:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start(|_, exchange| exchange.wait_for_close());
    let model = OpenaiModel::with_idle_limit(config(&server.url, None), Duration::from_millis(50)).unwrap();
    let embedder = model.embedder(MODEL);
    let failure = soon(embedder.embed(numbers(1), EmbedPurpose::Stored)).await.map_err(judged).unwrap_err();
    assert_eq!((failure.code, failure.retryable), (Code::TimedOut, true));
}

#[tokio::test]
async fn giving_up_closes_the_connection() {
    let (asked, mut was_asked) = unbounded_channel();
    let (closed, mut was_closed) = unbounded_channel();
    let server = Server::start(move |_, exchange| {
        asked.send(()).unwrap();
        exchange.wait_for_close();
        closed.send(()).unwrap();
    });
    let vectors = model(&server).embedder(MODEL).embed(numbers(3), EmbedPurpose::Stored);
    tokio::select! {
        _ = vectors => panic!("nobody answered"),
        asked = soon(was_asked.recv()) => asked.unwrap(),
    }
    soon(was_closed.recv()).await.unwrap();
}
