//! Why a conversation with Bedrock failed, where Bedrock itself did not say so: connections, credentials, streams that
//! break off. What Bedrock refuses is told by [`super::refusal`].

use super::call::Refused;
use super::identity::origin;
use super::refusal::{Refusal, Subject, reference, sign_in_expired};
use crate::cause::{Cause, chain};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::operation::converse::ConverseError;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamError;
use aws_sdk_bedrockruntime::operation::invoke_model::InvokeModelError;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError as StreamError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::event_stream::RawMessage;
use std::error::Error;
use std::time::Duration;
use twin_core::error::{Code, Failure};
use twin_core::model::Reach;

/// Why an answer did not come, or not to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Bedrock said no: something may be learned from how.
    Refused(Refusal),
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// An operation's error that may tell what the model itself answered.
pub(super) trait ModelStatus: ProvideErrorMetadata + Error + 'static {
    fn model_status(&self) -> Option<i32>;
}

impl ModelStatus for ConverseStreamError {
    fn model_status(&self) -> Option<i32> {
        match self {
            Self::ModelErrorException(error) => error.original_status_code(),
            _ => None,
        }
    }
}

impl ModelStatus for ConverseError {
    fn model_status(&self) -> Option<i32> {
        match self {
            Self::ModelErrorException(error) => error.original_status_code(),
            _ => None,
        }
    }
}

impl ModelStatus for InvokeModelError {
    fn model_status(&self) -> Option<i32> {
        match self {
            Self::ModelErrorException(error) => error.original_status_code(),
            _ => None,
        }
    }
}

pub(super) fn before_answer<E: ModelStatus>(
    error: &SdkError<E, HttpResponse>,
    place: &str,
    profile: Option<&str>,
) -> Trouble {
    let refused = error.as_service_error();
    match error.raw_response() {
        // Without an error of Bedrock's it is a proxy's page, or another server at that address.
        Some(response) => Trouble::Refused(Refusal {
            code: refused.and_then(ProvideErrorMetadata::code).unwrap_or_default().to_owned(),
            status: response.status().as_u16(),
            text: refused.and_then(ProvideErrorMetadata::message).unwrap_or_default().to_owned(),
            request_id: error.request_id().map(str::to_owned),
            retry_after: response.headers().get("retry-after").and_then(|seconds| seconds.trim().parse().ok()),
            model_status: refused.and_then(ModelStatus::model_status),
        }),
        None => Trouble::Failed(of_connection(error, place, profile)),
    }
}

pub(super) fn in_stream(error: &SdkError<StreamError, RawMessage>, place: &str, request_id: Option<&str>) -> Trouble {
    let Some(refused) = error.as_service_error() else { return Trouble::Failed(interrupted(place, request_id)) };
    // The SDK leaves `code()` empty for these.
    let code = match refused {
        StreamError::InternalServerException(_) => "InternalServerException",
        StreamError::ModelStreamErrorException(_) => "ModelStreamErrorException",
        StreamError::ValidationException(_) => "ValidationException",
        StreamError::ThrottlingException(_) => "ThrottlingException",
        StreamError::ServiceUnavailableException(_) => "ServiceUnavailableException",
        other => other.code().unwrap_or("InternalServerException"),
    };
    let (original, model_status) = match refused {
        StreamError::ModelStreamErrorException(error) => (error.original_message(), error.original_status_code()),
        _ => (None, None),
    };
    Trouble::Refused(Refusal {
        code: code.to_owned(),
        text: refused.message().or(original).unwrap_or_default().to_owned(),
        request_id: request_id.map(str::to_owned),
        model_status,
        ..Refusal::default()
    })
}

pub(super) fn interrupted(place: &str, request_id: Option<&str>) -> Failure {
    Failure::passing(
        Code::StreamInterrupted,
        format!("the answer from {place} broke off{}", reference(request_id)),
        "Try again; what had arrived is kept.",
    )
}

pub(super) fn silent(place: &str, request_id: Option<&str>, limit: Duration) -> Failure {
    Failure::passing(
        Code::TimedOut,
        format!("{place} sent nothing for {} s{}", limit.as_secs(), reference(request_id)),
        "Check the internet connection, then try again.",
    )
}

pub(super) fn no_region() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "no AWS region is set, neither in the settings nor in AWS_REGION nor in the AWS profile",
        "Choose the region where the model is, for example us-east-1, in the settings.",
    )
}

pub(super) fn bad_region() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the AWS region is none",
        "Choose the region where the model is, for example us-east-1, in the settings.",
    )
}

pub(super) fn endpoint_in_the_open() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the credentials and the conversation would travel unencrypted to the endpoint",
        "Use an address that begins with https://.",
    )
}

pub(super) fn bad_endpoint() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the endpoint in the settings is no address",
        "Write it as https://bedrock-runtime.eu-west-1.amazonaws.com, or leave it empty for AWS's own.",
    )
}

fn of_connection<E: ModelStatus>(error: &SdkError<E, HttpResponse>, place: &str, profile: Option<&str>) -> Failure {
    if let Some(error) = chain(error).find_map(|error| error.downcast_ref::<CredentialsError>()) {
        return of_credentials(error, profile);
    }
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Failure::permanent(
            Code::InvalidInput,
            "the request to Bedrock could not be made from these settings",
            "Check the region, the endpoint address and the model id in the settings.",
        );
    }
    let is_timeout = match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_timeout(),
        _ => false,
    };
    match Cause::of(error) {
        Cause::Other if is_timeout => Cause::TimedOut,
        cause => cause,
    }
    .to_failure(place)
}

/// The chain's own texts are not repeated: a credential process may print anything.
pub(crate) fn of_credentials(error: &CredentialsError, profile: Option<&str>) -> Failure {
    let words: String = chain(error).map(|error| error.to_string().to_lowercase() + "\n").collect();
    match Cause::of(error) {
        Cause::Other => {}
        cause => return cause.to_failure("the AWS service that gives credentials"),
    }
    match (error, profile) {
        (CredentialsError::ProviderTimedOut(_), _) => Failure::passing(
            Code::TimedOut,
            "AWS credentials did not arrive in time",
            "Check the internet connection, then try again.",
        ),
        // The file of the session is named `…/sso/cache/…`, so its absence says it as well.
        (CredentialsError::ProviderError(_), _) if words.contains("sso") || words.contains("unauthorizedexception") => {
            sign_in_expired(profile)
        }
        // Of the portal of the single sign-on, and of STS.
        (CredentialsError::ProviderError(_), _)
            if words.contains("forbiddenexception") || words.contains("accessdenied") =>
        {
            let whose = profile.map_or("the AWS profile".to_owned(), |name| format!("the AWS profile {name}"));
            Failure::permanent(
                Code::AccessDenied,
                format!("AWS does not let this identity take the role of {whose}"),
                "Ask for the IAM permission sts:AssumeRole on that role, or for the role in the single sign-on.",
            )
        }
        (CredentialsError::ProviderError(_), _)
            if words.contains("invalidclienttokenid") || words.contains("signaturedoesnotmatch") =>
        {
            Failure::permanent(
                Code::CredentialsRejected,
                "AWS does not accept the keys that lead to the role",
                "Correct the keys of the source profile in ~/.aws/credentials.",
            )
        }
        (CredentialsError::ProviderError(_), _) if words.contains("expiredtoken") => Failure::passing(
            Code::CredentialsRejected,
            "the AWS keys that lead to the role have expired",
            "Sign in to AWS again or enter new keys, then try again; no restart is needed.",
        ),
        (_, Some(name)) => Failure::permanent(
            Code::CredentialsMissing,
            format!("the AWS profile {name} gives no credentials (looked in ~/.aws/config and ~/.aws/credentials)"),
            format!("Check the profile's name, or set it up with `aws configure --profile {name}`."),
        ),
        (CredentialsError::CredentialsNotLoaded(_), None) => Failure::permanent(
            Code::CredentialsMissing,
            "no AWS credentials were found (looked for AWS_BEARER_TOKEN_BEDROCK and AWS_ACCESS_KEY_ID in the environment, the default profile in ~/.aws, and the role of this machine)",
            "Enter an access key or choose a profile in the settings, or run `aws configure`.",
        ),
        (CredentialsError::InvalidConfiguration(_), None) => Failure::permanent(
            Code::CredentialsMissing,
            "the AWS profile is set up wrongly",
            "Correct ~/.aws/config and ~/.aws/credentials, or choose another profile in the settings.",
        ),
        (_, None) => Failure::passing(
            Code::CredentialsRejected,
            "the source of the AWS credentials failed",
            "Sign in to AWS again, then try again.",
        ),
    }
}

/// A refusal of the control plane, to whom `action` is what was asked for.
pub(super) fn of_listing(refused: &Refused, action: &str, profile: Option<&str>, endpoint: &str) -> Failure {
    let Refused { status, code, text, request_id } = refused;
    let refusal = Refusal {
        code: code.clone(),
        status: *status,
        text: text.clone(),
        request_id: request_id.clone(),
        ..Refusal::default()
    };
    let failure = refusal.to_failure(&Subject {
        place: endpoint,
        profile,
        signs_in: false,
        model: None,
        action,
        reach: Reach::default(),
        attachments: false,
        sent: &[],
    });
    match failure.code {
        Code::RequestRefused | Code::ModelNotFound | Code::ContextTooLong => not_the_control_plane(endpoint),
        _ => failure,
    }
}

/// An answer that is not the control plane's: a proxy's page, or another server at that address.
pub(super) fn not_the_control_plane(endpoint: &str) -> Failure {
    Failure::permanent(
        Code::RequestRefused,
        format!("{} does not list models as Bedrock does", origin(endpoint).unwrap_or_default()),
        "Check the address that lists the models in the settings: it must be bedrock's, not bedrock-runtime's.",
    )
}
