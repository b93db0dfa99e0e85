//! One thread: while it waits for one client, it cannot wait for another.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;

use crate::accept::accept;
use crate::echo::converse;

// ANCHOR: serve
/// Serves one client after another, each to its end.
///
/// # Errors
/// Those of [`accept`].
pub fn serve(listener: &TcpListener) -> io::Result<Infallible> {
    loop {
        let (stream, peer) = accept(listener)?;
        converse(stream, peer);
    }
}
// ANCHOR_END: serve
