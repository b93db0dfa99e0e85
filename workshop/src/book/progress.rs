//! What the dashboard knows of the exercises, for the page of progress: pages wait here for news.

use crate::judge::{self, State, Verdict};
use anstream::adapter::strip_str;
use serde::Serialize;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// Filled by the dashboard, read by pages.
pub(crate) struct Progress {
    known: Mutex<Known>,
    /// Notified when the version changes.
    changed: Condvar,
}

#[derive(Serialize)]
struct Known {
    /// Grows with each change.
    version: u64,
    #[serde(flatten)]
    report: Report,
}

/// How far the learner is.
#[derive(Default, Serialize)]
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

const NO_PANIC: &str = "nothing panics while holding what is known";

impl Report {
    pub(crate) fn new(
        verdicts: &[Verdict],
        shown: Option<&Verdict>,
        trouble: Option<&str>,
    ) -> Self {
        Self {
            watching: true,
            judging: Vec::new(),
            exercises: verdicts.iter().map(Judged::new).collect(),
            shown: shown.map(Verdict::id),
            next: judge::next(verdicts).map(Verdict::id),
            trouble: trouble.map(plain),
        }
    }
}

impl Judged {
    fn new(verdict: &Verdict) -> Self {
        let test =
            |test: &crate::judge::TestResult| Test { test: test.test.clone(), passed: test.passed };
        Self {
            id: verdict.id(),
            state: verdict.state.clone(),
            test: verdict.failed_test().map(str::to_owned),
            diagnosis: verdict.diagnosis.as_deref().map(plain),
            tests: verdict.tests.iter().map(test).collect(),
        }
    }
}

impl Progress {
    /// Nothing has been judged yet; if not `watching`, nothing will be.
    pub(crate) fn new(watching: bool) -> Self {
        // Starting at the clock, a page from an earlier run of the tool gets news as well.
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let version = since_1970.as_millis() as u64;
        let known = Known { version, report: Report { watching, ..Report::default() } };
        Self { known: Mutex::new(known), changed: Condvar::new() }
    }

    /// These exercises are judged from now until the next report.
    pub(crate) fn judging(&self, exercises: Vec<String>) {
        self.change(|report| report.judging = exercises);
    }

    pub(crate) fn report(&self, news: Report) {
        self.change(|report| *report = news);
    }

    /// Blocks until the version is not `known`, or for `limit`, and returns what is known then, as
    /// JSON.
    pub(super) fn wait_for_news(&self, known: u64, limit: Duration) -> String {
        let wait = self.changed.wait_timeout_while(self.lock(), limit, |now| now.version == known);
        let now = wait.expect(NO_PANIC).0;
        serde_json::to_string(&*now).expect("texts, numbers and lists of them are JSON")
    }

    fn change(&self, change: impl FnOnce(&mut Report)) {
        let mut known = self.lock();
        change(&mut known.report);
        known.version += 1;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect(NO_PANIC)
    }
}

/// A text without the colours that rustc gives it on a terminal, and the empty lines that it ends with.
fn plain(text: &str) -> String {
    strip_str(text).to_string().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::TestResult;
    use serde_json::{Value, json};

    fn now(progress: &Progress) -> Value {
        serde_json::from_str(&progress.wait_for_news(0, Duration::ZERO)).unwrap()
    }

    fn verdict(state: State, passed: &[bool]) -> Verdict {
        let result = |(number, passed): (usize, &bool)| TestResult {
            test: format!("test_{number}"),
            passed: *passed,
            message: None,
        };
        Verdict {
            exercise: "demo".into(),
            stage: "01-demo".into(),
            title: "A demo".into(),
            file: "exercise.rs".into(),
            state,
            tests: passed.iter().enumerate().map(result).collect(),
            diagnosis: Some("\u{1b}[1m\u{1b}[31mM1\u{1b}[0m: <b>told</b>\n\n".into()),
            printed: None,
            seconds: 0.0,
        }
    }

    #[test]
    fn before_the_first_report_nothing_is_judged() {
        let mut known = now(&Progress::new(false));
        assert!(known["version"].take().as_u64().unwrap() > 1_600_000_000_000);
        let nothing = json!({"version": null, "watching": false, "judging": [], "exercises": [],
            "shown": null, "next": null, "trouble": null});
        assert_eq!(known, nothing);
    }

    #[test]
    fn a_report_is_json_without_colours() {
        let progress = Progress::new(true);
        let failing = verdict(State::Fails, &[true, false, false]);
        let trouble = "\u{1b}[31mno cargo\u{1b}[0m";
        let report = Report::new(std::slice::from_ref(&failing), Some(&failing), Some(trouble));
        progress.report(report);
        let mut known = now(&progress);
        known["version"].take();
        let expected = json!({"version": null, "watching": true, "judging": [],
            "exercises": [{"id": "01-demo/demo", "state": "fails", "test": "test_1",
                "diagnosis": "M1: <b>told</b>", "tests": [
                    {"test": "test_0", "passed": true}, {"test": "test_1", "passed": false},
                    {"test": "test_2", "passed": false}]}],
            "shown": "01-demo/demo", "next": "01-demo/demo", "trouble": "no cargo"});
        assert_eq!(known, expected);
    }

    #[test]
    fn what_is_being_judged_keeps_its_last_verdict_until_the_next_report() {
        let progress = Progress::new(true);
        let solved = verdict(State::Solved, &[true]);
        progress.report(Report::new(std::slice::from_ref(&solved), None, None));
        let before = now(&progress)["version"].as_u64().unwrap();
        progress.judging(vec!["01-demo/demo".into()]);
        let known = now(&progress);
        assert_eq!(known["judging"], json!(["01-demo/demo"]));
        assert_eq!(known["exercises"][0]["state"], "solved");
        assert_eq!(known["version"], before + 1);
        progress.report(Report::new(std::slice::from_ref(&solved), None, None));
        assert_eq!(now(&progress)["judging"], json!([]));
    }
}
