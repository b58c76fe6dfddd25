//! How to get out of this machine: a proxy, and certificates beside the system's.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use twin_core::error::{Code, Failure};

#[cfg(feature = "bedrock")]
mod aws;
#[cfg(feature = "bedrock")]
pub(crate) use aws::Http;

/// As the settings say. Default: as the environment says.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Network {
    /// `http://proxy:3128`. Never asked for what is on this machine.
    pub proxy: Option<String>,
    /// A PEM file with certificates to trust beside the system's. None: for AWS, the one that `AWS_CA_BUNDLE` names.
    pub ca_file: Option<PathBuf>,
}

/// The proxy's address may hold a password.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = self.proxy.as_ref().map(|_| "[redacted]");
        f.debug_struct("Network").field("proxy", &proxy).field("ca_file", &self.ca_file).finish()
    }
}

impl Network {
    /// Whether proxy and certificates can be used, as far as that can be seen without asking anybody.
    #[cfg(feature = "openai")]
    pub fn check(&self) -> Result<(), Failure> {
        self.reqwest_builder(false).map(drop)
    }

    /// What the client for one server is built from; `is_loopback` tells whether the server is on this machine.
    #[cfg(feature = "openai")]
    pub(crate) fn reqwest_builder(&self, is_loopback: bool) -> Result<reqwest::ClientBuilder, Failure> {
        let mut builder = reqwest::Client::builder();
        if is_loopback {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| bad_proxy())?);
        }
        if let Some(pem) = authorities(self.ca_file.as_deref())? {
            let unusable = |_| bad_authorities(self.ca_file.as_deref().unwrap_or(Path::new("")));
            builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(&pem).map_err(unusable)?);
        }
        Ok(builder)
    }
}

/// Whether what is sent to `host`, with or without the brackets of an address of IPv6, stays on this machine.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The PEM file, when every certificate in it can be used: the SDK panics at others.
fn authorities(path: Option<&Path>) -> Result<Option<Vec<u8>>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let pem = fs_err::read(path).map_err(|error| {
        Failure::permanent(
            Code::InvalidInput,
            format!("the certificate file {} cannot be read: {}", path.display(), error.kind()),
            "Choose another certificate file in the settings, or none.",
        )
    })?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let is_usable = certificate.is_ok_and(|certificate| roots.add(certificate).is_ok());
        is_usable.then_some(()).ok_or_else(|| bad_authorities(path))?;
    }
    if roots.is_empty() { Err(bad_authorities(path)) } else { Ok(Some(pem)) }
}

fn bad_authorities(path: &Path) -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        format!("the certificate file {} holds none that can be used", path.display()),
        "Choose a PEM file: its certificates begin with a line -----BEGIN CERTIFICATE-----.",
    )
}

fn bad_proxy() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the proxy in the settings is no address",
        "Write it as http://proxy.example:3128, or leave it empty for the environment's own.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_proxy_is_never_printed() {
        let network = Network { proxy: Some("http://me:hunter2@proxy.example:3128".to_owned()), ca_file: None };
        assert!(!format!("{network:?}").contains("hunter2"));
    }
}
