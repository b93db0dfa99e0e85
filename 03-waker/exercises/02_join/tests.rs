//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use exercise::{Join, join};
use testkit::{CountingWaker, assert_pending, poll_once};

const PAGE: &str = "Book: Several in one task,";

/// How often a future may be polled before something happens.
const POLLS: u32 = 100;

/// A future that is ready when the test says so, as the test sees it.
#[derive(Default)]
struct Side {
    is_ready: Cell<bool>,
    has_returned: Cell<bool>,
    polls: Cell<u32>,
    waker: RefCell<Option<Waker>>,
}

impl Side {
    /// It has happened, and no waker is called: the side is ready at its next poll.
    fn ready(&self) {
        self.is_ready.set(true);
    }

    /// It happens, and the waker that waits for it is woken.
    fn happens(&self) {
        self.ready();
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The output can neither be copied nor made from nothing.
    fn future(self: &Rc<Self>, output: &str) -> impl Future<Output = Box<str>> + 'static {
        let this = self.clone();
        let mut output = Some(output.into());
        poll_fn(move |cx| {
            this.polls.set(this.polls.get() + 1);
            assert!(
                this.polls.get() < POLLS,
                "M26: one poll of the join has polled a side that waits {POLLS} times. A poll that waits \
                 blocks its whole thread, and what the side waits for may never happen. Poll each side once, \
                 and return Pending. Book: The life of one wake, \"The contract of poll\"."
            );
            if this.is_ready.get() {
                assert!(
                    !this.has_returned.replace(true),
                    "M45: a side that had returned Ready was polled again, while the other one still \
                     waited. That is against the contract of `poll`, and an `async fn` panics then. Keep \
                     its output until both are there, and meanwhile poll only the other side. {PAGE} \
                     \"Finished is finished\"."
                );
                return Poll::Ready(output.take().expect("a side returns Ready only once"));
            }
            this.waker.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
    }
}

type Joined = Join<Box<str>, Box<str>>;

/// Two sides of which some are ready, and what joins them.
fn sides(a_is_ready: bool, b_is_ready: bool) -> (Rc<Side>, Rc<Side>, Joined) {
    let (a, b) = (Rc::new(Side::default()), Rc::new(Side::default()));
    a.is_ready.set(a_is_ready);
    b.is_ready.set(b_is_ready);
    let joined = join(a.future("a"), b.future("b"));
    (a, b, joined)
}

const fn word(is_ready: bool) -> &'static str {
    if is_ready { "is ready" } else { "waits" }
}

#[test]
fn nothing_is_polled_before_the_join_is() {
    let (a, b, _) = sides(true, true);
    assert_eq!(
        (a.polls.get(), b.polls.get()),
        (0, 0),
        "M9: a side was polled although the join was not; `left` is how many times each was. A future does \
         nothing until it is polled: keep both, and poll them in `poll`. Book: The life of one wake, \"The \
         leaf\"."
    );
}

#[test]
fn each_poll_polls_both_that_wait() {
    for (a_is_ready, b_is_ready) in [(true, true), (false, false), (false, true), (true, false)] {
        let (_, waker) = CountingWaker::new();
        let (a, b, mut joined) = sides(a_is_ready, b_is_ready);
        let _ = poll_once(&mut joined, &waker);
        let polls = [a.polls.get(), b.polls.get()];
        assert!(
            !polls.contains(&0),
            "M55: `a` {}, `b` {}, and the first poll of the join has polled them {polls:?} times. A side that \
             is not polled does not even begin, and leaves no waker. If the other takes an hour, it starts \
             after an hour. Poll `a`, keep what it returned, and poll `b` whatever that was: no `ready!`, no \
             early return, no `&&` between the two. {PAGE} \"One after the other is not both\".",
            word(a_is_ready),
            word(b_is_ready),
        );
    }
}

#[test]
fn a_side_that_is_ready_is_not_polled_again() {
    for (a_is_ready, b_is_ready) in [(true, false), (false, true)] {
        let (_, waker) = CountingWaker::new();
        let (_a, _b, mut joined) = sides(a_is_ready, b_is_ready);
        for _ in 0..3 {
            assert_pending!(
                poll_once(&mut joined, &waker),
                "`a` {}, `b` {}, and the join returned Ready. It is ready when both are. {PAGE} \
                 \"One after the other is not both\".",
                word(a_is_ready),
                word(b_is_ready),
            );
        }
    }
}

#[test]
fn waiting_wakes_nobody() {
    for (a_is_ready, b_is_ready) in [(false, false), (true, false), (false, true)] {
        let (counter, waker) = CountingWaker::new();
        let (_a, _b, mut joined) = sides(a_is_ready, b_is_ready);
        let _ = poll_once(&mut joined, &waker);
        let _ = poll_once(&mut joined, &waker);
        assert_eq!(
            counter.wakes(),
            0,
            "M5: `a` {}, `b` {}, nothing has happened, and two polls of the join have woken their own task; \
             `left` is how many times. It is polled again at once, for ever: a busy loop. A side that waits \
             has the waker, because you polled it with `cx`. Return Pending, and do not wake. Book: The life \
             of one wake, \"Asking again is not waiting\".",
            word(a_is_ready),
            word(b_is_ready),
        );
    }
}

#[test]
fn each_side_that_waits_wakes_the_task() {
    for a_is_first in [true, false] {
        let (counter, waker) = CountingWaker::new();
        let (a, b, mut joined) = sides(false, false);
        let (first, second) = if a_is_first { (&a, &b) } else { (&b, &a) };
        let name = |is_a| if is_a { "a" } else { "b" };
        assert_pending!(poll_once(&mut joined, &waker), "Both wait, and the join returned Ready.");
        for (side, name) in [(first, name(a_is_first)), (second, name(!a_is_first))] {
            let before = counter.wakes();
            side.happens();
            assert_eq!(
                counter.wakes() - before,
                1,
                "M1: what `{name}` waited for has happened, and the task of the join was not woken: `{name}` \
                 was polled with another waker, or was not polled since the last wake. Poll every side that \
                 waits at each poll of the join, and pass `cx` on unchanged. {PAGE} \"One after the other is \
                 not both\"."
            );
            let is_last = Rc::ptr_eq(side, second);
            assert_eq!(
                poll_once(&mut joined, &waker).is_ready(),
                is_last,
                "M1: `{name}` became ready, and the other one {}; `left` is whether the join was ready at its \
                 next poll. When both are ready, the join must be ready in the same poll, because nothing is \
                 left that could wake it again. Check for both outputs after both polls. {PAGE} \"Finished is \
                 finished\".",
                if is_last { "was ready already" } else { "waits" },
            );
        }
    }
}

#[test]
fn both_may_be_ready_after_one_wake() {
    let (_, waker) = CountingWaker::new();
    let (a, b, mut joined) = sides(false, false);
    let _ = poll_once(&mut joined, &waker);
    a.ready();
    b.happens();
    assert!(
        poll_once(&mut joined, &waker).is_ready(),
        "M63: both sides became ready between two polls, and the join returned Pending. A wake says neither \
         which side is ready nor how many are. Poll both, then check for both outputs. {PAGE} \"A waker for \
         each\"."
    );
}

#[test]
fn the_latest_waker_is_passed_on() {
    let (_, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let (a, b, mut joined) = sides(false, false);
    let _ = poll_once(&mut joined, &old_waker);
    let _ = poll_once(&mut joined, &new_waker);
    a.happens();
    b.happens();
    assert_eq!(
        new.wakes(),
        2,
        "M3: the join was polled with one waker and then with another; then both sides became ready, and \
         `left` is how many times they woke the second. At each poll, pass on the `cx` of that poll. Book: \
         Lost wakes, \"Wakers go stale\"."
    );
}

#[test]
fn the_outputs_come_in_the_order_of_the_futures() {
    for a_is_ready in [true, false] {
        let (_, waker) = CountingWaker::new();
        let (a, b, mut joined) = sides(a_is_ready, !a_is_ready);
        let _ = poll_once(&mut joined, &waker);
        a.happens();
        b.happens();
        let Poll::Ready(outputs) = poll_once(&mut joined, &waker) else {
            panic!("Both sides are ready, and the join is not. {PAGE} \"Finished is finished\".");
        };
        assert_eq!(
            outputs,
            ("a".into(), "b".into()),
            "The outputs of `join(a, b)` are (a, b), whichever was ready first. {PAGE} \"Finished is \
             finished\"."
        );
    }
}
