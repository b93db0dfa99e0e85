//! Judges `exercise.rs`. The tests are in the order in which they are run; the first one that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::io::{self, ErrorKind};
use std::mem;

use exercise::{Connection, Interest};
use testkit::{FakePoller, Operation, ScriptedIo, Trigger};

const PART: &str = "Book: When the peer is slow, \"A write takes a part\".";
const BACKPRESSURE: &str = "Book: When the peer is slow, \"Backpressure\".";
const WRITING: &str = "Book: When the peer is slow, \"Interest in writing\".";
const HINT: &str = "Book: Edges and levels, \"Readiness is a hint\".";
const HALF: &str = "Book: A connection is a state machine, \"Half a close, again\".";
const SAYS: &str = "Book: Asking without waiting, \"What `WouldBlock` says\".";

/// What this loop's only source is called.
const SOURCE: usize = 0;

/// A loop around a level-triggered poller, with one connection.
struct Loop {
    poller: FakePoller,
    stream: ScriptedIo,
    connection: Connection,
    bound: usize,
}

impl Loop {
    fn new(bound: usize, stream: ScriptedIo) -> Self {
        let stream = stream.nonblocking().explain_block(format!(
            "M64: the stream returned `WouldBlock`, and you called it again and again. Each call returns \
             at once: that keeps a processor busy and all other connections waiting. Return; the poller \
             reports when there is something to do. {SAYS}"
        ));
        let poller = FakePoller::new(Trigger::Level);
        Self { poller, stream, connection: Connection::new(bound), bound }
    }

    /// The peer does something: sends, finishes, takes some bytes and so makes room for others.
    fn peer(&mut self, does: impl FnOnce(ScriptedIo) -> ScriptedIo) {
        self.stream = does(mem::take(&mut self.stream));
    }

    /// Runs until a poll would wait for ever, or the conversation is over, or it fails.
    fn run(&mut self) -> io::Result<()> {
        let mut turns_for_nothing = 0;
        while let Some(interest) = self.connection.interest() {
            self.watch(interest);
            self.poller.set_readable(SOURCE, self.stream.is_readable());
            self.poller.set_writable(SOURCE, self.stream.is_writable());
            let Ok(events) = self.poller.poll() else {
                self.explain_wait(interest);
                return Ok(());
            };
            let before = (self.read(), self.written(), self.has_ended());
            for event in events {
                if event.readable {
                    self.connection.on_readable(&mut self.stream)?;
                }
                if event.writable {
                    self.connection.on_writable(&mut self.stream)?;
                }
            }
            let after = (self.read(), self.written(), self.has_ended());
            turns_for_nothing = if before == after { turns_for_nothing + 1 } else { 0 };
            if turns_for_nothing == 10 {
                self.explain_spin();
            }
        }
        self.explain_end();
        Ok(())
    }

    /// Tells the poller.
    fn watch(&self, interest: Interest) {
        let Interest { readable, writable } = interest;
        assert!(
            readable || writable,
            "M67: {} bytes wait, and you are interested in nothing: the poller would never report this \
             connection again. Return `None` only if the conversation is over. {WRITING}",
            self.waiting()
        );
        let wanted = testkit::Interest { readable, writable };
        let result = match self.poller.interest(SOURCE) {
            None => self.poller.register(SOURCE, wanted),
            Some(interest) if interest != wanted => self.poller.reregister(SOURCE, wanted),
            Some(_) => Ok(()),
        };
        result.expect("it is registered once, and for something");
    }

    /// A poll that never returns is right when neither side can do anything.
    fn explain_wait(&self, Interest { readable, writable }: Interest) {
        let (waiting, bound) = (self.waiting(), self.bound);
        assert!(
            writable || waiting == 0 || !self.stream.is_writable(),
            "M67: {waiting} bytes wait, the stream has room, and you are not interested in writing: \
             the poller never reports the room, and the peer never gets the bytes. Be interested in \
             writing while bytes wait. {WRITING}"
        );
        self.explain_empty_read();
        assert!(
            readable || waiting >= bound || self.has_ended() || !self.stream.is_readable(),
            "M67: {waiting} bytes wait of {bound} that may, the peer has sent more, and you are not \
             interested in reading: the poller does not report the bytes, and each side waits for the \
             other. Be interested in reading as soon as there is room. Only `Ok(0)`, read into a buffer \
             with room, says that the peer will send no more. {BACKPRESSURE}"
        );
    }

    /// Ten polls reported something, and nothing was done.
    fn explain_spin(&self) {
        let (waiting, bound) = (self.waiting(), self.bound);
        let polls = self.poller.polls_with_events();
        let Some(Interest { readable, writable }) = self.connection.interest() else { return };
        assert!(
            !(writable && waiting == 0),
            "M37: nothing waits to be written, and you are interested in writing. A stream has room \
             nearly always, so each poll returns at once, {polls} times by now, and the loop takes a \
             whole processor for nothing. Be interested in writing only while bytes wait. {WRITING}"
        );
        assert!(
            !(readable && self.has_ended()),
            "M41: the peer has sent its last byte, and you are interested in reading. A read would \
             return Ok(0), so each poll reports the stream as readable, {polls} times by now: the loop \
             takes a whole processor for nothing. {HALF}"
        );
        assert!(
            !(readable && waiting >= bound),
            "M50: {waiting} bytes wait of {bound} that may, and you are interested in reading. You must \
             not read, so each poll reports the same bytes again, {polls} times by now. Be interested in \
             reading again when there is room. {BACKPRESSURE}"
        );
        panic!(
            "M64: ten polls in a row have reported the stream, and nothing was read or written: a busy \
             loop. {waiting} bytes wait; you are interested in readable: {readable}, writable: \
             {writable}. If a function has nothing to do for now, do not be interested in its \
             event. {BACKPRESSURE}"
        );
    }

    /// `None` means that both sides have finished.
    fn explain_end(&self) {
        self.explain_empty_read();
        let failed = self.stream.operations().iter().find_map(|op| match op {
            Operation::ReadError(kind) | Operation::WriteError(kind) => Some(*kind)
                .filter(|kind| ![ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(kind)),
            _ => None,
        });
        if let Some(kind) = failed {
            panic!(
                "M28: the stream returned {kind:?}, and your `interest` says that the conversation is over, \
                 as if both sides had finished. Only `WouldBlock` and `Interrupted` are not failures; \
                 return every other error to the caller. Book: A server in twenty lines, \"A signal may \
                 interrupt both\"."
            );
        }
        assert!(
            self.has_ended(),
            "M27: the peer has not finished, and your `interest` says that the conversation is over. Only \
             an Ok(0) from a read into a buffer with room is the end. Into an empty one, every read returns \
             Ok(0); and `WouldBlock` says that nothing is here for now. {SAYS}"
        );
        assert_eq!(
            self.waiting(),
            0,
            "M41: the peer has sent its last byte, and your `interest` says that the conversation is over. \
             `left` is how many bytes still wait for the peer: it has finished sending, not receiving. \
             {HALF}"
        );
    }

    /// A read into no room returns Ok(0), which was taken for the end.
    fn explain_empty_read(&self) {
        let reading = self.connection.interest().is_some_and(|interest| interest.readable);
        let was_zero = self.stream.operations().contains(&Operation::Read(0));
        assert!(
            reading || self.waiting() >= self.bound || self.has_ended() || !was_zero,
            "M68: the outbox was full, and you read into a buffer with no room. Such a read returns \
             Ok(0), and you took that for the end of the stream: the peer has sent more, and you no \
             longer read it. If there is no room, do not read. {BACKPRESSURE}"
        );
    }

    fn read(&self) -> usize {
        let read = |op: &Operation| if let Operation::Read(n) = op { *n } else { 0 };
        self.stream.operations().iter().map(read).sum()
    }

    fn written(&self) -> usize {
        self.stream.written().len()
    }

    /// How many bytes were read and not written.
    fn waiting(&self) -> usize {
        self.read().saturating_sub(self.written())
    }

    /// Whether a read has returned the end.
    fn has_ended(&self) -> bool {
        self.stream.end_was_read()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(self.stream.written()).into_owned()
    }
}

/// A peer that has taken everything so far, with room for what comes.
fn peer() -> ScriptedIo {
    ScriptedIo::new().explain_ignored_end(
        "M31: a read returned Ok(0), and you went on reading. Ok(0) is the end of the stream, and every \
         later read returns it again. Book: A server in twenty lines, \"What a read may return\".",
    )
}

#[test]
fn a_new_connection_asks_to_read() {
    let mut server = Loop::new(16, peer());
    assert!(
        server.run().is_ok(),
        "M33: nothing has come and nothing waits, and you reported an error. {HINT}"
    );
    assert_eq!(
        server.connection.interest(),
        Some(Interest { readable: true, writable: false }),
        "The peer may speak, and nothing waits for it; `left` is your interest."
    );
}

#[test]
fn what_was_sent_goes_back() {
    let mut server = Loop::new(16, peer().data("hello").data(", ").data("world"));
    let result = server.run();
    assert!(
        result.is_ok() && server.text() == "hello, world",
        "The peer sent `hello, world` in three pieces, and you wrote {:?} and returned {result:?}.",
        server.text()
    );
}

#[test]
fn an_event_with_nothing_behind_it_changes_nothing() {
    let mut server = Loop::new(16, peer().room(0));
    let read = server.connection.on_readable(&mut server.stream);
    assert!(
        read.is_ok() && server.connection.interest().is_some(),
        "M33: the stream was reported as readable, and the read returned `WouldBlock`; you returned \
         {read:?} and are interested in {:?}. `WouldBlock` is neither a failure nor the end. {HINT}",
        server.connection.interest()
    );
    let wrote = server.connection.on_writable(&mut server.stream);
    let writes = server.stream.operations().iter();
    let writes = writes.filter(|op| matches!(op, Operation::Write(_) | Operation::WriteError(_)));
    assert!(
        wrote.is_ok() && writes.count() == 0,
        "M33: the stream was reported as writable, nothing waits, and you called `write` and returned \
         {wrote:?}. Look before you write: a write of no bytes returns `Ok(0)`. {HINT}"
    );
}

#[test]
fn a_write_that_took_a_part_leaves_the_rest() {
    let mut server = Loop::new(16, peer().room(3).data("question"));
    let result = server.run();
    assert!(
        result.is_ok(),
        "M27: a write took 3 of 8 bytes, the next returned `WouldBlock`, and you returned {result:?}. \
         That is not a failure: the other 5 wait until the peer has taken some. {SAYS}"
    );
    assert_eq!(server.text(), "que", "The peer sent `question`, and has room for 3 bytes.");
    let rest = server.connection.into_unsent();
    assert_eq!(
        String::from_utf8_lossy(&rest),
        "stion",
        "M29: a write took the first 3 of 8 bytes, and the next returned `WouldBlock`. `left` is what \
         is in your outbox now. What a write took leaves it, and nothing else does: neither all of \
         it, nor a rest that stood in a local variable when you returned. {PART}"
    );
}

#[test]
fn each_write_may_take_a_part() {
    let mut server = Loop::new(32, peer().data("0123456789").every_write_at_most(3));
    let result = server.run();
    assert_eq!(
        (server.text().as_str(), result.map_err(|error| error.kind())),
        ("0123456789", Ok(())),
        "M29: each write took 3 bytes at most; `left` is what the peer got of its 10 bytes, and what you \
         returned. What a write took leaves the outbox, at its front; the rest goes out with the next \
         write. {PART}"
    );
}

#[test]
fn an_idle_connection_asks_for_no_writing() {
    let mut server = Loop::new(32, peer().room(3).data("question"));
    let _ = server.run();
    server.peer(|peer| peer.room(100));
    let _ = server.run();
    let polls = server.poller.polls_with_events();
    let _ = server.run();
    assert_eq!(
        server.poller.polls_with_events(),
        polls,
        "M37: a poll returned for nothing. {WRITING}"
    );
    assert_eq!(
        server.connection.interest(),
        Some(Interest { readable: true, writable: false }),
        "M37: everything was written; `left` is your interest. {WRITING}"
    );
}

#[test]
fn what_waits_goes_out_when_there_is_room() {
    let mut server = Loop::new(32, peer().room(0).data("0123456789"));
    for _ in 0..10 {
        server.run().expect("nothing went wrong on this stream, and you reported an error");
        server.peer(|peer| peer.room(3));
    }
    server.run().expect("nothing went wrong on this stream, and you reported an error");
    assert_eq!(
        server.text(),
        "0123456789",
        "M29: the peer took its bytes three at a time, with `WouldBlock` between. `left` is what it got. \
         After `WouldBlock`, continue where the last write ended: not at the beginning, and not after the \
         end. {PART}"
    );
}

#[test]
fn what_waits_goes_first() {
    let mut server = Loop::new(32, peer().room(2).data("first "));
    let _ = server.run();
    server.peer(|peer| peer.room(2).data("second "));
    let _ = server.run();
    server.peer(|peer| peer.room(100).data("third"));
    let _ = server.run();
    assert_eq!(
        server.text(),
        "first second third",
        "M66: 2 bytes of `first ` were taken, then `second ` came and 2 more were taken; then `third`, \
         and the peer took all; `left` is what it got. What is read goes behind what waits, even if the \
         stream has room at this moment, and what is left of a piece stays at the front. {PART}"
    );
}

#[test]
fn no_more_than_the_bound_waits() {
    for bound in [1, 16, 1500, 5000] {
        let mut server = Loop::new(bound, peer().room(0).data([b'x'; 9000]));
        let result = server.run();
        assert!(
            server.waiting() <= bound,
            "M50: at most {bound} bytes may wait, the peer takes none, and you hold {}. A peer that sends \
             and takes nothing fills your memory. Read no more than there is room for. {BACKPRESSURE}",
            server.waiting()
        );
        assert_eq!(
            server.waiting(),
            bound,
            "M67: {bound} bytes may wait, and the peer has sent more; `left` is how many do. Read while \
             there is room. {BACKPRESSURE}"
        );
        assert!(result.is_ok(), "A full outbox is not a failure, and you returned {result:?}.");
    }
}

#[test]
fn what_was_read_before_is_no_room() {
    // The first piece leaves room for 6 bytes of the second.
    let mut server = Loop::new(16, peer().room(0).data("0123456789").data("abcdefghij"));
    let _ = server.run();
    assert!(
        server.waiting() <= 16,
        "M50: 16 bytes may wait, 10 did, 10 more came, and now you hold {}. Read no more than there is \
         room for, next to what waits. What you leave in the socket is not lost. {BACKPRESSURE}",
        server.waiting()
    );
    let unsent = server.connection.into_unsent();
    assert_eq!(
        String::from_utf8_lossy(&unsent),
        "0123456789abcdef",
        "M50: 16 bytes may wait, and 20 came; `left` is what waits. Bytes that were read and do not \
         fit are lost: leave them in the socket. {BACKPRESSURE}"
    );
}

#[test]
fn reading_goes_on_when_there_is_room() {
    let sent: String = ('a'..='z').cycle().take(500).collect();
    let mut server = Loop::new(16, peer().room(0).data(&sent));
    for _ in 0..=500 / 7 {
        server.peer(|peer| peer.room(7));
        server.run().expect("nothing went wrong on this stream, and you reported an error");
    }
    assert_eq!(
        server.text(),
        sent,
        "M67: the peer takes 7 bytes at a time, and has sent 500; `left` is what it got. Read again as soon \
         as there is room. {BACKPRESSURE}"
    );
}

#[test]
fn interest_is_what_the_outbox_says() {
    for (waits, readable, writable) in
        [(0, true, false), (1, true, true), (15, true, true), (16, false, true)]
    {
        for full_before in [false, true] {
            let sent = vec![b'x'; if full_before { 16 } else { waits }];
            let room = sent.len() - waits;
            let mut server = Loop::new(16, peer().room(0));
            if !sent.is_empty() {
                server.peer(|peer| peer.data(sent));
            }
            let _ = server.run();
            // The peer takes as many as leave `waits`.
            server.peer(|peer| peer.room(room));
            let _ = server.run();
            assert_eq!(
                server.connection.interest(),
                Some(Interest { readable, writable }),
                "M67: {waits} bytes wait of 16 that may{}; `left` is your interest. Readable \
                 while fewer than the bound wait, writable while any wait, as the documentation of \
                 `interest` says. {BACKPRESSURE}",
                if full_before { ", and a moment ago 16 did" } else { "" }
            );
        }
    }
}

#[test]
fn an_event_for_a_full_outbox_is_no_end() {
    let mut server = Loop::new(5, peer().room(0).data("hello world"));
    let _ = server.run();
    // It was on its way when the outbox became full.
    let result = server.connection.on_readable(&mut server.stream);
    assert!(
        result.is_ok() && server.read() == 5,
        "M50: the outbox is full, one more event came, and you returned {result:?}; {} bytes were read of \
         5 that may wait. {BACKPRESSURE}",
        server.read()
    );
    server.peer(|peer| peer.room(100));
    let _ = server.run();
    assert_eq!(
        server.text(),
        "hello world",
        "M50: the outbox was full, one more event came, and later the peer took everything; `left` is \
         what it got. {BACKPRESSURE}"
    );
}

#[test]
fn what_waits_at_the_end_goes_out() {
    let mut server = Loop::new(16, peer().room(2).data("hello").end());
    let _ = server.run();
    assert_eq!(
        server.connection.interest(),
        Some(Interest { readable: false, writable: true }),
        "M41: the peer has sent its last byte, and 3 of 5 bytes wait for it. `left` is your interest: \
         nothing is left to read, and something is left to write. {HALF}"
    );
    server.peer(|peer| peer.room(100));
    let _ = server.run();
    assert_eq!(
        server.text(),
        "hello",
        "M41: the peer has finished, and took 2 bytes and then the rest; `left` is what it got. Remove \
         what a write has taken at once, also when the next write returns `WouldBlock`, and keep what it \
         has not taken. {HALF}"
    );
    assert_eq!(server.connection.interest(), None, "The peer has finished and got everything.");
}

#[test]
fn an_interruption_is_no_error() {
    let interrupted = ErrorKind::Interrupted;
    let stream = peer().read_error(interrupted).data("hello").write_error(interrupted);
    let mut server = Loop::new(16, stream.write_at_most(2).write_error(interrupted));
    let result = server.run();
    assert_eq!(
        (server.text().as_str(), result.map_err(|error| error.kind())),
        ("hello", Ok(())),
        "M28: signals interrupted a read and two writes of `hello`; `left` is what the peer got, and what \
         you returned. An interrupted call took nothing: try again, or wait for the poller to report \
         the stream again. Book: A server in twenty lines, \"A signal may interrupt both\"."
    );
}

#[test]
fn a_write_that_accepts_nothing_is_an_error() {
    let mut server = Loop::new(16, peer().data("hello").write_at_most(0));
    let result = server.run();
    assert!(
        matches!(&result, Err(error) if error.kind() == ErrorKind::WriteZero),
        "M29: a write accepted 0 bytes of those that it was offered, and you returned {result:?}. That is \
         not `WouldBlock`: such a writer will take nothing next time either. Do not offer the bytes \
         again; return `ErrorKind::WriteZero`. {PART}"
    );
}

#[test]
fn an_error_leaves_what_waits() {
    let stream = peer().data("question").write_at_most(3).write_error(ErrorKind::BrokenPipe);
    let mut server = Loop::new(16, stream);
    let result = server.run();
    assert!(
        matches!(&result, Err(error) if error.kind() == ErrorKind::BrokenPipe),
        "M28: the peer has gone, a write returned `BrokenPipe`, and you returned {result:?}. Only \
         `WouldBlock` and `Interrupted` are not failures. Book: A server in twenty lines, \"A signal may \
         interrupt both\"."
    );
    // How many were read by then is the answer's choice, and with it how many the write took.
    let (written, read) = (server.written(), server.read());
    let unsent = server.connection.into_unsent();
    assert_eq!(
        String::from_utf8_lossy(&unsent),
        "question"[written..read],
        "M65: {read} bytes were read, a write took {written}, and the next failed; `left` is what is in \
         your outbox. Remove bytes as soon as a write has taken them, and only then. `?` and `return` \
         skip what comes after them, such as putting a rest back or taking written bytes out. {PART}"
    );
    let mut server = Loop::new(16, peer().room(0).data("x").read_error(ErrorKind::ConnectionReset));
    let result = server.run();
    assert!(
        matches!(&result, Err(error) if error.kind() == ErrorKind::ConnectionReset),
        "M28: the peer reset the connection, and you returned {result:?}. Only `WouldBlock` and \
         `Interrupted` are not failures. Book: A server in twenty lines, \"A signal may interrupt both\"."
    );
    assert_eq!(
        server.connection.into_unsent(),
        b"x",
        "M65: a byte waited, and a read failed; `left` is what is in your outbox. The error is about the \
         stream: keep what waits. {PART}"
    );
    let mut server = Loop::new(16, peer().data("question").write_error(ErrorKind::BrokenPipe));
    let _ = server.run();
    let read = server.read();
    assert_eq!(
        String::from_utf8_lossy(&server.connection.into_unsent()),
        "question"[..read],
        "M65: {read} bytes were read, and the first write failed; `left` is what you give back. What was \
         read is nowhere else: put it into the outbox before you try to write it. {PART}"
    );
    for kind in [ErrorKind::TimedOut, ErrorKind::ConnectionAborted] {
        let result = Loop::new(16, peer().read_error(kind)).run();
        assert!(
            matches!(&result, Err(error) if error.kind() == kind),
            "M28: a read returned {kind:?}, and you returned {result:?}. Only `WouldBlock` and \
             `Interrupted` are not failures. Book: A server in twenty lines, \"A signal may interrupt \
             both\"."
        );
    }
}

#[test]
fn all_that_waits_is_given_back() {
    let mut server = Loop::new(16, peer().room(10).data("0123456789abcdef").data("ghijklmnop"));
    let _ = server.run();
    let text = server.text();
    let unsent = server.connection.into_unsent();
    assert_eq!(
        (text.as_str(), String::from_utf8_lossy(&unsent).as_ref()),
        ("0123456789", "abcdefghijklmnop"),
        "M65: 26 bytes came, the peer took 10, and 16 may wait; `left` is what was written and what you \
         give back. A VecDeque is a ring, and its content may be in two slices. {PART}"
    );
}
