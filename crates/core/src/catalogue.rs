//! Which models there are, whose credentials ask for them, and whether they can be reached.

use crate::error::Failure;
use crate::model::{Lessons, ModelRef, Provider, Reach};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One way in which a Bedrock model can be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Route {
    /// How widely the request may travel.
    pub reach: Reach,
    /// What has to be called: the model's own id, or an inference profile's.
    pub id: String,
    /// Where data may go, for the eye: `eu-west-1`, `eu`, `global`.
    pub area: String,
    /// The regions that may answer, as far as AWS lists them.
    pub regions: Vec<String>,
}

/// One model, however many ways there are to call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ModelEntry {
    /// What is called when the person chooses the entry: the widest route that their settings allow.
    pub model: ModelRef,
    /// For the eye: `Claude Sonnet 4.5`.
    pub name: String,
    /// Who made it, as the provider says; empty where it does not.
    pub vendor: String,
    /// Every way to call it, the narrowest first; empty for other providers than Bedrock.
    pub routes: Vec<Route>,
    /// The provider is going to switch it off.
    pub legacy: bool,
    /// Whether it can answer piece by piece; none where the provider does not say.
    pub streams: Option<bool>,
    /// Whether it takes images; none where the provider does not say.
    pub images: Option<bool>,
    /// The largest prompt and answer together, in tokens; none where the provider does not say.
    pub context_tokens: Option<u32>,
    /// Typed by hand and not in any list.
    pub typed: bool,
    /// What its answers have taught.
    pub lessons: Lessons,
}

/// A provider, or a server, whose list could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ListProblem {
    /// Which provider.
    pub provider: Provider,
    /// Which of the OpenAI-compatible servers.
    pub server: Option<String>,
    /// Why.
    pub failure: Failure,
}

/// Every model that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Catalogue {
    /// By provider and name, the embedded one first.
    pub entries: Vec<ModelEntry>,
    /// What is missing, and why.
    pub problems: Vec<ListProblem>,
}

/// An OpenAI-compatible server that answers on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FoundServer {
    /// A name that could be given to it: `ollama`.
    pub name: String,
    /// Its address.
    pub base_url: String,
    /// The models that it offers, sorted.
    pub models: Vec<String>,
}

/// A server that speaks the OpenAI protocol and that many people use: what is known of it before it was ever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Preset {
    /// A name that could be given to it: `lm-studio`.
    pub name: &'static str,
    /// For the eye: `LM Studio`.
    pub title: &'static str,
    /// Where it usually is.
    pub base_url: &'static str,
    /// Whether it answers only with a key.
    pub needs_key: bool,
    /// The page where such a key is made.
    pub key_url: Option<&'static str>,
}

/// Where a profile of the AWS files takes its credentials from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ProfileKind {
    /// Single sign-on.
    SignIn,
    /// A role, by way of another profile or source.
    Role,
    /// A program that prints them.
    Process,
    /// Keys in the file.
    Keys,
    /// Something else.
    Other,
}

/// A profile of the AWS files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AwsProfile {
    /// As the files call it.
    pub name: String,
    /// Where its credentials come from.
    pub kind: ProfileKind,
    /// The region that it names.
    pub region: Option<String>,
    /// Whether it, or a profile that it rests on, signs in through a browser.
    pub signs_in: bool,
}

/// Whose credentials Bedrock is asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AwsIdentity {
    /// For the eye: `profile work`, `the API key in AWS_BEARER_TOKEN_BEDROCK`.
    pub source: String,
    /// The region that is asked.
    pub region: String,
    /// The last four signs of the access key's id or of nothing: enough to tell two apart.
    pub key_ends_with: Option<String>,
    /// Until when the credentials are good; none for keys that do not expire.
    pub expires_at: Option<Timestamp>,
    /// What else is set on this machine and is deliberately not used: `AWS_BEARER_TOKEN_BEDROCK`.
    pub ignored: Vec<String>,
}

/// A sign-in that waits for the person in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SignIn {
    /// Where to go.
    pub url: String,
    /// What the page there should show, so that the person can compare.
    pub code: String,
    /// How long it waits, in seconds.
    pub expires_in: u32,
}

/// A step of the connection test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum TestStep {
    /// Whose credentials these are.
    Identity,
    /// The lists of models.
    List,
    /// One short answer, which costs a few tokens.
    Invoke,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TestEvent {
    /// It has begun.
    Started {
        /// Which.
        step: TestStep,
    },
    /// It went well.
    Passed {
        /// Which.
        step: TestStep,
        /// What was found.
        detail: String,
    },
    /// It failed.
    Failed {
        /// Which.
        step: TestStep,
        /// Why.
        failure: Failure,
        /// The IAM action that is missing, if that is the reason.
        action: Option<String>,
    },
}
