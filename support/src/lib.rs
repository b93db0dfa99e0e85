//! What every server of this workspace needs and no chapter teaches: its flags, its log, and its
//! recording; and the story that a run tells of itself.

pub mod flags;

pub mod logging;

pub mod recording;

pub mod narration;

use std::io::Write;
use std::net::SocketAddr;

/// Prints `listening on ADDR` as the first line on standard output, where scripts and tests
/// wait for it.
///
/// # Errors
/// Whatever writing to standard output reports, for example that the reader of a pipe has gone.
pub fn announce(addr: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on {addr}")?;
    // A pipe is buffered in blocks: without this line, a program that waits for the address waits for ever.
    out.flush()
}
