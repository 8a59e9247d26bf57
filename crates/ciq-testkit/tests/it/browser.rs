//! A browser reads, is typed into, and reaches this machine alone.

use std::time::Duration;

use ciq_testkit::{Browser, By, Key, Motion, Scheme, Scripts, eventually};
use serde_json::json;

/// A browser at a page.
fn at(page: &str) -> Browser {
    let browser = Browser::start().unwrap();
    browser.goto(&format!("data:text/html,<!doctype html><title>T</title><body>{page}")).unwrap();
    browser
}

#[test]
fn a_page_is_read_and_typed_into() {
    let browser =
        at("<input id=a><button onclick='b.textContent = a.value'>Put it 'there'</button>\
                      <p id=b>nothing</p><a href='about:blank'>Away</a>");
    browser.type_into(&browser.find(By::Css("input")).unwrap(), "ann").unwrap();
    browser.press(Key::Sign('e')).unwrap();
    browser.press(Key::Tab).unwrap();
    browser.press(Key::Enter).unwrap();
    assert!(eventually(Duration::from_secs(10), || browser.text().unwrap().contains("anne")));
    let button = browser.find(By::Button("Put it 'there'")).unwrap();
    assert_eq!(browser.text_of(&button).unwrap(), "Put it 'there'");
    assert_eq!(browser.title().unwrap(), "T");
    assert_eq!(browser.find_all(By::Text("anne")).unwrap().len(), 1);
    assert!(browser.find(By::Button("nowhere")).is_err());
    browser.click(&browser.find(By::Link("Away")).unwrap()).unwrap();
    assert_eq!(browser.address().unwrap(), "about:blank");
    let error = browser.text_of(&button).unwrap_err();
    assert!(error.is_stale(), "{error}");
}

#[test]
fn what_a_reader_prefers_is_known_to_the_page() {
    let browser = at("<p>words</p>");
    browser.resize(390, 800).unwrap();
    browser.prefer(Scheme::Dark, Motion::Reduced).unwrap();
    let asked = "return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches,
        matchMedia('(prefers-reduced-motion: reduce)').matches]";
    assert_eq!(browser.run(asked, &[]).unwrap(), json!([390, true, true]));
    assert!(browser.screenshot().unwrap().starts_with(b"\x89PNG"));
    let added = browser.run("return Promise.resolve(arguments[0] + 1)", &[json!(1)]).unwrap();
    assert_eq!(added, 2);
}

#[test]
fn nothing_but_this_machine_is_reached_and_every_try_is_told() {
    let browser = at("<img src='http://example.com/x.png'>");
    let requests = browser.requests().unwrap();
    assert!(requests.iter().any(|it| it == "http://example.com/x.png"), "{requests:?}");
    let complaints = browser.complaints().unwrap();
    assert!(complaints.iter().any(|it| it.contains("ERR_NAME_NOT_RESOLVED")), "{complaints:?}");
    assert!(browser.requests().unwrap().is_empty());
}

#[test]
fn scripts_are_switched_off_for_the_page_alone() {
    let browser = at("");
    browser.set_scripts(Scripts::Off).unwrap();
    browser.goto("data:text/html,<p>before<script>document.body.append('after')</script>").unwrap();
    assert_eq!(browser.text().unwrap(), "before");
    browser.set_scripts(Scripts::On).unwrap();
    browser.reload().unwrap();
    assert!(browser.text().unwrap().contains("after"));
}
