//! What answers say beside what the SDK passes on.

use crate::bedrock::refusal::plain;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::{Arc, Mutex, PoisonError};
use twin_core::time::Timestamp;

/// Of the last answer to one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard(Arc<Mutex<Words>>);

#[derive(Debug, Clone, Default)]
struct Words {
    date: Option<Timestamp>,
    request_id: Option<String>,
}

impl Words {
    fn of(headers: &Headers) -> Self {
        Self {
            date: headers.get("date").and_then(timestamp),
            request_id: plain(headers.get("x-amz-request-id")).map(str::to_owned),
        }
    }
}

impl Heard {
    /// The header `Date`.
    pub(super) fn date(&self) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).date
    }

    /// What Amazon's support asks for.
    pub(super) fn request_id(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).request_id.clone()
    }
}

impl Intercept for Heard {
    fn name(&self) -> &'static str {
        "Heard"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Words::of(context.response().headers());
        Ok(())
    }
}

fn timestamp(date: &str) -> Option<Timestamp> {
    let date = DateTime::from_str(date, DateTimeFormat::HttpDate).ok()?;
    date.to_millis().ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_not_kept_for_the_log() {
        for (given, kept) in [("4442587FB7D0A2F9", true), ("no key AKIA0123 here", false), ("", false)] {
            let mut headers = Headers::new();
            headers.insert("x-amz-request-id", given);
            assert_eq!(Words::of(&headers).request_id.is_some(), kept, "{given}");
        }
    }
}
