//! A session: one browser, told what to do by JSON over HTTP.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{BrowserError, By};
use crate::http::{self, Question};
use crate::wait::eventually;

/// How long a command may take: a page may be large, and the machine busy.
const COMMAND_LIMIT: Duration = Duration::from_secs(120);

/// How long the browser may take to end when asked; after that it is killed.
const END_LIMIT: Duration = Duration::from_secs(5);

/// What `WebDriver` calls an element in its answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element of a page, until the page changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element(String);

impl Element {
    /// Returns the path of a command about it.
    pub(super) fn path(&self, command: &str) -> String {
        format!("element/{}/{command}", self.0)
    }

    /// Returns it as an argument of a script.
    #[must_use]
    pub fn to_argument(&self) -> Value {
        json!({ELEMENT: self.0})
    }

    fn read(value: &Value) -> Option<Self> {
        value[ELEMENT].as_str().map(|id| Self(id.to_owned()))
    }
}

/// One browser, which ends when this is forgotten.
#[derive(Debug)]
pub(super) struct Session {
    driver: SocketAddr,
    id: String,
    /// The process of the browser, to kill where it does not end by itself.
    process: Option<u64>,
}

impl Session {
    /// Has the driver start a browser with this profile.
    pub(super) fn open(
        driver: SocketAddr,
        chromium: &Path,
        profile: &Path,
    ) -> Result<Self, BrowserError> {
        let opened = call(driver, "POST", "session", &capabilities(chromium, profile))?;
        let id = opened["sessionId"].as_str().ok_or_else(|| BrowserError::NotUnderstood {
            command: "open a session".to_owned(),
            answer: opened.to_string(),
        })?;
        let process = opened["capabilities"]["goog:processID"].as_u64();
        Ok(Self { driver, id: id.to_owned(), process })
    }

    /// Tells the browser something.
    pub(super) fn post(&self, command: &str, told: &Value) -> Result<Value, BrowserError> {
        call(self.driver, "POST", &self.path(command), told)
    }

    /// Asks the browser for a text.
    pub(super) fn text(&self, command: &str) -> Result<String, BrowserError> {
        let value = call(self.driver, "GET", &self.path(command), &Value::Null)?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Returns the entries of a log since it was read last.
    pub(super) fn log(&self, name: &str) -> Result<Vec<Value>, BrowserError> {
        let mut entries = self.post("se/log", &json!({"type": name}))?;
        Ok(entries.as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    pub(super) fn find(&self, by: By<'_>) -> Result<Element, BrowserError> {
        let value = self.post("element", &locator(by))?;
        Element::read(&value).ok_or_else(|| BrowserError::NotUnderstood {
            command: format!("find {by:?}"),
            answer: value.to_string(),
        })
    }

    pub(super) fn find_all(&self, by: By<'_>) -> Result<Vec<Element>, BrowserError> {
        let value = self.post("elements", &locator(by))?;
        Ok(value.as_array().into_iter().flatten().filter_map(Element::read).collect())
    }

    fn path(&self, command: &str) -> String {
        format!("session/{}/{command}", self.id)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.id);
        let end = Question { method: "DELETE", path: &path, body: "", limit: END_LIMIT };
        // Nobody is left to hear of a failure here or below.
        drop(http::ask(self.driver, &end));
        let Some(process) = self.process else { return };
        // It writes to its profile to the last moment, and that is about to be removed.
        if !eventually(END_LIMIT, || !signal(process, "0")) {
            signal(process, "KILL");
        }
    }
}

/// Sends a signal by the shell's own `kill`, and tells whether there was somebody to take it.
fn signal(process: u64, name: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$0\" \"$1\"", name]).arg(process.to_string());
    shell.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// What the browser is started with.
fn capabilities(chromium: &Path, profile: &Path) -> Value {
    let arguments = [
        "--headless=new".to_owned(),
        // Root has no sandbox, and pages of this machine need none.
        "--no-sandbox".to_owned(),
        // Containers have little shared memory.
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--no-first-run".to_owned(),
        // Whatever a page loads from elsewhere fails.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".to_owned(),
        // Larger than any page is made: the mouse does not reach what is outside of it.
        "--window-size=2000,1500".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "goog:chromeOptions": {"binary": chromium, "args": arguments},
    }}})
}

fn locator(by: By<'_>) -> Value {
    let (using, value) = by.using();
    json!({"using": using, "value": value})
}

fn call(driver: SocketAddr, method: &str, path: &str, told: &Value) -> Result<Value, BrowserError> {
    let body = if told.is_null() { String::new() } else { told.to_string() };
    let question =
        Question { method, path: &format!("/{path}"), body: &body, limit: COMMAND_LIMIT };
    // The first parts of a path are ids, which tell nobody anything.
    let command = || path.splitn(3, '/').last().unwrap_or(path).to_owned();
    let answer = http::ask(driver, &question)
        .map_err(BrowserError::system(format!("tell the browser to {}", command())))?;
    value(&answer, command)
}

/// Takes the value out of an answer, or the refusal.
fn value(answer: &str, command: impl Fn() -> String) -> Result<Value, BrowserError> {
    let parsed = serde_json::from_str::<Value>(answer);
    let Some(value) = parsed.ok().and_then(|mut it| it.get_mut("value").map(Value::take)) else {
        return Err(BrowserError::NotUnderstood { command: command(), answer: answer.to_owned() });
    };
    // A script may return an object with an error in it, though not one with a trace.
    let is_refusal = value.get("stacktrace").is_some();
    let Some(error) = value.get("error").and_then(Value::as_str).filter(|_| is_refusal) else {
        return Ok(value);
    };
    let message = value["message"].as_str().unwrap_or_default();
    // What follows the first line is where in the browser's own code it happened.
    let message = message.lines().next().unwrap_or_default().to_owned();
    Err(BrowserError::Refused { command: command(), error: error.to_owned(), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_or_a_refusal_is_taken_out() {
        let taken = |answer: &str| value(answer, || "look".to_owned()).map_err(|it| it.to_string());
        assert_eq!(taken(r#"{"value": null}"#), Ok(Value::Null));
        assert_eq!(taken(r#"{"value": {"a": 1}}"#), Ok(json!({"a": 1})));
        let refused = r#"{"value": {"error": "no such element", "message": "none\n#0",
            "stacktrace": ""}}"#;
        assert_eq!(taken(refused), Err("could not look: no such element: none".to_owned()));
        assert!(taken("").unwrap_err().contains("could not understand"));
    }
}
