//! Where a thread that waits for sockets sleeps.

use std::io::{self, ErrorKind};
use std::time::Duration;

use mio::{Events, Poll};
use tracing::trace;

// ANCHOR: park
/// Sleeps until something is ready or the time is up; without a timeout, until something is ready.
///
/// # Errors
/// Those of the poller, except `Interrupted`: a signal, or `fg` after Ctrl-Z, is not a reason to end.
pub fn park(poller: &mut Poll, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
    if timeout != Some(Duration::ZERO) {
        trace!("parks");
    }
    while let Err(error) = poller.poll(events, timeout) {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
    trace!(events = events.iter().count(), "unparked");
    Ok(())
}
// ANCHOR_END: park
