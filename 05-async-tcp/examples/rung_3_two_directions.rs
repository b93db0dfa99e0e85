//! Rung 3: two directions. The slab of rung 2 has one place for each socket. If one task reads from a
//! socket and another writes to it, the waker of the task that waits last replaces the other's, and the
//! other task is never woken. With a slot for each direction both are woken.
//!
//! What it cannot do: know that nothing is left to read, except by a call that returns `WouldBlock`.
//!
//! `cargo run -p async-tcp --example rung_3_two_directions`

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::pin;
use std::task::Poll;
use std::{net, thread};

use mio::net::TcpStream;
use mio::{Events, Interest, Token};
use testkit::{CountingWaker, assert_pending, poll_once};
use waker::WakerSlot;

// ANCHOR: socket
struct Socket {
    stream: TcpStream,
    /// One for both directions, or one for each.
    slots: Vec<WakerSlot>,
}

#[derive(Clone, Copy)]
enum Side {
    Read,
    Write,
}

impl Socket {
    fn slot(&self, side: Side) -> &WakerSlot {
        &self.slots[side as usize % self.slots.len()]
    }

    /// Calls until the socket would not block. In between, the task waits for an event.
    async fn call<R>(
        &self,
        side: Side,
        mut call: impl FnMut(&TcpStream) -> io::Result<R>,
    ) -> io::Result<R> {
        poll_fn(|cx| {
            loop {
                match call(&self.stream) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        self.slot(side).register(cx.waker());
                        return Poll::Pending;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    result => return Poll::Ready(result),
                }
            }
        })
        .await
    }
}
// ANCHOR_END: socket

// ANCHOR: run
/// One task reads, another one writes, and the socket becomes writable.
fn run(slots: usize) -> io::Result<()> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let mut peer = net::TcpStream::connect(listener.local_addr()?)?;
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    let mut poller = mio::Poll::new()?;
    let both = Interest::READABLE | Interest::WRITABLE;
    poller.registry().register(&mut stream, Token(0), both)?;
    let slots: Vec<_> = (0..slots).map(|_| WakerSlot::new()).collect();
    let socket = Socket { stream, slots };

    let (writer, writer_waker) = CountingWaker::new();
    let (reader, reader_waker) = CountingWaker::new();
    // The writer fills the socket until it has to wait. Then the reader waits, for bytes that never come.
    let chunk = [0; 4096];
    let mut writes = pin!(async {
        while socket.call(Side::Write, |mut stream| stream.write(&chunk)).await.is_ok() {}
    });
    let mut reads = pin!(socket.call(Side::Read, |mut stream| stream.read(&mut [0])));
    assert_pending!(poll_once(&mut writes, &writer_waker));
    assert_pending!(poll_once(&mut reads, &reader_waker));

    // The peer makes room.
    let peer = thread::spawn(move || io::copy(&mut peer, &mut io::sink()));
    let mut events = Events::with_capacity(8);
    while !events.iter().any(|event| event.is_writable()) {
        match poller.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => result?,
        }
        for event in &events {
            if event.is_readable() {
                socket.slot(Side::Read).wake();
            }
            if event.is_writable() {
                socket.slot(Side::Write).wake();
            }
        }
    }
    println!("slots of the socket: {}", socket.slots.len());
    println!("  the reader was woken: {}", reader.wakes() > 0);
    println!("  the writer was woken: {}", writer.wakes() > 0);
    // The end of the stream ends the peer's thread.
    socket.stream.shutdown(net::Shutdown::Write)?;
    peer.join().expect("the peer does not panic").map(drop)
}
// ANCHOR_END: run

fn main() -> io::Result<()> {
    run(1)?;
    run(2)
}
