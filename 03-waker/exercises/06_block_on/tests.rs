//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use exercise::block_on;
use testkit::parking::{current, park, script};
use testkit::watchdog;

const PAGE: &str = "Book: Sleeping until woken,";

/// How many polls are too many while nothing happens.
const RESTLESS: usize = 100;

/// What happens at a `park` that finds no token.
type Event = Box<dyn FnOnce()>;

/// The waker of the latest poll that returned `Pending`.
type Kept = Rc<RefCell<Option<Waker>>>;

/// Calls the waker that is kept.
fn wake(kept: &Kept) -> Event {
    let kept = kept.clone();
    Box::new(move || {
        let waker = kept.take();
        waker.expect("the future was polled before the thread parked").wake();
    })
}

/// Other code on the thread makes the token available.
fn unpark() -> Event {
    Box::new(|| current().unpark())
}

/// Runs a future whose polls are numbered from 1. Each park that finds no token makes the next event
/// happen; after the last one the thread would sleep for ever, and fails with `lost`.
fn run<T>(
    events: impl IntoIterator<Item = Event>,
    lost: &'static str,
    mut poll: impl FnMut(usize, &Waker) -> Poll<T>,
) -> T {
    let _guard = watchdog(
        "`block_on` has not returned, and it has neither polled its future nor called `park`. Sleep with \
         the `park` that exercise.rs imports, and with nothing else.",
    );
    let fails: Event = Box::new(move || panic!("{lost}"));
    script(events.into_iter().chain([fails]));
    let mut polls = 0;
    block_on(poll_fn(|cx| {
        polls += 1;
        poll(polls, cx.waker())
    }))
}

/// For runs in which only a mistake that an earlier test names could leave the thread asleep.
const ASLEEP: &str = "M74: the waker was called, and the thread is parked again and sleeps for ever. `wake` \
                      must set what `block_on` checks, and unpark the thread after that; `block_on` polls when \
                      it finds it set. Book: Sleeping until woken, \"Park and unpark\".";

#[test]
fn a_future_that_is_ready_is_polled_once() {
    let parked = "M67: `block_on` parked before its first poll. A future does nothing until it is polled, so \
                  nothing can call its waker, and the thread sleeps for ever. Poll first, and park only \
                  after Pending. Book: Sleeping until woken, \"Park and unpark\".";
    let output = run([], parked, |polls, _| {
        assert_eq!(
            polls, 1,
            "The future was ready, and was polled again. It is over: return its output. {PAGE} \"The \
             token is not the flag\"."
        );
        Poll::Ready("output")
    });
    assert_eq!(output, "output");
}

/// Waits for `events` wakes, one after another, and fails if it is polled in a loop.
fn wait_for(events: usize, lost: &'static str) {
    let kept = Kept::default();
    let happened = Rc::new(RefCell::new(0));
    let event = || {
        let (wake, happened) = (wake(&kept), happened.clone());
        Box::new(move || {
            *happened.borrow_mut() += 1;
            wake();
        }) as Event
    };
    let mut restless = (0, 0);
    run((0..events).map(|_| event()), lost, |_, waker| {
        let happened = *happened.borrow();
        restless = if restless.0 == happened { (happened, restless.1 + 1) } else { (happened, 1) };
        assert!(
            restless.1 < RESTLESS,
            "M13: the future returned Pending, and after {happened} wake(s) it was polled {RESTLESS} times \
             while nothing happened. That is a busy loop: it keeps a processor busy, and finds nothing. After \
             Pending call `park` until the waker was called, even when a token ends a `park` at once; and \
             forget a wake before you poll for it. {PAGE} \"Polled for nothing\"."
        );
        if happened == events {
            return Poll::Ready(());
        }
        kept.replace(Some(waker.clone()));
        Poll::Pending
    });
}

#[test]
fn a_future_that_waits_is_not_polled_in_a_loop() {
    wait_for(1, ASLEEP);
}

#[test]
fn a_wake_ends_the_sleep() {
    wait_for(3, ASLEEP);
}

#[test]
fn a_wake_before_the_park_is_kept() {
    let lost = "M15: the waker was called while `poll` was still running, and the thread parks and sleeps \
                for ever. A wake may come before you park: clear your flag only when you have found it \
                set, in one step (`swap`), never between a poll and the park. Book: Sleeping until \
                woken, \"The token is not the flag\".";
    for by_ref in [true, false] {
        run([], lost, |polls, waker| {
            if polls > 1 {
                return Poll::Ready(());
            }
            if by_ref {
                waker.wake_by_ref();
            } else {
                let waker = waker.clone();
                let other = std::thread::spawn(move || waker.wake());
                other.join().expect("a wake does not panic");
            }
            Poll::Pending
        });
    }
}

#[test]
fn an_unpark_that_is_no_wake_ends_nothing() {
    let kept = Kept::default();
    run([unpark(), unpark(), unpark(), wake(&kept)], ASLEEP, |polls, waker| {
        assert!(
            polls < RESTLESS,
            "M13: `park` has returned a few times without a wake, and the future was polled {RESTLESS} times. \
             `park` may return for no reason: check whether the waker was called, and park again if it was \
             not. {PAGE} \"Polled for nothing\"."
        );
        if polls > 1 && kept.borrow().is_none() {
            return Poll::Ready(());
        }
        kept.replace(Some(waker.clone()));
        Poll::Pending
    });
}

#[test]
fn the_future_may_take_the_token() {
    let lost = "M20: the waker was called during `poll`; then code inside the future called `park` for a \
                reason of its own, and took the token. Now `block_on` parks without a token, and sleeps for \
                ever. The token belongs to the thread, and any code on it may take it. Keep in `Sleeper` a \
                flag that says that the waker was called, and park only while it is not set. Check it before \
                the first park too. Book: Sleeping until woken, \"The token is not the flag\".";
    run([], lost, |polls, waker| {
        if polls > 1 {
            return Poll::Ready(());
        }
        waker.wake_by_ref();
        current().unpark();
        park();
        Poll::Pending
    });
}

#[test]
fn the_token_that_the_future_needs_is_given_back() {
    let lost = "M20: the future has unparked its own thread in a poll, and parks in a later one. `block_on` \
                has taken that token while it slept and kept it: now the future sleeps for ever. When you \
                have parked, `unpark` your own thread before you poll again. Book: Sleeping until woken, \
                \"The token is not the flag\".";
    let kept = Kept::default();
    run([wake(&kept)], lost, |polls, waker| {
        assert!(
            polls < RESTLESS,
            "M13: `park` has returned without a wake, and the future was polled {RESTLESS} times. A token that \
             you give back ends your next `park` at once: check whether the waker was called, and park again \
             if it was not. Give the token back only before you poll. {PAGE} \"Polled for nothing\"."
        );
        if polls == 1 {
            current().unpark();
        }
        if polls == 1 || kept.borrow().is_some() {
            kept.replace(Some(waker.clone()));
            return Poll::Pending;
        }
        park();
        Poll::Ready(())
    });
}

#[test]
fn a_block_on_inside_another_takes_no_wake_of_its() {
    let lost = "M20: the future's waker was called, and then the future ran a `block_on` of its own, on the \
                same thread. The inner one has taken the wake of the outer one, which sleeps for ever. \
                Each `block_on` needs a flag of its own: a field of its `Sleeper`, and neither a static \
                nor a thread-local. Book: Sleeping until woken, \"The token is not the flag\".";
    run([], lost, |polls, waker| {
        if polls > 1 {
            return Poll::Ready(());
        }
        waker.wake_by_ref();
        let mut inner_polls = 0;
        block_on(poll_fn(|cx| {
            inner_polls += 1;
            if inner_polls > 1 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        Poll::Pending
    });
}
