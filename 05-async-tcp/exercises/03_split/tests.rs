//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use exercise::{ReadHalf, Socket, Source, WriteHalf, split};
use futures::io::{AsyncRead, AsyncWrite};
use testkit::{CountingWaker, HookWaker, ScriptedIo, come_between, deadlock_watch, locks_held};

const SPLIT: &str = "Book: Readers and writers, \"Splitting a stream\".";
const TWO: &str = "Book: Readiness, \"Two directions\".";
const FIRST: &str = "Book: Readiness, \"Try first\".";
const BETWEEN: &str = "Book: Readiness, \"Between the call and the clear\".";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Read,
    Write,
}
use Side::{Read as Reads, Write as Writes};

impl Side {
    fn name(self) -> &'static str {
        match self {
            Reads => "readable",
            Writes => "writable",
        }
    }
}

/// The connection behind a socket, as a test sees it.
struct Connection {
    io: Mutex<ScriptedIo>,
    /// Happens once, in the middle of a call that returns `WouldBlock`.
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// How often the end was sent.
    ends: AtomicUsize,
    /// Whether the peer has gone, so that no end can be sent.
    is_reset: AtomicBool,
    is_closed: AtomicBool,
}

impl Connection {
    fn io(&self) -> MutexGuard<'_, ScriptedIo> {
        self.io.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(ScriptedIo) -> ScriptedIo) {
        let mut io = self.io();
        *io = change(mem::take(&mut *io));
    }

    /// Three bytes to read, or room for three. No event is reported.
    fn make_ready(&self, side: Side) {
        self.change(|io| if side == Reads { io.data("abc") } else { io.room(3) });
    }

    /// What another thread does while a call returns `WouldBlock`.
    fn happens_meanwhile(&self) {
        // Under a lock of the halves that other thread would have to wait.
        if locks_held() == 0 {
            let meanwhile = self.meanwhile.lock().expect("nothing panics under it").take();
            meanwhile.into_iter().for_each(|happens| happens());
        }
    }
}

/// The socket that the halves have.
struct Fake(Arc<Connection>);

impl Socket for Fake {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.0.io().read(buffer);
        if matches!(&result, Err(error) if error.kind() == ErrorKind::WouldBlock) {
            self.0.happens_meanwhile();
        }
        result
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.0.io().write(bytes);
        if matches!(&result, Err(error) if error.kind() == ErrorKind::WouldBlock) {
            self.0.happens_meanwhile();
        }
        result
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.0.ends.fetch_add(1, SeqCst);
        if self.0.is_reset.load(SeqCst) { Err(ErrorKind::NotConnected.into()) } else { Ok(()) }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.0.is_closed.store(true, SeqCst);
    }
}

/// A socket in two halves, with nothing to read and no room, and what the test has of it.
struct Split {
    connection: Arc<Connection>,
    source: Arc<Source>,
    read: ReadHalf<Fake>,
    write: WriteHalf<Fake>,
}

fn start() -> Split {
    let io = ScriptedIo::new().nonblocking().room(0).explain_block(format!(
        "M64: the socket returned WouldBlock, and a poll called it again and again, a hundred times, although \
         no event came. That keeps a thread busy, and all the tasks on it waiting. On WouldBlock, see that \
         the waker is stored, and return Pending. {FIRST}"
    ));
    let connection = Arc::new(Connection {
        io: Mutex::new(io),
        meanwhile: Mutex::default(),
        ends: AtomicUsize::new(0),
        is_reset: AtomicBool::new(false),
        is_closed: AtomicBool::new(false),
    });
    let source = Arc::new(Source::default());
    let (read, write) = split(Fake(connection.clone()), source.clone());
    Split { connection, source, read, write }
}

fn read(half: &mut ReadHalf<Fake>, waker: &Waker) -> Poll<io::Result<usize>> {
    Pin::new(half).poll_read(&mut Context::from_waker(waker), &mut [0; 8])
}

fn write(half: &mut WriteHalf<Fake>, waker: &Waker) -> Poll<io::Result<usize>> {
    Pin::new(half).poll_write(&mut Context::from_waker(waker), b"abc")
}

impl Split {
    fn poll(&mut self, side: Side, waker: &Waker) -> Poll<io::Result<usize>> {
        match side {
            Reads => read(&mut self.read, waker),
            Writes => write(&mut self.write, waker),
        }
    }

    /// The socket becomes ready, and the reactor reports it.
    fn event(&self, side: Side) {
        self.connection.make_ready(side);
        self.source.report(side == Reads, side == Writes);
    }
}

/// What a poll has returned, to be compared.
fn kind(poll: Poll<io::Result<usize>>) -> Poll<Result<usize, ErrorKind>> {
    poll.map_err(|error| error.kind())
}

#[test]
fn each_half_can_be_sent_to_a_task_of_its_own() {
    // If this line does not compile: something in `State` or in the halves may be used by one thread only,
    // such as an `Rc` or a `RefCell`. Tasks move between threads, and events come on any (M7).
    fn sent<T: Send>(_: &T) {}
    let Split { read, write, .. } = start();
    sent(&read);
    sent(&write);
}

#[test]
fn a_half_tries_its_call_first() {
    let mut split = start();
    for side in [Reads, Writes] {
        split.connection.make_ready(side);
        assert_eq!(
            kind(split.poll(side, Waker::noop())),
            Poll::Ready(Ok(3)),
            "M80: the socket was {} before the halves were made, and `left` is what the first poll returned. No \
             event will report it: edges that came before are not repeated. Call the socket first, and \
             wait only if it returns WouldBlock. {FIRST}",
            side.name()
        );
    }
    let (reset, broken) = (ErrorKind::ConnectionReset, ErrorKind::BrokenPipe);
    split.connection.change(|io| io.read_error(reset).write_error(broken));
    let read = kind(split.poll(Reads, Waker::noop()));
    let write = kind(split.poll(Writes, Waker::noop()));
    assert_eq!(
        [read, write],
        [Poll::Ready(Err(reset)), Poll::Ready(Err(broken))],
        "M27: the socket returned ConnectionReset to a read and BrokenPipe to a write; `left` is what the polls \
         returned. Only WouldBlock means that there is something to wait for; return everything else. {FIRST}"
    );
}

#[test]
fn a_half_waits_when_its_call_would_block() {
    let _guard = deadlock_watch(|| {
        format!(
            "M26: the socket returned WouldBlock, and the poll has not returned: it keeps its whole thread waiting, \
             and with it all other tasks of that thread. Store the waker, and return Pending. {FIRST}"
        )
    });
    for side in [Reads, Writes] {
        let mut split = start();
        let (counter, waker) = CountingWaker::new();
        for _ in 0..3 {
            assert_eq!(
                kind(split.poll(side, &waker)),
                Poll::Pending,
                "M27: the socket was not {}, so its call returned WouldBlock, and `left` is what the poll \
                 returned. WouldBlock is not a failure: the task waits. Return Pending. {FIRST}",
                side.name()
            );
        }
        assert_eq!(
            counter.wakes(),
            0,
            "M5: the socket is not {}, and three polls have woken their own task; `left` is how often. It is \
             polled again at once, for ever: a busy loop. `report` wakes the task, the poll does not. \
             {FIRST}",
            side.name()
        );
    }
}

#[test]
fn a_half_that_was_woken_continues_and_waits_again() {
    for side in [Reads, Writes] {
        let mut split = start();
        let (counter, waker) = CountingWaker::new();
        for event in 1..=3 {
            let waits = split.poll(side, &waker).is_pending();
            split.event(side);
            assert_eq!(
                (waits, counter.wakes()),
                (true, event),
                "M1: round {event} of three: a task waits until the socket is {}, and the socket becomes so. `left` \
                 is whether the poll had returned Pending, and how often the task was woken in all rounds. \
                 Each poll that returns Pending stores its waker, where `report` finds it for this direction. \
                 {FIRST}",
                side.name()
            );
            assert_eq!(
                kind(split.poll(side, &waker)),
                Poll::Ready(Ok(3)),
                "M1: the task was woken because the socket is {}, and this is what its poll returned. Call the \
                 socket at each poll. {FIRST}",
                side.name()
            );
        }
    }
}

/// Two tasks wait, each for its direction. They are polled in this order.
fn both_wait(order: [Side; 2]) -> (Split, Arc<CountingWaker>, Arc<CountingWaker>) {
    let mut split = start();
    let ((reader, read), (writer, write)) = (CountingWaker::new(), CountingWaker::new());
    for side in order {
        let _ = split.poll(side, if side == Reads { &read } else { &write });
    }
    (split, reader, writer)
}

#[test]
fn each_half_is_woken_by_its_own_event() {
    for order in [[Reads, Writes], [Writes, Reads]] {
        for side in [Reads, Writes] {
            let (split, reader, writer) = both_wait(order);
            split.event(side);
            let (own, other) = match side {
                Reads => (reader.wakes(), writer.wakes()),
                Writes => (writer.wakes(), reader.wakes()),
            };
            assert_eq!(
                own,
                1,
                "M34: one task waits until the socket is readable, another until it is writable (polled in the \
                 order {order:?}). The socket became {}, and the task that waits for that was woken `left` \
                 times; the other one, {other} times. Keep two wakers, one for each direction: with one place \
                 for both, the second poll overwrites the waker of the first. {TWO}",
                side.name()
            );
            assert_eq!(
                other,
                0,
                "M34: the socket became {}, and the task that waits for the other direction was woken as well: \
                 it is polled for nothing at each event. In `report`, look which direction the event \
                 names, and wake the task that waits for that one. {TWO}",
                side.name()
            );
        }
    }
    let (split, reader, writer) = both_wait([Reads, Writes]);
    split.source.report(true, true);
    assert_eq!(
        (reader.wakes(), writer.wakes()),
        (1, 1),
        "M34: one event said that the socket is both readable and writable; `left` is how often the task that \
         reads was woken, and the one that writes. Each must be woken once: the event is not \
         repeated. {TWO}"
    );
}

#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    for side in [Reads, Writes] {
        let mut split = start();
        let ((old, old_waker), (new, new_waker)) = (CountingWaker::new(), CountingWaker::new());
        let _ = split.poll(side, &old_waker);
        let _ = split.poll(side, &new_waker);
        split.event(side);
        assert_eq!(
            (old.wakes(), new.wakes()),
            (0, 1),
            "M3: a half was polled by one task, then moved to another, which polled it. The socket became {}; \
             `left` is how often the first task was woken, and the second. Replace the waker at each \
             poll that returns Pending. Book: Lost wakes, \"Wakers go stale\".",
            side.name()
        );
    }
}

/// A poll of a half of a socket that is not ready. In the middle of it, another thread makes it ready and
/// reports it: at this moment, or in the call if there is none. Returns whether the moment has come.
fn event_in_the_middle(side: Side, moment: Option<usize>) -> bool {
    let mut split = start();
    let (counter, waker) = CountingWaker::new();
    let (connection, source) = (split.connection.clone(), split.source.clone());
    let event = move || {
        connection.make_ready(side);
        source.report(side == Reads, side == Writes);
    };
    let connection = split.connection.clone();
    let mut polled = Poll::Pending;
    let came = match moment {
        Some(moment) => come_between(moment, event, || polled = split.poll(side, &waker)),
        None => {
            *connection.meanwhile.lock().expect("nothing panics under it") = Some(Box::new(event));
            polled = split.poll(side, &waker);
            connection.meanwhile.lock().expect("nothing panics under it").is_none()
        }
    };
    if came && polled.is_pending() {
        assert!(
            counter.wakes() > 0,
            "M40: in the middle of a poll, {}, the socket became {}, and the reactor reported it. The poll returned \
             Pending, and its task was not woken: the event has found no waker, and no event repeats it. \
             Store the waker before the call, or hold the lock from before the call until it is \
             stored. {BETWEEN}",
            match moment {
                None => "as the call was returning WouldBlock".to_owned(),
                Some(moment) => {
                    let when = if moment.is_multiple_of(2) { "before" } else { "after" };
                    format!("just {when} the lock number {} that it takes", moment / 2 + 1)
                }
            },
            side.name()
        );
        polled = split.poll(side, &waker);
    }
    assert!(
        !came || kind(polled) == Poll::Ready(Ok(3)),
        "M40: in the middle of a poll the socket became {}, and the reactor reported it. After that, the half \
         does not call the socket. {BETWEEN}",
        side.name()
    );
    came
}

#[test]
fn an_event_in_the_middle_of_a_poll_is_not_lost() {
    let _guard = deadlock_watch(|| {
        "a poll or `report` waits for a lock, for ever: the lock is held during a call of the socket, and the \
         tests do not see it. Use the `Mutex` that exercise.rs imports."
    });
    for side in [Reads, Writes] {
        event_in_the_middle(side, None);
        let _ = (0..).take_while(|moment| event_in_the_middle(side, Some(*moment))).count();
    }
}

#[test]
fn no_lock_is_held_while_a_task_is_woken() {
    for side in [Reads, Writes] {
        let mut split = start();
        let held = Arc::new(AtomicUsize::new(0));
        let notes = held.clone();
        let hooked = HookWaker::new(Waker::noop());
        let waker = hooked.on_wake(move || notes.store(locks_held(), SeqCst)).waker();
        let _ = split.poll(side, &waker);
        split.event(side);
        assert_eq!(
            held.load(SeqCst),
            0,
            "M8: `report` has woken a task while it held a lock. What a wake runs is not your code: it may poll \
             this very half, which waits for the lock, for ever. Take the waker out in a block, and wake it \
             after the block. Book: Lost wakes, \"Nothing under the lock\"."
        );
    }
}

#[test]
fn closing_sends_the_end_and_reading_continues() {
    let mut split = start();
    let (reader, waker) = CountingWaker::new();
    let _ = split.poll(Reads, &waker);
    let closed = Pin::new(&mut split.write).poll_close(&mut Context::from_waker(Waker::noop()));
    let closed = closed.map_err(|error| error.kind());
    assert_eq!(
        (closed, split.connection.ends.load(SeqCst) > 0),
        (Poll::Ready(Ok(())), true),
        "M41: the write half was closed; `left` is what `poll_close` returned, and whether the end was sent. Call \
         `shutdown_write`, which does not wait: the peer reads until it gets the end. {SPLIT}"
    );
    assert!(
        !split.connection.is_closed.load(SeqCst),
        "M41: the write half was closed, and that has closed the whole socket. Only one direction is at its \
         end: the peer may still send. {SPLIT}"
    );
    split.event(Reads);
    assert_eq!(
        (reader.wakes(), kind(split.poll(Reads, &waker))),
        (1, Poll::Ready(Ok(3))),
        "M41: a task waited for bytes, then the write half was closed, then bytes came. `left` is how often the \
         task was woken, and what its next poll returned. Closing one direction must not touch the \
         other. {SPLIT}"
    );
    let mut split = start();
    split.connection.is_reset.store(true, SeqCst);
    let closed = Pin::new(&mut split.write).poll_close(&mut Context::from_waker(Waker::noop()));
    assert_eq!(
        closed.map_err(|error| error.kind()),
        Poll::Ready(Err(ErrorKind::NotConnected)),
        "M27: the peer has gone, so `shutdown_write` returned NotConnected; `left` is what `poll_close` returned. \
         The task that closes must learn of it: return the error. {SPLIT}"
    );
    // What a drop does with that error is another test.
    split.connection.is_reset.store(false, SeqCst);
}

#[test]
fn dropping_the_write_half_sends_the_end_and_reading_continues() {
    let Split { connection, source, mut read, write } = start();
    let (reader, waker) = CountingWaker::new();
    let _ = self::read(&mut read, &waker);
    drop(write);
    assert!(
        connection.ends.load(SeqCst) > 0,
        "M41: the write half was dropped, and no end was sent. The read half keeps the socket open, so the peer \
         waits for bytes that no half can send. `drop` calls `shutdown_write`. {SPLIT}"
    );
    assert!(
        !connection.is_closed.load(SeqCst),
        "M41: the write half was dropped, and that has closed the whole socket; the read half is still there, \
         and the peer may still send. {SPLIT}"
    );
    connection.make_ready(Reads);
    source.report(true, false);
    assert_eq!(
        (reader.wakes(), kind(self::read(&mut read, &waker))),
        (1, Poll::Ready(Ok(3))),
        "M41: a task waited for bytes, then the write half was dropped, then bytes came. `left` is how often the \
         task was woken, and what its next poll returned. The end of one direction must not touch the \
         other. {SPLIT}"
    );
}

#[test]
fn an_end_that_cannot_be_sent_ends_no_task() {
    let Split { connection, write, .. } = start();
    connection.is_reset.store(true, SeqCst);
    let dropped = std::thread::spawn(move || drop(write)).join();
    assert!(
        dropped.is_ok(),
        "M24: the peer has gone, so `shutdown_write` returned NotConnected while the write half was dropped, and \
         `drop` has panicked. That ends the task that drops it, which has done nothing wrong; in the \
         middle of another panic it ends the program. Ignore the error: `let _ = …`. {SPLIT}"
    );
}

#[test]
fn dropping_the_read_half_ends_nothing() {
    let Split { connection, source, read, mut write } = start();
    let (writer, waker) = CountingWaker::new();
    let _ = self::write(&mut write, &waker);
    drop(read);
    assert_eq!(
        (connection.ends.load(SeqCst), connection.is_closed.load(SeqCst)),
        (0, false),
        "M41: the read half was dropped; `left` is how often the end was sent, and whether the socket was closed. \
         The write half is still there: the peer must be able to get what it writes. {SPLIT}"
    );
    connection.make_ready(Writes);
    source.report(false, true);
    assert_eq!(
        (writer.wakes(), kind(self::write(&mut write, &waker))),
        (1, Poll::Ready(Ok(3))),
        "M41: a task waited for room, then the read half was dropped, then there was room. `left` is how often \
         the task was woken, and what its next poll returned. The end of one direction must not touch \
         the other. {SPLIT}"
    );
}

#[test]
fn the_socket_is_closed_when_both_halves_are_gone() {
    for write_first in [true, false] {
        let Split { connection, source, mut read, mut write } = start();
        let (_, waker) = CountingWaker::new();
        let _ = (self::read(&mut read, &waker), self::write(&mut write, &waker));
        if write_first {
            drop(write);
            drop(read);
        } else {
            drop(read);
            drop(write);
        }
        assert!(
            connection.is_closed.load(SeqCst),
            "M78: both halves were dropped, and the socket is still open. The reactor's `Source` is still there; \
             it must not hold the socket, nor anything that does. The halves share the socket, and \
             nothing else has it. {SPLIT}"
        );
        drop(source);
    }
}
