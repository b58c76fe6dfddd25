//! The way out of a company: through its proxy, past its own authority.

use crate::aws_proxy::{Answer, Asked, Proxy, in_child, json};
use crate::server::Server;
use serde_json::json;
use std::path::Path;
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_connect::network::Network;
use twin_connect::openai::{OpenaiConfig, OpenaiModel};
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;

fn model(network: Network) -> BedrockModel {
    BedrockModel::new(BedrockConfig {
        region: Some("eu-north-1".to_owned()),
        credentials: BedrockAuth::Keys {
            access_key_id: Secret::new("AKIAEXAMPLE".to_owned()),
            secret_access_key: Secret::new("SECRET-KEY".to_owned()),
            session_token: None,
        },
        network,
        ..BedrockConfig::default()
    })
}

fn empty_lists(asked: &Asked) -> Answer {
    if asked.target.starts_with("GET /foundation-models") {
        json(&json!({ "modelSummaries": [] }))
    } else {
        json(&json!({ "inferenceProfileSummaries": [] }))
    }
}

async fn fail(network: Network) -> Failure {
    model(network).catalogue().await.unwrap_err()
}

#[tokio::test]
async fn a_company_proxy_with_its_own_certificate_is_used() {
    let (proxy, folder) = (Proxy::start(empty_lists), tempfile::tempdir().unwrap());
    model(proxy.network(folder.path())).catalogue().await.unwrap();
    let asked = proxy.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|asked| asked.host == "bedrock.eu-north-1.amazonaws.com"), "{asked:?}");
}

#[tokio::test]
async fn the_same_proxy_and_certificate_serve_openai_compatible_servers() {
    let list = |_: &Asked| json(&json!({ "data": [{ "id": "gpt-x" }] }));
    let (proxy, folder) = (Proxy::start(list), tempfile::tempdir().unwrap());
    let config = |network| OpenaiConfig { base_url: "https://api.example/v1".to_owned(), key: None, network };
    let models = OpenaiModel::new(config(proxy.network(folder.path()))).unwrap().catalogue(None).await.unwrap();
    assert_eq!(models[0].name, "gpt-x");
    assert_eq!(proxy.asked()[0].host, "api.example");
    let untrusting = Network { proxy: Some(proxy.url().to_owned()), ca_file: None };
    let failure = OpenaiModel::new(config(untrusting)).unwrap().catalogue(None).await.unwrap_err();
    assert!(failure.message.contains("certificate"), "{failure:?}");
}

#[tokio::test]
async fn without_the_companys_certificate_the_error_says_so() {
    let proxy = Proxy::start(empty_lists);
    let failure = fail(Network { proxy: Some(proxy.url().to_owned()), ca_file: None }).await;
    assert_eq!(failure.code, Code::Unreachable);
    assert!(failure.message.contains("certificate") && failure.hint.contains("settings"), "{failure:?}");
    assert!(proxy.asked().is_empty(), "nothing may be said to a server that is not trusted");
}

#[tokio::test]
async fn a_proxy_that_is_gone_or_says_no_is_named() {
    let gone = Network { proxy: Some("http://127.0.0.1:1".to_owned()), ca_file: None };
    let failure = fail(gone).await;
    assert!(failure.message.contains("proxy") && failure.code == Code::Unreachable, "{failure:?}");
    let closed = Server::start(|_, exchange| exchange.respond(407, &[("proxy-authenticate", "Basic")], ""));
    let failure = fail(Network { proxy: Some(closed.url), ca_file: None }).await;
    assert!(failure.message.contains("proxy") && failure.hint.contains("password"), "{failure:?}");
    let closed = Server::start(|_, exchange| exchange.respond(403, &[], "Forbidden"));
    let failure = fail(Network { proxy: Some(closed.url), ca_file: None }).await;
    assert!(failure.message.contains("proxy"), "{failure:?}");
}

#[tokio::test]
async fn a_proxy_is_never_asked_for_this_machine() {
    let server = Server::start(|_, exchange| exchange.respond(404, &[], ""));
    let proxy = Proxy::start(empty_lists);
    let config = BedrockConfig {
        region: Some("eu-north-1".to_owned()),
        credentials: BedrockAuth::ApiKey(Secret::new("SECRET-BEARER".to_owned())),
        control_endpoint_url: Some(server.url.clone()),
        network: Network { proxy: Some(proxy.url().to_owned()), ca_file: None },
        ..BedrockConfig::default()
    };
    let failure = BedrockModel::new(config).catalogue().await.unwrap_err();
    assert_eq!(failure.code, Code::RequestRefused);
    assert!(server.request().target.starts_with("GET /foundation-models"));
    assert!(proxy.asked().is_empty());
}

#[tokio::test]
async fn a_certificate_file_that_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let network = |path: &Path| Network { proxy: None, ca_file: Some(path.to_owned()) };
    let missing = fail(network(&folder.path().join("missing.pem"))).await;
    assert!(missing.code == Code::InvalidInput && missing.message.contains("certificate"), "{missing:?}");
    for content in ["", "SECRET", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let path = folder.path().join("wrong.pem");
        fs_err::write(&path, content).unwrap();
        let failure = fail(network(&path)).await;
        assert!(failure.code == Code::InvalidInput && failure.message.contains("certificate"), "{failure:?}");
        assert!(failure.message.contains("wrong.pem") && failure.hint.contains("PEM"), "{failure:?}");
    }
    let failure = fail(Network { proxy: Some("proxy:3128".to_owned()), ca_file: None }).await;
    assert!(failure.code == Code::InvalidInput && failure.message.contains("proxy"), "{failure:?}");
}

#[test]
fn the_proxy_of_the_environment_is_used_for_bedrock_as_well() {
    let proxy = in_child(
        "aws_network::the_proxy_of_the_environment_is_used_for_bedrock_as_well",
        &[],
        &[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", "bedrock.us-east-1.amazonaws.com"), ("AWS_CA_BUNDLE", "CA")],
        empty_lists,
        async |_| {
            model(Network::default()).catalogue().await.unwrap();
        },
    );
    if let Some(proxy) = proxy {
        assert_eq!(proxy.asked().len(), 3);
    }
}
