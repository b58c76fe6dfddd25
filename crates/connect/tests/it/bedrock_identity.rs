//! Who asks Bedrock: each case in a process of its own, because the AWS environment is the process's.

use crate::bedrock_server::{answer, refuse};
use crate::server::Server;
use crate::{child, collect, fail, request};
use std::path::Path;
use twin_connect::bedrock::{BedrockAuth, BedrockConfig, BedrockModel};
use twin_core::error::Code;
use twin_core::port::ChatModel as _;
use twin_core::secret::Secret;

const MODEL: &str = "anthropic.claude-x";

fn config(credentials: BedrockAuth) -> BedrockConfig {
    BedrockConfig { credentials, ..BedrockConfig::default() }
}

fn keys() -> BedrockAuth {
    BedrockAuth::Keys {
        access_key_id: Secret::new("AKIACHOSEN".to_owned()),
        secret_access_key: Secret::new("SECRET-KEY".to_owned()),
        session_token: None,
    }
}

async fn who(model: &BedrockModel) -> (String, String) {
    let identity = model.identity().await.unwrap();
    (identity.region, identity.source)
}

fn write_profiles(home: &Path, credentials: &str, config: &str) {
    fs_err::create_dir_all(home.join(".aws")).unwrap();
    fs_err::write(home.join(".aws/credentials"), credentials).unwrap();
    fs_err::write(home.join(".aws/config"), config).unwrap();
}

fn home() -> std::path::PathBuf {
    std::env::home_dir().unwrap()
}

/// Runs `body` in a child with `environment`; `URL` in a value becomes the address of a server that runs `script`.
fn in_child(
    test: &str,
    environment: &[(&str, &str)],
    script: impl Fn(usize, &mut crate::server::Exchange) + Send + 'static,
    body: impl AsyncFnOnce(),
) -> Option<Server> {
    if child::case().is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(body());
        return None;
    }
    let server = Server::start(script);
    let home = tempfile::tempdir().unwrap();
    let mut command = child::command(&[], &format!("bedrock_identity::{test}"), "child", home.path());
    command.envs(environment.iter().map(|(key, value)| (key, value.replace("URL", &server.url))));
    child::pass(command);
    Some(server)
}

#[test]
fn the_environment_alone_is_enough() {
    let environment = [
        ("AWS_REGION", "eu-north-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET-KEY"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "URL"),
    ];
    let server = in_child(
        "the_environment_alone_is_enough",
        &environment,
        |_, exchange| answer(exchange, "hi"),
        async || {
            let model = BedrockModel::new(config(BedrockAuth::Chain));
            assert_eq!(who(&model).await, ("eu-north-1".to_owned(), "keys from the environment".to_owned()));
            assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
        },
    );
    if let Some(server) = server {
        let sent = server.request();
        let authorization = sent.header("authorization").unwrap();
        assert!(
            authorization.contains("Credential=AKIAENVIRONMENT/") && authorization.contains("/eu-north-1/bedrock/")
        );
    }
}

#[test]
fn an_api_key_in_the_environment_wins_in_the_chain_and_is_named() {
    let environment =
        [("AWS_REGION", "eu-north-1"), ("AWS_BEARER_TOKEN_BEDROCK", "SECRET-BEARER"), ("AWS_ENDPOINT_URL", "URL")];
    let server = in_child(
        "an_api_key_in_the_environment_wins_in_the_chain_and_is_named",
        &environment,
        |_, exchange| answer(exchange, "hi"),
        async || {
            let model = BedrockModel::new(config(BedrockAuth::Chain));
            assert_eq!(
                who(&model).await,
                ("eu-north-1".to_owned(), "the API key in AWS_BEARER_TOKEN_BEDROCK".to_owned())
            );
            assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
        },
    );
    if let Some(server) = server {
        assert_eq!(server.request().header("authorization"), Some("Bearer SECRET-BEARER"));
    }
}

#[test]
fn what_was_chosen_wins_over_the_environment() {
    let environment = [
        ("AWS_REGION", "eu-north-1"),
        ("AWS_BEARER_TOKEN_BEDROCK", "SECRET-BEARER"),
        ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET-KEY"),
        ("AWS_ENDPOINT_URL", "URL"),
    ];
    let server = in_child(
        "what_was_chosen_wins_over_the_environment",
        &environment,
        |_, exchange| answer(exchange, "hi"),
        async || {
            write_profiles(&home(), "[work]\naws_access_key_id=AKIAPROFILE\naws_secret_access_key=SECRET-KEY\n", "");
            let chosen = BedrockModel::new(config(keys()));
            assert_eq!(who(&chosen).await, ("eu-north-1".to_owned(), "the keys from the settings".to_owned()));
            assert_eq!(collect(chosen.stream(request(MODEL))).await.1, None);
            let profile = BedrockModel::new(config(BedrockAuth::Profile("work".to_owned())));
            assert_eq!(who(&profile).await, ("eu-north-1".to_owned(), "profile work".to_owned()));
            assert_eq!(collect(profile.stream(request(MODEL))).await.1, None);
        },
    );
    if let Some(server) = server {
        assert!(server.request().header("authorization").unwrap().contains("Credential=AKIACHOSEN/"));
        assert!(server.request().header("authorization").unwrap().contains("Credential=AKIAPROFILE/"));
    }
}

#[test]
fn a_profile_brings_its_region_and_endpoint() {
    let server = in_child(
        "a_profile_brings_its_region_and_endpoint",
        &[("TEST_URL", "URL")],
        |_, exchange| answer(exchange, "hi"),
        async || {
            let url = std::env::var_os("TEST_URL").unwrap().into_string().unwrap();
            let credentials = "[work]\naws_access_key_id=AKIAPROFILE\naws_secret_access_key=SECRET-KEY\n";
            write_profiles(&home(), credentials, &format!("[profile work]\nregion=ap-south-1\nendpoint_url={url}\n"));
            let model = BedrockModel::new(config(BedrockAuth::Profile("work".to_owned())));
            assert_eq!(who(&model).await, ("ap-south-1".to_owned(), "profile work".to_owned()));
            assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
        },
    );
    if let Some(server) = server {
        assert!(server.request().header("authorization").unwrap().contains("/ap-south-1/bedrock/"));
    }
}

/// Complaint 2.
#[test]
fn expired_credentials_are_fetched_again_without_a_word() {
    let script = |number: usize, exchange: &mut crate::server::Exchange| match number {
        1 => refuse(exchange, 403, "ExpiredTokenException", "The security token included in the request is expired"),
        _ => answer(exchange, "hi"),
    };
    let environment = [("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT_URL", "URL")];
    let server = in_child("expired_credentials_are_fetched_again_without_a_word", &environment, script, async || {
        // A program whose credentials the file's own do not betray: it prints others each time.
        let home = home();
        let count = home.join("count");
        let process = home.join("credentials.sh");
        let printed = r#"{"Version":1,"AccessKeyId":"AKIA'$n'","SecretAccessKey":"SECRET-KEY"}"#;
        let program = format!(
            "#!/bin/sh\nn=$(($(cat {count} 2>/dev/null || echo 0)+1)); echo $n > {count}; echo '{printed}'\n",
            count = count.display()
        );
        fs_err::write(&process, program).unwrap();
        write_profiles(&home, "", &format!("[default]\ncredential_process = sh {}\n", process.display()));
        let model = BedrockModel::new(config(BedrockAuth::Chain));
        for _ in 0..2 {
            assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
        }
    });
    if let Some(server) = server {
        for key in ["AKIA1", "AKIA1", "AKIA2"] {
            assert!(server.request().header("authorization").unwrap().contains(&format!("Credential={key}/")));
        }
        assert!(server.has_no_more_requests());
    }
}

#[test]
fn credentials_that_stay_expired_are_told_after_one_more_attempt() {
    let script = |_: usize, exchange: &mut crate::server::Exchange| {
        refuse(exchange, 403, "ExpiredTokenException", "The security token included in the request is expired");
    };
    let environment = [("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT_URL", "URL")];
    let server =
        in_child("credentials_that_stay_expired_are_told_after_one_more_attempt", &environment, script, async || {
            write_profiles(&home(), "[default]\naws_access_key_id=AKIAOLD\naws_secret_access_key=SECRET-KEY\n", "");
            let failure = fail(BedrockModel::new(config(BedrockAuth::Chain)).stream(request(MODEL))).await;
            assert_eq!((failure.code, failure.retryable), (Code::CredentialsRejected, true));
        });
    if let Some(server) = server {
        server.request();
        server.request();
        assert!(server.has_no_more_requests());
    }
}

#[test]
fn a_changed_aws_file_is_read_before_the_next_request() {
    let environment = [("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT_URL", "URL")];
    let server = in_child(
        "a_changed_aws_file_is_read_before_the_next_request",
        &environment,
        |_, exchange| answer(exchange, "hi"),
        async || {
            let model = BedrockModel::new(config(BedrockAuth::Chain));
            for key in ["AKIAOLD", "AKIANEWER"] {
                let keys = format!("[default]\naws_access_key_id={key}\naws_secret_access_key=SECRET-KEY\n");
                write_profiles(&home(), &keys, "");
                assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
            }
        },
    );
    if let Some(server) = server {
        assert!(server.request().header("authorization").unwrap().contains("Credential=AKIAOLD/"));
        assert!(server.request().header("authorization").unwrap().contains("Credential=AKIANEWER/"));
    }
}

#[test]
fn missing_credentials_say_what_was_looked_for() {
    let environment = [("AWS_REGION", "eu-north-1"), ("AWS_ENDPOINT_URL", "URL")];
    let server = in_child(
        "missing_credentials_say_what_was_looked_for",
        &environment,
        |_, exchange| answer(exchange, "hi"),
        async || {
            let model = BedrockModel::new(config(BedrockAuth::Chain));
            let failure = fail(model.stream(request(MODEL))).await;
            assert_eq!(failure.code, Code::CredentialsMissing);
            assert!(failure.message.contains("AWS_ACCESS_KEY_ID") && failure.message.contains("~/.aws"), "{failure:?}");
            assert_eq!(model.identity().await.unwrap_err(), failure);

            let failure =
                fail(BedrockModel::new(config(BedrockAuth::Profile("nobody".to_owned()))).stream(request(MODEL))).await;
            assert_eq!(failure.code, Code::CredentialsMissing);
            assert!(failure.message.contains("nobody"), "{failure:?}");

            // A sign-in that was never made, or whose session file is gone.
            write_profiles(
                &home(),
                "",
                "[profile single]\nsso_start_url=https://example.awsapps.com/start\nsso_region=eu-north-1\nsso_account_id=123456789012\nsso_role_name=x\n",
            );
            let failure =
                fail(BedrockModel::new(config(BedrockAuth::Profile("single".to_owned()))).stream(request(MODEL))).await;
            assert_eq!(failure.code, Code::SignInExpired, "{failure:?}");
            assert!(failure.hint.contains("aws sso login --profile single"), "{failure:?}");
        },
    );
    if let Some(server) = server {
        assert!(server.has_no_more_requests());
    }
}

#[test]
fn a_missing_region_is_told() {
    in_child(
        "a_missing_region_is_told",
        &[],
        |_, exchange| answer(exchange, "hi"),
        async || {
            let failure = fail(BedrockModel::new(config(keys())).stream(request(MODEL))).await;
            assert_eq!(failure.code, Code::InvalidInput);
            assert!(failure.message.contains("AWS_REGION"), "{failure:?}");
        },
    );
}

#[test]
fn an_endpoint_variable_that_is_set_to_nothing_means_nothing() {
    let test = "an_endpoint_variable_that_is_set_to_nothing_means_nothing";
    for (full, empty) in [
        ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"),
    ] {
        let environment = [("AWS_REGION", "eu-north-1"), (full, "URL"), (empty, "")];
        in_child(
            test,
            &environment,
            |_, exchange| answer(exchange, "hi"),
            async || {
                let model = BedrockModel::new(config(keys()));
                assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
            },
        );
    }
}

#[test]
fn an_api_key_variable_that_is_set_to_nothing_means_nothing() {
    let environment = [
        ("AWS_REGION", "eu-north-1"),
        ("AWS_BEARER_TOKEN_BEDROCK", ""),
        ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "SECRET-KEY"),
        ("AWS_ENDPOINT_URL", "URL"),
    ];
    let test = "an_api_key_variable_that_is_set_to_nothing_means_nothing";
    let server = in_child(
        test,
        &environment,
        |_, exchange| answer(exchange, "hi"),
        async || {
            let model = BedrockModel::new(config(BedrockAuth::Chain));
            assert_eq!(who(&model).await.1, "keys from the environment");
            assert_eq!(collect(model.stream(request(MODEL))).await.1, None);
        },
    );
    if let Some(server) = server {
        assert!(server.request().header("authorization").unwrap().contains("Credential=AKIAENVIRONMENT/"));
    }
}

#[test]
fn the_environment_may_say_who_lists_the_models() {
    let environment = [
        ("AWS_REGION", "eu-north-1"),
        ("AWS_BEARER_TOKEN_BEDROCK", "SECRET-BEARER"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_BEDROCK", "URL/"),
    ];
    let lists = |_: usize, exchange: &mut crate::server::Exchange| {
        exchange.respond(200, &[], r#"{"modelSummaries":[],"inferenceProfileSummaries":[]}"#);
    };
    let server = in_child("the_environment_may_say_who_lists_the_models", &environment, lists, async || {
        BedrockModel::new(config(BedrockAuth::Chain)).catalogue().await.unwrap();
    });
    if let Some(server) = server {
        let sent = server.request();
        assert_eq!(sent.target, "GET /foundation-models?byOutputModality=TEXT");
        assert_eq!(sent.header("authorization"), Some("Bearer SECRET-BEARER"));
    }
}
