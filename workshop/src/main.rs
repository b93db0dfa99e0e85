//! `cargo workshop`: the book served, the exercises judged, and the checks on both.
//!
//! It depends on no stage and no exercise: whatever code is broken there, this tool still runs,
//! and can say what. (A manifest that cannot be read stops cargo itself, which then names the line.)

mod workspace;

mod exercise;

// A learner's answer: built, run, judged.
mod cargo;

mod machine;

mod package;

mod run;

mod process_group;

mod judge;

// The exercises themselves: do they hold what they claim?
mod variant;

mod verify;

mod book;

// Stages side by side.
mod diff;

// What the learner types, and sees.
mod commands;

mod report;

mod touched;

mod dashboard;

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
