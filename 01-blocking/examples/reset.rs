//! A client with bad manners: it leaves when its answer has come, without reading it.
//!
//! `cargo run -p blocking --example reset`
//!
//! A socket that is closed with unread bytes in it sends a reset (RST) in place of an orderly
//! end (FIN): RFC 2525, section 2.17.

use std::io::Write;
use std::net::TcpStream;

use anyhow::{Context, ensure};
use support::flags::DEFAULT_ADDR;

fn main() -> anyhow::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| DEFAULT_ADDR.to_owned());
    let mut stream = TcpStream::connect(&addr)
        .with_context(|| format!("connecting to {addr}: is the server running?"))?;
    stream.write_all(b"hello\n")?;
    // Waits until the answer is here, and does not take it.
    ensure!(stream.peek(&mut [0])? > 0, "the server closed the connection without an answer");
    drop(stream);
    println!("sent a line, left without reading the answer");
    Ok(())
}
