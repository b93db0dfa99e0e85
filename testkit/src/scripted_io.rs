//! A stream that follows a script: which bytes each read finds, how many each write accepts,
//! which errors come when.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};

/// How often the end of the stream, or `WouldBlock`, is reported before we say that nobody is
/// listening.
const PATIENCE: usize = 100;

/// A stream that follows a script, and remembers what was done to it.
///
/// Reads take the read steps in order, writes the write steps; neither waits for the other. A
/// read that the script has no step for would block for ever on a real socket: here it panics,
/// so that the test fails at once and says why. In [non-blocking mode](Self::nonblocking) it is
/// refused instead.
///
/// ```
/// use std::io::Read;
/// let mut io = testkit::ScriptedIo::new().data("he").data("llo").end();
/// let mut text = String::new();
/// io.read_to_string(&mut text).unwrap();
/// assert_eq!((text.as_str(), io.read_calls()), ("hello", 3));
/// ```
#[derive(Debug)]
pub struct ScriptedIo {
    reads: VecDeque<ReadStep>,
    writes: VecDeque<WriteStep>,
    /// How much a write accepts once the write steps are used up.
    write_limit: usize,
    /// How much the writes without a step of their own accept in all. None: there is no limit.
    room: Option<usize>,
    nonblocking: bool,
    /// How often `WouldBlock` was reported since something else was, by either direction.
    refusals: usize,
    ended: bool,
    /// How often the end was reported.
    ends_read: usize,
    written: Vec<u8>,
    operations: Vec<Operation>,
    when_blocked: String,
    when_end_is_ignored: String,
}

#[derive(Debug)]
enum ReadStep {
    Bytes(VecDeque<u8>),
    Error(ErrorKind),
}

#[derive(Debug)]
enum WriteStep {
    Accept(usize),
    Error(ErrorKind),
}

/// One call that was made on a [`ScriptedIo`], and what it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A read that got this many bytes. 0 is the end of the stream.
    Read(usize),
    /// A write that accepted this many bytes.
    Write(usize),
    /// A read that got this error.
    ReadError(ErrorKind),
    /// A write that got this error.
    WriteError(ErrorKind),
}

impl Default for ScriptedIo {
    fn default() -> Self {
        Self::new()
    }
}

impl ScriptedIo {
    /// A stream with nothing to read, not at its end, that accepts every write whole.
    pub fn new() -> Self {
        Self {
            reads: VecDeque::new(),
            writes: VecDeque::new(),
            write_limit: usize::MAX,
            room: None,
            nonblocking: false,
            refusals: 0,
            ended: false,
            ends_read: 0,
            written: Vec::new(),
            operations: Vec::new(),
            when_blocked: "this read would block for ever: the peer sends nothing more \
                           until it is answered"
                .to_owned(),
            when_end_is_ignored: "the stream has ended, and it is read again and again".to_owned(),
        }
    }

    /// Script: these bytes arrive together. A read with a smaller buffer leaves the rest for
    /// the next read; no read gets bytes of two steps.
    #[must_use]
    pub fn data(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.reads.push_back(ReadStep::Bytes(bytes.as_ref().iter().copied().collect()));
        self
    }

    /// Script: the bytes arrive one at a time.
    #[must_use]
    pub fn data_byte_by_byte(self, bytes: impl AsRef<[u8]>) -> Self {
        bytes.as_ref().iter().fold(self, |io, byte| io.data([*byte]))
    }

    /// Script: a read fails.
    #[must_use]
    pub fn read_error(mut self, kind: ErrorKind) -> Self {
        self.reads.push_back(ReadStep::Error(kind));
        self
    }

    /// Script: after all read steps the stream ends. Every read from then on returns `Ok(0)`;
    /// after 100 of those the next one panics, since nobody seems to be listening.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.ended = true;
        self
    }

    /// Script: a write accepts at most `limit` bytes; 0 is a write that accepts nothing.
    #[must_use]
    pub fn write_at_most(mut self, limit: usize) -> Self {
        self.writes.push_back(WriteStep::Accept(limit));
        self
    }

    /// Script: a write fails, and accepts nothing.
    #[must_use]
    pub fn write_error(mut self, kind: ErrorKind) -> Self {
        self.writes.push_back(WriteStep::Error(kind));
        self
    }

    /// Script: every write that has no step of its own accepts at most `limit` bytes.
    #[must_use]
    pub fn every_write_at_most(mut self, limit: usize) -> Self {
        self.write_limit = limit;
        self
    }

    /// Script: writes that have no step of their own accept so many bytes together, as a socket's
    /// buffer does, and `WouldBlock` when it is full. Called again, the peer has made more room.
    #[must_use]
    pub fn room(mut self, bytes: usize) -> Self {
        self.room = Some(self.room.unwrap_or(0) + bytes);
        self
    }

    /// Script: a read that would wait is refused with `WouldBlock`, until there are steps again. If
    /// the stream refuses 100 times in a row, the next refusal panics: nobody does anything else.
    #[must_use]
    pub fn nonblocking(mut self) -> Self {
        self.nonblocking = true;
        self
    }

    /// What to say when a read would block for ever, or a stream that would block is asked all the
    /// time.
    #[must_use]
    pub fn explain_block(mut self, explanation: impl Into<String>) -> Self {
        self.when_blocked = explanation.into();
        self
    }

    /// What to say when the end of the stream is ignored.
    #[must_use]
    pub fn explain_ignored_end(mut self, explanation: impl Into<String>) -> Self {
        self.when_end_is_ignored = explanation.into();
        self
    }

    /// Everything that writes have accepted so far.
    pub fn written(&self) -> &[u8] {
        &self.written
    }

    /// Every read and write so far, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// How many reads were made so far, failed ones included.
    pub fn read_calls(&self) -> usize {
        let is_read = |op: &&Operation| matches!(op, Operation::Read(_) | Operation::ReadError(_));
        self.operations.iter().filter(is_read).count()
    }

    /// Whether a read has reported the end.
    pub fn end_was_read(&self) -> bool {
        self.ends_read > 0
    }

    /// Whether a poller would report it as readable: there are read steps left, or the end.
    pub fn is_readable(&self) -> bool {
        self.ended || !self.reads.is_empty()
    }

    /// Whether a poller would report it as writable: there are write steps left, or room.
    pub fn is_writable(&self) -> bool {
        !self.writes.is_empty() || self.room != Some(0)
    }

    /// Whether every step of the script was used up.
    pub fn is_finished(&self) -> bool {
        self.reads.is_empty() && self.writes.is_empty() && (!self.ended || self.end_was_read())
    }

    /// What happens in place of waiting.
    fn refuse(&mut self) -> io::Error {
        self.refusals += 1;
        assert!(self.refusals <= PATIENCE, "{}", self.when_blocked);
        ErrorKind::WouldBlock.into()
    }
}

impl Read for ScriptedIo {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match self.reads.front_mut() {
            // POSIX read(2): a read of no bytes reports nothing about the stream.
            Some(ReadStep::Bytes(_)) | None if buffer.is_empty() => 0,
            Some(ReadStep::Bytes(bytes)) => {
                let n = bytes.read(buffer)?;
                if bytes.is_empty() {
                    self.reads.pop_front();
                }
                n
            }
            Some(&mut ReadStep::Error(kind)) => {
                self.reads.pop_front();
                self.operations.push(Operation::ReadError(kind));
                return Err(kind.into());
            }
            None if self.ended => {
                self.ends_read += 1;
                assert!(self.ends_read <= PATIENCE, "{}", self.when_end_is_ignored);
                0
            }
            None if self.nonblocking => {
                self.operations.push(Operation::ReadError(ErrorKind::WouldBlock));
                return Err(self.refuse());
            }
            None => panic!("{}", self.when_blocked),
        };
        self.refusals = 0;
        self.operations.push(Operation::Read(n));
        Ok(n)
    }
}

impl Write for ScriptedIo {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let limit = match self.writes.pop_front() {
            Some(WriteStep::Accept(limit)) => limit,
            Some(WriteStep::Error(kind)) => {
                self.operations.push(Operation::WriteError(kind));
                return Err(kind.into());
            }
            None if self.room == Some(0) && !bytes.is_empty() => {
                self.operations.push(Operation::WriteError(ErrorKind::WouldBlock));
                return Err(self.refuse());
            }
            None => {
                let limit = self.write_limit.min(self.room.unwrap_or(usize::MAX));
                self.room = self.room.map(|room| room - bytes.len().min(limit));
                limit
            }
        };
        let n = bytes.len().min(limit);
        self.refusals = 0;
        self.written.extend_from_slice(&bytes[..n]);
        self.operations.push(Operation::Write(n));
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_never_crosses_a_step() {
        let mut io = ScriptedIo::new().data("abc").data("d").end();
        let mut buffer = [0; 2];
        let sizes: Vec<_> = (0..4).map(|_| io.read(&mut buffer).unwrap()).collect();
        assert_eq!(sizes, [2, 1, 1, 0]);
        assert!(io.end_was_read());
        assert!(io.is_finished());
    }

    #[test]
    fn errors_come_once_and_in_their_place() {
        let mut io = ScriptedIo::new()
            .read_error(ErrorKind::Interrupted)
            .data("x")
            .write_error(ErrorKind::BrokenPipe);
        let mut buffer = [0; 8];
        assert_eq!(io.read(&mut buffer).unwrap_err().kind(), ErrorKind::Interrupted);
        assert_eq!(io.read(&mut buffer).unwrap(), 1);
        assert_eq!(io.write(b"y").unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert_eq!(io.write(b"y").unwrap(), 1);
        assert_eq!(
            io.operations(),
            [
                Operation::ReadError(ErrorKind::Interrupted),
                Operation::Read(1),
                Operation::WriteError(ErrorKind::BrokenPipe),
                Operation::Write(1),
            ]
        );
    }

    #[test]
    fn writes_are_cut_and_kept() {
        let mut io = ScriptedIo::new().write_at_most(0).every_write_at_most(3);
        assert_eq!(io.write(b"hello").unwrap(), 0);
        io.write_all(b"hello").unwrap();
        assert_eq!(io.written(), b"hello");
        assert_eq!(io.operations()[1..], [Operation::Write(3), Operation::Write(2)]);
    }

    #[test]
    fn a_read_of_no_bytes_says_nothing() {
        let mut io = ScriptedIo::new().data("a").nonblocking().end();
        assert_eq!((io.read(&mut []).unwrap(), io.read(&mut [0; 2]).unwrap()), (0, 1));
        assert_eq!(io.read(&mut []).unwrap(), 0);
        assert!(!io.end_was_read());
    }

    #[test]
    fn in_nonblocking_mode_what_would_wait_is_refused() {
        let mut io = ScriptedIo::new().data("ab").nonblocking().room(3);
        let mut buffer = [0; 8];
        let refused = |result: io::Result<usize>| result.unwrap_err().kind();
        assert_eq!((io.is_readable(), io.is_writable()), (true, true));
        assert_eq!((io.read(&mut buffer).unwrap(), io.write(b"hello").unwrap()), (2, 3));
        assert_eq!((io.is_readable(), io.is_writable()), (false, false));
        assert_eq!(refused(io.read(&mut buffer)), ErrorKind::WouldBlock);
        assert_eq!(refused(io.write(b"lo")), ErrorKind::WouldBlock);
        assert_eq!(io.operations()[3], Operation::WriteError(ErrorKind::WouldBlock));
        let mut io = io.room(1).end();
        assert_eq!((io.is_readable(), io.is_writable()), (true, true));
        assert_eq!((io.write(b"lo").unwrap(), io.read(&mut buffer).unwrap()), (1, 0));
        assert_eq!(io.written(), b"hell");
    }

    #[test]
    fn a_stream_that_would_block_now_and_then_is_patient() {
        let mut io = ScriptedIo::new().nonblocking();
        for _ in 0..2 * PATIENCE {
            assert!(io.read(&mut [0; 8]).is_err());
            assert_eq!(io.write(b"x").unwrap(), 1);
        }
    }

    #[test]
    #[should_panic(expected = "asks all the time")]
    fn a_stream_that_would_block_is_not_asked_for_ever() {
        let mut io = ScriptedIo::new().nonblocking().explain_block("asks all the time");
        while io.read(&mut [0; 8]).is_err() {}
    }

    #[test]
    #[should_panic(expected = "nobody sends")]
    fn a_read_that_would_block_for_ever_says_so() {
        let mut io = ScriptedIo::new().explain_block("nobody sends");
        let _ = io.read(&mut [0; 8]);
    }

    #[test]
    #[should_panic(expected = "it ended")]
    fn an_ignored_end_is_noticed() {
        let mut io = ScriptedIo::new().end().explain_ignored_end("it ended");
        while io.read(&mut [0; 8]).is_ok() {}
    }
}
