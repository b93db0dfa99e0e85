//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use exercise::{Bell, Listen};
use testkit::{
    CountingWaker, HookWaker, assert_pending, assert_woken_once, come_between, locks_held, moments,
    poll_once,
};

const PAGE: &str = "Book: Lost wakes,";

/// More moments than any poll has that returns.
const MOMENTS: usize = 200;

/// Polls once. A poll that looks again and again does not return: the bell does not ring meanwhile.
fn poll(listen: &mut Listen, waker: &Waker) -> Poll<()> {
    let gives_up = || {
        panic!(
            "M26: the bell has not rung, and `poll` has taken the lock {} times and has not returned. A poll \
             that waits blocks its whole thread. Look, leave your waker, and return Pending. Book: The life of \
             one wake, \"The contract of poll\".",
            MOMENTS / 2
        )
    };
    let mut poll = None;
    come_between(MOMENTS, gives_up, || poll = Some(poll_once(listen, waker)));
    assert!(
        moments() > 0,
        "`poll` has not taken the lock of the `Mutex` that exercise.rs imports from testkit. Keep there what \
         `ring` and `poll` share, and keep that import: the tests do not see the lock of another mutex."
    );
    poll.expect("come_between runs its body")
}

#[test]
fn a_ring_is_kept_until_it_is_heard() {
    let (_, waker) = CountingWaker::new();
    let bell = Bell::default();
    bell.ring();
    bell.ring();
    assert!(
        poll(&mut bell.listen(), &waker).is_ready(),
        "M15: the bell rang while no task listened, and the next `Listen` returned Pending. `ring` must set \
         `has_rung`, whether there is a waker or not, and leave it set until a `poll` has heard it; `poll` \
         looks there first. {PAGE} \"Pending is a promise\"."
    );
    assert_pending!(
        poll(&mut bell.listen(), &waker),
        "M63: two rings that no task waited for count as one, and it was heard; the next `Listen` returned \
         Ready. `has_rung` is a flag and not a count, and `poll` must clear it when it has heard the ring. \
         {PAGE} \"Pending is a promise\"."
    );
}

#[test]
fn a_ring_outlives_the_listen_that_it_woke() {
    let (_, waker) = CountingWaker::new();
    let bell = Bell::default();
    let mut cancelled = bell.listen();
    let _ = poll(&mut cancelled, &waker);
    bell.ring();
    drop(cancelled);
    assert!(
        poll(&mut bell.listen(), &waker).is_ready(),
        "M15: the bell rang and woke a `Listen`, which was dropped before its poll, so it has not heard the \
         ring. The next `Listen` returned Pending, and the ring is lost. Set `has_rung` at each ring: a waker \
         that was called, or is gone, does not record that the bell rang. {PAGE} \"Pending is a promise\"."
    );
}

#[test]
fn waiting_wakes_nobody() {
    let (counter, waker) = CountingWaker::new();
    let (_, elsewhere) = CountingWaker::new();
    let mut listen = Bell::default().listen();
    let _ = poll(&mut listen, &waker);
    let _ = poll(&mut listen, &waker);
    assert_eq!(
        counter.wakes(),
        0,
        "M5: the bell has not rung, and two polls have woken their own task; `left` is how many times. It is \
         polled again at once, for ever: a busy loop. `ring` wakes, `poll` does not. Book: The life of one \
         wake, \"Asking again is not waiting\"."
    );
    let _ = poll(&mut listen, &elsewhere);
    assert_eq!(
        counter.wakes(),
        0,
        "M5: the bell has not rung, and a poll that came with another waker has woken the one that was kept \
         before it, `left` times. The task has moved: drop that waker without calling it. Book: The life of \
         one wake, \"Asking again is not waiting\"."
    );
}

#[test]
fn a_ring_wakes_the_task_that_waits() {
    let (counter, waker) = CountingWaker::new();
    let bell = Bell::default();
    let mut listen = bell.listen();
    let _ = poll(&mut listen, &waker);
    bell.ring();
    assert_woken_once!(
        counter,
        "M1: the bell rang, and the task that waits for it must be woken once; `left` is how many times it \
         was. `poll` stores a clone of its waker before it returns Pending, and `ring` wakes it. {PAGE} \
         \"Pending is a promise\"."
    );
}

#[test]
fn the_lock_is_free_during_the_wake() {
    let (_, inner) = CountingWaker::new();
    let is_free = || {
        assert_eq!(
            locks_held(),
            0,
            "M8: `ring` called `wake` while it held the lock (`left`: how many). A wake may poll the task at \
             once, on this very thread. The task then waits for the lock for ever, because this thread cannot \
             release it. Take the waker out in a block of its own, and wake it after the block. In `if let \
             Some(waker) = self.state.lock()….take()` the guard lives until the closing brace. {PAGE} \
             \"Nothing under the lock\"."
        );
    };
    let waker = HookWaker::new(&inner).on_wake(is_free).waker();
    let bell = Bell::default();
    let mut listen = bell.listen();
    let _ = poll(&mut listen, &waker);
    bell.ring();
}

#[test]
fn the_ring_is_there_when_the_task_is_woken() {
    let (_, inner) = CountingWaker::new();
    let bell = Bell::default();
    let listen = Arc::new(Mutex::new(bell.listen()));
    let task = listen.clone();
    let is_rung = move || {
        let (_, waker) = CountingWaker::new();
        let mut listen = task.lock().expect("the test does not hold it");
        assert!(
            poll(&mut listen, &waker).is_ready(),
            "M15: the task was polled inside `wake`, and returned Pending: it has found no ring. It sleeps \
             again, and what `ring` does after the wake does not reach it. Set `has_rung` at each ring, even \
             when a task waits, and before you wake. {PAGE} \"Pending is a promise\"."
        );
    };
    let waker = HookWaker::new(&inner).on_wake(is_rung).waker();
    let _ = poll(&mut listen.lock().expect("nobody holds it"), &waker);
    bell.ring();
}

#[test]
fn a_task_that_listens_again_inside_the_wake_is_woken() {
    let (_, inner) = CountingWaker::new();
    let (again, again_waker) = CountingWaker::new();
    let bell = Bell::default();
    let listen = Arc::new(Mutex::new(bell.listen()));
    let (task, its_bell) = (listen.clone(), bell.clone());
    let listens_again = move || {
        let mut listen = task.lock().expect("the test does not hold it");
        let _ = poll(&mut listen, &again_waker);
        *listen = its_bell.listen();
        let _ = poll(&mut listen, &again_waker);
    };
    let waker = HookWaker::new(&inner).on_wake(listens_again).waker();
    let _ = poll(&mut listen.lock().expect("nobody holds it"), &waker);
    bell.ring();
    bell.ring();
    assert_woken_once!(
        again,
        "M74: the task was polled inside `wake`; it has heard the ring, and listens again. The next ring must \
         wake it once; `left` is how many times it did. A waker that `ring` finds in the bell after the wake \
         is a new one, for the next ring: take the waker out before the wake, and change nothing after it. \
         {PAGE} \"Nothing under the lock\"."
    );
}

#[test]
fn the_same_waker_is_cloned_once() {
    let (counter, waker) = CountingWaker::new();
    let mut listen = Bell::default().listen();
    for _ in 0..3 {
        let _ = poll(&mut listen, &waker);
    }
    assert_eq!(
        counter.clones(),
        1,
        "M4: three polls came with the same waker; `left` is how many times it was cloned. One clone is enough \
         as long as `kept.will_wake(new)` is true. Clone when it is false, or use `kept.clone_from(new)`, \
         which checks it first. {PAGE} \"Wakers go stale\"."
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    for places in [&[0, 1][..], &[0, 1, 0], &[0, 0, 1, 1]] {
        let executors = [CountingWaker::new(), CountingWaker::new()];
        let bell = Bell::default();
        let mut listen = bell.listen();
        for place in places {
            let _ = poll(&mut listen, &executors[*place].1);
        }
        let latest = places[places.len() - 1];
        let left = executors[1 - latest].0.live() - 1;
        bell.ring();
        let wakes = executors.each_ref().map(|(counter, _)| counter.wakes());
        let expected = [1 - latest, latest];
        assert_eq!(
            wakes, expected,
            "M3: the task was polled by these executors, one after another: {places:?}. Then the bell rang; \
             `left` is how many times it woke the task at executor 0 and 1, `right` how many times it should \
             have. A task that has moved must be woken where it is now: if the kept waker will not wake the \
             task of this poll, put a clone of this poll's waker in its place. {PAGE} \"Wakers go stale\"."
        );
        assert_eq!(
            left, 0,
            "M11: the task was polled by these executors, one after another: {places:?}. `left` clone(s) of the \
             waker of the other place are still kept, and keep a task in memory there. Keep one waker, the \
             latest, and drop the one that it replaces. {PAGE} \"Wakers go stale\"."
        );
    }
}

#[test]
fn no_code_of_a_waker_runs_under_the_lock() {
    for moment in 0.. {
        let found = Arc::new(Mutex::new(Vec::new()));
        let note = |call| {
            let found = found.clone();
            move || {
                if locks_held() > 0 {
                    found.lock().expect("nothing panics under this lock").push(call);
                }
            }
        };
        let watched = || {
            let hooks = HookWaker::new(Waker::noop()).on_clone(note("clone")).on_drop(note("drop"));
            hooks.on_wake(note("wake")).waker()
        };
        let (elsewhere, waker) = (watched(), watched());
        let bell = Bell::default();
        let mut listen = bell.listen();
        let _ = poll(&mut listen, &elsewhere);
        let other = bell.clone();
        let rings = move || other.ring();
        let came = come_between(moment, rings, || _ = poll_once(&mut listen, &waker));
        bell.ring();
        let found = found.lock().expect("nothing panics under this lock");
        assert_eq!(
            found.first().copied().unwrap_or("none"),
            "none",
            "M8: `left` names the function of a waker that was called while the lock was held. It runs code \
             that may need the lock, and then waits for ever. Clone the waker before you take the lock; or \
             release the lock to clone it, and look at `has_rung` again after that. Drop a waker when no guard \
             is alive: take it out with `take` or `replace`, `drop(state)`, and then drop it. {PAGE} \"Nothing \
             under the lock\"."
        );
        if !came {
            break;
        }
    }
}

/// Rings at each moment of a poll at which another thread could have the lock, and lets `judge` look
/// at what has become of the task, whose earlier polls were elsewhere.
fn ring_at_each_moment(judge: impl Fn(usize, Poll<()>, &CountingWaker, &Bell)) {
    for earlier_polls in [0, 1] {
        for moment in 0.. {
            let (counter, waker) = CountingWaker::new();
            let bell = Bell::default();
            let mut listen = bell.listen();
            for _ in 0..earlier_polls {
                let (_, elsewhere) = CountingWaker::new();
                let _ = poll(&mut listen, &elsewhere);
            }
            let mut polled = Poll::Pending;
            let other = bell.clone();
            let rings = move || other.ring();
            if !come_between(moment, rings, || polled = poll_once(&mut listen, &waker)) {
                break;
            }
            judge(moment / 2 + 1, polled, &counter, &bell);
        }
    }
}

#[test]
fn a_ring_during_a_poll_is_noticed() {
    ring_at_each_moment(|lock, polled, counter, _| {
        assert!(
            polled.is_ready() || counter.wakes() > 0,
            "M2: the bell rang just before or after `poll` held its lock number {lock}, and this poll returned \
             Pending. The ring has found no waker of this poll, and the poll has found no ring: the task \
             sleeps for ever. Look and store the waker under one guard, or store it first, look after that, \
             and take it out again if the bell has rung. {PAGE} \"Between the look and the promise\"."
        );
    });
}

#[test]
fn a_ring_during_a_poll_is_heard_once() {
    ring_at_each_moment(|lock, polled, _, bell| {
        let (_, waker) = CountingWaker::new();
        assert!(
            polled.is_pending() || poll(&mut bell.listen(), &waker).is_pending(),
            "M63: the bell rang once, just before or after `poll` held its lock number {lock}. This poll \
             returned Ready, and so did the next `Listen`: one ring was heard twice. Wherever `poll` finds \
             `has_rung` set, it must clear it, even when it looks a second time. {PAGE} \"Pending is a \
             promise\"."
        );
    });
}

#[test]
fn a_poll_during_a_ring_is_noticed() {
    for earlier_polls in [0, 1] {
        for moment in 0.. {
            let (counter, waker) = CountingWaker::new();
            let bell = Bell::default();
            let mut listen = bell.listen();
            for _ in 0..earlier_polls {
                let (_, elsewhere) = CountingWaker::new();
                let _ = poll(&mut listen, &elsewhere);
            }
            let task = Arc::new(Mutex::new((listen, Poll::Pending)));
            let its_own = task.clone();
            let polls = move || {
                let (listen, polled) = &mut *its_own.lock().expect("the test does not hold it");
                *polled = poll_once(listen, &waker);
            };
            if !come_between(moment, polls, || bell.ring()) {
                break;
            }
            let polled = task.lock().expect("nobody holds it").1;
            assert!(
                polled.is_ready() || counter.wakes() > 0,
                "M2: the task was polled just before or after `ring` held its lock number {}. The poll has \
                 found no ring and returned Pending, and the ring has not woken it: the task sleeps for \
                 ever. `ring` must not look for a waker before the flag is set: set `has_rung` and take \
                 the waker under one guard. {PAGE} \"Between the look and the promise\".",
                moment / 2 + 1
            );
        }
    }
}

#[test]
fn two_rings_at_once_wake_the_task() {
    for moment in 0.. {
        let (counter, waker) = CountingWaker::new();
        let bell = Bell::default();
        let mut listen = bell.listen();
        let _ = poll(&mut listen, &waker);
        let other = bell.clone();
        // A thread of its own: this one has a message for a ring that panics.
        let rings =
            thread::spawn(move || come_between(moment, move || other.ring(), || bell.ring()));
        let Ok(came) = rings.join() else {
            panic!(
                "M2: another ring came just before or after `ring` held its lock number {}, and a ring has \
                 panicked. What you saw under one lock may have changed when you take the next: a waker that \
                 was there is gone. Let one `take()` under one guard look and take. {PAGE} \"Between the \
                 look and the promise\".",
                moment / 2 + 1
            )
        };
        assert!(
            counter.wakes() > 0,
            "M2: two rings came at once, the second when the first held its lock number {} or just before \
             that, and the task that waits was woken by neither. Set `has_rung` and take the waker under \
             one guard. {PAGE} \"Between the look and the promise\".",
            moment / 2 + 1
        );
        if !came {
            break;
        }
    }
}

#[test]
fn a_task_that_has_heard_the_ring_leaves_no_waker() {
    let (counter, waker) = CountingWaker::new();
    let bell = Bell::default();
    let mut listen = bell.listen();
    let _ = poll(&mut listen, &waker);
    bell.ring();
    let _ = poll(&mut listen, &waker);
    assert_eq!(
        counter.live() - 1,
        0,
        "M11: the task has heard the ring, and the bell still holds `left` clone(s) of its waker. A waker \
         keeps its task in memory for as long as the bell exists, and the next ring wakes it for nothing. \
         `ring` takes the waker out, with `take()`. A `poll` that stores its waker before it looks takes it \
         out again before it returns Ready. Book: The life of one wake, \"The contract of poll\"."
    );
    ring_at_each_moment(|lock, polled, counter, _| {
        assert!(
            polled.is_pending() || counter.live() == 1,
            "M11: the bell rang just before or after `poll` held its lock number {lock}, and this poll \
             returned Ready. But its waker, or a clone of it, is still kept: take it out of the bell before \
             you return Ready. Book: The life of one wake, \"The contract of poll\"."
        );
    });
    let (counter, inner) = CountingWaker::new();
    let listen = Arc::new(Mutex::new(bell.listen()));
    let task = listen.clone();
    let hears = move || {
        let (_, waker) = CountingWaker::new();
        let _ = poll(&mut task.lock().expect("the test does not hold it"), &waker);
    };
    let waker = HookWaker::new(&inner).on_wake(hears).waker();
    let _ = poll(&mut listen.lock().expect("nobody holds it"), &waker);
    drop(waker);
    bell.ring();
    assert_eq!(
        counter.live(),
        1,
        "M11: the task was polled inside `wake` and has heard the ring, and when `ring` returned, the bell \
         held its old waker. Do not put a waker back after its wake: a task that waits again leaves a waker \
         itself. Book: The life of one wake, \"The contract of poll\"."
    );
}
