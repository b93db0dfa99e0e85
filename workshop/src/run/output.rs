//! What a process writes, read while it runs.

use std::io::Read;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// How much is kept from the beginning. Of the rest only the end is.
const BEGINNING: u64 = 256 * 1024;

/// How much is kept from the end: there libtest says how it ended.
const END: usize = 16 * 1024;

/// Reads to the end on a thread of its own, so that the process never blocks on a full pipe. The text comes
/// when no process holds the pipe any more.
pub(crate) fn read(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, text) = channel();
    thread::spawn(move || {
        let (mut bytes, mut end, mut buffer) = (Vec::new(), Vec::new(), [0; END]);
        // What was read before an error is kept.
        let _ = pipe.by_ref().take(BEGINNING).read_to_end(&mut bytes);
        while let Ok(n @ 1..) = pipe.read(&mut buffer) {
            end.extend_from_slice(&buffer[..n]);
            end.drain(..end.len().saturating_sub(END));
        }
        bytes.append(&mut end);
        // An answer may print what would clear the screen, or worse.
        let text = anstream::adapter::strip_str(&String::from_utf8_lossy(&bytes)).to_string();
        // Nobody waits for it after an error.
        let _ = sender.send(text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', ""));
    });
    text
}
