//! What an answer that is no yes means. S3's codes are read first, then the status: services that stand in for S3 agree
//! on the status more than on the codes. Texts are never passed on: some services answer with the request.

use crate::bedrock::failure::of_credentials;
use crate::bedrock::refusal::{plain, reference, sign_in_expired, wrong_clock};
use crate::cause::{Cause, chain};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use std::error::Error;
use std::io;
use twin_core::bucket::{Outcome, Request};
use twin_core::error::{Code, Failure};

/// A service that wants a longer pause, in seconds, is asked again after this one: whoever waits cannot leave meanwhile, and one
/// that is still busy after all tries is called unreachable.
const LONGEST_PAUSE: u32 = 60;

/// What was asked and who asked: what the words of a failure need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) request: &'a Request,
    pub(super) bucket: &'a str,
    /// Whom one talks to.
    pub(super) place: &'a str,
    /// The AWS profile, where one was chosen.
    pub(super) profile: Option<&'a str>,
}

impl Subject<'_> {
    /// What IAM calls the right that the request needs.
    fn action(&self) -> &'static str {
        match self.request {
            Request::PutIfAbsent { .. } | Request::PutIfMatch { .. } => "s3:PutObject",
            // Without the second, S3 hides that there is nothing behind "access denied".
            Request::Get { .. } | Request::Head { .. } => "s3:GetObject and s3:ListBucket",
            Request::List { .. } => "s3:ListBucket",
            Request::Delete { .. } => "s3:DeleteObject",
            Request::DeleteOldVersions { .. } => "s3:ListBucketVersions and s3:DeleteObjectVersion",
        }
    }
}

pub(super) fn outcome<E>(error: &SdkError<E, HttpResponse>, subject: &Subject<'_>) -> Outcome
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(refused) => refusal(refused.err(), refused.raw()).outcome(subject),
        // It broke off.
        SdkError::ResponseError(_) | SdkError::TimeoutError(_) => Outcome::Lost,
        other => unsent(other, subject),
    }
}

/// The request did not arrive, or its answer did not.
fn unsent<E: Error + 'static>(error: &SdkError<E, HttpResponse>, subject: &Subject<'_>) -> Outcome {
    match chain(error).find_map(|error| error.downcast_ref::<CredentialsError>()) {
        Some(CredentialsError::CredentialsNotLoaded(_)) if subject.profile.is_none() => {
            return Outcome::Failed(no_credentials());
        }
        Some(error) => return Outcome::Failed(of_credentials(error, subject.profile)),
        None => {}
    }
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Outcome::Failed(unmakeable());
    }
    let is_offline = || {
        let kinds = chain(error).filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind);
        kinds.into_iter().any(|kind| matches!(kind, io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable))
    };
    match Cause::of(error) {
        Cause::Other if is_offline() => Outcome::Failed(Cause::Other.to_failure(subject.place)),
        Cause::Other | Cause::TimedOut => Outcome::Lost,
        cause => Outcome::Failed(cause.to_failure(subject.place)),
    }
}

/// The service's no.
struct Refusal {
    status: u16,
    /// S3's name for it; empty where the answer is not S3's own, or is one to HEAD, which has no body.
    code: String,
    retry_after: Option<u32>,
    /// Where the bucket is, if it is elsewhere.
    region: Option<String>,
    request_id: Option<String>,
}

fn refusal<E: ProvideErrorMetadata>(error: &E, response: &HttpResponse) -> Refusal {
    let header = |name| response.headers().get(name).map(str::trim);
    Refusal {
        status: response.status().as_u16(),
        code: plain(error.code()).unwrap_or_default().to_owned(),
        retry_after: header("retry-after")
            .and_then(|seconds| seconds.parse::<u32>().ok())
            .map(|s| s.min(LONGEST_PAUSE)),
        region: plain(header("x-amz-bucket-region")).map(str::to_owned),
        request_id: plain(header("x-amz-request-id")).map(str::to_owned),
    }
}

impl Refusal {
    fn outcome(&self, subject: &Subject<'_>) -> Outcome {
        tracing::debug!(code = self.code, status = self.status, request_id = self.request_id, "s3 refused");
        match self.code.as_str() {
            "SlowDown"
            | "ServiceUnavailable"
            | "InternalError"
            | "Throttling"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "TooManyRequests"
            | "RequestTimeout" => self.busy(),
            "NoSuchBucket" => self.failed(no_bucket(subject)),
            _ => self.by_status(subject),
        }
    }

    fn by_status(&self, subject: &Subject<'_>) -> Outcome {
        let changes_versions = matches!(subject.request, Request::DeleteOldVersions { .. });
        match self.status {
            404 => self.absent(subject),
            409 => Outcome::Conflict,
            412 => Outcome::Refused,
            // A service that keeps no versions has nothing to delete.
            405 | 501 if changes_versions => Outcome::Deleted,
            400 if changes_versions && self.code == "NotImplemented" => Outcome::Deleted,
            507 => self.failed(full(subject)),
            501 => self.failed(self.refused(subject)),
            408 | 429 | 500.. => self.busy(),
            _ => self.failed(self.failure(subject)),
        }
    }

    const fn busy(&self) -> Outcome {
        Outcome::Busy { retry_after: self.retry_after }
    }

    fn failed(&self, mut failure: Failure) -> Outcome {
        failure.message.push_str(&reference(self.request_id.as_deref()));
        Outcome::Failed(failure)
    }

    fn absent(&self, subject: &Subject<'_>) -> Outcome {
        match (self.code.as_str(), subject.request) {
            (_, Request::Delete { .. }) if self.code == "NoSuchKey" => Outcome::Deleted,
            // The answer to HEAD has no body, so it cannot say what is missing.
            ("NoSuchKey" | "NoSuchVersion", _) | (_, Request::Head { .. }) => Outcome::Absent,
            // Any web server says 404, and taking that for an empty bucket would begin a new one.
            _ => self.failed(not_s3(subject)),
        }
    }

    fn failure(&self, subject: &Subject<'_>) -> Failure {
        match self.code.as_str() {
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidToken"
            | "InvalidSecurity"
            | "MissingSecurityHeader"
            | "NotSignedUp" => return rejected(subject),
            "ExpiredToken" | "TokenRefreshRequired" => return expired(subject),
            "RequestTimeTooSkewed" | "RequestExpired" => return wrong_clock(),
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "Redirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
            | "IncorrectEndpoint" => {
                return elsewhere(subject, self.region.as_deref());
            }
            "QuotaExceeded" | "XMinioStorageFull" | "XMinioAdminBucketQuotaExceeded" => return full(subject),
            _ => {}
        }
        match self.status {
            200..=299 => not_s3(subject),
            300..=399 => elsewhere(subject, self.region.as_deref()),
            // To HEAD, this is all that is said of another region.
            400 if self.code.is_empty() && self.region.is_some() => elsewhere(subject, self.region.as_deref()),
            401 => rejected(subject),
            403 => denied(subject),
            _ => self.refused(subject),
        }
    }

    fn refused(&self, subject: &Subject<'_>) -> Failure {
        let what = if self.code.is_empty() { format!("HTTP {}", self.status) } else { self.code.clone() };
        Failure::permanent(
            Code::RequestRefused,
            format!("{} refused the request with {what}", subject.place),
            "Check the endpoint, the bucket and the region in the settings; the service must know conditional writes.",
        )
    }
}

pub(super) fn lacking_etag(subject: &Subject<'_>) -> Failure {
    not_s3(subject)
}

fn not_s3(subject: &Subject<'_>) -> Failure {
    Failure::permanent(
        Code::RequestRefused,
        format!("{} does not speak S3 at this address", subject.place),
        "Check the endpoint in the settings; in a hotel or a train, open its sign-in page in a browser first.",
    )
}

fn no_bucket(subject: &Subject<'_>) -> Failure {
    Failure::permanent(
        Code::NotFound,
        format!("there is no bucket {} at {}", subject.bucket, subject.place),
        "Create it there, or correct the bucket's name, the region or the endpoint in the settings.",
    )
}

fn elsewhere(subject: &Subject<'_>, region: Option<&str>) -> Failure {
    let (other, which) = match region {
        Some(region) => (format!("in the region {region}"), format!("the region {region}")),
        None => ("in another region".to_owned(), "the region of the bucket".to_owned()),
    };
    Failure::permanent(
        Code::InvalidInput,
        format!("the bucket {} is {other}, not where it was looked for ({})", subject.bucket, subject.place),
        format!("Choose {which} in the settings, and leave the endpoint empty for Amazon S3."),
    )
}

fn denied(subject: &Subject<'_>) -> Failure {
    let action = subject.action();
    Failure::permanent(
        Code::AccessDenied,
        format!("these credentials may not use the bucket {} ({action})", subject.bucket),
        format!("Ask the owner of the bucket for the permissions {action} on it, then try again."),
    )
}

fn rejected(subject: &Subject<'_>) -> Failure {
    let whose = subject.profile.map_or(String::new(), |name| format!(" of the profile {name}"));
    Failure::permanent(
        Code::CredentialsRejected,
        format!("{} does not accept the access key{whose}", subject.place),
        "Enter both halves of the access key again, with the session token if there is one.",
    )
}

fn expired(subject: &Subject<'_>) -> Failure {
    match subject.profile {
        Some(_) => sign_in_expired(subject.profile),
        None => Failure::passing(
            Code::CredentialsRejected,
            "the AWS credentials have expired",
            "Fetch or enter new ones, then try again; no restart is needed.",
        ),
    }
}

fn full(subject: &Subject<'_>) -> Failure {
    Failure::permanent(
        Code::QuotaExceeded,
        format!("there is no room left in the bucket {} at {}", subject.bucket, subject.place),
        "Make room there, or raise the bucket's quota, then try again.",
    )
}

fn no_credentials() -> Failure {
    Failure::permanent(
        Code::CredentialsMissing,
        "no AWS credentials were found (looked for AWS_ACCESS_KEY_ID in the environment, the default profile in ~/.aws, and the role of this machine)",
        "Enter an access key or choose a profile in the settings, or run `aws configure`.",
    )
}

fn unmakeable() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the request to S3 could not be made from these settings",
        "Check the bucket, the region and the endpoint in the settings.",
    )
}
