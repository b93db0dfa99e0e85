//! The request that the process end, as a future.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::waiters::Waiters;

/// What the signal handler records for all listeners. A process has one handler.
static HEARD: Heard = Heard { count: AtomicU64::new(0), waiters: Waiters::new() };

struct Heard {
    /// How many signals have come.
    count: AtomicU64,
    waiters: Waiters,
}

/// The signals that ask a process to end: SIGINT (Ctrl-C), SIGTERM and SIGHUP; on Windows, Ctrl-C and
/// the closing of the console. From the first `listen` on they no longer end the process by themselves,
/// not even after the last `Signals` is dropped.
#[derive(Debug)]
pub struct Signals {
    /// How many signals it has returned, or had come before it was made.
    seen: u64,
}

impl Signals {
    // ANCHOR: listen
    /// Listens from now on. It works in any runtime, and outside of one.
    ///
    /// # Errors
    /// Those of sigaction(2); and that something else in this process handles these signals already.
    pub fn listen() -> io::Result<Self> {
        static INSTALLED: Mutex<bool> = Mutex::new(false);
        let mut installed = INSTALLED.lock().expect("nothing panics while it is held");
        if !*installed {
            // It is called on a thread of its own, not in a signal handler, and so may wake tasks.
            ctrlc::set_handler(|| {
                HEARD.count.fetch_add(1, Ordering::Release);
                HEARD.waiters.wake_all();
            })
            .map_err(|error| match error {
                ctrlc::Error::System(error) => error,
                other => io::Error::other(other),
            })?;
            *installed = true;
        }
        Ok(Self { seen: HEARD.count.load(Ordering::Acquire) })
    }
    // ANCHOR_END: listen

    // ANCHOR: recv
    /// Waits for the next signal. Several that come before it is polled may be one.
    ///
    /// # Cancel safety
    /// If it is dropped, the next call returns the signal.
    pub async fn recv(&mut self) {
        let count = || HEARD.count.load(Ordering::Acquire);
        self.seen = HEARD.waiters.until(|| Some(count()).filter(|count| *count > self.seen)).await;
    }
    // ANCHOR_END: recv
}
