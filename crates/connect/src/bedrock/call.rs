//! Requests to AWS that no SDK crate of ours makes: a few calls do not pay for 200,000 generated lines.

use super::identity::{Seal, origin};
use crate::cause::Cause;
use crate::network::Http;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;
use twin_core::error::{Code, Failure};

/// For the whole exchange. The longest list comes in a second.
const LIMIT: Duration = Duration::from_secs(30);
/// The longest list has a few hundred kilobytes.
const MAX_BODY: usize = 16 << 20;

/// One request.
pub(super) struct Call<'a> {
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: &'a [(&'static str, &'a str)],
    pub(super) body: String,
}

/// A refusal, in the service's own words.
pub(super) struct Refused {
    pub(super) status: u16,
    /// AWS's name for it; empty where there is none.
    pub(super) code: String,
    pub(super) text: String,
    pub(super) request_id: Option<String>,
}

/// Why there is no answer.
pub(super) enum Broken {
    Refused(Refused),
    /// Nobody answered, or not in time.
    Unreached(Failure),
}

impl Call<'_> {
    /// Signs for `service` (as IAM calls it) in `region` and sends. The answer's text.
    pub(super) async fn send_signed(
        self,
        http: &Http,
        (seal, service, region, now): (&Seal, &str, &str, SystemTime),
    ) -> Result<String, Broken> {
        let headers = match seal {
            Seal::Bearer(key) => vec![("authorization".to_owned(), format!("Bearer {}", key.expose()))],
            Seal::Keys(credentials) => {
                let identity: Identity = credentials.clone().into();
                self.signature(&identity, service, region, now).ok_or_else(|| Broken::Unreached(unmakeable()))?
            }
        };
        self.send(http, headers).await
    }

    /// Sends what needs no signature.
    pub(super) async fn send_open(self, http: &Http) -> Result<String, Broken> {
        self.send(http, Vec::new()).await
    }

    fn signature(
        &self,
        identity: &Identity,
        service: &str,
        region: &str,
        now: SystemTime,
    ) -> Option<Vec<(String, String)>> {
        let params = v4::SigningParams::builder()
            .identity(identity)
            .region(region)
            .name(service)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let body = SignableBody::Bytes(self.body.as_bytes());
        let request = SignableRequest::new(self.method, &self.url, self.headers.iter().copied(), body).ok()?;
        let (signed, _) = sign(request, &params).ok()?.into_parts();
        Some(signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    async fn send(self, http: &Http, headers: Vec<(String, String)>) -> Result<String, Broken> {
        let place = origin(&self.url).unwrap_or_default();
        let request = self.request(headers).ok_or_else(|| Broken::Unreached(unmakeable()))?;
        let exchange = async {
            let response = http.call(request).await.map_err(|error| {
                let cause = if error.is_timeout() { Cause::TimedOut } else { Cause::of(&error) };
                Broken::Unreached(cause.to_failure(&place))
            })?;
            read(response, &place).await
        };
        let slow = |_| Err(Broken::Unreached(Cause::TimedOut.to_failure(&place)));
        timeout(LIMIT, exchange).await.unwrap_or_else(slow)
    }

    fn request(self, headers: Vec<(String, String)>) -> Option<HttpRequest> {
        let mut request = HttpRequest::new(SdkBody::from(self.body));
        request.set_method(self.method).ok()?;
        request.set_uri(self.url).ok()?;
        for &(name, value) in self.headers {
            request.headers_mut().try_insert(name, value.to_owned()).ok()?;
        }
        for (name, value) in headers {
            request.headers_mut().try_insert(name, value).ok()?;
        }
        Some(request)
    }
}

async fn read(response: HttpResponse, place: &str) -> Result<String, Broken> {
    let status = response.status();
    let header = |name| response.headers().get(name).map(str::to_owned);
    let (kind, request_id) = (header("x-amzn-errortype"), header("x-amzn-requestid"));
    let mut body = ByteStream::new(response.into_body());
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece.map_err(|_| Broken::Unreached(Cause::Other.to_failure(place)))?);
        if bytes.len() > MAX_BODY {
            return Err(Broken::Unreached(Cause::Other.to_failure(place)));
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if status.is_success() {
        return Ok(text);
    }
    let (code, text) = explanation(&text);
    // `AccessDeniedException:http://internal.amazon.com/…` in the header, a shape's full name in the body.
    let code = kind.or(code).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default().rsplit('#').next().unwrap_or_default().to_owned();
    Err(Broken::Refused(Refused { status: status.as_u16(), code, text, request_id }))
}

/// Code and text of an error in one of AWS's three ways of writing it.
fn explanation(body: &str) -> (Option<String>, String) {
    if let Ok(error) = serde_json::from_str::<Value>(body) {
        let word = |names: &[&str]| names.iter().find_map(|name| error[*name].as_str()).map(str::to_owned);
        return (
            word(&["__type", "code", "error"]),
            word(&["message", "Message", "error_description"]).unwrap_or_default(),
        );
    }
    (element(body, "Code").map(str::to_owned), element(body, "Message").unwrap_or_default().to_owned())
}

/// What stands in the first `<name>` of an XML text.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once('<')?.0.trim())
}

/// `text` as a part of a path or a query.
pub(super) fn encoded(text: &str) -> String {
    let part = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(part).collect()
}

fn unmakeable() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the request to AWS could not be made from these settings",
        "Check the region, the endpoint addresses and the credentials in the settings.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_read_in_each_way_of_writing_them() {
        let read = |body: &str| {
            let (code, text) = explanation(body);
            (code.unwrap_or_default(), text)
        };
        let expected = ("AccessDenied".to_owned(), "no".to_owned());
        assert_eq!(read(r#"{"__type":"AccessDenied","message":"no"}"#), expected);
        assert_eq!(read(r#"{"error":"AccessDenied","error_description":"no"}"#), expected);
        assert_eq!(read("<E><Error><Code>AccessDenied</Code>\n<Message>no</Message></Error></E>"), expected);
        assert_eq!(read("<html>Company proxy</html>"), (String::new(), String::new()));
    }

    #[test]
    fn an_arn_is_one_part_of_a_path() {
        assert_eq!(encoded("arn:aws:bedrock:x/y z"), "arn%3Aaws%3Abedrock%3Ax%2Fy%20z");
    }
}
