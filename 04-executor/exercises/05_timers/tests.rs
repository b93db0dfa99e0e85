//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use exercise::{Sleep, Timers};
use testkit::parking::{script, unparks};
use testkit::{
    CountingWaker, HookWaker, VirtualClock, assert_pending, assert_woken_once, come_between,
    locks_held, poll_once, watchdog,
};

const FIRST: &str = "Book: Timers, \"The first deadline\".";
const EARLIER: &str = "Book: Timers, \"An earlier timer\".";
const DROPPED: &str = "Book: Timers, \"Dropped timers\".";

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A clock at zero, and timers of this thread, which has not been unparked yet.
fn start() -> (VirtualClock, Arc<Timers>) {
    script([]);
    let clock = VirtualClock::new();
    (clock.clone(), Timers::new(clock))
}

/// More moments than any poll that returns.
const MOMENTS: usize = 200;

/// Polls once. A poll that looks again and again does not return: the clock stands still meanwhile.
fn poll(sleep: &mut Sleep, waker: &Waker) -> Poll<()> {
    let _guard = watchdog(
        "`poll` has not returned, and the clock stands still until it does. Do not wait in a poll: insert a \
         timer, and return Pending.",
    );
    let gives_up = || {
        panic!(
            "M26: the clock has not come to the deadline, and `poll` has taken the lock {} times and has not \
             returned. A poll that waits keeps its whole thread, and the tasks on it. Insert a timer, and \
             return Pending. Book: The life of one wake, \"The contract of poll\".",
            MOMENTS / 2
        )
    };
    let mut polled = None;
    come_between(MOMENTS, gives_up, || polled = Some(poll_once(sleep, waker)));
    polled.expect("come_between runs its body")
}

#[test]
fn a_timer_fires_when_its_time_has_come() {
    let (clock, timers) = start();
    let (counter, waker) = CountingWaker::new();
    timers.insert(ms(5), waker);
    assert_eq!(
        timers.next_deadline(),
        Some(ms(5)),
        "M52: there is one timer, for 5 ms. This is what `next_deadline` returned, and the thread parks until \
         then. {FIRST}"
    );
    clock.advance(ms(4));
    timers.fire();
    assert_eq!(
        counter.wakes(),
        0,
        "M52: the timer is for 5 ms, the clock shows 4, and `fire` has woken it. It must not be early. {FIRST}"
    );
    clock.advance(ms(1));
    timers.fire();
    assert_eq!(
        counter.wakes(),
        1,
        "M52: the timer is for 5 ms, the clock shows 5, and after `fire` it has been woken `left` times. A thread \
         that has slept until the deadline finds that time on the clock, not a later one. {FIRST}"
    );
    timers.fire();
    assert_eq!(
        (counter.wakes(), timers.next_deadline()),
        (1, None),
        "M52: the only timer has fired. `left`: how often it was woken after one more `fire`, and what \
         `next_deadline` returned. Take a timer out when it fires: otherwise the thread never sleeps \
         again. {FIRST}"
    );
}

/// A waker that notes this word when it is woken.
fn noting<T: Copy + Send + 'static>(order: &Arc<Mutex<Vec<T>>>, word: T) -> Waker {
    let order = order.clone();
    let note = move || order.lock().expect("a push does not panic").push(word);
    HookWaker::new(Waker::noop()).on_wake(note).waker()
}

#[test]
fn timers_with_one_deadline_all_fire() {
    let (clock, timers) = start();
    let order = Arc::default();
    for timer in 0..3 {
        timers.insert(ms(5), noting(&order, timer));
    }
    clock.advance(ms(5));
    // That one call wakes them all is for another test.
    (0..3).for_each(|_| timers.fire());
    let mut woken = order.lock().expect("a push does not panic").clone();
    woken.sort_unstable();
    assert_eq!(
        woken,
        [0, 1, 2],
        "M52: three timers were inserted for the same moment, and `fire` was called then; `left` are those that \
         were woken. In a map from deadlines to wakers, one takes the place of the other: give each timer \
         a number as well, and make it a part of the key. {FIRST}"
    );
}

#[test]
fn those_that_are_due_fire_in_the_order_of_their_deadlines() {
    let (clock, timers) = start();
    let order = Arc::default();
    for deadline in [30, 10, 50, 20, 10, 40] {
        timers.insert(ms(deadline), noting(&order, deadline));
    }
    clock.advance(ms(40));
    timers.fire();
    assert_eq!(
        *order.lock().expect("a push does not panic"),
        [10, 10, 20, 30, 40],
        "M52: `left` are the deadlines that one `fire` has woken, in this order, and `right` those that were \
         due. All of them fire at once, the earliest first: it has waited longest. {FIRST}"
    );
    assert_eq!(
        timers.next_deadline(),
        Some(ms(50)),
        "M52: all timers but the one for 50 ms have fired, and this is what `next_deadline` returned. {FIRST}"
    );
}

#[test]
fn a_first_timer_unparks_the_thread() {
    let (_, timers) = start();
    for (count, deadline) in [(1, 50), (2, 20), (3, 10)] {
        timers.insert(ms(deadline), Waker::noop().clone());
        assert_eq!(
            unparks(),
            count,
            "M52: each of {count} timers was inserted for a time before all others, the last one for {deadline} ms; \
             `left` is how often the thread was unparked. It sleeps until the deadline that was the first \
             before, or without end if there was none: it would fire this timer too late. {EARLIER}"
        );
    }
    for deadline in [10, 30] {
        timers.insert(ms(deadline), Waker::noop().clone());
        assert_eq!(
            unparks(),
            3,
            "M74: the thread sleeps until 10 ms, a timer was inserted for {deadline} ms, and the thread was unparked. \
             It is awake in time anyway, and looks for the next deadline then. Unpark it only if the new \
             deadline is before all others. {EARLIER}"
        );
    }
}

#[test]
fn the_thread_never_sleeps_past_a_new_timer() {
    // The other timer, if there is one, fires while the new one is inserted.
    for other in [None, Some(5), Some(50)] {
        for moment in 0.. {
            let (clock, timers) = start();
            if let Some(other) = other {
                timers.insert(ms(other), Waker::noop().clone());
            }
            let looked = Rc::new(Cell::new(None));
            let (looks, thread) = (looked.clone(), timers.clone());
            let loops = move || {
                clock.advance(ms(5));
                thread.fire();
                looks.set(Some((thread.next_deadline(), unparks())));
            };
            let insert = || _ = timers.insert(ms(20), Waker::noop().clone());
            if !come_between(moment, loops, insert) {
                break;
            }
            let (deadline, before) = looked.get().expect("it has come between");
            assert!(
                deadline.is_some_and(|deadline| deadline <= ms(20)) || unparks() > before,
                "M52: while a timer was inserted for 20 ms, just {} the lock number {} that `insert` takes, the \
                 executor's thread has called `fire` and `next_deadline`, which returned {deadline:?}. The \
                 thread sleeps until then (None: for ever), and nothing has unparked it after that. \
                 Under one guard, see whether the new timer is the first, and put it into the queue; \
                 unpark after that. {EARLIER}",
                if moment.is_multiple_of(2) { "before" } else { "after" },
                moment / 2 + 1
            );
        }
    }
}

#[test]
fn a_key_removes_its_own_timer() {
    let (clock, timers) = start();
    let [(one, one_waker), (two, two_waker), (three, three_waker)] =
        [(); 3].map(|()| CountingWaker::new());
    let key = timers.insert(ms(5), one_waker);
    timers.insert(ms(5), two_waker);
    timers.remove(key);
    assert_eq!(
        (one.live(), two.live()),
        (0, 1),
        "M52: of two timers with one deadline the first was removed; `left` is how many wakers of either are \
         kept. `remove` takes out the timer of its key, with its waker, and no other one. {DROPPED}"
    );
    // What has fired is not there any more; its place may be another's.
    let (four, four_waker) = CountingWaker::new();
    let key = timers.insert(ms(5), three_waker);
    clock.advance(ms(5));
    timers.fire();
    timers.insert(ms(5), four_waker);
    timers.remove(key);
    timers.fire();
    assert_eq!(
        (one.wakes(), two.wakes(), three.wakes(), four.wakes()),
        (0, 1, 1, 1),
        "M71: the first of four timers was removed, the second and the third fired, the fourth was inserted \
         with the same deadline, and then the key of the third was removed; `left` is how often each of \
         the four was woken. A key must never mean a later timer: use no number or place a second \
         time. {DROPPED}"
    );
}

#[test]
fn a_key_never_means_a_later_timer() {
    for count in 1..=3 {
        let (clock, timers) = start();
        let keys: Vec<_> =
            (0..count).map(|_| timers.insert(ms(5), Waker::noop().clone())).collect();
        clock.advance(ms(5));
        timers.fire();
        let (counter, waker) = CountingWaker::new();
        timers.insert(ms(5), waker);
        keys.into_iter().for_each(|key| timers.remove(key));
        timers.fire();
        assert_woken_once!(
            counter,
            "M71: all timers of one deadline fired ({count} of them), and a new one was inserted for the same moment. \
             Then the old keys were removed, as dropped sleeps do, and `fire` has woken the new \
             one `left` times: one of the old keys was its key as well. Use no number or place a second \
             time, not even when the queue is empty. {DROPPED}"
        );
    }
}

#[test]
fn a_timer_that_is_inserted_during_fire_is_kept() {
    for moment in 0.. {
        let (clock, timers) = start();
        for deadline in [5, 50] {
            timers.insert(ms(deadline), Waker::noop().clone());
        }
        clock.advance(ms(5));
        let (counter, waker) = CountingWaker::new();
        let other = timers.clone();
        let inserts = move || _ = other.insert(ms(20), waker);
        if !come_between(moment, inserts, || timers.fire()) {
            break;
        }
        assert_eq!(
            (counter.wakes(), timers.next_deadline()),
            (0, Some(ms(20))),
            "M52: the clock showed 5 ms, and while `fire` ran, just {} the lock number {} that it takes, another \
             thread inserted a timer for 20 ms. `left`: how often that was woken by this `fire`, and what \
             `next_deadline` returned. Take out what is due, and put the rest back, under one guard. {FIRST}",
            if moment.is_multiple_of(2) { "before" } else { "after" },
            moment / 2 + 1
        );
    }
}

#[test]
fn a_sleep_is_ready_at_its_deadline() {
    let (clock, timers) = start();
    let (counter, waker) = CountingWaker::new();
    let mut sleep = timers.sleep(ms(5));
    for _ in 0..2 {
        assert_pending!(
            poll(&mut sleep, &waker),
            "M52: a sleep of 5 ms was ready, and the clock has not moved. Only this clock counts: look at \
             `clock.now()`. {FIRST}"
        );
    }
    assert_eq!(
        counter.wakes(),
        0,
        "M5: nothing has happened, and two polls have woken their own task (`left`: how often). It is polled \
         again at once, for ever. Leave the waker in a timer. Book: The life of one wake, \"Asking again \
         is not waiting\"."
    );
    assert_eq!(
        timers.next_deadline(),
        Some(ms(5)),
        "M1: a sleep of 5 ms has returned Pending, and this is the next deadline: no timer wakes its task. \
         `poll` inserts one. {FIRST}"
    );
    clock.advance(ms(5));
    timers.fire();
    assert_woken_once!(
        counter,
        "M52: a sleep was polled twice; then its time came, and `fire` has woken its task `left` times. A \
         sleep has one timer, with the waker of the latest poll. {DROPPED}"
    );
    assert!(
        poll(&mut sleep, &waker).is_ready(),
        "M52: the clock shows the deadline, the task was woken, and the sleep is still Pending. {FIRST}"
    );
    assert!(
        poll(&mut timers.sleep(ms(0)), &waker).is_ready(),
        "M52: a sleep of no time at all has returned Pending. Its deadline is now. {FIRST}"
    );
    assert_eq!(
        (timers.next_deadline(), counter.live() - 1),
        (None, 0),
        "M11: all sleeps are ready. `left`: the next deadline, and how many of their wakers are kept. Look at \
         the clock before you insert a timer. {DROPPED}"
    );
}

#[test]
fn a_sleep_that_is_ready_leaves_no_timer() {
    let (clock, timers) = start();
    let (counter, waker) = CountingWaker::new();
    let mut sleep = timers.sleep(ms(5));
    let _ = poll(&mut sleep, &waker);
    clock.advance(ms(5));
    // The task was woken by something else: `fire` comes later.
    assert!(
        poll(&mut sleep, &waker).is_ready(),
        "M52: the clock shows the deadline, the task is polled for another reason before `fire` is called, and \
         the sleep is Pending. The clock decides, not the timer. {FIRST}"
    );
    assert_eq!(
        (timers.next_deadline(), counter.live() - 1),
        (None, 0),
        "M11: the sleep is ready, and its timer has not fired. `left`: the next deadline, and how many wakers are \
         kept. The thread would wake a task that no longer waits: remove the timer when the sleep is \
         ready. {DROPPED}"
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let (clock, timers) = start();
    let (old, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let mut sleep = timers.sleep(ms(5));
    let _ = poll(&mut sleep, &old_waker);
    let _ = poll(&mut sleep, &new_waker);
    clock.advance(ms(5));
    timers.fire();
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M3: a sleep was polled by one task, then by another one; `left` is how often its timer has woken each of \
         them. It moved, with a `select` for example. At each poll, the timer's waker must become that of \
         the poll. Book: Lost wakes, \"Wakers go stale\"."
    );
}

#[test]
fn a_dropped_sleep_leaves_the_queue() {
    let (clock, timers) = start();
    let (counter, waker) = CountingWaker::new();
    let mut sleep = timers.sleep(ms(5));
    let _ = poll(&mut sleep, &waker);
    drop(sleep);
    assert_eq!(
        (timers.next_deadline(), counter.live() - 1),
        (None, 0),
        "M52: a sleep was dropped, as in every timeout that was not needed. `left`: the next deadline, and how \
         many of its wakers are kept. They pile up, each keeps its task in memory, and the thread wakes up \
         for them. Remove the timer in `drop`. {DROPPED}"
    );
    clock.advance(ms(5));
    timers.fire();
    assert_eq!(counter.wakes(), 0, "M52: a sleep that was dropped has woken its task. {DROPPED}");
}

#[test]
fn the_lock_is_free_while_wakers_run() {
    let seen: Arc<Mutex<BTreeSet<&str>>> = Arc::default();
    let note = |what| {
        let seen = seen.clone();
        move || {
            if locks_held() > 0 {
                seen.lock().expect("an insert does not panic").insert(what);
            }
        }
    };
    let waker = || {
        let waker = HookWaker::new(Waker::noop()).on_wake(note("a wake"));
        waker.on_clone(note("the clone of a waker")).on_drop(note("the drop of a waker")).waker()
    };
    let (clock, timers) = start();
    timers.insert(ms(5), waker());
    let key = timers.insert(ms(5), waker());
    timers.remove(key);
    let mut sleep = timers.sleep(ms(5));
    // Each sees the first drop of its own waker: that of the clone in the queue.
    let wakers = [waker(), waker()];
    wakers.iter().for_each(|waker| _ = poll(&mut sleep, waker));
    drop(sleep);
    clock.advance(ms(5));
    timers.fire();
    let seen = seen.lock().expect("an insert does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while the lock was held: {seen:?}. It is not your code, and may come back to these timers: \
         a task that is polled at once, or dropped, has sleeps of its own. It waits for the lock that you \
         hold, for ever. Clone a waker before you lock. To wake or drop one, take it out of the queue and \
         release the lock first. Book: Lost wakes, \"Nothing under the lock\"."
    );
}

#[test]
fn a_deadline_that_comes_during_a_poll_is_noticed() {
    for earlier_polls in [0, 1] {
        for moment in 0.. {
            let (clock, timers) = start();
            let (counter, waker) = CountingWaker::new();
            let mut sleep = timers.sleep(ms(5));
            for _ in 0..earlier_polls {
                let _ = poll(&mut sleep, Waker::noop());
            }
            let looked = Rc::new(Cell::new(None));
            let (looks, thread) = (looked.clone(), timers.clone());
            let loops = move || {
                clock.advance(ms(5));
                thread.fire();
                looks.set(Some((thread.next_deadline(), unparks())));
            };
            let mut polled = Poll::Pending;
            if !come_between(moment, loops, || polled = poll_once(&mut sleep, &waker)) {
                break;
            }
            let (deadline, before) = looked.get().expect("it has come between");
            // The thread does not sleep if it was unparked, or if a deadline has passed.
            if unparks() > before || deadline.is_some() {
                timers.fire();
            }
            assert!(
                polled.is_ready() || counter.wakes() > 0,
                "M2: just {} the lock number {} of a poll, the time of the sleep came, and the executor's thread \
                 called `fire`. Then the poll returned Pending, and its waker is never woken: the timer has \
                 fired already, for the waker of the poll before, or was inserted afterwards and nothing \
                 has unparked the thread. A timer that is no longer there has fired: return Ready. Or, \
                 after you have left the waker, look at the clock once more, or insert the timer \
                 again. {DROPPED}",
                if moment.is_multiple_of(2) { "before" } else { "after" },
                moment / 2 + 1
            );
        }
    }
}
