//! An echo server that reads once for each event. It works, for short lines.

// ANCHOR: server
use std::io::{ErrorKind, Read, Write};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);
const CLIENT: Token = Token(1);

fn main() -> std::io::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or("127.0.0.1:7878".to_owned());
    let mut listener = TcpListener::bind(addr.parse().expect("an address like 127.0.0.1:7878"))?;
    println!("listening on {}", listener.local_addr()?);
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut client = None;
    let mut events = Events::with_capacity(8);
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                let Ok((mut stream, _)) = listener.accept() else { continue };
                poll.registry().register(&mut stream, CLIENT, Interest::READABLE)?;
                client = Some(stream);
            } else if let Some(stream) = &mut client {
                let mut buffer = [0; 8];
                match stream.read(&mut buffer) {
                    Ok(n @ 1..) if stream.write_all(&buffer[..n]).is_ok() => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    // An end or an error: it is that client's, not the server's.
                    _ => client = None,
                }
            }
        }
    }
}
// ANCHOR_END: server
