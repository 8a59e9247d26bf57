//! A Chromium of the test's own, driven as `WebDriver` has it.
//!
//! In reading order: `program` (where the browser and its driver are found), `driver` (the process
//! of the driver), `session` (what a browser is told and how), `by` (how an element is named).

mod by;
mod driver;
mod program;
mod session;

use std::io;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub use self::by::By;
use self::driver::Driver;
pub use self::program::BrowserProgram;
pub use self::session::Element;
use self::session::Session;

/// The longest side of a picture: what is below is more of the same.
const PICTURE_SIDE_MAX: u64 = 2_400;

/// Why a browser could not be had, or did not do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// A program is nowhere.
    #[error(
        "could not find {name}: run `cargo xtask test --only tools`, or \
         `apt-get install --no-install-recommends {package}`, or name the program in {variable}",
        name = .0.name(), package = .0.package(), variable = .0.variable()
    )]
    NotFound(BrowserProgram),
    /// The variable that names a program names something else.
    #[error("could not use {path}, which {variable} names", path = .1.display(), variable = .0.variable())]
    NotAProgram(BrowserProgram, PathBuf),
    /// The driver did not say in time where it listens.
    #[error("could not start chromedriver, which said: {0}")]
    NotReady(String),
    /// The browser, or its driver, refused a command.
    #[error("could not {command}: {error}: {message}")]
    Refused {
        /// The command.
        command: String,
        /// The kind of the refusal, as `WebDriver` names it.
        error: String,
        /// What was said about it.
        message: String,
    },
    /// The driver answered with something that has no place in its protocol.
    #[error("could not understand what chromedriver said to {command}: {answer}")]
    NotUnderstood {
        /// The command.
        command: String,
        /// The answer.
        answer: String,
    },
    /// The system refused something.
    #[error("could not {doing}")]
    System {
        /// What was attempted.
        doing: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl BrowserError {
    /// Names what was attempted when the system refused.
    fn system(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing: doing.into(), source }
    }

    /// Tells whether the element went away while it was looked at, as on a page that changes.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Refused { error, .. } if error == "stale element reference")
    }
}

/// Which colours the reader of a page prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Returns the word that stylesheets know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How much movement the reader of a page bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// Any.
    Any,
    /// As little as possible.
    Reduced,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// They may.
    On,
    /// They may not; what the test itself runs goes on.
    Off,
}

/// A key of the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To the next element.
    Tab,
    /// To do what the element does.
    Enter,
    /// To leave.
    Escape,
    /// A letter, a digit or a sign.
    Sign(char),
}

impl Key {
    /// Returns the sign that `WebDriver` has for it.
    fn sign(self) -> char {
        match self {
            Self::Tab => '\u{e004}',
            Self::Enter => '\u{e007}',
            Self::Escape => '\u{e00c}',
            Self::Sign(sign) => sign,
        }
    }
}

/// A browser without a window that lives as long as this value.
///
/// It reaches nothing but this machine: any other name is unknown to it. Its profile is its own
/// and goes with it. Dropping it ends browser and driver, also when the test panics.
#[derive(Debug)]
pub struct Browser {
    // In this order: a session is ended through the driver, and the driver writes to its folder.
    session: Session,
    _driver: Driver,
}

impl Browser {
    /// Starts a browser with an empty page.
    pub fn start() -> Result<Self, BrowserError> {
        let chromium = BrowserProgram::Chromium.find()?;
        let driver = Driver::start(&BrowserProgram::Driver.find()?)?;
        let session = Session::open(driver.address(), &chromium, &driver.folder().join("profile"))?;
        let browser = Self { session, _driver: driver };
        // The browser begins with a page of its own, which is nobody's business.
        browser.goto("about:blank")?;
        browser.requests()?;
        browser.complaints()?;
        Ok(browser)
    }

    /// Gives pages this much room, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) -> Result<(), BrowserError> {
        self.set_size(width.into(), height.into())
    }

    fn set_size(&self, width: u64, height: u64) -> Result<(), BrowserError> {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &size).map(drop)
    }

    /// Tells pages what their reader prefers.
    pub fn prefer(&self, scheme: Scheme, motion: Motion) -> Result<(), BrowserError> {
        let motion = match motion {
            Motion::Any => "no-preference",
            Motion::Reduced => "reduce",
        };
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme.name()},
            {"name": "prefers-reduced-motion", "value": motion},
        ]});
        self.devtools("Emulation.setEmulatedMedia", &features).map(drop)
    }

    /// Lets the pages from now on run scripts, or not.
    pub fn set_scripts(&self, scripts: Scripts) -> Result<(), BrowserError> {
        let value = json!({"value": scripts == Scripts::Off});
        self.devtools("Emulation.setScriptExecutionDisabled", &value).map(drop)
    }

    /// Opens an address, and returns when the page is there.
    pub fn goto(&self, address: &str) -> Result<(), BrowserError> {
        self.session.post("url", &json!({"url": address})).map(drop)
    }

    /// Opens the page again.
    pub fn reload(&self) -> Result<(), BrowserError> {
        self.session.post("refresh", &json!({})).map(drop)
    }

    /// Returns the address of the page.
    pub fn address(&self) -> Result<String, BrowserError> {
        self.session.text("url")
    }

    /// Returns the title of the page.
    pub fn title(&self) -> Result<String, BrowserError> {
        self.session.text("title")
    }

    /// Returns the page as HTML, as it is now.
    pub fn source(&self) -> Result<String, BrowserError> {
        self.session.text("source")
    }

    /// Returns what there is to read on the page now.
    pub fn text(&self) -> Result<String, BrowserError> {
        let text = self.run("return document.body ? document.body.innerText : ''", &[])?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Returns the first element of that name; none is a refusal.
    pub fn find(&self, by: By<'_>) -> Result<Element, BrowserError> {
        self.session.find(by)
    }

    /// Returns all elements of that name, in the order of the page.
    pub fn find_all(&self, by: By<'_>) -> Result<Vec<Element>, BrowserError> {
        self.session.find_all(by)
    }

    /// Returns what there is to read in an element.
    pub fn text_of(&self, element: &Element) -> Result<String, BrowserError> {
        self.session.text(&element.path("text"))
    }

    /// Presses the mouse on an element, as a person can: what is hidden or covered refuses.
    pub fn click(&self, element: &Element) -> Result<(), BrowserError> {
        self.session.post(&element.path("click"), &json!({})).map(drop)
    }

    /// Types into an element.
    pub fn type_into(&self, element: &Element, text: &str) -> Result<(), BrowserError> {
        self.session.post(&element.path("value"), &json!({"text": text})).map(drop)
    }

    /// Presses a key, wherever the keyboard is.
    pub fn press(&self, key: Key) -> Result<(), BrowserError> {
        let sign = key.sign().to_string();
        let strokes = ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": sign}));
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes});
        self.session.post("actions", &json!({"actions": [keyboard]})).map(drop)
    }

    /// Runs a script in the page and returns what it returns; a promise is awaited.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Result<Value, BrowserError> {
        self.session.post("execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// Tells the browser something that `WebDriver` has no word for, as its developer tools have it.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value, BrowserError> {
        let told = json!({"cmd": command, "params": parameters});
        self.session.post("goog/cdp/execute", &told)
    }

    /// Takes a picture of the whole page, as PNG, in a window that is high enough for it.
    pub fn screenshot(&self) -> Result<Vec<u8>, BrowserError> {
        let size = "return [innerWidth, innerHeight, document.documentElement.scrollHeight]";
        let size = self.run(size, &[])?;
        let [width, window, page] =
            [0, 1, 2].map(|index| size[index].as_u64().unwrap_or_default().min(PICTURE_SIDE_MAX));
        self.devtools("Emulation.setScrollbarsHidden", &json!({"hidden": true}))?;
        self.set_size(width, page.max(window))?;
        let picture = self.session.text("screenshot");
        self.set_size(width, window)?;
        self.devtools("Emulation.setScrollbarsHidden", &json!({"hidden": false}))?;
        let picture = picture?;
        STANDARD.decode(&picture).map_err(|_| BrowserError::NotUnderstood {
            command: "screenshot".to_owned(),
            answer: picture.chars().take(100).collect(),
        })
    }

    /// Returns what the browser's console complained about since it was asked last: errors of
    /// scripts, what was refused by the page's own policy, what could not be loaded.
    pub fn complaints(&self) -> Result<Vec<String>, BrowserError> {
        let entries = self.session.log("browser")?;
        let told = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        let is_one = |entry: &&Value| {
            entry["level"] == "SEVERE" || told(entry).contains("Content Security Policy")
        };
        Ok(entries.iter().filter(is_one).map(told).collect())
    }

    /// Returns the addresses that the browser asked for since it was asked last.
    pub fn requests(&self) -> Result<Vec<String>, BrowserError> {
        let entries = self.session.log("performance")?;
        let messages = entries.iter().filter_map(|entry| entry["message"].as_str());
        let messages = messages.filter_map(|text| serde_json::from_str::<Value>(text).ok());
        let sent = messages.filter(|it| it["message"]["method"] == "Network.requestWillBeSent");
        let address =
            |it: Value| it["message"]["params"]["request"]["url"].as_str().map(str::to_owned);
        Ok(sent.filter_map(address).collect())
    }
}
