//! Threads that wait for each other wait for ever. This watch sees it at once.

use std::io::Write;
use std::process;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::server_process;
use crate::threads::Threads;

/// How often the watch looks. It decides nothing.
const INTERVAL: Duration = Duration::from_millis(2);

/// How often it must see the same threads in the same waits. Twice would do if a list of threads
/// were never incomplete: it is, now and then, while one of them ends.
const LOOKS: usize = 20;

/// After this time the watch gives up: what it guards takes milliseconds.
const LIMIT: Duration = Duration::from_secs(60);

/// After this time threads that cannot be seen are believed to wait for each other.
const GUESS: Duration = Duration::from_secs(8);

/// The status of a process that the watch ended: what a failed test reports.
const STATUS: i32 = 101;

/// Ends the process when its threads wait for each other. Made by [`deadlock_watch`].
pub struct DeadlockWatch {
    /// Sent to, to say that all is well.
    armed: Sender<()>,
    watcher: Option<JoinHandle<()>>,
}

/// Watches the calling thread, and those that are started from now on, until the returned guard is
/// dropped. When all of them wait for each other, without a timeout, it prints `testkit: hang: ` and
/// the explanation to standard error, and ends the process with status 101. However slow the machine
/// is, threads that will continue are never taken for a deadlock.
///
/// Code that neither ends nor waits is ended after a minute, without the explanation, because it
/// may be another fault, or a very slow machine. Where a system does not say what its threads wait
/// for (all but Linux), the explanation comes after eight seconds.
///
/// ```
/// let _guard = testkit::deadlock_watch(|| "the answer never came: was the waiter woken?");
/// // … what might hang …
/// ```
#[must_use = "the watch ends when this guard is dropped"]
pub fn deadlock_watch<T: Into<String>>(
    explain: impl FnOnce() -> T + Send + 'static,
) -> DeadlockWatch {
    let threads = Threads::with_the_caller();
    let (armed, disarmed) = mpsc::channel();
    let watcher = thread::spawn(move || {
        let start = Instant::now();
        let (mut looks, mut last) = (0, None);
        loop {
            let now = threads.stuck().filter(|_| Threads::can_be_seen());
            looks = if now.is_some() && now == last { looks + 1 } else { 0 };
            last = now;
            if looks == LOOKS {
                end(&explain().into());
            }
            if start.elapsed() > LIMIT {
                end(
                    "No end after a minute. Something here loops for ever, or sleeps and looks again.",
                );
            }
            if !Threads::can_be_seen() && start.elapsed() > GUESS {
                end(&explain().into());
            }
            if disarmed.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    });
    DeadlockWatch { armed, watcher: Some(watcher) }
}

fn end(why: &str) -> ! {
    // Not eprintln!: the test harness captures that, and would take it along when the process ends.
    let _ = writeln!(std::io::stderr(), "testkit: hang: {why}");
    server_process::kill_all();
    process::exit(STATUS);
}

impl Drop for DeadlockWatch {
    fn drop(&mut self) {
        let _ = self.armed.send(());
        if let Some(watcher) = self.watcher.take() {
            // It cannot fail: the watcher does not panic.
            let _ = watcher.join();
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::*;

    /// The child of [`a_deadlock_is_explained_and_ends_the_process`]: hangs when it is asked to.
    #[test]
    fn waits_for_itself_when_asked_to() {
        if std::env::var_os("TESTKIT_DEADLOCK").is_some() {
            let _guard = deadlock_watch(|| "nobody sends");
            let (_keep, never) = mpsc::channel::<()>();
            let _ = never.recv();
        }
    }

    #[test]
    fn waiting_for_the_watch_itself_is_no_deadlock() {
        for _ in 0..500 {
            let guard = deadlock_watch(|| "the guard is being dropped");
            thread::yield_now();
            drop(guard);
        }
    }

    #[test]
    fn a_deadlock_is_explained_and_ends_the_process() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "deadlock_watch::tests::waits_for_itself_when_asked_to"])
            .env("TESTKIT_DEADLOCK", "1")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(STATUS));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("testkit: hang: nobody sends"), "{stderr}");
    }
}
