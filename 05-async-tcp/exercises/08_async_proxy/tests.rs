//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis. Those before `questions_and_answers` have streams and a network by script,
//! the others real sockets.

#[path = "exercise.rs"]
mod exercise;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::mem;
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use async_tcp::Runtime;
use exercise::{BUFFER, Network, Places, carry, converse, serve};
use futures::io::{AsyncRead, AsyncWrite};
use testkit::{
    CountingWaker, ServerProcess, Watchdog, assert_pending, background, poll_once, proxy as suite,
    watchdog,
};

const PROXY: &str = "Book: One server, five stages, \"The proxy in ten lines\".";
const KEEP: &str = "Book: What a timeout drops, \"Keep it outside the future\".";
const DROPPED: &str = "Book: What a timeout drops, \"A read that is dropped\".";
const HALF: &str = "Book: A connection is a state machine, \"Half a close, again\".";
const BACKPRESSURE: &str = "Book: When the peer is slow, \"Backpressure\".";
const ACCEPT: &str = "Book: A thread for each, \"What accept may report\".";

/// More than any right answer asks for, while nothing happens.
const PATIENCE: usize = 100;

/// The other end of a stream that the proxy has. Clones are the same one.
#[derive(Clone, Default)]
struct Peer(Arc<Mutex<Ends>>);

#[derive(Default)]
struct Ends {
    /// What it has sent, and the proxy has not read.
    sent: VecDeque<u8>,
    finished: bool,
    /// What every read reports, and every write.
    read_error: Option<ErrorKind>,
    write_error: Option<ErrorKind>,
    panics: bool,
    /// How many bytes it takes.
    room: usize,
    came: Vec<u8>,
    /// Whether the proxy has closed its side, and whether it has dropped it.
    closed: bool,
    dropped: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// How often a call had to wait since anything happened.
    refused: usize,
    /// How often its end was read.
    ends_read: usize,
}

impl Peer {
    /// It takes all that comes.
    fn new() -> Self {
        let peer = Self::default();
        peer.happens(|ends| ends.room = usize::MAX);
        peer
    }

    /// It takes nothing for now.
    fn stalled() -> Self {
        Self::default()
    }

    /// The proxy's end.
    fn stream(&self) -> Stream {
        Stream(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happens, and the tasks that wait for this stream are woken.
    fn happens(&self, change: impl FnOnce(&mut Ends)) {
        let wakers = {
            let mut ends = self.lock();
            change(&mut ends);
            ends.refused = 0;
            [ends.reader.take(), ends.writer.take()]
        };
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    fn says(&self, bytes: impl AsRef<[u8]>) {
        self.happens(|ends| ends.sent.extend(bytes.as_ref()));
    }

    fn finishes(&self) {
        self.happens(|ends| ends.finished = true);
    }

    fn makes_room(&self, bytes: usize) {
        self.happens(|ends| ends.room = bytes);
    }

    fn came(&self) -> Vec<u8> {
        self.lock().came.clone()
    }

    /// How many bytes have come.
    fn count(&self) -> usize {
        self.lock().came.len()
    }

    /// How many of its bytes were not read.
    fn unread(&self) -> usize {
        self.lock().sent.len()
    }

    fn is_closed(&self) -> bool {
        self.lock().closed
    }
}

impl Ends {
    fn refuse<T>(&mut self) -> Poll<io::Result<T>> {
        self.refused += 1;
        assert!(
            self.refused <= PATIENCE,
            "M26: a stream is not ready, nothing has happened since, and it was asked {PATIENCE} times. A poll \
             that waits keeps its whole thread: await the read or the write, or return Pending. Book: The \
             life of one wake, \"The contract of poll\"."
        );
        Poll::Pending
    }
}

struct Stream(Peer);

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut ends = self.0.lock();
        if ends.panics {
            // Without the words of a panic, which would be taken for the test's.
            resume_unwind(Box::new("as this test wants it to"));
        }
        if let Some(error) = ends.read_error {
            return Poll::Ready(Err(error.into()));
        }
        if ends.sent.is_empty() && !ends.finished {
            ends.reader = Some(cx.waker().clone());
            return ends.refuse();
        }
        ends.ends_read += usize::from(ends.sent.is_empty());
        assert!(
            ends.ends_read <= PATIENCE,
            "M31: a sender has finished, and its end was read {PATIENCE} times. A read that returns 0 is the end: \
             every later read returns 0 as well. Close the receiver then, and return. Book: A server in twenty lines, \
             \"What a read may return\"."
        );
        Poll::Ready(io::Read::read(&mut ends.sent, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut ends = self.0.lock();
        if let Some(error) = ends.write_error {
            return Poll::Ready(Err(error.into()));
        }
        let n = bytes.len().min(ends.room);
        if n == 0 {
            ends.writer = Some(cx.waker().clone());
            return ends.refuse();
        }
        ends.room -= n;
        ends.came.extend(&bytes[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().closed = true;
        Poll::Ready(Ok(()))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.lock().dropped = true;
    }
}

/// A future and its executor, which polls it once, and again after each wake.
struct Task<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    counter: Arc<CountingWaker>,
    waker: Waker,
    /// How many wakes there were at the last poll.
    seen: Option<usize>,
    _guard: Watchdog,
}

impl<T> Task<T> {
    fn new(future: impl Future<Output = T> + 'static) -> Self {
        let (counter, waker) = CountingWaker::new();
        let guard = watchdog(
            "a future was polled, or dropped, and that has not returned. Nothing in it may block: neither `block_on`, \
             nor a lock that is held already.",
        );
        Self { future: Box::pin(future), counter, waker, seen: None, _guard: guard }
    }

    /// Polls until it is ready, or was not woken.
    fn run(&mut self) -> Poll<T> {
        for _ in 0..PATIENCE {
            let wakes = self.counter.wakes();
            if self.seen == Some(wakes) {
                return Poll::Pending;
            }
            self.seen = Some(wakes);
            if let Poll::Ready(result) = poll_once(&mut self.future, &self.waker) {
                return Poll::Ready(result);
            }
        }
        panic!(
            "M5: nothing happens, and a future has woken its own task {PATIENCE} times. It is polled again at \
             once, for ever. What it awaits wakes it. Book: The life of one wake, \"Asking again is not \
             waiting\"."
        );
    }
}

/// Bytes of which no two pieces are the same.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i % 251) as u8).collect()
}

#[test]
fn a_word_is_passed_on_at_once() {
    let (from, to) = (Peer::new(), Peer::new());
    let mut task = Task::new(carry(from.stream(), to.stream()));
    for word in ["ping", "pong", "x"] {
        to.happens(|ends| ends.came.clear());
        from.says(word);
        let ended = task.run();
        assert!(
            to.came() == word.as_bytes() && ended.is_pending(),
            "M60: a sender has said {word:?} and waits for the answer; {} bytes have come to the receiver, and \
             `carry` returned {ended:?}. Write what a read has returned before you wait for more: no full \
             buffer, no end. {PROXY}",
            to.count()
        );
    }
}

#[test]
fn a_write_that_takes_a_part_loses_nothing() {
    let (from, to) = (Peer::new(), Peer::stalled());
    let sent = bytes(1000);
    let mut task = Task::new(carry(from.stream(), to.stream()));
    for piece in sent.chunks(300) {
        from.says(piece);
        let _ = task.run();
        for _ in 0..piece.len() {
            to.makes_room(7);
            let _ = task.run();
        }
    }
    assert!(
        to.came() == sent,
        "M29: a sender has sent {} bytes, and its receiver, which takes 7 at a time, got {}, or others. A write \
         may take a part: `write_all` writes the rest as well, and of the buffer only what the read has put \
         there. Book: When the peer is slow, \"A write takes a part\".",
        sent.len(),
        to.count()
    );
}

#[test]
fn the_end_comes_after_the_rest() {
    let (from, to) = (Peer::new(), Peer::stalled());
    from.says("hello");
    from.finishes();
    let mut task = Task::new(carry(from.stream(), to.stream()));
    let ended = task.run();
    assert!(
        ended.is_pending() && !to.is_closed(),
        "M41: a sender has sent 5 bytes and finished, its receiver takes none for now, and `carry` has closed it or \
         returned {ended:?}. What was read comes before the end: write all of it first. {HALF}"
    );
    to.makes_room(usize::MAX);
    let ended = task.run();
    assert!(
        to.is_closed(),
        "M41: a sender has finished, there is room for all that it has sent, and the receiver has not learned of the \
         end; `carry` returned {ended:?}. When a read returns 0, call `close` on the receiver. {HALF}"
    );
    assert!(
        matches!(ended, Poll::Ready(Ok(()))) && to.came() == b"hello",
        "M41: a direction has ended in order, and `carry` returned {ended:?}; {} of 5 bytes have come. {HALF}",
        to.count()
    );
}

#[test]
fn nothing_is_read_while_a_write_waits() {
    let (from, to) = (Peer::new(), Peer::stalled());
    let sent = bytes(20 * BUFFER);
    from.says(&sent);
    from.finishes();
    let mut task = Task::new(carry(from.stream(), to.stream()));
    for _ in 0..2 * PATIENCE {
        let ended = task.run();
        let kept = sent.len() - from.unread() - to.count();
        assert!(
            kept <= BUFFER,
            "M50: a receiver takes nothing for now, and {kept} bytes that were read wait for it: more than `BUFFER`, \
             which is {BUFFER}. Its sender must be held back: do not read while a write waits. Otherwise \
             a fast sender fills the memory. {BACKPRESSURE}"
        );
        if ended.is_ready() {
            break;
        }
        to.makes_room(BUFFER / 5);
    }
    assert!(
        to.came() == sent,
        "M50: a receiver took nothing for a while, and then all; of {} bytes {} have come, or others. What waits is \
         kept, and what comes is read once there is room. {BACKPRESSURE}",
        sent.len(),
        to.count()
    );
}

/// Both ways round: the client's role and the upstream's.
fn both(test: impl Fn(&str, &Peer, &str, &Peer, &mut Task<io::Result<()>>), stalled: bool) {
    for swapped in [false, true] {
        let (a, b) = (Peer::new(), if stalled { Peer::stalled() } else { Peer::new() });
        if swapped {
            let mut task = Task::new(converse(b.stream(), a.stream()));
            test("the upstream", &a, "the client", &b, &mut task);
        } else {
            let mut task = Task::new(converse(a.stream(), b.stream()));
            test("the client", &a, "the upstream", &b, &mut task);
        }
    }
}

#[test]
fn one_direction_does_not_wait_for_the_other() {
    let test = |a: &str, one: &Peer, b: &str, other: &Peer, task: &mut Task<_>| {
        other.says("hello");
        let _ = task.run();
        assert_eq!(
            one.came(),
            b"hello",
            "M34: {b} was the first to speak, {a} says nothing, and this is what has come to it. Run both \
             directions at once, in one task: neither is awaited before the other. {PROXY}"
        );
        one.says(vec![1; 4 * BUFFER]);
        let _ = task.run();
        other.says(" again");
        let _ = task.run();
        assert_eq!(
            one.came(),
            b"hello again",
            "M34: {a} has sent much to {b}, which takes nothing for now, and {b} has something to say; `left` is \
             what has come to {a}. One stream, two directions: one that waits must not make the other one \
             wait. Split the streams, and join two futures. {PROXY}"
        );
    };
    both(test, true);
}

#[test]
fn either_side_may_finish_first() {
    let test = |a: &str, one: &Peer, b: &str, other: &Peer, task: &mut Task<io::Result<()>>| {
        one.says("that is all");
        one.finishes();
        let ended = task.run();
        assert!(
            other.is_closed(),
            "M41: {a} has finished, and {b} has not learned of it: it may be waiting for this end before it \
             answers. Close a stream for writing as soon as its direction has ended. {HALF}"
        );
        assert!(
            ended.is_pending() && !one.is_closed(),
            "M41: {a} has finished, {b} has not, and `converse` has returned {ended:?}, or closed {a} as well. The \
             end of one direction is not the end of the other: {b} may still answer. {HALF}"
        );
        other.says("an answer");
        let _ = task.run();
        assert_eq!(
            one.came(),
            b"an answer",
            "M41: {a} has finished, and then {b} answered; this is what has come of it. {HALF}"
        );
        other.finishes();
        let ended = task.run();
        assert!(
            matches!(ended, Poll::Ready(Ok(()))) && one.is_closed(),
            "M41: both sides have finished, and `converse` has returned {ended:?}, or has not closed {a}. When \
             both directions have ended, the conversation is over, in order. {HALF}"
        );
    };
    both(test, false);
}

#[test]
fn an_error_ends_both_directions() {
    for reads in [true, false] {
        let test = |a: &str, one: &Peer, b: &str, other: &Peer, task: &mut Task<io::Result<()>>| {
            let _ = task.run();
            let reset = Some(ErrorKind::ConnectionReset);
            if reads {
                one.happens(|ends| ends.read_error = reset);
            } else {
                one.happens(|ends| ends.write_error = reset);
                other.says("hello");
            }
            let ended = task.run();
            let what = if reads { "read from" } else { "write to" };
            assert!(
                matches!(ended, Poll::Ready(Err(_))),
                "M41: a {what} {a} has reported a reset, {b} has not finished, and `converse` returned {ended:?}. \
                 An error ends both directions at once: otherwise {b}, which does not know, waits for ever. \
                 Join them in a way that returns the first error. {HALF}"
            );
            assert!(
                one.lock().dropped && other.lock().dropped,
                "M41: a {what} {a} has reported a reset, `converse` has returned, and one of the streams still \
                 exists: {b} would not learn of the end. Let `converse` own both. {HALF}"
            );
        };
        both(test, false);
    }
}

/// A network by script.
#[derive(Default)]
struct Script {
    shared: Mutex<Shared>,
}

type Conversation = Pin<Box<dyn Future<Output = ()> + Send>>;

#[derive(Default)]
struct Shared {
    /// Clients that wait to be accepted, and errors of accept.
    backlog: VecDeque<io::Result<Peer>>,
    /// What every accept reports, before it looks at those.
    exhausted: bool,
    acceptor: Option<Waker>,
    accepted: usize,
    failed: usize,
    tasks: Vec<Conversation>,
    refuses: bool,
    answers: bool,
    upstreams: Vec<Peer>,
    connector: Option<Waker>,
    paused: usize,
    pause_is_over: bool,
    pausing: Option<Waker>,
}

impl Script {
    /// These clients wait to be accepted. The upstream answers.
    fn of(clients: &[Peer]) -> Arc<Self> {
        let script = Arc::new(Self::default());
        script.lock().backlog.extend(clients.iter().cloned().map(Ok));
        script.lock().answers = true;
        script
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tasks that were spawned since this was last asked.
    fn tasks(&self) -> Vec<Conversation> {
        mem::take(&mut self.lock().tasks)
    }

    /// How many clients were accepted, how often no descriptor was left, how often there was a pause.
    fn counts(&self) -> (usize, usize, usize) {
        let shared = self.lock();
        (shared.accepted, shared.failed, shared.paused)
    }

    /// The latest upstream that was connected to.
    fn upstream(&self) -> Option<Peer> {
        self.lock().upstreams.last().cloned()
    }
}

impl Network for Script {
    type Stream = Stream;

    fn accept(&self) -> impl Future<Output = io::Result<Stream>> + Send {
        poll_fn(|cx| {
            let mut shared = self.lock();
            if shared.exhausted {
                shared.failed += 1;
                assert!(
                    shared.failed <= 10,
                    "M39: no descriptor is left, and `accept` was called 10 times without a pause. It fails \
                     as fast as it is called, and the thread does nothing else. Await `Network::pause` before \
                     the next call. {ACCEPT}"
                );
                return Poll::Ready(Err(io::Error::from_raw_os_error(EMFILE)));
            }
            let Some(result) = shared.backlog.pop_front() else {
                shared.acceptor = Some(cx.waker().clone());
                return Poll::Pending;
            };
            shared.accepted += usize::from(result.is_ok());
            Poll::Ready(result.map(|peer| peer.stream()))
        })
    }

    fn connect(&self) -> impl Future<Output = io::Result<Stream>> + Send {
        poll_fn(|cx| {
            let mut shared = self.lock();
            if shared.refuses {
                return Poll::Ready(Err(ErrorKind::ConnectionRefused.into()));
            }
            if !shared.answers {
                shared.connector = Some(cx.waker().clone());
                return Poll::Pending;
            }
            let peer = Peer::new();
            shared.upstreams.push(peer.clone());
            Poll::Ready(Ok(peer.stream()))
        })
    }

    fn spawn(&self, conversation: impl Future<Output = ()> + Send + 'static) {
        self.lock().tasks.push(Box::pin(conversation));
    }

    fn pause(&self) -> impl Future<Output = ()> + Send {
        self.lock().paused += 1;
        poll_fn(|cx| {
            let mut shared = self.lock();
            if mem::take(&mut shared.pause_is_over) {
                return Poll::Ready(());
            }
            shared.pausing = Some(cx.waker().clone());
            Poll::Pending
        })
    }
}

// Too many open files, and a call that the listener does not support.
const EMFILE: i32 = if cfg!(windows) { 10024 } else { 24 };
const EINVAL: i32 = if cfg!(windows) { 10022 } else { 22 };

fn peers(count: usize) -> Vec<Peer> {
    (0..count).map(|_| Peer::new()).collect()
}

#[test]
fn each_client_has_a_task() {
    let clients = peers(3);
    let script = Script::of(&clients);
    let mut task = Task::new(serve(script.clone(), 10));
    let ended = task.run();
    assert!(
        ended.is_pending(),
        "M39: three clients have come, more may, and `serve` has returned {ended:?}. It accepts for ever. {ACCEPT}"
    );
    let mut tasks: Vec<_> = script.tasks().into_iter().map(Task::new).collect();
    assert_eq!(
        tasks.len(),
        3,
        "M55: three clients wait, there is room for ten, and `left` conversations were given to `Network::spawn`. \
         Each is a task of its own, and `serve` keeps accepting while they talk. {PROXY}"
    );
    for ((task, client), word) in tasks.iter_mut().zip(&clients).zip(["one", "two", "three"]) {
        client.says(word);
        let ended = task.run();
        let came: Vec<_> = script.lock().upstreams.iter().map(Peer::came).collect();
        assert!(
            came.contains(&word.into()),
            "M55: a client has said {word:?}, and its task was polled, which has returned {ended:?}; of {} connections \
             to the upstream none has got that. The task of a client connects, and then converses. {PROXY}",
            came.len()
        );
    }
}

#[test]
fn an_upstream_that_does_not_answer_holds_up_one_client() {
    let script = Script::of(&peers(3));
    script.lock().answers = false;
    let mut task = Task::new(serve(script.clone(), 10));
    let _ = task.run();
    assert_eq!(
        script.tasks().len(),
        3,
        "M55: three clients wait, there is room for ten, the upstream has not answered any connect, and `left` \
         conversations were given to `Network::spawn`. Connect in the task of the client: in the accept loop \
         that makes all clients wait. {PROXY}"
    );
}

#[test]
fn there_are_no_more_than_max() {
    let script = Script::of(&peers(5));
    let mut task = Task::new(serve(script.clone(), 2));
    let _ = task.run();
    let mut conversations: Vec<_> = script.tasks().into_iter().map(Task::new).collect();
    conversations.iter_mut().for_each(|task| _ = task.run());
    let _ = task.run();
    assert_eq!(
        script.lock().accepted,
        2,
        "M50: five clients wait, there is room for two conversations, which have begun, and `serve` has accepted \
         `left`. Take a place before you call `accept`, and keep it in the task until that ends: clients for \
         whom there is none wait in the backlog, which is the kernel's. {BACKPRESSURE}"
    );
}

/// How a conversation may end.
const WAYS: [&str; 7] = [
    "both sides have finished",
    "the upstream has refused",
    "the client has reset",
    "it has panicked",
    "its task was dropped in the middle",
    "its task was dropped while it was connecting",
    "its task was dropped before it was polled",
];

/// Ends a conversation in one of these ways.
fn end(way: &str, script: &Script, client: &Peer, conversation: Conversation) {
    let mut task = Task::new(conversation);
    match way {
        "the upstream has refused" => script.lock().refuses = true,
        "its task was dropped while it was connecting" => script.lock().answers = false,
        "its task was dropped before it was polled" => return,
        _ => {}
    }
    let _ = task.run();
    match way {
        "both sides have finished" => {
            client.finishes();
            script.upstream().into_iter().for_each(|upstream| upstream.finishes());
        }
        "the client has reset" => {
            client.happens(|ends| ends.read_error = Some(ErrorKind::ConnectionReset));
        }
        "it has panicked" => client.happens(|ends| ends.panics = true),
        _ => return,
    }
    // An executor contains a panic, and drops the future then.
    let _ = catch_unwind(AssertUnwindSafe(|| task.run()));
}

#[test]
fn whatever_ends_a_conversation_makes_room() {
    for way in WAYS {
        let clients = peers(4);
        let script = Script::of(&clients);
        let mut task = Task::new(serve(script.clone(), 1));
        for (served, client) in (1..).zip(&clients[..3]) {
            let _ = task.run();
            let accepted = script.lock().accepted;
            assert_eq!(
                accepted,
                served,
                "M42: there is room for one conversation, and {} of them ended one after the other. How it ended: \
                 {way}. `left` is how many clients were accepted, and `right` how many should be. A future \
                 that is dropped runs destructors, and no line after its await. Move a `Place` into the \
                 task, which gives itself back when it is dropped, and wake what waits for it. {KEEP}",
                served - 1
            );
            let conversation = script.tasks().pop();
            end(way, &script, client, conversation.expect("one was spawned for each client"));
            let mut shared = script.lock();
            (shared.refuses, shared.answers) = (false, true);
        }
    }
}

#[test]
fn accept_reports_and_the_others_are_served() {
    let script = Script::of(&[]);
    let aborted = || Err(ErrorKind::ConnectionAborted.into());
    script.lock().backlog.extend([aborted(), aborted(), Ok(Peer::new())]);
    let mut task = Task::new(serve(script.clone(), 1));
    let ended = task.run();
    assert_eq!(
        script.counts(),
        (1, 0, 0),
        "M39: two clients left while they waited, which `accept` has reported, a third one waits, and `serve` \
         returned {ended:?}. `left`: how many clients were accepted, how often there was no descriptor, how often it has \
         paused. `verdict` calls this `Retry`: accept again at once, and do not lose the place. {ACCEPT}"
    );
    let script = Script::of(&[Peer::new()]);
    script.lock().exhausted = true;
    let mut task = Task::new(serve(script.clone(), 1));
    for pauses in 1..=3 {
        let ended = task.run();
        assert_eq!(
            script.counts(),
            (0, pauses, pauses),
            "M39: no descriptor is left, as `accept` reports, and `serve` has returned {ended:?}. `left`: how many \
             clients were accepted, how often `accept` has failed, and how often `Network::pause` was called; \
             `right`: what it should be. Await one pause after each such error, and then accept again. {ACCEPT}"
        );
        let mut shared = script.lock();
        (shared.pause_is_over, shared.exhausted) = (true, pauses < 3);
        let pausing = shared.pausing.take();
        drop(shared);
        pausing.into_iter().for_each(Waker::wake);
    }
    let ended = task.run();
    assert_eq!(
        script.lock().accepted,
        1,
        "M39: there were no descriptors for a while, now there are, the pause is over, a client waits, and it was \
         not accepted; `serve` returned {ended:?}. Give the place back before the pause, or keep it. {ACCEPT}"
    );
    let script = Script::of(&[]);
    script.lock().backlog.push_back(Err(io::Error::from_raw_os_error(EINVAL)));
    let ended = Task::new(serve(script, 1)).run();
    assert!(
        matches!(ended, Poll::Ready(Err(_))),
        "M39: the listener is broken, which `verdict` calls `Stop`, and `serve` has returned {ended:?}. No later \
         call can succeed: return the error. {ACCEPT}"
    );
}

/// A task that takes a place.
fn taking(places: &Places) -> Task<exercise::Place> {
    let places = places.clone();
    Task::new(async move { places.take().await })
}

/// A place that is free.
fn take(places: &Places) -> exercise::Place {
    match taking(places).run() {
        Poll::Ready(place) => place,
        Poll::Pending => panic!(
            "M42: a place is free, no task waits, and `take` is Pending. A future of `take` that was dropped may have \
             kept one, or a place was dropped and does not count as free. {KEEP}"
        ),
    }
}

#[test]
fn a_place_that_is_given_back_wakes_what_waits() {
    let places = Places::up_to(2);
    let held = [take(&places), take(&places)];
    let mut waiting = [taking(&places), taking(&places)];
    assert!(
        waiting.iter_mut().all(|task| task.run().is_pending()),
        "M50: of two places both are taken, and `take` has returned a third one. {BACKPRESSURE}"
    );
    drop(held);
    let taken = waiting.iter_mut().map(Task::run);
    assert_eq!(
        taken.filter(Poll::is_ready).count(),
        2,
        "M74: two tasks waited, each for a place, two places came back, and `left` of the tasks have one now. A task \
         is polled only if it was woken: at least one for each place that comes back. Book: Lost wakes, \
         \"Pending is a promise\"."
    );
}

#[test]
fn a_task_that_waits_no_longer_takes_no_place_along() {
    for woken in [true, false] {
        for dropped in [0, 1] {
            let places = Places::up_to(1);
            let held = take(&places);
            let mut waiting = vec![taking(&places), taking(&places)];
            waiting.iter_mut().for_each(|task| _ = task.run());
            let when = if woken { "after" } else { "before" };
            if woken {
                drop(held);
                drop(waiting.remove(dropped));
            } else {
                drop(waiting.remove(dropped));
                drop(held);
            }
            assert!(
                waiting.remove(0).run().is_ready(),
                "M42: two tasks waited for one place, and one of them was dropped just {when} the place came back. \
                 The other one was not woken, or there was no place for it: it waits for ever. A task that is \
                 woken may be dropped before it is polled. Wake all that wait, or pass the place on when \
                 the future is dropped. {DROPPED}"
            );
        }
    }
}

#[test]
fn tasks_that_wait_no_longer_do_not_pile_up() {
    const TASKS: usize = 10;
    let places = Places::up_to(1);
    let held = take(&places);
    let counters: Vec<_> = (0..TASKS)
        .map(|_| {
            let mut task = taking(&places);
            let _ = task.run();
            task.counter.clone()
        })
        .collect();
    let kept: usize = counters.iter().map(|counter| counter.live()).sum();
    assert!(
        kept <= 1,
        "M42: {TASKS} tasks, one after the other, waited for a place and were dropped, and {kept} of their wakers are \
         kept. Where `take` is raced against something else they pile up, and each keeps its task in memory. \
         Take a waker out of the list in a destructor of the future. {KEEP}"
    );
    assert_pending!(
        taking(&places).run(),
        "M72: there is one place, which is taken, {TASKS} tasks waited for it and were dropped, and now `take` has \
         returned a place. A task that waits has none, so it gives none back: make the `Place` after the \
         wait. {KEEP}"
    );
    drop(held);
}

#[test]
fn a_wake_is_no_place() {
    let places = Places::up_to(1);
    let held = take(&places);
    let mut waiting = taking(&places);
    let _ = waiting.run();
    drop(held);
    // Another task may come first.
    let mut other = taking(&places);
    let taken = other.run();
    let first = waiting.run();
    assert!(
        taken.is_ready() != first.is_ready(),
        "M63: there is one place, one task was woken for it, and another one asked first. `take` was ready for both \
         or for neither. A wake promises nothing: look again, and wait again. Book: The life of one wake, \"The \
         contract of poll\"."
    );
    if taken.is_ready() {
        drop(taken);
        assert!(
            waiting.run().is_ready(),
            "M1: a task was woken for a place that another one had taken, was polled, and waits. The place came back, \
             and it was not woken again: at each poll that returns Pending, leave a waker. Book: Lost wakes, \
             \"Pending is a promise\"."
        );
    }
}

/// More than any test has at once.
const MAX: usize = 1000;

/// Starts the proxy in front of an upstream. It ends with the process.
fn start(upstream: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let addr = listener.local_addr().expect("a bound listener has an address");
    background(move || run(listener, upstream));
    addr
}

fn run(listener: TcpListener, upstream: SocketAddr) {
    let runtime = Runtime::new().expect("a poller");
    let ended = runtime.block_on(async {
        let listener = async_tcp::TcpListener::from_std(listener).expect("a listener on loopback");
        exercise::proxy(listener, upstream, MAX).await
    });
    panic!("M39: `serve` has returned {ended:?}. Only a broken listener ends it. {ACCEPT}");
}

fn judge(result: io::Result<()>, misconception: &str, advice: &str) {
    let Err(error) = result else { return };
    match error.kind() {
        ErrorKind::Unsupported => eprintln!("skipped: this system does not tell"),
        ErrorKind::InvalidData => panic!(
            "M29: {error}. Bytes were lost, doubled or mixed: write what the read has put into the buffer, all of \
             it, once. Book: When the peer is slow, \"A write takes a part\"."
        ),
        _ => panic!("{misconception}: {error}. {advice}"),
    }
}

macro_rules! facts {
    ($($name:ident, $misconception:literal, $advice:expr;)*) => {$(
        #[test]
        fn $name() {
            judge(suite::$name(&start), $misconception, &$advice);
        }
    )*};
}

facts! {
    questions_and_answers, "M60", format!("Each word is passed on at once, both ways. {PROXY}");
    the_upstream_may_speak_first, "M34",
        format!("Connect as soon as the client is accepted, and run both directions at once. {PROXY}");
    the_client_may_finish_first, "M41",
        format!("The end of one direction is passed on, and the other one continues. {HALF}");
    the_upstream_may_finish_first, "M41",
        format!("The end of one direction is passed on, and the other one continues. {HALF}");
    both_directions_at_once, "M34",
        format!("Both sides send much before they read: neither direction waits for the other. {PROXY}");
    a_full_direction_holds_up_only_itself, "M34",
        format!("One direction is full, and the other one must continue. {PROXY}");
    what_was_held_back_arrives, "M50",
        format!("What a side does not take for now is kept, and written once there is room. {BACKPRESSURE}");
    a_stalled_upstream_holds_back_one_client, "M50",
        format!("One client is held back, no more than `BUFFER` waits for it, and no other waits. {BACKPRESSURE}");
    many_conversations_do_not_mix, "M55",
        format!("Each client has a task and a connection of its own. {PROXY}");
    no_end_overtakes_the_rest, "M41",
        format!("Close the receiver after all that was read has been written. {HALF}");
    an_upstream_that_refuses_costs_one_client, "M24",
        "If `connect` fails, the client's stream is dropped, and nothing else ends. Book: Asking without \
         waiting, \"What `WouldBlock` says\".";
    an_upstream_slow_to_accept_holds_up_nobody, "M55",
        format!("Connect in the task of the client, not in the accept loop. {PROXY}");
    an_upstream_that_resets_costs_one_client, "M24",
        format!("An error ends both directions of its conversation, and no other one. {HALF}");
    a_client_that_resets_costs_nobody_else, "M24",
        format!("An error ends both directions of its conversation, and no other one. {HALF}");
}

/// Judges a fact about the proxy in a process of its own. `test` is the function that calls this: it is
/// run once more, as the proxy.
fn judge_process(
    test: &str,
    fact: fn(&ServerProcess, TcpListener) -> io::Result<()>,
    misconception: &str,
    advice: &str,
) {
    let bind = || TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    let address = |listener: &TcpListener| listener.local_addr().expect("it is bound");
    if ServerProcess::is_server() {
        let upstream = std::env::var("UPSTREAM").expect("the upstream's address");
        let listener = bind();
        println!("listening on {}", address(&listener));
        return run(listener, upstream.parse().expect("an address"));
    }
    let upstream = bind();
    let addr = address(&upstream).to_string();
    let proxy = ServerProcess::start_test(test, &[("UPSTREAM", &addr)])
        .expect("your proxy starts in a process of its own");
    judge(fact(&proxy, upstream), misconception, advice);
}

macro_rules! facts_of_a_process {
    ($($name:ident, $misconception:literal, $advice:expr;)*) => {$(
        #[test]
        fn $name() {
            judge_process(stringify!($name), suite::$name, $misconception, &$advice);
        }
    )*};
}

facts_of_a_process! {
    all_who_wait_are_accepted, "M55",
        format!("Keep accepting while the conversations run. {PROXY}");
    one_thread_serves_all, "M76",
        "Each conversation is a task, and needs no thread. Book: A connection is a state machine, \
         \"Two directions\".";
    waiting_costs_nothing, "M77",
        format!("What has to wait awaits an event, and its task is not polled meanwhile. {PROXY}");
    descriptor_exhaustion_is_survived, "M39",
        format!("Neither `accept` nor `connect` ends `serve` when no descriptor is left. Await `pause`, and \
                 accept again. {ACCEPT}");
}
