//! The player of timelines, by mouse and by keyboard.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::book::{Book, Page};
use crate::pages::PHONE;
use crate::webdriver::Browser;

/// A page with a timeline.
const PAGE: &str = "01-blocking/one-slow-client";

// The characters that stand for keys in WebDriver.
const SPACE: char = ' ';
const END: char = '\u{e010}';
const HOME: char = '\u{e011}';
const LEFT: char = '\u{e012}';
const RIGHT: char = '\u{e014}';

const NEXT: &str = "figure.timeline button[aria-label='Next step']";
const PLAY: &str = "figure.timeline button[aria-label='Play']";
const PAUSE: &str = "figure.timeline button[aria-label='Pause']";
const RANGE: &str = "figure.timeline input[type=range]";

impl Browser {
    /// A browser that shows a page with timelines.
    fn with_timelines(book: &Book, page: &str) -> Option<Self> {
        let browser = Self::start()?;
        browser.open_timelines(book, page);
        Some(browser)
    }

    fn open_timelines(&self, book: &Book, page: &str) {
        self.open(&book.page(page).url);
        self.wait_until(
            "document.querySelector('figure.timeline') && \
             !document.querySelector('figure.timeline:not(.timeline-ready)')",
            &format!("{page} has no timeline, or the player did not start for all"),
        );
    }

    /// The step that the page's first timeline is at.
    fn step(&self) -> u64 {
        self.ask("return Number(document.querySelector('figure.timeline').dataset.step)")
            .as_u64()
            .expect("data-step is a whole number")
    }

    fn last_step(&self) -> u64 {
        self.ask("return document.querySelectorAll('figure.timeline')[0].querySelectorAll('.timeline-steps > li').length - 1")
            .as_u64()
            .expect("a timeline has steps")
    }

    fn focus(&self, selector: &str) {
        self.ask_about("document.querySelector(arguments[0]).focus()", json!([selector]));
    }

    fn shows(&self, selector: &str) -> bool {
        self.ask_about("return document.querySelector(arguments[0]) !== null", json!([selector]))
            == true
    }

    /// Chooses the highest speed.
    fn hurry(&self) {
        self.ask(
            "const speed = document.querySelector('figure.timeline select');
             speed.selectedIndex = [...speed.options].findIndex((o) => o.text.includes('4'));
             speed.dispatchEvent(new Event('input', { bubbles: true }));
             speed.dispatchEvent(new Event('change', { bubbles: true }));",
        );
    }
}

#[test]
fn a_timeline_is_a_list_of_sentences_where_there_are_no_scripts() {
    let html = Book::build().html(PAGE);
    let figure = html.split("<figure class=\"timeline\">").nth(1).expect("the page has a timeline");
    let (list, _) = figure.split_once("</ol>").expect("the timeline has a list");
    assert!(list.contains("<ol class=\"timeline-steps\">"), "{list}");
    assert!(list.matches("<li").count() > 1, "{list}");
}

#[test]
fn keys_step_through_a_timeline_and_do_not_turn_the_page() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    let page = browser.ask("return location.href");
    let last = browser.last_step();
    for place in [NEXT, RANGE, PLAY] {
        browser.focus(place);
        for (key, name, step) in [
            (HOME, "Home", 0),
            (LEFT, "ArrowLeft at the start", 0),
            (RIGHT, "ArrowRight", 1),
            (RIGHT, "ArrowRight", 2),
            (LEFT, "ArrowLeft", 1),
            (END, "End", last),
            (RIGHT, "ArrowRight at the end", last),
            (LEFT, "ArrowLeft", last - 1),
        ] {
            browser.press([key]);
            assert_eq!(browser.ask("return location.href"), page, "{name} turned the page");
            assert_eq!(browser.step(), step, "after {name}, with the focus on {place}");
        }
    }
}

#[test]
fn keys_go_on_from_a_link_and_from_a_click() {
    let book = Book::build();
    // Some of its steps have no source line, and so no link.
    let Some(browser) = Browser::with_timelines(&book, "01-blocking/a-thread-for-each") else {
        return;
    };
    let page = browser.ask("return location.href");
    browser.focus("figure.timeline .timeline-say a");
    for step in 1..=browser.last_step() {
        browser.press([RIGHT]);
        assert_eq!(browser.ask("return location.href"), page, "the page turned at step {step}");
        assert_eq!(browser.step(), step, "the figure lost the focus");
    }
    browser.press([HOME]);
    assert_eq!(browser.step(), 0);
    browser.ask(
        "document.activeElement.blur();
         const drawing = document.querySelector('figure.timeline .timeline-drawing');
         const box = drawing.getBoundingClientRect();
         drawing.dispatchEvent(new MouseEvent('click', {
             bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + 5,
         }));",
    );
    let clicked = browser.step();
    assert!(clicked > 3, "a click into the middle went to step {clicked}");
    browser.press([RIGHT]);
    assert_eq!(browser.ask("return location.href"), page, "the page turned after a click");
    assert_eq!(browser.step(), clicked + 1);
}

#[test]
fn on_paper_each_name_stands_beside_its_lane_and_the_list_is_open() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    browser.devtools(
        "Emulation.setDeviceMetricsOverride",
        json!({ "width": 720, "height": 1000, "deviceScaleFactor": 1, "mobile": false }),
    );
    let worst = browser.ask(
        "dispatchEvent(new Event('beforeprint'));
         const middle = (element) => {
             const box = element.getBoundingClientRect();
             return box.top + box.height / 2;
         };
         const figure = document.querySelector('figure.timeline');
         const lanes = [...figure.querySelectorAll('.timeline-lane')].map(middle);
         const names = [...figure.querySelectorAll('.timeline-names span')].map(middle);
         if (!figure.querySelector('details').open) return 'the list is closed';
         return Math.max(...lanes.map((lane, index) => Math.abs(lane - names[index])));",
    );
    assert!(worst.as_f64().is_some_and(|pixels| pixels < 3.0), "{worst} pixels beside its lane");
}

#[test]
fn space_plays_and_pauses() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    for place in [RANGE, PLAY] {
        browser.focus(place);
        browser.press([SPACE]);
        assert!(browser.shows(PAUSE), "space with the focus on {place} does not play");
        browser.press([SPACE]);
        assert!(browser.shows(PLAY), "space with the focus on {place} does not pause");
    }
}

#[test]
fn buttons_step_through_a_timeline() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    let last = browser.last_step();
    for (button, step) in [
        ("Next step", 1),
        ("Next step", 2),
        ("Previous step", 1),
        ("Last step", last),
        ("Previous step", last - 1),
        ("First step", 0),
    ] {
        browser.click(&format!("figure.timeline button[aria-label='{button}']"));
        assert_eq!(browser.step(), step, "after a click on {button}");
    }
}

#[test]
fn a_click_into_the_drawing_goes_there() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    let mut steps = Vec::new();
    for part in [0.9, 0.4, 0.6] {
        browser.click_at("figure.timeline .timeline-drawing", part);
        steps.push(browser.step());
    }
    let last = browser.last_step();
    assert!(steps[0] * 4 > last * 3, "a click near the right edge goes to {} of {last}", steps[0]);
    assert!(steps[1] < steps[2] && steps[2] < steps[0], "clicks at 0.9, 0.4, 0.6: {steps:?}");
}

#[test]
fn playing_shows_every_step_and_stops_at_the_last() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    browser.ask(
        "const figure = document.querySelector('figure.timeline');
         window.seen = [];
         new MutationObserver(() => seen.push(Number(figure.dataset.step)))
             .observe(figure, { attributeFilter: ['data-step'] });",
    );
    browser.hurry();
    browser.click(PLAY);
    assert!(browser.shows(PAUSE), "a click on Play does not make it Pause");
    let last = browser.last_step();
    browser.wait_until(&format!("seen.includes({last})"), "playing at speed 4 does not end");
    browser.wait_until(
        "document.querySelector(\"figure.timeline button[aria-label='Play']\")",
        "the player is at the last step, and still offers Pause",
    );
    assert_eq!(browser.ask("return seen"), json!((1..=last).collect::<Vec<_>>()));
}

#[test]
fn a_paused_timeline_stays_where_it_is() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    browser.hurry();
    browser.click(PLAY);
    browser.wait_until(
        "document.querySelector('figure.timeline').dataset.step > 0",
        "playing does not move",
    );
    browser.click(PAUSE);
    // Three seconds, in which a timeline that plays has taken several steps.
    let moved = browser.wait(
        "const done = arguments[0], figure = document.querySelector('figure.timeline');
         new MutationObserver(() => done(true)).observe(figure, { attributeFilter: ['data-step'] });
         setTimeout(() => done(false), 3000)",
    );
    assert_eq!(moved, false, "a paused timeline moved on");
}

#[test]
fn each_step_says_what_the_list_says_and_leads_to_its_line() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    let last = browser.last_step();
    let mut links = BTreeSet::new();
    browser.focus(NEXT);
    for step in 0..=last {
        let shown = browser.ask(
            "const text = (element) => element?.textContent.trim().replace(/\\s+/g, ' ') ?? '';
             const figure = document.querySelector('figure.timeline');
             const step = figure.querySelectorAll('.timeline-steps > li')[figure.dataset.step];
             const source = [...figure.querySelectorAll('.timeline-source')]
                 .find((one) => !one.closest('.timeline-steps'));
             const listed = step.querySelector('.timeline-source');
             return {
                 says: text(figure.querySelector('.timeline-say')),
                 listed: text(step),
                 sentence: text(step.querySelector('span')),
                 source: text(source),
                 listed_source: text(listed),
                 link: source?.href,
                 listed_link: listed?.href,
                 spoken: figure.querySelector('input[type=range]').getAttribute('aria-valuetext'),
             }",
        );
        assert_eq!(shown["says"], shown["listed"], "step {step}");
        assert_eq!(shown["source"], shown["listed_source"], "step {step}");
        assert_eq!(shown["link"], shown["listed_link"], "step {step}");
        let sentence = shown["sentence"].as_str().unwrap_or_default();
        let spoken = format!("{} / {}: {sentence}", step + 1, last + 1);
        assert_eq!(shown["spoken"], spoken, "for who cannot see it");
        links.extend(shown["link"].as_str().map(str::to_owned));
        browser.press([RIGHT]);
    }
    for link in links {
        browser.open(&link);
        let there = browser.ask("return document.getElementById(location.hash.slice(1)) !== null");
        assert_eq!(there, true, "{link} leads to nothing");
    }
}

#[test]
fn timelines_on_one_page_do_not_move_each_other() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, "print") else { return };
    let steps = || -> Value {
        browser.ask(
            "return [...document.querySelectorAll('figure.timeline')].map((f) => f.dataset.step)",
        )
    };
    let at_first = steps();
    let count = at_first.as_array().unwrap().len();
    assert!(
        count > 1,
        "the book has {count} timelines: it takes two to see them disturb each other"
    );
    assert!(at_first.as_array().unwrap().iter().all(|step| step == "0"), "{at_first}");
    for control in [NEXT, RANGE] {
        browser.focus(control);
        browser.press([RIGHT]);
    }
    let mut expected = at_first;
    expected[0] = json!("2");
    assert_eq!(steps(), expected, "two steps of the first are no steps of the others");
}

#[test]
fn a_phone_has_room_for_the_player() {
    let book = Book::build();
    let Some(browser) = Browser::start() else { return };
    browser.hold_a_phone(PHONE);
    browser.open_timelines(&book, PAGE);
    browser.click(NEXT);
    let widest = browser.ask_about(include_str!("too_wide.js"), json!([PHONE]));
    assert_eq!(widest, Value::Null, "the page is wider than a phone");
    // 24 pixels is the least that WCAG 2.2 asks of what a finger is to hit.
    let small = browser.ask_about(
        "return [...document.querySelectorAll('figure.timeline :is(button, select, input)')]
             .map((control) => [control.ariaLabel ?? control.localName, control.getBoundingClientRect()])
             .filter(([, box]) => box.left < 0 || box.right > arguments[0] || box.width < 24 || box.height < 24)
             .map(([name, box]) => `${name}: ${box.left} to ${box.right}, ${box.width} by ${box.height}`)",
        json!([PHONE]),
    );
    assert_eq!(small, json!([]), "controls that are cut off, or under 24 by 24 pixels");
    browser.take_picture(&format!("phone-player-{PAGE}"));
}

#[test]
fn the_player_is_readable_in_all_five_themes() {
    let book = Book::build();
    let Some(browser) = Browser::with_timelines(&book, PAGE) else { return };
    let Page { name, .. } = book.page(PAGE);
    for step in [0, browser.last_step() / 2, browser.last_step()] {
        browser.focus(NEXT);
        browser.press(std::iter::once(HOME).chain(std::iter::repeat_n(RIGHT, step as usize)));
        let faint = browser.faint_text("figure.timeline");
        assert!(faint.is_empty(), "{name}, step {step}: {faint:#?}. Text needs 4.5 to 1");
        browser.take_picture(&format!("player-{step}-{name}"));
    }
}
