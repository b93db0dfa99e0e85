//! A clock that stands still until the test moves it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A clock for tests. Its clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct VirtualClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Since the clock was made.
    now: Duration,
    /// Who waits, and until when. Each sleep is here at most once, by its number.
    waiting: Vec<(Duration, u64, Waker)>,
    /// The number of the next sleep.
    next: u64,
}

impl VirtualClock {
    /// A clock at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time since the clock was made.
    pub fn now(&self) -> Duration {
        self.lock().now
    }

    /// Moves the clock, and then wakes the sleeps whose time has come, the earliest first.
    pub fn advance(&self, by: Duration) {
        let due: Vec<_> = {
            let mut state = self.lock();
            state.now = state.now.saturating_add(by);
            let now = state.now;
            state.waiting.sort_by_key(|(deadline, number, _)| (*deadline, *number));
            state.waiting.extract_if(.., |(deadline, ..)| *deadline <= now).collect()
        };
        due.into_iter().for_each(|(.., waker)| waker.wake());
    }

    /// Moves the clock to the earliest time that is waited for. False if nothing waits.
    pub fn advance_to_next(&self) -> bool {
        let (now, next) = {
            let state = self.lock();
            (state.now, state.waiting.iter().map(|(deadline, ..)| *deadline).min())
        };
        let Some(next) = next else { return false };
        self.advance(next.saturating_sub(now));
        true
    }

    /// A future that is ready once the clock was moved by `duration` since this call.
    ///
    /// # Cancel safety
    /// Dropped, it waits no more.
    pub fn sleep(&self, duration: Duration) -> VirtualSleep {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        VirtualSleep { deadline: state.now.saturating_add(duration), number, clock: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that fails elsewhere must not fail here once more.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Made by [`VirtualClock::sleep`].
#[derive(Debug)]
#[must_use = "futures do nothing unless they are polled"]
pub struct VirtualSleep {
    deadline: Duration,
    number: u64,
    clock: VirtualClock,
}

impl VirtualSleep {
    /// Takes its waker out of the clock.
    fn leave(&self) {
        let own = {
            let waiting = &mut self.clock.lock().waiting;
            let place = waiting.iter().position(|(_, number, _)| *number == self.number);
            place.map(|place| waiting.swap_remove(place))
        };
        // Without the lock: dropping a waker runs foreign code.
        drop(own);
    }
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.leave();
        let waker = cx.waker().clone();
        let mut state = self.clock.lock();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        state.waiting.push((self.deadline, self.number, waker));
        Poll::Pending
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::polling::{drive, poll_once};
    use crate::wakers::CountingWaker;

    #[test]
    fn time_passes_only_when_it_is_moved() {
        let clock = VirtualClock::new();
        let (counter, waker) = CountingWaker::new();
        let mut sleep = clock.sleep(Duration::from_secs(3600));
        assert!(poll_once(&mut sleep, &waker).is_pending());
        clock.advance(Duration::from_secs(3599));
        assert_eq!(counter.wakes(), 0);
        clock.advance(Duration::from_secs(1));
        assert_eq!(counter.wakes(), 1);
        assert!(poll_once(&mut sleep, &waker).is_ready());
    }

    #[test]
    fn a_sleep_waits_once_and_a_dropped_one_no_more() {
        let clock = VirtualClock::new();
        let (counter, waker) = CountingWaker::new();
        let mut sleep = clock.sleep(Duration::from_secs(1));
        for _ in 0..3 {
            assert!(poll_once(&mut sleep, &waker).is_pending());
        }
        assert_eq!(counter.live(), 2);
        drop(sleep);
        assert_eq!(counter.live(), 1);
        assert!(!clock.advance_to_next(), "nothing waits");
    }

    #[test]
    fn a_run_jumps_from_deadline_to_deadline() {
        let clock = VirtualClock::new();
        let two = async {
            clock.sleep(Duration::from_secs(5)).await;
            clock.sleep(Duration::from_secs(7)).await;
        };
        drive(two, || clock.advance_to_next());
        assert_eq!(clock.now(), Duration::from_secs(12));
        assert!(!clock.advance_to_next());
    }
}
