//! The book as its readers meet it: in Chromium, by mouse and keyboard.
//!
//! Where there is no chromedriver these tests say so and are skipped; where CI is set they fail.
//! `SCREENSHOTS=DIR` has them write pictures of the pages into DIR.

#![allow(clippy::unwrap_used, reason = "helpers of tests: the panic is the report")]

// The browser.
mod process;

mod webdriver;

mod page;

// The book.
mod book;

#[path = "../fixture/mod.rs"]
#[allow(dead_code, reason = "the tests of the tool use the rest")]
mod fixture;

// What is true of it.
mod pages;

mod served;

mod progress;

mod themes;

mod player;
