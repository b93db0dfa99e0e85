//! `park` and `unpark` without a second thread: what happens while the thread is parked is a script of
//! the test's. So a thread that would sleep for ever is noticed at once, and no clock is needed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

type Event = Box<dyn FnOnce()>;

#[derive(Default)]
struct Script {
    /// What happens at the next calls of `park` that find no token.
    events: VecDeque<Event>,
    thread: Thread,
}

thread_local! {
    static SCRIPT: RefCell<Script> = RefCell::default();
}

/// A handle to a thread, with its park token: `std::thread::Thread` for tests.
#[derive(Debug, Clone, Default)]
pub struct Thread {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    token: AtomicBool,
    parks: AtomicUsize,
    unparks: AtomicUsize,
}

impl Thread {
    /// Makes the token available, as `std::thread::Thread::unpark` does: the next
    /// [`park`] of the thread returns at once. A second call before it changes nothing.
    pub fn unpark(&self) {
        self.shared.unparks.fetch_add(1, SeqCst);
        self.shared.token.store(true, SeqCst);
    }
}

/// The thread that calls.
pub fn current() -> Thread {
    SCRIPT.with_borrow(|script| script.thread.clone())
}

/// Returns when the token is available, and takes it. While it is not, the next event of the script
/// happens.
///
/// # Panics
/// If there is no token and the script is at its end: the thread would sleep for ever.
pub fn park() {
    let thread = current();
    thread.shared.parks.fetch_add(1, SeqCst);
    while !thread.shared.token.swap(false, SeqCst) {
        // Out of the borrow first: an event may unpark, or look at this thread.
        let event = SCRIPT.with_borrow_mut(|script| script.events.pop_front());
        match event {
            Some(event) => event(),
            None => panic!(
                "the thread parks, and nothing is left that could unpark it: it sleeps for ever"
            ),
        }
    }
}

/// Begins a script on this thread: what happens, one event at a time, whenever the thread would
/// sleep. The token is gone, and no call of [`park`] is counted yet.
pub fn script(events: impl IntoIterator<Item = Event>) {
    let events = events.into_iter().collect();
    let old = SCRIPT.replace(Script { events, thread: Thread::default() });
    // Not inside the borrow: what an event has captured may look at this thread when it is dropped.
    drop(old);
}

/// One more event, after those that are left: for what needs the [`Thread`] of a script that has begun.
pub fn add(event: impl FnOnce() + 'static) {
    SCRIPT.with_borrow_mut(|script| script.events.push_back(Box::new(event)));
}

/// How often this thread has called [`park`] since its script began.
pub fn parks() -> usize {
    current().shared.parks.load(SeqCst)
}

/// How often this thread was unparked since its script began, by any thread: each is a system call
/// where threads are real.
pub fn unparks() -> usize {
    current().shared.unparks.load(SeqCst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_once_and_events_happen_while_there_is_none() {
        let thread = RefCell::new(None);
        let own = std::rc::Rc::new(thread);
        let unparks = own.clone();
        script([
            Box::new(|| ()) as Event,
            Box::new(move || unparks.borrow().as_ref().map(Thread::unpark).unwrap_or_default()),
        ]);
        own.replace(Some(current()));
        current().unpark();
        current().unpark();
        park();
        park();
        assert_eq!(parks(), 2);
    }

    #[test]
    fn an_event_is_added_to_a_script_that_has_begun() {
        script([]);
        let thread = current();
        assert_eq!(unparks(), 0);
        add(|| ());
        add(move || thread.unpark());
        park();
        assert_eq!((parks(), unparks()), (1, 1));
    }

    #[test]
    #[should_panic = "sleeps for ever"]
    fn a_park_that_nothing_ends_fails_at_once() {
        script([]);
        park();
    }
}
