//! An echo server that reads once for each event. It works for short lines.
//!
//! `cargo run -p nonblocking-poll --example stuck`
//!
//! With `repaired` as the first argument it reads until the socket would block. The last argument is
//! the address.

use std::io::{ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use nonblocking_poll::park::park;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let repaired = arguments.next_if(|argument| argument == "repaired").is_some();
    let addr = arguments.next().unwrap_or("127.0.0.1:7878".to_owned());
    let listener = TcpListener::bind(addr.parse().expect("an address like 127.0.0.1:7878"))?;
    println!("listening on {}", listener.local_addr()?);
    serve(listener, if repaired { answer_all } else { answer_once })
}

const LISTENER: Token = Token(0);
const CLIENT: Token = Token(1);

/// Serves the client that has connected last. `answer` returns whether a client stays.
fn serve(mut listener: TcpListener, answer: fn(&mut TcpStream) -> bool) -> std::io::Result<()> {
    let mut poller = Poll::new()?;
    poller.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut client = None;
    let mut events = Events::with_capacity(8);
    loop {
        park(&mut poller, &mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    poller.registry().register(&mut stream, CLIENT, Interest::READABLE)?;
                    client = Some(stream);
                }
            } else if let Some(stream) = &mut client
                && !answer(stream)
            {
                client = None;
            }
        }
    }
}

// ANCHOR: answer_once
/// Echoes what one read returns. Returns whether the client stays.
fn answer_once(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 8];
    match stream.read(&mut buffer) {
        Ok(n @ 1..) => stream.write_all(&buffer[..n]).is_ok(),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
        Ok(_) => false,
    }
}
// ANCHOR_END: answer_once

// ANCHOR: repaired
/// Reads until the stream would block.
fn answer_all(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 8];
    loop {
        match stream.read(&mut buffer) {
            Ok(n @ 1..) if stream.write_all(&buffer[..n]).is_ok() => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
            Ok(_) => return false,
        }
    }
}
// ANCHOR_END: repaired
