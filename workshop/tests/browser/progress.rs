//! The page that shows how far a learner is.

use crate::book::Served;
use crate::fixture::{Fixture, PASSES};
use crate::webdriver::Browser;

const EXERCISE: &str = "01-demo/exercises/01_demo/exercise.rs";

#[test]
fn progress_changes_when_an_exercise_is_solved() {
    let Some(browser) = Browser::start() else { return };
    let workspace = Fixture::untouched();
    let book = Served::of(&workspace, &["--port", "0"]);
    browser.open(&book.url("progress"));
    let shows = |text: &str, otherwise: &str| {
        let element = "document.querySelector('[data-exercise=\"01-demo/demo\"]')";
        browser.wait_until(&format!("{element}.innerText.includes('{text}')"), otherwise);
    };
    shows("not started", "an untouched exercise does not say `not started`");
    workspace.write(EXERCISE, "pub fn first() { panic!(\"M1: told\") }\npub fn second() {}\n");
    shows("M1: told", "an answer that fails was saved, and the page does not show its diagnosis");
    workspace.write(EXERCISE, PASSES);
    shows("solved", "the exercise was solved, and the open page does not say `solved`");
}
