//! The book as its readers meet it: in Chromium, by mouse and keyboard.
//!
//! Where there is no chromedriver these tests say so and are skipped; where CI is set they fail.

#![allow(clippy::unwrap_used, reason = "helpers of tests: the panic is the report")]

// The browser.
mod webdriver;

mod page;

// The book.
mod book;

#[path = "../fixture/mod.rs"]
mod fixture;

// What is true of it.
mod pages;

mod served;

mod progress;

mod player;
