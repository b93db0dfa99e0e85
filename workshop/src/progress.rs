//! What the dashboard tells the page of progress: a line of JSON for each change.

use anstream::adapter::strip_str;
use serde::Serialize;

use crate::judge::{self, State, Verdict};

/// How far the learner is.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Whether exercises are judged: the book may be served without the dashboard.
    watching: bool,
    /// Exercises that are being judged, by stage and name.
    judging: Vec<String>,
    /// Those that have been judged, in their order.
    exercises: Vec<Judged>,
    /// The exercise that the learner works on, as the dashboard shows it, by stage and name.
    shown: Option<String>,
    /// What comes next, as `cargo workshop next` says it.
    next: Option<String>,
    /// What kept us from judging.
    trouble: Option<String>,
}

/// An exercise as the last judgement left it. Its texts have no colours: they go into a page.
#[derive(Serialize)]
struct Judged {
    id: String,
    state: State,
    /// The first test that fails.
    test: Option<String>,
    diagnosis: Option<String>,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    test: String,
    passed: bool,
}

impl Report {
    pub(crate) fn new(
        verdicts: &[Verdict],
        judging: Vec<String>,
        shown: Option<&Verdict>,
        trouble: Option<&str>,
    ) -> Self {
        Self {
            watching: true,
            judging,
            exercises: verdicts.iter().map(Judged::new).collect(),
            shown: shown.map(Verdict::id),
            next: judge::next(verdicts).map(Verdict::id),
            trouble: trouble.map(plain),
        }
    }

    /// On one line.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and lists of them are JSON")
    }
}

impl Judged {
    fn new(verdict: &Verdict) -> Self {
        let test = |test: &judge::TestResult| Test { test: test.test.clone(), passed: test.passed };
        Self {
            id: verdict.id(),
            state: verdict.state.clone(),
            test: verdict.failed_test().map(str::to_owned),
            diagnosis: verdict.diagnosis.as_deref().map(plain),
            tests: verdict.tests.iter().map(test).collect(),
        }
    }
}

/// A text without the colours that rustc gives it on a terminal, and without empty lines at its end.
fn plain(text: &str) -> String {
    strip_str(text).to_string().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::TestResult;
    use serde_json::{Value, json};

    #[test]
    fn a_report_is_json_without_colours() {
        let result = |(test, passed): (&str, bool)| TestResult {
            test: test.to_owned(),
            passed,
            message: None,
        };
        let failing = Verdict {
            exercise: "demo".into(),
            stage: "01-demo".into(),
            title: "A demo".into(),
            file: "exercise.rs".into(),
            state: State::Fails,
            tests: [("one", true), ("two", false), ("three", false)].map(result).into(),
            diagnosis: Some("\u{1b}[1m\u{1b}[31mM1\u{1b}[0m: <b>told</b>\n\n".into()),
            printed: None,
            seconds: 0.0,
        };
        let trouble = "\u{1b}[31mno cargo\u{1b}[0m";
        let report =
            Report::new(std::slice::from_ref(&failing), Vec::new(), Some(&failing), Some(trouble));
        let expected = json!({"watching": true, "judging": [],
            "exercises": [{"id": "01-demo/demo", "state": "fails", "test": "two",
                "diagnosis": "M1: <b>told</b>", "tests": [
                    {"test": "one", "passed": true}, {"test": "two", "passed": false},
                    {"test": "three", "passed": false}]}],
            "shown": "01-demo/demo", "next": "01-demo/demo", "trouble": "no cargo"});
        assert_eq!(serde_json::from_str::<Value>(&report.to_json()).unwrap(), expected);
    }
}
