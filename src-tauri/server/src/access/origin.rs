//! From where: `Host` against DNS rebinding, `Origin` against pages of strangers.

use crate::error::ApiError;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, StatusCode};
use std::collections::HashSet;
use std::net::IpAddr;

/// The origins of the station's own window, by platform.
pub const WINDOW_ORIGINS: [&str; 3] = ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"];

/// The names of this computer, lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// `localhost`, the host name with and without `.local`, and those that the settings add.
    pub(crate) fn new(more: &[String]) -> Self {
        let host = gethostname::gethostname().to_string_lossy().to_lowercase();
        let short = host.split('.').next().unwrap_or_default().to_owned();
        let mut names: HashSet<String> = more.iter().map(|name| name.to_lowercase()).collect();
        names.extend(["localhost".to_owned(), format!("{short}.local"), short, host]);
        names.retain(|name| !name.is_empty());
        Self(names)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// The host of `host:port`, without the port.
fn without_port(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if authority[colon..].bytes().skip(1).all(|byte| byte.is_ascii_digit()) => {
            // `[::1]:8750` and `[::1]`: what stands in brackets keeps its colons.
            if authority.ends_with(']') { authority } else { &authority[..colon] }
        }
        _ => authority,
    }
}

/// The `Host` must be a name of this computer or the very address that was connected to.
///
/// # Errors
/// 421 if it is another, 400 if there is none.
pub(crate) fn check_host(headers: &HeaderMap, names: &Names, local: IpAddr) -> Result<(), ApiError> {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return Err(ApiError::bad_request("The request names no Host."));
    };
    let host = without_port(host).to_lowercase();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let known = match literal {
        Ok(address) => address.to_canonical() == local.to_canonical() || address.is_loopback() && local.is_loopback(),
        Err(_) => names.0.contains(host.trim_end_matches('.')),
    };
    if known {
        return Ok(());
    }
    let message =
        format!("{host:?} is no name or address of this station; add it to `names` in oxiward.toml if it is.");
    Err(ApiError::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", message))
}

/// A page's `Origin` must be the address asked, or the station's own window. A request without one is no page's.
///
/// # Errors
/// 403 if it is a stranger's.
pub(crate) fn check_origin(headers: &HeaderMap, is_tls: bool) -> Result<(), ApiError> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    if window_origin(headers).is_some() {
        return Ok(());
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = format!("{}://{host}", if is_tls { "https" } else { "http" });
    if origin.to_str().is_ok_and(|origin| origin.eq_ignore_ascii_case(&own)) {
        return Ok(());
    }
    Err(ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", "A page of another site may not use this station."))
}

/// The origin, if it is the station's own window.
pub(crate) fn window_origin(headers: &HeaderMap) -> Option<&'static str> {
    let origin = headers.get(ORIGIN)?.to_str().ok()?;
    WINDOW_ORIGINS.into_iter().find(|known| *known == origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn host(host: &'static str, local: &str) -> Result<(), ApiError> {
        let headers = [(HOST, HeaderValue::from_static(host))].into_iter().collect();
        check_host(&headers, &Names::new(&["ward3.example".into()]), local.parse().unwrap())
    }

    #[test]
    fn a_host_that_is_no_name_or_address_of_the_station_is_misdirected() {
        for good in ["localhost", "LOCALHOST:8750", "127.0.0.1:8750", "[::1]:8750", "ward3.example", "localhost."] {
            assert!(host(good, "127.0.0.1").is_ok(), "{good}");
        }
        for bad in ["evil.example", "10.0.0.5", "127.0.0.1.evil.example", "[::2]:8750", ""] {
            let status = host(bad, "127.0.0.1").unwrap_err().status;
            assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{bad}");
        }
        assert!(host("192.0.2.7:8751", "192.0.2.7").is_ok());
        assert!(host("127.0.0.1:8751", "192.0.2.7").is_err());
    }

    #[test]
    fn only_the_address_asked_and_the_own_window_are_origins() {
        let check = |origin: &'static str, is_tls: bool| {
            let pairs =
                [(HOST, HeaderValue::from_static("127.0.0.1:8750")), (ORIGIN, HeaderValue::from_static(origin))];
            check_origin(&pairs.into_iter().collect(), is_tls)
        };
        for good in ["http://127.0.0.1:8750", "tauri://localhost", "http://tauri.localhost"] {
            assert!(check(good, false).is_ok(), "{good}");
        }
        for bad in ["http://127.0.0.1:8751", "http://evil.example", "null", "https://127.0.0.1:8750", "tauri://evil"] {
            assert!(check(bad, false).is_err(), "{bad}");
        }
        assert!(check("https://127.0.0.1:8750", true).is_ok());
        assert!(check_origin(&HeaderMap::new(), false).is_ok());
    }
}
