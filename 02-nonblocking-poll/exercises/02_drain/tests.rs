//! Judges `exercise.rs`. The tests are in the order in which they are run; the first one that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::collections::VecDeque;
use std::io::{self, ErrorKind};

use exercise::{Listener, Peer, accept_ready, read_ready};
use testkit::{FakePoller, Interest, Operation, Readiness, ScriptedIo, Trigger, times_waited};

const STUCK: &str = "Book: Edges and levels, \"A connection that is stuck\".";
const DRAIN: &str = "Book: Edges and levels, \"Until it would block\".";
const HINT: &str = "Book: Edges and levels, \"Readiness is a hint\".";
const SAYS: &str = "Book: Asking without waiting, \"What `WouldBlock` says\".";
const PRICE: &str = "Book: Asking without waiting, \"The price of asking\".";

/// What this loop's only source is called.
const SOURCE: usize = 0;

/// A loop around an edge-triggered poller, which reports its source once. Each event is handed to
/// `ready`, until nothing would ever be reported again.
fn one_edge(mut ready: impl FnMut()) {
    let poller = FakePoller::new(Trigger::Edge);
    poller.register(SOURCE, Interest::READABLE).expect("it is the first");
    poller.edge(SOURCE, Readiness::READABLE);
    while let Ok(events) = poller.poll() {
        events.iter().for_each(|_| ready());
    }
}

/// What `accept` returns, one step a call; then `WouldBlock`. Clients have numbers.
struct Script {
    steps: VecDeque<Result<usize, io::Error>>,
    /// How often it returned `WouldBlock`.
    refusals: usize,
}

impl Script {
    fn new(steps: impl IntoIterator<Item = Result<usize, ErrorKind>>) -> Self {
        let steps = steps.into_iter().map(|step| step.map_err(io::Error::from));
        Self { steps: steps.collect(), refusals: 0 }
    }

    /// Then this error comes, whenever it is asked again.
    fn fails(mut self, error: impl Fn() -> io::Error) -> Self {
        self.steps.extend((0..10).map(|_| Err(error())));
        self
    }
}

impl Listener for Script {
    type Client = usize;

    fn accept(&mut self) -> io::Result<usize> {
        self.steps.pop_front().unwrap_or_else(|| {
            self.refusals += 1;
            assert!(
                self.refusals <= 10,
                "M64: accept returned `WouldBlock`, and you called it again and again. No client waits, \
                 and each call returns at once: that keeps a processor busy and all other connections \
                 waiting. Return; the poller reports the next client. {PRICE}"
            );
            Err(ErrorKind::WouldBlock.into())
        })
    }
}

/// What became of one event of a listener.
fn accept(script: &mut Script) -> (Vec<usize>, io::Result<()>) {
    let mut accepted = Vec::new();
    let mut result = Ok(());
    one_edge(|| result = accept_ready(script, &mut accepted));
    (accepted, result)
}

/// A stream that explains what is wrong when it is asked for ever.
fn peer() -> ScriptedIo {
    ScriptedIo::new()
        .nonblocking()
        .explain_block(format!(
            "M64: a read returned `WouldBlock`, and you read again and again. Nothing has come, and \
             each call returns at once: that keeps a processor busy and all other connections waiting. \
             Return; the poller reports what comes next. {PRICE}"
        ))
        .explain_ignored_end(
            "M31: a read returned Ok(0), and you went on reading. Ok(0) is the end of the stream: \
             every later read returns it again, at once, and never `WouldBlock`. Return `Ended` \
             there. Book: A server in twenty lines, \"What a read may return\".",
        )
}

/// What became of one event of a stream.
fn read(stream: &mut ScriptedIo) -> (Vec<u8>, io::Result<Peer>) {
    let mut received = Vec::new();
    let mut result = Ok(Peer::Open);
    one_edge(|| result = read_ready(stream, &mut received));
    (received, result)
}

#[test]
fn a_client_that_waits_is_accepted() {
    let (accepted, result) = accept(&mut Script::new([Ok(1)]));
    assert_eq!(accepted, [1], "Client 1 waited; `left` is what you accepted.");
    assert!(
        result.is_ok(),
        "M27: client 1 was accepted, no other waits, and you returned {result:?}. `WouldBlock` is \
         not a failure: there is nothing more for now. Return Ok. {SAYS}"
    );
}

#[test]
fn one_event_brings_all_who_wait() {
    for count in [2, 3, 5000] {
        let mut script = Script::new((0..count).map(Ok));
        let (accepted, _) = accept(&mut script);
        assert!(
            script.steps.is_empty(),
            "M32: {count} clients had come when the listener was reported, and you accepted {} of them. \
             The poller reports an edge once, not once for each client: the next poll waits for ever, \
             and so do the other clients. Accept until `WouldBlock`. {STUCK}",
            accepted.len()
        );
        assert!(
            accepted.iter().copied().eq(0..count),
            "{count} clients waited and were accepted, but `accepted` does not hold them in order: {:?} …",
            &accepted[..accepted.len().min(5)]
        );
    }
}

#[test]
fn an_event_with_no_client_behind_it_is_no_error() {
    let (accepted, result) = accept(&mut Script::new([]));
    assert!(
        accepted.is_empty() && result.is_ok(),
        "M33: the listener was reported, and no client waits: the client has left again, or was \
         accepted with an earlier event. You returned {result:?}. An event may come for nothing, and \
         `WouldBlock` is not a failure, also not as the very first answer. Return Ok. {HINT}"
    );
}

#[test]
fn a_client_that_left_hides_nobody() {
    let left = [ErrorKind::ConnectionAborted, ErrorKind::Interrupted];
    for kind in left {
        let mut script = Script::new([Ok(1), Err(kind), Err(kind), Ok(2), Err(kind)]);
        let (accepted, result) = accept(&mut script);
        assert!(
            accepted == [1, 2] && result.is_ok() && script.refusals > 0,
            "M39: accept returned {kind:?} between clients 1 and 2; you accepted {accepted:?} and \
             returned {result:?}. That error says nothing about the clients that come next: accept again, \
             until `WouldBlock`. {DRAIN}"
        );
    }
}

#[test]
fn an_accept_that_fails_is_reported_and_loses_nobody() {
    let out_of_memory = || ErrorKind::OutOfMemory.into();
    // On most systems: too many open files. A socket's errors have such a number, and often no name.
    let out_of_descriptors = || io::Error::from_raw_os_error(24);
    let errors: [&dyn Fn() -> io::Error; 2] = [&out_of_memory, &out_of_descriptors];
    for error in errors {
        let mut script = Script::new([]).fails(error);
        let result = accept_ready(&mut script, &mut Vec::new());
        let calls = 10 - script.steps.len();
        assert!(
            matches!(&result, Err(other) if other.to_string() == error().to_string()) && calls == 1,
            "M39: accept failed with `{}`; you called it {calls} time(s) and returned {result:?}. Clients \
             still wait, and no event will come for them. The caller has to know: it pauses, and calls \
             this function again. Neither sleep nor try again here: return the error. {DRAIN}",
            error()
        );
        let waits = (0..3).map(|_| {
            let before = times_waited();
            let _ = accept_ready(&mut Script::new([]).fails(error), &mut Vec::new());
            times_waited() - before
        });
        assert!(
            waits.min() == Some(0),
            "M39: accept failed with `{}`, and you slept before you returned. All connections are \
             on the same thread, and wait meanwhile. Return the error at once: the caller pauses \
             accepting, and serves the others. {DRAIN}",
            error()
        );
    }
    let script = &mut Script::new([Ok(1), Ok(2)]).fails(out_of_memory);
    let mut accepted = vec![0];
    let _ = accept_ready(script, &mut accepted);
    assert_eq!(
        accepted,
        [0, 1, 2],
        "M65: client 0 was in `accepted`, 1 and 2 were accepted, and then accept failed. `left` is \
         what is in `accepted` now. A client that was accepted and is in no list is dropped, and its \
         connection is closed. Push each client at once. {DRAIN}"
    );
    for kind in [ErrorKind::TimedOut, ErrorKind::PermissionDenied, ErrorKind::ConnectionReset] {
        let result = accept_ready(&mut Script::new([Err(kind)]), &mut Vec::new());
        assert!(
            matches!(&result, Err(error) if error.kind() == kind),
            "M39: accept returned {kind:?}, and you returned {result:?}. Only the three errors that \
             `accept_ready` names are handled there. Return every other one to the caller. {DRAIN}"
        );
    }
}

#[test]
fn what_waits_is_read() {
    let mut stream = peer().data("hello");
    let (received, result) = read(&mut stream);
    assert!(
        !stream.operations().contains(&Operation::Read(0)),
        "M68: `hello` had come, and your read returned 0 bytes, because its buffer had no room. A read \
         fills a slice up to its length, and a new Vec has the length 0, whatever its capacity. Such an \
         Ok(0) is not the end of the stream. {DRAIN}"
    );
    assert_eq!(
        String::from_utf8_lossy(&received),
        "hello",
        "M30: `hello` came; `left` is what you put into `received`. After a read of n bytes only the \
         first n of the buffer are new. Book: A server in twenty lines, \"What a read may return\"."
    );
    assert!(
        matches!(result, Ok(Peer::Open)),
        "M27: `hello` was read, nothing more is here for now, and you returned {result:?}. `WouldBlock` \
         is neither a failure nor the end: the peer may send more. Return Ok(Open). {SAYS}"
    );
}

#[test]
fn one_event_brings_all_bytes() {
    for size in [10_000, 3_000_000] {
        let sent: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
        let mut stream = peer().data(&sent);
        let (received, _) = read(&mut stream);
        assert!(
            !stream.is_readable(),
            "M32: {size} bytes had come when the stream was reported, and you took {} of them. The \
             poller reports an edge once, whatever is left: the next poll waits for ever, and the peer \
             waits for its answer. Read until `WouldBlock`. {STUCK}",
            received.len()
        );
        assert!(
            received == sent,
            "M30: {size} bytes came, and `received` holds {} that are not the same. Append each piece \
             to those before it. Book: A server in twenty lines, \"What a read may return\".",
            received.len()
        );
    }
}

#[test]
fn an_event_with_no_bytes_behind_it_is_no_end() {
    let (received, result) = read(&mut peer());
    assert!(
        matches!(result, Ok(Peer::Open)) && received.is_empty(),
        "M33: the stream was reported, and nothing is here: it was read with an earlier event, or the \
         kernel has dropped what it reported. You returned {result:?}. An event may come for nothing: \
         `WouldBlock` is neither a failure nor the end, also as the very first answer. Return Ok(Open). {HINT}"
    );
}

#[test]
fn the_end_is_reported() {
    let (received, result) = read(&mut peer().end());
    assert!(
        matches!(result, Ok(Peer::Ended)) && received.is_empty(),
        "M31: the peer has finished without sending anything, and you returned {result:?}. A read that \
         returns Ok(0) is the end of the stream. Book: A server in twenty lines, \"What a read may return\"."
    );
}

#[test]
fn an_end_that_came_with_bytes_is_seen() {
    for size in [5, 1024, 10_000] {
        let (received, result) = read(&mut peer().data(vec![b'x'; size]).end());
        assert!(
            matches!(result, Ok(Peer::Ended)),
            "M32: {size} bytes came, and the end with them: one event. You took {} bytes and returned \
             {result:?}, so the end is still in the socket, and will not be reported again: this \
             connection stays open for ever. A read that returns less than there is room for does not tell \
             you that nothing is left. Only `WouldBlock` does, or the end itself. {DRAIN}",
            received.len()
        );
        assert_eq!(
            received.len(),
            size,
            "M30: {size} bytes came before the end; `left` were kept."
        );
    }
}

#[test]
fn many_short_pieces_are_all_read() {
    let mut stream = peer().data_byte_by_byte("0123456789");
    let (received, result) = read(&mut stream);
    assert_eq!(
        String::from_utf8_lossy(&received),
        "0123456789",
        "M32: ten bytes came, one with each read; `left` is what you took, and you returned {result:?}. \
         A short read says nothing about what is left, however many there were. Read until \
         `WouldBlock`. {STUCK}"
    );
}

#[test]
fn each_event_adds_to_what_came_before() {
    let poller = FakePoller::new(Trigger::Edge);
    poller.register(SOURCE, Interest::READABLE).unwrap();
    let mut stream = peer();
    let mut received = Vec::new();
    for piece in ["one ", "two ", "three"] {
        stream = stream.data(piece);
        poller.edge(SOURCE, Readiness::READABLE);
        for _ in poller.poll().unwrap() {
            read_ready(&mut stream, &mut received).unwrap();
        }
    }
    assert_eq!(
        String::from_utf8_lossy(&received),
        "one two three",
        "M30: three pieces came with three events; `left` is `received` after them. Keep \
         what came earlier, and append what comes. Book: A server in twenty lines, \"What a \
         read may return\"."
    );
}

#[test]
fn an_interrupted_read_is_tried_again() {
    let interrupted = ErrorKind::Interrupted;
    let mut stream = peer().read_error(interrupted).data("a").read_error(interrupted).data("b");
    let (received, result) = read(&mut stream);
    assert_eq!(
        (String::from_utf8_lossy(&received).as_ref(), result.map_err(|error| error.kind())),
        ("ab", Ok(Peer::Open)),
        "M28: `ab` came, and signals interrupted two of the reads; `left` is what you took and \
         returned. `Interrupted` says nothing about the stream, and it is not `WouldBlock`: no event \
         will come for what is left. Read again, and append nothing: an interrupted read returned no \
         bytes. Book: A server in twenty lines, \"A signal may interrupt both\"."
    );
}

#[test]
fn a_read_that_fails_is_reported_and_loses_nothing() {
    let mut stream = peer().data("a").data("b").read_error(ErrorKind::ConnectionReset).end();
    let (received, result) = read(&mut stream);
    assert!(
        matches!(&result, Err(error) if error.kind() == ErrorKind::ConnectionReset),
        "M28: the peer reset the connection, and you returned {result:?}. Only `WouldBlock` and \
         `Interrupted` are not failures: return every other error to the caller. Book: A server in twenty \
         lines, \"A signal may interrupt both\"."
    );
    assert_eq!(
        String::from_utf8_lossy(&received),
        "ab",
        "M65: `ab` came, and then the connection was reset. `left` is what is in `received`. What was \
         read is nowhere else: append each piece at once, and nothing else. If you made room for a \
         read in `received`, take it away again when the read fails. {DRAIN}"
    );
    for kind in [ErrorKind::TimedOut, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe] {
        let (_, result) = read(&mut peer().read_error(kind).end());
        assert!(
            matches!(&result, Err(error) if error.kind() == kind),
            "M28: a read returned {kind:?}, and you returned {result:?}. Only `WouldBlock` and `Interrupted` \
             are not failures: return every other error to the caller. Book: A server in twenty lines, \
             \"A signal may interrupt both\"."
        );
    }
}
