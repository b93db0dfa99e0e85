//! The three clients of stage 01, against one thread that waits for all of them.
//!
//! `cargo run -p nonblocking-poll --example three_clients_poll`
//!
//! With `--trace FILE` the run is recorded. Linux only: see `testkit::three_clients`.

use std::net::TcpListener;
use std::thread;

use anyhow::Context;
use nonblocking_poll::event_loop::EventLoop;
use support::flags::{Flags, Mode, Server};

const SERVER: Server = Server {
    name: "nonblocking-poll --example three_clients_poll",
    about: "Three clients against the server of this stage, in one process.",
    modes: &[Mode { name: "poll", about: "the kernel tells which sockets have something" }],
    numbers: &[],
};

fn main() -> anyhow::Result<()> {
    let Flags { addr, max_connections, trace, .. } = SERVER.flags();
    let listener = TcpListener::bind(addr).with_context(|| {
        format!("listening on {addr} (if the address is in use, choose another with --addr)")
    })?;
    // A server that cannot listen leaves no recording behind.
    support::logging::init(trace.as_deref())?;
    let addr = listener.local_addr()?;
    let server = EventLoop::new(listener, max_connections)?;
    let waker = server.shutdown_waker();
    let server = thread::spawn(move || server.run());
    testkit::three_clients::play(addr).context("playing the clients")?;
    waker.wake().context("telling the server to stop")?;
    server.join().expect("the server does not panic").context("serving")
}
