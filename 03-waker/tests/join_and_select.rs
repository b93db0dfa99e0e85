//! What join, select and race do with the futures that they are given.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use testkit::{CountingWaker, VirtualClock, assert_pending, drive, poll_once};
use waker::join::{join, join_all};
use waker::select::{Either, race, select};
use waker::yield_now::yield_now;

/// A future that is ready at its poll number `n`, counted in `polls`, and panics after that.
fn ready_at(n: u32, polls: &Cell<u32>) -> impl Future<Output = u32> {
    poll_fn(move |cx| {
        polls.set(polls.get() + 1);
        assert!(polls.get() <= n, "it was polled after it was ready");
        // It relies on the waker of each poll, as a leaf would.
        cx.waker().wake_by_ref();
        if polls.get() == n { Poll::Ready(n) } else { Poll::Pending }
    })
}

/// Counts how many of its clones are alive.
struct Guard(Rc<Cell<i32>>);

impl Guard {
    fn new(alive: &Rc<Cell<i32>>) -> Self {
        alive.set(alive.get() + 1);
        Self(alive.clone())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[test]
fn join_polls_each_to_its_end_and_none_after_it() {
    let (a, b) = (Cell::new(0), Cell::new(0));
    let outputs = drive(join(ready_at(1, &a), ready_at(3, &b)), || false);
    assert_eq!(outputs, (1, 3));
    assert_eq!((a.get(), b.get()), (1, 3));
}

#[test]
fn join_polls_both_whatever_came_of_the_first() {
    let (_, waker) = CountingWaker::new();
    let polled = Cell::new(false);
    let second = poll_fn(|_| {
        polled.set(true);
        Poll::<()>::Pending
    });
    let mut joined = pin!(join(pending::<()>(), second));
    assert_pending!(poll_once(&mut joined, &waker));
    assert!(polled.get());
}

#[test]
fn join_drops_a_finished_future_at_once_and_the_others_when_it_is_dropped() {
    let alive = Rc::new(Cell::new(0));
    let (first, second) = (Guard::new(&alive), Guard::new(&alive));
    let (_, waker) = CountingWaker::new();
    let mut joined = Box::pin(join(async move { drop(first) }, async move {
        pending::<()>().await;
        drop(second);
    }));
    assert_pending!(poll_once(&mut joined, &waker));
    assert_eq!(alive.get(), 1);
    drop(joined);
    assert_eq!(alive.get(), 0);
}

#[test]
fn join_all_keeps_the_order_of_its_futures() {
    let clock = VirtualClock::new();
    let sleeps = [3, 1, 2].map(|seconds| {
        let clock = clock.clone();
        async move {
            clock.sleep(Duration::from_secs(seconds)).await;
            seconds
        }
    });
    let outputs = drive(join_all(sleeps), || clock.advance_to_next());
    assert_eq!(outputs, [3, 1, 2]);
    assert_eq!(clock.now(), Duration::from_secs(3), "they waited at the same time");
}

#[test]
fn join_all_of_nothing_is_ready() {
    let nothing: [std::future::Ready<()>; 0] = [];
    assert!(drive(join_all(nothing), || false).is_empty());
}

#[test]
fn select_gives_the_other_back_and_it_goes_on_where_it_was() {
    let clock = VirtualClock::new();
    let slow = Box::pin(async {
        clock.sleep(Duration::from_secs(2)).await;
        "slow"
    });
    let selected =
        drive(select(slow, clock.sleep(Duration::from_secs(1))), || clock.advance_to_next());
    let Either::Right(((), slow)) = selected else { panic!("the slow one was first") };
    assert_eq!(drive(slow, || clock.advance_to_next()), "slow");
    assert_eq!(clock.now(), Duration::from_secs(2), "it did not begin again");
}

#[test]
fn race_drops_the_loser_where_it_was() {
    let alive = Rc::new(Cell::new(0));
    let guard = Guard::new(&alive);
    let loser = async move {
        let _guard = guard;
        pending::<&str>().await
    };
    let winner = async {
        yield_now().await;
        "winner"
    };
    assert_eq!(drive(race(loser, winner), || false), "winner");
    assert_eq!(alive.get(), 0);
}

#[test]
fn of_two_that_are_always_ready_both_win() {
    // A coin that falls on the same side a hundred times is not one.
    let mut races = [0; 2];
    let mut selects = [0; 2];
    for _ in 0..100 {
        races[drive(race(ready(0), ready(1)), || false)] += 1;
        let selected = drive(select(ready(()), ready(())), || false);
        selects[usize::from(matches!(selected, Either::Right(_)))] += 1;
    }
    assert!(races.iter().all(|wins| *wins > 0), "one side of race starves: {races:?}");
    assert!(selects.iter().all(|wins| *wins > 0), "one side of select starves: {selects:?}");
}

#[test]
fn a_wake_of_either_side_is_enough() {
    for first in [true, false] {
        let clock = VirtualClock::new();
        let waits = || clock.sleep(Duration::from_secs(1));
        let forever = pending::<()>();
        match first {
            true => drive(race(waits(), forever), || clock.advance_to_next()),
            false => drive(race(forever, waits()), || clock.advance_to_next()),
        }
    }
}

#[test]
fn what_the_loser_had_read_is_lost_with_it() {
    // A reader of a line in two halves, dropped between them: the first half is lost.
    let source = RefCell::new(vec!["second half", "first half"]);
    let read = async {
        let mut line = String::new();
        for _ in 0..2 {
            line += source.borrow_mut().pop().expect("there are two halves");
            pending::<()>().await;
        }
        line
    };
    let impatient = async {
        yield_now().await;
        "too late".to_owned()
    };
    assert_eq!(drive(race(read, impatient), || false), "too late");
    assert_eq!(*source.borrow(), ["second half"]);
}
