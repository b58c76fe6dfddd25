//! What every refusal and break of Bedrock means to the person. Amazon's codes are few and its texts carry the meaning,
//! so both are read: the code first, then the text. No text is passed on unread (see [`crate::quote`]).

use crate::cause::{Cause, chain};
use crate::quote::{content, quotable};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamError;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError as StreamError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::event_stream::RawMessage;
use std::time::Duration;
use twin_core::error::{Code, Failure};
use twin_core::model::ModelRequest;

/// What was asked, of whom: what the words of a failure need.
pub(super) struct Asked {
    pub(super) request: ModelRequest,
    pub(super) profile: Option<String>,
    pub(super) place: String,
    pub(super) request_id: Option<String>,
}

/// The service's refusal.
struct Refusal<'a> {
    code: &'a str,
    /// 0 inside a stream, which has no status of its own.
    status: u16,
    text: &'a str,
    request_id: Option<&'a str>,
}

pub(super) fn before_stream(error: &SdkError<ConverseStreamError, HttpResponse>, asked: &Asked) -> Failure {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    match error.as_service_error() {
        Some(refused) => Refusal {
            code: refused.code().unwrap_or(""),
            status,
            text: refused.message().unwrap_or(""),
            request_id: error.request_id(),
        }
        .to_failure(asked),
        // An answer that is not Bedrock's: a proxy's page, or another server at that address.
        None if status != 0 => Refusal { code: "", status, text: "", request_id: None }.to_failure(asked),
        None => of_connection(error, asked),
    }
}

pub(super) fn in_stream(error: &SdkError<StreamError, RawMessage>, asked: &Asked) -> Failure {
    let Some(refused) = error.as_service_error() else { return interrupted(asked) };
    // The SDK leaves `code()` empty for these.
    let code = match refused {
        StreamError::InternalServerException(_) => "InternalServerException",
        StreamError::ModelStreamErrorException(_) => "ModelStreamErrorException",
        StreamError::ValidationException(_) => "ValidationException",
        StreamError::ThrottlingException(_) => "ThrottlingException",
        StreamError::ServiceUnavailableException(_) => "ServiceUnavailableException",
        other => other.code().unwrap_or("InternalServerException"),
    };
    let original = match refused {
        StreamError::ModelStreamErrorException(error) => error.original_message(),
        _ => None,
    };
    let text = refused.message().or(original).unwrap_or("");
    Refusal { code, status: 0, text, request_id: asked.request_id.as_deref() }.to_failure(asked)
}

pub(super) fn interrupted(asked: &Asked) -> Failure {
    Failure::passing(
        Code::StreamInterrupted,
        format!("the answer from {} broke off{}", asked.place, request(asked.request_id.as_deref())),
        "Try again; what had arrived is kept.",
    )
}

pub(super) fn silent(asked: &Asked, limit: Duration) -> Failure {
    Failure::passing(
        Code::TimedOut,
        format!("{} sent nothing for {} s{}", asked.place, limit.as_secs(), request(asked.request_id.as_deref())),
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

fn of_connection(error: &SdkError<ConverseStreamError, HttpResponse>, asked: &Asked) -> Failure {
    if let Some(error) = chain(error).find_map(|error| error.downcast_ref::<CredentialsError>()) {
        return of_credentials(error, asked.profile.as_deref());
    }
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Failure::permanent(
            Code::InvalidInput,
            "the request to Bedrock could not be made from these settings",
            "Check the region, the endpoint address and the model id in the settings.",
        );
    }
    match Cause::of(error) {
        Cause::Other if matches!(error, SdkError::TimeoutError(_)) || is_timeout(error) => Cause::TimedOut,
        cause => cause,
    }
    .to_failure(&asked.place)
}

fn is_timeout(error: &SdkError<ConverseStreamError, HttpResponse>) -> bool {
    matches!(error, SdkError::DispatchFailure(failure) if failure.is_timeout())
}

/// The chain's own texts are not repeated: a credential process may print anything.
pub(super) fn of_credentials(error: &CredentialsError, profile: Option<&str>) -> Failure {
    let words: String = chain(error).map(|error| error.to_string().to_lowercase() + "\n").collect();
    let sign_in = format!(
        "Run `aws sso login{}`, then try again.",
        profile.map_or(String::new(), |name| format!(" --profile {name}"))
    );
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
        (CredentialsError::ProviderError(_), _) if words.contains("sso") => {
            Failure::passing(Code::CredentialsRejected, "the AWS single sign-on session has expired", sign_in)
        }
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

fn request(id: Option<&str>) -> String {
    id.map_or(String::new(), |id| format!(" (request {id})"))
}

impl Refusal<'_> {
    fn to_failure(&self, asked: &Asked) -> Failure {
        tracing::debug!(code = self.code, status = self.status, request_id = self.request_id, "bedrock refused");
        let text = self.text.to_lowercase();
        let mut failure = self.classify(&text, asked);
        failure.message.push_str(&request(self.request_id));
        failure
    }

    fn classify(&self, text: &str, asked: &Asked) -> Failure {
        match self.code {
            "ThrottlingException" | "Throttling" | "TooManyRequestsException" => throttled(text),
            "ServiceQuotaExceededException" => Failure::permanent(
                Code::QuotaExceeded,
                "a quota of the AWS account for Bedrock is used up",
                "Ask for more in the AWS console under Service Quotas, or choose another model.",
            ),
            "ModelNotReadyException" => Failure::passing(
                Code::ProviderFailed,
                "the model is still being loaded by Bedrock",
                "Wait a minute, then try again.",
            ),
            "ModelTimeoutException" => too_slow(),
            "ModelErrorException" | "ModelStreamErrorException" => {
                Failure::passing(Code::ProviderFailed, "the model failed while it answered", "Try again.")
            }
            "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => expired(asked),
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException" => rejected(text, asked),
            "AccessDeniedException" => access_denied(text, asked),
            "ResourceNotFoundException" => not_found(text, asked),
            "ValidationException" => self.validation(text, asked),
            _ => self.by_status(text, asked),
        }
    }

    fn by_status(&self, text: &str, asked: &Asked) -> Failure {
        match self.status {
            401 => rejected(text, asked),
            403 => access_denied(text, asked),
            404 => Failure::permanent(
                Code::RequestRefused,
                format!("{} does not speak Bedrock's protocol at this address", asked.place),
                "Check the endpoint address in the settings: it must be bedrock-runtime's.",
            ),
            408 | 504 => too_slow(),
            429 => throttled(text),
            400..=499 => self.refused(asked),
            _ => Failure::passing(
                Code::ProviderFailed,
                "Bedrock failed on its side",
                "Try again in a moment, or choose another model or region.",
            ),
        }
    }

    fn validation(&self, text: &str, asked: &Asked) -> Failure {
        let model = &asked.request.model_id;
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        // The text has a curly apostrophe in "isn’t", so neither half of it is matched across that.
        if has(&["on-demand throughput"]) && has(&["inference profile"]) {
            Failure::permanent(
                Code::ModelNotFound,
                format!("{model} can be called only through an inference profile"),
                "Use the id of an inference profile that contains this model, from the Bedrock console under Cross-region inference (it is the model's id behind us., eu., apac. or global.).",
            )
        } else if has(&["model identifier is invalid", "provided model doesn't exist", "model is not supported"]) {
            unknown_model(model)
        } else if has(&["use case details"]) {
            use_case_form()
        } else if has(&["maximum tokens you requested exceeds"]) {
            Failure::permanent(
                Code::RequestRefused,
                format!("the limit set for answers is more than {model} can write"),
                "Lower the limit of the answer in the settings.",
            )
        } else if has(&[
            "too long",
            "exceed context limit",
            "exceeds the maximum",
            "too many input tokens",
            "context window",
            "context length",
        ]) {
            Failure::permanent(
                Code::ContextTooLong,
                format!("the conversation does not fit into {model}"),
                "Begin a new session, or choose a model with a larger context.",
            )
        } else {
            self.refused(asked)
        }
    }

    fn refused(&self, asked: &Asked) -> Failure {
        let what = if self.code.is_empty() { format!("HTTP {}", self.status) } else { self.code.to_owned() };
        let why = quotable(self.text, &content(&asked.request)).map_or(what.clone(), |text| format!("{what}: {text}"));
        Failure::permanent(
            Code::RequestRefused,
            format!("Bedrock refused the request to {} with {why}", asked.request.model_id),
            "Choose another model, or change what its answer names.",
        )
    }
}

fn throttled(text: &str) -> Failure {
    if text.contains("per day") {
        return Failure::permanent(
            Code::QuotaExceeded,
            "today's tokens of the AWS account for this model are used up",
            "Choose another model, or ask for more in the AWS console under Service Quotas.",
        );
    }
    Failure::passing(
        Code::Throttled,
        "Bedrock takes no more requests for this model at the moment",
        "Wait a minute, then try again; a new AWS account may have to ask for a quota first.",
    )
}

fn too_slow() -> Failure {
    Failure::passing(
        Code::TimedOut,
        "the model took too long for this conversation",
        "Try again, or begin a new session so that there is less to read.",
    )
}

fn expired(asked: &Asked) -> Failure {
    let hint = match &asked.profile {
        Some(name) => format!(
            "Sign in again (`aws sso login --profile {name}` for single sign-on), then try again; no restart is needed."
        ),
        None => "Sign in to AWS again or enter new keys, then try again; no restart is needed.".to_owned(),
    };
    Failure::passing(Code::CredentialsRejected, "the AWS credentials have expired", hint)
}

fn rejected(text: &str, asked: &Asked) -> Failure {
    if text.contains("signature expired") || text.contains("signature not yet current") {
        return Failure::passing(
            Code::CredentialsRejected,
            "AWS did not accept the time of the request",
            "Set the clock of this computer, then try again.",
        );
    }
    if text.contains("expired") {
        return expired(asked);
    }
    let whose = asked.profile.as_deref().map_or(String::new(), |name| format!(" of the profile {name}"));
    Failure::permanent(
        Code::CredentialsRejected,
        format!("AWS does not accept the credentials{whose}"),
        "Enter the access key again, both halves, with the session token if its id begins with ASIA.",
    )
}

fn access_denied(text: &str, asked: &Asked) -> Failure {
    let model = &asked.request.model_id;
    let denied = |message: String, hint: String| Failure::permanent(Code::AccessDenied, message, hint);
    if text.contains("expired") {
        expired(asked)
    } else if text.contains("api key") || text.contains("authentication failed") {
        rejected(text, asked)
    } else if text.contains("use case details") || text.contains("ftuformnotfilled") {
        use_case_form()
    } else if text.contains("aws-marketplace") {
        denied(
            format!("the AWS account has not subscribed to {model}"),
            "Open the model once in the Bedrock console with an identity that may aws-marketplace:Subscribe, wait some minutes, then try again.".to_owned(),
        )
    } else if text.contains("explicit deny") {
        denied(
            format!("a policy of the organisation forbids {model}"),
            "Ask the administrator of the AWS account, or choose a profile of one region (us., eu.) in place of a global one.".to_owned(),
        )
    } else {
        let action = action(text).unwrap_or("bedrock:InvokeModelWithResponseStream".to_owned());
        denied(
            format!("the AWS identity may not use {model}"),
            format!(
                "Ask for the IAM permission {action} on this model and on its inference profile, and for access to the model in the Bedrock console."
            ),
        )
    }
}

/// The IAM action that the text names. `text` is in lower case; actions are compared without regard to it, but read
/// better as Amazon writes them.
fn action(text: &str) -> Option<String> {
    const KNOWN: [&str; 4] = [
        "bedrock:InvokeModelWithResponseStream",
        "bedrock:InvokeModel",
        "bedrock:CallWithBearerToken",
        "bedrock:GetInferenceProfile",
    ];
    let word = text.split(|c: char| c.is_whitespace() || c == ',').find(|word| word.starts_with("bedrock:"))?;
    let word = word.trim_end_matches('.');
    KNOWN.iter().find(|known| known.to_lowercase() == word).map(|known| (*known).to_owned())
}

fn not_found(text: &str, asked: &Asked) -> Failure {
    let model = &asked.request.model_id;
    if text.contains("use case details") || text.contains("ftuformnotfilled") {
        return use_case_form();
    }
    if text.contains("end of its life") || text.contains("end of life") {
        return Failure::permanent(
            Code::ModelNotFound,
            format!("{model} is no longer offered"),
            "Choose a newer model.",
        );
    }
    unknown_model(model)
}

fn unknown_model(model: &str) -> Failure {
    Failure::permanent(
        Code::ModelNotFound,
        format!("Bedrock does not know the model {model} in this region"),
        "Check the model id and the region; the prefix of an inference profile (us., eu., apac.) must fit the region.",
    )
}

fn use_case_form() -> Failure {
    Failure::permanent(
        Code::AccessDenied,
        "Anthropic's form about the use case has not been filled in for this AWS account",
        "Fill it in once in the Bedrock console under Model catalog, wait some minutes, then try again.",
    )
}
