//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use exercise::{Socket, connect};
use testkit::{CountingWaker, assert_pending, deadlock_watch, poll_once};

const CONNECTING: &str = "Book: Readers and writers, \"Connecting\".";
const EACH: &str = "Book: Readers and writers, \"Each address in turn\".";
const LIFE: &str = "Book: The life of one wake,";

/// The addresses number 1, 2 and 3.
static ADDRS: [SocketAddr; 3] = [addr(1), addr(2), addr(3)];

const fn addr(number: u8) -> SocketAddr {
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, number), 7878))
}

/// How often a socket may be asked between two events. Code that waits for the next one stays far below.
const PATIENCE: usize = 100;

/// What has been done, by the number of the address.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Start(u8),
    Close(u8),
}
use Step::{Close, Start};

/// The sockets, as a test sees them.
#[derive(Default)]
struct Net {
    steps: RefCell<Vec<Step>>,
    states: RefCell<BTreeMap<u8, State>>,
    /// The address for which `start` fails, and how.
    without_start: Cell<Option<(u8, ErrorKind)>>,
}

/// Of one socket.
#[derive(Default)]
struct State {
    /// Whether there was an event that no poll has seen.
    event: bool,
    waker: Option<Waker>,
    error: Option<ErrorKind>,
    /// What `peer_addr` returns, if it is not `NotConnected`.
    peer: Option<Result<(), ErrorKind>>,
    /// How often it was asked since the last event.
    asked: usize,
}

impl Net {
    fn start(self: &Rc<Self>, addr: SocketAddr) -> io::Result<Fake> {
        let number = (1..).zip(&ADDRS).find(|(_, known)| **known == addr).map(|(number, _)| number);
        let number = number.expect("`start` gets addresses of the list");
        self.steps.borrow_mut().push(Start(number));
        match self.without_start.get() {
            Some((failing, kind)) if failing == number => Err(kind.into()),
            _ => Ok(Fake { number, net: self.clone() }),
        }
    }

    fn state<T>(&self, number: u8, look: impl FnOnce(&mut State) -> T) -> T {
        look(self.states.borrow_mut().entry(number).or_default())
    }

    /// An event of the socket for this address, after the socket has changed.
    fn event(&self, number: u8, change: impl FnOnce(&mut State)) {
        let waker = self.state(number, |state| {
            change(state);
            (state.event, state.asked) = (true, 0);
            state.waker.take()
        });
        waker.into_iter().for_each(Waker::wake);
    }

    fn connects(&self, number: u8) {
        self.event(number, |state| state.peer = Some(Ok(())));
    }

    fn fails(&self, number: u8, kind: ErrorKind) {
        self.event(number, |state| state.error = Some(kind));
    }

    fn steps(&self) -> Vec<Step> {
        self.steps.borrow().clone()
    }

    /// The numbers of the addresses that were started.
    fn started(&self) -> Vec<u8> {
        let number = |step| if let Start(number) = step { Some(number) } else { None };
        self.steps().into_iter().filter_map(number).collect()
    }
}

/// The socket that `start` makes.
struct Fake {
    number: u8,
    net: Rc<Net>,
}

impl Fake {
    fn ask<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        let asked = self.net.state(self.number, |state| {
            state.asked += 1;
            state.asked
        });
        assert!(
            asked <= PATIENCE,
            "M64: the socket has had no event, and it was asked {PATIENCE} times whether it is connected. That keeps \
             a thread busy, and all the tasks on it waiting. Between two looks, wait for an event: \
             `poll_writable` returns Pending until there is one. {CONNECTING}"
        );
        self.net.state(self.number, look)
    }
}

impl Socket for Fake {
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        self.ask(|state| {
            if std::mem::take(&mut state.event) {
                return Poll::Ready(());
            }
            state.waker = Some(waker);
            Poll::Pending
        })
    }

    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Ok(self.ask(|state| state.error.take()).map(io::Error::from))
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        let peer = self.ask(|state| state.peer);
        peer.unwrap_or(Err(ErrorKind::NotConnected)).map(|()| addr(self.number)).map_err(Into::into)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.net.steps.borrow_mut().push(Close(self.number));
    }
}

/// A connect to the first addresses of the list.
struct Attempt {
    net: Rc<Net>,
    future: Pin<Box<dyn Future<Output = io::Result<Fake>>>>,
    counter: Arc<CountingWaker>,
    waker: Waker,
}

impl Attempt {
    fn new(addrs: usize) -> Self {
        let net = Rc::new(Net::default());
        let starts = net.clone();
        let future = Box::pin(connect(&ADDRS[..addrs], move |addr| starts.start(addr)));
        let (counter, waker) = CountingWaker::new();
        Self { net, future, counter, waker }
    }

    fn poll(&mut self) -> Poll<io::Result<Fake>> {
        poll_once(&mut self.future, &self.waker)
    }

    /// The number of the socket that a poll returns, or its error.
    fn outcome(&mut self) -> Poll<Result<u8, ErrorKind>> {
        self.poll().map_ok(|socket| socket.number).map_err(|error| error.kind())
    }
}

#[test]
fn nothing_starts_before_the_first_poll() {
    let attempt = Attempt::new(3);
    assert_eq!(
        attempt.net.steps(),
        [],
        "M9: `connect` was called, and its future was not polled; `left` is what has happened. A future that is \
         made and dropped has done nothing: call `start` in the poll. {LIFE} \"The leaf\"."
    );
}

#[test]
fn the_first_poll_starts_and_does_not_wait() {
    let _guard = deadlock_watch(|| {
        format!(
            "M26: the socket has not connected yet, and the poll has not returned: it keeps its whole thread waiting, \
             and with it all other tasks of that thread. Await the event: `poll_fn(|cx| \
             socket.poll_writable(cx)).await`. {CONNECTING}"
        )
    });
    let mut attempt = Attempt::new(3);
    for _ in 0..3 {
        match attempt.outcome() {
            Poll::Pending => {}
            Poll::Ready(Ok(_)) => panic!(
                "M38: the socket has begun to connect, nothing more has happened, and `connect` has returned it as \
                 connected. `start` returns at once. Wait for an event, and then ask whether it is \
                 connected. {CONNECTING}"
            ),
            Poll::Ready(Err(kind)) => panic!(
                "M38: the socket has begun to connect, nothing more has happened, and `connect` has failed with \
                 {kind:?}. It is too early to judge: wait for an event. NotConnected from `peer_addr` means \
                 \"not yet\". {CONNECTING}"
            ),
        }
        assert_eq!(
            attempt.net.started(),
            [1],
            "M38: the future was polled, and there was no event; `left` is which addresses were started. The first \
             poll starts the first address, and no other one starts before that has failed. A later poll \
             continues to wait for the same socket. {EACH}"
        );
    }
    assert_eq!(
        attempt.counter.wakes(),
        0,
        "M5: nothing has happened, and three polls have woken their own task; `left` is how often. It is polled \
         again at once, for ever: a busy loop. `poll_writable` keeps the waker for the next event. {LIFE} \
         \"Asking again is not waiting\"."
    );
}

#[test]
fn an_event_wakes_the_task_and_it_is_connected() {
    let mut attempt = Attempt::new(3);
    let _ = attempt.poll();
    attempt.net.connects(1);
    assert!(
        attempt.counter.wakes() > 0,
        "M1: the socket is connected, which an event has reported, and the task was not woken. Before the poll \
         returns Pending, `poll_writable` must have been called with its context, and have returned \
         Pending. {CONNECTING}"
    );
    let socket = match attempt.poll() {
        Poll::Ready(Ok(socket)) => socket,
        other => panic!(
            "M38: an event came, `take_error` returns None and `peer_addr` an address: the socket is connected. \
             `connect` has returned {:?}. Return this socket, and try no other address. {CONNECTING}",
            other.map_ok(|_| "a socket").map_err(|error| error.kind())
        ),
    };
    assert_eq!(
        (socket.number, attempt.net.steps()),
        (1, vec![Start(1)]),
        "M38: the first address has accepted; `left` is the number of the address that the returned socket is \
         connected to, and all that was done. Return this socket, open, and start no other. {EACH}"
    );
}

#[test]
fn an_event_that_brings_no_news_changes_nothing() {
    let mut attempt = Attempt::new(3);
    let _ = attempt.poll();
    for event in 1..=3 {
        attempt.net.event(1, |_| ());
        match attempt.outcome() {
            Poll::Pending => {}
            Poll::Ready(Ok(_)) => panic!(
                "M33: an event came, and it was about nothing: `peer_addr` returns NotConnected. `connect` has \
                 returned the socket as connected. An event is only a reason to look. Ask `take_error`, \
                 and then `peer_addr`. {CONNECTING}"
            ),
            Poll::Ready(Err(kind)) => panic!(
                "M33: an event came, and it was about nothing: there is no error, and `peer_addr` returns \
                 NotConnected. `connect` has failed with {kind:?}. The attempt is still under way: wait for \
                 the next event. {CONNECTING}"
            ),
        }
        assert_eq!(
            attempt.net.steps(),
            [Start(1)],
            "M33: an event came, and it was about nothing; `left` is what was done. The attempt is still under way: \
             keep its socket, and start no other. {CONNECTING}"
        );
        assert_eq!(
            attempt.counter.wakes(),
            event,
            "M1: event number {event} came, and `left` is how often the task has been woken. The poll before had \
             found no news and returned Pending. `poll_writable` was ready then, so it had not kept the \
             waker: call it again, until it returns Pending itself. {CONNECTING}"
        );
    }
    attempt.net.connects(1);
    assert_eq!(
        (attempt.counter.wakes(), attempt.outcome()),
        (4, Poll::Ready(Ok(1))),
        "M33: three events were about nothing, with the fourth the socket was connected. `left` is how often the \
         task was woken, and what its last poll returned. {CONNECTING}"
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let mut attempt = Attempt::new(1);
    let _ = attempt.poll();
    let (new, waker) = CountingWaker::new();
    attempt.waker = waker;
    let _ = attempt.poll();
    attempt.net.connects(1);
    assert_eq!(
        (attempt.counter.wakes(), new.wakes()),
        (0, 1),
        "M3: the future was polled by one task, then moved to another, which polled it. Then an event came; `left` \
         is how often the first task was woken, and the second. Call `poll_writable` at each poll: it \
         keeps the latest waker. Book: Lost wakes, \"Wakers go stale\"."
    );
}

#[test]
fn a_failure_is_an_event_too() {
    // What `peer_addr` returns for a socket that has failed depends on the system.
    for peer in [Err(ErrorKind::NotConnected), Err(ErrorKind::InvalidInput), Ok(())] {
        let returns = peer.map_or_else(|kind| format!("{kind:?}"), |()| "an address".to_owned());
        let mut attempt = Attempt::new(1);
        let _ = attempt.poll();
        attempt.net.event(1, |state| {
            state.error = Some(ErrorKind::ConnectionRefused);
            state.peer = Some(peer);
        });
        match attempt.outcome() {
            Poll::Ready(Err(kind)) => assert_eq!(
                kind,
                ErrorKind::ConnectionRefused,
                "M38: the peer has refused, and an event has reported that. `take_error` returns ConnectionRefused, \
                 the first time, and `peer_addr` returns {returns}; `left` is how `connect` has failed. Ask \
                 `take_error` first, once, and return what it says. {CONNECTING}"
            ),
            Poll::Ready(Ok(_)) => panic!(
                "M38: the peer has refused, which is an event like any other, and `connect` has returned the socket \
                 as connected. `take_error` returns ConnectionRefused, and `peer_addr` returns {returns}: ask \
                 `take_error` first, and `peer_addr` only if it returns None. {CONNECTING}"
            ),
            Poll::Pending => panic!(
                "M38: the peer has refused, an event has reported that, and `connect` still waits. There will be no \
                 other event. `peer_addr` returns {returns}, and the reason is in `take_error`: ask that first. \
                 {CONNECTING}"
            ),
        }
    }
    let mut attempt = Attempt::new(1);
    let _ = attempt.poll();
    attempt.net.event(1, |state| state.peer = Some(Err(ErrorKind::InvalidInput)));
    assert_eq!(
        attempt.outcome(),
        Poll::Ready(Err(ErrorKind::InvalidInput)),
        "M38: an event came, `take_error` returned None and `peer_addr` InvalidInput; `left` is what `connect` has \
         returned. NotConnected means to wait for the next event; any other error is the end of this \
         attempt. {CONNECTING}"
    );
}

#[test]
fn a_failure_starts_the_next_address() {
    let mut attempt = Attempt::new(3);
    let _ = attempt.poll();
    attempt.net.fails(1, ErrorKind::ConnectionRefused);
    let second = attempt.outcome();
    assert_eq!(
        (second, attempt.net.started()),
        (Poll::Pending, vec![1, 2]),
        "M38: of three addresses the first has refused, and the task was polled. `left` is what the poll returned, \
         and which addresses were started. When one fails, start the next one in the same poll, and wait for \
         it. {EACH}"
    );
    let wakes = attempt.counter.wakes();
    attempt.net.connects(2);
    assert_eq!(
        (attempt.counter.wakes() - wakes, attempt.outcome()),
        (1, Poll::Ready(Ok(2))),
        "M38: of three addresses the first has refused, and the second has accepted. `left` is how often the \
         second has woken the task, and what its poll has returned. {EACH}"
    );
    assert_eq!(
        attempt.net.started(),
        [1, 2],
        "M38: the second address has accepted; `left` is which addresses were started. The first that accepts is \
         the last that is tried. {EACH}"
    );
}

#[test]
fn a_start_that_fails_is_a_failure_of_its_address() {
    let mut attempt = Attempt::new(3);
    attempt.net.without_start.set(Some((1, ErrorKind::NetworkUnreachable)));
    let first = attempt.outcome();
    assert_eq!(
        (first, attempt.net.started()),
        (Poll::Pending, vec![1, 2]),
        "M38: for the first of three addresses `start` returned NetworkUnreachable. `left` is what the poll \
         returned, and which addresses were started. There may be a way to the next one: a `?` in the \
         loop over the addresses ends the whole loop. {EACH}"
    );
}

#[test]
fn a_socket_that_failed_is_closed_before_the_next_starts() {
    let mut attempt = Attempt::new(3);
    let _ = attempt.poll();
    for number in [1, 2] {
        attempt.net.fails(number, ErrorKind::ConnectionRefused);
        let _ = attempt.poll();
    }
    assert_eq!(
        attempt.net.steps(),
        [Start(1), Close(1), Start(2), Close(2), Start(3)],
        "M78: two addresses have refused, and the third is tried; `left` is what was done. A socket that has \
         failed is over: drop it before the next one starts. One that is kept holds a descriptor, and its \
         place in the reactor. {EACH}"
    );
}

#[test]
fn if_none_accepts_the_last_error_is_returned() {
    for without_start in [false, true] {
        let mut attempt = Attempt::new(3);
        if without_start {
            attempt.net.without_start.set(Some((3, ErrorKind::HostUnreachable)));
        }
        let _ = attempt.poll();
        attempt.net.fails(1, ErrorKind::ConnectionRefused);
        let _ = attempt.poll();
        attempt.net.fails(2, ErrorKind::TimedOut);
        let mut outcome = attempt.outcome();
        if !without_start {
            attempt.net.fails(3, ErrorKind::HostUnreachable);
            outcome = attempt.outcome();
        }
        assert_eq!(
            outcome,
            Poll::Ready(Err(ErrorKind::HostUnreachable)),
            "M38: three addresses have failed: ConnectionRefused, TimedOut, and HostUnreachable{}. `left` is what \
             `connect` has returned. When none accepts, that is the error of the last one. {EACH}",
            if without_start { " from `start`" } else { "" }
        );
    }
}

#[test]
fn a_list_without_addresses_is_an_error() {
    // On a thread of its own: it may panic.
    let polled = thread::spawn(|| Attempt::new(0).outcome()).join().unwrap_or_else(|_| {
        panic!(
            "M24: the list of addresses is empty, as it may be for a name, and `connect` has panicked. That ends the \
             task, which has done nothing wrong: return an error of your own, such as InvalidInput. {EACH}"
        )
    });
    assert!(
        matches!(polled, Poll::Ready(Err(_))),
        "M38: the list of addresses is empty, and `connect` has returned Pending. No event will ever come: return \
         an error of your own, such as InvalidInput. {EACH}"
    );
}

#[test]
fn dropping_the_future_closes_the_socket() {
    let Attempt { net, mut future, waker, .. } = Attempt::new(3);
    assert_pending!(poll_once(&mut future, &waker));
    net.fails(1, ErrorKind::ConnectionRefused);
    assert_pending!(poll_once(&mut future, &waker));
    drop(future);
    assert_eq!(
        net.steps(),
        [Start(1), Close(1), Start(2), Close(2)],
        "M42: the future was dropped while it waited for the second address, as a timeout does; `left` is what was \
         done. What it owns is dropped with it, so keep the socket in the future and nowhere else. \
         {CONNECTING}"
    );
}
