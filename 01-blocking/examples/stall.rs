//! A client that says nothing, and another one that waits because of it.
//!
//! `cargo run -p blocking --example stall`
//!
//! Run it against each of the three servers. The first argument is how many silent clients
//! there are, 1 when it is left out; the last is the server's address.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use support::flags::DEFAULT_ADDR;

// ANCHOR: stall
fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let is_number = |argument: &String| !argument.contains(':');
    let count = arguments.next_if(is_number).unwrap_or_else(|| "1".to_owned());
    let count: usize = count.parse().context("the first argument is a number of clients")?;
    let addr = arguments.next().unwrap_or_else(|| DEFAULT_ADDR.to_owned());

    let silent: Vec<_> = (0..count).map(|_| connect(&addr)).collect::<Result<_, _>>()?;
    println!("{count} connected, and say nothing");

    let mut client = connect(&addr)?;
    client.write_all(b"hello\n")?;
    println!("another one connected, and said hello");
    let mut answer = [0; 6];
    // It retries what Ctrl-Z and `fg` interrupt.
    match client.read_exact(&mut answer) {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            println!("after 2 seconds: no answer");
        }
        result => {
            result.context("reading the answer")?;
            println!("answered while they are silent");
            return Ok(());
        }
    }

    drop(silent);
    println!("the silent ones have left");
    client.read_exact(&mut answer).context("reading the answer")?;
    println!("answered now");
    Ok(())
}
// ANCHOR_END: stall

/// A client that waits two seconds at most.
fn connect(addr: &str) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(addr)
        .with_context(|| format!("connecting to {addr}: is the server running?"))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    Ok(stream)
}
