//! `cargo workshop`: exercises judged and proven, stages compared. `press`, which it starts for the
//! book, shares some of its parts.
//!
//! It depends on no stage and no exercise: whatever code is broken there, this tool still runs,
//! and can say what. (A manifest that cannot be read stops cargo itself, which then names the line.)

pub mod workspace;

pub mod exercise;

// A learner's answer: built, run, judged.
mod cargo;

mod run;

pub mod process_group;

mod metadata;

pub mod own_target;

mod package;

mod judge;

// The exercises themselves: do they hold what they claim?
pub mod wrong;

mod variant;

mod verify;

// Stages side by side.
pub mod diff;

// The book, made by another program.
pub mod title;

mod progress;

pub mod press;

// What the learner types, and sees.
pub mod terminal;

mod nearest;

mod commands;

mod judging;

mod report;

pub mod watch;

mod touched;

mod event;

#[cfg(unix)]
mod keys;

mod screen;

mod dashboard;

pub mod cli;

#[cfg(test)]
mod fixture;
