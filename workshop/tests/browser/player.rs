//! The player of timelines, by mouse and by keyboard.

use serde_json::json;

use crate::book;
use crate::webdriver::Browser;

/// A page with a timeline, and a link to one of its steps.
const PAGE: &str = "01-blocking/one-slow-client";

/// A page with two timelines.
const TWO_TIMELINES: &str = "02-nonblocking-poll/the-event-loop";

// The characters that stand for keys in WebDriver.
const SPACE: char = ' ';
const END: char = '\u{e010}';
const HOME: char = '\u{e011}';
const LEFT: char = '\u{e012}';
const RIGHT: char = '\u{e014}';

const NEXT: &str = "figure.timeline button[aria-label='Next step']";
const PLAY: &str = "figure.timeline button[aria-label='Play']";
const PAUSE: &str = "figure.timeline button[aria-label='Pause']";
const SLIDER: &str = "figure.timeline input[type=range]";
const LINK: &str = "main p > a[href^='#three-clients']";

impl Browser {
    /// A browser that shows a page with timelines.
    fn with_timelines(page: &str) -> Option<Self> {
        let browser = Self::start()?;
        browser.open(&book::url(page));
        browser.wait_until(
            "document.querySelector('figure.timeline') && \
             !document.querySelector('figure.timeline:not(.timeline-ready)')",
            &format!("{page} has no timeline, or the player did not start for all"),
        );
        Some(browser)
    }

    /// The step that the page's first timeline is at.
    fn step(&self) -> u64 {
        self.number("document.querySelector('figure.timeline').dataset.step")
    }

    fn last_step(&self) -> u64 {
        self.number("document.querySelector('figure.timeline .timeline-steps').children.length - 1")
    }

    fn number(&self, expression: &str) -> u64 {
        self.ask(&format!("return Number({expression})")).as_u64().expect("a whole number")
    }

    fn focus(&self, selector: &str) {
        self.ask_about("document.querySelector(arguments[0]).focus()", json!([selector]));
    }

    fn shows(&self, selector: &str) -> bool {
        self.ask_about("return document.querySelector(arguments[0]) !== null", json!([selector]))
            == true
    }
}

#[test]
fn buttons_keys_and_clicks_step_through_one_timeline_and_do_not_turn_the_page() {
    // Not the page with all of them: it opens the print dialog by itself, which takes keys away.
    let Some(browser) = Browser::with_timelines(TWO_TIMELINES) else { return };
    let page = browser.ask("return location.href");
    let last = browser.last_step();
    for (button, step) in [
        ("Next step", 1),
        ("Next step", 2),
        ("Previous step", 1),
        ("Last step", last),
        ("First step", 0),
    ] {
        browser.click(&format!("figure.timeline button[aria-label='{button}']"));
        assert_eq!(browser.step(), step, "after a click on {button}");
    }
    for place in [NEXT, SLIDER, "figure.timeline .timeline-say a"] {
        browser.focus(place);
        for (key, step) in [(HOME, 0), (LEFT, 0), (RIGHT, 1), (LEFT, 0), (END, last), (RIGHT, last)]
        {
            browser.press([key]);
            assert_eq!(browser.ask("return location.href"), page, "{key:?} turned the page");
            assert_eq!(browser.step(), step, "after {key:?}, with the focus on {place}");
        }
    }
    browser.click("figure.timeline .timeline-drawing");
    let clicked = browser.step();
    assert!((1..last).contains(&clicked), "a click into the middle went to step {clicked}");
    browser.press([RIGHT]);
    assert_eq!(browser.step(), clicked + 1, "an arrow does not continue from a click");
    let other = browser.number("document.querySelectorAll('figure.timeline')[1].dataset.step");
    assert_eq!(other, 0, "the second timeline has moved with the first");
}

#[test]
fn playing_shows_every_step_and_stops_at_the_last() {
    let Some(browser) = Browser::with_timelines(PAGE) else { return };
    // The test is the clock.
    browser.ask(
        "window.setInterval = (tick) => { window.tick = tick; return 1; };
         window.clearInterval = () => { window.tick = null; };",
    );
    browser.focus(SLIDER);
    browser.press([SPACE]);
    assert!(browser.shows(PAUSE), "space does not play");
    browser.press([SPACE]);
    assert!(browser.shows(PLAY), "space does not pause");
    browser.click(PLAY);
    let last = browser.last_step();
    for step in 1..=last {
        browser.ask("tick()");
        assert_eq!(browser.step(), step);
    }
    browser.ask("tick()");
    assert_eq!(browser.step(), last);
    assert!(browser.shows(PLAY), "the player is at the last step, and still offers Pause");
}

#[test]
fn a_link_in_the_text_shows_its_step_and_a_step_leads_to_its_line() {
    let Some(browser) = Browser::with_timelines(PAGE) else { return };
    let says = "return document.querySelector('.timeline-say > span').textContent";
    let expected = "Client 2 says hello, and waits for its answer.";
    browser.click(LINK);
    assert_eq!(browser.ask(says), expected);
    let step = browser.step();
    browser.press([RIGHT]);
    assert_eq!(browser.step(), step + 1, "an arrow does not continue from there");
    browser.click(LINK);
    assert_eq!(browser.step(), step, "a second click does nothing");
    // The same link, from another page.
    let url = browser.ask("return location.href");
    browser.open("about:blank");
    browser.open(url.as_str().unwrap());
    assert_eq!(browser.ask(says), expected);
    // The thread's step, which is one of the server's code.
    browser.click("figure.timeline button[aria-label='First step']");
    browser.click("figure.timeline .timeline-say a");
    let there = browser.ask("return document.getElementById(location.hash.slice(1)) !== null");
    assert_eq!(there, true, "the link of the first step leads to nothing");
}
