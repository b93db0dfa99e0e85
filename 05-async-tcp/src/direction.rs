//! One direction of a socket: whether a call may succeed, and which tasks wait until it may.

use std::io;
use std::mem;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use crate::slab::Slab;

// ANCHOR: state
/// One direction of a socket.
#[derive(Debug)]
pub(crate) struct Direction {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Whether a call may succeed. True until one has returned `WouldBlock`, and again from the next
    /// event on: an edge is reported once, so it is kept here until a call refutes it.
    ready: bool,
    /// Whether an event has reported the end of this direction. No event repeats that, so it never
    /// becomes false again.
    closed: bool,
    /// How many events have come. A call that returns `WouldBlock` refutes only the events that came
    /// before it began.
    tick: u64,
    /// Whether the reactor has shut down: no event will come.
    abandoned: bool,
    /// The waker of the task that reads, or writes, through `&mut`: there is one at most.
    waker: Option<Waker>,
    /// The wakers of tasks that wait through `&self`, as in `accept`.
    waiters: Slab<Waker>,
}
// ANCHOR_END: state

/// Where the waker of a task that waits is kept.
pub(crate) enum Place<'a> {
    /// In the slot of the task that has `&mut`.
    Own,
    /// In the list, under this key. None: not there yet.
    Listed(&'a mut Option<usize>),
}

impl Direction {
    /// A direction of a new socket. It counts as ready: the first call finds out whether it is.
    pub(crate) fn new() -> Self {
        let (waker, waiters) = (None, Slab::new());
        let state = State { ready: true, closed: false, tick: 0, abandoned: false, waker, waiters };
        Self { state: Mutex::new(state) }
    }

    // ANCHOR: poll_ready
    /// Waits until a call may succeed, and returns the tick to [`clear`](Self::clear) if it did not.
    ///
    /// # Errors
    /// The reactor has shut down.
    pub(crate) fn poll_ready(&self, place: Place<'_>, cx: &Context<'_>) -> Poll<io::Result<u64>> {
        if let ready @ Poll::Ready(_) = self.lock().readiness() {
            return ready;
        }
        // Cloning and dropping a waker runs foreign code: neither under the lock.
        let waker = cx.waker().clone();
        let mut state = self.lock();
        // Look again: the event may have come meanwhile.
        if let ready @ Poll::Ready(_) = state.readiness() {
            return ready;
        }
        let old = state.keep(place, waker);
        drop(state);
        drop(old);
        Poll::Pending
    }
    // ANCHOR_END: poll_ready

    // ANCHOR: clear
    /// A call has returned `WouldBlock`: the direction is no longer ready, unless an event has come since
    /// [`poll_ready`](Self::poll_ready) returned this tick. The call may have been too early for that.
    pub(crate) fn clear(&self, tick: u64) {
        let mut state = self.lock();
        if state.tick == tick {
            state.ready = false;
        }
    }

    /// A call has transferred less than it could: the next one would only return `WouldBlock`, unless the
    /// end was reported. Then the next call returns the end, and no event repeats it.
    pub(crate) fn clear_unless_closed(&self, tick: u64) {
        let mut state = self.lock();
        if state.tick == tick && !state.closed {
            state.ready = false;
        }
    }
    // ANCHOR_END: clear

    // ANCHOR: report
    /// An event has come. The wakers of the tasks that wait for it are added to `woken`: the caller wakes
    /// them once it holds no lock.
    pub(crate) fn report(&self, closed: bool, woken: &mut Vec<Waker>) {
        let mut state = self.lock();
        state.ready = true;
        state.closed |= closed;
        state.tick += 1;
        state.take_all(woken);
    }
    // ANCHOR_END: report

    /// No more events will come.
    pub(crate) fn abandon(&self, woken: &mut Vec<Waker>) {
        let mut state = self.lock();
        state.abandoned = true;
        state.take_all(woken);
    }

    /// Removes a waiter from the list.
    pub(crate) fn forget(&self, key: usize) {
        let waker = self.lock().waiters.remove(key);
        drop(waker);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("direction lock: nothing that panics runs while it is held")
    }
}

impl State {
    fn readiness(&self) -> Poll<io::Result<u64>> {
        match self {
            Self { abandoned: true, .. } => Poll::Ready(Err(shut_down())),
            Self { ready: true, tick, .. } => Poll::Ready(Ok(*tick)),
            _ => Poll::Pending,
        }
    }

    /// Keeps a waker. Returns the one that it replaces.
    fn keep(&mut self, place: Place<'_>, waker: Waker) -> Option<Waker> {
        let key = match place {
            Place::Own => return self.waker.replace(waker),
            Place::Listed(key) => key,
        };
        match key.and_then(|key| self.waiters.get_mut(key)) {
            Some(kept) => Some(mem::replace(kept, waker)),
            None => {
                *key = Some(self.waiters.insert(waker));
                None
            }
        }
    }

    fn take_all(&mut self, woken: &mut Vec<Waker>) {
        woken.extend(self.waker.take());
        self.waiters.drain_into(woken);
    }
}

/// The error of a socket whose runtime has shut down.
pub(crate) fn shut_down() -> io::Error {
    io::Error::other("the runtime that this socket belongs to has shut down")
}

impl Place<'_> {
    pub(crate) fn reborrow(&mut self) -> Place<'_> {
        match self {
            Self::Own => Place::Own,
            Self::Listed(key) => Place::Listed(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::{CountingWaker, HookWaker, assert_pending, assert_woken_once};

    use super::*;

    /// The tick of a direction that is ready.
    fn ready(direction: &Direction) -> u64 {
        match direction.poll_ready(Place::Own, &Context::from_waker(Waker::noop())) {
            Poll::Ready(tick) => tick.expect("nothing was shut down"),
            Poll::Pending => panic!("it is not ready"),
        }
    }

    fn wake(direction: &Direction, closed: bool) {
        let mut woken = Vec::new();
        direction.report(closed, &mut woken);
        woken.into_iter().for_each(Waker::wake);
    }

    #[test]
    fn an_event_between_would_block_and_clear_is_kept() {
        let direction = Direction::new();
        let tick = ready(&direction);
        wake(&direction, false);
        direction.clear(tick);
        let tick = ready(&direction);
        direction.clear(tick);
        assert_pending!(direction.poll_ready(Place::Own, &Context::from_waker(Waker::noop())));
    }

    #[test]
    fn an_event_while_the_waker_is_cloned_is_noticed() {
        let direction = std::sync::Arc::new(Direction::new());
        direction.clear(ready(&direction));
        let other = direction.clone();
        let (counter, inner) = CountingWaker::new();
        let waker = HookWaker::new(&inner).on_clone(move || wake(&other, false)).waker();
        assert!(direction.poll_ready(Place::Own, &Context::from_waker(&waker)).is_ready());
        drop(waker);
        assert_eq!(counter.live(), 1, "a call that is ready leaves no waker behind");
    }

    #[test]
    fn a_short_call_does_not_hide_an_end_that_was_reported_with_it() {
        let direction = Direction::new();
        direction.clear_unless_closed(ready(&direction));
        assert_pending!(direction.poll_ready(Place::Own, &Context::from_waker(Waker::noop())));
        wake(&direction, true);
        direction.clear_unless_closed(ready(&direction));
        wake(&direction, false);
        direction.clear_unless_closed(ready(&direction));
        ready(&direction);
    }

    #[test]
    fn one_event_wakes_the_one_with_mut_and_all_in_the_list() {
        let direction = Direction::new();
        direction.clear(ready(&direction));
        let wakers: [_; 3] = std::array::from_fn(|_| CountingWaker::new());
        let [own, first, second] = &wakers;
        let (mut first_key, mut second_key) = (None, None);
        let wait = |place: Place<'_>, waker: &Waker| {
            assert_pending!(direction.poll_ready(place, &Context::from_waker(waker)));
        };
        wait(Place::Own, &own.1);
        wait(Place::Listed(&mut first_key), &first.1);
        wait(Place::Listed(&mut second_key), &second.1);
        wait(Place::Listed(&mut second_key), &second.1);
        assert_eq!(second.0.live(), 2, "a task that polls again is in the list once");
        wake(&direction, false);
        for (counter, _) in &wakers {
            assert_woken_once!(counter);
            assert_eq!(counter.live(), 1);
        }
    }

    #[test]
    fn a_waiter_that_leaves_the_list_removes_no_other() {
        let direction = Direction::new();
        direction.clear(ready(&direction));
        let (gone, stays) = (CountingWaker::new(), CountingWaker::new());
        let mut key = None;
        let wait = |key: &mut Option<usize>, waker: &Waker| {
            assert_pending!(direction.poll_ready(Place::Listed(key), &Context::from_waker(waker)));
        };
        wait(&mut key, &gone.1);
        wake(&direction, false);
        direction.clear(ready(&direction));
        // The slot of the first, which was woken and still has the old key, is used again.
        wait(&mut None, &stays.1);
        direction.forget(key.expect("it was in the list"));
        wake(&direction, false);
        assert_woken_once!(gone.0);
        assert_woken_once!(stays.0);
    }

    #[test]
    fn after_a_shutdown_no_task_waits() {
        let direction = Direction::new();
        direction.clear(ready(&direction));
        let (counter, waker) = CountingWaker::new();
        let cx = Context::from_waker(&waker);
        assert_pending!(direction.poll_ready(Place::Own, &cx));
        let mut woken = Vec::new();
        direction.abandon(&mut woken);
        woken.into_iter().for_each(Waker::wake);
        assert_woken_once!(counter);
        let Poll::Ready(Err(error)) = direction.poll_ready(Place::Own, &cx) else {
            panic!("it waits for an event that cannot come");
        };
        assert!(error.to_string().contains("shut down"), "{error}");
    }
}
