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
    /// Who waits, and until when.
    waiting: Vec<(Duration, Waker)>,
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

    /// Moves the clock, and then wakes those whose time has come, the earliest first.
    pub fn advance(&self, by: Duration) {
        let due: Vec<_> = {
            let mut state = self.lock();
            state.now += by;
            let now = state.now;
            state.waiting.sort_by_key(|(deadline, _)| *deadline);
            state.waiting.extract_if(.., |(deadline, _)| *deadline <= now).collect()
        };
        due.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Moves the clock to the earliest time that is waited for. False if nothing waits.
    pub fn advance_to_next(&self) -> bool {
        let (now, next) = {
            let state = self.lock();
            (state.now, state.waiting.iter().map(|(deadline, _)| *deadline).min())
        };
        let Some(next) = next else { return false };
        self.advance(next.saturating_sub(now));
        true
    }

    /// A future that is ready once the clock was moved by `duration`.
    pub fn sleep(&self, duration: Duration) -> VirtualSleep {
        VirtualSleep { deadline: self.now() + duration, clock: self.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that fails elsewhere must not fail here once more.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Made by [`VirtualClock::sleep`].
#[derive(Debug)]
pub struct VirtualSleep {
    deadline: Duration,
    clock: VirtualClock,
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut state = self.clock.lock();
        if state.now >= self.deadline {
            return Poll::Ready(());
        }
        state.waiting.push((self.deadline, waker));
        Poll::Pending
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
