//! Rung 1: a `block_on` that parks in the poller. Those of stages 03 and 04 sleep in `thread::park`,
//! which no event of a socket ends: with either of them this program hangs as soon as there is
//! nothing to read. Here an event ends the sleep, and so does a wake from another thread.
//!
//! What it cannot do: serve a second socket without polling the futures of both at each event.
//!
//! `cargo run -p async-tcp --example rung_1_park_in_poll`

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use mio::net::TcpStream;
use mio::{Events, Interest, Token};
use waker::event::Event;

const SOCKET: Token = Token(0);
const WAKER: Token = Token(1);

// ANCHOR: block_on
/// The poller behind a waker: a wake makes its `poll` return.
struct Sleeper(mio::Waker);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.wake().expect("waking the poller of our own process");
    }
}

fn block_on<F: Future>(mut poller: mio::Poll, future: F) -> io::Result<F::Output> {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Sleeper(mio::Waker::new(poller.registry(), WAKER)?)));
    let mut cx = Context::from_waker(&waker);
    let mut events = Events::with_capacity(8);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Ok(output);
        }
        // Any event will do: there is only this future to poll.
        match poller.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => result?,
        }
    }
}
// ANCHOR_END: block_on

// ANCHOR: call
/// Calls until the socket would not block. It keeps no waker: every event polls the future again.
async fn call<R>(mut call: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    poll_fn(|_| {
        loop {
            match call() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    })
    .await
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 64];
    loop {
        let n = call(|| stream.read(&mut buffer)).await?;
        if n == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..n];
        while !rest.is_empty() {
            rest = &rest[call(|| stream.write(rest)).await?..];
        }
    }
}
// ANCHOR_END: call

fn client(mut stream: net::TcpStream) -> io::Result<()> {
    for word in ["one", "two"] {
        stream.write_all(word.as_bytes())?;
        let mut answer = [0; 3];
        stream.read_exact(&mut answer)?;
        println!("client: sent {word}, received {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let stream = net::TcpStream::connect(listener.local_addr()?)?;
    let (accepted, _) = listener.accept()?;
    accepted.set_nonblocking(true)?;
    let mut accepted = TcpStream::from_std(accepted);
    let poller = mio::Poll::new()?;
    let both = Interest::READABLE | Interest::WRITABLE;
    poller.registry().register(&mut accepted, SOCKET, both)?;

    let left = Event::new();
    let leaves = left.clone();
    let client = thread::spawn(move || {
        let result = client(stream);
        leaves.set();
        result
    });
    block_on(poller, async {
        echo(accepted).await?;
        println!("server: the client has sent its last byte");
        left.wait().await;
        println!("server: the thread of the client has woken us");
        io::Result::Ok(())
    })??;
    client.join().expect("the client does not panic")
}
