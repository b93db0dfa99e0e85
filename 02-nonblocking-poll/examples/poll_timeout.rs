//! What `poll` returns when its time is up.
//!
//! `cargo run -p nonblocking-poll --example poll_timeout`
//!
//! No error, and no event. A loop that has something to do at a certain moment looks at the clock.

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
    println!("no client connects");
    wait(&mut poller, Duration::from_millis(200))?;
    wait(&mut poller, Duration::ZERO)?;

    let _client = TcpStream::connect(listener.local_addr()?)?;
    println!("a client has connected");
    wait(&mut poller, Duration::from_secs(10))?;
    println!("it was not accepted, and no other connects");
    wait(&mut poller, Duration::from_millis(200))?;
    Ok(())
}

/// Waits once, and prints the outcome.
fn wait(poller: &mut Poll, timeout: Duration) -> anyhow::Result<()> {
    let mut events = Events::with_capacity(16);
    let start = Instant::now();
    let result = park(poller, &mut events, Some(timeout));
    let when = if start.elapsed() < timeout { "before" } else { "when" };
    let count = match events.iter().count() {
        1 => "1 event".to_owned(),
        count => format!("{count} events"),
    };
    println!("  poll, {} ms: {result:?}, {count}, {when} the time was up", timeout.as_millis());
    Ok(result?)
}
// ANCHOR_END: main
