//! The wish that the process ends, as a future.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::waiters::Waiters;

/// What the handler, which the process has one of, tells all who listen.
static HEARD: Heard = Heard { count: AtomicU64::new(0), waiters: Waiters::new() };

struct Heard {
    /// How many signals have come.
    count: AtomicU64,
    waiters: Waiters,
}

/// The signals that ask a process to end: SIGINT (Ctrl-C), SIGTERM and SIGHUP; on Windows, Ctrl-C and
/// the closing of the console. As long as the process has one of these, they no longer end it by
/// themselves, nor after that.
#[derive(Debug)]
pub struct Signals {
    /// How many have come that this one has returned, or that came before it was made.
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
            // It runs on a thread of its own, and so may wake tasks.
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
    /// Dropped, the signal comes with the next call.
    pub async fn recv(&mut self) {
        let count = || HEARD.count.load(Ordering::Acquire);
        self.seen = HEARD.waiters.until(|| Some(count()).filter(|count| *count > self.seen)).await;
    }
    // ANCHOR_END: recv
}
