//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use exercise::{Reactor, Source};
use testkit::{
    CountingWaker, FakePoller, HookWaker, Readiness, Trigger, assert_pending, assert_woken_once,
    come_between, locks_held,
};

const PARKED: &str = "Book: Where the reactor sits, \"Parked in the poller\".";
const SLAB: &str = "Book: Where the reactor sits, \"A slab of wakers\".";
const REQUEST: &str =
    "Book: Where the reactor sits, \"One request, from socket to task and back\".";

/// More calls than any poll that returns.
const CALLS: usize = 20;

/// What happens in the middle of a call.
type Step = Box<dyn FnOnce() + Send>;

/// A registered socket, whose data the test sends.
struct Socket {
    source: Source,
    wire: Wire,
}

/// The other end. Clones are the same.
#[derive(Clone)]
struct Wire {
    poller: FakePoller,
    key: usize,
    has_data: Arc<AtomicBool>,
    /// Of the poll that runs.
    calls: Arc<AtomicUsize>,
    /// Happens in the next call, after that has found nothing.
    meanwhile: Arc<Mutex<Option<Step>>>,
}

impl Wire {
    /// Data arrives, and the poller reports it, once.
    fn sends(&self) {
        self.has_data.store(true, SeqCst);
        self.poller.edge(self.key, Readiness::READABLE);
    }

    /// The call, as a socket in non-blocking mode answers it.
    fn read(&self) -> io::Result<()> {
        assert_eq!(
            locks_held(),
            0,
            "M57: `poll_readable` holds the lock while it calls. No other task can poll, and `turn` wakes no task, \
             until this call is over. Give the lock back before you call. {SLAB}"
        );
        let calls = self.calls.fetch_add(1, SeqCst);
        assert!(
            calls < CALLS,
            "M64: nothing has arrived, and one `poll_readable` has called {CALLS} times. It keeps its whole thread, \
             and every task on it, waiting. Leave the waker, and return Pending. {REQUEST}"
        );
        if self.has_data.swap(false, SeqCst) {
            return Ok(());
        }
        let meanwhile = self.meanwhile.lock().expect("a take does not panic").take();
        if let Some(step) = meanwhile {
            step();
        }
        Err(ErrorKind::WouldBlock.into())
    }
}

impl Socket {
    fn poll(&self, waker: &Waker) -> Poll<io::Result<()>> {
        self.wire.calls.store(0, SeqCst);
        self.source.poll_readable(&mut Context::from_waker(waker), || self.wire.read())
    }

    /// Polls while nothing has arrived.
    fn waits(&self, waker: &Waker) {
        assert_pending!(
            self.poll(waker),
            "M27: the call returned `WouldBlock`, and `poll_readable` is Ready. It says that nothing has arrived yet: \
             leave the waker, and return Pending. {REQUEST}"
        );
    }

    /// Polls when something has arrived.
    fn reads(&self, waker: &Waker) {
        assert!(
            matches!(self.poll(waker), Poll::Ready(Ok(()))),
            "M32: data has arrived before the poll, and `poll_readable` does not return it. Its event may have come \
             already, and does not come again. Call first, and wait only after `WouldBlock`. {REQUEST}"
        );
    }
}

/// A poller, and a reactor without sources.
fn start() -> (FakePoller, Arc<Reactor>) {
    let poller = FakePoller::new(Trigger::Edge);
    (poller.clone(), Reactor::new(poller))
}

fn socket(poller: &FakePoller, reactor: &Arc<Reactor>) -> Socket {
    let source = reactor.register().unwrap_or_else(|error| {
        panic!(
            "M35: `register` has returned an error: {error}. The poller refuses a key that is registered already. Give \
             each source a key that no other has, or has had. {SLAB}"
        )
    });
    let poller = poller.clone();
    assert!(
        poller.interest(source.key()).is_some_and(|interest| interest.readable),
        "M67: `register` has returned a source, and the poller does not watch its key, {}, for reading. No event will \
         ever come. Register the key with the poller, as `Interest::READABLE`. {SLAB}",
        source.key()
    );
    let wire = Wire {
        poller,
        key: source.key(),
        has_data: Arc::default(),
        calls: Arc::default(),
        meanwhile: Arc::default(),
    };
    Socket { source, wire }
}

/// Something has been reported: wakes those that wait for it.
fn turn(reactor: &Reactor) {
    let turned = reactor.turn();
    assert!(
        turned.is_ok(),
        "M70: one event had been reported, and `turn` has waited for another one, which never comes. Call `poll` once \
         in a turn, and wake the tasks that wait for what it returns. {PARKED}"
    );
}

#[test]
fn what_can_be_read_is_read_at_once() {
    let (poller, reactor) = start();
    let socket = socket(&poller, &reactor);
    socket.wire.has_data.store(true, SeqCst);
    socket.reads(Waker::noop());
    let mut cx = Context::from_waker(Waker::noop());
    let refused = || io::Result::<()>::Err(ErrorKind::ConnectionReset.into());
    assert!(
        matches!(
            socket.source.poll_readable(&mut cx, refused),
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset
        ),
        "M27: the call returned the error ConnectionReset, and `poll_readable` does not return it. Only `WouldBlock` \
         says that it is too early; each other result is what the task waits for. {REQUEST}"
    );
}

#[test]
fn an_event_wakes_the_task_that_waits() {
    let (poller, reactor) = start();
    let socket = socket(&poller, &reactor);
    for round in 1..=3 {
        let (counter, waker) = CountingWaker::new();
        socket.waits(&waker);
        assert_eq!(
            counter.wakes(),
            0,
            "M5: nothing has arrived, and `poll_readable` has woken its own task. It is polled again at once, and again: \
             a busy loop. Leave the waker; `turn` wakes it when the poller reports the key. {REQUEST}"
        );
        socket.wire.sends();
        turn(&reactor);
        assert_woken_once!(
            counter,
            "M1: the task waits for key {}, the poller has reported that, and `turn` has woken the task `left` times \
             (round {round}). `poll_readable` leaves a clone of the waker under its key before it returns Pending, \
             and `turn` takes it from there. {SLAB}",
            socket.wire.key
        );
        socket.reads(&waker);
    }
}

#[test]
fn a_turn_waits_once() {
    let (poller, reactor) = start();
    let socket = socket(&poller, &reactor);
    let (counter, waker) = CountingWaker::new();
    socket.waits(&waker);
    let wire = socket.wire.clone();
    poller.later(move || {
        assert_eq!(
            locks_held(),
            0,
            "M57: `turn` holds the lock while the poller waits. No source can be registered or polled until an event \
             comes, and the event may depend on that. Lock after `poll` has returned. {PARKED}"
        );
        wire.sends();
    });
    poller.later(|| {
        panic!(
            "M70: the poller has reported an event, and `turn` has waited for another one before it returned. What it \
             has woken cannot run meanwhile, for this is the executor's thread. Call `poll` once in a turn. {PARKED}"
        )
    });
    turn(&reactor);
    assert_woken_once!(
        counter,
        "M64: nothing had been reported when `turn` was called, and it has returned before an event came. Called \
         again and again, it keeps a processor busy. `poll` waits; `poll_now` doesn't. {PARKED}"
    );
}

#[test]
fn a_turn_wakes_those_that_are_reported() {
    let (poller, reactor) = start();
    let sockets: Vec<Socket> = (0..4).map(|_| socket(&poller, &reactor)).collect();
    let (counters, wakers): (Vec<_>, Vec<_>) = (0..4).map(|_| CountingWaker::new()).unzip();
    for (socket, waker) in sockets.iter().zip(&wakers) {
        socket.waits(waker);
    }
    sockets[1].wire.sends();
    sockets[2].wire.sends();
    turn(&reactor);
    let wakes: Vec<usize> = counters.iter().map(|counter| counter.wakes()).collect();
    assert_eq!(
        wakes,
        [0, 1, 1, 0],
        "M79: four tasks wait for a source each, the poller has reported the second and the third in one list, and \
         `left` is how often each task was woken by one `turn`. Go through the whole list, and wake the task \
         that waits for the event's `token`, and no other. {SLAB}"
    );
    assert_eq!(
        reactor.len(),
        4,
        "M72: four sources are registered. This is what `len` returned. {SLAB}"
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let (poller, reactor) = start();
    let socket = socket(&poller, &reactor);
    let (_, old) = CountingWaker::new();
    let (counter, new) = CountingWaker::new();
    socket.waits(&old);
    socket.waits(&new);
    socket.wire.sends();
    turn(&reactor);
    assert_woken_once!(
        counter,
        "M3: a source was polled with one waker, and then with another; the event has woken the second one `left` \
         times. The task may have moved. Put the waker of each poll in place of the one before. Book: Lost \
         wakes, \"Wakers go stale\"."
    );
}

#[test]
fn an_event_with_nothing_behind_it_is_waited_out() {
    let (poller, reactor) = start();
    let socket = socket(&poller, &reactor);
    let (counter, waker) = CountingWaker::new();
    socket.waits(&waker);
    for wakes in 1..=3 {
        poller.edge(socket.wire.key, Readiness::READABLE);
        turn(&reactor);
        assert_eq!(
            counter.wakes(),
            wakes,
            "M33: {wakes} events came, none had data behind it, and each time the task was polled and waits again. It was \
             woken `left` times. An event is a hint: after `WouldBlock` leave the waker again. {REQUEST}"
        );
        socket.waits(&waker);
    }
}

/// Polls, and has data arrive in the middle of it, where `poll` runs the step; if it does.
fn arrives(when: &str, poll: impl FnOnce(&Socket, &Waker, Step) -> Poll<io::Result<()>>) {
    let (poller, reactor) = start();
    let socket = socket(&poller, &reactor);
    let (counter, waker) = CountingWaker::new();
    let (wire, turns) = (socket.wire.clone(), reactor.clone());
    let arrived = Arc::new(AtomicBool::new(false));
    let arrives = arrived.clone();
    let step = Box::new(move || {
        arrives.store(true, SeqCst);
        wire.sends();
        turn(&turns);
    });
    let polled = poll(&socket, &waker, step);
    if !arrived.load(SeqCst) {
        return;
    }
    assert!(
        polled.is_ready() || counter.wakes() > 0,
        "M40: {when}, data arrived, and another thread's `turn` took the event. The poll is Pending, and its task was \
         not woken: `turn` has found no waker, and the event does not come again. Leave the waker, and only then \
         make the call whose `WouldBlock` you believe. {SLAB}"
    );
    if polled.is_pending() {
        socket.reads(&waker);
    }
}

#[test]
fn an_event_during_a_poll_is_noticed() {
    arrives("after the call had found nothing, and before it returned", |socket, waker, step| {
        *socket.wire.meanwhile.lock().expect("a take does not panic") = Some(step);
        socket.poll(waker)
    });
    arrives("while `poll_readable` cloned the waker", |socket, waker, step| {
        let cloned = || {
            assert_eq!(
                locks_held(),
                0,
                "M8: a waker was cloned while the lock was held. The clone of a waker is not your code, and may come back \
                 to this reactor. Clone it before you lock. Book: Lost wakes, \"Nothing under the lock\"."
            );
            step();
        };
        socket.poll(&HookWaker::new(waker).on_clone(cloned).waker())
    });
    for moment in 0.. {
        let came = Cell::new(false);
        let when = format!(
            "just {} the lock number {} that `poll_readable` takes",
            if moment % 2 == 0 { "before" } else { "after" },
            moment / 2 + 1
        );
        arrives(&when, |socket, waker, step| {
            let mut polled = Poll::Pending;
            came.set(come_between(moment, step, || polled = socket.poll(waker)));
            polled
        });
        if !came.get() {
            break;
        }
    }
}

#[test]
fn a_dropped_source_leaves_nothing_behind() {
    let (poller, reactor) = start();
    let kept = socket(&poller, &reactor);
    for _ in 0..3 {
        let socket = socket(&poller, &reactor);
        let (counter, waker) = CountingWaker::new();
        socket.waits(&waker);
        drop(socket);
        assert_eq!(
            poller.registered(),
            [kept.wire.key],
            "M36: a source was dropped, and `left` are the keys that the poller still watches; `right` is that of the \
             source that is left. `drop` deregisters its key. {SLAB}"
        );
        assert_eq!(
            reactor.len(),
            1,
            "M36: of two sources one was dropped, and `len` returns `left`. `drop` takes its key out of the reactor: \
             otherwise a server grows with every connection it has ever had. {SLAB}"
        );
        assert_eq!(
            counter.live(),
            1,
            "M36: a source was dropped while its task was waiting, and the reactor still holds that task's waker, and \
             with it the task. `drop` takes the waker out as well. {SLAB}"
        );
    }
    drop(kept);
    assert_eq!(
        (poller.registered().len(), reactor.len()),
        (0, 0),
        "M36: all sources were dropped. {SLAB}"
    );
}

#[test]
fn a_late_event_wakes_nobody() {
    let (poller, reactor) = start();
    let first = socket(&poller, &reactor);
    let old = first.wire.key;
    drop(first);
    let keys: Vec<usize> = (0..3).map(|_| socket(&poller, &reactor).wire.key).collect();
    assert!(
        !keys.contains(&old),
        "M35: a source with key {old} was dropped, and those that were registered after it got the keys {keys:?}. An \
         event for the old one may still be on its way, and reaches the new one. Count on, or make a generation \
         a part of the key. {SLAB}"
    );
    for moment in 0.. {
        let (poller, reactor) = start();
        let old = socket(&poller, &reactor);
        old.waits(Waker::noop());
        old.wire.sends();
        let old = Rc::new(Cell::new(Some(old)));
        let new = Rc::new(Cell::new(None));
        let (counter, waker) = CountingWaker::new();
        let (drops, keeps, registers) = (old.clone(), new.clone(), reactor.clone());
        let other = move || {
            drop(drops.take());
            let socket = socket(&poller, &registers);
            socket.waits(&waker);
            keeps.set(Some(socket));
        };
        let came = come_between(moment, other, || turn(&reactor));
        assert_eq!(
            counter.wakes(),
            0,
            "M35: `turn` had the event of a source in its hands. Then another thread dropped that source, and \
             registered and polled a new one, whose task was woken by the old event. A key names one source, and \
             never another one. {SLAB}"
        );
        if !came {
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
    let (poller, reactor) = start();
    let one = socket(&poller, &reactor);
    let two = socket(&poller, &reactor);
    // Each sees the first drop of its own waker: that of the clone in the reactor.
    let wakers = [waker(), waker(), waker()];
    one.waits(&wakers[0]);
    one.waits(&wakers[1]);
    two.waits(&wakers[2]);
    two.wire.sends();
    turn(&reactor);
    drop(one);
    let seen = seen.lock().expect("a push does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while the lock was held: {seen:?}. It is not your code, and may come back to this reactor: a \
         task that is polled at once, or dropped, polls or drops sources. It waits for the lock that you hold, \
         for ever. Clone a waker before you lock. To wake or drop one, take it out, and give the lock back first: a \
         guard that has no name lives until the end of its statement. Book: Lost wakes, \"Nothing under the lock\"."
    );
}
