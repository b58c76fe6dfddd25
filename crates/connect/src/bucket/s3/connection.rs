//! Region, endpoint and credentials, as the settings and the AWS environment give them.

use super::key::Prefix;
use super::{S3Auth, S3Config};
use crate::bedrock::BedrockAuth;
use crate::bedrock::identity::{address, is_region, origin, provider, travels_in_the_open};
use crate::network::Http;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use twin_core::error::{Code, Failure};

const CONNECT: Duration = Duration::from_secs(10);
/// What services that know no regions are called.
const ANY_REGION: &str = "us-east-1";

#[derive(Clone)]
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) bucket: Arc<str>,
    pub(super) prefix: Prefix,
    /// Whom one talks to, for error messages.
    pub(super) place: Arc<str>,
    /// The profile, where one was chosen.
    pub(super) profile: Option<Arc<str>>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Connection {
    pub(super) async fn open(config: &S3Config) -> Result<Self, Failure> {
        if !is_bucket(&config.bucket) {
            return Err(bad_bucket());
        }
        if let Some(url) = &config.endpoint_url {
            // The SDK panics at some texts that are no address.
            origin(url).ok_or_else(bad_endpoint)?;
        }
        let credentials = credentials(&config.credentials);
        let profile = match &config.credentials {
            S3Auth::Profile(name) => Some(name.as_str()),
            S3Auth::Chain | S3Auth::Keys { .. } => None,
        };
        let http = Http::of(&config.network)?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.client());
        if let Some(region) = &config.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        let sdk = loader.load().await;
        let address = address(&sdk, "S3", config.endpoint_url.clone());
        let place = match &address {
            Some(url) => Some(origin(url).ok_or_else(bad_endpoint)?),
            None => None,
        };
        let anywhere = || address.is_some().then(|| Region::from_static(ANY_REGION));
        let region = sdk.region().cloned().or_else(anywhere).ok_or_else(no_region)?;
        if !is_region(region.as_ref()) {
            return Err(bad_region());
        }
        // A signature gives no key away and everything in the bucket is sealed, so a store in one's own network may be
        // spoken to in the open; but a session token travels as it is.
        let has_no_token = matches!(config.credentials, S3Auth::Keys { session_token: None, .. });
        if !has_no_token && address.as_deref().is_some_and(travels_in_the_open) {
            return Err(token_in_the_open());
        }
        let mut builder = Builder::from(&sdk)
            .credentials_provider(provider(&credentials, &sdk, &region, &http)?)
            .force_path_style(config.path_style)
            // Whoever asked judges whether to ask again.
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
            // The limits are ours: the SDK's give up on a slow service that has the whole body.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            // Many services refuse the checksums that AWS made the default in 2025.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .disable_s3_express_session_auth(true);
        builder.set_endpoint_url(address);
        let place = place.unwrap_or_else(|| format!("Amazon S3 in {region}"));
        http.prepare(CONNECT);
        Ok(Self {
            client: Client::from_conf(builder.region(region).build()),
            bucket: config.bucket.as_str().into(),
            prefix: Prefix::new(&config.prefix),
            place: place.into(),
            profile: profile.map(Into::into),
        })
    }
}

/// The same as for Bedrock, which knows one way more.
fn credentials(auth: &S3Auth) -> BedrockAuth {
    match auth {
        S3Auth::Chain => BedrockAuth::Chain,
        S3Auth::Profile(name) => BedrockAuth::Profile(name.clone()),
        S3Auth::Keys { access_key_id, secret_access_key, session_token } => BedrockAuth::Keys {
            access_key_id: access_key_id.clone(),
            secret_access_key: secret_access_key.clone(),
            session_token: session_token.clone(),
        },
    }
}

/// It becomes a part of the host's name, or of the path.
fn is_bucket(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    (3..=63).contains(&name.len())
        && name.chars().all(is_plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn bad_bucket() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the bucket's name in the settings is none",
        "Write the name alone, without s3:// and without a path: 3 to 63 letters, digits and hyphens.",
    )
}

fn no_region() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "no AWS region is set, neither in the settings nor in AWS_REGION nor in the AWS profile",
        "Choose the region where the bucket is, for example eu-west-1, in the settings.",
    )
}

fn bad_region() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the region in the settings is none",
        "Choose the region where the bucket is, for example eu-west-1, in the settings.",
    )
}

fn bad_endpoint() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the endpoint in the settings is no address",
        "Write it as https://s3.example, or leave it empty for Amazon S3.",
    )
}

fn token_in_the_open() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "a session token would travel unencrypted to the endpoint",
        "Use an address that begins with https://, or an access key of the bucket's own.",
    )
}
