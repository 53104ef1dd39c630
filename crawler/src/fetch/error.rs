//! Why a page could not be fetched: one variant for each fault, so that each can be counted and judged.

use std::{error::Error, io, net::IpAddr};

/// A request had no usable answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FetchError {
    /// Not http or https, or without a host.
    #[error("only http and https addresses are fetched")]
    Scheme,
    /// Longer than any address of a document.
    #[error("the address is too long")]
    UrlTooLong,
    /// A user name or password in the address.
    #[error("the address carries a user name or password")]
    UserInfo,
    /// A port that speaks another protocol.
    #[error("port {0} is not for web pages")]
    Port(u16),
    /// An address in somebody's own network.
    #[error("{0} is a private address; only `allow_private` opens it")]
    PrivateAddress(IpAddr),
    /// A request for one host on the connection of another.
    #[error("the address is another host's")]
    OtherHost,
    /// The host name has no address, or the name server failed.
    #[error("the host name could not be resolved")]
    Dns(#[source] io::Error),
    /// Nobody listens.
    #[error("the connection was refused")]
    Refused(#[source] reqwest::Error),
    /// No connection, for another reason.
    #[error("no connection")]
    Connect(#[source] reqwest::Error),
    /// No connection in time.
    #[error("no connection in time")]
    ConnectTimeout,
    /// The certificate or the protocol of the host is not to be trusted.
    #[error("no trusted connection (TLS)")]
    Tls(#[source] reqwest::Error),
    /// Connected, but no answer in time.
    #[error("no answer in time")]
    FirstByteTimeout,
    /// The answer stood still.
    #[error("the answer stood still")]
    IdleTimeout,
    /// The answer came, but too slowly to wait for it.
    #[error("the answer came too slowly")]
    TooSlow,
    /// The whole answer did not come in time.
    #[error("the whole answer did not come in time")]
    Timeout,
    /// The connection broke before the answer.
    #[error("the connection broke")]
    Reset(#[source] reqwest::Error),
    /// The answer ended before its end.
    #[error("the answer was cut off")]
    Truncated(#[source] reqwest::Error),
    /// A long body could not be put aside while it came.
    #[error("a long answer could not be put aside in the data directory")]
    Spool(#[source] io::Error),
    /// The packed body ended before its end.
    #[error("the packed answer was cut off")]
    CodingEnded,
    /// What came is not HTTP.
    #[error("the answer is not HTTP")]
    InvalidHttp(#[source] reqwest::Error),
    /// Status line and headers over the limit.
    #[error("the headers of the answer are too long")]
    HeadersTooLarge,
    /// The body, as sent or decoded, is over the limit.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// Most bytes that are read.
        limit: u64,
    },
    /// The body swells out of all proportion when it is decoded.
    #[error("the answer is a decompression bomb")]
    Bomb,
    /// The body's content coding is damaged, or not one we asked for.
    #[error("the content coding could not be undone: {0}")]
    Coding(String),
}

impl FetchError {
    /// The fault as one stable word, for summaries.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::UrlTooLong => "url_too_long",
            Self::UserInfo => "user_info",
            Self::Port(_) => "port",
            Self::PrivateAddress(_) => "private_address",
            Self::OtherHost => "other_host",
            Self::Dns(_) => "dns",
            Self::Refused(_) => "connection_refused",
            Self::Connect(_) => "no_connection",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls(error) => tls_code(cause::<rustls::Error>(error)),
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::TooSlow => "too_slow",
            Self::Timeout => "timeout",
            Self::Reset(_) => "connection_reset",
            Self::Truncated(_) | Self::CodingEnded => "truncated",
            Self::Spool(_) => "spool",
            Self::InvalidHttp(_) => "invalid_http",
            Self::HeadersTooLarge => "headers_too_large",
            Self::TooLarge { .. } => "too_large",
            Self::Bomb => "bomb",
            Self::Coding(_) => "coding",
        }
    }

    /// Whether another try may fare better.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Dns(_)
            | Self::Refused(_)
            | Self::Connect(_)
            | Self::ConnectTimeout
            | Self::FirstByteTimeout
            | Self::IdleTimeout
            | Self::TooSlow
            | Self::Timeout
            | Self::Reset(_)
            | Self::Truncated(_)
            | Self::Spool(_)
            | Self::CodingEnded => true,
            Self::Scheme
            | Self::UrlTooLong
            | Self::UserInfo
            | Self::Port(_)
            | Self::PrivateAddress(_)
            | Self::OtherHost
            | Self::Tls(_)
            | Self::InvalidHttp(_)
            | Self::HeadersTooLarge
            | Self::TooLarge { .. }
            | Self::Bomb
            | Self::Coding(_) => false,
        }
    }

    /// A fault on the way to the first byte of an answer.
    pub(super) fn of_request(error: reqwest::Error) -> Self {
        let kind = io_kind(&error);
        if error.is_connect() {
            return match kind {
                _ if error.is_timeout() => Self::ConnectTimeout,
                _ if cause::<rustls::Error>(&error).is_some() => Self::Tls(error),
                Some(io::ErrorKind::ConnectionRefused) => Self::Refused(error),
                Some(io::ErrorKind::TimedOut) => Self::ConnectTimeout,
                _ => Self::Connect(error),
            };
        }
        if error.is_timeout() {
            return Self::FirstByteTimeout;
        }
        match cause::<hyper::Error>(&error) {
            Some(hyper) if hyper.is_parse_too_large() => Self::HeadersTooLarge,
            Some(hyper) if hyper.is_parse() => Self::InvalidHttp(error),
            _ => Self::Reset(error),
        }
    }

    /// A fault while the body was read.
    pub(super) fn of_body(error: reqwest::Error) -> Self {
        match io_kind(&error) {
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted) => Self::Reset(error),
            _ if error.is_timeout() => Self::IdleTimeout,
            _ => Self::Truncated(error),
        }
    }
}

/// What is wrong with a handshake. A certificate that its host signed itself is, to us, one of an unknown authority.
fn tls_code(error: Option<&rustls::Error>) -> &'static str {
    use rustls::{CertificateError as Certificate, Error};
    let Some(Error::InvalidCertificate(certificate)) = error else {
        return "tls";
    };
    match certificate {
        Certificate::Expired | Certificate::ExpiredContext { .. } => "tls_expired",
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => "tls_not_yet_valid",
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => "tls_wrong_name",
        Certificate::Revoked => "tls_revoked",
        Certificate::UnknownIssuer => "tls_unknown_issuer",
        // An authority's own certificate in place of a host's: how most are signed by oneself.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => "tls_unknown_issuer",
        _ => "tls_bad_certificate",
    }
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    cause::<io::Error>(error).map(io::Error::kind)
}

/// The innermost cause of a type.
fn cause<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut found = None;
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        found = error.downcast_ref::<T>().or(found);
        // An io::Error that wraps another error shows that one's cause as its own, so it is looked into as well.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use rustls::{CertificateError, Error};

    use super::*;

    #[test]
    fn a_certificate_says_what_is_wrong_with_it() {
        let code = |certificate| tls_code(Some(&Error::InvalidCertificate(certificate)));
        assert_eq!(code(CertificateError::Expired), "tls_expired");
        assert_eq!(code(CertificateError::NotValidForName), "tls_wrong_name");
        assert_eq!(code(CertificateError::UnknownIssuer), "tls_unknown_issuer");
        assert_eq!(code(CertificateError::BadSignature), "tls_bad_certificate");
        assert_eq!(tls_code(Some(&Error::DecryptError)), "tls");
        assert_eq!(tls_code(None), "tls");
    }
}
