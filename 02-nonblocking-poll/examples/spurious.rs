//! A report that is no longer true when it is read.
//!
//! `cargo run -p nonblocking-poll --example spurious`
//!
//! Two pollers watch one listener, as two threads of a server may. One client connects. Both pollers
//! report it, and both reports are true at that moment; the second accept finds no client. So readiness
//! is a hint, and the call itself has the answer.

use std::io::ErrorKind;
use std::net::{self, TcpStream};
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use nonblocking_poll::park::park;

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let first = net::TcpListener::bind("127.0.0.1:0")?;
    let addr = first.local_addr()?;
    let second = first.try_clone()?;
    let mut watchers = [Watcher::new("first", first)?, Watcher::new("second", second)?];

    let _client = TcpStream::connect(addr)?;
    println!("one client has connected");
    // Both wait before either accepts.
    for watcher in &mut watchers {
        watcher.wait(Duration::from_secs(10))?;
    }
    for watcher in &watchers {
        watcher.accept()?;
    }
    watchers[1].wait(Duration::ZERO)
}

struct Watcher {
    name: &'static str,
    poller: Poll,
    listener: TcpListener,
}

impl Watcher {
    fn new(name: &'static str, listener: net::TcpListener) -> anyhow::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let poller = Poll::new()?;
        poller.registry().register(&mut listener, Token(0), Interest::READABLE)?;
        Ok(Self { name, poller, listener })
    }

    /// Waits for a client, and prints what is reported.
    fn wait(&mut self, timeout: Duration) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(16);
        park(&mut self.poller, &mut events, Some(timeout))?;
        match events.is_empty() {
            true => println!("{}: nothing is reported", self.name),
            false => println!("{}: the listener is reported as readable", self.name),
        }
        Ok(())
    }

    /// Tries. In blocking mode, the second one would sleep here until another client connects.
    fn accept(&self) -> anyhow::Result<()> {
        match self.listener.accept() {
            Ok(_) => println!("{}: accepted a client", self.name),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                println!("{}: WouldBlock: no client is there, so it waits", self.name);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
// ANCHOR_END: main
