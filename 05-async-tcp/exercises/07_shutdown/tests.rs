//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::cell::{Cell, RefCell, RefMut};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use exercise::serve;
use futures::stream::Stream;
use testkit::{CountingWaker, Watchdog, poll_once, watchdog};

const STOP: &str = "Book: Shutting down, \"Stop accepting\".";
const DRAIN: &str = "Book: Shutting down, \"Drain\".";
const DEADLINE: &str = "Book: Shutting down, \"A deadline\".";

/// More than any right answer asks for, while nothing happens.
const PATIENCE: usize = 100;

/// What happens in a script: items that come, one after the other. Clones are the same.
struct Script<T>(Rc<RefCell<Items<T>>>);

struct Items<T> {
    items: VecDeque<T>,
    taken: usize,
    /// Whether the server's end was dropped, and how often it was polled after its end.
    dropped: bool,
    late: usize,
    waker: Option<Waker>,
    /// How often a poll had to wait since anything came.
    refused: usize,
}

impl<T> Script<T> {
    fn new() -> Self {
        let items = VecDeque::new();
        let (taken, late, refused) = (0, 0, 0);
        let (dropped, waker) = (false, None);
        Self(Rc::new(RefCell::new(Items { items, taken, dropped, late, waker, refused })))
    }

    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn get(&self) -> RefMut<'_, Items<T>> {
        self.0.borrow_mut()
    }

    fn comes(&self, item: T) {
        let waker = {
            let mut script = self.get();
            script.items.push_back(item);
            script.refused = 0;
            script.waker.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<T> {
        let mut script = self.get();
        if let Some(item) = script.items.pop_front() {
            script.taken += 1;
            return Poll::Ready(item);
        }
        script.refused += 1;
        assert!(
            script.refused <= PATIENCE,
            "M26: nothing has come, and one poll of `serve` has asked {PATIENCE} times. A poll that waits keeps its whole \
             thread: return Pending if all that it asks is Pending. An empty `FuturesUnordered` is not: its \
             `next` is ready with `None` at once. Book: The life of one wake, \"The contract of poll\"."
        );
        script.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// The server's end of a script.
struct Source<T>(Rc<RefCell<Items<T>>>);

impl<T> Stream for Source<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Script(self.0.clone()).poll(cx).map(Some)
    }
}

impl<T> Drop for Source<T> {
    fn drop(&mut self) {
        self.0.borrow_mut().dropped = true;
    }
}

/// What a client does.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    Says,
    Leaves,
    Panics,
}

/// A client: a script of what it does.
type Client = Script<Act>;

/// What the server has of a client.
struct Connection {
    source: Source<Act>,
    has_ended: bool,
}

impl Future for Connection {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let client = Script(self.source.0.clone());
        if self.has_ended {
            client.get().late += 1;
            return Poll::Pending;
        }
        loop {
            let Poll::Ready(act) = client.poll(cx) else { return Poll::Pending };
            self.has_ended = act != Act::Says;
            match act {
                Act::Says => {}
                Act::Leaves => return Poll::Ready(()),
                // Without the words of a panic, which would be taken for the test's.
                Act::Panics => resume_unwind(Box::new("as this test wants it to")),
            }
        }
    }
}

/// A server, and all that happens to it.
struct Server {
    listener: Script<Connection>,
    signals: Script<()>,
    /// How often a deadline was made, and when the time is up.
    deadlines: Rc<Cell<usize>>,
    time: Script<()>,
    task: Pin<Box<dyn Future<Output = usize>>>,
    counter: Arc<CountingWaker>,
    waker: Waker,
    /// How many wakes there were at the last poll.
    seen: Option<usize>,
    /// What it has returned.
    ended: Option<usize>,
    _guard: Watchdog,
}

impl Server {
    /// Starts it. So many clients have connected.
    fn start(clients: usize) -> (Self, Vec<Client>) {
        let (listener, signals, time) = (Script::new(), Script::new(), Script::new());
        let deadlines = Rc::new(Cell::new(0));
        let (made, up) = (deadlines.clone(), time.clone());
        let deadline = move || {
            made.set(made.get() + 1);
            poll_fn(move |cx| up.poll(cx))
        };
        let task = serve(Source(listener.0.clone()), Source(signals.0.clone()), deadline);
        let (counter, waker) = CountingWaker::new();
        let mut server = Self {
            listener,
            signals,
            deadlines,
            time,
            task: Box::pin(task),
            counter,
            waker,
            seen: None,
            ended: None,
            _guard: watchdog(
                "`serve` was polled and has not returned. Nothing in it may block the thread.",
            ),
        };
        let clients = (0..clients).map(|_| server.connects()).collect();
        server.run();
        (server, clients)
    }

    fn connects(&self) -> Client {
        let client = Script::new();
        let source = Source(client.0.clone());
        self.listener.comes(Connection { source, has_ended: false });
        client
    }

    /// Polls as an executor does: once, and again after each wake. Returns what it has returned.
    fn run(&mut self) -> Option<usize> {
        for _ in 0..PATIENCE {
            let wakes = self.counter.wakes();
            if self.ended.is_some() || self.seen == Some(wakes) {
                return self.ended;
            }
            self.seen = Some(wakes);
            if let Poll::Ready(cut) = poll_once(&mut self.task, &self.waker) {
                self.ended = Some(cut);
            }
        }
        panic!(
            "M5: nothing happens, and `serve` has woken its own task {PATIENCE} times. It is polled again at once, \
             for ever. What it waits for wakes it. Book: The life of one wake, \"Asking again is not waiting\"."
        );
    }

    fn signal(&mut self) -> Option<usize> {
        self.signals.comes(());
        self.run()
    }

    /// Whether what a client says is heard.
    fn hears(&mut self, client: &Client) -> bool {
        let heard = client.get().taken;
        client.comes(Act::Says);
        self.run();
        client.get().taken > heard
    }

    fn leaves(&mut self, client: &Client) -> Option<usize> {
        client.comes(Act::Leaves);
        self.run()
    }
}

fn is_dropped(client: &Client) -> bool {
    client.get().dropped
}

#[test]
fn connections_run_at_once() {
    let (mut server, clients) = Server::start(3);
    for (number, client) in [(3, &clients[2]), (2, &clients[1]), (1, &clients[0])] {
        assert!(
            server.hears(client),
            "M55: three clients have connected, number {number} of them says something, and nothing has polled its \
             connection; `serve` has returned {:?}. Run all connections at once: while one waits, the others \
             and the listener are polled as well, with the same waker. Book: Several in one task, \"One \
             after the other is not both\".",
            server.ended
        );
    }
    let ended = server.leaves(&clients[1]);
    assert!(
        is_dropped(&clients[1]) && clients[1].get().late == 0,
        "M78: a connection has ended, and was not dropped, or was polled again. Drop it at once: its client learns \
         of the end when the socket is closed. Book: Several in one task, \"Finished is finished\"."
    );
    clients.iter().for_each(|client| client.comes(Act::Leaves));
    let ended = ended.or(server.run());
    let late = server.connects();
    assert!(
        server.hears(&late),
        "M53: no signal has come, all clients that there were have left, and the next one is not served; `serve` \
         has returned {ended:?}. It accepts until the first signal, whether there are connections or \
         not. {STOP}"
    );
    assert_eq!(
        server.deadlines.get(),
        0,
        "M53: no signal has come, and `deadline` was called. The time for the drain begins with the signal: otherwise, \
         the longer a server had run, the sooner it would cut its clients off. {DEADLINE}"
    );
}

#[test]
fn after_the_signal_nothing_is_accepted() {
    let (mut server, clients) = Server::start(1);
    let before = server.listener.get().taken;
    // Both are there when it is polled.
    let late = server.connects();
    let ended = server.signal();
    assert_eq!(
        server.listener.get().taken - before,
        0,
        "M53: a signal has come, a connection is ready as well, and it was accepted. Ask for the signal before each \
         accept: on a busy server there is always one more that is ready. {STOP}"
    );
    assert!(
        server.listener.get().dropped,
        "M53: a signal has come, one client is still connected, and the listener was not dropped; `serve` has \
         returned {ended:?}. As long as it listens, the kernel completes handshakes, and those clients wait in \
         vain. Drop it before the drain. {STOP}"
    );
    drop((clients, late));
}

#[test]
fn connections_are_drained() {
    let (mut server, clients) = Server::start(2);
    let ended = server.signal();
    assert!(
        ended.is_none() && clients.iter().all(|client| !is_dropped(client)),
        "M53: a signal has come, two clients are connected, and `serve` has returned {ended:?}, or has dropped a \
         connection. It drains: the clients that it has are served until they leave. {DRAIN}"
    );
    for client in &clients {
        assert!(
            server.hears(client),
            "M53: a signal has come, a client that was connected before says something, and nothing has polled its \
             connection. During the drain connections run as before: `serve` awaits their ends and the \
             deadline at once. {DRAIN}"
        );
    }
    let ended = server.leaves(&clients[0]);
    assert!(
        ended.is_none(),
        "M53: a signal has come, one of two clients has left, and `serve` has returned {ended:?}. It waits for all \
         of them. {DRAIN}"
    );
    let ended = server.leaves(&clients[1]);
    assert_eq!(
        ended,
        Some(0),
        "M53: a signal has come, both clients have left, and `serve` has returned `left`. The drain is over, none \
         was cut off. {DRAIN}"
    );
    let (mut server, _) = Server::start(0);
    let ended = server.signal();
    assert_eq!(
        ended,
        Some(0),
        "M53: a signal has come, no client is connected, and `serve` has returned `left`. There is nothing to wait \
         for. {DRAIN}"
    );
}

#[test]
fn when_the_time_is_up_the_rest_is_cut() {
    for zero in [true, false] {
        let (mut server, clients) = Server::start(3);
        server.leaves(&clients[0]);
        if zero {
            server.time.comes(());
        }
        let mut ended = server.signal();
        assert_eq!(
            server.deadlines.get(),
            1,
            "M53: a signal has come, two clients are connected, and `deadline` was called `left` times. Without a \
             deadline the drain waits for a client that never leaves; made again and again, it never \
             comes. {DEADLINE}"
        );
        let mut open = 2;
        if !zero {
            server.leaves(&clients[1]);
            server.time.comes(());
            ended = server.run();
            open = 1;
        }
        assert_eq!(
            ended,
            Some(open),
            "M53: a signal came, the time was up, and {open} of three clients had not left; `serve` has returned \
             `left`. It returns at once then: how many connections it cuts, not how many it has \
             had. {DEADLINE}"
        );
        assert!(
            clients.iter().all(is_dropped),
            "M53: the time was up, `serve` has returned, and a connection was not dropped: its client would wait for \
             ever. {DEADLINE}"
        );
    }
}

#[test]
fn a_second_signal_cuts_the_rest() {
    let (mut server, clients) = Server::start(3);
    server.signal();
    server.leaves(&clients[2]);
    let ended = server.signal();
    assert_eq!(
        (ended, clients.iter().all(is_dropped)),
        (Some(2), true),
        "M53: a second signal has come, and two of three clients had not left. `left`: what `serve` has returned, and \
         whether all connections were dropped. A second signal asks not to wait any longer: listen for it during \
         the drain as well. {DEADLINE}"
    );
}

#[test]
fn one_that_panics_has_ended() {
    let (mut server, clients) = Server::start(4);
    let panics = |server: &mut Server, client: &Client| {
        client.comes(Act::Panics);
        let ran = catch_unwind(AssertUnwindSafe(|| server.run()));
        let ended = ran.unwrap_or_else(|_| {
            panic!(
                "M24: a connection has panicked, and `serve` has, too: all clients lose their connections for the \
                 fault of one. `catch_unwind` around each connection makes a result of its panic. Book: The \
                 result of a task, \"What happens to a panic\"."
            )
        });
        assert!(
            is_dropped(client) && client.get().late == 0,
            "M78: a connection has panicked, and was not dropped, or was polled again. It has ended. Book: The result \
             of a task, \"What happens to a panic\"."
        );
        ended
    };
    panics(&mut server, &clients[0]);
    let late = server.connects();
    assert!(
        server.hears(&clients[1]) && server.hears(&late),
        "M24: a connection has panicked, and another one, or the next one, is not served. Book: The result of a \
         task, \"What happens to a panic\"."
    );
    server.signal();
    panics(&mut server, &clients[1]);
    server.leaves(&clients[2]);
    server.leaves(&late);
    let ended = panics(&mut server, &clients[3]);
    assert_eq!(
        ended,
        Some(0),
        "M24: a signal has come, three connections have panicked, two have ended in order, and `serve` has returned \
         `left`. One that panics has ended, and was not cut off. {DRAIN}"
    );
}
