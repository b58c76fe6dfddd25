//! Region, endpoint and credentials, as the settings and the AWS environment give them.

use super::failure;
use super::{BedrockAuth, BedrockConfig};
use crate::network::{Http, is_this_machine};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sdk_bedrockruntime::config::Token;
use aws_sdk_bedrockruntime::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_sdk_bedrockruntime::{Client, config};
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use aws_smithy_types::endpoint::Endpoint;
use aws_types::service_config::ServiceConfigKey;
use std::time::{SystemTime, UNIX_EPOCH};
use twin_core::catalogue::AwsIdentity;
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;
use twin_core::time::Timestamp;

const BEARER: &str = "AWS_BEARER_TOKEN_BEDROCK";
const KEY: &str = "AWS_ACCESS_KEY_ID";
const PROFILE: &str = "AWS_PROFILE";

pub(super) struct Identity {
    sdk: SdkConfig,
    region: Region,
    proof: Proof,
    http: Http,
    profile: Option<String>,
}

/// With what a request shows who asks.
enum Proof {
    Keys(SharedCredentialsProvider),
    Bearer(Secret<String>),
}

/// The same, ready for use.
#[derive(Clone)]
pub(super) enum Seal {
    Keys(Credentials),
    Bearer(Secret<String>),
}

impl Identity {
    pub(super) async fn load(settings: &BedrockConfig) -> Result<Self, Failure> {
        for url in [&settings.endpoint_url, &settings.control_endpoint_url].into_iter().flatten() {
            // The SDK panics at some texts that are no address.
            origin(url).ok_or_else(failure::bad_endpoint)?;
        }
        let http = Http::of(&settings.network)?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.client());
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = profile(&settings.credentials) {
            loader = loader.profile_name(profile);
        }
        let bearer = match &settings.credentials {
            BedrockAuth::ApiKey(key) => Some(key.clone()),
            // The SDK lets it win over every other credential of the chain, and so do we, aloud.
            BedrockAuth::Chain => environment(BEARER).map(Secret::new),
            BedrockAuth::Profile(_) | BedrockAuth::Keys { .. } => None,
        };
        // Otherwise a forgotten key in the environment would win over what was chosen.
        let scheme = if bearer.is_some() { "httpBearerAuth" } else { "sigv4" };
        let sdk = loader.auth_scheme_preference([AuthSchemeId::from(scheme)]).load().await;
        let region = sdk.region().cloned().ok_or_else(failure::no_region)?;
        if !is_region(region.as_ref()) {
            return Err(failure::bad_region());
        }
        let proof = match bearer {
            // Pasted keys come with line ends.
            Some(key) => Proof::Bearer(Secret::new(key.expose().trim().to_owned())),
            None => Proof::Keys(provider(&settings.credentials, &sdk, &region, &http)?),
        };
        let profile = profile(&settings.credentials).map(str::to_owned);
        let identity = Self { sdk, region, proof, http, profile };
        for service in [RUNTIME, CONTROL] {
            if identity.address(service, settings).is_some_and(|url| travels_in_the_open(&url)) {
                return Err(failure::endpoint_in_the_open());
            }
        }
        Ok(identity)
    }

    pub(super) fn region(&self) -> &str {
        self.region.as_ref()
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// The profile, where one was chosen.
    pub(super) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// By the machine's clock.
    pub(super) fn now(&self) -> SystemTime {
        self.sdk.time_source().unwrap_or_default().now()
    }

    pub(super) fn client(&self, settings: &BedrockConfig) -> Client {
        let mut builder = config::Builder::from(&self.sdk);
        builder = match &self.proof {
            Proof::Keys(provider) => builder.credentials_provider(provider.clone()),
            Proof::Bearer(key) => builder.bearer_token(Token::new(key.expose().clone(), None)),
        };
        // Here and not in the SDK's shared configuration, where it would move the credential services as well.
        builder.set_endpoint_url(self.address(RUNTIME, settings));
        Client::from_conf(builder.build())
    }

    /// Whom one talks to. Only the origin of an address: the rest may hold what is nobody's business.
    pub(super) fn place(&self, settings: &BedrockConfig) -> String {
        let url = self.address(RUNTIME, settings);
        url.as_deref().and_then(origin).unwrap_or_else(|| format!("Amazon Bedrock in {}", self.region()))
    }

    /// The address that the settings or the AWS environment give to a service in place of AWS's own.
    fn address(&self, service: Service, settings: &BedrockConfig) -> Option<String> {
        let chosen = match service.host {
            "bedrock-runtime" => settings.endpoint_url.clone(),
            "bedrock" => settings.control_endpoint_url.clone(),
            _ => None,
        };
        address(&self.sdk, service.id, chosen)
    }

    /// Where a service is, without a slash at the end.
    pub(super) async fn endpoint(&self, service: Service, settings: &BedrockConfig) -> Result<String, Failure> {
        if let Some(url) = self.address(service, settings) {
            origin(&url).ok_or_else(failure::bad_endpoint)?;
            return Ok(url.trim_end_matches('/').to_owned());
        }
        let ours = Params::builder().set_use_fips(self.sdk.use_fips()).set_use_dual_stack(self.sdk.use_dual_stack());
        endpoint(service, ours.region(self.region())).await
    }

    /// What requests that are signed by hand are signed with. Asks the source of the credentials, which may ask AWS.
    pub(super) async fn seal(&self) -> Result<Seal, Failure> {
        Ok(match &self.proof {
            Proof::Bearer(key) => Seal::Bearer(key.clone()),
            Proof::Keys(provider) => {
                let credentials = provider.provide_credentials().await;
                Seal::Keys(credentials.map_err(|error| failure::of_credentials(&error, self.profile()))?)
            }
        })
    }

    /// Whether the credentials come from a sign-in in a browser.
    pub(super) async fn signs_in(&self) -> bool {
        let Ok(Seal::Keys(credentials)) = self.seal().await else { return false };
        let features = credentials.get_property::<Vec<Feature>>().map_or(&[][..], Vec::as_slice);
        features.iter().any(|feature| matches!(feature, Feature::CredentialsProfileSso | Feature::CredentialsSso))
    }

    /// Who asks, for the eye.
    pub(super) fn describe(&self, seal: &Seal, auth: &BedrockAuth) -> AwsIdentity {
        let credentials = match seal {
            Seal::Keys(credentials) => Some(credentials),
            Seal::Bearer(_) => None,
        };
        let source = match (auth, credentials) {
            (BedrockAuth::Chain, None) => format!("the API key in {BEARER}"),
            (BedrockAuth::Chain, Some(credentials)) => from_the_chain(credentials),
            (BedrockAuth::Profile(name), _) => format!("profile {name}"),
            (BedrockAuth::Keys { .. }, _) => "the keys from the settings".to_owned(),
            (BedrockAuth::ApiKey(_), _) => "the API key from the settings".to_owned(),
        };
        let used: &[&str] = match (auth, credentials) {
            (BedrockAuth::Chain, None) => &[BEARER],
            (BedrockAuth::Chain, Some(_)) => &[KEY, PROFILE],
            // Region and endpoint may still come from it.
            (BedrockAuth::Keys { .. } | BedrockAuth::ApiKey(_), _) => &[PROFILE],
            (BedrockAuth::Profile(name), _) if environment(PROFILE).as_ref() == Some(name) => &[PROFILE],
            (BedrockAuth::Profile(_), _) => &[],
        };
        let set = [BEARER, KEY, PROFILE].into_iter().filter(|name| environment(name).is_some());
        AwsIdentity {
            source,
            region: self.region().to_owned(),
            key_ends_with: credentials.and_then(|keys| last_four(keys.access_key_id())),
            expires_at: credentials.and_then(Credentials::expiry).and_then(timestamp),
            ignored: set.filter(|name| !used.contains(name)).map(str::to_owned).collect(),
        }
    }
}

/// A service of AWS: how its hosts begin, and how its own settings are called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Service {
    pub(super) host: &'static str,
    pub(super) id: &'static str,
}

/// Answers.
const RUNTIME: Service = Service { host: "bedrock-runtime", id: "Bedrock Runtime" };
/// Lists the models.
pub(super) const CONTROL: Service = Service { host: "bedrock", id: "Bedrock" };
/// Tells who asks.
pub(super) const STS: Service = Service { host: "sts", id: "STS" };
/// Signs people in.
pub(super) const OIDC: Service = Service { host: "oidc", id: "SSO OIDC" };

/// AWS's own address of a service in one region. The SDK knows every partition's domain, but only for the service that it
/// was made for, whose name is therefore replaced: all of them are named alike.
pub(super) async fn endpoint(
    service: Service,
    params: aws_sdk_bedrockruntime::config::endpoint::ParamsBuilder,
) -> Result<String, Failure> {
    let params = params.build().map_err(|_| failure::bad_region())?;
    let endpoint: Endpoint =
        DefaultResolver::new().resolve_endpoint(&params).await.map_err(|_| failure::bad_region())?;
    Ok(endpoint.url().replacen("://bedrock-runtime", &format!("://{}", service.host), 1))
}

/// The address that was chosen for a service, else the one that the AWS environment gives, else none: AWS's own.
pub(crate) fn address(sdk: &SdkConfig, service_id: &str, chosen: Option<String>) -> Option<String> {
    let configured = || {
        let key = ServiceConfigKey::builder().service_id(service_id).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        sdk.service_config()?.load_config(key.build().ok()?)
    };
    // A variable that is set to nothing means nothing, but the SDK panics at it.
    let is_set = |url: &String| !url.is_empty();
    chosen.or_else(|| configured().filter(is_set)).or_else(|| sdk.endpoint_url().map(str::to_owned).filter(is_set))
}

pub(crate) fn provider(
    credentials: &BedrockAuth,
    sdk: &SdkConfig,
    region: &Region,
    http: &Http,
) -> Result<SharedCredentialsProvider, Failure> {
    Ok(match credentials {
        // Not the chain with another profile name: there, keys in the environment would win over the profile.
        BedrockAuth::Profile(name) => {
            let config = ProviderConfig::without_region().with_http_client(http.client());
            let provider = ProfileFileCredentialsProvider::builder()
                .profile_name(name)
                .configure(&config.with_region(Some(region.clone())));
            SharedCredentialsProvider::new(provider.build())
        }
        // Pasted keys come with line ends.
        BedrockAuth::Keys { access_key_id, secret_access_key, session_token } => {
            SharedCredentialsProvider::new(Credentials::from_keys(
                access_key_id.expose().trim(),
                secret_access_key.expose().trim(),
                session_token.as_ref().map(|token| token.expose().trim().to_owned()),
            ))
        }
        BedrockAuth::Chain | BedrockAuth::ApiKey(_) => sdk.credentials_provider().ok_or_else(|| {
            Failure::permanent(Code::Internal, "the AWS configuration has no credentials provider", "Report this.")
        })?,
    })
}

/// The profile, where one was chosen.
pub(super) fn profile(auth: &BedrockAuth) -> Option<&str> {
    match auth {
        BedrockAuth::Profile(name) => Some(name),
        BedrockAuth::Chain | BedrockAuth::Keys { .. } | BedrockAuth::ApiKey(_) => None,
    }
}

/// A variable that is set to nothing means nothing.
fn environment(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|value| !value.trim().is_empty())
}

/// It becomes a part of the host's name.
pub(crate) fn is_region(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Not of a short one, of which it would be most.
fn last_four(key_id: &str) -> Option<String> {
    (key_id.len() >= 8).then(|| key_id.get(key_id.len() - 4..).map(str::to_owned)).flatten()
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    let millis = time.duration_since(UNIX_EPOCH).ok()?.as_millis();
    Some(Timestamp::from_millis(i64::try_from(millis).ok()?))
}

fn from_the_chain(credentials: &Credentials) -> String {
    let features = credentials.get_property::<Vec<Feature>>().map_or(&[][..], Vec::as_slice);
    let has = |wanted: &[Feature]| features.iter().any(|feature| wanted.contains(feature));
    let profile = || environment(PROFILE).unwrap_or_else(|| "default".to_owned());
    if has(&[Feature::CredentialsProfileSso, Feature::CredentialsSso]) {
        format!("single sign-on of the AWS profile {}", profile())
    } else if has(&[Feature::CredentialsProfileProcess, Feature::CredentialsProcess]) {
        format!("the credential process of the AWS profile {}", profile())
    } else if has(&[Feature::CredentialsProfileStsWebIdToken]) && environment("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
        // The SDK marks those of the environment as a profile's.
        "the role that AWS_ROLE_ARN names".to_owned()
    } else if has(&[
        Feature::CredentialsProfile,
        Feature::CredentialsStsAssumeRole,
        Feature::CredentialsProfileStsWebIdToken,
    ]) {
        format!("the AWS profile {}", profile())
    } else if has(&[Feature::CredentialsEnvVars]) {
        "keys from the environment".to_owned()
    } else if has(&[Feature::CredentialsImds]) {
        "the role of this machine".to_owned()
    } else if has(&[Feature::CredentialsHttp]) {
        "the role of this container".to_owned()
    } else {
        "the AWS credentials chain".to_owned()
    }
}

/// Whether what is sent there could be read on the way: a session token or a bearer key is as good as a password.
pub(crate) fn travels_in_the_open(url: &str) -> bool {
    let Some(host) = origin(url).and_then(|origin| origin.strip_prefix("http://").map(str::to_owned)) else {
        return false;
    };
    let name = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((ip, _port)) => ip,
        None => host.split(':').next().unwrap_or_default(),
    };
    !is_this_machine(name)
}

pub(crate) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next().filter(|host| !host.is_empty())?;
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_partition_has_its_own_domain() {
        let at = async |service, region: &str, fips| {
            endpoint(service, Params::builder().region(region).use_fips(fips)).await.unwrap()
        };
        assert_eq!(at(CONTROL, "eu-west-1", false).await, "https://bedrock.eu-west-1.amazonaws.com");
        assert_eq!(at(CONTROL, "us-gov-west-1", true).await, "https://bedrock-fips.us-gov-west-1.amazonaws.com");
        assert_eq!(at(STS, "cn-north-1", false).await, "https://sts.cn-north-1.amazonaws.com.cn");
        assert_eq!(at(OIDC, "eu-central-1", false).await, "https://oidc.eu-central-1.amazonaws.com");
    }

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
