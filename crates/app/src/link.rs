//! Links in replies: judged here, opened only after the person has seen where they lead.

use crate::error::{WireError, invalid};
use serde::Serialize;
use url::{Host, Url};

/// A link as the person is asked about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LinkView {
    /// The whole address, as it would be opened.
    pub url: String,
    /// `https` or `mailto`.
    pub scheme: String,
    /// The host as the network resolves it (so letters that only look alike are seen), or the mail address.
    pub host: String,
    /// What makes the link unusual, if anything does.
    pub warning: Option<String>,
}

/// Judges a link. Only `https` and `mailto` are ever opened.
pub fn inspect(text: &str) -> Result<LinkView, WireError> {
    let refuse = |message: &str| invalid(message, "Copy it and look at it closely if you must open it.");
    let url = Url::parse(text).map_err(|_| refuse("that is not a whole link"))?;
    match url.scheme() {
        "https" => {
            let host = url.host().ok_or_else(|| refuse("the link names no host"))?;
            Ok(LinkView {
                url: url.to_string(),
                scheme: "https".to_owned(),
                host: host.to_string(),
                warning: warning(&url, &host),
            })
        }
        "mailto" => Ok(LinkView {
            url: url.to_string(),
            scheme: "mailto".to_owned(),
            host: url.path().to_owned(),
            warning: url
                .query()
                .map(|_| "It fills in parts of the mail: read all of it before you send it.".to_owned()),
        }),
        _ => Err(refuse("links of that kind are not opened")),
    }
}

fn warning(url: &Url, host: &Host<&str>) -> Option<String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some("The part before the @ is a user name and not the site.".to_owned());
    }
    match host {
        Host::Domain(name) if name.split('.').any(|label| label.starts_with("xn--")) => {
            Some("The name holds letters that may look like others.".to_owned())
        }
        Host::Domain(_) => None,
        Host::Ipv4(_) | Host::Ipv6(_) => Some("The site is given by number, not by name.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_real_host_is_shown() {
        let link = inspect("https://bank.example@evil.example/pay?x=1").unwrap();
        assert_eq!(link.host, "evil.example");
        assert!(link.warning.unwrap().contains('@'));
        assert!(inspect("https://аpple.com").unwrap().host.starts_with("xn--"), "a Cyrillic letter is not an a");
        assert_eq!(inspect("mailto:ada@example.org").unwrap().host, "ada@example.org");
    }

    #[test]
    fn other_schemes_are_refused() {
        for bad in [
            "http://example.org",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "/relative",
            "ssh://x",
            "https://",
        ] {
            assert!(inspect(bad).is_err(), "{bad}");
        }
    }
}
