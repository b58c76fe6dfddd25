//! The connection test: one step after the other, so that the one that fails is known; and the IAM policy that the steps
//! need.

use super::call::{Broken, Call, element};
use super::catalogue::{Control, GET_PROFILE, LIST_MODELS, LIST_PROFILES, Lists};
use super::failure;
use super::identity::{CONTROL, Identity, STS, Seal};
use super::{BedrockConfig, BedrockModel};
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
use twin_core::catalogue::{TestEvent, TestStep};
use twin_core::chat::Role;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, Effort, Lessons, ModelEvent, ModelRequest, Turn};
use twin_core::port::ChatModel as _;

/// Enough for a word. Less is refused by some models.
const ANSWER_TOKENS: u32 = 32;

impl BedrockModel {
    /// Tries, in this order: whose credentials these are, the lists of models, and with a model one short answer, which
    /// costs a few tokens. Ends after the first step that makes the next pointless.
    pub fn trial(&self, model_id: Option<&str>) -> impl Stream<Item = TestEvent> + Send + use<> {
        let (model, model_id) = (self.clone(), model_id.map(str::to_owned));
        async_stream::stream! {
            let config = &model.0.config;
            yield TestEvent::Started { step: TestStep::Identity };
            let (identity, seal) = match who(config).await {
                Ok((identity, seal, detail)) => {
                    yield TestEvent::Passed { step: TestStep::Identity, detail };
                    (identity, seal)
                }
                Err(failure) => {
                    yield failed(TestStep::Identity, failure);
                    return;
                }
            };
            yield TestEvent::Started { step: TestStep::List };
            yield match list(&identity, seal, config).await {
                Ok(detail) => TestEvent::Passed { step: TestStep::List, detail },
                Err(failure) => failed(TestStep::List, failure),
            };
            // An identity may be allowed to ask one model and not to list any.
            if let Some(model_id) = model_id {
                yield TestEvent::Started { step: TestStep::Invoke };
                yield match invoke(&model, model_id).await {
                    Ok(detail) => TestEvent::Passed { step: TestStep::Invoke, detail },
                    Err(failure) => failed(TestStep::Invoke, failure),
                };
            }
        }
    }
}

fn failed(step: TestStep, failure: Failure) -> TestEvent {
    let action = action(&failure);
    TestEvent::Failed { step, failure, action }
}

/// The IAM action that the failure names.
fn action(failure: &Failure) -> Option<String> {
    let words = format!("{} {}", failure.hint, failure.message);
    let is_action =
        |word: &&str| ["bedrock:", "sts:", "aws-marketplace:"].iter().any(|service| word.starts_with(service));
    let word = words.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | '`' | '(' | ')')).find(is_action)?;
    (failure.code == Code::AccessDenied).then(|| word.to_owned())
}

async fn who(config: &BedrockConfig) -> Result<(Identity, Seal, String), Failure> {
    let identity = Identity::load(config).await?;
    let seal = identity.seal().await?;
    let known = identity.describe(&seal, &config.credentials);
    let mut detail = format!("{} in {}", known.source, known.region);
    // An API key is of no use there.
    if let Seal::Keys(_) = seal {
        let url = format!("{}/", identity.endpoint(STS, config).await?);
        let headers = &[("content-type", "application/x-www-form-urlencoded")];
        let body = "Action=GetCallerIdentity&Version=2011-06-15".to_owned();
        let call = Call { method: "POST", url, headers, body };
        match call.send_signed(identity.http(), (&seal, "sts", identity.region(), identity.now())).await {
            Ok(answer) => match element(&answer, "Arn") {
                Some(arn) => detail = format!("{detail}: {arn}"),
                None => detail.push_str("; STS, which tells whose they are, answered something else"),
            },
            // A network that lets only Bedrock through is not a fault of the credentials.
            Err(Broken::Unreached(_)) => detail.push_str("; STS, which tells whose they are, cannot be reached"),
            Err(Broken::Refused(refused)) => {
                let failure =
                    failure::of_listing(&refused, "sts:GetCallerIdentity", identity.profile(), &identity.place(config));
                match failure.code {
                    Code::CredentialsMissing | Code::CredentialsRejected | Code::SignInExpired => return Err(failure),
                    _ => detail.push_str("; STS, which tells whose they are, does not say"),
                }
            }
        }
    }
    Ok((identity, seal, detail))
}

async fn list(identity: &Identity, seal: Seal, config: &BedrockConfig) -> Result<String, Failure> {
    let control = Control::sealed(identity, seal, identity.endpoint(CONTROL, config).await?);
    let lists = Lists::ask(&control).await?;
    let count = lists.entries(identity.region(), config.reach).len();
    // Without them, most new models cannot be called.
    let found = if count == 1 { "1 model".to_owned() } else { format!("{count} models") };
    lists.denied.map_or(Ok(found), Err)
}

async fn invoke(model: &BedrockModel, model_id: String) -> Result<String, Failure> {
    let mut stream = model.stream(ModelRequest {
        model_id: model_id.clone(),
        system: Vec::new(),
        turns: vec![Turn { role: Role::User, content: vec![Block::Text("Say: yes".to_owned())] }],
        tools: Vec::new(),
        max_output_tokens: ANSWER_TOKENS,
        effort: Effort::default(),
        lessons: Lessons::default(),
        passages: Vec::new(),
    });
    let (mut called, mut tokens) = (model_id, 0);
    while let Some(event) = stream.next().await {
        match event? {
            ModelEvent::Learned(Lessons { called: Some(id), .. }) => called = id,
            ModelEvent::Usage(usage) => tokens = usage.input.saturating_add(usage.output),
            _ => {}
        }
    }
    Ok(format!("{called} answered, for {tokens} tokens"))
}

/// The least that an identity must be allowed for these models, as an IAM policy to copy. For every model where none is
/// named; `with_api_key` for identities that ask with a Bedrock API key.
///
/// Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html>.
pub fn policy(region: &str, model_ids: &[&str], with_api_key: bool) -> String {
    let partition = match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    // A profile asks the model in each of its regions, and a global one without naming any.
    let model = |id: &str| format!("arn:{partition}:bedrock:*::foundation-model/{id}");
    let profile = |id: &str| format!("arn:{partition}:bedrock:{region}:*:inference-profile/{id}");
    let mut resources = Vec::new();
    for id in model_ids {
        if id.starts_with("arn:") {
            // It does not tell its model.
            resources.extend([(*id).to_owned(), model("*")]);
            continue;
        }
        resources.extend([model(id), profile(id)]);
        // Behind the prefix of a geography.
        resources.extend(id.split_once('.').filter(|(_, rest)| rest.contains('.')).map(|(_, rest)| model(rest)));
    }
    if model_ids.is_empty() {
        let application = format!("arn:{partition}:bedrock:{region}:*:application-inference-profile/*");
        resources.extend([model("*"), profile("*"), application]);
    }
    resources.sort_unstable();
    resources.dedup();
    let mut anywhere = vec![LIST_MODELS, LIST_PROFILES, GET_PROFILE];
    if with_api_key {
        anywhere.push("bedrock:CallWithBearerToken");
    }
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
                "Resource": resources,
            },
            { "Effect": "Allow", "Action": anywhere, "Resource": "*" },
        ],
    });
    format!("{policy:#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_policy_allows_the_model_behind_a_profile_in_every_region() {
        let text = policy("eu-west-1", &["eu.anthropic.claude-x"], false);
        let policy: Value = serde_json::from_str(&text).unwrap();
        let resources = policy["Statement"][0]["Resource"].to_string();
        assert!(resources.contains("\"arn:aws:bedrock:*::foundation-model/anthropic.claude-x\""), "{resources}");
        assert!(resources.contains("\"arn:aws:bedrock:eu-west-1:*:inference-profile/eu.anthropic.claude-x\""));
        assert!(!resources.contains("/*") && !text.contains("CallWithBearerToken"), "{text}");
    }

    #[test]
    fn the_policy_for_an_api_key_allows_to_call_with_it() {
        assert!(policy("us-gov-west-1", &[], true).contains("bedrock:CallWithBearerToken"));
        assert!(
            policy("us-gov-west-1", &[], true).contains("arn:aws-us-gov:bedrock:us-gov-west-1:*:inference-profile/*")
        );
    }

    #[test]
    fn only_a_refusal_names_an_action() {
        let denied = |code| Failure::permanent(code, "no", "Ask for the IAM permission bedrock:InvokeModel on it.");
        assert_eq!(action(&denied(Code::AccessDenied)).as_deref(), Some("bedrock:InvokeModel"));
        assert_eq!(action(&denied(Code::Throttled)), None);
    }
}
