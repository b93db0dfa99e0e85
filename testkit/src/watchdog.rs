//! A hang is the normal failure of code that waits. A watchdog turns it into a failure that
//! explains itself.

use std::io::Write;
use std::process;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::server_process;

/// How long a test may take before its watchdog says that it hangs. What it guards takes
/// milliseconds, and a thousand times as long on a machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(30);

/// The variable in which whoever ends tests that hang says how many seconds there are before: so that
/// the watchdog, which can explain it, comes first.
const SECONDS: &str = "WATCHDOG_SECONDS";

/// The status of a process that its watchdog ended: what a failed test reports.
const STATUS: i32 = 101;

/// Ends the process unless it is dropped in time. Made by [`watchdog`].
pub struct Watchdog {
    /// Sent to, to say that all is well.
    armed: Option<Sender<()>>,
    waiter: Option<JoinHandle<()>>,
}

/// Watches until the returned guard is dropped. After thirty seconds, or `WATCHDOG_SECONDS` if that is less,
/// it prints `testkit: hang: ` and the
/// explanation to standard error, kills every [`ServerProcess`](crate::ServerProcess) of this
/// process, and ends it with status 101: a thread that waits for ever can be ended in no other
/// way.
///
/// ```
/// let _guard = testkit::watchdog("the answer never came: was the waiter woken?");
/// // … what might hang …
/// ```
#[must_use = "the watchdog stops watching when this guard is dropped"]
pub fn watchdog(explanation: impl Into<String>) -> Watchdog {
    watchdog_after(LIMIT, explanation)
}

/// As [`watchdog`], after a minute and a half: for what takes a second where nothing else runs.
#[must_use = "the watchdog stops watching when this guard is dropped"]
pub fn patient_watchdog(explanation: impl Into<String>) -> Watchdog {
    watchdog_after(3 * LIMIT, explanation)
}

fn watchdog_after(limit: Duration, explanation: impl Into<String>) -> Watchdog {
    let explanation = explanation.into();
    let told = std::env::var(SECONDS).ok().and_then(|seconds| seconds.parse().ok());
    let limit = told.map_or(limit, |seconds| limit.min(Duration::from_secs(seconds)));
    let (armed, disarmed) = mpsc::channel();
    let waiter = thread::spawn(move || {
        if disarmed.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            // Not eprintln!: the test harness captures that, and would take it along when the
            // process ends here.
            let _ = writeln!(std::io::stderr(), "testkit: hang: {explanation}");
            server_process::kill_all();
            process::exit(STATUS);
        }
    });
    Watchdog { armed: Some(armed), waiter: Some(waiter) }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(armed) = self.armed.take() {
            let _ = armed.send(());
        }
        if let Some(waiter) = self.waiter.take() {
            // It cannot fail: the thread above does not panic.
            let _ = waiter.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_dropped_guard_leaves_no_thread_behind() {
        let guard = watchdog("never said");
        let armed = guard.armed.clone();
        drop(guard);
        // Nobody holds the other end any more: the thread that did has ended.
        assert!(armed.is_some_and(|armed| armed.send(()).is_err()));
    }

    /// The child of [`a_hang_is_explained_and_ends_the_process`]: hangs when it is asked to.
    #[test]
    fn hangs_when_asked_to() {
        if std::env::var_os("TESTKIT_HANG").is_some() {
            let _guard = watchdog_after(Duration::from_millis(10), "nobody sends");
            let (_keep, never) = mpsc::channel::<()>();
            let _ = never.recv();
        }
    }

    #[test]
    fn a_hang_is_explained_and_ends_the_process() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "watchdog::tests::hangs_when_asked_to"])
            .env("TESTKIT_HANG", "1")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(STATUS));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("testkit: hang: nobody sends"), "{stderr}");
    }
}
