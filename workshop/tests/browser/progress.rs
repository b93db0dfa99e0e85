//! The page that shows how far a learner is.

use crate::fixture::served::Served;
use crate::fixture::{FAILS, FOLDER, Fixture, PASSES};
use crate::webdriver::Browser;

#[test]
fn progress_changes_when_an_exercise_is_solved() {
    let Some(browser) = Browser::start() else { return };
    let workspace = Fixture::untouched();
    let book = Served::of(&workspace, &[]);
    browser.open(&book.url("progress"));
    let shows = |text: &str, otherwise: &str| {
        let element = "document.querySelector('[data-exercise=\"01-demo/demo\"]')";
        browser.wait_until(&format!("{element}.innerText.includes('{text}')"), otherwise);
    };
    let is_open = "document.querySelector('[data-exercise] > details').open";
    browser.wait_until(is_open, "the exercise that comes next is folded");
    shows("not started", "an untouched exercise does not say `not started`");
    let invites = "[...document.querySelectorAll('[data-exercise] p')].some((p) => p.checkVisibility() && p.innerText.startsWith('Edit'))";
    browser.wait_until(invites, "an untouched exercise does not say what to edit");
    workspace.answer(FAILS);
    shows("M1: no", "an answer that fails was saved, and the page does not show its diagnosis");
    workspace.answer(PASSES);
    shows("solved", "the exercise was solved, and the open page does not say `solved`");
    browser.wait_until(&format!("!{invites}"), "a solved exercise still says `Edit`");
}

#[test]
fn a_diagnosis_leads_to_the_row_of_its_number_and_to_its_section() {
    let Some(browser) = Browser::start() else { return };
    let workspace = Fixture::with_answer(
        "pub fn first() {
            panic!(\"M1: <b>told</b>, not M1x. Book: Page, \\\"Exercises\\\". Book: No, \\\"page\\\".\")
        }
        pub fn second() {}\n",
    );
    let wrong = "M1 · fails: first_works\nIt need not work.\n\n--- solution.rs\n+++ solution.rs\n";
    workspace.write(&format!("{FOLDER}/wrong/first.diff"), wrong);
    let row = "| M1 | A mistake. | [Page](page.md) |";
    let index = format!("# Mistakes {{#mistakes}}\n\n| | | | |\n|---|---|---|---|\n{row}\n");
    workspace.write("book/src/misconceptions.md", &index);
    let summary = workspace.read("book/src/SUMMARY.md") + "- [Mistakes](misconceptions.md)\n";
    workspace.write("book/src/SUMMARY.md", &summary);
    let book = Served::of(&workspace, &[]);
    browser.open(&book.url("progress"));
    let text = "document.querySelector('li pre.diagnosis').textContent";
    let told = format!("{text}.startsWith('M1: <b>told</b>, not M1x')");
    browser.wait_until(&told, "the page does not show the diagnosis as text");
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
}
