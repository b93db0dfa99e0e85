//! Files. The system reports them as always ready, and blocks in the call all the same. So another thread
//! makes it.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::AsyncRead;

use crate::unblock::unblock;

/// How much a [`File`] reads ahead, in one call on another thread.
const BUFFER: usize = 64 * 1024;

// ANCHOR: fs
/// Reads all bytes of a file.
///
/// # Errors
/// As for [`std::fs::read`].
///
/// # Panics
/// Outside of a [`Runtime`](crate::Runtime).
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref().to_owned();
    unblock(move || fs::read(path)).await
}

/// Reads all of a file, as text.
///
/// # Errors
/// As for [`std::fs::read_to_string`].
///
/// # Panics
/// Outside of a [`Runtime`](crate::Runtime).
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    let path = path.as_ref().to_owned();
    unblock(move || fs::read_to_string(path)).await
}

/// Writes these bytes to a file, in place of its old contents.
///
/// # Errors
/// As for [`std::fs::write`].
///
/// # Panics
/// Outside of a [`Runtime`](crate::Runtime).
///
/// # Cancel safety
/// If it is dropped after its first poll, the file is still written.
pub async fn write(path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
    let (path, bytes) = (path.as_ref().to_owned(), bytes.into());
    unblock(move || fs::write(path, bytes)).await
}
// ANCHOR_END: fs

// ANCHOR: file
/// A file that is read from its beginning to its end, a piece at a time.
pub struct File {
    state: State,
    metadata: fs::Metadata,
}

enum State {
    /// None only while it becomes busy.
    Idle(Option<Reading>),
    /// Another thread reads.
    Busy(Pin<Box<dyn Future<Output = (Reading, io::Result<usize>)> + Send>>),
}

/// What travels to the thread that reads, and back.
struct Reading {
    file: fs::File,
    buffer: Box<[u8]>,
    /// Which bytes of the buffer were not taken yet.
    left: std::ops::Range<usize>,
}
// ANCHOR_END: file

impl File {
    /// Opens a file to read it.
    ///
    /// # Errors
    /// As for [`std::fs::File::open`].
    ///
    /// # Panics
    /// Outside of a [`Runtime`](crate::Runtime).
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let open = || {
            let file = fs::File::open(path)?;
            let metadata = file.metadata()?;
            io::Result::Ok((file, metadata))
        };
        let (file, metadata) = unblock(open).await?;
        let buffer = vec![0; BUFFER].into();
        Ok(Self { state: State::Idle(Some(Reading { file, buffer, left: 0..0 })), metadata })
    }

    /// Its metadata when it was opened: its length, whether it is a directory.
    pub fn metadata(&self) -> &fs::Metadata {
        &self.metadata
    }
}

impl Reading {
    /// Reads the next piece. 0: the file has no more.
    fn fill(mut self) -> (Self, io::Result<usize>) {
        let result = loop {
            match self.file.read(&mut self.buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.left = 0..*result.as_ref().unwrap_or(&0);
        (self, result)
    }

    /// Copies as much as there is, and as there is room for.
    fn take(&mut self, buffer: &mut [u8]) -> usize {
        let n = self.left.len().min(buffer.len());
        buffer[..n].copy_from_slice(&self.buffer[self.left.start..][..n]);
        self.left.start += n;
        n
    }
}

impl AsyncRead for File {
    // ANCHOR: poll_read
    /// # Errors
    /// Those of read(2), except `Interrupted`, which is retried.
    ///
    /// # Cancel safety
    /// What another thread has read is kept for the next call.
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match &mut self.state {
                State::Idle(reading) => {
                    let mut reading = reading.take().expect("only taken to become busy");
                    let n = reading.take(buffer);
                    if n > 0 || buffer.is_empty() {
                        self.state = State::Idle(Some(reading));
                        return Poll::Ready(Ok(n));
                    }
                    self.state = State::Busy(Box::pin(unblock(move || reading.fill())));
                }
                State::Busy(filling) => {
                    let (reading, result) = ready!(filling.as_mut().poll(cx));
                    self.state = State::Idle(Some(reading));
                    if result? == 0 {
                        return Poll::Ready(Ok(0));
                    }
                }
            }
        }
    }
    // ANCHOR_END: poll_read
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("metadata", &self.metadata).finish_non_exhaustive()
    }
}
