//! Region, endpoint and credentials, as the settings and the AWS environment give them.

use super::failure;
use super::{BedrockAuth, BedrockConfig};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sdk_bedrockruntime::{Client, config};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::sync::LazyLock;
use twin_core::error::{Code, Failure};

/// One for Bedrock and for the providers that ask AWS for credentials. The SDK's own is switched off (it brings a second
/// TLS stack), so everything that may speak HTTP must be given this one.
static HTTP: LazyLock<SharedHttpClient> = LazyLock::new(|| {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
});

pub(super) struct Identity {
    sdk: SdkConfig,
    region: Region,
    credentials: SharedCredentialsProvider,
}

impl Identity {
    pub(super) async fn load(settings: &BedrockConfig) -> Result<Self, Failure> {
        if let Some(url) = &settings.endpoint_url {
            // The SDK panics at some texts that are no address.
            origin(url).ok_or_else(failure::bad_endpoint)?;
        }
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(HTTP.clone());
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = profile(&settings.credentials) {
            loader = loader.profile_name(profile);
        }
        if !matches!(settings.credentials, BedrockAuth::Chain) {
            // Otherwise a forgotten AWS_BEARER_TOKEN_BEDROCK in the environment would win over what was chosen.
            loader = loader.auth_scheme_preference([AuthSchemeId::from("sigv4")]);
        }
        let sdk = loader.load().await;
        let endpoint = settings.endpoint_url.as_deref().or_else(|| sdk.endpoint_url());
        if endpoint.is_some_and(travels_in_the_open) {
            return Err(failure::endpoint_in_the_open());
        }
        let region = sdk.region().cloned().ok_or_else(failure::no_region)?;
        // It becomes a part of the host's name.
        if region.as_ref().is_empty() || !region.as_ref().chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(failure::bad_region());
        }
        let credentials = match &settings.credentials {
            BedrockAuth::Chain => sdk.credentials_provider().ok_or_else(|| {
                Failure::permanent(Code::Internal, "the AWS configuration has no credentials provider", "Report this.")
            })?,
            // Not the chain with another profile name: there, keys in the environment would win over the profile.
            BedrockAuth::Profile(name) => {
                let http = ProviderConfig::without_region().with_http_client(HTTP.clone());
                let provider = ProfileFileCredentialsProvider::builder()
                    .profile_name(name)
                    .configure(&http.with_region(Some(region.clone())));
                SharedCredentialsProvider::new(provider.build())
            }
            BedrockAuth::Keys { access_key_id, secret_access_key, session_token } => {
                // Pasted keys come with line ends.
                SharedCredentialsProvider::new(Credentials::from_keys(
                    access_key_id.expose().trim(),
                    secret_access_key.expose().trim(),
                    session_token.as_ref().map(|token| token.expose().trim().to_owned()),
                ))
            }
        };
        Ok(Self { sdk, region, credentials })
    }

    pub(super) fn region(&self) -> &str {
        self.region.as_ref()
    }

    pub(super) fn client(&self, settings: &BedrockConfig) -> Client {
        let mut builder = config::Builder::from(&self.sdk).credentials_provider(self.credentials.clone());
        if let Some(url) = &settings.endpoint_url {
            // Here and not in the SDK's shared configuration, where it would move the credential services as well.
            builder.set_endpoint_url(Some(url.clone()));
        } else if is_empty_in_environment() {
            builder.set_endpoint_url(self.sdk.endpoint_url().map(str::to_owned));
        }
        Client::from_conf(builder.build())
    }

    /// Whom one talks to. Only the origin of an address: the rest may hold what is nobody's business.
    pub(super) fn place(&self, settings: &BedrockConfig) -> String {
        let url = settings.endpoint_url.as_deref().or_else(|| self.sdk.endpoint_url());
        url.and_then(origin).unwrap_or_else(|| format!("Amazon Bedrock in {}", self.region()))
    }

    /// Where the credentials come from, in words.
    pub(super) async fn origin(&self, auth: &BedrockAuth) -> Result<String, Failure> {
        // The SDK reads this variable itself and lets it win over every other credential of the chain.
        if matches!(auth, BedrockAuth::Chain) && std::env::var_os("AWS_BEARER_TOKEN_BEDROCK").is_some() {
            return Ok("the API key in AWS_BEARER_TOKEN_BEDROCK".to_owned());
        }
        let credentials = self.credentials.provide_credentials().await;
        let credentials = credentials.map_err(|error| failure::of_credentials(&error, profile(auth)))?;
        Ok(match auth {
            BedrockAuth::Chain => from_the_chain(&credentials).to_owned(),
            BedrockAuth::Profile(name) => format!("profile {name}"),
            BedrockAuth::Keys { .. } => "the keys from the settings".to_owned(),
        })
    }
}

/// The profile, where one was chosen.
pub(super) fn profile(auth: &BedrockAuth) -> Option<&str> {
    match auth {
        BedrockAuth::Profile(name) => Some(name),
        BedrockAuth::Chain | BedrockAuth::Keys { .. } => None,
    }
}

/// A variable that is set to nothing means nothing, but the SDK panics at it.
fn is_empty_in_environment() -> bool {
    let variables = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL"];
    variables.iter().find_map(std::env::var_os).is_some_and(|url| url.is_empty())
}

fn from_the_chain(credentials: &Credentials) -> &'static str {
    let features = credentials.get_property::<Vec<Feature>>().map_or(&[][..], Vec::as_slice);
    let has = |wanted: &[Feature]| features.iter().any(|feature| wanted.contains(feature));
    if has(&[Feature::CredentialsProfileSso, Feature::CredentialsSso]) {
        "single sign-on of the AWS profile"
    } else if has(&[Feature::CredentialsProfileProcess, Feature::CredentialsProcess]) {
        "the credential process of the AWS profile"
    } else if has(&[Feature::CredentialsProfile, Feature::CredentialsProfileSourceProfile]) {
        "the AWS profile"
    } else if has(&[Feature::CredentialsEnvVars]) {
        "keys from the environment"
    } else if has(&[Feature::CredentialsImds]) {
        "the role of this machine"
    } else if has(&[Feature::CredentialsHttp]) {
        "the role of this container"
    } else {
        "the AWS credentials chain"
    }
}

/// Whether what is sent there could be read on the way: a session token or a bearer key is as good as a password.
fn travels_in_the_open(url: &str) -> bool {
    let Some(host) = origin(url).and_then(|origin| origin.strip_prefix("http://").map(str::to_owned)) else {
        return false;
    };
    let name = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((ip, _port)) => ip,
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_here = name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !(is_here || name == "localhost" || name.ends_with(".localhost"))
}

fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::{origin, travels_in_the_open};

    #[test]
    fn only_this_machine_is_spoken_to_in_the_open() {
        for fine in ["https://vpce.example", "http://127.0.0.1:4566", "http://localhost:4566/x", "http://[::1]:4566"] {
            assert!(!travels_in_the_open(fine), "{fine}");
        }
        for open in
            ["http://gateway.example", "http://10.0.0.7:8080", "http://localhost.evil.example", "http://[fe80::1]"]
        {
            assert!(travels_in_the_open(open), "{open}");
        }
    }

    #[test]
    fn an_address_is_shown_without_user_path_and_query() {
        assert_eq!(origin("https://me:secret@vpce.example:8443/x?token=1").unwrap(), "https://vpce.example:8443");
        for bad in ["", "nonsense", "ftp://x", "http://", "https:///path"] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
