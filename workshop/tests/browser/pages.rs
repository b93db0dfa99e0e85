//! Every page of the book.

use serde_json::json;

use crate::book::{Book, Page};
use crate::webdriver::Browser;

/// A small phone, in CSS pixels.
const PHONE: u32 = 390;

#[test]
fn every_page_loads_in_light_and_dark_without_errors_or_requests_leaving_the_machine() {
    let Some(browser) = Browser::start() else { return };
    let book = Book::build();
    let mut problems = Vec::new();
    for (scheme, theme) in [("light", "light"), ("dark", "navy")] {
        browser.prefer(scheme);
        for Page { name, url } in book.pages() {
            browser.open(&url);
            let themed = browser.ask_about(
                "return document.documentElement.classList.contains(arguments[0])",
                json!([theme]),
            );
            assert_eq!(themed, true, "{name} is not in the theme {theme} for a {scheme} screen");
            let errors = browser.console_errors().into_iter().map(|error| {
                format!("{name}, {scheme}: the console says {error}. Correct the page or script")
            });
            problems.extend(errors);
            let foreign = browser.requests().into_iter().filter(|url| !book.is_at_home(url));
            problems.extend(foreign.map(|foreign| {
                format!(
                    "{name}, {scheme}: asks for {foreign}, and the book must work offline. Put the \
                     file below book/"
                )
            }));
            browser.take_picture(&format!("{scheme}-{name}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_page_is_wider_than_a_phone() {
    let Some(browser) = Browser::start() else { return };
    let book = Book::build();
    browser.hold_a_phone(PHONE);
    let mut problems = Vec::new();
    for Page { name, url } in book.pages() {
        browser.open(&url);
        let widest = browser.ask_about(include_str!("too_wide.js"), json!([PHONE]));
        if let Some(element) = widest.as_str() {
            problems.push(format!(
                "{name}: {element} on a phone that is {PHONE} pixels wide. Have it wrap, or give it a box \
                 with `overflow-x: auto`"
            ));
        }
        browser.take_picture(&format!("phone-{name}"));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
