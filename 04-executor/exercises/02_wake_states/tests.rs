//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::Cell;
use std::rc::Rc;

use exercise::State;
use testkit::{Watchdog, come_between, watchdog};

const PAGE: &str = "Book: The states of a task,";
const ABORT: &str = "Book: The result of a task, \"What abort does\".";

/// More moments than the methods called in one test have, if each does a few operations.
const MOMENTS: usize = 100_000;

fn last_resort() -> Watchdog {
    watchdog(
        "A method of `State` does not return: it waits for another thread, which is in the middle of a method \
         itself. Look and set in one step; none of the methods has anything to wait for.",
    )
}

/// Runs a test whose methods wait for nothing.
fn test(body: impl FnOnce()) {
    let _guard = last_resort();
    let gives_up = || {
        panic!(
            "M64: a method of `State` has looked at the state thousands of times, and has not returned. It waits \
             for another thread, in a busy loop. None of the methods has anything to wait for: a wake during the \
             poll sets a bit, and `pause` finds it. {PAGE} \"A wake during the poll\"."
        )
    };
    come_between(MOMENTS, gives_up, body);
}

/// A task that was taken out of the queue, and is polled.
fn running() -> State {
    let state = State::new();
    assert!(
        state.start(),
        "M25: a new task was taken out of the queue, and `start` returned false, although nothing has aborted \
         it: its future will be dropped. {ABORT}"
    );
    state
}

/// A task that was polled once, and waits.
fn waiting() -> State {
    let state = running();
    assert!(
        !state.pause(),
        "M13: a task was polled, nothing woke it, and `pause` returned true: it goes back into the queue, and \
         is polled for ever. SCHEDULED says that it was woken; `start` clears it, before the poll. {PAGE} \
         \"One word\"."
    );
    state
}

#[test]
fn a_new_task_is_in_the_queue() {
    test(|| {
        let state = State::new();
        assert!(
            !state.wake(),
            "M17: a new task is in the queue, and `wake` returned true: now it is there twice, and two threads may \
             take it. A new state begins as one that was woken. {PAGE} \"One word\"."
        );
        assert!(
            !state.is_done(),
            "M18: `is_done` returned true for a new task. A task is done once `finish` was called. \
             {PAGE} \"One word\"."
        );
        waiting();
    });
}

#[test]
fn a_task_that_waits_is_queued_by_the_first_wake() {
    test(|| {
        let state = waiting();
        for round in 1..=3 {
            assert!(
                state.wake(),
                "M74: the task waits, and `wake` number 1 of round {round} returned false. Nothing puts it into the \
                 queue, and it is never polled again. A task that waits has neither SCHEDULED nor RUNNING. \
                 {PAGE} \"One word\"."
            );
            let again = (0..1000).filter(|_| state.wake()).count();
            assert_eq!(
                again, 0,
                "M17: a task was woken, and is in the queue; it was woken a thousand times more, and `left` is how \
                 many of these wakes returned true. Each puts it into the queue once more. Only the wake that \
                 finds SCHEDULED not set returns true. {PAGE} \"One word\"."
            );
            assert!(
                state.start(),
                "M25: a task was woken and taken out of the queue, and `start` returned false, although nothing has \
                 aborted it. {ABORT}"
            );
            assert!(
                !state.pause(),
                "M13: a task was woken before its poll and not during it, and `pause` returned true. The wake that \
                 put it into the queue has been answered when the poll begins: `start` clears SCHEDULED. \
                 {PAGE} \"A wake during the poll\"."
            );
        }
    });
}

#[test]
fn a_wake_during_the_poll_is_left_to_the_poller() {
    test(|| {
        let state = running();
        for _ in 0..3 {
            assert!(
                !state.wake() && !state.wake(),
                "M16: a task is polled, and `wake` returned true. It would be in the queue while its poll runs: \
                 another thread takes it, and polls it at the same time. Return false if RUNNING is set; the \
                 thread that polls puts the task into the queue, after its poll. {PAGE} \"One poller\"."
            );
            assert!(
                state.pause(),
                "M14: a task was woken during its poll, and `pause` returned false. That wake is lost, and the task \
                 sleeps for ever. The wake sets SCHEDULED also while the task is polled; `pause` looks whether it \
                 is set, and does not clear it: the task is in the queue then. {PAGE} \"A wake during the \
                 poll\"."
            );
            assert!(
                !state.wake(),
                "M17: a task was woken during its poll, and put into the queue after it. Then `wake` returned true: \
                 it is there twice. `pause` leaves SCHEDULED set. {PAGE} \"A wake during the poll\"."
            );
            assert!(
                state.start(),
                "M25: nothing has aborted the task, and `start` returned false. {ABORT}"
            );
        }
        assert!(
            !state.pause(),
            "M13: nothing woke the task during its last poll, only during one before, and `pause` returned true: it \
             is polled for ever. `start` clears SCHEDULED. {PAGE} \"A wake during the poll\"."
        );
    });
}

#[test]
fn a_task_that_is_done_is_never_queued() {
    test(|| {
        for woken_during_its_poll in [false, true] {
            let state = running();
            let queued = woken_during_its_poll && state.wake();
            state.finish();
            assert!(
                state.is_done(),
                "M18: `finish` was called, and `is_done` returns false (woken during the poll: \
                 {woken_during_its_poll}). {PAGE} \"One word\"."
            );
            assert!(
                !queued && !state.wake() && !state.wake() && !state.abort(),
                "M18: a future was ready, and after that a wake or an abort returned true (woken during the poll \
                 before that: {woken_during_its_poll}). The task goes into the queue once more, and its future \
                 is polled after Ready. `finish` sets DONE, and whatever finds DONE returns false. {PAGE} \
                 \"One word\"."
            );
        }
    });
}

/// What follows an abort, once the task was taken out of the queue.
fn is_dropped(state: &State, aborted: &str) {
    assert!(
        !state.start(),
        "M25: a task was aborted {aborted}, and the next `start` returned true: its future is polled again. Set \
         ABORTED, let no later wake clear it, and look at it in `start`. {ABORT}"
    );
    assert!(
        !state.wake(),
        "M16: an aborted task was taken out of the queue, and a thread drops its future; `wake` returned true. \
         Another thread would take the task meanwhile. `start` sets RUNNING in this case too. {PAGE} \"One \
         poller\"."
    );
    state.finish();
    assert!(
        state.is_done() && !state.wake() && !state.abort(),
        "M18: a task was aborted, its future dropped, and `finish` called. Then `is_done` must return true, \
         `wake` and `abort` false. {PAGE} \"One word\"."
    );
}

#[test]
fn an_abort_is_a_wake_that_ends_the_task() {
    test(|| {
        let state = waiting();
        assert!(
            state.abort(),
            "M25: a task that waits was aborted, and `abort` returned false. Nothing takes it out of a queue, so \
             nothing drops its future. An abort is a wake as well. {ABORT}"
        );
        assert!(
            !state.wake() && !state.abort(),
            "M17: an aborted task is in the queue, and one more wake or abort returned true: it is there twice. \
             {PAGE} \"One word\"."
        );
        is_dropped(&state, "while it waited");

        let state = State::new();
        assert!(
            !state.abort() && !state.wake(),
            "M17: a task in the queue was aborted, and then woken; one of the two returned true: it is there twice. \
             {PAGE} \"One word\"."
        );
        is_dropped(&state, "in the queue, and then woken");

        let state = running();
        assert!(
            !state.abort() && !state.wake(),
            "M16: a task was aborted during its poll, and then woken; one of the two returned true. Another thread \
             takes it, and drops the future that is polled. Leave it to the thread that polls. {PAGE} \"One \
             poller\"."
        );
        assert!(
            state.pause(),
            "M25: a task was aborted during its poll, and `pause` returned false: nothing will drop its future. An \
             abort is a wake as well. {ABORT}"
        );
        is_dropped(&state, "during its poll");
    });
}

/// A method that may put the task into the queue, or its name only.
type Method = (&'static str, fn(&State) -> bool);

const WAKE: Method = ("wake", State::wake);
const ABORTS: Method = ("abort", State::abort);
const START: Method = ("start", State::start);
const PAUSE: Method = ("pause", State::pause);
const FINISH: Method = ("finish", |state| {
    state.finish();
    false
});

/// What two threads did at once, and what the methods returned.
struct Race {
    state: Rc<State>,
    returned: [bool; 2],
    how: String,
}

/// Has two threads call a method each, in every order: one after the other, and one in the middle of the
/// other, wherever it can come between.
fn race(from: fn() -> State, methods: [Method; 2], judge: impl Fn(&Race)) {
    for first in [0, 1] {
        let (own, other) = (methods[first], methods[1 - first]);
        for moment in 0.. {
            let state = Rc::new(from());
            let (theirs, seen) = (state.clone(), Rc::new(Cell::new(false)));
            let sees = seen.clone();
            let mut returned = [false; 2];
            let came = come_between(
                moment,
                move || sees.set(other.1(&theirs)),
                || returned[first] = own.1(&state),
            );
            let when = match came {
                true if moment % 2 == 0 => format!("before operation {}", moment / 2 + 1),
                true => format!("after operation {}", moment / 2 + 1),
                false => {
                    seen.set(other.1(&state));
                    "after its end".to_owned()
                }
            };
            returned[1 - first] = seen.get();
            let how = format!("`{}` ran, and {when} another thread called `{}`", own.0, other.0);
            judge(&Race { state, returned, how });
            if !came {
                break;
            }
        }
    }
}

/// Takes the task out of the queue, and finds nothing that the race has left behind.
fn settles(race: &Race, aborted: bool) {
    let (state, how) = (&race.state, &race.how);
    assert!(
        !state.wake(),
        "M17: {how}. The task is in the queue, and one more wake returned true: it is there twice. {PAGE} \"One \
         word\"."
    );
    assert_eq!(
        state.start(),
        !aborted,
        "M25: {how}. The task was taken out of the queue; `left` is what `start` returned. It is false exactly \
         if there was an abort. Set the bit in the same step that wakes. {ABORT}"
    );
}

#[test]
fn of_two_wakes_at_once_one_queues_the_task() {
    let _guard = last_resort();
    for methods in [[WAKE, WAKE], [WAKE, ABORTS], [ABORTS, ABORTS]] {
        race(waiting, methods, |race| {
            let how = &race.how;
            let queued = race.returned.iter().filter(|queues| **queues).count();
            assert_eq!(
                queued, 1,
                "M17: a task waits. {how}. `left` is how many of the two returned true; it must be one, or the \
                 task is in the queue twice, or never. Look and set in one step: `fetch_or` returns what \
                 was there before. {PAGE} \"One word\"."
            );
            settles(race, methods[1].0 == "abort");
        });
    }
}

#[test]
fn a_wake_at_the_end_of_the_poll_is_kept() {
    let _guard = last_resort();
    for wakes in [WAKE, ABORTS] {
        race(running, [wakes, PAUSE], |race| {
            let how = &race.how;
            let queued = race.returned.iter().filter(|queues| **queues).count();
            assert!(
                queued > 0,
                "M14: a task is polled. {how}. Neither returned true, so nothing puts the task into the queue, and \
                 it sleeps for ever. Clear RUNNING and look at SCHEDULED in one step; set SCHEDULED and \
                 look at RUNNING in one step as well. {PAGE} \"A wake during the poll\"."
            );
            assert_eq!(
                queued, 1,
                "M17: a task is polled. {how}. Both returned true, so the task is in the queue twice. Look and set \
                 in one step. {PAGE} \"A wake during the poll\"."
            );
            settles(race, wakes.0 == "abort");
        });
    }
}

#[test]
fn a_wake_at_the_beginning_of_the_poll_queues_nothing() {
    let _guard = last_resort();
    for wakes in [WAKE, ABORTS] {
        race(State::new, [wakes, START], |race| {
            let how = &race.how;
            let [queues, polls] = race.returned;
            assert!(
                !queues,
                "M16: a task was in the queue, and is taken out. {how}. `{}` returned true: the task is in the \
                 queue again while it is polled, and another thread takes it. At no moment may it have \
                 neither SCHEDULED nor RUNNING: change both in one step. {PAGE} \"One poller\".",
                wakes.0
            );
            if !polls {
                assert_eq!(
                    wakes.0, "abort",
                    "M25: {how}. `start` returned false, and nothing has aborted the task. {ABORT}"
                );
                return;
            }
            let again = race.state.pause();
            if wakes.0 == "abort" {
                assert!(
                    again,
                    "M25: a task was in the queue, and is taken out. {how}. `start` returned true, and `pause` \
                     after it false: the abort is lost. An abort that comes after `start` has looked at \
                     ABORTED must leave SCHEDULED for `pause`. {ABORT}"
                );
            }
            if again {
                settles(race, wakes.0 == "abort");
            } else {
                assert!(
                    race.state.wake(),
                    "M74: a task was in the queue, and was polled. {how}. Now it waits, and the next wake returned \
                     false: nothing will ever poll it. A bit was set by a look that came too late: look \
                     and set in one step. {PAGE} \"One word\"."
                );
            }
        });
    }
}

#[test]
fn a_wake_at_the_end_of_the_task_queues_nothing() {
    let _guard = last_resort();
    for wakes in [WAKE, ABORTS] {
        race(running, [wakes, FINISH], |race| {
            let how = &race.how;
            assert!(
                !race.returned[0] && race.state.is_done() && !race.state.wake(),
                "M18: a future was ready. {how}. `{}` returned {}, `is_done` returns {}, and one more wake \
                 {}; it must be false, true and false, or the future is polled after Ready. Clear RUNNING \
                 and set DONE in one step. {PAGE} \"One word\".",
                wakes.0,
                race.returned[0],
                race.state.is_done(),
                race.state.wake()
            );
        });
    }
}
