//! What the dashboard tells the page of progress: a JSON object for each change.

use anstream::adapter::strip_str;
use serde_json::{Value, json};

use crate::judge::{self, Verdict};

/// How far the learner is: the exercises that are being judged, those that have been, and the one that is
/// shown; or what kept us from judging.
pub(crate) fn report(
    verdicts: &[Verdict],
    judging: &[String],
    shown: Option<&Verdict>,
    trouble: Option<&str>,
) -> Value {
    json!({
        // The book may be served without the dashboard.
        "watching": true,
        "judging": judging,
        "exercises": verdicts.iter().map(judged).collect::<Vec<_>>(),
        "shown": shown.map(Verdict::id),
        "next": judge::next(verdicts).map(Verdict::id),
        "trouble": trouble.map(plain),
    })
}

/// An exercise as the last judgement left it.
fn judged(verdict: &Verdict) -> Value {
    json!({
        "id": verdict.id(),
        "state": verdict.state,
        "test": verdict.failed_test(),
        "diagnosis": verdict.diagnosis.as_deref().map(plain),
        "tests": verdict.tests,
    })
}

/// A text for a page: without the colours that rustc gives it on a terminal, and without empty lines at its
/// end.
fn plain(text: &str) -> String {
    strip_str(text).to_string().trim_end().to_owned()
}
