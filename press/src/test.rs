//! `cargo workshop book test`: what the book shows is what happens.

use std::path::Path;

use super::book::Book;
use super::build::build;
use super::sessions::run::run as replay;
use super::timeline::record::record;
use workshop::diff;
use workshop::terminal::{BAD, GOOD, say, styled};

/// Replays and compares, prints a line for each kind of thing, and returns what is wrong, in sentences.
/// `bless` has the terminals and the recordings written that are found.
///
/// # Errors
/// Something kept us from finding out.
pub(crate) fn test(root: &Path, bless: bool) -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    let mut tell = |what: &str, failures: Vec<String>| {
        let mark = if failures.is_empty() { styled(GOOD, "✓") } else { styled(BAD, "✗") };
        say!("{mark} {what}");
        all.extend(failures);
    };

    let count = Book::read(root)?.pages.len();
    let built = build(root, &root.join("target/workshop/book/test"));
    let failure = built.err().map(|error| format!("{error:#}"));
    tell(&format!("{count} pages"), Vec::from_iter(failure));

    tell("pairs of files", diff::problems(root)?);

    let (count, failures) = replay(root, bless)?;
    tell(&format!("{count} sessions"), failures);

    let (count, failures) = record(root, None, bless)?;
    tell(&format!("{count} recordings"), failures);
    Ok(all)
}
