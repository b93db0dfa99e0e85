//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::task::{Poll, Waker};

use exercise::{Gate, Wait};
use testkit::{CountingWaker, assert_pending, assert_woken_once, come_between, poll_once};

/// More moments than any poll has that returns.
const MOMENTS: usize = 200;

/// Polls once. A poll that looks again and again does not return: the gate stays closed meanwhile.
fn poll(wait: &mut Wait, waker: &Waker) -> Poll<()> {
    let gives_up = || {
        panic!(
            "M26: the gate is closed, and `poll` has taken the lock {} times and has not returned. A poll that \
             waits blocks its whole thread, perhaps the one that would open the gate. Look, leave your waker, \
             and return Pending. Book: The life of one wake, \"The contract of poll\".",
            MOMENTS / 2
        )
    };
    let mut poll = None;
    come_between(MOMENTS, gives_up, || poll = Some(poll_once(wait, waker)));
    poll.expect("come_between runs its body")
}

#[test]
fn an_open_gate_is_ready_at_once() {
    let (_, waker) = CountingWaker::new();
    let gate = Gate::default();
    gate.open();
    assert!(
        poll(&mut gate.wait(), &waker).is_ready(),
        "M1: the gate was open before the first poll, and that poll returned Pending. It will not be opened \
         again: check whether it is open before you wait. Book: Lost wakes, \"Pending is a promise\"."
    );
}

#[test]
fn waiting_wakes_nobody() {
    let (counter, waker) = CountingWaker::new();
    let gate = Gate::default();
    let mut wait = gate.wait();
    for _ in 0..3 {
        assert_pending!(
            poll(&mut wait, &waker),
            "The gate is closed, and `poll` returned Ready. Book: Lost wakes, \"Pending is a promise\"."
        );
    }
    assert_eq!(
        counter.wakes(),
        0,
        "M5: nothing has happened, and three polls have woken their own task; `left` is how many times. The \
         executor polls it again at once, for ever: a busy loop. Do not call `wake` in `poll`: leave the waker \
         with the gate. Book: The life of one wake, \"Asking again is not waiting\"."
    );
}

#[test]
fn opening_the_gate_wakes_the_waiter() {
    let (counter, waker) = CountingWaker::new();
    let gate = Gate::default();
    let mut wait = gate.wait();
    let _ = poll(&mut wait, &waker);
    gate.open();
    assert_woken_once!(
        counter,
        "M1: the gate opened, and the task that waits was not woken once; `left` is how many times it was. If \
         0, `poll` returned Pending and left no waker that `open` could find, so this task will never be \
         polled again. Store a clone of `cx.waker()` in `waiter`. Book: Lost wakes, \"Pending is a promise\"."
    );
    assert!(
        poll(&mut wait, &waker).is_ready(),
        "M1: the task was woken because the gate is open, and `poll` returned Pending. Check `is_open` at each \
         poll. Book: Lost wakes, \"Pending is a promise\"."
    );
}

#[test]
fn the_latest_waker_is_the_one_that_counts() {
    let (old, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let gate = Gate::default();
    let mut wait = gate.wait();
    let _ = poll(&mut wait, &old_waker);
    let _ = poll(&mut wait, &new_waker);
    gate.open();
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M3: the task moved between two polls; `left` is how many times the waker of the first was woken, and \
         that of the second. You woke the place where the task used to be. Store the waker of each poll, in \
         place of the one before. Book: Lost wakes, \"Wakers go stale\"."
    );
}

#[test]
fn a_gate_that_opens_during_a_poll_is_noticed() {
    for earlier_polls in [0, 1] {
        for moment in 0.. {
            let (counter, waker) = CountingWaker::new();
            let gate = Gate::default();
            let mut wait = gate.wait();
            for _ in 0..earlier_polls {
                let (_, elsewhere) = CountingWaker::new();
                let _ = poll_once(&mut wait, &elsewhere);
            }
            let opener = gate.clone();
            let mut polled = Poll::Pending;
            let came = come_between(
                moment,
                move || opener.open(),
                || polled = poll_once(&mut wait, &waker),
            );
            if !came {
                break;
            }
            assert!(
                polled.is_ready() || counter.wakes() > 0,
                "M2: another thread opened the gate {}, and this poll returned Pending. `open` is over, and \
                 has found no waker: the task sleeps for ever. Look and store the waker under one guard (clone \
                 it before that), or store it first and look after that. Book: Lost wakes, \"Between the look and the promise\".",
                when(moment)
            );
        }
    }
}

/// There are two moments to each lock: before it, and after it.
fn when(moment: usize) -> String {
    let lock = moment / 2 + 1;
    let side =
        if moment.is_multiple_of(2) { "before `poll` took" } else { "after `poll` gave back" };
    format!("{side} its lock number {lock}")
}
