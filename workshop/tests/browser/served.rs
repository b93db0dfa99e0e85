//! The book as the tool serves it.

use serde_json::json;

use crate::book::Served;
use crate::fixture::Fixture;
use crate::webdriver::Browser;

#[test]
fn search_finds_a_word_of_the_book() {
    let Some(browser) = Browser::start() else { return };
    let book = Served::repository();
    browser.open(&book.url("index"));
    browser.press(['s']);
    browser.wait_until(
        "document.activeElement.id === 'mdbook-searchbar'",
        "the key s did not open the search: is output.html.search on in book/book.toml?",
    );
    browser.press("descriptor".chars());
    browser.wait_until(
        "document.querySelector('#mdbook-searchresults a')",
        "searching for `descriptor` found nothing: is it still a word of the book?",
    );
    let start = browser.ask("return location.pathname");
    browser.click("#mdbook-searchresults a");
    let left = format!("location.pathname !== {start} && document.readyState === 'complete'");
    browser.wait_until(&left, "a click on the first result led nowhere");
    let found = browser.ask_about(
        "return document.querySelector('main').textContent.toLowerCase().includes(arguments[0])",
        json!(["descriptor"]),
    );
    assert_eq!(found, true, "{} has no `descriptor`", browser.ask("return location.href"));
}

#[test]
fn a_page_reloads_after_a_save() {
    let Some(browser) = Browser::start() else { return };
    let workspace = Fixture::untouched();
    let book = Served::of(&workspace, &["book", "serve", "--port", "0"]);
    browser.open(&book.url("page"));
    let page = workspace.read("book/src/page.md");
    workspace.write("book/src/page.md", &(page + "\nA new sentence.\n"));
    browser.wait_until(
        "document.querySelector('main').innerText.includes('A new sentence.')",
        "book/src/page.md was saved, and the open page did not change: look at \
         workshop/src/watch.rs (the save), press/src/site.rs (the build) and reload.js (the page)",
    );
}
