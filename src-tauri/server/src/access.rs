//! Who may come in: tokens, roles, and from where.

mod origin;

pub use origin::WINDOW_ORIGINS;
pub(crate) use origin::{Names, check_host, check_origin, window_origin};

use crate::error::ApiError;
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE, SEC_WEBSOCKET_PROTOCOL};
use record::{QueryError, Record, Role, hash_secret};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use subtle::ConstantTimeEq;

/// The subprotocol that carries a token, for pages, which cannot set headers on a WebSocket.
pub(crate) const BEARER_PROTOCOL: &str = "oxiward.bearer.";

/// Somebody who showed a good token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) token: [u8; 32],
}

impl Caller {
    /// # Errors
    /// 403 if the role is too small.
    pub(crate) fn needs(&self, role: Role) -> Result<(), ApiError> {
        if self.role >= role {
            return Ok(());
        }
        let message =
            format!("This needs the role {}; the token {:?} has {}.", role.as_str(), self.name, self.role.as_str());
        Err(ApiError::forbidden(message))
    }
}

/// A token that lives only as long as this run of the station: the window's.
#[derive(Clone)]
pub struct Session {
    /// The name that its acknowledgements carry.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The secret.
    pub secret: String,
}

/// Without the secret.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Everyone who has a token, by its hash.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    record: Record,
    /// Another data folder whose tokens are good here too.
    beside: Option<Arc<PathBuf>>,
    callers: Arc<RwLock<Vec<Caller>>>,
    session: Arc<RwLock<Option<Caller>>>,
}

impl Access {
    pub(crate) fn new(record: Record, beside: Option<PathBuf>) -> Result<Self, QueryError> {
        let beside = beside.map(Arc::new);
        let access = Self { record, beside, callers: Arc::default(), session: Arc::default() };
        access.reload()?;
        Ok(access)
    }

    /// Reads the tokens anew: `oxiward token` and pairing change them beside the running station.
    pub(crate) fn reload(&self) -> Result<(), QueryError> {
        let mut tokens = self.record.tokens()?;
        // Opened anew each time: it need not be there yet, and it is another station's.
        if let Some(beside) = &self.beside
            && let Ok(record) = Record::existing(beside)
        {
            tokens.extend(record.tokens()?);
        }
        let callers =
            tokens.into_iter().map(|token| Caller { name: token.name, role: token.role, token: token.hash }).collect();
        *self.callers.write().unwrap_or_else(PoisonError::into_inner) = callers;
        Ok(())
    }

    pub(crate) fn admit_session(&self, session: &Session) {
        let caller = Caller { name: session.name.clone(), role: session.role, token: hash_secret(&session.secret) };
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = Some(caller);
    }

    /// Whether the token with this hash is still good.
    pub(crate) fn is_good(&self, token: &[u8; 32]) -> bool {
        self.find(token).is_some()
    }

    /// Whether this is the token of the station's own window.
    pub(crate) fn is_session(&self, token: &[u8; 32]) -> bool {
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
        session.as_ref().is_some_and(|session| bool::from(session.token.ct_eq(token)))
    }

    /// What the token of this name may do; `None` if there is none.
    pub(crate) fn role_of(&self, name: &str) -> Option<Role> {
        let callers = self.callers.read().unwrap_or_else(PoisonError::into_inner);
        callers.iter().find(|caller| caller.name == name).map(|caller| caller.role)
    }

    /// Whether there is a token of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.role_of(name).is_some()
    }

    fn find(&self, token: &[u8; 32]) -> Option<Caller> {
        let same = |caller: &&Caller| bool::from(caller.token.ct_eq(token));
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(caller) = session.as_ref().filter(same) {
            return Some(caller.clone());
        }
        self.callers.read().unwrap_or_else(PoisonError::into_inner).iter().find(same).cloned()
    }

    /// Who asks.
    ///
    /// # Errors
    /// 401 without a good token.
    pub(crate) fn caller(&self, headers: &HeaderMap, cookie: &str) -> Result<Caller, ApiError> {
        let secret = secret(headers, cookie).ok_or_else(ApiError::unauthorized)?;
        let token = hash_secret(&secret);
        if let Some(caller) = self.find(&token) {
            return Ok(caller);
        }
        // It may have been made a moment ago by another process.
        self.reload()?;
        self.find(&token).ok_or_else(ApiError::unauthorized)
    }
}

/// The token that a request shows. One that shows a bad `Authorization` is not looked at further.
fn secret(headers: &HeaderMap, cookie: &str) -> Option<String> {
    if let Some(authorization) = headers.get(AUTHORIZATION) {
        let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned());
    }
    let offered = headers
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|protocol| protocol.trim().strip_prefix(BEARER_PROTOCOL).map(str::to_owned));
    offered.or_else(|| {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().split_once('=').filter(|(name, _)| *name == cookie))
            .map(|(_, value)| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_token_is_read_from_the_header_the_subprotocol_and_the_cookie() {
        assert_eq!(secret(&headers(&[(AUTHORIZATION, "Bearer T1")]), "c").as_deref(), Some("T1"));
        let offered = headers(&[(SEC_WEBSOCKET_PROTOCOL, "oxiward.v1, oxiward.bearer.T2")]);
        assert_eq!(secret(&offered, "c").as_deref(), Some("T2"));
        assert_eq!(secret(&headers(&[(COOKIE, "a=b; c=T3")]), "c").as_deref(), Some("T3"));
        assert_eq!(secret(&headers(&[(COOKIE, "other=T3")]), "c"), None);
        assert_eq!(secret(&headers(&[(AUTHORIZATION, "Basic T1"), (COOKIE, "c=T3")]), "c"), None);
    }
}
