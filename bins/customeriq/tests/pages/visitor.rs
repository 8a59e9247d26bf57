//! Someone with a browser: looks, presses, waits, and takes note of what is wrong.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ciq_testkit::{Browser, By, Element, Key, Motion, Scheme, eventually};
use serde_json::{Value, json};

/// How long something may take to appear.
const LIMIT: Duration = Duration::from_secs(30);

/// Where pictures go, unless `CUSTOMERIQ_SCREENSHOTS` says.
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/screenshots");

/// Where the packages of other languages are, unless `CUSTOMERIQ_TOOLS` says.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools");

/// Says what on a page keeps people out, by the rules of WCAG 2.2, levels A and AA.
const JUDGE: &str = "return axe.run(document, {
    runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']},
    rules: {'target-size': {enabled: true}},
    resultTypes: ['violations'],
}).then(found => found.violations.flatMap(it => it.nodes.map(
    node => `${it.id}: ${node.target.join(' ')}: ${node.failureSummary}`
)))";

/// Someone with a browser at a service.
pub(crate) struct Visitor {
    pub(crate) browser: Browser,
    address: SocketAddr,
}

impl Visitor {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let browser = Browser::start().unwrap_or_else(|error| panic!("{error}: {error:?}"));
        let visitor = Self { browser, address };
        visitor.sit_at(1280, Scheme::Light);
        visitor
    }

    /// Changes the width of the window and the colours that are preferred.
    #[track_caller]
    pub(crate) fn sit_at(&self, width: u32, scheme: Scheme) {
        self.browser.resize(width, 900).unwrap();
        self.browser.prefer(scheme, Motion::Reduced).unwrap();
    }

    #[track_caller]
    pub(crate) fn open(&self, path: &str) {
        self.browser.goto(&format!("http://{}{path}", self.address)).unwrap();
    }

    #[track_caller]
    pub(crate) fn text(&self) -> String {
        self.browser.text().unwrap()
    }

    /// Returns path and query of where the visitor is.
    #[track_caller]
    pub(crate) fn path(&self) -> String {
        let address = self.browser.address().unwrap();
        let path = address.strip_prefix(&format!("http://{}", self.address));
        path.unwrap_or_else(|| panic!("{address}")).to_owned()
    }

    #[track_caller]
    pub(crate) fn await_text(&self, text: &str) {
        self.await_that(&format!("the page says {text:?}"), || self.text().contains(text));
    }

    /// Waits for an item of a list that is called this and is about this customer.
    #[track_caller]
    pub(crate) fn await_item(&self, title: &str, customer: &str) {
        let what = format!("there is {title:?} about {customer:?}");
        self.await_that(&what, || self.has_item(title, customer));
    }

    #[track_caller]
    pub(crate) fn await_no_item(&self, title: &str, customer: &str) {
        let what = format!("there is no {title:?} about {customer:?} any more");
        self.await_that(&what, || !self.has_item(title, customer));
    }

    fn has_item(&self, title: &str, customer: &str) -> bool {
        let path = format!("//li[contains(., '{title}')][contains(., '{customer}')]");
        !self.browser.find_all(By::Xpath(&path)).unwrap().is_empty()
    }

    /// Waits for something, and shows what there is to read where it does not come.
    #[track_caller]
    pub(crate) fn await_that(&self, what: &str, is_so: impl FnMut() -> bool) {
        let is_so = eventually(LIMIT, is_so);
        assert!(is_so, "not so: {what}; at {}:\n{}", self.path(), self.text());
    }

    #[track_caller]
    pub(crate) fn find(&self, by: By<'_>) -> Element {
        let found = self.browser.find(by);
        found.unwrap_or_else(|error| panic!("{error}; the page:\n{}", self.text()))
    }

    /// Presses a button.
    #[track_caller]
    pub(crate) fn push(&self, label: &str) {
        self.browser.click(&self.find(By::Button(label))).unwrap();
    }

    /// Follows a link.
    #[track_caller]
    pub(crate) fn follow(&self, label: &str) {
        self.browser.click(&self.find(By::Link(label))).unwrap();
    }

    #[track_caller]
    pub(crate) fn press(&self, keys: &[Key]) {
        for key in keys {
            self.browser.press(*key).unwrap();
        }
    }

    /// Checks that nothing in the browser went wrong, and that it asked nobody else for anything.
    #[track_caller]
    pub(crate) fn expect_quiet(&self) {
        assert_eq!(self.browser.complaints().unwrap(), Vec::<String>::new(), "{}", self.path());
        let home = format!("http://{}/", self.address);
        let requests = self.browser.requests().unwrap();
        let is_foreign = |it: &&String| !it.starts_with(&home) && !it.starts_with("data:");
        let foreign: Vec<_> = requests.iter().filter(is_foreign).collect();
        assert!(foreign.is_empty(), "{foreign:?}");
    }

    /// Checks that the page keeps nobody out.
    #[track_caller]
    pub(crate) fn expect_accessible(&self, scene: &str) {
        let tools =
            std::env::var_os("CUSTOMERIQ_TOOLS").map_or_else(|| TOOLS.into(), PathBuf::from);
        let judge = tools.join("axe/node_modules/axe-core/axe.min.js");
        let judge = fs::read_to_string(&judge)
            .unwrap_or_else(|_| panic!("run `cargo xtask tools`: there is no {}", judge.display()));
        self.browser.run(&judge, &[]).unwrap();
        let found = self.browser.run(JUDGE, &[]).unwrap();
        assert_eq!(found, json!([]), "{scene}: {found:#}");
    }

    /// Checks that the page need not be moved sideways to be read.
    #[track_caller]
    pub(crate) fn expect_narrow(&self, scene: &str) {
        let script = "const root = document.documentElement;
            return [root.scrollWidth, root.clientWidth]";
        let widths = self.browser.run(script, &[]).unwrap();
        let [page, window] = [0, 1].map(|index| widths[index].as_u64().unwrap());
        assert!(page <= window, "{scene}: {page} px wide in a window of {window}");
    }

    /// Keeps a picture of the page.
    #[track_caller]
    pub(crate) fn keep_picture(&self, name: &str) {
        let folder = std::env::var_os("CUSTOMERIQ_SCREENSHOTS");
        let folder = folder.map_or_else(|| PICTURES.into(), PathBuf::from);
        fs::create_dir_all(&folder).unwrap();
        let picture = self.browser.screenshot().unwrap();
        fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    /// Checks that nothing of what others wrote was run.
    #[track_caller]
    pub(crate) fn expect_not_run(&self) {
        let ran = self.browser.run("return window.__pwned === undefined", &[]).unwrap();
        assert_eq!(ran, Value::Bool(true), "{}", self.path());
    }
}
