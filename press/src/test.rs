//! `cargo workshop book test`: what the book shows is what happens.

use std::path::Path;

use super::build::build;
use super::sessions::run::run as replay;
use super::summary::named_pages;
use super::timeline::record::record;
use workshop::diff;
use workshop::terminal::{BAD, GOOD, say, styled};

/// A part of the test. `bless` has it write what it finds, if it is of that kind.
type Part = fn(root: &Path, bless: bool) -> anyhow::Result<Outcome>;

/// All parts, in the order in which they are run.
const PARTS: [Part; 4] = [pages, pairs, sessions, recordings];

/// What came of a part.
struct Outcome {
    /// What was tested, like `6 sessions`.
    what: String,
    /// What is wrong, in sentences.
    failures: Vec<String>,
}

/// Runs all parts, prints a line for each, and returns what is wrong, in sentences.
///
/// # Errors
/// Something kept us from finding out.
pub(crate) fn test(root: &Path, bless: bool) -> anyhow::Result<Vec<String>> {
    let mut failures = Vec::new();
    for part in PARTS {
        let outcome = part(root, bless)?;
        let mark =
            if outcome.failures.is_empty() { styled(GOOD, "✓") } else { styled(BAD, "✗") };
        say!("{mark} {}", outcome.what);
        failures.extend(outcome.failures);
    }
    Ok(failures)
}

/// The pages have no mistakes, and become HTML.
fn pages(root: &Path, _: bool) -> anyhow::Result<Outcome> {
    let count = named_pages(root)?.len();
    let built = build(root, &root.join("target/workshop/book/test"));
    let failures = built.err().map(|error| format!("{error:#}")).into_iter().collect();
    Ok(Outcome { what: format!("{count} pages"), failures })
}

/// The files that stages put side by side exist.
fn pairs(root: &Path, _: bool) -> anyhow::Result<Outcome> {
    Ok(Outcome { what: "pairs of files".into(), failures: diff::problems(root)? })
}

/// What the book shows of terminals is what a terminal shows.
fn sessions(root: &Path, bless: bool) -> anyhow::Result<Outcome> {
    let report = replay(root, bless)?;
    let mut what = format!("{} sessions", report.sessions);
    if report.skipped > 0 {
        what += &format!(", {} skipped", report.skipped);
    }
    if report.written > 0 {
        what += &format!(", {} written: look at the difference", report.written);
    }
    Ok(Outcome { what, failures: report.failures })
}

/// What the figures show is what the code does.
fn recordings(root: &Path, bless: bool) -> anyhow::Result<Outcome> {
    let (count, failures) = record(root, None, bless)?;
    Ok(Outcome { what: format!("{count} recordings"), failures })
}
