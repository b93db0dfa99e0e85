//! The next connection, or why there is none.

use std::io::{self, ErrorKind};
use std::time::Duration;

/// How long not to call accept when the system has no descriptor left. Long enough to cost nothing, short
/// enough to go unnoticed once a descriptor is free.
pub const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

// ANCHOR: verdict
/// What an error of accept(2) means for the clients that still wait to be accepted.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No client waits to be accepted.
    WouldBlock,
    /// It concerned one client, or was a signal. The next call may succeed at once.
    Retry,
    /// It concerns all clients: there is no descriptor, or no memory. Unknown errors count as this.
    /// The next call may fail as quickly as this one, because nothing has been freed. Calling again
    /// at once is a busy loop. And no event tells when to call: the clients that wait have been
    /// reported already. (Linux returns it even when no client waits: it takes the descriptor first.)
    Pause,
    /// It concerns the listener itself: it does not listen. No call will ever succeed.
    Stop,
}

/// Sorts an error of accept(2).
pub fn verdict(error: &io::Error) -> Verdict {
    match error.kind() {
        ErrorKind::WouldBlock => Verdict::WouldBlock,
        ErrorKind::Interrupted | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => {
            Verdict::Retry
        }
        // Only an error with an OS number can be about the listener. Without one, it comes from std or
        // mio, and concerns one client: on macOS, one that left early has no address.
        ErrorKind::InvalidInput if error.raw_os_error().is_none() => Verdict::Retry,
        ErrorKind::InvalidInput => Verdict::Stop,
        _ => Verdict::Pause,
    }
}
// ANCHOR_END: verdict

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_there_is_no_error_and_a_client_that_left_no_reason_to_wait() {
        assert_eq!(verdict(&ErrorKind::WouldBlock.into()), Verdict::WouldBlock);
        assert_eq!(verdict(&ErrorKind::ConnectionAborted.into()), Verdict::Retry);
        assert_eq!(verdict(&ErrorKind::Interrupted.into()), Verdict::Retry);
        assert_eq!(verdict(&ErrorKind::InvalidInput.into()), Verdict::Retry, "it has no OS number");
    }

    #[cfg(unix)]
    #[test]
    fn exhaustion_pauses_and_a_broken_listener_stops() {
        const EMFILE: i32 = 24;
        const EINVAL: i32 = 22;
        assert_eq!(verdict(&io::Error::from_raw_os_error(EMFILE)), Verdict::Pause);
        assert_eq!(verdict(&io::Error::from_raw_os_error(EINVAL)), Verdict::Stop);
    }
}
