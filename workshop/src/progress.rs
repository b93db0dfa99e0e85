//! What the dashboard tells the page of progress: a JSON object for each change.

use anstream::adapter::strip_str;
use serde_json::{Value, json};

use crate::dashboard::Dashboard;
use crate::judge::{self, Verdict};
use crate::press::News;

impl Dashboard {
    /// Tells the page, once there is one, what is known now, and that these exercises are being judged.
    pub(crate) fn report(&self, judging: &[String]) {
        let (Some(press), Some(News::Served(_))) = (&self.press, &self.book) else { return };
        let report = json!({
            // The book may be served without the dashboard.
            "watching": true,
            "judging": judging,
            "exercises": self.verdicts.iter().map(judged).collect::<Vec<_>>(),
            "shown": self.to_show().map(Verdict::id),
            "next": judge::next(&self.verdicts).map(Verdict::id),
            "trouble": self.trouble.as_deref().map(plain),
        });
        press.report(&report);
    }
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
