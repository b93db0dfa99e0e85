//! A future that waits until some time has passed.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use tracing::trace;

use crate::event::{Event, Wait};

// ANCHOR: sleep
/// A future that is ready when `duration` has passed since its first poll.
///
/// Each has a thread of its own, which sleeps: simple and expensive. The timers of stage 04 share
/// one queue.
///
/// # Cancel safety
/// A timer that is dropped no longer wakes its task, unless the wake has begun. Its thread ends when the time is up.
pub fn sleep(duration: Duration) -> Sleep {
    Sleep { duration, wait: None }
}

/// Made by [`sleep`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct Sleep {
    duration: Duration,
    /// None before the first poll: a future does nothing until it is polled.
    wait: Option<Wait>,
}

impl Future for Sleep {
    type Output = ();

    /// # Panics
    /// The first poll panics if the system cannot start a thread for the timer.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let duration = self.duration;
        let wait = self.wait.get_or_insert_with(|| start(duration));
        Pin::new(wait).poll(cx)
    }
}

/// Starts a thread that makes an event happen after `duration`.
fn start(duration: Duration) -> Wait {
    let event = Event::new();
    let wait = event.wait();
    let run = move || {
        thread::sleep(duration);
        trace!("the time is up");
        event.set();
    };
    let name = format!("timer of {} ms", duration.as_millis());
    thread::Builder::new().name(name).spawn(run).expect("a thread for the timer");
    wait
}
// ANCHOR_END: sleep

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_thread_starts_before_the_first_poll() {
        let sleep = sleep(Duration::ZERO);
        assert!(sleep.wait.is_none());
        crate::block_on(sleep);
    }
}
