//! What the dashboard knows of the exercises, for the page of progress: pages wait here for news.

use serde_json::{Value, json};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// Filled by what the dashboard says, read by pages.
pub(crate) struct Progress {
    /// A JSON object. Its `version` grows with each change.
    known: Mutex<Value>,
    /// Notified when the version changes.
    changed: Condvar,
}

const NO_PANIC: &str = "nothing panics while holding what is known";

impl Progress {
    /// Nothing has been judged yet; if not `watching`, nothing will be.
    pub(crate) fn new(watching: bool) -> Self {
        // Starting at the clock, a page from an earlier run of the tool gets news as well.
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let known = json!({"version": since_1970.as_millis() as u64, "watching": watching,
            "judging": [], "exercises": [], "shown": null, "next": null, "trouble": null});
        Self { known: Mutex::new(known), changed: Condvar::new() }
    }

    /// Takes what the dashboard says, as it says it.
    pub(crate) fn report(&self, mut news: Value) {
        let mut known = self.lock();
        news["version"] = (version(&known) + 1).into();
        *known = news;
        self.changed.notify_all();
    }

    /// Blocks until the version is not `known`, or for `limit`, and returns what it is then, with what
    /// is known, as JSON.
    pub(super) fn wait_for_news(&self, known: u64, limit: Duration) -> (u64, String) {
        let same = |now: &mut Value| version(now) == known;
        let wait = self.changed.wait_timeout_while(self.lock(), limit, same);
        let now = wait.expect(NO_PANIC).0;
        (version(&now), now.to_string())
    }

    fn lock(&self) -> MutexGuard<'_, Value> {
        self.known.lock().expect(NO_PANIC)
    }
}

fn version(known: &Value) -> u64 {
    known["version"].as_u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(progress: &Progress) -> Value {
        serde_json::from_str(&progress.wait_for_news(0, Duration::ZERO).1).unwrap()
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
    fn a_report_is_handed_on_with_the_next_version() {
        let progress = Progress::new(true);
        let before = version(&now(&progress));
        progress.report(json!({"watching": true, "judging": ["01-demo/demo"]}));
        let expected =
            json!({"version": before + 1, "watching": true, "judging": ["01-demo/demo"]});
        assert_eq!(now(&progress), expected);
    }
}
