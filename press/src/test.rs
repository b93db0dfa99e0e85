//! `cargo workshop book test`: what the book shows is what happens.

use std::path::Path;

use super::book::Book;
use super::build::build;
use super::sessions::run::run as replay;
use super::timeline::record::record;
use workshop::diff;
use workshop::terminal::{BAD, GOOD, say, styled};

/// Replays and compares, and prints a line for each kind of thing, and what is wrong with it, in sentences.
/// Returns whether nothing is. `bless` has the terminals and the recordings written that are found.
///
/// # Errors
/// Something kept us from finding out.
pub(crate) fn test(root: &Path, bless: bool) -> anyhow::Result<bool> {
    let mut all_right = true;
    let mut tell = |what: &str, failures: Vec<String>| {
        let mark = if failures.is_empty() { styled(GOOD, "✓") } else { styled(BAD, "✗") };
        say!("{mark} {what}");
        failures.iter().for_each(|failure| say!("{failure}\n"));
        all_right &= failures.is_empty();
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
    Ok(all_right)
}
