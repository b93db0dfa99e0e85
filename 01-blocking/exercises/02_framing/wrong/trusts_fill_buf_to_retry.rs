//! M28 · fails: an_interrupted_read_is_tried_again

use std::io::{self, BufRead, BufReader, Read};

/// Frames, read from `source`.
pub struct Frames<R> {
    source: BufReader<R>,
}

impl<R: Read> Frames<R> {
    /// Frames from a source of which nothing was read yet.
    pub fn new(source: R) -> Self {
        Self { source: BufReader::new(source) }
    }

    /// The payload of the next frame, or `None` when the stream ends between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends inside a frame. Whatever a read reports, except
    /// `Interrupted`.
    pub fn next_frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        // empty = end of stream, and we are between two frames
        if self.source.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let mut length = [0; 2];
        self.source.read_exact(&mut length)?;
        let mut payload = vec![0; u16::from_be_bytes(length) as usize];
        self.source.read_exact(&mut payload)?;
        Ok(Some(payload))
    }
}
