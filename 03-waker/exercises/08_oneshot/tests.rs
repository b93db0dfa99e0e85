//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use exercise::{Canceled, Receiver, Sender, channel};
use testkit::{
    CountingWaker, HookWaker, assert_pending, assert_woken_once, come_between, locks_held, moments,
    poll_once,
};

const PAGE: &str = "Book: Lost wakes,";
const LIFE: &str = "Book: The life of one wake,";

/// More moments than any poll has that returns.
const MOMENTS: usize = 200;

/// Polls once. A poll that looks again and again does not return: nothing happens meanwhile.
fn poll<T>(receiver: &mut Receiver<T>, waker: &Waker) -> Poll<Result<T, Canceled>> {
    let gives_up = || {
        panic!(
            "M26: nothing has been sent, and `poll` has taken the lock {} times and has not returned. A poll \
             that waits blocks its whole thread. Look, leave your waker, and return Pending. {LIFE} \"The \
             contract of poll\".",
            MOMENTS / 2
        )
    };
    let mut poll = None;
    come_between(MOMENTS, gives_up, || poll = Some(poll_once(receiver, waker)));
    assert!(
        moments() > 0,
        "`poll` has not taken the lock of the `Mutex` that exercise.rs imports from testkit. Keep there what \
         both sides share, and keep that import: the tests do not see the lock of another mutex."
    );
    poll.expect("come_between runs its body")
}

#[test]
fn a_value_that_was_sent_is_received() {
    let (_, waker) = CountingWaker::new();
    let (sender, mut receiver) = channel();
    assert_eq!(
        sender.send(7),
        Ok(()),
        "M42: there is a receiver, and `send` has given the value back. Give it back only if \
         `is_receiver_gone`. {PAGE} \"Pending is a promise\"."
    );
    match poll(&mut receiver, &waker) {
        Poll::Ready(received) => assert_eq!(
            received,
            Ok(7),
            "M65: 7 was sent, and then the sender was dropped, as it is at the end of `send`. The receiver \
             must get the value: `poll` checks for it first, and then whether the sender is gone. {PAGE} \
             \"Pending is a promise\"."
        ),
        Poll::Pending => panic!(
            "M1: 7 was sent before the first poll, and that poll returned Pending. No other value will come: \
             check whether there is one before you wait. {PAGE} \"Pending is a promise\"."
        ),
    }
}

#[test]
fn waiting_wakes_nobody() {
    let (counter, waker) = CountingWaker::new();
    let (sender, mut receiver) = channel::<i32>();
    for _ in 0..3 {
        assert_pending!(
            poll(&mut receiver, &waker),
            "M49: nothing was sent, and the sender is still there; `poll` returned Ready. Canceled means \
             that the sender is gone. {PAGE} \"Pending is a promise\"."
        );
    }
    assert_eq!(
        counter.wakes(),
        0,
        "M5: nothing has happened, and three polls have woken their own task; `left` is how many times. It is \
         polled again at once, for ever: a busy loop. The sender wakes, `poll` does not. {LIFE} \"Asking again \
         is not waiting\"."
    );
    drop(sender);
}

#[test]
fn sending_wakes_the_task_that_waits() {
    let (counter, waker) = CountingWaker::new();
    let (sender, mut receiver) = channel();
    let _ = poll(&mut receiver, &waker);
    let _ = sender.send(7);
    assert_ne!(
        counter.wakes(),
        0,
        "M1: a value was sent, and the task that waits for it was not woken. `poll` stores a clone of its \
         waker in `waiter` before it returns Pending, and the sender takes it out and wakes it. \
         {PAGE} \"Pending is a promise\"."
    );
    assert_woken_once!(
        counter,
        "M74: one value was sent, and it woke the task `left` times. `send` takes `self`, so `drop` runs at \
         its end. Take the waker out of `waiter` with `take()` before you wake it: then the second finds \
         none. {PAGE} \"Pending is a promise\"."
    );
    assert_eq!(
        poll(&mut receiver, &waker),
        Poll::Ready(Ok(7)),
        "M1: the task was woken because 7 was sent, and `left` is what `poll` returned. Check the state at \
         each poll. {PAGE} \"Pending is a promise\"."
    );
}

#[test]
fn a_sender_that_goes_wakes_the_task_that_waits() {
    let (counter, waker) = CountingWaker::new();
    let (sender, mut receiver) = channel::<i32>();
    let _ = poll(&mut receiver, &waker);
    drop(sender);
    assert_woken_once!(
        counter,
        "M49: the sender was dropped and has sent nothing; the task that waits was woken `left` times. Nothing \
         else will wake it: `Sender::drop` sets `is_sender_gone`, takes the waker and wakes it. {PAGE} \
         \"Pending is a promise\"."
    );
    assert_eq!(
        poll(&mut receiver, &waker),
        Poll::Ready(Err(Canceled)),
        "M49: the sender is gone and has sent nothing: no value will ever come. `poll` must return Canceled. \
         Set `is_sender_gone` in `Sender::drop`, and check it in `poll`. {PAGE} \"Pending is a promise\"."
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let (old, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let (sender, mut receiver) = channel();
    let _ = poll(&mut receiver, &old_waker);
    let _ = poll(&mut receiver, &new_waker);
    let _ = sender.send(7);
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M3: the task moved between two polls; `left` is how many times the waker of the first was woken, and \
         that of the second. Store the waker of each poll in place of the one before. {PAGE} \"Wakers go \
         stale\"."
    );
}

/// What ran while the lock was held.
type UnderLock = Arc<Mutex<BTreeSet<&'static str>>>;

/// Notes that `what` runs, if it runs while the lock is held. It does not panic: the lock would be poisoned.
fn note(seen: &UnderLock, what: &'static str) -> impl FnOnce() + Send + use<> {
    let seen = seen.clone();
    move || {
        if locks_held() > 0 {
            seen.lock().expect("an insert does not panic").insert(what);
        }
    }
}

/// A waker that notes which of its functions run under the lock. `drop` says where it is dropped.
fn noting(seen: &UnderLock, drop: &'static str) -> Waker {
    let waker = HookWaker::new(Waker::noop())
        .on_clone(note(seen, "the clone of a waker, in `poll`"))
        .on_wake(note(seen, "the wake of a waker, in `send` or `Sender::drop`"));
    waker.on_drop(note(seen, drop)).waker()
}

/// A value that notes whether it is dropped under the lock.
struct Value(UnderLock);

impl Drop for Value {
    fn drop(&mut self) {
        note(&self.0, "the drop of a value, in `Receiver::drop`")();
    }
}

#[test]
fn the_lock_is_free_while_other_code_runs() {
    let seen = UnderLock::default();
    // Moves between two polls, is sent a value, and receives it.
    let (sender, mut receiver) = channel();
    let wakers = [(); 3].map(|()| noting(&seen, "the drop of a waker, in `poll`"));
    let _ = poll(&mut receiver, &wakers[0]);
    let _ = poll(&mut receiver, &wakers[1]);
    let _ = sender.send(Value(seen.clone()));
    let _ = poll(&mut receiver, &wakers[2]);
    // Waits for a sender that goes.
    let (sender, mut receiver) = channel::<Value>();
    let waker = noting(&seen, "the drop of a waker, in `Sender::drop`");
    let _ = poll(&mut receiver, &waker);
    drop(sender);
    // Goes while it waits, and while there is a value that it has not received.
    let (_sender, mut receiver) = channel::<Value>();
    let waker = noting(&seen, "the drop of a waker, in `Receiver::drop`");
    let _ = poll(&mut receiver, &waker);
    drop(receiver);
    let (sender, receiver) = channel();
    let _ = sender.send(Value(seen.clone()));
    drop(receiver);

    let seen = seen.lock().expect("an insert does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while the lock was held: {seen:?}. It is not your code, and may use this channel again: \
         a wake may poll the task at once, and a drop may free a task and what it owns. Then it waits for ever \
         for the lock that you hold. Clone before you lock. Take out what must be woken, dropped or replaced, \
         and wake or drop it after the guard is gone. {PAGE} \"Nothing under the lock\"."
    );
}

/// What may happen to a sender: it sends the value, or is dropped if there is None.
fn act(sender: Sender<i32>, value: Option<i32>) {
    if let Some(value) = value {
        let _ = sender.send(value);
    }
}

#[test]
fn a_task_that_is_woken_finds_what_happened() {
    for value in [Some(7), None] {
        let (sender, receiver) = channel();
        let task = Arc::new(Mutex::new((receiver, Poll::Pending)));
        let woken = task.clone();
        let polls_at_once = move || {
            // A wake under the lock is for another test.
            if locks_held() == 0 {
                let (receiver, polled) = &mut *woken.lock().expect("the test does not hold it");
                *polled = poll_once(receiver, Waker::noop());
            }
        };
        let waker = HookWaker::new(Waker::noop()).on_wake(polls_at_once).waker();
        let _ = poll(&mut task.lock().expect("nobody holds it").0, &waker);
        act(sender, value);
        let found = task.lock().expect("nobody holds it").1;
        assert_eq!(
            found,
            Poll::Ready(value.ok_or(Canceled)),
            "M15: the sender sent {value:?} (None: it was dropped instead), and the task was polled inside \
             `wake`. `left` is what it found, `right` what had happened. A task that is woken too early sleeps \
             again. Change the state first, and wake after that. {PAGE} \"Pending is a promise\"."
        );
    }
}

#[test]
fn what_happens_during_a_poll_is_noticed() {
    for (value, earlier_polls) in [(Some(7), 0), (Some(7), 1), (None, 0), (None, 1)] {
        for moment in 0.. {
            let (counter, waker) = CountingWaker::new();
            let (sender, mut receiver) = channel();
            for _ in 0..earlier_polls {
                let (_, elsewhere) = CountingWaker::new();
                let _ = poll(&mut receiver, &elsewhere);
            }
            let mut polled = Poll::Pending;
            let came = come_between(
                moment,
                move || act(sender, value),
                || polled = poll_once(&mut receiver, &waker),
            );
            if !came {
                break;
            }
            assert!(
                polled.is_ready() || counter.wakes() > 0,
                "M2: just before or after `poll` held its lock number {}, another thread sent {value:?} (None: \
                 it dropped the sender instead). This poll returned Pending, and its waker was not woken: the \
                 task sleeps for ever. Look and store the waker under one guard, or store it first and look \
                 after that. Look at both each time: the value, and `is_sender_gone`. {PAGE} \"Between the \
                 look and the promise\".",
                moment / 2 + 1
            );
            let received = if polled.is_ready() { polled } else { poll(&mut receiver, &waker) };
            assert_eq!(
                received,
                Poll::Ready(value.ok_or(Canceled)),
                "M65: just before or after `poll` held its lock number {}, another thread sent {value:?} \
                 (None: it dropped the sender instead). `left` is what the receiver returned. Read the value \
                 and `is_sender_gone` under one guard, the value first. {PAGE} \"Between the look and the \
                 promise\".",
                moment / 2 + 1
            );
        }
    }
}

#[test]
fn a_poll_while_the_sender_acts_is_noticed() {
    for (value, goes) in [(Some(7), false), (Some(7), true), (None, false), (None, true)] {
        for moment in 0.. {
            let (counter, waker) = CountingWaker::new();
            let (sender, receiver) = channel();
            let task = Arc::new(Mutex::new((Some(receiver), Poll::Pending)));
            let its_own = task.clone();
            let polls = move || {
                let (receiver, polled) = &mut *its_own.lock().expect("the test does not hold it");
                *polled = poll_once(receiver.as_mut().expect("it goes after this"), &waker);
                if goes {
                    *receiver = None;
                }
            };
            // A thread of its own: this one has a message for a `send` that panics.
            let acts = thread::spawn(move || come_between(moment, polls, || act(sender, value)));
            let Ok(came) = acts.join() else {
                panic!(
                    "M2: the sender sent {value:?} (None: it was dropped instead). Just before or after it \
                     held its lock number {}, the receiver was polled{}, and the sender has panicked. What you \
                     saw under one lock may have changed when you take the next. Look and change under one \
                     guard. {PAGE} \"Between the look and the promise\".",
                    moment / 2 + 1,
                    if goes { " and dropped" } else { "" }
                )
            };
            if !came {
                break;
            }
            let polled = task.lock().expect("nobody holds it").1;
            assert!(
                goes || polled.is_ready() || counter.wakes() > 0,
                "M2: the sender sent {value:?} (None: it was dropped instead). Just before or after it held \
                 its lock number {}, the receiver was polled. That poll found nothing and returned Pending, \
                 and the sender has not woken it: the task sleeps for ever. Change the state and take the \
                 waker under one guard. {PAGE} \"Between the look and the promise\".",
                moment / 2 + 1
            );
        }
    }
}

#[test]
fn a_value_for_a_receiver_that_has_gone_comes_back() {
    let (sender, receiver) = channel();
    drop(receiver);
    assert_eq!(
        sender.send(7),
        Err(7),
        "M42: the receiver is gone, and `send` has accepted the value all the same. The code that sent it \
         cannot know that it is lost. Set `is_receiver_gone` in `Receiver::drop`, and give the value back in \
         `send`. {PAGE} \"Pending is a promise\"."
    );
}

#[test]
fn a_receiver_that_goes_leaves_no_waker() {
    let (counter, waker) = CountingWaker::new();
    let (sender, mut receiver) = channel::<i32>();
    let _ = poll(&mut receiver, &waker);
    drop(receiver);
    assert_eq!(
        counter.live() - 1,
        0,
        "M42: the receiver was dropped while its task waited, as a `select` does with the side that loses; \
         `left` is how many clones of the waker the channel still holds. They keep the task in memory as long \
         as the sender exists. Take the waker out in `Receiver::drop`. {LIFE} \"The contract of poll\"."
    );
    drop(sender);
    assert_eq!(
        counter.wakes(),
        0,
        "M42: the receiver is gone, and the sender that was dropped after it has woken the task; `left` is how \
         many times. No task waits now: `Receiver::drop` takes the waker out, and does not call it. {LIFE} \
         \"The contract of poll\"."
    );
}

#[test]
fn a_value_that_is_not_received_is_dropped() {
    let value = Arc::new(());
    let (sender, receiver) = channel();
    let _ = sender.send(value.clone());
    drop(receiver);
    assert_eq!(
        Arc::strong_count(&value) - 1,
        0,
        "M6: a value was sent, the receiver was dropped without it, and no code can reach it any more; `left` \
         is how many of its references still exist. The end that is dropped last frees the state and the value \
         in it, unless an end is never dropped: do not `forget` it. Book: What a waker is, \"Counts\"."
    );
}

#[test]
fn a_receiver_that_is_ready_leaves_no_waker() {
    for (value, sent_first) in [(Some(7), false), (Some(7), true), (None, false), (None, true)] {
        let (counter, waker) = CountingWaker::new();
        let (sender, mut receiver) = channel();
        if !sent_first {
            let _ = poll(&mut receiver, &waker);
        }
        act(sender, value);
        let _ = poll(&mut receiver, &waker);
        assert_eq!(
            counter.live() - 1,
            0,
            "M11: the receiver is ready, and `left` clone(s) of its waker are still kept, although nothing \
             more will happen. A waker keeps its task in memory. The sender takes it out to wake it. A `poll` \
             stores one only if it returns Pending, or takes it out again before it returns Ready. \
             {LIFE} \"The contract of poll\"."
        );
        drop(receiver);
    }
}
