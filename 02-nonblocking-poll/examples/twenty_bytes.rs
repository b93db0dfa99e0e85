//! A client that sends 20 bytes, counts what comes back, and then sends one byte more.
//!
//! `cargo run -p nonblocking-poll --example twenty_bytes`

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use support::flags::DEFAULT_ADDR;

// ANCHOR: client
fn main() -> anyhow::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| DEFAULT_ADDR.to_owned());
    let mut stream = TcpStream::connect(&addr)
        .with_context(|| format!("connecting to {addr}: is the server running?"))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;

    stream.write_all(&[b'x'; 20])?;
    println!("sent 20 bytes, {} came back", count(&mut stream)?);
    stream.write_all(b"x")?;
    println!("sent 1 byte more, {} came back", count(&mut stream)?);
    Ok(())
}
// ANCHOR_END: client

/// How many bytes come until nothing comes for a second.
fn count(stream: &mut TcpStream) -> anyhow::Result<usize> {
    let mut sum = 0;
    loop {
        match stream.read(&mut [0; 64]) {
            Ok(n @ 1..) => sum += n,
            // A timeout on a socket makes `fg` after Ctrl-Z an error (signal(7)).
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(sum);
            }
            result => {
                result.context("reading what comes back")?;
                return Ok(sum);
            }
        }
    }
}
