//! A browser that does what a person would, by the WebDriver protocol (W3C). The same for the station's own window
//! (WebKitWebDriver) and for a tablet's browser (chromedriver).

use super::http::Http;
use super::process::{Process, within};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Browser {
    http: Http,
    session: String,
    // Where nothing reads what it says it is held all the same: dropped, it would end the browser.
    #[cfg_attr(not(feature = "desktop"), expect(dead_code, reason = "held"))]
    driver: Process,
}

impl Browser {
    /// Starts a driver and a browser by it. `port` is the driver's option that names the port.
    pub fn start(mut driver: Command, package: &str, port: &str, capabilities: &Value) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        driver.arg(format!("{port}={}", free.port()));
        let driver = Process::start_of_package(&mut driver, package);
        let http = Http::plain(&free.to_string());
        within(Duration::from_secs(20), "the driver listens", || {
            let status = http.try_ask("GET", "/status", ()).ok()?;
            (status.json()["value"]["ready"] == true).then_some(())
        });
        let answer = http.post("/session", &json!({ "capabilities": { "alwaysMatch": capabilities } }));
        let session = answer.json()["value"]["sessionId"].as_str().map(str::to_owned);
        let session = session.unwrap_or_else(|| panic!("no browser: {}\n{}", answer.text, driver.said()));
        Self { http, session, driver }
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let path = format!("/session/{}{path}", self.session);
        let answer = match method {
            "GET" => self.http.get(&path),
            _ => self.http.post(&path, body),
        };
        let mut value = answer.json()["value"].take();
        if answer.status == 200 { Ok(value) } else { Err(value["message"].take()) }
    }

    pub fn open(&self, url: &str) {
        self.try_ask("POST", "/url", &json!({ "url": url })).unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Runs a script in the page.
    pub fn run(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.try_ask("POST", "/execute/sync", &body).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script in the page that answers later, by calling its last argument.
    pub fn run_and_wait(&self, script: &str, arguments: &Value) -> Value {
        let body = json!({ "script": script, "args": arguments });
        self.try_ask("POST", "/execute/async", &body).unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Asks Chromium itself, by the protocol of its developer tools.
    pub fn developer(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.try_ask("POST", "/goog/cdp/execute", &body).unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    fn find(&self, selector: &str) -> Option<String> {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.try_ask("POST", "/element", &wanted).ok()?;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    /// The text of what `selector` finds as it is rendered; `None` if nothing of it is to be seen.
    ///
    /// Asked by a script: the drivers' own question takes what is cut off with an ellipsis for hidden.
    pub fn text(&self, selector: &str) -> Option<String> {
        let script = "const found = document.querySelector(arguments[0]);
            const seen = found && found.checkVisibility() && found.getClientRects().length > 0;
            return seen ? found.innerText.trim() : null;";
        let body = json!({ "script": script, "args": [selector] });
        // The page may be on its way to another one.
        self.try_ask("POST", "/execute/sync", &body).ok()?.as_str().map(str::to_owned)
    }

    /// Waits until `selector` is seen with a text that `wanted` says yes to.
    #[track_caller]
    pub fn sees(&self, selector: &str, what: &str, mut wanted: impl FnMut(&str) -> bool) -> String {
        let mut last = None;
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            last = self.text(selector).or(last);
            if let Some(text) = last.as_deref().filter(|text| wanted(text)) {
                return text.to_owned();
            }
            assert!(
                std::time::Instant::now() < deadline,
                "{selector} ({what}) shows {last:?}; the page says: {}",
                self.page()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Clicks as soon as it can be clicked.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let mut trouble = Value::Null;
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let clicked = match self.find(selector) {
                Some(element) if self.is_enabled(&element) => {
                    self.try_ask("POST", &format!("/element/{element}/click"), &json!({}))
                }
                Some(_) => Err(json!("it is disabled")),
                None => Err(json!("it is not there")),
            };
            match clicked {
                Ok(_) => return,
                Err(error) => trouble = if error.is_null() { trouble } else { error },
            }
            assert!(std::time::Instant::now() < deadline, "{selector}: {trouble}; the page says: {}", self.page());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_enabled(&self, element: &str) -> bool {
        self.try_ask("GET", &format!("/element/{element}/enabled"), &Value::Null) == Ok(Value::Bool(true))
    }

    #[track_caller]
    pub fn type_into(&self, selector: &str, text: &str) {
        let element = within(Duration::from_secs(10), selector, || self.find(selector));
        let typed = self.try_ask("POST", &format!("/element/{element}/value"), &json!({ "text": text }));
        typed.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    fn page(&self) -> String {
        let body = json!({ "script": "return location.href + '\\n' + document.body.innerText", "args": [] });
        let page = self.try_ask("POST", "/execute/sync", &body);
        let text = page.map_or_else(|error| error.to_string(), |page| page.as_str().unwrap_or_default().to_owned());
        text.chars().take(1500).collect()
    }

    /// The next line that the driver or the browser wrote to standard output.
    #[cfg(feature = "desktop")]
    pub fn line_within(&self, span: Duration) -> Option<String> {
        self.driver.line_within(span)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // So that the browser clears away what it made; the driver's group is ended in any case.
        let _ = self.http.try_ask("DELETE", &format!("/session/{}", self.session), ());
    }
}

/// The hook that the pages give to tests.
pub fn hook(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}
