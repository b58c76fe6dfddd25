//! What can be called, as Bedrock's own lists say it.

use crate::bedrock_server::refuse;
use crate::server::{Exchange, Request, Server};
use ring::{digest, hmac};
use rstest::rstest;
use serde_json::{Value, json};
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_core::catalogue::{ModelEntry, Route};
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelRef, Reach};
use twin_core::secret::Secret;

const SONNET: &str = "anthropic.claude-sonnet-9-20270101-v1:0";
const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const APPLICATION: &str = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3";

fn config(url: &str, reach: Reach) -> BedrockConfig {
    BedrockConfig {
        region: Some("eu-west-1".to_owned()),
        credentials: BedrockAuth::Keys {
            access_key_id: Secret::new("AKIAEXAMPLE".to_owned()),
            secret_access_key: Secret::new("SECRET-KEY".to_owned()),
            session_token: Some(Secret::new("SECRET-TOKEN".to_owned())),
        },
        control_endpoint_url: Some(url.to_owned()),
        reach,
        ..BedrockConfig::default()
    }
}

fn model(server: &Server, reach: Reach) -> BedrockModel {
    BedrockModel::new(config(&server.url, reach))
}

fn models() -> Value {
    json!({ "modelSummaries": [
        {
            "modelArn": format!("arn:aws:bedrock:eu-west-1::foundation-model/{SONNET}"), "modelId": SONNET,
            "modelName": "Claude Sonnet 9", "providerName": "Anthropic", "inputModalities": ["TEXT", "IMAGE"],
            "outputModalities": ["TEXT"], "responseStreamingSupported": true, "customizationsSupported": [],
            "inferenceTypesSupported": ["INFERENCE_PROFILE"], "modelLifecycle": { "status": "ACTIVE" },
        },
        {
            "modelId": HAIKU, "modelName": "Claude 3 Haiku", "providerName": "Anthropic",
            "inputModalities": ["TEXT", "SMELL"], "responseStreamingSupported": false,
            "inferenceTypesSupported": ["ON_DEMAND"], "modelLifecycle": { "status": "LEGACY" }, "new": { "member": 1 },
        },
        // Bought capacity only: nobody can call it by this id.
        { "modelId": format!("{HAIKU}:48k"), "modelName": "Claude 3 Haiku", "inferenceTypesSupported": ["PROVISIONED"] },
    ] })
}

fn profile(id: &str, model: &str, regions: &[&str]) -> Value {
    let arns = regions
        .iter()
        .map(|region| json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{model}") }))
        .collect::<Vec<_>>();
    json!({
        "inferenceProfileId": id, "inferenceProfileArn": format!("arn:aws:bedrock:eu-west-1:1:inference-profile/{id}"),
        "inferenceProfileName": "x", "models": arns, "status": "ACTIVE", "type": "SYSTEM_DEFINED",
    })
}

fn system_profiles() -> Vec<Value> {
    vec![
        profile(&format!("global.{SONNET}"), SONNET, &["eu-west-1", ""]),
        profile(&format!("eu.{SONNET}"), SONNET, &["eu-west-3", "eu-west-1"]),
        profile(&format!("eu.{HAIKU}"), HAIKU, &["eu-central-1", "eu-west-1"]),
    ]
}

fn application_profile() -> Value {
    let mut profile = profile("a1b2c3", SONNET, &["eu-west-1", "eu-west-3"]);
    profile["inferenceProfileArn"] = json!(APPLICATION);
    profile["type"] = json!("APPLICATION");
    profile["inferenceProfileName"] = json!("Twin of marketing");
    profile
}

fn reply(exchange: &mut Exchange, body: &Value) {
    exchange.respond(200, &[("content-type", "application/json")], &body.to_string());
}

fn page(profiles: &[Value]) -> Value {
    json!({ "inferenceProfileSummaries": profiles })
}

/// As AWS answers with everything allowed.
fn lists(_: usize, exchange: &mut Exchange) {
    let target = exchange.request.target.clone();
    match target.as_str() {
        target if target.starts_with("GET /foundation-models") => reply(exchange, &models()),
        target if target.contains("type=SYSTEM_DEFINED") => reply(exchange, &page(&system_profiles())),
        target if target.contains("type=APPLICATION") => reply(exchange, &page(&[application_profile()])),
        _ => reply(exchange, &application_profile()),
    }
}

fn ids(entries: &[ModelEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.model.id.as_str()).collect()
}

#[tokio::test]
async fn a_new_model_is_listed_without_an_update() {
    let server = Server::start(lists);
    let entries = model(&server, Reach::Geography).catalogue().await.unwrap();
    let route = |reach, id: String, area: &str, regions: &[&str]| Route {
        reach,
        id,
        area: area.to_owned(),
        regions: regions.iter().map(|&region| region.to_owned()).collect(),
    };
    let sonnet = &entries[0];
    assert_eq!(sonnet.model, ModelRef::bedrock(format!("eu.{SONNET}")));
    assert_eq!((sonnet.name.as_str(), sonnet.vendor.as_str()), ("Claude Sonnet 9", "Anthropic"));
    assert_eq!((sonnet.streams, sonnet.images, sonnet.legacy), (Some(true), Some(true), false));
    let expected = [
        route(Reach::Geography, format!("eu.{SONNET}"), "eu", &["eu-west-1", "eu-west-3"]),
        route(Reach::Global, format!("global.{SONNET}"), "global", &["eu-west-1"]),
    ];
    assert_eq!(sonnet.routes, expected);

    let haiku = &entries[1];
    assert_eq!((haiku.streams, haiku.images, haiku.legacy), (Some(false), Some(false), true));
    let expected = [
        route(Reach::Region, HAIKU.to_owned(), "eu-west-1", &["eu-west-1"]),
        route(Reach::Geography, format!("eu.{HAIKU}"), "eu", &["eu-central-1", "eu-west-1"]),
    ];
    assert_eq!(haiku.routes, expected);
    assert_eq!(entries.len(), 3, "{:?}", ids(&entries));
}

#[rstest]
#[case(Reach::Global, "global.", "eu.")]
#[case(Reach::Geography, "eu.", "eu.")]
// Where nothing stays within the reach, the narrowest is shown, and where it may go.
#[case(Reach::Region, "eu.", "")]
#[tokio::test]
async fn data_goes_as_far_as_the_person_allows(#[case] reach: Reach, #[case] sonnet: &str, #[case] haiku: &str) {
    let server = Server::start(lists);
    let entries = model(&server, reach).catalogue().await.unwrap();
    assert_eq!(ids(&entries), [format!("{sonnet}{SONNET}"), format!("{haiku}{HAIKU}"), APPLICATION.to_owned()]);
}

#[tokio::test]
async fn an_application_profile_is_listed_with_the_name_of_its_model() {
    let server = Server::start(lists);
    let model = model(&server, Reach::Geography);
    let entries = model.catalogue().await.unwrap();
    let entry = entries.last().unwrap();
    assert_eq!(entry.name, "Twin of marketing (Claude Sonnet 9)");
    assert_eq!((entry.vendor.as_str(), entry.images, entry.routes.len()), ("Anthropic", Some(true), 1));
    assert_eq!((entry.routes[0].area.as_str(), entry.routes[0].reach), ("eu", Reach::Geography));
    assert_eq!(model.model_behind(APPLICATION).await.unwrap().as_deref(), Some(SONNET));
}

#[rstest]
#[case(SONNET, Reach::Geography, Some("eu."))]
#[case(SONNET, Reach::Global, Some("global."))]
// Nothing listed stays in the region, and further than allowed is not an answer.
#[case(SONNET, Reach::Region, None)]
#[case("us.anthropic.claude-sonnet-9-20270101-v1:0", Reach::Geography, Some("eu."))]
#[case("anthropic.claude-sonnet-9-20270101-v1:0:1m", Reach::Geography, Some("eu."))]
#[case("us.anthropic.claude-sonnet-9-20270101-v1", Reach::Global, Some("global."))]
// It is what would be called anyway.
#[case("eu.anthropic.claude-sonnet-9-20270101-v1:0", Reach::Geography, None)]
#[case("anthropic.claude-of-tomorrow", Reach::Global, None)]
#[case("x-anthropic.claude-sonnet-9-20270101-v1:0", Reach::Global, None)]
#[tokio::test]
async fn on_demand_is_not_supported_means_that_a_listed_profile_is_called(
    #[case] asked: &str,
    #[case] reach: Reach,
    #[case] prefix: Option<&str>,
) {
    let server = Server::start(lists);
    let called = model(&server, reach).callable(asked).await.unwrap();
    assert_eq!(called, prefix.map(|prefix| format!("{prefix}{SONNET}")));
}

#[rstest]
#[case(format!("us.{HAIKU}"))]
#[case(format!("{HAIKU}:48k"))]
#[case(format!("us.{HAIKU}:48k"))]
#[tokio::test]
async fn a_model_of_the_region_is_called_without_the_prefix_of_another_continent(#[case] asked: String) {
    let server = Server::start(lists);
    let called = model(&server, Reach::Region).callable(&asked).await.unwrap();
    assert_eq!(called.as_deref(), Some(HAIKU));
}

fn deny(exchange: &mut Exchange, action: &str) {
    let text =
        format!("User: arn:aws:iam::1:user/x is not authorized to perform: {action} because no policy allows it");
    refuse(exchange, 403, "AccessDeniedException", &text);
}

#[tokio::test]
async fn who_may_not_list_profiles_still_sees_models() {
    let server = Server::start(|number, exchange| {
        if exchange.request.target.contains("inference-profiles") {
            deny(exchange, "bedrock:ListInferenceProfiles");
        } else {
            lists(number, exchange);
        }
    });
    let entries = model(&server, Reach::Global).catalogue().await.unwrap();
    assert_eq!(ids(&entries), [HAIKU]);
}

#[tokio::test]
async fn who_may_not_list_models_still_gets_a_profile() {
    let server = Server::start(|number, exchange| {
        if exchange.request.target.contains("foundation-models") {
            deny(exchange, "bedrock:ListFoundationModels");
        } else {
            lists(number, exchange);
        }
    });
    let model = model(&server, Reach::Geography);
    assert_eq!(model.callable(SONNET).await.unwrap().unwrap(), format!("eu.{SONNET}"));
    let failure = model.catalogue().await.unwrap_err();
    assert_eq!(failure.code, Code::AccessDenied);
    assert!(failure.hint.contains("bedrock:ListFoundationModels"), "{failure:?}");
    assert!(failure.message.contains("request-1"), "{failure:?}");
}

#[tokio::test]
async fn every_page_of_profiles_is_read() {
    let server = Server::start(|number, exchange| {
        let target = exchange.request.target.clone();
        if target.contains("nextToken=a%2Fb%3D") {
            reply(exchange, &page(&system_profiles()[1..2]));
        } else if target.contains("SYSTEM_DEFINED") {
            let mut first = page(&system_profiles()[..1]);
            first["nextToken"] = json!("a/b=");
            reply(exchange, &first);
        } else {
            lists(number, exchange);
        }
    });
    let entries = model(&server, Reach::Geography).catalogue().await.unwrap();
    assert_eq!(entries[0].routes.len(), 2);
}

async fn failure(answer: impl Fn(&mut Exchange) + Send + 'static) -> Failure {
    let server = Server::start(move |_, exchange| answer(exchange));
    model(&server, Reach::Geography).catalogue().await.unwrap_err()
}

#[tokio::test]
async fn what_is_no_list_is_told_as_a_wrong_address() {
    let page = |exchange: &mut Exchange| exchange.respond(200, &[("content-type", "text/html")], "<html>Hello</html>");
    let found = failure(page).await;
    assert_eq!(found.code, Code::RequestRefused);
    assert!(found.hint.contains("bedrock's, not bedrock-runtime's"), "{found:?}");
    let found = failure(|exchange| exchange.respond(404, &[], "")).await;
    assert_eq!(found.code, Code::RequestRefused);
}

#[tokio::test]
async fn a_refused_list_says_what_to_do() {
    let expired = |exchange: &mut Exchange| {
        refuse(exchange, 403, "ExpiredTokenException", "The security token included in the request is expired");
    };
    assert_eq!(failure(expired).await.code, Code::CredentialsRejected);
    let unknown = |exchange: &mut Exchange| {
        refuse(exchange, 403, "UnrecognizedClientException", "The security token included in the request is invalid.");
    };
    assert_eq!(failure(unknown).await.code, Code::CredentialsRejected);
    let busy = |exchange: &mut Exchange| refuse(exchange, 429, "ThrottlingException", "Rate exceeded");
    assert_eq!(failure(busy).await.code, Code::Throttled);
    let broken = |exchange: &mut Exchange| refuse(exchange, 500, "InternalServerException", "x");
    assert_eq!(failure(broken).await.code, Code::ProviderFailed);
}

#[tokio::test]
async fn the_lists_do_not_travel_in_the_open() {
    let failure = BedrockModel::new(config("http://gateway.example", Reach::Global)).catalogue().await.unwrap_err();
    assert_eq!(failure.code, Code::InvalidInput);
    assert!(failure.message.contains("unencrypted"), "{failure:?}");
}

#[tokio::test]
async fn an_api_key_is_enough_for_the_lists() {
    let server = Server::start(lists);
    let key = Secret::new(" SECRET-BEARER\n".to_owned());
    let config = BedrockConfig { credentials: BedrockAuth::ApiKey(key), ..config(&server.url, Reach::Global) };
    let model = BedrockModel::new(config);
    assert_eq!(model.catalogue().await.unwrap().len(), 3);
    assert_eq!(server.request().header("authorization"), Some("Bearer SECRET-BEARER"));
    assert_eq!(model.identity().await.unwrap().source, "the API key from the settings");
}

#[tokio::test]
async fn the_lists_are_signed_as_aws_checks_it() {
    let server = Server::start(lists);
    let model = model(&server, Reach::Geography);
    model.catalogue().await.unwrap();
    for path in ["/foundation-models", "/inference-profiles", "/inference-profiles"] {
        let sent = server.request();
        assert!(sent.target.contains(path), "{}", sent.target);
        assert_signed(&sent);
    }
    // A part of a path that is encoded itself, which AWS encodes once more before it checks.
    model.model_behind(APPLICATION).await.unwrap();
    let sent = server.request();
    assert!(sent.target.ends_with("application-inference-profile%2Fa1b2c3"), "{}", sent.target);
    assert_signed(&sent);
}

/// Signature Version 4 once more, written down from its description and not from the crate that signs:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
fn assert_signed(sent: &Request) {
    assert_eq!(sent.header("x-amz-security-token"), Some("SECRET-TOKEN"));
    let authorization = sent.header("authorization").unwrap();
    let part = |name: &str| authorization.split_once(&format!("{name}=")).unwrap().1.split(',').next().unwrap();
    let date = sent.header("x-amz-date").unwrap();
    let (day, signed) = (&date[..8], part("SignedHeaders"));
    let scope = format!("{day}/eu-west-1/bedrock/aws4_request");
    assert_eq!(part("Credential"), format!("AKIAEXAMPLE/{scope}"));

    let (method, uri) = sent.target.split_once(' ').unwrap();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let mut query: Vec<_> = query.split('&').collect();
    query.sort_unstable();
    let headers: Vec<_> =
        signed.split(';').map(|name| format!("{name}:{}\n", sent.header(name).unwrap().trim())).collect();
    let canonical = format!(
        "{method}\n{}\n{}\n{}\n{signed}\n{}",
        path.replace('%', "%25"),
        query.join("&"),
        headers.concat(),
        hex(digest::digest(&digest::SHA256, b"").as_ref())
    );
    let canonical = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}");
    let steps = [day, "eu-west-1", "bedrock", "aws4_request", &text];
    let sign = |key: Vec<u8>, text: &&str| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), text.as_bytes()).as_ref().to_vec()
    };
    assert_eq!(part("Signature"), hex(&steps.iter().fold(b"AWS4SECRET-KEY".to_vec(), sign)), "{canonical}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
