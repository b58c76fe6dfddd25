//! Single sign-on without the AWS command line: the person confirms a code in the browser, and the token is kept where
//! the SDKs and the command line look for it.
//!
//! Source: RFC 8628, <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/Welcome.html>.

use super::call::{Broken, Call, Refused};
use super::fingerprint::sign_in_cache;
use super::identity::{OIDC, endpoint, is_region};
use super::profile::{Session, read, session};
use crate::network::{Http, Network};
use aws_sdk_bedrockruntime::config::endpoint::Params;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{Instant, sleep, timeout_at};
use twin_core::catalogue::SignIn;
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;

/// How much longer to wait between two questions when AWS says that they come too fast (RFC 8628, 3.5).
const SLOWER: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registration {
    client_id: String,
    client_secret: Secret<String>,
    /// Seconds since 1970.
    #[serde(rename = "clientSecretExpiresAt")]
    expires_at: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    #[serde(rename = "deviceCode")]
    code: Secret<String>,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: u32,
    /// Five seconds are what RFC 8628 says where nothing is said.
    #[serde(default = "five")]
    interval: u32,
}

const fn five() -> u32 {
    5
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    #[serde(rename = "accessToken")]
    access: Secret<String>,
    expires_in: i64,
    #[serde(rename = "refreshToken")]
    refresh: Option<Secret<String>>,
}

/// A sign-in that has begun. Dropping it gives it up.
pub struct Pending {
    oidc: Oidc,
    session: Session,
    client: Registration,
    device: Device,
    deadline: Instant,
}

/// The service that signs people in.
struct Oidc {
    http: Http,
    url: String,
}

/// Begins to sign in to the single sign-on on which a profile of the AWS files rests, be it through others.
pub async fn begin(profile: &str, network: &Network) -> Result<Pending, Failure> {
    let set = read().await?;
    let session = session(&set, profile).ok_or_else(|| {
        Failure::permanent(
            Code::InvalidInput,
            format!("the AWS profile {profile} does not sign in through a browser, or its sso_ settings are not whole"),
            "Choose another profile, or complete it with `aws configure sso`.",
        )
    })?;
    if !is_region(&session.region) {
        return Err(refused_session());
    }
    let url = endpoint(OIDC, Params::builder().region(&session.region)).await?;
    let oidc = Oidc { http: Http::of(network)?, url };
    let mut registration = json!({ "clientName": "digital-twin", "clientType": "public" });
    if let Some(scopes) = &session.scopes {
        registration["scopes"] = json!(scopes);
    }
    let client: Registration = oidc.ask("/client/register", &registration).await?;
    let question = json!({
        "clientId": client.client_id,
        "clientSecret": client.client_secret.expose(),
        "startUrl": session.start_url,
    });
    let device: Device = oidc.ask("/device_authorization", &question).await?;
    let deadline = Instant::now() + Duration::from_secs(device.expires_in.into());
    let pending = Pending { oidc, session, client, device, deadline };
    // It is opened in the person's browser: nothing else than a page that cannot be read on the way.
    if !pending.url().starts_with("https://") {
        return Err(refused_session());
    }
    Ok(pending)
}

impl Pending {
    /// What the person needs.
    pub fn shown(&self) -> SignIn {
        SignIn { url: self.url().to_owned(), code: self.device.user_code.clone(), expires_in: self.device.expires_in }
    }

    /// With the code in it, where AWS offers that.
    fn url(&self) -> &str {
        self.device.verification_uri_complete.as_deref().unwrap_or(&self.device.verification_uri)
    }

    /// Waits until the person has confirmed, and keeps the sign-in for every program that uses the AWS files. Fails with
    /// `sign_in_expired` when the time is over.
    pub async fn finish(self) -> Result<(), Failure> {
        let token = timeout_at(self.deadline, self.token()).await.unwrap_or_else(|_| Err(expired()))?;
        self.keep(&token)
    }

    async fn token(&self) -> Result<Token, Failure> {
        let question = json!({
            "clientId": self.client.client_id,
            "clientSecret": self.client.client_secret.expose(),
            "grantType": "urn:ietf:params:oauth:grant-type:device_code",
            "deviceCode": self.device.code.expose(),
        });
        let mut pause = Duration::from_secs(self.device.interval.into());
        loop {
            sleep(pause).await;
            match self.oidc.call("/token", &question).await {
                Ok(answer) => return read_answer(&answer),
                Err(Broken::Refused(refused)) => pause = after(&refused, pause)?,
                // The person is busy in the browser, meanwhile the network may come and go.
                Err(Broken::Unreached(failure)) if failure.retryable => {}
                Err(Broken::Unreached(failure)) => return Err(failure),
            }
        }
    }

    fn keep(&self, token: &Token) -> Result<(), Failure> {
        let unkept = |why: std::io::ErrorKind| {
            Failure::permanent(
                Code::StoreFailed,
                format!("the sign-in cannot be kept in ~/.aws/sso/cache: {why}"),
                "Make that folder writable, then sign in again.",
            )
        };
        let in_time = |seconds: i64| DateTime::from_secs(seconds).fmt(Format::DateTime).ok();
        let mut kept = json!({
            "startUrl": self.session.start_url,
            "region": self.session.region,
            "accessToken": token.access.expose(),
            "expiresAt": in_time(now() + token.expires_in),
            "clientId": self.client.client_id,
            "clientSecret": self.client.client_secret.expose(),
            "registrationExpiresAt": in_time(self.client.expires_at),
        });
        if let Some(refresh) = &token.refresh {
            kept["refreshToken"] = Value::from(refresh.expose().as_str());
        }
        let folder = sign_in_cache().ok_or_else(|| unkept(std::io::ErrorKind::NotFound))?;
        let path = folder.join(file_name(&self.session.key));
        write(&folder, path, kept.to_string().as_bytes()).map_err(|error| unkept(error.kind()))
    }
}

impl Oidc {
    async fn call(&self, path: &str, body: &Value) -> Result<String, Broken> {
        let headers = &[("content-type", "application/json")];
        let call = Call { method: "POST", url: format!("{}{path}", self.url), headers, body: body.to_string() };
        call.send_open(&self.http).await
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Failure> {
        match self.call(path, body).await {
            Ok(answer) => read_answer(&answer),
            Err(Broken::Unreached(failure)) => Err(failure),
            Err(Broken::Refused(refused)) if refused.status >= 500 => Err(Failure::passing(
                Code::ProviderFailed,
                "AWS's sign-in failed on its side",
                "Try again in a moment.",
            )),
            Err(Broken::Refused(_)) => Err(refused_session()),
        }
    }
}

fn read_answer<T: DeserializeOwned>(answer: &str) -> Result<T, Failure> {
    serde_json::from_str(answer).map_err(|_| refused_session())
}

/// How long to wait after an answer that is none, or why there will be none.
fn after(refused: &Refused, pause: Duration) -> Result<Duration, Failure> {
    match refused.code.as_str() {
        "authorization_pending" | "AuthorizationPendingException" => Ok(pause),
        "slow_down" | "SlowDownException" => Ok(pause + SLOWER),
        "expired_token" | "ExpiredTokenException" => Err(expired()),
        "access_denied" | "AccessDeniedException" => Err(Failure::permanent(
            Code::CredentialsRejected,
            "the sign-in was declined in the browser",
            "Sign in again, and allow the access.",
        )),
        _ if refused.status >= 500 || refused.status == 429 => Ok(pause),
        _ => Err(refused_session()),
    }
}

fn expired() -> Failure {
    Failure::passing(Code::SignInExpired, "the sign-in was not confirmed in time", "Sign in again.")
}

fn refused_session() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "AWS did not accept the single sign-on of this profile",
        "Check sso_start_url and sso_region in ~/.aws/config.",
    )
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "other programs compare what is written with the machine's own clock")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn file_name(key: &str) -> String {
    let digest = Sha1::digest(key.as_bytes());
    format!("{digest:x}.json")
}

/// At once or not at all, and readable for nobody else: the token is as good as a password.
fn write(folder: &PathBuf, path: PathBuf, bytes: &[u8]) -> std::io::Result<()> {
    fs_err::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_waits_as_long_as_aws_says() {
        let answer = |code: &str, status: u16| {
            let refused = Refused { status, code: code.to_owned(), text: String::new(), request_id: None };
            after(&refused, SLOWER).map_err(|failure| failure.code)
        };
        assert_eq!(answer("AuthorizationPendingException", 400), Ok(SLOWER));
        assert_eq!(answer("slow_down", 400), Ok(2 * SLOWER));
        assert_eq!(answer("", 503), Ok(SLOWER));
        assert_eq!(answer("ExpiredTokenException", 400), Err(Code::SignInExpired));
        assert_eq!(answer("AccessDeniedException", 400), Err(Code::CredentialsRejected));
        assert_eq!(answer("InvalidClientException", 401), Err(Code::InvalidInput));
    }

    #[test]
    fn a_sign_in_is_kept_where_the_aws_command_line_looks() {
        // As botocore's own tests have it.
        assert_eq!(file_name("my-session"), format!("{:x}.json", Sha1::digest("my-session")));
        assert_eq!(
            file_name("https://d-92671207e4.awsapps.com/start"),
            "13f9d35043871d073ab260e020f0ffde092cb14b.json"
        );
    }
}
