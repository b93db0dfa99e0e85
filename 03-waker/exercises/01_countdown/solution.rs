//! A countdown.
//!
//! A ticker ticks, outside your future and at any time. A `Countdown` from 3 is ready when the
//! ticker has ticked three times since the countdown's first poll. Ticks before that do not count.
//!
//! Everything happens on one thread: the ticker ticks between polls, not during one. A task may be polled
//! although nothing has ticked, and several ticks may have passed since the last poll. Each poll may come
//! with another waker, and only the latest counts. When a countdown is ready, the ticker must no longer
//! hold a waker of its task.
//!
//! Numbers of ticks stay small: no sum of them overflows.
//!
//! Your task: the `poll` of `Countdown`, and the fields that it needs.
//!
//! Read first: the book, "The road to the trait".
//! Check with `cargo workshop check countdown`.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Something that ticks. It runs outside all futures, and knows only the waker that it was given.
pub trait Ticker {
    /// How many times it has ticked since it was made.
    fn ticks(&self) -> u32;

    /// Keeps a clone of `waker`, in place of an earlier one. At its next tick the ticker wakes it,
    /// and keeps it no longer.
    fn wake_at_next_tick(&self, waker: &Waker);
}

/// Ready when its ticker has ticked `ticks` times since the first poll.
pub struct Countdown {
    ticker: Rc<dyn Ticker>,
    ticks: u32,
    /// At which tick of the ticker it is over. None before the first poll.
    end: Option<u32>,
}

impl Countdown {
    /// A countdown that has not begun.
    pub fn new(ticker: Rc<dyn Ticker>, ticks: u32) -> Self {
        Self { ticker, ticks, end: None }
    }
}

impl Future for Countdown {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let now = self.ticker.ticks();
        let ticks = self.ticks;
        let end = *self.end.get_or_insert(now + ticks);
        if now >= end {
            return Poll::Ready(());
        }
        // Each time: the ticker forgets a waker when it has woken it, and this poll may have come with
        // another one than the last.
        self.ticker.wake_at_next_tick(cx.waker());
        Poll::Pending
    }
}
