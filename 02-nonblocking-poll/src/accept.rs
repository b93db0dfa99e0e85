//! What an answer of accept(2) means for those who are still waiting to be accepted.

use std::io::{self, ErrorKind};
use std::time::Duration;

/// How long to wait when the system has no descriptor left: as in stage 01.
pub const PAUSE: Duration = Duration::from_millis(50);

// ANCHOR: verdict
/// What an error of accept(2) asks for. It is stage 01's, and one answer more.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody waits to be accepted.
    WouldBlock,
    /// It concerned one client, or a signal. The next call may succeed at once.
    Retry,
    /// It concerns all: no descriptor, no memory. Or we do not know. Asking again at once is a busy
    /// loop; and no event will say when it is worth asking again, because the clients that wait have
    /// been reported already.
    Pause,
    /// It concerns the listener itself. No call will ever succeed.
    Stop,
}

/// Sorts an error of accept(2).
pub fn verdict(error: &io::Error) -> Verdict {
    match error.kind() {
        ErrorKind::WouldBlock => Verdict::WouldBlock,
        ErrorKind::Interrupted | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => {
            Verdict::Retry
        }
        ErrorKind::InvalidInput => Verdict::Stop,
        _ => Verdict::Pause,
    }
}
// ANCHOR_END: verdict
