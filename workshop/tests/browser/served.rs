//! The book as the tool serves it.

use crate::book::{self, repository};
use crate::fixture::Fixture;
use crate::fixture::served::Served;
use crate::webdriver::Browser;

#[test]
fn the_page_for_a_wrong_address_loads_and_search_finds_a_word_from_there() {
    let Some(browser) = Browser::start() else { return };
    let book = book::served();
    browser.open(&book.url("404"));
    assert_eq!(browser.console_errors(), [""; 0]);
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
    let found = format!(
        "location.pathname !== {start} \
         && document.querySelector('main').textContent.toLowerCase().includes('descriptor')"
    );
    browser.wait_until(&found, "a click on the first result led to no page with `descriptor`");
    // What the tool has built for this port, which another run will not have.
    let port = book.address.rsplit(':').next().unwrap().to_owned();
    drop(book);
    std::fs::remove_dir_all(repository().join("target/workshop/book").join(port)).unwrap();
}

#[test]
fn a_page_reloads_after_a_save() {
    let Some(browser) = Browser::start() else { return };
    let workspace = Fixture::untouched();
    let book = Served::of(&workspace, &["book", "serve"]);
    browser.open(&book.url("page"));
    let page = workspace.read("book/src/page.md");
    workspace.write("book/src/page.md", &(page + "\nA new sentence.\n"));
    browser.wait_until(
        "document.querySelector('main').innerText.includes('A new sentence.')",
        "book/src/page.md was saved, and the open page did not change: look at \
         workshop/src/watch.rs (the save), press/src/site.rs (the build) and reload.js (the page)",
    );
}
