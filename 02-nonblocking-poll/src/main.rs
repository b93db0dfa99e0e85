//! `cargo run -p nonblocking-poll -- [poll|spin]`: an echo server on one thread.

use std::net::TcpListener;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use nonblocking_poll::event_loop::EventLoop;
use nonblocking_poll::spin;
use support::flags::{Flags, Mode, Server};

const SERVER: Server = Server {
    name: "nonblocking-poll",
    about: "An echo server on one thread, which waits for all its clients at once.",
    modes: &[
        Mode { name: "poll", about: "the kernel tells which sockets have something" },
        Mode { name: "spin", about: "asks every socket, all the time" },
    ],
    numbers: &[],
};

fn main() -> anyhow::Result<()> {
    let Flags { mode, addr, max_connections, trace, .. } = SERVER.flags();
    let listener = TcpListener::bind(addr).with_context(|| {
        format!("listening on {addr} (if the address is in use, choose another with --addr)")
    })?;
    // A server that cannot listen leaves no recording behind.
    support::logging::init(trace.as_deref())?;
    let local = listener.local_addr()?;
    match mode {
        "spin" => {
            let stop = Arc::new(AtomicBool::new(false));
            let seen = stop.clone();
            on_first_signal(move || seen.store(true, Ordering::Release))?;
            support::announce(local)?;
            spin::serve(listener, max_connections, &stop)
        }
        _ => {
            let server = EventLoop::new(listener, max_connections)?;
            let waker = server.shutdown_waker();
            on_first_signal(move || {
                waker.wake().expect("waking the poller of our own process");
            })?;
            support::announce(local)?;
            server.run()
        }
    }
    .context("serving")
}

/// Calls `stop` at the first SIGINT, SIGTERM or SIGHUP. The second ends the process, with the status
/// that shells give to Ctrl-C: a second signal means not to wait for the last client.
fn on_first_signal(stop: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let stopping = AtomicBool::new(false);
    let handler = move || {
        if stopping.swap(true, Ordering::Relaxed) {
            process::exit(130);
        }
        stop();
    };
    ctrlc::set_handler(handler).context("listening to signals")
}
