//! Vectors from Bedrock: what each family of models is sent, and what is made of its answer.

use crate::bedrock::{config, model};
use crate::bedrock_server::refuse;
use crate::server::{Exchange, Server};
use crate::{QUESTION, judged, soon};
use rstest::rstest;
use serde_json::{Value, json};
use std::net::TcpListener;
use tokio::sync::mpsc::unbounded_channel;
use twin_connect::bedrock::{BedrockConfig, BedrockModel};
use twin_core::error::{Code, Failure};
use twin_core::port::{EmbedPurpose, TextEmbedder as _};

const TITAN: &str = "amazon.titan-embed-text-v2:0";
const COHERE: &str = "cohere.embed-multilingual-v3";
const COHERE_4: &str = "eu.cohere.embed-v4:0";
const NOVA: &str = "amazon.nova-2-multimodal-embeddings-v1:0";

/// Texts that are their own numbers.
fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|number| number.to_string()).collect()
}

/// The vector of a text that is a number, by which it is known again.
fn vector(text: &str) -> Value {
    json!([text.parse::<f32>().unwrap(), 0.5])
}

fn respond(exchange: &mut Exchange, body: &Value) {
    exchange.respond(200, &[("content-type", "application/json")], &body.to_string());
}

fn titan(exchange: &mut Exchange) {
    let embedding = vector(exchange.request.body["inputText"].as_str().unwrap());
    respond(exchange, &json!({ "embedding": embedding, "inputTextTokenCount": 3 }));
}

fn cohere(exchange: &mut Exchange) {
    let texts = exchange.request.body["texts"].as_array().unwrap().clone();
    let vectors: Vec<Value> = texts.iter().map(|text| vector(text.as_str().unwrap())).collect();
    let body = json!({ "embeddings": { "float": vectors }, "id": "1", "response_type": "embeddings_by_type" });
    respond(exchange, &body);
}

async fn embed(
    server: &Server,
    model_id: &str,
    texts: &[String],
    purpose: EmbedPurpose,
) -> Result<Vec<Vec<f32>>, Failure> {
    soon(model(server).embedder(model_id).embed(texts.to_vec(), purpose)).await.map_err(judged)
}

/// Of a question, which is asked for once: these failures are not waited out.
async fn failure(script: impl Fn(usize, &mut Exchange) + Send + 'static) -> Failure {
    embed(&Server::start(script), TITAN, &[QUESTION.to_owned()], EmbedPurpose::Question).await.unwrap_err()
}

#[rstest]
#[case::titan_1(
    "amazon.titan-embed-text-v1",
    "/model/amazon.titan-embed-text-v1/invoke",
    json!({ "inputText": "7" }),
    json!({ "inputText": "7" }),
    json!({ "embedding": [7.0, 0.5], "inputTextTokenCount": 1 }),
)]
#[case::titan_2(
    TITAN,
    "/model/amazon.titan-embed-text-v2%3A0/invoke",
    json!({ "inputText": "7", "dimensions": 1024, "normalize": true }),
    json!({ "inputText": "7", "dimensions": 1024, "normalize": true }),
    json!({ "embedding": [7.0, 0.5], "inputTextTokenCount": 1, "embeddingsByType": { "float": [7.0, 0.5] } }),
)]
#[case::cohere_3(
    COHERE,
    "/model/cohere.embed-multilingual-v3/invoke",
    json!({ "texts": ["7"], "input_type": "search_document", "truncate": "END", "embedding_types": ["float"] }),
    json!({ "texts": ["7"], "input_type": "search_query", "truncate": "END", "embedding_types": ["float"] }),
    json!({ "embeddings": [[7.0, 0.5]], "id": "1", "response_type": "embeddings_floats", "texts": ["7"] }),
)]
#[case::cohere_4_in_a_geography(
    COHERE_4,
    "/model/eu.cohere.embed-v4%3A0/invoke",
    json!({ "texts": ["7"], "input_type": "search_document", "truncate": "RIGHT", "embedding_types": ["float"], "output_dimension": 1024 }),
    json!({ "texts": ["7"], "input_type": "search_query", "truncate": "RIGHT", "embedding_types": ["float"], "output_dimension": 1024 }),
    json!({ "embeddings": { "float": [[7.0, 0.5]] }, "id": "1", "response_type": "embeddings_by_type" }),
)]
#[case::cohere_4_by_the_arn_of_a_profile(
    "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.cohere.embed-v4:0",
    "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Fglobal.cohere.embed-v4%3A0/invoke",
    json!({ "texts": ["7"], "input_type": "search_document", "truncate": "RIGHT", "embedding_types": ["float"], "output_dimension": 1024 }),
    json!({ "texts": ["7"], "input_type": "search_query", "truncate": "RIGHT", "embedding_types": ["float"], "output_dimension": 1024 }),
    json!({ "embeddings": { "float": [[7.0, 0.5]] } }),
)]
#[case::nova(
    NOVA,
    "/model/amazon.nova-2-multimodal-embeddings-v1%3A0/invoke",
    json!({ "schemaVersion": "nova-multimodal-embed-v1", "taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {
        "embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": 1024,
        "text": { "truncationMode": "END", "value": "7" } } }),
    json!({ "schemaVersion": "nova-multimodal-embed-v1", "taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {
        "embeddingPurpose": "TEXT_RETRIEVAL", "embeddingDimension": 1024,
        "text": { "truncationMode": "END", "value": "7" } } }),
    json!({ "embeddings": [{ "embeddingType": "TEXT", "embedding": [7.0, 0.5], "truncatedCharLength": 1 }] }),
)]
#[tokio::test]
async fn each_family_is_asked_in_its_own_words(
    #[case] id: &str,
    #[case] path: &str,
    #[case] stored: Value,
    #[case] question: Value,
    #[case] answer: Value,
) {
    let server = Server::start(move |_, exchange| respond(exchange, &answer));
    for (purpose, body) in [(EmbedPurpose::Stored, stored), (EmbedPurpose::Question, question)] {
        let vectors = embed(&server, id, &numbers(8)[7..], purpose).await.unwrap();
        assert_eq!(vectors, [[7.0, 0.5]]);
        let request = server.request();
        assert_eq!((request.target.as_str(), &request.body), (format!("POST {path}").as_str(), &body));
        assert!(request.header("authorization").unwrap().starts_with("AWS4-HMAC-SHA256"));
        assert!(server.has_no_more_requests());
    }
}

#[rstest]
#[case(TITAN, 30, vec![1; 30])]
#[case(COHERE, 200, vec![96, 96, 8])]
#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts_however_many_requests_it_takes(
    #[case] id: &str,
    #[case] count: usize,
    #[case] sizes: Vec<usize>,
) {
    let server =
        Server::start(
            |_, exchange| {
                if exchange.request.body["texts"].is_null() { titan(exchange) } else { cohere(exchange) }
            },
        );
    let vectors = embed(&server, id, &numbers(count), EmbedPurpose::Stored).await.unwrap();
    let expected: Vec<Vec<f32>> =
        (0..u8::try_from(count).unwrap()).map(|number| vec![f32::from(number), 0.5]).collect();
    assert_eq!(vectors, expected);
    let texts = |body: &Value| body["texts"].as_array().map_or(1, Vec::len);
    let mut sent: Vec<usize> = server.requests().iter().map(|request| texts(&request.body)).collect();
    sent.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(sent, sizes);
}

#[tokio::test]
async fn texts_that_go_one_by_one_are_under_way_together() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut exchanges = listener.incoming().filter_map(|stream| Exchange::read(stream.ok()?));
        titan(&mut exchanges.next().unwrap());
        // None of the next four is answered before all are there.
        let together: Vec<Exchange> = exchanges.by_ref().take(4).collect();
        for mut exchange in together.into_iter().rev() {
            titan(&mut exchange);
        }
    });
    let embedder = BedrockModel::new(config(&url)).embedder(TITAN);
    let vectors = soon(embedder.embed(numbers(5), EmbedPurpose::Stored)).await.unwrap();
    assert_eq!(vectors.iter().map(|vector| vector[0]).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0, 4.0]);
}

#[tokio::test]
async fn nothing_is_asked_for_nothing() {
    let server = Server::start(|_, exchange| titan(exchange));
    assert_eq!(embed(&server, TITAN, &[], EmbedPurpose::Stored).await.unwrap(), Vec::<Vec<f32>>::new());
    assert!(server.has_no_more_requests());
}

#[rstest]
#[case(TITAN, "/inputText", 8_000)]
#[case(COHERE, "/texts/0", 2_048)]
#[case(COHERE_4, "/texts/0", 8_000)]
#[case(NOVA, "/singleEmbeddingParams/text/value", 8_000)]
#[tokio::test]
async fn a_text_is_cut_to_what_the_model_reads(#[case] id: &str, #[case] place: &str, #[case] chars: usize) {
    let server = Server::start(|_, exchange| respond(exchange, &json!({ "embeddings": [[1.0]], "embedding": [1.0] })));
    embed(&server, id, &["ß".repeat(10_000)], EmbedPurpose::Stored).await.unwrap();
    let body = server.request().body;
    assert_eq!(body.pointer(place).unwrap().as_str().unwrap().chars().count(), chars);
}

#[tokio::test]
async fn a_text_of_nothing_spoils_none_beside_it() {
    let server = Server::start(|_, exchange| respond(exchange, &json!({ "embeddings": [[1.0], [2.0]] })));
    let texts = [" \n".to_owned(), "It rained.".to_owned()];
    assert_eq!(embed(&server, COHERE, &texts, EmbedPurpose::Stored).await.unwrap(), [[1.0], [2.0]]);
    assert_eq!(server.request().body["texts"], json!(["…", "It rained."]));
}

#[tokio::test]
async fn a_text_that_is_still_too_long_is_cut_until_it_fits() {
    let server = Server::start(|_, exchange| {
        if exchange.request.body["inputText"].as_str().unwrap().chars().count() > 2_000 {
            refuse(
                exchange,
                400,
                "ValidationException",
                "400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 16001 ",
            );
        } else {
            respond(exchange, &json!({ "embedding": [1.0] }));
        }
    });
    let texts = ["𒀀".repeat(9_000)];
    assert_eq!(embed(&server, TITAN, &texts, EmbedPurpose::Question).await.unwrap(), [[1.0]]);
    assert_eq!(server.requests().len(), 3, "8,000, 4,000 and 2,000 characters");
}

#[tokio::test]
async fn a_model_that_finds_everything_too_long_is_given_up() {
    let refusal =
        |_: usize, exchange: &mut Exchange| refuse(exchange, 400, "ValidationException", "Input is too long.");
    let failure = failure(refusal).await;
    assert_eq!((failure.code, failure.retryable), (Code::ContextTooLong, false));
    assert!(failure.message.contains(TITAN) && !failure.message.contains("conversation"), "{failure:?}");
}

#[rstest]
#[tokio::test]
async fn a_model_of_no_known_family_is_not_asked(
    #[values(
        "eu.anthropic.claude-x",
        "amazon.titan-embed-image-v1",
        "arn:aws:bedrock:eu-west-1:1:provisioned-model/x"
    )]
    id: &str,
) {
    let server = Server::start(|_, exchange| titan(exchange));
    let failure = embed(&server, id, &numbers(1), EmbedPurpose::Stored).await.unwrap_err();
    assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false));
    assert!(failure.message.contains(id) && failure.hint.contains("amazon.titan-embed-text-v2:0"), "{failure:?}");
    assert!(server.has_no_more_requests());
}

#[tokio::test]
async fn an_application_profile_is_asked_for_its_model_once() {
    let server = Server::start(|_, exchange| {
        if exchange.request.target.starts_with("GET /inference-profiles/") {
            let arn = "arn:aws:bedrock:eu-west-1::foundation-model/cohere.embed-v4:0";
            let profile =
                json!({ "inferenceProfileId": "x", "inferenceProfileArn": "y", "models": [{ "modelArn": arn }] });
            respond(exchange, &profile);
        } else {
            cohere(exchange);
        }
    });
    let embedder = model(&server).embedder("arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc");
    for _ in 0..2 {
        let vectors = soon(embedder.embed(numbers(2), EmbedPurpose::Question)).await.unwrap();
        assert_eq!(vectors, [[0.0, 0.5], [1.0, 0.5]]);
    }
    let targets: Vec<String> = server.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets.iter().filter(|target| target.starts_with("GET ")).count(), 1, "{targets:?}");
    assert!(targets[1].ends_with("application-inference-profile%2Fabc/invoke"), "{targets:?}");
}

#[tokio::test]
async fn a_model_that_needs_a_profile_is_called_through_one_from_then_on() {
    let server = Server::start(|_, exchange| {
        let target = exchange.request.target.clone();
        if target == "POST /model/cohere.embed-v4%3A0/invoke" {
            let text = "Invocation of model ID cohere.embed-v4:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.";
            refuse(exchange, 400, "ValidationException", text);
        } else if target.starts_with("POST ") {
            cohere(exchange);
        } else if target.contains("inference-profiles") {
            let arn = |region: &str| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/cohere.embed-v4:0") });
            let profile = json!({
                "inferenceProfileId": COHERE_4,
                "inferenceProfileArn": "x",
                "models": [arn("eu-west-1"), arn("eu-north-1")],
            });
            respond(exchange, &json!({ "inferenceProfileSummaries": [profile] }));
        } else {
            respond(exchange, &json!({ "modelSummaries": [] }));
        }
    });
    let bedrock = model(&server);
    for _ in 0..2 {
        let embedder = bedrock.embedder("cohere.embed-v4:0");
        assert_eq!(soon(embedder.embed(numbers(1), EmbedPurpose::Stored)).await.unwrap(), [[0.0, 0.5]]);
    }
    let targets: Vec<String> = server.requests().into_iter().map(|request| request.target).collect();
    let through = |target: &&String| target.as_str() == "POST /model/eu.cohere.embed-v4%3A0/invoke";
    assert_eq!(targets.iter().filter(through).count(), 2, "{targets:?}");
    assert_eq!(targets.len(), 5, "once refused, two lists, twice called: {targets:?}");
}

#[rstest]
#[case(
    403,
    "AccessDeniedException",
    "User: arn:aws:iam::1:user/ada is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0 because no identity-based policy allows the bedrock:InvokeModel action",
    Code::AccessDenied,
    "permission bedrock:InvokeModel on this model"
)]
#[case(403, "AccessDeniedException", "No.", Code::AccessDenied, "permission bedrock:InvokeModel on this model")]
#[case(
    403,
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
    Code::CredentialsRejected,
    "access key"
)]
#[case(401, "", "Unauthorized", Code::CredentialsRejected, "access key")]
#[case(
    404,
    "ResourceNotFoundException",
    "Could not resolve the foundation model from the provided model identifier.",
    Code::ModelNotFound,
    "region"
)]
#[case(400, "ValidationException", "The provided model identifier is invalid.", Code::ModelNotFound, "region")]
#[case(
    400,
    "ValidationException",
    "bad input: What did my sister tell me in confidence?",
    Code::RequestRefused,
    "another model"
)]
#[case(
    429,
    "ThrottlingException",
    "Too many requests, please wait before trying again.",
    Code::Throttled,
    "Wait a minute"
)]
#[case(
    429,
    "ThrottlingException",
    "Too many tokens per day, please wait before trying again.",
    Code::QuotaExceeded,
    "Service Quotas"
)]
#[case(500, "InternalServerException", "x", Code::ProviderFailed, "Try again")]
#[case(503, "ServiceUnavailableException", "x", Code::ProviderFailed, "Try again")]
#[case(424, "ModelErrorException", "x", Code::ProviderFailed, "Try again")]
#[case(408, "ModelTimeoutException", "x", Code::TimedOut, "Try again")]
#[tokio::test]
async fn a_refusal_is_told_as_that_of_an_answer_is(
    #[case] status: u16,
    #[case] kind: &'static str,
    #[case] message: &'static str,
    #[case] code: Code,
    #[case] next: &str,
) {
    let failure = failure(move |_, exchange| refuse(exchange, status, kind, message)).await;
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(failure.hint.contains(next), "{failure:?}");
    assert!(failure.message.contains("request-1"), "{failure:?}");
}

#[tokio::test]
async fn credentials_that_expired_are_fetched_again_once() {
    let expired = |exchange: &mut Exchange| {
        refuse(exchange, 403, "ExpiredTokenException", "The security token included in the request is expired");
    };
    let server = Server::start(move |number, exchange| if number == 0 { expired(exchange) } else { titan(exchange) });
    assert_eq!(embed(&server, TITAN, &numbers(1), EmbedPurpose::Question).await.unwrap(), [[0.0, 0.5]]);
    assert_eq!(failure(move |_, exchange| expired(exchange)).await.code, Code::CredentialsRejected);
}

/// Throttled so often that the SDK's own three attempts are over, and told to come back at once.
fn throttled(exchange: &mut Exchange) {
    let headers = [("x-amzn-errortype", "ThrottlingException"), ("x-amz-retry-after", "1"), ("retry-after", "0")];
    exchange.respond(429, &headers, &json!({ "message": "Too many requests" }).to_string());
}

#[tokio::test]
async fn a_busy_bedrock_is_asked_again_for_what_is_stored() {
    let server = Server::start(|number, exchange| if number < 3 { throttled(exchange) } else { titan(exchange) });
    assert_eq!(embed(&server, TITAN, &numbers(1), EmbedPurpose::Stored).await.unwrap(), [[0.0, 0.5]]);
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_question_does_not_wait_for_a_busy_bedrock() {
    let server = Server::start(|number, exchange| if number < 3 { throttled(exchange) } else { titan(exchange) });
    let failure = embed(&server, TITAN, &numbers(1), EmbedPurpose::Question).await.unwrap_err();
    assert_eq!((failure.code, failure.retryable, failure.retry_after), (Code::Throttled, true, Some(0)));
}

#[rstest]
#[case::another_shape(json!({ "answer": "yes" }))]
#[case::none_at_all(json!({ "embedding": [] }))]
#[case::too_many(json!({ "embeddings": [[1.0], [1.0]] }))]
#[case::no_number(json!({ "embedding": [1.0, null] }))]
#[case::too_large_a_number(json!({ "embedding": [1.0, 1e39] }))]
#[tokio::test]
async fn an_answer_that_is_not_one_vector_for_each_text_is_refused(#[case] answer: Value) {
    let failure = failure(move |_, exchange| respond(exchange, &answer)).await;
    assert_eq!((failure.code, failure.retryable), (Code::RequestRefused, false), "{failure:?}");
    assert!(failure.message.contains("one vector for each text"), "{failure:?}");
}

#[tokio::test]
async fn a_page_in_place_of_vectors_is_refused() {
    let failure = failure(|_, exchange| exchange.respond(200, &[("content-type", "text/html")], "<html>")).await;
    assert_eq!(failure.code, Code::RequestRefused);
}

#[tokio::test]
async fn nobody_at_the_address_is_told_with_the_address() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let embedder = BedrockModel::new(config(&format!("http://{address}"))).embedder(TITAN);
    let failure = soon(embedder.embed(numbers(1), EmbedPurpose::Question)).await.map_err(judged).unwrap_err();
    assert_eq!((failure.code, failure.retryable), (Code::Unreachable, true));
    assert!(failure.message.contains(&address.to_string()), "{failure:?}");
}

#[tokio::test]
async fn no_region_is_told_before_anything_is_sent() {
    let config = BedrockConfig { region: Some("eu west".to_owned()), ..config("http://127.0.0.1:1") };
    let embedder = BedrockModel::new(config).embedder(TITAN);
    let failure = soon(embedder.embed(numbers(1), EmbedPurpose::Question)).await.map_err(judged).unwrap_err();
    assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false));
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
    let vectors = model(&server).embedder(TITAN).embed(numbers(3), EmbedPurpose::Stored);
    tokio::select! {
        _ = vectors => panic!("nobody answered"),
        asked = soon(was_asked.recv()) => asked.unwrap(),
    }
    soon(was_closed.recv()).await.unwrap();
}
