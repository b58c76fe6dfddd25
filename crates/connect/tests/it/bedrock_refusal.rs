//! What Bedrock refuses before it answers, and what the person is told.

use crate::bedrock::{CLAUDE, USAGE, finished, model};
use crate::bedrock_server::{answer, refuse};
use crate::server::Server;
use crate::{collect, fail, request, soon, text};
use rstest::rstest;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, StopReason};
use twin_core::port::ChatModel as _;

async fn refusal(status: u16, kind: &'static str, message: &'static str) -> Failure {
    let server = Server::start(move |_, exchange| refuse(exchange, status, kind, message));
    fail(model(&server).stream(request(CLAUDE))).await
}

#[rstest]
#[case(
    403,
    "AccessDeniedException",
    "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-west-1::foundation-model/x because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action",
    Code::AccessDenied,
    "bedrock:InvokeModelWithResponseStream"
)]
#[case(
    403,
    "AccessDeniedException",
    "You don't have access to the model with the specified model ID.",
    Code::AccessDenied,
    "Bedrock console"
)]
#[case(
    403,
    "AccessDeniedException",
    "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe)",
    Code::AccessDenied,
    "aws-marketplace:Subscribe"
)]
#[case(
    403,
    "AccessDeniedException",
    "… with an explicit deny in a service control policy",
    Code::AccessDenied,
    "administrator"
)]
#[case(
    403,
    "ExpiredTokenException",
    "The security token included in the request is expired",
    Code::CredentialsRejected,
    "no restart"
)]
#[case(
    403,
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
    Code::CredentialsRejected,
    "access key"
)]
#[case(
    403,
    "InvalidSignatureException",
    "Signature expired: 20260101T000000Z is now earlier than …",
    Code::CredentialsRejected,
    "clock"
)]
#[case(
    404,
    "ResourceNotFoundException",
    "Model use case details have not been submitted for this account.",
    Code::AccessDenied,
    "Fill it in"
)]
#[case(
    404,
    "ResourceNotFoundException",
    "This model version has reached the end of its life.",
    Code::ModelNotFound,
    "newer"
)]
#[case(
    404,
    "ResourceNotFoundException",
    "Could not resolve the foundation model from the provided model identifier.",
    Code::ModelNotFound,
    "region"
)]
#[case(404, "UnknownOperationException", "", Code::RequestRefused, "endpoint")]
#[case(400, "ValidationException", "The provided model identifier is invalid.", Code::ModelNotFound, "region")]
#[case(
    400,
    "ValidationException",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
    Code::ContextTooLong,
    "new session"
)]
#[case(
    400,
    "ValidationException",
    "The maximum tokens you requested exceeds the model limit of 4096.",
    Code::RequestRefused,
    "Lower"
)]
#[case(
    400,
    "ServiceQuotaExceededException",
    "Your account has reached its quota.",
    Code::QuotaExceeded,
    "Service Quotas"
)]
#[case(424, "ModelErrorException", "The model failed.", Code::ProviderFailed, "Try again")]
#[case(408, "ModelTimeoutException", "Model has timed out.", Code::TimedOut, "new session")]
#[case(
    429,
    "ThrottlingException",
    "Too many requests, please wait before trying again.",
    Code::Throttled,
    "Wait a minute"
)]
#[case(
    429,
    "ThrottlingException",
    "Too many tokens per day, please wait before trying again.",
    Code::QuotaExceeded,
    "another model"
)]
#[case(429, "ModelNotReadyException", "Model is not ready for inference.", Code::ModelLoading, "Wait a minute")]
#[case(401, "", "", Code::CredentialsRejected, "again")]
#[case(403, "AccessDeniedException", "Bearer Token has expired", Code::CredentialsRejected, "no restart")]
#[case(403, "AccessDeniedException", "Authentication failed: API Key is not valid", Code::CredentialsRejected, "again")]
#[case(
    403,
    "AccessDeniedException",
    "Anthropic use case details have not been submitted",
    Code::AccessDenied,
    "Fill it in"
)]
#[case(403, "RequestExpired", "Request has expired.", Code::CredentialsRejected, "clock")]
#[case(413, "", "", Code::ContextTooLong, "new session")]
#[case(
    400,
    "ValidationException",
    "prompt is too long: 213462 tokens > 200000 maximum",
    Code::ContextTooLong,
    "new session"
)]
#[case(400, "ValidationException", "Input is too long for requested model.", Code::ContextTooLong, "new session")]
#[case(502, "", "", Code::ProviderFailed, "in a moment")]
#[case(500, "InternalServerException", "An internal server error occurred.", Code::ProviderFailed, "in a moment")]
#[case(503, "ServiceUnavailableException", "Too many connections.", Code::ProviderFailed, "in a moment")]
#[tokio::test]
async fn a_refusal_names_its_cause_and_the_next_step(
    #[case] status: u16,
    #[case] kind: &'static str,
    #[case] message: &'static str,
    #[case] code: Code,
    #[case] step: &str,
) {
    let failure = refusal(status, kind, message).await;
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(failure.hint.contains(step), "{failure:?}");
    assert!(failure.message.contains("request-1"), "{failure:?}");
    let passes = matches!(status, 408 | 424 | 429 | 500..) && code != Code::QuotaExceeded;
    let can_be_put_right = code == Code::CredentialsRejected && (step == "no restart" || step == "clock");
    assert_eq!(failure.retryable, passes || can_be_put_right, "{failure:?}");
}

#[tokio::test]
async fn how_long_to_wait_is_told_where_bedrock_says_it() {
    let server = Server::start(|_, exchange| {
        let headers = [("x-amzn-errortype", "ThrottlingException"), ("x-amz-retry-after", "1"), ("retry-after", "17")];
        exchange.respond(429, &headers, r#"{"message":"Too many requests"}"#);
    });
    let failure = soon(fail(model(&server).stream(request(CLAUDE)))).await;
    assert_eq!((failure.code, failure.retry_after), (Code::Throttled, Some(17)));
}

#[tokio::test]
async fn what_the_model_itself_answered_is_told() {
    let server = Server::start(|_, exchange| {
        let headers = [("x-amzn-errortype", "ModelErrorException"), ("content-type", "application/json")];
        exchange.respond(424, &headers, r#"{"message":"It failed","originalStatusCode":503}"#);
    });
    let failure = fail(model(&server).stream(request(CLAUDE))).await;
    assert_eq!((failure.code, failure.retryable), (Code::ProviderFailed, true));
    assert!(failure.message.contains("503"), "{failure:?}");
}

/// Complaint 12: one bad image used to be sent again with every later question.
#[rstest]
#[case(
    400,
    "The model returned the following errors: messages.0.content.2.image.source.bytes: image exceeds 5 MB maximum: 7167852 bytes > 5242880 bytes"
)]
#[case(400, "The model returned the following errors: Could not process image")]
#[case(400, "The model returned the following errors: The PDF specified was not valid.")]
#[case(
    400,
    "messages.0.content.1.image.source.bytes: The image was specified using the image/jpeg media type, but the image appears to be a image/png image"
)]
#[case(
    400,
    "1 validation error detected: Value at 'messages.1.member.content.2.member.image.format' failed to satisfy constraint"
)]
#[case(413, "")]
#[tokio::test]
async fn a_bad_attachment_is_named_so_that_it_can_be_taken_out(#[case] status: u16, #[case] message: &'static str) {
    let kind = if status == 400 { "ValidationException" } else { "" };
    let server = Server::start(move |_, exchange| refuse(exchange, status, kind, message));
    let mut asked = request(CLAUDE);
    asked.turns[2].content.push(Block::Image { media_type: "image/png".to_owned(), bytes: vec![1, 2].into() });
    let failure = fail(model(&server).stream(asked)).await;
    assert_eq!((failure.code, failure.retryable), (Code::AttachmentRefused, false), "{failure:?}");
    assert!(failure.hint.contains("Take the attachment out"), "{failure:?}");
    // Without one the same words are about something else.
    assert_ne!(fail(model(&server).stream(request(CLAUDE))).await.code, Code::AttachmentRefused);
}

#[tokio::test]
async fn an_unknown_refusal_is_quoted_only_if_it_repeats_nothing() {
    let failure = refusal(400, "ValidationException", "`temperature` is deprecated for this model.").await;
    assert_eq!(failure.code, Code::RequestRefused);
    assert!(
        failure.message.contains("ValidationException: `temperature` is deprecated for this model (request"),
        "{failure:?}"
    );
    let failure = refusal(400, "ValidationException", "Malformed: \"What did my sister tell me\"").await;
    assert!(failure.message.contains("ValidationException (request"), "{failure:?}");
}

#[tokio::test]
async fn throttling_that_passes_is_not_seen() {
    let server = Server::start(|number, exchange| match number {
        0 | 1 => refuse(exchange, 429, "ThrottlingException", "Too many requests"),
        _ => answer(exchange, "hi"),
    });
    let (events, failure) = soon(collect(model(&server).stream(request(CLAUDE)))).await;
    assert_eq!((events, failure), (vec![text("hi"), USAGE, finished(StopReason::EndTurn)], None));
}
