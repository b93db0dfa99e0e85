//! What a test writes, read to the last byte.
//!
//! The end of a pipe comes when the last process that holds it has ended, and the test may have started
//! one that cannot be found (see `ProcessGroup`). So we hold the pipe as well, and when the test has
//! ended we write a mark into it: what comes before that is what the test said, however long it takes
//! to read.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::thread::{self, JoinHandle};

/// How much is kept from the beginning. Of the rest only the end is.
const BEGINNING: usize = 256 * 1024;

/// How much is kept from the end: there libtest says how it ended.
const END: usize = 16 * 1024;

/// One of a test's two outputs.
pub(super) struct Output {
    pipe: PipeWriter,
    /// No answer can guess it.
    mark: [u8; 8],
    reader: JoinHandle<Vec<u8>>,
}

impl Output {
    /// Reads on a thread of its own, so that the test never blocks on a full pipe.
    ///
    /// # Errors
    /// The system has no pipe or no thread left.
    pub(super) fn new() -> io::Result<Self> {
        let (ours, pipe) = io::pipe()?;
        let mark = RandomState::new().hash_one("the end").to_ne_bytes();
        let reader = thread::Builder::new().spawn(move || read(ours, &mark))?;
        Ok(Self { pipe, mark, reader })
    }

    /// The end that the test writes to.
    ///
    /// # Errors
    /// The process has too many files open.
    pub(super) fn writer(&self) -> io::Result<PipeWriter> {
        self.pipe.try_clone()
    }

    /// What was written until now: the test has ended.
    ///
    /// # Errors
    /// Those of write(2).
    pub(super) fn text(mut self) -> io::Result<String> {
        self.pipe.write_all(&self.mark)?;
        let bytes = self.reader.join().expect("nothing panics while it reads");
        // An answer may print what would clear the screen, or worse.
        let text = anstream::adapter::strip_str(&String::from_utf8_lossy(&bytes)).to_string();
        Ok(text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', ""))
    }
}

/// Reads up to the mark.
fn read(mut pipe: PipeReader, mark: &[u8]) -> Vec<u8> {
    let (mut beginning, mut rest) = (Vec::new(), Vec::new());
    let mut buffer = [0; 16 * 1024];
    while let Ok(n @ 1..) = pipe.read(&mut buffer) {
        // The mark may come in two pieces.
        let new = rest.len().saturating_sub(mark.len() - 1);
        rest.extend_from_slice(&buffer[..n]);
        if let Some(at) = rest[new..].windows(mark.len()).position(|bytes| bytes == mark) {
            rest.truncate(new + at);
            break;
        }
        let surplus = rest.len().saturating_sub(END);
        let room = BEGINNING - beginning.len();
        beginning.extend(rest.drain(..surplus).take(room));
    }
    beginning.append(&mut rest);
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_read_although_another_process_holds_the_pipe() {
        for length in [0, END, BEGINNING] {
            let output = Output::new().unwrap();
            let mut held = output.writer().unwrap();
            let said = "x".repeat(length) + "\nM1: told";
            held.write_all(said.as_bytes()).unwrap();
            assert!(output.text().unwrap() == said, "{length} bytes and a line");
        }
    }

    #[test]
    fn of_very_much_the_beginning_and_the_end_are_kept() {
        let output = Output::new().unwrap();
        let said = format!("begun{}ended", "x".repeat(2 * BEGINNING));
        output.writer().unwrap().write_all(said.as_bytes()).unwrap();
        let text = output.text().unwrap();
        assert!(text.starts_with("begun") && text.ends_with("ended"));
        assert!(text.len() < said.len(), "{}", text.len());
    }

    #[test]
    fn a_mark_in_two_pieces_is_found() {
        let mark = *b"all of it";
        for length in END - mark.len()..=END {
            let (ours, mut pipe) = io::pipe().unwrap();
            pipe.write_all(&[&vec![b'x'; length], &mark[..], b"more"].concat()).unwrap();
            drop(pipe);
            assert_eq!(read(ours, &mark).len(), length);
        }
    }
}
