//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use exercise::Direction;
use testkit::{
    CountingWaker, HookWaker, assert_pending, assert_woken_once, come_between, locks_held,
};

const FIRST: &str = "Book: Readiness, \"Try first\".";
const BETWEEN: &str = "Book: Readiness, \"Between the call and the clear\".";
const CLOSED: &str = "Book: Readiness, \"Closed stays closed\".";
const LOCK: &str = "Book: Lost wakes, \"Nothing under the lock\".";

/// More calls than any poll that returns.
const CALLS: usize = 20;

/// What happens in the middle of a call.
type Step = Box<dyn FnOnce() + Send>;

/// A socket whose calls follow a script: how many bytes each returns. When that is over, `WouldBlock`.
/// Clones are the same socket.
#[derive(Clone)]
struct Socket {
    direction: Arc<Direction>,
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    results: VecDeque<io::Result<usize>>,
    /// How many calls the poll has made that runs, or was the last.
    calls: usize,
    /// Each happens in one call that has found nothing, before that returns.
    meanwhile: VecDeque<Step>,
}

impl Socket {
    fn new() -> Self {
        Self { direction: Arc::new(Direction::new()), script: Arc::default() }
    }

    fn script<R>(&self, change: impl FnOnce(&mut Script) -> R) -> R {
        change(&mut self.script.lock().expect("nothing panics while it holds this lock"))
    }

    /// Has something arrive that these calls will return.
    fn arrives(&self, calls: impl IntoIterator<Item = usize>) {
        self.script(|script| script.results.extend(calls.into_iter().map(Ok)));
    }

    /// The next call that finds nothing does this before it returns.
    fn meanwhile(&self, step: impl FnOnce() + Send + 'static) {
        self.script(|script| script.meanwhile.push_back(Box::new(step)));
    }

    fn call(&self) -> io::Result<usize> {
        assert_eq!(
            locks_held(),
            0,
            "M57: `poll_io` holds the lock while it calls. The reactor waits for that lock in `report`, and with it \
             every other socket. Give the lock back before you call. {FIRST}"
        );
        let calls = self.script(|script| {
            script.calls += 1;
            script.calls
        });
        assert!(
            calls <= CALLS,
            "M33: nothing has arrived, and one `poll_io` has called {CALLS} times. That a direction is ready is a hint, \
             whether it is new or an event has come: each `WouldBlock` refutes it. If no event has come since that call \
             began, leave the waker, and return Pending. {FIRST}"
        );
        if let Some(result) = self.script(|script| script.results.pop_front()) {
            return result;
        }
        if let Some(step) = self.script(|script| script.meanwhile.pop_front()) {
            step();
        }
        Err(ErrorKind::WouldBlock.into())
    }

    fn poll(&self, waker: &Waker) -> Poll<io::Result<usize>> {
        self.script(|script| script.calls = 0);
        self.direction.poll_io(&mut Context::from_waker(waker), || self.call())
    }

    /// Polls while nothing has arrived. Returns how many calls were made.
    fn waits(&self, waker: &Waker) -> usize {
        assert_pending!(
            self.poll(waker),
            "M27: the call returned `WouldBlock`, or none was made, and `poll_io` is Ready. Nothing has arrived yet: \
             leave the waker, and return Pending. {FIRST}"
        );
        self.script(|script| script.calls)
    }

    /// Polls, and returns how many bytes came.
    fn reads(&self, waker: &Waker) -> Option<usize> {
        match self.poll(waker) {
            Poll::Ready(result) => result.ok(),
            Poll::Pending => None,
        }
    }
}

#[test]
fn a_new_direction_is_tried() {
    let socket = Socket::new();
    socket.arrives([3]);
    assert_eq!(
        socket.reads(Waker::noop()),
        Some(3),
        "M32: a new direction was polled, and 3 bytes were there. `left` is what came. Their event may have come before \
         this direction existed, and does not come again. A new direction is ready: the first call finds out. {FIRST}"
    );
    let socket = Socket::new();
    socket.script(|script| script.results.push_back(Err(ErrorKind::ConnectionReset.into())));
    assert!(
        matches!(
            socket.poll(Waker::noop()),
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset
        ),
        "M27: the call returned the error ConnectionReset, and `poll_io` does not return it. Only `WouldBlock` says \
         that it is too early; each other result is what the task waits for. {FIRST}"
    );
}

#[test]
fn a_direction_that_is_not_ready_is_not_asked() {
    let socket = Socket::new();
    let (counter, waker) = CountingWaker::new();
    let calls: Vec<usize> = (0..4).map(|_| socket.waits(&waker)).collect();
    assert_eq!(
        calls,
        [1, 0, 0, 0],
        "M64: a new direction was polled four times, no event came, and `left` is how many calls each poll made. The \
         first call has returned `WouldBlock`; until `report`, the answer stays the same, and each call is a \
         system call for nothing. Remember that it is not ready. {FIRST}"
    );
    assert_eq!(
        counter.wakes(),
        0,
        "M5: no event has come, and `poll_io` has woken its own task. It is polled again at once, and again: a busy \
         loop. Leave the waker; `report` wakes it. {FIRST}"
    );
}

#[test]
fn an_event_wakes_the_task_and_lets_it_call() {
    let socket = Socket::new();
    for round in 1..=3 {
        let (counter, waker) = CountingWaker::new();
        socket.waits(&waker);
        socket.arrives([3]);
        socket.direction.report();
        assert_woken_once!(
            counter,
            "M1: `poll_io` returned Pending, an event came, and `report` has woken the task `left` times (round \
             {round}). Leave a clone of the waker before you return Pending; `report` takes it out and wakes it. {FIRST}"
        );
        assert_eq!(
            socket.reads(&waker),
            Some(3),
            "M33: an event was reported, and the poll after it has not returned the 3 bytes that came (round {round}). \
             `report` makes the direction ready: call again. {FIRST}"
        );
    }
}

#[test]
fn an_event_lasts_until_a_call_has_refuted_it() {
    let socket = Socket::new();
    socket.waits(Waker::noop());
    socket.arrives([3, 3, 3]);
    socket.direction.report();
    let reads: Vec<_> = (0..3).map(|_| socket.reads(Waker::noop())).collect();
    assert_eq!(
        reads,
        [Some(3); 3],
        "M32: one event was reported, and three calls have something to return. `left` is what three polls returned. A \
         call that succeeds does not say that it took everything, and what is left is not reported again. The \
         direction is ready until a call returns `WouldBlock`. {FIRST}"
    );
    socket.waits(Waker::noop());
    socket.arrives([3, 0]);
    socket.direction.report();
    let reads: Vec<_> = (0..2).map(|_| socket.reads(Waker::noop())).collect();
    assert_eq!(
        reads,
        [Some(3), Some(0)],
        "M32: the last 3 bytes and the end of the stream came with one event. `left` is what two polls returned. No \
         event repeats the end: a task that waits for one waits for ever. {CLOSED}"
    );
    let socket = Socket::new();
    socket.script(|script| script.results.push_back(Err(ErrorKind::Interrupted.into())));
    socket.arrives([3]);
    let reads = (0..2).find_map(|_| socket.reads(Waker::noop()));
    assert_eq!(
        reads,
        Some(3),
        "M32: a call returned an error other than `WouldBlock`, and after that the direction was not called again. Such \
         an error does not say that nothing is there. The direction stays ready. {FIRST}"
    );
}

#[test]
fn several_events_before_a_poll_are_one() {
    for events in 2..=3 {
        let socket = Socket::new();
        let (counter, waker) = CountingWaker::new();
        socket.waits(&waker);
        socket.arrives([3]);
        (0..events).for_each(|_| socket.direction.report());
        assert_eq!(
            (counter.wakes() > 0, socket.reads(&waker)),
            (true, Some(3)),
            "M32: {events} events were reported before the task was polled. `left`: whether it was woken, and what the poll \
             returned. After the first, the direction is ready and no waker is there; the others change neither. {FIRST}"
        );
        assert_eq!(
            [socket.waits(&waker), socket.waits(&waker)],
            [1, 0],
            "M64: {events} events were reported, and what they were about was read. Then two polls made `left` calls. One \
             `WouldBlock` refutes all events that came before the call. {BETWEEN}"
        );
    }
}

#[test]
fn an_event_with_nothing_behind_it_is_waited_out() {
    let socket = Socket::new();
    let (counter, waker) = CountingWaker::new();
    socket.waits(&waker);
    for events in 1..=3 {
        socket.direction.report();
        assert_eq!(
            counter.wakes(),
            events,
            "M33: {events} events came, none had anything behind it, and after each the task was polled and waits again. \
             It was woken `left` times. An event is a hint: after its `WouldBlock` leave the waker again. {FIRST}"
        );
        let calls = [socket.waits(&waker), socket.waits(&waker)];
        assert_eq!(
            calls,
            [1, 0],
            "M33: an event came, and the call after it returned `WouldBlock`. `left` is how many calls the poll made, and \
             the one after it. The event is refuted: the direction is not ready until the next one. {FIRST}"
        );
    }
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let socket = Socket::new();
    let (_, old) = CountingWaker::new();
    let (counter, new) = CountingWaker::new();
    socket.waits(&old);
    socket.waits(&new);
    socket.direction.report();
    assert_woken_once!(
        counter,
        "M3: a direction was polled with one waker, and then with another; the event has woken the second one `left` \
         times. The task may have moved. Put the waker of each poll in place of the one before. Book: Lost \
         wakes, \"Wakers go stale\"."
    );
}

#[test]
fn an_event_during_the_call_is_kept() {
    // A number of events that is kept in a few bits is the same again after so many.
    for (calls, events) in [(1, 1), (2, 1), (3, 1), (1, 2), (1, 256), (1, 1 << 16)] {
        let socket = Socket::new();
        let (counter, waker) = CountingWaker::new();
        for call in 1..=calls {
            let (other, last) = (socket.clone(), call == calls);
            socket.meanwhile(move || {
                other.arrives(last.then_some(3));
                (0..events).for_each(|_| other.direction.report());
            });
        }
        let mut read = socket.reads(&waker);
        // A poll that is Pending may have woken its own task here.
        for wakes in 0..CALLS {
            if read.is_none() && counter.wakes() > wakes {
                read = socket.reads(&waker);
            }
        }
        assert_eq!(
            read,
            Some(3),
            "M32: a call found nothing; then 3 bytes arrived, and {events} event(s) were reported; then the call returned \
             `WouldBlock` (and so did each of {calls} call(s), one after the other). Now the poll is Pending, its task \
             was not woken, and no event will come again. A call refutes only the events that came before it. Take \
             note of those that come during the call, and call again. {BETWEEN}"
        );
    }
}

/// Runs a poll in the middle of which `poll` has an event reported, if it does. Before that, the
/// direction was ready or not.
fn comes(
    is_ready: bool,
    when: &str,
    poll: impl FnOnce(&Socket, &Waker, Step) -> Poll<io::Result<usize>>,
) {
    let socket = Socket::new();
    if !is_ready {
        socket.waits(Waker::noop());
    }
    let (counter, waker) = CountingWaker::new();
    let (other, came) = (socket.clone(), Arc::new(AtomicBool::new(false)));
    let comes = came.clone();
    let step = Box::new(move || {
        comes.store(true, SeqCst);
        other.arrives([3]);
        other.direction.report();
    });
    let polled = poll(&socket, &waker, step);
    if !came.load(SeqCst) {
        return;
    }
    assert!(
        polled.is_ready() || counter.wakes() > 0,
        "M40: a direction that was {} was polled, and {when}, 3 bytes arrived and their event was reported. The poll is \
         Pending, and its task was not woken: `report` has found no waker. Leave the waker in the same step in which \
         you see that the direction is not ready, under one guard. {BETWEEN}",
        if is_ready { "ready" } else { "not ready" }
    );
    if polled.is_pending() {
        assert_ne!(
            socket.reads(&waker),
            None,
            "M32: a direction was polled, and {when}, an event was reported. The poll is Pending, its task was woken, and \
             the next poll has not called: the event is lost. {BETWEEN}"
        );
    }
}

#[test]
fn an_event_at_any_moment_of_a_poll_is_kept() {
    for is_ready in [true, false] {
        comes(is_ready, "while it cloned the waker", |socket, waker, step| {
            let cloned = || {
                assert_eq!(
                    locks_held(),
                    0,
                    "M8: a waker was cloned while the lock was held. The clone of a waker is not your code, and may come \
                     back to this direction. Clone it before you lock. {LOCK}"
                );
                step();
            };
            socket.poll(&HookWaker::new(waker).on_clone(cloned).waker())
        });
        for moment in 0.. {
            let came = Cell::new(false);
            let when = format!(
                "just {} the lock number {} that `poll_io` takes",
                if moment % 2 == 0 { "before" } else { "after" },
                moment / 2 + 1
            );
            comes(is_ready, &when, |socket, waker, step| {
                let mut polled = Poll::Pending;
                came.set(come_between(moment, step, || polled = socket.poll(waker)));
                polled
            });
            if !came.get() {
                break;
            }
        }
    }
}

/// Has an event reported while a task waits, and the task polled in the middle of `report`, as another
/// thread would.
fn polled_during(when: &str, report: impl FnOnce(&Socket, Step)) {
    let socket = Socket::new();
    let (counter, waker) = CountingWaker::new();
    let polled = Arc::new(Mutex::new(None));
    let (other, result) = (socket.clone(), polled.clone());
    let step = Box::new(move || {
        let read = other.poll(&waker).map(|read| read.is_ok());
        *result.lock().expect("this does not panic") = Some(read);
    });
    report(&socket, step);
    let polled = polled.lock().expect("this does not panic").take();
    assert!(
        polled != Some(Poll::Pending) || counter.wakes() > 0,
        "M15: 3 bytes had arrived, and {when}, another thread polled the task. It has found the direction not ready, and \
         was not woken after that: it waits for an event that has been reported. Make the direction ready before you \
         wake, and take the waker out under the same guard. Book: Lost wakes, \"Pending is a promise\"."
    );
}

#[test]
fn a_poll_in_the_middle_of_report_finds_the_event() {
    polled_during("while `report` woke it", |socket, step| {
        let hooked = HookWaker::new(Waker::noop()).on_wake(move || {
            assert_eq!(
                locks_held(),
                0,
                "M8: `report` holds the lock while it wakes the task. A wake may poll the task at once, on this thread or \
                 another one, and its poll waits for the lock. Take the waker out, give the lock back, then wake. {LOCK}"
            );
            step();
        });
        socket.waits(&hooked.waker());
        socket.arrives([3]);
        socket.direction.report();
    });
    for moment in 0.. {
        let came = Cell::new(false);
        let when = format!(
            "just {} the lock number {} that `report` takes",
            if moment % 2 == 0 { "before" } else { "after" },
            moment / 2 + 1
        );
        polled_during(&when, |socket, step| {
            socket.waits(Waker::noop());
            socket.arrives([3]);
            came.set(come_between(moment, step, || socket.direction.report()));
        });
        if !came.get() {
            break;
        }
    }
}

#[test]
fn the_lock_is_free_while_wakers_run() {
    let seen: Arc<Mutex<Vec<&str>>> = Arc::default();
    let note = |what| {
        let seen = seen.clone();
        move || {
            if locks_held() > 0 {
                seen.lock().expect("a push does not panic").push(what);
            }
        }
    };
    let waker = || {
        let waker = HookWaker::new(Waker::noop()).on_wake(note("a wake"));
        waker.on_clone(note("the clone of a waker")).on_drop(note("the drop of a waker")).waker()
    };
    let socket = Socket::new();
    // Each sees the first drop of its own waker: that of the clone in the direction.
    let wakers = [waker(), waker(), waker()];
    wakers.iter().for_each(|waker| _ = socket.waits(waker));
    socket.direction.report();
    let seen = seen.lock().expect("a push does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while the lock was held: {seen:?}. It is not your code, and may come back to this direction: a \
         task that is polled at once, or dropped. It waits for the lock that you hold, for ever. Clone a waker before \
         you lock. To wake or drop one, take it out, and give the lock back first. {LOCK}"
    );
}
