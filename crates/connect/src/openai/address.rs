//! Where a server is, and whether a key may go there.

use crate::network::is_this_machine;
use reqwest::Url;
use reqwest::header::HeaderValue;
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;

/// The base of an API, without a slash at its end.
#[derive(Debug, Clone)]
pub(super) struct Address(Url);

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let mut url = Url::parse(text.trim()).map_err(|_| invalid("it is not an address"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(invalid("it does not begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it contains a user name or a password, which belongs into the key's field"));
        }
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/chat/completions").unwrap_or(path).to_owned();
        url.set_path(if path.is_empty() { "/v1" } else { &path });
        Ok(Self(url))
    }

    pub(super) fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path()));
        url
    }

    /// Beside the API, from the server's root.
    pub(super) fn join_root(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// For messages: no path, no query.
    pub(super) fn place(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_this_machine(self.0.host_str().unwrap_or_default())
    }

    /// The header for `key`, if the key is safe on the way to this address.
    pub(super) fn authorization(&self, key: &Secret<String>) -> Result<HeaderValue, Failure> {
        if self.0.scheme() != "https" && !self.is_loopback() {
            return Err(Failure::permanent(
                Code::InvalidInput,
                format!("the key would travel unencrypted to {}", self.place()),
                "Use an address that begins with https://, or remove the key.",
            ));
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose().trim())).map_err(|_| {
            Failure::permanent(
                Code::InvalidInput,
                "the key contains characters that no key has",
                "Check that the key was pasted whole and alone.",
            )
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn invalid(why: &str) -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        format!("the server's address cannot be used: {why}"),
        "Write it as http://localhost:11434 or https://api.openai.com/v1.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("http://localhost:11434", "http://localhost:11434/v1/models")]
    #[case(" http://localhost:11434/ ", "http://localhost:11434/v1/models")]
    #[case("https://api.openai.com/v1", "https://api.openai.com/v1/models")]
    #[case("https://api.openai.com/v1///", "https://api.openai.com/v1/models")]
    #[case("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/models")]
    #[case("https://gateway.example/openai?api-version=1#x", "https://gateway.example/openai/models?api-version=1")]
    fn an_address_is_completed(#[case] text: &str, #[case] models: &str) {
        assert_eq!(Address::parse(text).unwrap().join("models").as_str(), models);
    }

    #[rstest]
    fn what_is_no_address_is_refused(
        #[values("", "localhost:11434", "ftp://x", "file:///etc/passwd", "http://me:secret@host")] text: &str,
    ) {
        let failure = Address::parse(text).unwrap_err();
        assert_eq!((failure.code, failure.retryable), (Code::InvalidInput, false));
        assert!(!failure.message.contains("secret"));
    }

    #[rstest]
    #[case("https://api.example", true)]
    #[case("http://localhost:1", true)]
    #[case("http://127.8.0.1", true)]
    #[case("http://[::1]:8080", true)]
    #[case("http://192.168.1.5", false)]
    #[case("http://localhost.example", false)]
    fn a_key_travels_encrypted_or_stays_here(#[case] text: &str, #[case] allowed: bool) {
        let key = Secret::new("sk-secret".to_owned());
        match Address::parse(text).unwrap().authorization(&key) {
            Ok(value) => assert!(allowed && value.is_sensitive()),
            Err(failure) => assert!(!allowed && !failure.message.contains("sk-secret")),
        }
    }
}
