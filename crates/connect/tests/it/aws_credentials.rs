//! Where credentials come from, against a stand-in of AWS: each case in a process of its own, because the AWS environment is
//! the process's.

use crate::aws_proxy::{Asked, Proxy, in_child};
use crate::aws_stand_in::{COMPANY, FILES, MODEL, STALE, aws, model, sign_in};
use crate::server::{Exchange, Server};
use crate::{collect, request};
use serde_json::json;
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_core::error::Code;
use twin_core::port::ChatModel as _;
use twin_core::secret::Secret;

fn asked_as(proxy: &Proxy, key: &str) -> Vec<Asked> {
    let asked = proxy.asked();
    let last = asked.last().unwrap();
    assert!(last.header("authorization").contains(&format!("Credential={key}/")), "{last:?}");
    asked
}

/// The profile is listed with, and AWS sees `key`.
fn comes_in(test: &str, profile: &'static str, key: &str, source: &'static str) -> Option<Vec<Asked>> {
    let proxy = in_child(test, &FILES, &STALE, aws, async |network| {
        sign_in(COMPANY, "SECRET-SIGNED-IN", "2999-01-01T00:00:00Z");
        let model = model(profile, network);
        let identity = model.identity().await.unwrap();
        assert_eq!((identity.source.as_str(), identity.region.as_str()), (source, "eu-north-1"));
        assert!(identity.expires_at.is_some(), "{identity:?}");
        assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
    })?;
    Some(asked_as(&proxy, key))
}

#[test]
fn single_sign_on_is_enough() {
    comes_in("aws_credentials::single_sign_on_is_enough", "work", "ASIASIGNEDIN", "profile work");
}

#[test]
fn single_sign_on_may_lead_to_a_role() {
    let test = "aws_credentials::single_sign_on_may_lead_to_a_role";
    if let Some(asked) = comes_in(test, "chained", "ASIAASSUMED", "profile chained") {
        let role = asked.iter().find(|asked| asked.body.contains("AssumeRole")).unwrap();
        assert!(role.header("authorization").contains("Credential=ASIASIGNEDIN/"), "{role:?}");
    }
}

#[test]
fn keys_may_lead_to_a_role() {
    let test = "aws_credentials::keys_may_lead_to_a_role";
    if let Some(asked) = comes_in(test, "role", "ASIAASSUMED", "profile role") {
        let role = asked.iter().find(|asked| asked.body.contains("AssumeRole")).unwrap();
        assert!(role.header("authorization").contains("Credential=AKIABASE/"), "{role:?}");
        assert!(role.body.contains("role%2FTwin"), "{role:?}");
    }
}

#[test]
fn a_program_may_print_the_keys() {
    comes_in("aws_credentials::a_program_may_print_the_keys", "process", "AKIAPROCESS", "profile process");
}

/// The chain finds `source` by itself, and AWS sees `key`.
fn is_found(test: &str, environment: &[(&str, &str)], source: &'static str, key: &str) {
    let mut environment = environment.to_vec();
    environment.push(("AWS_REGION", "eu-north-1"));
    let proxy = in_child(test, &FILES, &environment, aws, async |network| {
        sign_in(COMPANY, "SECRET-SIGNED-IN", "2999-01-01T00:00:00Z");
        let model = BedrockModel::new(BedrockConfig { network, ..BedrockConfig::default() });
        let identity = model.identity().await.unwrap();
        assert_eq!((identity.source.as_str(), identity.ignored.len()), (source, 0));
        assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
    });
    if let Some(proxy) = proxy {
        asked_as(&proxy, key);
    }
}

#[test]
fn the_profile_of_the_environment_is_named() {
    let test = "aws_credentials::the_profile_of_the_environment_is_named";
    is_found(test, &[("AWS_PROFILE", "work")], "single sign-on of the AWS profile work", "ASIASIGNEDIN");
}

#[test]
fn the_role_of_a_profile_of_the_environment_is_named() {
    let test = "aws_credentials::the_role_of_a_profile_of_the_environment_is_named";
    is_found(test, &[("AWS_PROFILE", "role")], "the AWS profile role", "ASIAASSUMED");
}

#[test]
fn a_token_of_a_cluster_leads_to_a_role() {
    let test = "aws_credentials::a_token_of_a_cluster_leads_to_a_role";
    let environment = [("AWS_WEB_IDENTITY_TOKEN_FILE", "CA"), ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Twin")];
    is_found(test, &environment, "the role that AWS_ROLE_ARN names", "ASIAASSUMED");
}

/// What stands beside a machine or a container and hands out its role's keys.
fn role_of_the_machine(_: usize, exchange: &mut Exchange) {
    let headers = [("content-type", "application/json"), ("x-aws-ec2-metadata-token-ttl-seconds", "21600")];
    let target = exchange.request.target.clone();
    let body = match target.as_str() {
        "PUT /latest/api/token" => "token".to_owned(),
        list if list.ends_with("/security-credentials/") => "twin".to_owned(),
        _ => json!({
            "Code": "Success", "AccessKeyId": "ASIAMACHINE", "SecretAccessKey": "SECRET-KEY", "Token": "SECRET-TOKEN",
            "Expiration": "2999-01-01T00:00:00Z", "LastUpdated": "2026-01-01T00:00:00Z", "Type": "AWS-HMAC",
        })
        .to_string(),
    };
    let status = if target.contains("extended") { 404 } else { 200 };
    exchange.respond(status, &headers, &body);
}

#[test]
fn the_role_of_a_container_is_asked_for_without_the_proxy() {
    let test = "aws_credentials::the_role_of_a_container_is_asked_for_without_the_proxy";
    let server = Server::start(role_of_the_machine);
    let url = format!("{}/role", server.url);
    is_found(test, &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)], "the role of this container", "ASIAMACHINE");
}

#[test]
fn the_role_of_a_machine_is_asked_for_without_the_proxy() {
    let test = "aws_credentials::the_role_of_a_machine_is_asked_for_without_the_proxy";
    let server = Server::start(role_of_the_machine);
    let environment = [("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url)];
    is_found(test, &environment, "the role of this machine", "ASIAMACHINE");
}

#[test]
fn a_stale_key_in_the_environment_does_not_beat_the_chosen_profile() {
    let test = "aws_credentials::a_stale_key_in_the_environment_does_not_beat_the_chosen_profile";
    let mut environment = STALE.to_vec();
    environment.push(("AWS_REGION", "eu-north-1"));
    let proxy = in_child(test, &FILES, &environment, aws, async |network| {
        let model = model("process", network.clone());
        let identity = model.identity().await.unwrap();
        assert_eq!(identity.ignored, ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"]);
        assert_eq!(identity.key_ends_with.as_deref(), Some("CESS"));
        model.catalogue().await.unwrap();
        assert_eq!(collect(model.stream(request(MODEL))).await.1, None);

        let key = BedrockAuth::ApiKey(Secret::new("SECRET-CHOSEN".to_owned()));
        let config = BedrockConfig { credentials: key, network, ..BedrockConfig::default() };
        let model = BedrockModel::new(config);
        assert_eq!(model.identity().await.unwrap().ignored, ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID"]);
        assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
    });
    if let Some(proxy) = proxy {
        let seen: Vec<_> = proxy.asked().iter().map(|asked| asked.header("authorization").to_owned()).collect();
        assert_eq!(seen.len(), 5);
        assert!(seen[..4].iter().all(|seen| seen.contains("Credential=AKIAPROCESS/")), "{seen:?}");
        assert_eq!(seen[4], "Bearer SECRET-CHOSEN");
    }
}

#[test]
fn a_role_that_may_not_be_taken_is_told() {
    let test = "aws_credentials::a_role_that_may_not_be_taken_is_told";
    let script = |asked: &Asked| {
        let refuse = |code: &str| {
            let xml = format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>");
            (403, xml.into_bytes())
        };
        match asked.host.as_str() {
            "portal.sso.eu-west-3.amazonaws.com" => {
                (403, br#"{"__type":"ForbiddenException","message":"No access"}"#.to_vec())
            }
            "sts.eu-north-1.amazonaws.com" if asked.body.contains("expired") => refuse("ExpiredToken"),
            "sts.eu-north-1.amazonaws.com" if asked.body.contains("mistyped") => refuse("InvalidClientTokenId"),
            _ => refuse("AccessDenied"),
        }
    };
    in_child(test, &FILES, &[], script, async |network| {
        sign_in(COMPANY, "SECRET-SIGNED-IN", "2999-01-01T00:00:00Z");
        for profile in ["role", "work"] {
            let failure = model(profile, network.clone()).identity().await.unwrap_err();
            assert_eq!(failure.code, Code::AccessDenied, "{profile}: {failure:?}");
            assert!(failure.message.contains(profile) && failure.hint.contains("sts:AssumeRole"), "{failure:?}");
        }
        for (profile, retryable) in [("worn", true), ("mistyped", false)] {
            let failure = model(profile, network.clone()).identity().await.unwrap_err();
            assert_eq!((failure.code, failure.retryable), (Code::CredentialsRejected, retryable), "{failure:?}");
        }
    });
}

/// Complaint 2.
#[test]
fn a_session_that_bedrock_takes_for_expired_offers_to_sign_in_again() {
    let test = "aws_credentials::a_session_that_bedrock_takes_for_expired_offers_to_sign_in_again";
    let script = |asked: &Asked| match asked.host.as_str() {
        "bedrock-runtime.eu-north-1.amazonaws.com" => {
            let expired = json!({ "__type": "ExpiredTokenException", "message": "The security token is expired" });
            (403, expired.to_string().into_bytes())
        }
        _ => aws(asked),
    };
    let proxy = in_child(test, &FILES, &[], script, async |network| {
        sign_in(COMPANY, "SECRET-SIGNED-IN", "2999-01-01T00:00:00Z");
        for (profile, code) in
            [("work", Code::SignInExpired), ("chained", Code::SignInExpired), ("process", Code::CredentialsRejected)]
        {
            let (_, failure) = collect(model(profile, network.clone()).stream(request(MODEL))).await;
            let failure = failure.unwrap();
            assert_eq!((failure.code, failure.retryable), (code, true), "{failure:?}");
        }
    });
    if let Some(proxy) = proxy {
        let asked = proxy.asked().into_iter().filter(|asked| asked.host.starts_with("bedrock-runtime")).count();
        assert_eq!(asked, 3 * 2, "once more each, and no more");
    }
}
