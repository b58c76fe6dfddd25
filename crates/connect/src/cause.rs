//! Why a connection failed, in words for a person.

use std::error::Error;
use std::io;
use twin_core::error::{Code, Failure};

/// What broke below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Refused,
    UnknownHost,
    Tls,
    TimedOut,
    /// The proxy cannot be reached.
    NoProxy,
    /// The proxy wants to know who asks.
    ProxyLocked,
    /// The proxy does not let this through.
    ProxyRefused,
    Other,
}

/// The error and everything below it. `io::Error::source` skips the error that it wraps, so that one is stepped into.
pub(crate) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

impl Cause {
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        chain(error)
            .find_map(|error| {
                if error.is::<rustls::Error>() {
                    return Some(Self::Tls);
                }
                // Some have no type of their own, or a private one: their words are all that can be seen of them.
                match error.to_string() {
                    words if words.starts_with("tunnel error: failed to create") => return Some(Self::NoProxy),
                    words if words.starts_with("tunnel error: proxy authorization") => return Some(Self::ProxyLocked),
                    words if words.starts_with("tunnel error: unsuccessful") => return Some(Self::ProxyRefused),
                    words if words.starts_with("dns error") => return Some(Self::UnknownHost),
                    words if words.starts_with("tls handshake eof") => return Some(Self::Tls),
                    _ => {}
                }
                match error.downcast_ref::<io::Error>()?.kind() {
                    io::ErrorKind::ConnectionRefused => Some(Self::Refused),
                    io::ErrorKind::TimedOut => Some(Self::TimedOut),
                    _ => None,
                }
            })
            .unwrap_or(Self::Other)
    }

    /// The failure to reach `place`: an address without user name, path or query.
    pub(crate) fn to_failure(self, place: &str) -> Failure {
        match self {
            Self::Refused => Failure::passing(
                Code::Unreachable,
                format!("nothing answers at {place}"),
                "Is the server running? Start it, or correct its address in the settings.",
            ),
            Self::UnknownHost => Failure::passing(
                Code::Unreachable,
                format!("the name of {place} cannot be found"),
                "Check the internet connection, and the address in the settings.",
            ),
            Self::Tls => Failure::permanent(
                Code::Unreachable,
                format!("no secure connection to {place}: its certificate was not accepted, or it does not speak TLS"),
                "Check that the address begins with the right one of http and https; behind a company proxy, choose the file with the company's certificate in the settings.",
            ),
            Self::TimedOut => Failure::passing(
                Code::Unreachable,
                format!("{place} did not answer in time"),
                "Check the internet connection, then try again.",
            ),
            Self::NoProxy => Failure::passing(
                Code::Unreachable,
                format!("the proxy on the way to {place} cannot be reached"),
                "Check the internet connection, and the proxy in the settings.",
            ),
            Self::ProxyLocked => Failure::permanent(
                Code::Unreachable,
                format!("the proxy on the way to {place} asks for a password"),
                "Write the proxy in the settings with a user name and a password: http://name:password@proxy.example:3128.",
            ),
            Self::ProxyRefused => Failure::passing(
                Code::Unreachable,
                format!("the proxy does not let a connection to {place} through"),
                "Ask for this address to be allowed, or correct the proxy in the settings.",
            ),
            Self::Other => Failure::passing(
                Code::Unreachable,
                format!("the connection to {place} failed"),
                "Check the internet connection, then try again.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_wrapped_in_an_io_error_is_found() {
        let tls = rustls::Error::General("x".to_owned());
        let error = io::Error::other(io::Error::other(tls));
        assert_eq!(Cause::of(&error), Cause::Tls);
        assert_eq!(Cause::of(&io::Error::from(io::ErrorKind::ConnectionRefused)), Cause::Refused);
        assert_eq!(Cause::of(&io::Error::other("dns error: no such host")), Cause::UnknownHost);
    }
}
