//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use exercise::Direction;
use testkit::{CountingWaker, HookWaker, come_between, locks_held, watchdog};

const TRY: &str = "Book: Readiness, \"Try first\".";
const CLEAR: &str = "Book: Readiness, \"Between the call and the clear\".";
const CLOSED: &str = "Book: Readiness, \"Closed stays closed\".";
const CONTRACT: &str = "Book: The life of one wake, \"The contract of poll\".";

/// More calls than any test makes.
const RESTLESS: usize = 100;

/// More moments than any poll that returns.
const MOMENTS: usize = 200;

/// A socket by script, from which the task reads.
#[derive(Default)]
struct Socket {
    bytes: AtomicUsize,
    ended: AtomicBool,
    calls: AtomicUsize,
}

impl Socket {
    fn with(bytes: usize) -> Arc<Self> {
        Arc::new(Self { bytes: bytes.into(), ..Self::default() })
    }

    fn arrive(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, SeqCst);
    }

    fn end(&self) {
        self.ended.store(true, SeqCst);
    }

    fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }

    fn read(&self, room: usize) -> io::Result<usize> {
        let calls = self.calls.fetch_add(1, SeqCst);
        assert!(
            calls < RESTLESS,
            "M26: {RESTLESS} calls were made, most of them returned `WouldBlock`, and `poll_io` has not \
             returned. A poll that waits keeps its thread, and all tasks on it. After a `WouldBlock`, keep the \
             waker and return Pending, unless an event has come since that call began. {CONTRACT}"
        );
        let n = room.min(self.bytes.load(SeqCst));
        self.bytes.fetch_sub(n, SeqCst);
        if n > 0 || self.ended.load(SeqCst) { Ok(n) } else { Err(ErrorKind::WouldBlock.into()) }
    }
}

type Polled = Poll<Result<usize, ErrorKind>>;

fn poll_io(
    direction: &Direction,
    room: usize,
    waker: &Waker,
    call: impl FnMut() -> io::Result<usize>,
) -> Polled {
    let polled = direction.poll_io(room, &mut Context::from_waker(waker), call);
    polled.map(|result| result.map_err(|error| error.kind()))
}

/// Polls once, with this call. A poll that waits does not return: nothing happens until it does.
fn poll_call(
    direction: &Direction,
    room: usize,
    waker: &Waker,
    call: impl FnMut() -> io::Result<usize>,
) -> Polled {
    let _guard = watchdog(
        "`poll_io` has not returned, and nothing happens until it does. Do not wait in a poll: keep the waker, \
         and return Pending.",
    );
    let gives_up = || {
        panic!(
            "M26: `poll_io` has taken the lock {} times and has not returned. No event comes until it does. A \
             poll that waits keeps its thread, and all tasks on it. Keep the waker, and return Pending. \
             {CONTRACT}",
            MOMENTS / 2
        )
    };
    let mut polled = None;
    come_between(MOMENTS, gives_up, || polled = Some(poll_io(direction, room, waker, call)));
    polled.expect("come_between runs its body")
}

/// Polls once, with room for ten bytes.
fn poll(direction: &Direction, waker: &Waker, socket: &Socket) -> Polled {
    poll_call(direction, 10, waker, || socket.read(10))
}

/// A direction that is not ready: a call has returned `WouldBlock`.
fn waiting(waker: &Waker, socket: &Socket) -> Direction {
    let direction = Direction::new();
    let _ = poll(&direction, waker, socket);
    direction
}

#[test]
fn a_new_direction_makes_the_call() {
    let polled = poll(&Direction::new(), Waker::noop(), &Socket::with(5));
    assert_eq!(
        polled,
        Poll::Ready(Ok(5)),
        "A new direction is polled, and its socket has 5 bytes; `left` is what `poll_io` returned. A new \
         direction is ready: make the call, and return its result. {TRY}"
    );
}

#[test]
fn the_lock_is_free_during_a_call() {
    let _ = poll_call(&Direction::new(), 10, Waker::noop(), || {
        assert_eq!(
            locks_held(),
            0,
            "M57: a call was made while the lock was held. It is a system call. If an event comes meanwhile, the \
             reactor's thread waits for the lock, and all other sockets with it. Take out of the state what you \
             need, drop the guard, and then call. {TRY}"
        );
        Ok(10)
    });
}

#[test]
fn a_call_that_would_block_makes_the_task_wait() {
    let (counter, waker) = CountingWaker::new();
    let direction = Direction::new();
    let polled = poll(&direction, &waker, &Socket::default());
    assert_eq!(
        polled,
        Poll::Pending,
        "M27: the call returned `WouldBlock`, and `left` is what `poll_io` returned. To the task this is neither \
         an error nor a result: there is nothing yet. Return Pending. {TRY}"
    );
    assert!(
        counter.live() > 1,
        "M1: the call returned `WouldBlock`, and the poll Pending, and no clone of its waker is kept. Without one, \
         `report` has no task to wake. Keep a clone of `cx.waker()` in `State`. {CONTRACT}"
    );
    assert_eq!(
        counter.wakes(),
        0,
        "M5: the call returned `WouldBlock`, no event has come, and the task was woken `left` times by its own \
         poll. It is polled again at once, for nothing, and keeps a processor busy. Leave the wake to `report`. \
         Book: The life of one wake, \"Asking again is not waiting\"."
    );
}

#[test]
fn an_event_wakes_the_task_and_allows_a_call() {
    let (counter, waker) = CountingWaker::new();
    let socket = Socket::default();
    let direction = waiting(&waker, &socket);
    socket.arrive(5);
    direction.report(false);
    assert_eq!(
        counter.wakes(),
        1,
        "M74: a task waits, and `report` was called. The task was woken `left` times. Take its waker out of the \
         state, and wake it. {TRY}"
    );
    assert_eq!(
        poll(&direction, &waker, &socket),
        Poll::Ready(Ok(5)),
        "M74: a task waited, 5 bytes and an event came, and the task was polled. `left` is what `poll_io` \
         returned. `report` makes the direction ready, so that this poll makes the call. {TRY}"
    );
}

#[test]
fn no_call_is_made_while_it_is_not_ready() {
    let (counter, waker) = CountingWaker::new();
    let socket = Socket::default();
    let direction = waiting(&waker, &socket);
    let _ = poll(&direction, &waker, &socket);
    assert_eq!(
        socket.calls(),
        1,
        "M64: a call returned `WouldBlock`, no event has come since, and the task was polled once more. `left` \
         is how many calls were made. A task may be polled for many reasons, and each call is a system call: as \
         long as the direction is not ready, keep the waker and return Pending without a call. {TRY}"
    );
    direction.report(false);
    assert_eq!(
        counter.wakes(),
        1,
        "M1: a task that waits was polled once more, without an event. Then `report` was called, and the task \
         was woken `left` times. That poll has returned Pending, so its waker must be in the state. {CONTRACT}"
    );
}

#[test]
fn an_event_that_comes_while_no_task_waits_is_kept() {
    let socket = Socket::with(5);
    let direction = waiting(Waker::noop(), &socket);
    socket.arrive(3);
    direction.report(false);
    assert_eq!(
        poll(&direction, Waker::noop(), &socket),
        Poll::Ready(Ok(3)),
        "M15: a call had taken all there was. While the task was busy elsewhere, 3 bytes came, and their event. \
         Then the task polled; `left` is what `poll_io` returned. An edge is reported once: `report` must leave \
         it in the state, even if there is no task to wake. {TRY}"
    );
}

#[test]
fn an_event_with_nothing_behind_it_leaves_the_task_waiting() {
    let (counter, waker) = CountingWaker::new();
    let socket = Socket::default();
    let direction = waiting(&waker, &socket);
    direction.report(false);
    let polled = poll_call(&direction, 10, &waker, || {
        assert!(
            socket.calls() < 10,
            "M33: an event came with nothing behind it. The call returned `WouldBlock`, and was made again and \
             again in the same poll. An event is a hint: a `WouldBlock` that came after it refutes it, and the \
             task waits for the next event. {TRY}"
        );
        socket.read(10)
    });
    assert!(
        polled.is_pending() && counter.live() > 1,
        "M33: an event came with nothing behind it. The task was woken and polled, the call returned \
         `WouldBlock` again, and `poll_io` returned {polled:?} and keeps {} clones of its waker. An event is a \
         hint. If the call refutes it, wait as after the first `WouldBlock`: Pending, with the waker kept. {TRY}",
        counter.live() - 1
    );
    let before = socket.calls();
    let _ = poll(&direction, &waker, &socket);
    assert_eq!(
        socket.calls() - before,
        0,
        "M33: an event came with nothing behind it, and the call returned `WouldBlock`. The task was polled once \
         more, and made `left` calls. The call has refuted the event, so the direction is no longer ready. {TRY}"
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let (old, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let socket = Socket::default();
    let direction = waiting(&old_waker, &socket);
    let _ = poll(&direction, &new_waker, &socket);
    direction.report(false);
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M3: a direction was polled by one task, then by another one: the socket has moved. An event came, and \
         `left` is how often each of them was woken. Keep the waker of each poll that returns Pending, in place \
         of the one before. Book: Lost wakes, \"Wakers go stale\"."
    );
}

#[test]
fn one_event_is_good_for_several_calls() {
    let socket = Socket::default();
    let direction = waiting(Waker::noop(), &socket);
    socket.arrive(25);
    direction.report(false);
    let read: Vec<_> = (0..3).map(|_| poll(&direction, Waker::noop(), &socket)).collect();
    assert_eq!(
        read,
        [10, 10, 5].map(|n| Poll::Ready(Ok(n))),
        "M32: 25 bytes came, with one event, and the task polled three times with room for 10. `left` is what \
         `poll_io` returned. No second event comes for what is left: a call that has filled its room leaves the \
         direction ready. {TRY}"
    );
}

#[test]
fn a_short_transfer_saves_the_next_call() {
    let (counter, waker) = CountingWaker::new();
    let socket = Socket::with(5);
    let direction = waiting(Waker::noop(), &socket);
    let polled = poll(&direction, &waker, &socket);
    assert_eq!(
        (polled, socket.calls()),
        (Poll::Pending, 1),
        "M64: a call has taken 5 bytes where there was room for 10, and the task was polled again. `left` is \
         what that poll returned, and how many calls were made in all. There was nothing left: the second call \
         is a system call that only returns `WouldBlock`. After a short transfer the direction is not ready. \
         {TRY}"
    );
    socket.arrive(5);
    direction.report(false);
    assert_eq!(
        (counter.wakes(), poll(&direction, &waker, &socket)),
        (1, Poll::Ready(Ok(5))),
        "M1: after a short transfer the task polled again, and got Pending. Then 5 bytes came, and their event. \
         `left` is how often the task was woken, and what its next poll returned. {CONTRACT}"
    );
}

#[test]
fn other_results_are_returned_and_leave_it_ready() {
    let socket = Socket::default();
    socket.end();
    for result in [Err(ErrorKind::ConnectionReset), Err(ErrorKind::TimedOut), Ok(0)] {
        let direction = Direction::new();
        let polled = poll_call(&direction, 10, Waker::noop(), || result.map_err(io::Error::from));
        assert_eq!(
            polled,
            Poll::Ready(result),
            "M27: `right` is what a call has returned, and `left` what `poll_io` has made of it. Only \
             `WouldBlock` says that there is nothing yet. Return everything else to the task. {TRY}"
        );
        assert_eq!(
            poll(&direction, Waker::noop(), &socket),
            Poll::Ready(Ok(0)),
            "M27: a call has returned {result:?}, and the next one would return Ok(0), the end. `left` is what \
             the next `poll_io` returned. Only `WouldBlock` and a transfer of at least one byte and fewer than \
             `room` say that there is nothing left. {TRY}"
        );
    }
}

#[test]
fn an_event_during_a_call_is_not_lost() {
    // One more than a small counter can tell apart from none.
    for events in [1, 2, 1 << 8, 1 << 16] {
        let (counter, waker) = CountingWaker::new();
        let socket = Socket::default();
        let direction = Direction::new();
        let mut arrives = true;
        let polled = poll_io(&direction, 10, &waker, || {
            let result = socket.read(10);
            if arrives {
                socket.arrive(5);
                (0..events).for_each(|_| direction.report(false));
            }
            arrives = false;
            result
        });
        let again = poll(&direction, &waker, &socket);
        assert!(
            polled.is_ready() || counter.wakes() > 0 && again.is_ready(),
            "M40: the kernel had nothing, and while the call was on its way back with `WouldBlock`, 5 bytes \
             came, and the reactor reported them ({events} times). `poll_io` returned {polled:?}, has woken its \
             task {} times, and one poll later returned {again:?}. This `WouldBlock` is older than the event: it \
             must not clear what the event has set. Remember in the state that an event has come, in a counter that \
             does not come round during a call, and make the call again. {CLEAR}",
            counter.wakes()
        );
    }
}

#[test]
fn an_event_during_a_short_transfer_is_not_lost() {
    for closed in [false, true] {
        let socket = Socket::with(5);
        let direction = Direction::new();
        let first = poll_call(&direction, 10, Waker::noop(), || {
            let result = socket.read(10);
            if closed {
                socket.end()
            } else {
                socket.arrive(3)
            }
            direction.report(closed);
            result
        });
        assert_eq!(
            first,
            Poll::Ready(Ok(5)),
            "The call has returned 5, and `left` is what `poll_io` returned. {TRY}"
        );
        let next = poll(&direction, Waker::noop(), &socket);
        assert_eq!(
            next,
            Poll::Ready(Ok(if closed { 0 } else { 3 })),
            "M40: a call took 5 bytes where there was room for 10, and before `poll_io` had noted that nothing \
             is left, `report({closed})` was called. `left` is what the next poll returned. The short transfer \
             is older than the event, and says nothing of what it is about: the direction stays ready. {CLEAR}"
        );
    }
}

#[test]
fn an_event_at_any_other_moment_is_not_lost() {
    for earlier_polls in [0, 1] {
        for moment in 0.. {
            let (counter, waker) = CountingWaker::new();
            let socket = Socket::with(0);
            let direction = Arc::new(Direction::new());
            for _ in 0..earlier_polls {
                let _ = poll(&direction, Waker::noop(), &socket);
            }
            let (sends, reports) = (socket.clone(), direction.clone());
            let reactor = move || {
                sends.arrive(5);
                reports.report(false);
            };
            let mut polled = Poll::Pending;
            let call = || socket.read(10);
            if !come_between(moment, reactor, || polled = poll_io(&direction, 10, &waker, call)) {
                break;
            }
            assert!(
                polled.is_ready() || counter.wakes() > 0,
                "M2: just {} the lock number {} of a poll, 5 bytes came, and the reactor called `report`. The \
                 poll returned Pending, and its task was not woken: it waits for good. `report` either finds the \
                 waker, or leaves `ready` for you to find. So keep the waker under the same guard under which \
                 you have looked at `ready`. {CLEAR}",
                if moment.is_multiple_of(2) { "before" } else { "after" },
                moment / 2 + 1
            );
        }
    }
}

#[test]
fn an_event_while_the_waker_is_cloned_is_not_lost() {
    let (counter, inner) = CountingWaker::new();
    let socket = Socket::with(0);
    let direction = Arc::new(Direction::new());
    let (sends, reports) = (socket.clone(), direction.clone());
    let reactor = move || {
        // Under the lock no event can come: that is judged by the next test.
        if locks_held() == 0 {
            sends.arrive(5);
            reports.report(false);
        }
    };
    let waker = HookWaker::new(&inner).on_clone(reactor).waker();
    let polled = poll(&direction, &waker, &socket);
    assert!(
        polled.is_ready() || counter.wakes() > 0 || socket.bytes.load(SeqCst) == 0,
        "M2: while the waker was cloned, 5 bytes came, and the reactor called `report`. The poll returned \
         Pending, and its task was not woken: it waits for good. Look at `ready` again under the guard under \
         which you keep the clone. {CLEAR}"
    );
}

#[test]
fn a_task_that_is_polled_during_its_wake_finds_the_event() {
    let direction = Arc::new(Direction::new());
    let polled = Arc::new(Mutex::new(None));
    let (found, polls) = (polled.clone(), direction.clone());
    let executor = move || {
        // Under the lock it could not poll: that is judged by the next test.
        if locks_held() == 0 {
            let found_now = poll_io(&polls, 10, Waker::noop(), || Ok(10));
            *found.lock().expect("an assignment does not panic") = Some(found_now);
        }
    };
    let waker = HookWaker::new(Waker::noop()).on_wake(executor).waker();
    let _ = poll(&direction, &waker, &Socket::default());
    direction.report(false);
    let polled = polled.lock().expect("an assignment does not panic").take();
    assert!(
        polled.is_none_or(|polled| polled == Poll::Ready(Ok(10))),
        "M15: `report` woke the task, another thread polled it at once, before `report` had returned, and \
         `poll_io` returned {polled:?}: the event was not in the state yet, and the task waits for good. Change \
         the state first, then wake. {TRY}"
    );
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
    let socket = Socket::default();
    // Each sees the first drop of its own waker: that of the clone in the state.
    let wakers = [waker(), waker(), waker()];
    let direction = waiting(&wakers[0], &socket);
    wakers[1..].iter().for_each(|waker| _ = poll(&direction, waker, &socket));
    direction.report(false);
    let seen = seen.lock().expect("an insert does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while the lock was held: {seen:?}. It is not your code, and may need this direction: an \
         executor that polls the task at once, or drops it. It waits for the lock that you hold, for ever. Clone \
         a waker before you lock. To wake or drop one, take it out of the state and drop the guard first. \
         Book: Lost wakes, \"Nothing under the lock\"."
    );
}

#[test]
fn an_end_that_came_with_the_last_bytes_is_read() {
    for events in [&[true][..], &[true, false], &[false, true]] {
        let socket = Socket::default();
        let direction = waiting(Waker::noop(), &socket);
        socket.arrive(5);
        socket.end();
        events.iter().for_each(|closed| direction.report(*closed));
        let first = poll(&direction, Waker::noop(), &socket);
        assert_eq!(
            first,
            Poll::Ready(Ok(5)),
            "M32: 5 bytes came, and the end with them. These were the calls of `report`: {events:?}. `left` is \
             what the task's poll returned. Each event makes the direction ready, that of the end as well. \
             {CLOSED}"
        );
        assert_eq!(
            poll(&direction, Waker::noop(), &socket),
            Poll::Ready(Ok(0)),
            "M32: 5 bytes came, and the end with them. These were the calls of `report`: {events:?}. The task \
             has read the 5 bytes with room for 10, and polled again; `left` is what `poll_io` returned. No \
             event repeats the end: once it was reported, remember it for good, and let a short transfer leave \
             the direction ready. {CLOSED}"
        );
    }
}

#[test]
fn an_end_is_a_hint_as_well() {
    let (counter, waker) = CountingWaker::new();
    let socket = Socket::default();
    let direction = Direction::new();
    direction.report(true);
    let polled = poll(&direction, &waker, &socket);
    assert!(
        polled.is_pending() && counter.live() > 1,
        "M33: the end was reported, and yet the call returned `WouldBlock`. `poll_io` returned {polled:?} and \
         keeps {} clones of its waker. After the end a short transfer says nothing, but `WouldBlock` still says \
         that there is nothing. {CLOSED}",
        counter.live() - 1
    );
}
