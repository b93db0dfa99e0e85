//! A server and its client on one thread, in one loop.
//!
//! `cargo run -p nonblocking-poll --example ping_pong`
//!
//! Each waits for the other, and neither blocks the other: the thread waits in `poll`, and nowhere
//! else. The event's token tells which of the two it is about. The client leaves by being dropped,
//! which the server sees as the end of the stream.

use std::io::{self, ErrorKind, Read, Write};

use anyhow::{Context, ensure};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use nonblocking_poll::park::park;

const LISTENER: Token = Token(0);
const SERVER: Token = Token(1);
const CLIENT: Token = Token(2);

/// How many words the server sends.
const ROUNDS: u32 = 3;

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let mut poller = Poll::new()?;
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    poller.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut client = Some(TcpStream::connect(listener.local_addr()?)?);
    poller.registry().register(
        client.as_mut().context("the client")?,
        CLIENT,
        Interest::READABLE,
    )?;
    let mut server = None;
    let mut rounds = 0;

    let mut events = Events::with_capacity(16);
    loop {
        park(&mut poller, &mut events, None)?;
        for event in &events {
            match (event.token(), &mut server, &mut client) {
                (LISTENER, None, _) => {
                    let (mut stream, _) = listener.accept()?;
                    println!("server: a client, I say ping");
                    stream.write_all(b"ping")?;
                    poller.registry().register(&mut stream, SERVER, Interest::READABLE)?;
                    server = Some(stream);
                }
                (CLIENT, _, Some(stream)) => {
                    let Some(word) = read(stream)? else { continue };
                    rounds += 1;
                    if rounds < ROUNDS {
                        println!("client: {word}, I say pong");
                        stream.write_all(b"pong")?;
                    } else {
                        println!("client: {word}, I leave");
                        client = None;
                    }
                }
                (SERVER, Some(stream), _) => match read(stream)?.as_deref() {
                    None => {}
                    Some("") => {
                        println!("server: the end of the stream, I leave too");
                        return Ok(());
                    }
                    Some(word) => {
                        println!("server: {word}, I say ping");
                        stream.write_all(b"ping")?;
                    }
                },
                _ => {}
            }
        }
    }
}
// ANCHOR_END: main

// ANCHOR: read
/// One word, or an empty one at the end of the stream. None: it was not readable after all.
fn read(stream: &mut TcpStream) -> anyhow::Result<Option<String>> {
    // Neither side sends a word before the last one was answered, so a read returns one word at most.
    // And on loopback it returns all of it: other programs have to collect the pieces.
    let mut buffer = [0; 4];
    match stream.read(&mut buffer) {
        Ok(n) => {
            ensure!(n == 0 || n == 4, "{n} bytes of a word: it has come in pieces");
            Ok(Some(String::from_utf8(buffer[..n].to_vec())?))
        }
        Err(error) if is_no_error(&error) => Ok(None),
        Err(error) => Err(error).context("reading a word"),
    }
}
// ANCHOR_END: read

fn is_no_error(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
