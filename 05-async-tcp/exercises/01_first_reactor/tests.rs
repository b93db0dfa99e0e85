//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use exercise::{Reactor, Source};
use testkit::{
    CountingWaker, FakePoller, HookWaker, Interest, Readiness, Registration, Trigger,
    WouldWaitForEver, come_between, locks_held, watchdog,
};

const PARKED: &str = "Book: Where the reactor sits, \"Parked in the poller\".";
const SLAB: &str = "Book: Where the reactor sits, \"A slab of wakers\".";
const REQUEST: &str =
    "Book: Where the reactor sits, \"One request, from socket to task and back\".";
const HINT: &str = "Book: Edges and levels, \"Readiness is a hint\".";
const BETWEEN: &str = "Book: Lost wakes, \"Between the look and the promise\".";
const LOCK: &str = "Book: A pool, \"How long is a lock held\".";
const CONTRACT: &str = "Book: The life of one wake, \"The contract of poll\".";

/// More calls than any test makes of one socket.
const RESTLESS: usize = 100;

/// More moments than any poll that returns.
const MOMENTS: usize = 200;

fn start() -> (FakePoller, Arc<Reactor>) {
    let poller = FakePoller::new(Trigger::Edge);
    (poller.clone(), Reactor::new(poller))
}

/// A source, with the socket behind it.
struct Client {
    source: Source,
    socket: Socket,
}

/// A socket by script. Its clones are the same.
#[derive(Clone)]
struct Socket {
    poller: FakePoller,
    token: usize,
    bytes: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
}

/// Registers one more.
fn connect(poller: &FakePoller, reactor: &Arc<Reactor>) -> Client {
    let before = poller.registrations().len();
    let source = reactor.register().unwrap_or_else(|error| {
        panic!(
            "M79: the poller has refused a registration: {error}. An event comes with a token, and with nothing \
             else: each source needs its own. {SLAB}"
        )
    });
    let registrations = poller.registrations().split_off(before);
    let &[Registration::Register(token, Interest::READABLE)] = &registrations[..] else {
        panic!(
            "M67: `register` was called, and these are the registrations that the poller has seen: \
             {registrations:?}. Register the source with it, once, for `Interest::READABLE`: it reports nothing \
             that it was not asked for. {PARKED}"
        );
    };
    let (bytes, calls) = Default::default();
    Client { source, socket: Socket { poller: poller.clone(), token, bytes, calls } }
}

impl Socket {
    /// Bytes come, and an edge is there for the next poll of the poller.
    fn arrive(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, SeqCst);
        self.poller.set_readable(self.token, self.bytes.load(SeqCst) > 0);
        self.poller.edge(self.token, Readiness::READABLE);
    }

    fn read(&self) -> io::Result<usize> {
        assert_eq!(
            locks_held(),
            0,
            "M57: a call was made while the lock was held. It is a system call, and all other tasks and the \
             reactor's thread wait for the lock until it returns. Drop the guard, and then call. {LOCK}"
        );
        let calls = self.calls.fetch_add(1, SeqCst);
        assert!(
            calls < RESTLESS,
            "M26: {RESTLESS} calls were made, most of them returned `WouldBlock`, and `poll_io` has not \
             returned. A poll that waits keeps its thread, and all tasks on it. If the call returns `WouldBlock` and \
             the waker is in the reactor, return Pending. {CONTRACT}"
        );
        self.poller.set_readable(self.token, false);
        match self.bytes.swap(0, SeqCst) {
            0 => Err(ErrorKind::WouldBlock.into()),
            n => Ok(n),
        }
    }
}

type Polled = Poll<Result<usize, ErrorKind>>;

impl Client {
    /// Polls once. A poll that waits does not return: nothing happens until it does.
    fn poll(&mut self, waker: &Waker) -> Polled {
        let _guard = watchdog(
            "`poll_io` has not returned, and nothing happens until it does. Do not wait in a poll: leave the \
             waker, and return Pending.",
        );
        let gives_up = || {
            panic!(
                "M26: `poll_io` has taken the lock {} times and has not returned. No event comes until it does. \
                 A poll that waits keeps its thread, and all tasks on it. Leave the waker, and return Pending. \
                 {CONTRACT}",
                MOMENTS / 2
            )
        };
        let mut polled = None;
        come_between(MOMENTS, gives_up, || polled = Some(self.poll_unwatched(waker)));
        polled.expect("come_between runs its body")
    }

    fn poll_unwatched(&mut self, waker: &Waker) -> Polled {
        let socket = &self.socket;
        poll_call(&mut self.source, waker, || socket.read())
    }
}

fn poll_call(
    source: &mut Source,
    waker: &Waker,
    call: impl FnMut() -> io::Result<usize>,
) -> Polled {
    let polled = source.poll_io(&mut Context::from_waker(waker), call);
    polled.map(|result| result.map_err(|error| error.kind()))
}

#[test]
fn each_source_is_registered_under_a_token_of_its_own() {
    let (poller, reactor) = start();
    let _clients = [(); 3].map(|()| connect(&poller, &reactor));
    assert_eq!(
        reactor.registered(),
        3,
        "Three sources were registered; `left` is what `registered` returned. {SLAB}"
    );
}

#[test]
fn the_call_comes_first() {
    let (poller, reactor) = start();
    let mut client = connect(&poller, &reactor);
    client.socket.arrive(5);
    assert_eq!(
        client.poll(Waker::noop()),
        Poll::Ready(Ok(5)),
        "M59: a source is polled whose socket has 5 bytes already, and `turn` has not been called yet. `left` is \
         what `poll_io` returned. Make the call before you wait for anything. {REQUEST}"
    );
    let error = ErrorKind::ConnectionReset;
    assert_eq!(
        poll_call(&mut client.source, Waker::noop(), || Err(error.into())),
        Poll::Ready(Err(error)),
        "M27: a call has failed with `right`, and `left` is what `poll_io` returned. Only `WouldBlock` says that \
         there is nothing yet. Return every other result to the task. {REQUEST}"
    );
}

#[test]
fn a_call_that_would_block_makes_the_task_wait() {
    let (poller, reactor) = start();
    let (counter, waker) = CountingWaker::new();
    let mut client = connect(&poller, &reactor);
    poller.later(|| {
        panic!(
            "M26: `poll_io` has polled the poller. There it sleeps until an event comes, and all other tasks of \
             its thread wait with it. Leave the waker, and return Pending: the thread that calls `turn` is the \
             one that sleeps. {PARKED}"
        )
    });
    let polled = client.poll(&waker);
    assert_eq!(
        polled,
        Poll::Pending,
        "M27: all calls have returned `WouldBlock`, and `left` is what `poll_io` returned. To the task this is \
         neither an error nor a result: there is nothing yet. Return Pending. {REQUEST}"
    );
    assert!(
        counter.live() > 1,
        "M1: `poll_io` has returned Pending, and no clone of its waker is kept. Without one, `turn` has no task to \
         wake. Keep a clone of `cx.waker()` where `turn` finds it by the token of the source. {CONTRACT}"
    );
    assert_eq!(
        counter.wakes(),
        0,
        "M5: `poll_io` has returned Pending, no event has come, and the task was woken `left` times. It is \
         polled again at once, for nothing, and keeps a processor busy. Leave the wake to `turn`. Book: The life \
         of one wake, \"Asking again is not waiting\"."
    );
}

#[test]
fn a_turn_wakes_the_task_whose_source_was_reported() {
    let (poller, reactor) = start();
    let (counter, waker) = CountingWaker::new();
    let mut client = connect(&poller, &reactor);
    let _ = client.poll(&waker);
    client.socket.arrive(5);
    let _ = reactor.turn();
    assert_eq!(
        counter.wakes(),
        1,
        "M74: a task waits for a source, which the poller reports. After `turn`, the task was woken `left` \
         times. Poll the poller, find the waker by the token of the event, and wake it. {REQUEST}"
    );
    let polled = client.poll(&waker);
    assert_eq!(
        polled,
        Poll::Ready(Ok(5)),
        "5 bytes came; `left` is what `poll_io` returned. {REQUEST}"
    );
}

#[test]
fn a_turn_wakes_all_that_were_reported_and_no_others() {
    let (poller, reactor) = start();
    let counters = [(); 4].map(|()| CountingWaker::new());
    let mut clients = [(); 4].map(|()| connect(&poller, &reactor));
    for (client, (_, waker)) in clients.iter_mut().zip(&counters) {
        let _ = client.poll(waker);
    }
    clients[1].socket.arrive(5);
    clients[3].socket.arrive(5);
    let _ = reactor.turn();
    let woken = counters.map(|(counter, _)| counter.wakes());
    assert!(
        woken[1] == 1 && woken[3] == 1,
        "M32: four tasks wait, each for its own source. One poll of the poller has reported the second and the \
         fourth. After `turn` the tasks have been woken this many times: {woken:?}. One poll may return several \
         events, and no edge comes twice: wake the task of each. {REQUEST}"
    );
    assert!(
        woken[0] == 0 && woken[2] == 0,
        "M79: four tasks wait, each for its own source. One poll of the poller has reported the second and the \
         fourth. After `turn` the tasks have been woken this many times: {woken:?}. With a thousand sources, a \
         turn that wakes all makes a thousand calls for one event. Wake those whose token was reported. {SLAB}"
    );
}

#[test]
fn a_turn_polls_once() {
    let (poller, reactor) = start();
    let (counter, waker) = CountingWaker::new();
    let mut client = connect(&poller, &reactor);
    let _ = client.poll(&waker);
    client.socket.arrive(5);
    poller.later(|| {
        panic!(
            "M70: `turn` got events from the poller, and has polled it again. There it sleeps, while the tasks \
             that it has woken wait to be polled. Poll once, wake, and return. {PARKED}"
        )
    });
    assert_eq!(
        (reactor.turn(), counter.wakes()),
        (Ok(()), 1),
        "A task waits for a source, which the poller reports; `left` is what `turn` returned, and how often the \
         task was woken. {REQUEST}"
    );
    let (_, reactor) = start();
    let _guard = watchdog(
        "the poller has returned an error, and `turn` has not returned. Return the error.",
    );
    assert_eq!(
        reactor.turn(),
        Err(WouldWaitForEver),
        "M64: nothing is ready, and nothing will be; `left` is what `turn` returned. Call `poll`, which sleeps \
         until something is ready, and returns an error where a real poller would sleep for good: return that \
         error. A turn that does not sleep is called again at once, and keeps a processor busy. {PARKED}"
    );
}

#[test]
fn an_event_with_nothing_behind_it_leaves_the_task_waiting() {
    let (poller, reactor) = start();
    let (counter, waker) = CountingWaker::new();
    let mut client = connect(&poller, &reactor);
    for event in 1..=2 {
        let polled = client.poll(&waker);
        assert!(
            polled.is_pending() && counter.live() > 1,
            "M33: poll number {event} found nothing, like all before it. It returned {polled:?}, and {} clones \
             of its waker are kept. An event is a hint: if the call after it returns `WouldBlock`, wait as after \
             the first one, with the waker in the reactor. {HINT}",
            counter.live() - 1
        );
        client.socket.arrive(0);
        let _ = reactor.turn();
        assert_eq!(
            counter.wakes(),
            event,
            "M33: {event} event(s) came, each with nothing behind it; `left` is how often the task was woken. \
             Wake it for each: only the call finds out whether there is something. {HINT}"
        );
    }
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let (poller, reactor) = start();
    let (old, old_waker) = CountingWaker::new();
    let (new, new_waker) = CountingWaker::new();
    let mut client = connect(&poller, &reactor);
    let _ = client.poll(&old_waker);
    let _ = client.poll(&new_waker);
    client.socket.arrive(5);
    let _ = reactor.turn();
    assert_eq!(
        (old.wakes(), new.wakes()),
        (0, 1),
        "M3: a source was polled by one task, then by another one: the socket has moved. An event came, and \
         `left` is how often each of them was woken. Each poll that returns Pending leaves its waker, in place \
         of the one before. Book: Lost wakes, \"Wakers go stale\"."
    );
}

#[test]
fn an_event_between_the_call_and_the_waker_is_not_lost() {
    let (poller, reactor) = start();
    let (counter, waker) = CountingWaker::new();
    let mut client = connect(&poller, &reactor);
    let socket = client.socket.clone();
    let mut arrives = true;
    let polled = poll_call(&mut client.source, &waker, || {
        let result = socket.read();
        if arrives {
            socket.arrive(5);
            let _ = reactor.turn();
        }
        arrives = false;
        result
    });
    let _ = reactor.turn();
    assert!(
        polled.is_ready() || counter.wakes() > 0,
        "M40: a call returned `WouldBlock`. Before the poll had left its waker, 5 bytes came, and the reactor's \
         thread called `turn`, which found no waker. The poll returned {polled:?}, the edge is used up, and \
         the task waits for good. When the waker is there, look again: make the call once more. Or let `turn` \
         note that an event has come. {BETWEEN}"
    );
}

#[test]
fn an_event_at_any_other_moment_is_not_lost() {
    for earlier_polls in [0, 1] {
        for moment in 0.. {
            let (poller, reactor) = start();
            let (counter, waker) = CountingWaker::new();
            let mut client = connect(&poller, &reactor);
            for _ in 0..earlier_polls {
                let _ = client.poll(Waker::noop());
            }
            let (socket, shared) = (client.socket.clone(), reactor.clone());
            let turns = move || {
                socket.arrive(5);
                let _ = shared.turn();
            };
            let mut polled = Poll::Pending;
            if !come_between(moment, turns, || polled = client.poll_unwatched(&waker)) {
                break;
            }
            let _ = reactor.turn();
            assert!(
                polled.is_ready() || counter.wakes() > 0,
                "M40: just {} the lock number {} of a poll, 5 bytes came, and the reactor's thread called \
                 `turn`. The poll returned Pending, and its waker was not woken: the edge is used up, and the \
                 task waits for good. The last look comes after the waker is there: call once more, or look \
                 under the same guard whether `turn` has noted an event. {BETWEEN}",
                if moment.is_multiple_of(2) { "before" } else { "after" },
                moment / 2 + 1
            );
        }
    }
}

#[test]
fn a_task_that_is_polled_during_its_wake_is_not_lost() {
    let (poller, reactor) = start();
    let (counter, inner) = CountingWaker::new();
    let client = connect(&poller, &reactor);
    let socket = client.socket.clone();
    let client = Arc::new(Mutex::new(client));
    let polls = client.clone();
    let waker = HookWaker::new(Waker::noop()).on_wake(move || {
        // Under the lock it could not poll: that is judged by the last test.
        if locks_held() == 0 {
            let _ = polls.lock().expect("no poll panics").poll_unwatched(&inner);
        }
    });
    let _ = client.lock().expect("no poll panics").poll(&waker.waker());
    for _ in 0..2 {
        socket.arrive(0);
        let _ = reactor.turn();
    }
    assert!(
        counter.wakes() > 0 || counter.clones() == 0,
        "M15: `turn` woke a task, and another thread polled it at once, before `turn` had returned. It found \
         nothing and left its waker again. Then the next event came, and the task was woken {} times: it waits \
         for good. First take the waker out of the reactor, then wake it, and do not touch the source again: what is \
         there now was left after the wake. {REQUEST}",
        counter.wakes()
    );
}

#[test]
fn a_dropped_source_leaves_nothing_behind() {
    let (poller, reactor) = start();
    let (counter, waker) = CountingWaker::new();
    let mut clients = [(); 3].map(|()| connect(&poller, &reactor));
    let _ = clients[0].poll(&waker);
    let kept = clients[1].socket.token;
    let [first, second, third] = clients;
    drop((first, third));
    assert_eq!(
        poller.registered(),
        [kept],
        "M36: of three sources the first and the third were dropped. `right` is the token of the other one, \
         `left` those that the poller still watches. Deregister a source when it is dropped, or the poller keeps \
         reporting it. {SLAB}"
    );
    assert_eq!(
        reactor.registered(),
        1,
        "M36: of three sources two were dropped, and `left` is what `registered` returned. What the reactor \
         keeps of a source goes with it: otherwise a server that has served a million clients keeps a million \
         entries. {SLAB}"
    );
    assert_eq!(
        counter.live() - 1,
        0,
        "M36: a source was dropped while its task waited, and `left` is how many clones of the task's waker are \
         still kept. A waker keeps its task in memory. {SLAB}"
    );
    drop(second);
}

#[test]
fn a_late_event_wakes_no_other_task() {
    for moment in 0.. {
        let (poller, reactor) = start();
        let (counter, waker) = CountingWaker::new();
        let mut first = connect(&poller, &reactor);
        let _ = first.poll(Waker::noop());
        first.socket.arrive(5);
        let second = Arc::new(Mutex::new(None));
        let (kept, shared) = (second.clone(), reactor.clone());
        let other = move || {
            drop(first);
            let mut second = connect(&poller, &shared);
            let _ = second.poll_unwatched(&waker);
            *kept.lock().expect("an assignment does not panic") = Some(second);
        };
        // On a thread of its own, so that the words of a panic in `turn` are not the test's.
        let turns = move || come_between(moment, other, || _ = reactor.turn());
        let Ok(came) = thread::spawn(turns).join() else {
            panic!(
                "M35: the poller has returned an event, and before `turn` had the lock, its source was dropped. \
                 `turn` has panicked. Such an event is late, not a mistake: if nothing is registered under its \
                 token, ignore it. {SLAB}"
            )
        };
        assert_eq!(
            counter.wakes(),
            0,
            "M35: the poller has returned an event. Before `turn` had the lock, the source of the event was \
             dropped, and a new one was registered. The task of the new source was woken `left` times, by an \
             event that is not about it. A token must not name two sources, one after the other: give no number \
             twice, or make a generation a part of it. {SLAB}"
        );
        if !came {
            break;
        }
    }
}

#[test]
fn the_lock_is_free_while_the_poller_polls() {
    let (poller, reactor) = start();
    let (counter, waker) = CountingWaker::new();
    let (new, shared) = (poller.clone(), reactor.clone());
    let second = Arc::new(Mutex::new(None));
    let kept = second.clone();
    poller.later(move || {
        assert_eq!(
            locks_held(),
            0,
            "M57: `turn` has polled the poller while it held the lock. The poller sleeps until an event comes, \
             and until then no task can leave its waker, and no source can be registered. Poll first, then lock. \
             {PARKED}"
        );
        let mut client = connect(&new, &shared);
        let _ = client.poll_unwatched(&waker);
        client.socket.arrive(5);
        *kept.lock().expect("an assignment does not panic") = Some(client);
    });
    let _ = reactor.turn();
    assert_eq!(
        counter.wakes(),
        1,
        "M2: while `turn` slept in the poller, a source was registered, its task began to wait, and its event \
         ended the sleep. The task was woken `left` times. Look up the wakers after the poll, not before it. \
         {REQUEST}"
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
    let (poller, reactor) = start();
    // Each sees the first drop of its own waker: that of the clone in the reactor.
    let wakers = [waker(), waker(), waker()];
    let mut client = connect(&poller, &reactor);
    for waker in &wakers[..2] {
        let _ = client.poll(waker);
    }
    client.socket.arrive(5);
    let _ = reactor.turn();
    let _ = client.poll(Waker::noop());
    let _ = client.poll(&wakers[2]);
    drop(client);
    let seen = seen.lock().expect("an insert does not panic");
    assert!(
        seen.is_empty(),
        "M8: this ran while the lock was held: {seen:?}. It is not your code: it may register a source, drop \
         one, or poll one. Then it waits for the lock that you hold, for ever. Clone a waker before you lock. To \
         wake or drop one, take it out and drop the guard first. Book: Lost wakes, \"Nothing under the lock\"."
    );
}
