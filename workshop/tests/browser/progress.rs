//! The page that shows how far a learner is.

use crate::fixture::served::Served;
use crate::fixture::{FOLDER, Fixture, PASSES};
use crate::webdriver::Browser;

#[test]
fn progress_follows_each_save_and_a_diagnosis_leads_to_the_row_of_its_number_and_to_its_section() {
    let Some(browser) = Browser::start() else { return };
    let workspace = Fixture::untouched();
    let wrong = "M1 · fails: first_works\nIt need not work.\n\n--- solution.rs\n+++ solution.rs\n";
    workspace.write(&format!("{FOLDER}/wrong/first.diff"), wrong);
    let row = "| M1 | A mistake. | [Page](page.md) |";
    let index = format!("# Mistakes {{#mistakes}}\n\n| | | | |\n|---|---|---|---|\n{row}\n");
    workspace.write("book/src/misconceptions.md", &index);
    let summary = workspace.read("book/src/SUMMARY.md") + "- [Mistakes](misconceptions.md)\n";
    workspace.write("book/src/SUMMARY.md", &summary);
    let book = Served::of(&workspace, &[]);
    let progress = book.url("progress");
    browser.open(&progress);
    let shows = |text: &str, otherwise: &str| {
        let element = "document.querySelector('[data-exercise=\"01-demo/demo\"]')";
        browser.wait_until(&format!("{element}.innerText.includes('{text}')"), otherwise);
    };
    shows("not started", "an untouched exercise does not say `not started`");
    shows("Edit", "the exercise that comes next does not say what to edit: is it folded?");

    workspace.answer(
        "pub fn first() {
            panic!(\"M1: <b>told</b>, not M1x. Book: Page, \\\"Exercises\\\". Book: No, \\\"page\\\".\")
        }
        pub fn second() {}\n",
    );
    shows(
        "M1: <b>told</b>, not M1x",
        "an answer that fails was saved, and its diagnosis is not shown",
    );
    let links = browser
        .ask("return [...document.querySelectorAll('li pre.diagnosis *')].map((e) => e.outerHTML)");
    let expected = [
        "<a href=\"misconceptions.html#m1\">M1</a>",
        "<a href=\"page.html#exercises\">Page, \"Exercises\"</a>",
    ];
    assert_eq!(links, serde_json::json!(expected));
    browser.click("li pre.diagnosis a");
    let there = "document.querySelector(':target')?.closest('tr').innerText.includes('A mistake.')";
    browser.wait_until(there, "the link does not lead to the row of M1");

    browser.open(&progress);
    workspace.answer(PASSES);
    shows("solved", "the exercise was solved, and the open page does not say `solved`");
}
