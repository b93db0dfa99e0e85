//! An echo server with mio, as small as it can be: one thread, any number of clients.
//!
//! `cargo run -p nonblocking-poll --example echo`
//!
//! The last argument is the address. `write_all` is right only while each client takes its answers at
//! once: the server in `src` does without it.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use support::flags::DEFAULT_ADDR;

const LISTENER: Token = Token(0);

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| DEFAULT_ADDR.to_owned());
    let mut listener = TcpListener::bind(addr.parse()?)?;
    println!("listening on {}", listener.local_addr()?);
    let mut poller = Poll::new()?;
    poller.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut clients: HashMap<Token, TcpStream> = HashMap::new();
    let mut events = Events::with_capacity(64);
    let mut last = LISTENER;
    loop {
        poller.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    last = Token(last.0 + 1);
                    poller.registry().register(&mut stream, last, Interest::READABLE)?;
                    clients.insert(last, stream);
                }
            } else if let Some(stream) = clients.get_mut(&event.token())
                && !echo(stream)
            {
                clients.remove(&event.token());
            }
        }
    }
}
// ANCHOR_END: main

// ANCHOR: echo
/// Sends back what is here. Returns whether the client stays.
fn echo(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(n @ 1..) if stream.write_all(&buffer[..n]).is_ok() => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
            Ok(_) => return false,
        }
    }
}
// ANCHOR_END: echo
