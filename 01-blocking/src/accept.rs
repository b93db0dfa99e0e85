//! The next client: accept, and survive the errors of accept.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use tracing::{trace_span, warn};

/// How long to wait when the system has no descriptor left. Long enough to cost nothing, short
/// enough to go unnoticed once a descriptor is free.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

// ANCHOR: accept
/// Waits for the next client.
///
/// # Errors
/// Only one after which no later call can succeed: the descriptor is not a listening socket
/// (`InvalidInput`).
pub fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let mut pausing = false;
    loop {
        let error = match trace_span!("accept").in_scope(|| listener.accept()) {
            Ok(accepted) => return Ok(accepted),
            Err(error) => error,
        };
        match verdict(&error) {
            Verdict::Retry => {}
            Verdict::Pause => {
                // Once for each wait: twenty lines a second would fill a disk.
                if !pausing {
                    warn!(%error, "not accepting for now");
                }
                pausing = true;
                thread::sleep(ACCEPT_BACKOFF);
            }
            Verdict::Stop => return Err(error),
        }
    }
}
// ANCHOR_END: accept

// ANCHOR: verdict
/// What an error of accept(2) means for the clients that still wait to be accepted.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It concerned one client, or was a signal. The next call may succeed at once.
    Retry,
    /// It concerns all clients: there is no descriptor, or no memory. Unknown errors count as this.
    /// The next call may fail as quickly as this one, because nothing has been freed. Calling again
    /// at once is a busy loop.
    Pause,
    /// It concerns the listener itself. No call will ever succeed.
    Stop,
}

fn verdict(error: &io::Error) -> Verdict {
    match error.kind() {
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
    fn a_client_that_left_is_no_reason_to_wait() {
        assert_eq!(verdict(&ErrorKind::ConnectionAborted.into()), Verdict::Retry);
        assert_eq!(verdict(&ErrorKind::ConnectionReset.into()), Verdict::Retry);
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
