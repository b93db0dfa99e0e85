//! Waiting for a moment in time: `sleep`, `timeout`, `interval`.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;

use crate::context;
use crate::shared::Shared;
use crate::timers::Key;

// ANCHOR: sleep
/// A future that is ready when `duration` has passed since this call: never before, and later if the
/// thread is busy then. It belongs to the executor that this thread works for, and is not woken while
/// no thread runs that executor.
///
/// # Panics
/// On a thread that runs no executor.
///
/// # Cancel safety
/// Dropping it removes it from the queue.
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    let shared = context::shared("sleep");
    let deadline = later(shared.timers.now(), duration);
    Sleep { deadline, timer: None, shared }
}

/// As [`sleep`], until `deadline`.
///
/// # Panics
/// On a thread that runs no executor.
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { deadline, timer: None, shared: context::shared("sleep_until") }
}

/// A time that `Instant` cannot represent stands for never: about thirty years from now.
fn later(time: Instant, by: Duration) -> Instant {
    time.checked_add(by).unwrap_or_else(|| time + Duration::from_secs(1 << 30))
}

/// Made by [`sleep`].
pub struct Sleep {
    deadline: Instant,
    /// Its place in the queue, once it was polled and had to wait.
    timer: Option<Key>,
    shared: Arc<Shared>,
}

impl Sleep {
    /// When it is ready.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Moves it to another deadline.
    fn reset(&mut self, deadline: Instant) {
        self.leave_queue();
        self.deadline = deadline;
    }

    fn leave_queue(&mut self) {
        if let Some(timer) = self.timer.take() {
            self.shared.timers.remove(timer);
        }
    }
}

// ANCHOR: poll_sleep
impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.shared.timers.now() >= self.deadline {
            self.leave_queue();
            return Poll::Ready(());
        }
        match self.timer {
            None => self.timer = Some(self.shared.insert_timer(self.deadline, cx.waker().clone())),
            Some(timer) if self.shared.timers.update(timer, cx.waker()) => {}
            // It has fired since we looked at the clock, and has woken the waker of an earlier poll.
            Some(_) => return Poll::Ready(()),
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.leave_queue();
    }
}
// ANCHOR_END: poll_sleep
// ANCHOR_END: sleep

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

// ANCHOR: timeout
/// Runs `future` for `duration` at most.
///
/// # Panics
/// On a thread that runs no executor.
///
/// # Cancel safety
/// When the time is up, the future is not polled again, and is dropped with the timeout: what it had
/// taken is lost. Dropping the timeout drops the future.
#[track_caller]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    Timeout { future: future.into_future(), sleep: sleep(duration) }
}

pin_project! {
    /// Made by [`timeout`].
    #[derive(Debug)]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        sleep: Sleep,
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // The future first: if both are ready, the future was in time.
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        ready!(Pin::new(this.sleep).poll(cx));
        Poll::Ready(Err(Elapsed))
    }
}

/// The time was up first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time was up before the future was ready")
    }
}

impl std::error::Error for Elapsed {}
// ANCHOR_END: timeout

// ANCHOR: interval
/// Ticks every `period`, for the first time after one period.
///
/// A tick that is missed, because `tick` was called too late for it, is skipped: the next one comes at
/// a multiple of the period. So ticks stay in step, and never come in a burst.
///
/// # Panics
/// If the period is zero; on a thread that runs no executor.
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    assert!(period > Duration::ZERO, "an interval of zero would tick without end");
    Interval { period, sleep: sleep(period) }
}

/// Made by [`interval`].
#[derive(Debug)]
pub struct Interval {
    period: Duration,
    sleep: Sleep,
}

impl Interval {
    // ANCHOR: tick
    /// Waits for the next tick, and returns when it was due.
    ///
    /// # Cancel safety
    /// Dropped, the tick comes with the next call.
    pub async fn tick(&mut self) -> Instant {
        (&mut self.sleep).await;
        let due = self.sleep.deadline();
        let late = self.sleep.shared.timers.now() - due;
        let past = u64::try_from(late.as_nanos() % self.period.as_nanos());
        let past = Duration::from_nanos(past.unwrap_or_default());
        self.sleep.reset(later(due + late - past, self.period));
        due
    }
    // ANCHOR_END: tick
}
// ANCHOR_END: interval
