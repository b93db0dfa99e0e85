//! Every page of the book.

use serde_json::{Value, json};

use crate::book;
use crate::webdriver::Browser;

/// A small phone, in CSS pixels.
const PHONE: u32 = 390;

/// Opens every page, and fails with all `faults` that are found, and what to do about them.
fn on_every_page(browser: &Browser, to_do: &str, faults: impl Fn(&str) -> Vec<String>) {
    let mut found = Vec::new();
    for page in book::pages() {
        browser.open(&book::url(&page));
        found.extend(faults(&page).into_iter().map(|fault| format!("{page}: {fault}")));
    }
    assert!(found.is_empty(), "{}\n{to_do}", found.join("\n"));
}

#[test]
fn every_page_loads_in_light_and_dark_without_errors_or_requests_leaving_the_machine() {
    let Some(browser) = Browser::start() else { return };
    let to_do = "Correct the page or script where the console says so. The book must work offline: what \
                 it asks for is a file below book/";
    for (scheme, theme) in [("light", "light"), ("dark", "navy")] {
        browser.prefer(scheme);
        on_every_page(&browser, to_do, |page| {
            let themed = browser.ask_about(
                "return document.documentElement.classList.contains(arguments[0])",
                json!([theme]),
            );
            assert_eq!(themed, true, "{page} is not in the theme {theme} for a {scheme} screen");
            let errors = browser.console_errors().into_iter();
            errors.map(|error| format!("{scheme}: the console says {error}")).collect()
        });
    }
}

#[test]
fn no_page_is_wider_than_a_phone() {
    let Some(browser) = Browser::start() else { return };
    browser.hold_a_phone(PHONE);
    let to_do = "Have it wrap, or give it a box with `overflow-x: auto`";
    on_every_page(&browser, to_do, |_| {
        let widest = browser.ask_about(include_str!("too_wide.js"), json!([PHONE]));
        let widest = widest.as_str().into_iter();
        widest.map(|it| format!("{it} on a phone that is {PHONE} pixels wide")).collect()
    });
}

#[test]
fn text_is_readable_in_all_five_themes() {
    let Some(browser) = Browser::start() else { return };
    let to_do = "What is to be read needs 4.5 to 1 in every theme: take --fg, or correct the theme's \
                 colour in book/theme/workshop.css";
    on_every_page(&browser, to_do, |page| {
        let mut faint = Vec::new();
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            let choose = "document.getElementById(`mdbook-theme-${arguments[0]}`).click()";
            browser.ask_about(choose, json!([theme]));
            let parts = "main, #mdbook-sidebar, #mdbook-menu-bar";
            let seen = browser.ask_about(include_str!("contrast.js"), json!([parts]));
            assert_ne!(seen["checked"], 0, "there is no text to be seen in {page}");
            let faults = seen["faults"].as_array().unwrap().iter().filter_map(Value::as_str);
            faint.extend(faults.map(|fault| format!("{theme}: {fault}")));
        }
        faint
    });
}
