//! A proxy that passes on a question, then its answer, and so on, in one thread.
//!
//! `cargo run -p blocking --example by_turns`

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};

fn main() -> anyhow::Result<()> {
    let (mut client, for_client) = connected()?;
    let (for_upstream, mut upstream) = connected()?;
    client.set_read_timeout(Some(Duration::from_secs(2)))?;
    upstream.set_read_timeout(Some(Duration::from_secs(2)))?;
    thread::spawn(move || by_turns(&for_client, &for_upstream));

    client.write_all(b"question")?;
    expect(&mut upstream, b"question")?;
    upstream.write_all(b"answer")?;
    expect(&mut client, b"answer")?;
    println!("a question and its answer were passed on");

    upstream.write_all(b"by the way")?;
    println!("the upstream has more to say, and the client is silent");
    match client.read(&mut [0; 1]) {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            println!("after 2 seconds: it has not arrived");
        }
        other => anyhow::bail!("a proxy that takes turns has passed it on: {other:?}"),
    }

    client.write_all(b"hello?")?;
    expect(&mut client, b"by the way")?;
    println!("the client has sent something: now it arrives");
    Ok(())
}

// ANCHOR: by_turns
/// Serves a client and its upstream until the client has finished.
fn by_turns(mut client: &TcpStream, mut upstream: &TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let n = client.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        upstream.write_all(&buffer[..n])?;
        let n = upstream.read(&mut buffer)?;
        client.write_all(&buffer[..n])?;
    }
}
// ANCHOR_END: by_turns

fn expect(stream: &mut TcpStream, bytes: &[u8]) -> anyhow::Result<()> {
    let mut received = vec![0; bytes.len()];
    stream.read_exact(&mut received).context("reading what the proxy passes on")?;
    ensure!(received == bytes, "the proxy has changed what it passes on");
    Ok(())
}

/// Both ends of a connection.
fn connected() -> anyhow::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let first = TcpStream::connect(listener.local_addr()?)?;
    let (second, _) = listener.accept()?;
    Ok((first, second))
}
