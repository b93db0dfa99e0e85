//! Three clients against one of the servers of this stage, in one process, one thing at a time.
//!
//! `cargo run -p blocking --example three_clients -- threads`
//!
//! With `--trace FILE` the run is recorded. Linux only: see `testkit::three_clients`.

use std::net::TcpListener;
use std::thread;

use anyhow::{Context, ensure};
use blocking::{pool, sequential, threads};
use support::flags::{Flags, Mode, Server};

const SERVER: Server = Server {
    name: "blocking --example three_clients",
    about: "Three clients against one of the servers of this stage, in one process.",
    modes: &[
        Mode { name: "sequential", about: "the server with one thread" },
        Mode { name: "threads", about: "the server with a thread for each client" },
        Mode { name: "pool", about: "the server with four threads and a queue" },
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
    let addr = listener.local_addr()?;
    let server = thread::spawn(move || match mode {
        "sequential" => sequential::serve(&listener),
        "threads" => threads::serve(&listener, max_connections),
        "pool" => pool::serve(&listener, max_connections),
        other => unreachable!("{other} is none of the modes above"),
    });
    testkit::three_clients::play(addr).context("playing the clients")?;
    ensure!(!server.is_finished(), "the server has ended");
    Ok(())
}
