//! How many conversations may be open: a counter, and threads that wait while it is zero.

use std::sync::{Arc, Condvar, Mutex};

// ANCHOR: limit
/// A limit on how many [`Permit`]s exist at once (a counting semaphore).
#[derive(Clone)]
pub struct Limit {
    shared: Arc<Shared>,
}

struct Shared {
    /// Permits that are left.
    free: Mutex<usize>,
    /// Signalled whenever `free` grows.
    returned: Condvar,
}

/// The right to keep one conversation open. Dropping it gives the right back.
pub struct Permit {
    shared: Arc<Shared>,
}
// ANCHOR_END: limit

// ANCHOR: acquire
impl Limit {
    /// A limit of `max` permits.
    pub fn new(max: usize) -> Self {
        let shared = Shared { free: Mutex::new(max), returned: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Takes a permit. Blocks the thread until there is one.
    pub fn acquire(&self) -> Permit {
        let free = self.shared.free.lock().expect("limit lock: no panic while it is held");
        let mut free = (self.shared.returned)
            .wait_while(free, |free| *free == 0)
            .expect("limit lock: no panic while it is held");
        *free -= 1;
        Permit { shared: self.shared.clone() }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.shared.free.lock().expect("limit lock: no panic while it is held") += 1;
        self.shared.returned.notify_one();
    }
}
// ANCHOR_END: acquire

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_returned_permit_lets_the_next_one_in() {
        let _guard =
            testkit::watchdog("a permit was returned, and the thread that waits did not get it");
        let limit = Limit::new(1);
        let first = limit.acquire();
        let (acquired, waits) = mpsc::channel();
        let second = {
            let limit = limit.clone();
            thread::spawn(move || {
                let _permit = limit.acquire();
                acquired.send(()).expect("the test is still listening");
            })
        };
        let early = waits.recv_timeout(Duration::from_millis(50));
        assert_eq!(early, Err(RecvTimeoutError::Timeout), "two permits from a limit of one");
        drop(first);
        waits.recv().expect("the second acquire got the returned permit");
        second.join().expect("the second thread");
        assert_eq!(*limit.shared.free.lock().unwrap(), 1);
    }
}
