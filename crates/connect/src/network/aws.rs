//! The one HTTP client of everything that speaks to AWS: Bedrock, and those who hand out credentials.

use super::{Network, authorities, bad_proxy, is_this_machine};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use twin_core::error::{Code, Failure};

/// For what is signed by hand; the SDK has limits of its own.
const CONNECT: Duration = Duration::from_secs(10);

/// Connections that are kept, one set for each way out. The SDK's own client is switched off (it brings a second TLS
/// stack), so everything that may speak HTTP must be given this one.
#[derive(Clone)]
pub(crate) struct Http(Arc<Inner>);

struct Inner {
    proxy: ProxyConfig,
    tls: TlsContext,
    connectors: Mutex<Vec<(Limits, SharedHttpConnector)>>,
}

/// To connect and to read. Who looks for credentials gives up after a second where others wait.
type Limits = (Option<Duration>, Option<Duration>);

/// The ways out that were used, and the certificates that each was made with: the file may be replaced meanwhile.
static KEPT: Mutex<Vec<(Way, Http)>> = Mutex::new(Vec::new());

#[derive(PartialEq, Eq)]
struct Way {
    proxy: Option<String>,
    authorities: Option<Vec<u8>>,
}

impl Http {
    pub(crate) fn of(network: &Network) -> Result<Self, Failure> {
        let named = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from);
        let ca_file = network.ca_file.clone().or(named);
        let way = Way { proxy: network.proxy.clone(), authorities: authorities(ca_file.as_deref())? };
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, http)) = kept.iter().find(|(other, _)| *other == way) {
            return Ok(http.clone());
        }
        let http = Self(Arc::new(Inner::new(&way)?));
        kept.push((way, http.clone()));
        Ok(http)
    }

    /// For the SDK.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let http = self.clone();
        http_client_fn(move |settings, _| http.0.connector(settings))
    }

    /// Reads the system's certificates now, and not with the first request of the SDK that has this limit.
    pub(crate) fn prepare(&self, connect: Duration) {
        self.0.connector(&HttpConnectorSettings::builder().connect_timeout(connect).build());
    }

    /// For what is signed by hand.
    pub(crate) fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.connector(&HttpConnectorSettings::builder().connect_timeout(CONNECT).build()).call(request)
    }
}

impl Inner {
    fn new(way: &Way) -> Result<Self, Failure> {
        let proxy = match &way.proxy {
            Some(proxy) => ProxyConfig::all(proxy.as_str()).map_err(|_| bad_proxy())?,
            None => ProxyConfig::from_env(),
        };
        let mut trusted = TrustStore::default();
        if let Some(pem) = &way.authorities {
            trusted.add_pem_certificate(pem.clone());
        }
        let tls = TlsContext::builder().with_trust_store(trusted).build().map_err(|_| {
            Failure::permanent(
                Code::Unreachable,
                "secure connections cannot be set up from these certificates",
                "Choose another certificate file in the settings.",
            )
        })?;
        Ok(Self { proxy, tls, connectors: Mutex::default() })
    }

    fn connector(&self, settings: &HttpConnectorSettings) -> SharedHttpConnector {
        let limits = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = connectors.iter().find(|(other, _)| *other == limits) {
            return connector.clone();
        }
        let builder = || {
            ConnectorBuilder::default()
                .connector_settings(settings.clone())
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(self.tls.clone())
        };
        let proxied = builder().proxy_config(self.proxy.clone()).build();
        let connector = SharedHttpConnector::new(Outlets { direct: builder().build(), proxied });
        connectors.push((limits, connector.clone()));
        connector
    }
}

/// The SDK's client cannot be told what the environment's proxy is not for, so there are two.
#[derive(Debug)]
struct Outlets {
    direct: Connector,
    proxied: Connector,
}

impl HttpConnector for Outlets {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let authority = request.uri().split_once("://").map_or("", |(_, rest)| rest);
        let host = host(authority.split(['/', '?']).next().unwrap_or_default());
        if is_here(host) { self.direct.call(request) } else { self.proxied.call(request) }
    }
}

/// Without the port.
fn host(authority: &str) -> &str {
    match authority.rfind(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// What must not go through a proxy: this machine, and what hands out credentials beside it (169.254.0.0/16).
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_near = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local(),
        // fd00:ec2::254 is the instance's metadata.
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local() || ip.segments()[..2] == [0xfd00, 0x0ec2],
    };
    is_this_machine(host) || host.parse().is_ok_and(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[tokio::test]
    async fn the_search_for_credentials_ends_when_it_says_and_not_when_others_do() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let inner = Inner::new(&Way { proxy: None, authorities: None }).unwrap();
        let connector = |millis| {
            let settings = HttpConnectorSettings::builder().read_timeout(Duration::from_millis(millis)).build();
            inner.connector(&settings)
        };
        let _patient = connector(600_000);
        let request = HttpRequest::get(format!("http://{}/", silent.local_addr().unwrap())).unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(20), connector(1).call(request)).await;
        assert!(answer.unwrap().unwrap_err().is_timeout());
        assert_eq!(inner.connectors.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_proxy_is_not_for_what_is_near() {
        for near in ["127.0.0.1:80", "localhost", "x.localhost:1", "[::1]:8080", "169.254.169.254", "[fd00:ec2::254]"] {
            assert!(is_here(host(near)), "{near}");
        }
        for far in ["bedrock.eu-west-1.amazonaws.com:443", "10.0.0.7", "[fd00::1]", "localhost.example", ""] {
            assert!(!is_here(host(far)), "{far}");
        }
        assert!(!is_this_machine("169.254.169.254"), "a key would travel there");
    }
}
