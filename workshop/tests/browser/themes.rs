//! Every page in every theme.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::book::{Book, Page};
use crate::webdriver::Browser;

const THEMES: [&str; 5] = ["light", "rust", "coal", "navy", "ayu"];

impl Browser {
    /// Pieces of text below `elements` that are hard to read in one of the five themes.
    pub fn faint_text(&self, elements: &str) -> BTreeSet<String> {
        let mut faint = BTreeSet::new();
        for theme in THEMES {
            let choose = "document.getElementById(`mdbook-theme-${arguments[0]}`).click()";
            self.ask_about(choose, json!([theme]));
            let seen = self.ask_about(include_str!("contrast.js"), json!([elements]));
            assert_ne!(seen["checked"], 0, "there is no text to be seen in `{elements}`");
            let faults = seen["faults"].as_array().unwrap().iter().map(Value::as_str);
            faint.extend(faults.map(|fault| format!("{theme}: {}", fault.unwrap())));
        }
        faint
    }
}

#[test]
fn text_is_readable_in_all_five_themes() {
    let Some(browser) = Browser::start() else { return };
    let book = Book::build();
    let mut problems = Vec::new();
    for Page { name, url } in book.pages() {
        browser.open(&url);
        let faint = browser.faint_text("main, #mdbook-sidebar, #mdbook-menu-bar");
        problems.extend(faint.into_iter().map(|fault| format!("{name}, {fault}")));
    }
    assert!(
        problems.is_empty(),
        "{}\nWhat is to be read needs 4.5 to 1 in every theme: take --fg, or correct the theme's \
         colour in book/theme/workshop.css",
        problems.join("\n")
    );
}
