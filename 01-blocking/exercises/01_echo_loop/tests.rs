//! Judges `exercise.rs`. The tests stand in the order in which they are run; the first that
//! fails is the diagnosis.

#[path = "exercise.rs"]
mod exercise;

use std::io::{self, ErrorKind, Read, Write};

use exercise::echo;
use testkit::{Operation, ScriptedIo};

/// A stream that says what is wrong when it is read after its end, or when nothing more will
/// come.
fn peer() -> ScriptedIo {
    ScriptedIo::new()
        .explain_ignored_end(
            "M31: a read returned Ok(0), and you read again and again. Ok(0) is the end of the \
             stream: the peer has finished, and every later read returns Ok(0) too, at once. Your \
             loop never ends. Return at the first Ok(0). Book: A server in twenty lines, \"What a \
             read may return\".",
        )
        .explain_block(
            "M60: you read again before you had answered. The peer waits for your answer, and you \
             wait for the peer, for ever. Write each piece back before you read the next. Book: A \
             server in twenty lines, \"What a read may return\".",
        )
}

/// How many bytes were written before the first read that failed.
fn written_before_the_error(io: &ScriptedIo) -> usize {
    let before = io.operations().iter().take_while(|op| !matches!(op, Operation::ReadError(_)));
    before.map(|op| if let Operation::Write(n) = op { *n } else { 0 }).sum()
}

#[test]
fn the_end_of_the_stream_ends_the_loop() {
    let mut io = peer().end();
    let echoed = echo(&mut io).unwrap_or_else(|error| {
        panic!(
            "M31: the peer connected and finished without sending anything, and you returned \
             {error:?}. The end of the stream is not an error: it is how a conversation ends. \
             Book: A server in twenty lines, \"What a read may return\"."
        )
    });
    assert_eq!(echoed, 0, "Nothing was sent; `left` is the count that you returned.");
    assert_eq!(io.written(), b"", "Nothing was sent, and you wrote something.");
}

#[test]
fn only_what_was_read_is_written() {
    let mut io = peer().data("long first piece").data("short").end();
    let _ = echo(&mut io);
    assert!(
        io.written().len() <= "long first piece".len() + "short".len(),
        "M30: the peer sent 21 bytes and got {} back. After a read of n bytes only the first n of the buffer are new. The others are left \
         over from earlier reads, or zeros, and the peer must never see them. Write `&buffer[..n]`. \
         Book: A server in twenty lines, \"What a read may return\".",
        io.written().len()
    );
}

#[test]
fn what_was_sent_comes_back() {
    let mut io = peer().data("hello").data(", ").data("world").end();
    let echoed =
        echo(&mut io).expect("nothing went wrong on this stream, and you returned an error");
    assert_eq!(
        String::from_utf8_lossy(io.written()),
        "hello, world",
        "The peer sent `hello, world` in three pieces; `left` is what you wrote back. Read a piece and write \
         it back, again and again, until a read returns Ok(0). Book: A server in twenty lines, \"What a \
         read may return\"."
    );
    assert_eq!(echoed, 12, "12 bytes were echoed; `left` is the number that you returned.");
}

#[test]
fn each_piece_is_answered_before_the_next_is_read() {
    // A peer that sends nothing more until it has its answer: a read before that meets the error.
    let mut io = peer().data("question").read_error(ErrorKind::ConnectionReset).end();
    let _ = echo(&mut io);
    let answered = written_before_the_error(&io);
    assert_eq!(
        answered, 8,
        "M60: the peer sent a question of 8 bytes and waits for the answer before it sends more. \
         `left` is how many bytes you had written back when you read again: that read would block \
         for ever. Write each piece back before you read the next. Book: A server in twenty lines, \
         \"What a read may return\"."
    );
}

#[test]
fn an_interrupted_read_is_tried_again() {
    let mut io = peer()
        .read_error(ErrorKind::Interrupted)
        .data("a")
        .read_error(ErrorKind::Interrupted)
        .read_error(ErrorKind::Interrupted)
        .data("b")
        .end();
    let result = echo(&mut io);
    assert!(
        matches!(result, Ok(2)) && io.written() == b"ab",
        "M28: the peer sent `ab`, a signal interrupted a read, and you wrote back {:?} and \
         returned {result:?}. `Interrupted` tells you nothing about the stream: the call was cut \
         short before it read anything. Read again. Book: A server in twenty lines, \"A signal may \
         interrupt both\".",
        String::from_utf8_lossy(io.written())
    );
}

#[test]
fn a_partial_write_loses_nothing() {
    let mut io = peer().data("0123456789").data("abc").end().every_write_at_most(3);
    let result = echo(&mut io);
    assert_eq!(
        String::from_utf8_lossy(io.written()),
        "0123456789abc",
        "M29: each write accepted 3 bytes at most, and the rest of the piece was lost. `write` \
         returns how many bytes it took: offer it the others again. Book: A server in twenty \
         lines, \"What a write may do\"."
    );
    assert!(
        matches!(result, Ok(13)),
        "M29: 13 bytes were echoed, and you returned {result:?}: count what was written. \
         Book: A server in twenty lines, \"What a write may do\"."
    );
}

#[test]
fn a_partial_write_is_finished_before_the_next_read() {
    let mut io = peer()
        .data("question")
        .read_error(ErrorKind::ConnectionReset)
        .end()
        .write_at_most(3)
        .write_at_most(3);
    let _ = echo(&mut io);
    assert_eq!(
        written_before_the_error(&io),
        8,
        "M29: a write took 3 of 8 bytes, and you read again before the rest was written: `left` is \
         how many bytes had been. The peer waits for its whole answer before it sends more, so \
         that read would block for ever. Finish writing first. Book: A server in twenty lines, \
         \"What a write may do\"."
    );
}

#[test]
fn an_interrupted_write_is_tried_again() {
    let mut io = peer()
        .data("hello")
        .end()
        .write_error(ErrorKind::Interrupted)
        .write_at_most(2)
        .write_error(ErrorKind::Interrupted);
    let result = echo(&mut io);
    assert!(
        matches!(result, Ok(5)) && io.written() == b"hello",
        "M28: the peer sent `hello`, a signal interrupted a write, and you wrote back {:?} and \
         returned {result:?}. An interrupted write took nothing: offer again what the writes \
         before it have not taken. Book: A server in twenty lines, \"A signal may interrupt \
         both\".",
        String::from_utf8_lossy(io.written())
    );
}

/// A peer that sends `hello`, and takes nothing back.
struct TakesNothing {
    io: ScriptedIo,
    offers: usize,
}

impl Read for TakesNothing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.io.read(buffer)
    }
}

impl Write for TakesNothing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        self.offers += 1;
        assert!(
            self.offers <= 100,
            "M29: a write accepted 0 bytes, and you offer the same bytes again and again, for \
             ever. It will take nothing the next time either: return `ErrorKind::WriteZero`. Book: \
             A server in twenty lines, \"What a write may do\"."
        );
        Ok(0)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_write_that_accepts_nothing_is_an_error() {
    let mut stream = TakesNothing { io: peer().data("hello").end(), offers: 0 };
    let result = echo(&mut stream);
    assert!(
        matches!(&result, Err(error) if error.kind() == ErrorKind::WriteZero),
        "M29: every write accepted 0 of 5 bytes, and you returned {result:?}. Nothing went back to \
         the peer: that is `ErrorKind::WriteZero`. Book: A server in twenty lines, \
         \"What a write may do\"."
    );
}

/// A peer that has gone, and timeouts that have passed: the caller, who set them, must learn of it.
const FINAL: [ErrorKind; 4] =
    [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::TimedOut, ErrorKind::WouldBlock];

#[test]
fn a_read_error_ends_the_conversation() {
    for kind in FINAL {
        let mut io = peer().data("a").read_error(kind).data("b").end();
        let result = echo(&mut io);
        assert!(
            matches!(&result, Err(error) if error.kind() == kind),
            "M28: a read reported {kind:?}, and you returned {result:?}. Call again only after \
             `Interrupted`. Return every other error, a timeout too: the caller has set it, and \
             must learn that it has passed. Book: A server in twenty lines, \"A signal may \
             interrupt both\"."
        );
    }
}

#[test]
fn a_write_error_ends_the_conversation() {
    for kind in FINAL {
        let mut io = peer().data("a").data("b").end().write_error(kind);
        let result = echo(&mut io);
        assert!(
            matches!(&result, Err(error) if error.kind() == kind),
            "M28: a write reported {kind:?}, and you returned {result:?}. Call again only after \
             `Interrupted`. Return every other error, a timeout too: the caller has set it, and \
             must learn that it has passed. Book: A server in twenty lines, \"A signal may \
             interrupt both\"."
        );
    }
}
