//! What `poll` returns when its time is up.
//!
//! `cargo run -p nonblocking-poll --example poll_timeout`
//!
//! No error, and no event: a loop that has something to do at a certain moment finds that out by
//! looking at the clock.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use nonblocking_poll::park::park;

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let mut poller = Poll::new()?;
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    poller.registry().register(&mut listener, Token(0), Interest::READABLE)?;
    println!("nobody connects");
    wait(&mut poller, Duration::from_millis(200))?;
    wait(&mut poller, Duration::ZERO)?;

    let _client = TcpStream::connect(listener.local_addr()?)?;
    println!("somebody has connected");
    wait(&mut poller, Duration::from_secs(10))?;
    println!("nobody has accepted, and nobody else connects");
    wait(&mut poller, Duration::from_millis(200))?;
    Ok(())
}

/// Waits once, and says what came of it.
fn wait(poller: &mut Poll, timeout: Duration) -> anyhow::Result<()> {
    let mut events = Events::with_capacity(16);
    let start = Instant::now();
    let result = park(poller, &mut events, Some(timeout));
    let when = if start.elapsed() < timeout { "before" } else { "when" };
    println!(
        "  poll, {} ms: {result:?}, {} events, {when} the time was up",
        timeout.as_millis(),
        events.iter().count()
    );
    Ok(result?)
}
// ANCHOR_END: main
