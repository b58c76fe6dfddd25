//! The connection test, step by step.

use crate::aws_proxy::{Asked, in_child};
use crate::aws_stand_in::{FILES, MODEL, aws, denied, model};
use futures_util::StreamExt as _;
use twin_connect::bedrock::{BedrockConfig, BedrockModel};
use twin_core::catalogue::{TestEvent, TestStep};
use twin_core::error::Code;

async fn trial(model: &BedrockModel, model_id: Option<&str>) -> Vec<TestEvent> {
    model.trial(model_id).collect().await
}

fn passed(step: TestStep, detail: &str) -> TestEvent {
    TestEvent::Passed { step, detail: detail.to_owned() }
}

#[test]
fn the_connection_test_goes_step_by_step() {
    let test = "aws_trial::the_connection_test_goes_step_by_step";
    in_child(test, &FILES, &[], aws, async |network| {
        let expected = [
            TestEvent::Started { step: TestStep::Identity },
            passed(TestStep::Identity, "profile role in eu-north-1: arn:aws:sts::123456789012:assumed-role/Twin/x"),
            TestEvent::Started { step: TestStep::List },
            passed(TestStep::List, "1 model"),
            TestEvent::Started { step: TestStep::Invoke },
            passed(TestStep::Invoke, "anthropic.claude-x answered, for 9 tokens"),
        ];
        let model = model("role", network);
        assert_eq!(trial(&model, Some(MODEL)).await, expected);
        assert_eq!(trial(&model, None).await, expected[..4]);
    });
}

#[test]
fn the_connection_test_names_the_missing_permission() {
    let test = "aws_trial::the_connection_test_names_the_missing_permission";
    let script = |asked: &Asked| match (asked.host.as_str(), asked.target.as_str()) {
        ("sts.eu-north-1.amazonaws.com", _) => (503, Vec::new()),
        ("bedrock.eu-north-1.amazonaws.com", target) if target.contains("inference-profiles") => {
            denied("bedrock:ListInferenceProfiles")
        }
        ("bedrock-runtime.eu-north-1.amazonaws.com", _) => denied("bedrock:InvokeModelWithResponseStream"),
        _ => aws(asked),
    };
    in_child(test, &FILES, &[], script, async |network| {
        let events = trial(&model("process", network), Some(MODEL)).await;
        let TestEvent::Passed { detail, .. } = &events[1] else { panic!("{events:?}") };
        assert!(detail.contains("STS"), "an STS that says nothing is told and no failure: {detail}");
        let missing = |index: usize| match &events[index] {
            TestEvent::Failed { step, action, failure } => {
                assert_eq!(failure.code, Code::AccessDenied);
                (*step, action.clone().unwrap())
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(3), (TestStep::List, "bedrock:ListInferenceProfiles".to_owned()));
        assert_eq!(missing(5), (TestStep::Invoke, "bedrock:InvokeModelWithResponseStream".to_owned()));
    });
}

#[test]
fn the_connection_test_ends_where_the_credentials_are_none() {
    let test = "aws_trial::the_connection_test_ends_where_the_credentials_are_none";
    let script = |asked: &Asked| match asked.host.as_str() {
        "sts.eu-north-1.amazonaws.com" => {
            let xml = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token included in \
                the request is invalid.</Message></Error></ErrorResponse>";
            (403, xml.as_bytes().to_vec())
        }
        _ => aws(asked),
    };
    in_child(test, &FILES, &[], script, async |network| {
        let events = trial(&model("process", network), Some(MODEL)).await;
        assert_eq!(events.len(), 2);
        let TestEvent::Failed { step: TestStep::Identity, failure, action: None } = &events[1] else {
            panic!("{events:?}")
        };
        assert_eq!(failure.code, Code::CredentialsRejected);
    });
}

#[test]
fn an_api_key_needs_no_sts() {
    let test = "aws_trial::an_api_key_needs_no_sts";
    let script = |asked: &Asked| {
        assert_eq!(asked.header("authorization"), "Bearer SECRET-KEY");
        aws(asked)
    };
    let environment = [("AWS_REGION", "eu-north-1"), ("AWS_BEARER_TOKEN_BEDROCK", "SECRET-KEY")];
    let proxy = in_child(test, &FILES, &environment, script, async |network| {
        let events =
            trial(&BedrockModel::new(BedrockConfig { network, ..BedrockConfig::default() }), Some(MODEL)).await;
        assert_eq!(events[1], passed(TestStep::Identity, "the API key in AWS_BEARER_TOKEN_BEDROCK in eu-north-1"));
        assert!(matches!(events[5], TestEvent::Passed { .. }), "{events:?}");
    });
    if let Some(proxy) = proxy {
        assert!(proxy.asked().iter().all(|asked| !asked.host.starts_with("sts.")));
    }
}
