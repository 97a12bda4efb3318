//! HTTP as a script or a page speaks it.

use super::certificates::Authority;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{HeaderMap, Request};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, AsSendBody};

/// One way to reach a station, with one token.
pub struct Http {
    agent: Agent,
    base: String,
    headers: Vec<(String, String)>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Http {
    pub fn plain(address: &str) -> Self {
        Self::new(format!("http://{address}"), TlsConfig::default())
    }

    /// Trusts this authority and no other.
    pub fn secure(address: &str, authority: &Authority) -> Self {
        let roots = RootCerts::new_with_certs(&[ureq::tls::Certificate::from_pem(authority.pem.as_bytes()).unwrap()]);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
        Self::new(format!("https://{address}"), tls)
    }

    fn new(base: String, tls: TlsConfig) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(40)))
            .proxy(None)
            .tls_config(tls);
        Self { agent: config.build().into(), base, headers: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn with_token(self, token: &str) -> Self {
        if token.is_empty() { self } else { self.with("Authorization", &format!("Bearer {token}")) }
    }

    pub fn ask(&self, method: &str, path: &str, body: impl AsSendBody) -> Answer {
        self.try_ask(method, path, body).unwrap_or_else(|error| panic!("{method} {}{path}: {error}", self.base))
    }

    pub fn try_ask(&self, method: &str, path: &str, body: impl AsSendBody) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut response = self.agent.run(request.body(body)?)?;
        let text = response.body_mut().with_config().limit(64 << 20).read_to_string()?;
        Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), text })
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, ())
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, body.to_string())
    }

    /// The answer to a question that must not fail.
    pub fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub fn command(&self, bed: &str, body: &Value) -> Answer {
        self.post(&format!("/api/v1/beds/{bed}/commands"), body)
    }

    /// A command that must be done.
    pub fn done(&self, bed: &str, body: &Value) -> Value {
        let answer = self.command(bed, body);
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        answer.json()
    }

    pub fn bed(&self, bed: &str) -> Value {
        self.json(&format!("/api/v1/beds/{bed}"))
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The stable word of a refusal, after a look at its shape.
    pub fn code(&self) -> String {
        let body = self.json();
        let error = &body["error"];
        assert!(error["message"].as_str().is_some_and(|message| message.len() > 10), "{}", self.text);
        error["code"].as_str().unwrap_or_else(|| panic!("{}", self.text)).to_owned()
    }
}
