//! What a refusal of Bedrock means to the person. Amazon's codes are few and its texts carry the meaning, so both are
//! read: the code first, then the text. No text is passed on unread (see [`crate::quote`]).

use crate::quote::quotable;
use twin_core::error::{Code, Failure};
use twin_core::model::Reach;

/// The service's refusal, of any of its operations.
#[derive(Debug, Clone, Default)]
pub(super) struct Refusal {
    /// `ValidationException`; empty where the answer is not Bedrock's own.
    pub(super) code: String,
    /// HTTP's; 0 inside a stream, which has no status of its own.
    pub(super) status: u16,
    /// Its words.
    pub(super) text: String,
    /// What Amazon's support asks for.
    pub(super) request_id: Option<String>,
    /// Its own word on when to try again, in seconds.
    pub(super) retry_after: Option<u32>,
    /// The status that the model itself gave, where Bedrock tells it.
    pub(super) model_status: Option<i32>,
}

/// What was asked and who asked: what the words of a failure need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// Whom one talks to.
    pub(super) place: &'a str,
    /// The AWS profile, where one was chosen.
    pub(super) profile: Option<&'a str>,
    /// Whether the credentials come from a sign-in in a browser.
    pub(super) signs_in: bool,
    /// The model; none where the operation concerns none, as a list does.
    pub(super) model: Option<&'a str>,
    /// The IAM action that the operation needs, unless the text names one.
    pub(super) action: &'a str,
    /// How widely requests may travel.
    pub(super) reach: Reach,
    /// Whether images or documents were sent.
    pub(super) attachments: bool,
    /// Everything sent that is somebody's words.
    pub(super) sent: &'a [&'a str],
}

/// What can be done about credentials that AWS no longer takes.
fn expired(subject: &Subject<'_>) -> Failure {
    if subject.signs_in {
        return sign_in_expired(subject.profile);
    }
    let whose = subject.profile.map_or(String::new(), |name| format!(" of the profile {name}"));
    Failure::passing(
        Code::CredentialsRejected,
        format!("the AWS credentials{whose} have expired"),
        "Fetch or enter new ones, then try again; no restart is needed.",
    )
}

/// The session of a single sign-on is over.
pub(crate) fn sign_in_expired(profile: Option<&str>) -> Failure {
    let of = profile.map_or(String::new(), |name| format!(" --profile {name}"));
    Failure::passing(
        Code::SignInExpired,
        "the AWS single sign-on session has expired",
        format!("Sign in again (or run `aws sso login{of}`), then try again; no restart is needed."),
    )
}

/// An id or a code as Amazon gives them; none if it is something else: what stands between may quote what it was sent, a key
/// among it, and this goes into the log.
pub(crate) fn plain(given: Option<&str>) -> Option<&str> {
    given.filter(|text| (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
}

impl Refusal {
    /// In lower case and with straight apostrophes: Amazon writes curly ones in some texts and not in others.
    pub(super) fn words(&self) -> String {
        self.text.to_lowercase().replace('\u{2019}', "'")
    }

    /// Whether the credentials were good once: others may be there by now.
    pub(super) fn is_expired(&self) -> bool {
        match self.code.as_str() {
            "ExpiredTokenException" | "ExpiredToken" => true,
            // An old signature is a wrong clock, not an old credential.
            "AccessDeniedException" | "UnrecognizedClientException" | "" => {
                matches!(self.status, 401 | 403) && self.words().contains("expired")
            }
            _ => false,
        }
    }

    /// Whether the model can be called only through an inference profile.
    pub(super) fn wants_profile(&self) -> bool {
        let words = self.words();
        words.contains("on-demand throughput") && words.contains("inference profile")
    }

    /// Whether there is no such model, or no such profile, where it was asked for.
    pub(super) fn is_unknown_model(&self) -> bool {
        const SIGNS: [&str; 3] =
            ["model identifier is invalid", "provided model doesn't exist", "model is not supported"];
        let words = self.words();
        match self.code.as_str() {
            "ValidationException" => SIGNS.iter().any(|sign| words.contains(sign)),
            "ResourceNotFoundException" => !asks_for_form(&words),
            _ => false,
        }
    }

    /// The IAM action that the text says is missing, as Amazon writes it.
    pub(super) fn missing_action(&self) -> Option<&str> {
        const PREFIXES: [&str; 4] = ["bedrock:", "aws-marketplace:", "sts:", "sso:"];
        let word = self
            .text
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '"' | '\''))
            .find(|word| PREFIXES.iter().any(|prefix| word.starts_with(prefix)))?;
        let word = word.trim_end_matches('.');
        // Anything else after the colon is not the name of an action, and not ours to repeat.
        let is_action = word
            .split_once(':')
            .is_some_and(|(_, name)| (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric()));
        is_action.then_some(word)
    }

    /// The failure that the person sees.
    pub(super) fn to_failure(&self, subject: &Subject<'_>) -> Failure {
        let (code, request_id) = (plain(Some(&self.code)), plain(self.request_id.as_deref()));
        tracing::debug!(code, status = self.status, request_id, "bedrock refused");
        let mut failure = self.classify(&self.words(), subject).after(self.retry_after);
        failure.message.push_str(&reference(self.request_id.as_deref()));
        failure
    }

    fn classify(&self, text: &str, subject: &Subject<'_>) -> Failure {
        match self.code.as_str() {
            "ThrottlingException" | "Throttling" | "TooManyRequestsException" => throttled(text, subject),
            "ServiceQuotaExceededException" => Failure::permanent(
                Code::QuotaExceeded,
                "a quota of the AWS account for Bedrock is used up",
                "Ask for more in the AWS console under Service Quotas, or choose another model.",
            ),
            "ModelNotReadyException" => Failure::passing(
                Code::ModelLoading,
                "the model is still being loaded by Bedrock",
                "Wait a minute, then try again.",
            ),
            "ModelTimeoutException" => too_slow(),
            "ModelErrorException" | "ModelStreamErrorException" => self.model_failed(),
            "ExpiredTokenException" | "ExpiredToken" => expired(subject),
            // Its clock is not Amazon's.
            "RequestExpired" | "RequestTimeTooSkewed" => wrong_clock(),
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException" => rejected(text, subject),
            "AccessDeniedException" => self.access_denied(text, subject),
            "ResourceNotFoundException" => not_found(text, subject),
            "ValidationException" => self.validation(text, subject),
            _ => self.by_status(text, subject),
        }
    }

    fn by_status(&self, text: &str, subject: &Subject<'_>) -> Failure {
        match self.status {
            401 => rejected(text, subject),
            403 => self.access_denied(text, subject),
            404 => Failure::permanent(
                Code::RequestRefused,
                format!("{} does not speak Bedrock's protocol at this address", subject.place),
                "Check the endpoint addresses in the settings: bedrock-runtime's for answers, bedrock's for lists.",
            ),
            408 | 504 => too_slow(),
            413 if subject.attachments => bad_attachment(subject),
            413 => too_long(subject),
            429 => throttled(text, subject),
            400..=499 => self.refused(subject),
            _ => Failure::passing(
                Code::ProviderFailed,
                "Bedrock failed on its side",
                "Try again in a moment, or choose another model or region.",
            ),
        }
    }

    fn validation(&self, text: &str, subject: &Subject<'_>) -> Failure {
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let model = of_model(subject);
        if self.wants_profile() {
            no_profile(&model, subject.reach)
        } else if self.is_unknown_model() {
            unknown_model(&model)
        } else if asks_for_form(text) {
            use_case_form()
        } else if is_too_long(text) {
            too_long(subject)
        } else if has(&["maximum tokens you requested", "maximum allowed number of output tokens"]) {
            Failure::permanent(
                Code::RequestRefused,
                format!("the limit set for answers is more than {model} can write"),
                "Lower the limit of the answer in the settings.",
            )
        } else if subject.attachments && is_about_attachments(text) {
            bad_attachment(subject)
        } else {
            self.refused(subject)
        }
    }

    fn refused(&self, subject: &Subject<'_>) -> Failure {
        let what = if self.code.is_empty() { format!("HTTP {}", self.status) } else { self.code.clone() };
        let why = quotable(&self.text, subject.sent).map_or(what.clone(), |text| format!("{what}: {text}"));
        let to = subject.model.map_or(String::new(), |model| format!(" to {model}"));
        Failure::permanent(
            Code::RequestRefused,
            format!("Bedrock refused the request{to} with {why}"),
            "Choose another model, or change what its answer names.",
        )
    }

    fn model_failed(&self) -> Failure {
        let said = self.model_status.map_or(String::new(), |status| format!(" (it gave status {status})"));
        Failure::passing(
            Code::ProviderFailed,
            format!("the model failed while it answered{said}"),
            "Try again, or choose another model.",
        )
    }

    fn access_denied(&self, text: &str, subject: &Subject<'_>) -> Failure {
        let model = of_model(subject);
        let denied = |message: String, hint: &str| Failure::permanent(Code::AccessDenied, message, hint);
        if text.contains("expired") {
            expired(subject)
        } else if text.contains("api key") || text.contains("authentication failed") {
            rejected(text, subject)
        } else if asks_for_form(text) {
            use_case_form()
        } else if text.contains("aws-marketplace") {
            denied(
                format!("the AWS account has not subscribed to {model}"),
                "Open the model once in the Bedrock console with an identity that may aws-marketplace:Subscribe, wait some minutes, then try again.",
            )
        } else if text.contains("explicit deny") {
            let whose = if text.contains("service control policy") { "the organisation" } else { "the AWS account" };
            denied(
                format!("a policy of {whose} forbids {model}"),
                "Ask the administrator of the AWS account, or let requests travel less widely in the settings (a geography in place of global).",
            )
        } else if subject.model.is_some() && text.contains("access to the model") {
            denied(
                format!("the AWS account has no access to {model}"),
                "Ask for access to the model in the Bedrock console under Model catalog, wait some minutes, then try again.",
            )
        } else {
            let action = self.missing_action().unwrap_or(subject.action);
            let where_to = if subject.model.is_some() { " on this model and on its inference profile" } else { "" };
            denied(
                format!("the AWS identity may not {action}"),
                &format!(
                    "Ask the administrator of the AWS account for the IAM permission {action}{where_to}, then try again."
                ),
            )
        }
    }
}

/// The end of every message that concerns a request.
pub(crate) fn reference(request_id: Option<&str>) -> String {
    plain(request_id).map_or(String::new(), |id| format!(" (request {id})"))
}

/// Whether Anthropic's form about the use case is missing.
fn asks_for_form(text: &str) -> bool {
    text.contains("use case details") || text.contains("ftuformnotfilled")
}

/// Whether prompt and answer do not fit into the model.
pub(super) fn is_too_long(text: &str) -> bool {
    const SIGNS: [&str; 8] = [
        "input is too long",
        "prompt is too long",
        "exceed context limit",
        "too many input tokens",
        "context window",
        "context length",
        "maximum context",
        "input tokens exceeds",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Whether the words complain of an image or a document. To be asked only if one was sent.
fn is_about_attachments(text: &str) -> bool {
    const THINGS: [&str; 5] = ["image", "document", "pdf", "source.bytes", "attachment"];
    const COMPLAINTS: [&str; 16] = [
        "could not process",
        "could not be parsed",
        "couldn't be processed",
        "exceed",
        "too large",
        "too many",
        "format",
        "not valid",
        "invalid",
        "media type",
        "support",
        "maximum",
        "limit",
        "password",
        "failed to satisfy",
        "same name",
    ];
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&THINGS) && has(&COMPLAINTS)
}

fn of_model(subject: &Subject<'_>) -> String {
    subject.model.unwrap_or("what was asked for").to_owned()
}

fn too_long(subject: &Subject<'_>) -> Failure {
    Failure::permanent(
        Code::ContextTooLong,
        format!("the conversation does not fit into {}", of_model(subject)),
        "Begin a new session, or choose a model with a larger context.",
    )
}

fn bad_attachment(subject: &Subject<'_>) -> Failure {
    Failure::permanent(
        Code::AttachmentRefused,
        format!("{} does not take an attached file: its size, its format, or how many there are", of_model(subject)),
        "Take the attachment out, then try again.",
    )
}

fn no_profile(model: &str, reach: Reach) -> Failure {
    let hint = match reach {
        Reach::Global => "Choose another model or region, or type the id of an inference profile that contains it.",
        Reach::Region | Reach::Geography => {
            "Let requests travel more widely in the settings, or choose another model or region."
        }
    };
    Failure::permanent(
        Code::ModelNotFound,
        format!(
            "{model} can be called only through an inference profile, and the settings allow none that contains it"
        ),
        hint,
    )
}

fn throttled(text: &str, subject: &Subject<'_>) -> Failure {
    if text.contains("per day") {
        return Failure::permanent(
            Code::QuotaExceeded,
            format!("today's tokens of the AWS account for {} are used up", of_model(subject)),
            "Choose another model, or ask for more in the AWS console under Service Quotas.",
        );
    }
    Failure::passing(
        Code::Throttled,
        format!("Bedrock takes no more requests for {} at the moment", of_model(subject)),
        "Wait a minute, then try again; a new AWS account may have to ask for a quota first.",
    )
}

fn too_slow() -> Failure {
    Failure::passing(
        Code::TimedOut,
        "the model took too long to answer",
        "Try again, or begin a new session so that there is less to read.",
    )
}

pub(crate) fn wrong_clock() -> Failure {
    Failure::passing(
        Code::CredentialsRejected,
        "AWS did not accept the time of the request",
        "Set the clock of this computer, then try again.",
    )
}

fn rejected(text: &str, subject: &Subject<'_>) -> Failure {
    if text.contains("signature expired") || text.contains("signature not yet current") {
        return wrong_clock();
    }
    if text.contains("expired") {
        return expired(subject);
    }
    let whose = subject.profile.map_or(String::new(), |name| format!(" of the profile {name}"));
    Failure::permanent(
        Code::CredentialsRejected,
        format!("AWS does not accept the credentials{whose}"),
        "Enter them again: of an access key both halves, with the session token if its id begins with ASIA.",
    )
}

fn not_found(text: &str, subject: &Subject<'_>) -> Failure {
    let model = of_model(subject);
    if asks_for_form(text) {
        return use_case_form();
    }
    if text.contains("end of its life") || text.contains("end of life") {
        return Failure::permanent(
            Code::ModelNotFound,
            format!("{model} is no longer offered"),
            "Choose a newer model.",
        );
    }
    unknown_model(&model)
}

fn unknown_model(model: &str) -> Failure {
    Failure::permanent(
        Code::ModelNotFound,
        format!("Bedrock does not know {model} in this region"),
        "Choose a model from the list, or check the id and the region; the prefix of an inference profile (us., eu., apac.) must fit the region.",
    )
}

fn use_case_form() -> Failure {
    Failure::permanent(
        Code::AccessDenied,
        "Anthropic's form about the use case has not been filled in for this AWS account",
        "Fill it in once in the Bedrock console under Model catalog, wait some minutes, then try again.",
    )
}
