//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;
use std::thread;

use exercise::{Countdown, Ticker};
use testkit::{CountingWaker, assert_pending, assert_woken_once, poll_once};

const LIFE: &str = "Book: The life of one wake,";
const ROAD: &str = "Book: The road to the trait,";

/// How often a poll may look at the ticker. It ticks between polls only.
const LOOKS: u32 = 1000;

/// Ticks when the test says so.
#[derive(Default)]
struct HandTicker {
    ticks: Cell<u32>,
    waker: RefCell<Option<Waker>>,
    looks: Cell<u32>,
}

impl HandTicker {
    fn countdown(self: &Rc<Self>, ticks: u32) -> Countdown {
        Countdown::new(self.clone(), ticks)
    }

    fn tick(&self) {
        self.ticks.set(self.ticks.get() + 1);
        self.looks.set(0);
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Ticker for HandTicker {
    fn ticks(&self) -> u32 {
        self.looks.set(self.looks.get() + 1);
        assert!(
            self.looks.get() < LOOKS,
            "M26: `poll` has looked at the ticker {LOOKS} times and has not returned. A poll that waits blocks \
             its whole thread: nothing else runs there, not even the ticker. Look once. If the countdown is \
             not over, leave your waker with the ticker and return Pending. {LIFE} \"The contract of poll\"."
        );
        self.ticks.get()
    }

    fn wake_at_next_tick(&self, waker: &Waker) {
        let old = self.waker.replace(Some(waker.clone()));
        drop(old);
    }
}

#[test]
fn a_countdown_from_zero_is_ready_at_once() {
    let (_, waker) = CountingWaker::new();
    let mut countdown = Rc::new(HandTicker::default()).countdown(0);
    assert!(
        poll_once(&mut countdown, &waker).is_ready(),
        "A countdown from 0 has nothing to wait for, and its first poll returned Pending. Check whether it is \
         over before you wait: 0 ticks of 0 are enough, so compare with `>=`. {ROAD} \"The real trait\"."
    );
}

#[test]
fn a_poll_is_not_a_tick() {
    let (_, waker) = CountingWaker::new();
    let ticker = Rc::new(HandTicker::default());
    let mut countdown = ticker.countdown(2);
    for poll in 1..=5 {
        assert_pending!(
            poll_once(&mut countdown, &waker),
            "M63: nothing has ticked, and poll {poll} of a countdown from 2 returned Ready. A task may be \
             polled for nothing. Do not count polls; ask the ticker how many times it has ticked. {LIFE} \"The \
             contract of poll\"."
        );
    }
}

#[test]
fn waiting_wakes_nobody() {
    let (counter, waker) = CountingWaker::new();
    let mut countdown = Rc::new(HandTicker::default()).countdown(2);
    let _ = poll_once(&mut countdown, &waker);
    let _ = poll_once(&mut countdown, &waker);
    assert_eq!(
        counter.wakes(),
        0,
        "M5: nothing has ticked, and two polls have woken their own task; `left` is how many times. The \
         executor polls it again at once, for ever: a busy loop. Do not call `wake` in `poll`: give the waker \
         to the ticker, which calls it at the next tick. {LIFE} \"Asking again is not waiting\"."
    );
}

#[test]
fn whenever_it_waits_the_ticker_has_its_waker() {
    let (counter, waker) = CountingWaker::new();
    let ticker = Rc::new(HandTicker::default());
    let mut countdown = ticker.countdown(3);
    for ticks in 0..3 {
        assert_pending!(
            poll_once(&mut countdown, &waker),
            "M63: a countdown from 3 was ready after {ticks} tick(s). Count each tick once. At each poll, \
             compare the number of ticks since the first poll with 3, or subtract the number of ticks since \
             the last poll from what is left. {ROAD} \"The real trait\"."
        );
        assert!(
            ticker.waker.borrow().is_some(),
            "M1: after {ticks} tick(s) of 3, `poll` returned Pending, and the ticker has no waker: this task \
             will never be polled again. Pending does not ask for another poll. Call `wake_at_next_tick` \
             before each Pending: the ticker calls a waker once and forgets it. {LIFE} \"The contract of \
             poll\"."
        );
        let before = counter.wakes();
        ticker.tick();
        assert_eq!(
            counter.wakes() - before,
            1,
            "M1: the ticker ticked, and did not wake the task: the waker that the ticker has is not that of \
             the poll. Give it `cx.waker()`. {LIFE} \"The contract of poll\"."
        );
    }
    assert!(
        poll_once(&mut countdown, &waker).is_ready(),
        "A countdown from 3 has seen 3 ticks since its first poll, and returned Pending. Does it begin again \
         at each poll, or wait for one more tick? Set its end once, at the first poll. It is over at that \
         tick, so compare with `>=`. {ROAD} \"The real trait\"."
    );
}

#[test]
fn several_ticks_may_pass_between_two_polls() {
    // A thread of its own: this one has a message for a poll that panics.
    let polled = thread::spawn(|| {
        let (_, waker) = CountingWaker::new();
        let ticker = Rc::new(HandTicker::default());
        let mut countdown = ticker.countdown(3);
        let _ = poll_once(&mut countdown, &waker);
        (0..4).for_each(|_| ticker.tick());
        poll_once(&mut countdown, &waker).is_ready()
    });
    let has = match polled.join() {
        Ok(true) => return,
        Ok(false) => "returned Pending",
        Err(_) => "panicked",
    };
    panic!(
        "M63: 4 ticks came between the first poll and the second, and the second poll of a countdown from 3 \
         {has}. A wake says that something has changed, not how many times. Ask the ticker how many times it \
         has ticked since the first poll. The countdown is over when that is enough or more than enough. A \
         difference must not become negative: `saturating_sub` prevents that. {LIFE} \"The contract of \
         poll\"."
    );
}

#[test]
fn nothing_begins_before_the_first_poll() {
    let (_, waker) = CountingWaker::new();
    let ticker = Rc::new(HandTicker::default());
    ticker.tick();
    let mut countdown = ticker.countdown(2);
    (0..2).for_each(|_| ticker.tick());
    assert_pending!(
        poll_once(&mut countdown, &waker),
        "M9: 2 ticks passed between `new` and the first poll, and the countdown has counted them. A future \
         does nothing until it is polled, and may never be polled. Begin at the first poll, with a field that \
         is None until then. {LIFE} \"The leaf\"."
    );
    ticker.tick();
    assert_pending!(
        poll_once(&mut countdown, &waker),
        "M9: a countdown from 2 was ready 1 tick after its first poll; the ticks before that poll do not \
         count. {LIFE} \"The leaf\"."
    );
    ticker.tick();
    assert!(
        poll_once(&mut countdown, &waker).is_ready(),
        "M9: a countdown from 2 has seen 2 ticks since its first poll, and returned Pending. Does it begin \
         again at each poll? {LIFE} \"The leaf\"."
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let (old, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let ticker = Rc::new(HandTicker::default());
    let mut countdown = ticker.countdown(2);
    let _ = poll_once(&mut countdown, &old_waker);
    let _ = poll_once(&mut countdown, &new_waker);
    ticker.tick();
    assert_woken_once!(
        new,
        "M3: two polls came with different wakers, and the tick woke the first {} time(s), the second \
         `left` times. Only the waker of the latest poll counts: give it to the ticker at each poll. \
         Book: Lost wakes, \"Wakers go stale\".",
        old.wakes()
    );
}

#[test]
fn a_countdown_that_is_over_leaves_no_waker() {
    let (counter, waker) = CountingWaker::new();
    let ticker = Rc::new(HandTicker::default());
    let mut countdown = ticker.countdown(1);
    let _ = poll_once(&mut countdown, &waker);
    ticker.tick();
    let _ = poll_once(&mut countdown, &waker);
    assert_eq!(
        counter.live() - 1,
        0,
        "M11: the countdown is ready, and `left` clone(s) of its task's waker are still kept. Such a waker \
         keeps its task in memory, and may wake it for nothing. Look first; call `wake_at_next_tick` only if \
         you will return Pending, and keep no waker yourself. {LIFE} \"The contract of poll\"."
    );
    assert_woken_once!(
        counter,
        "M5: one tick has woken the task, and it has ended; it was woken `left` times. A task that has ended \
         is not polled again: do not call `wake` in `poll`. {LIFE} \"Asking again is not waiting\"."
    );
}
