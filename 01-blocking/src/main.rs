//! `cargo run -p blocking -- [sequential|threads|pool]`: an echo server made of blocking calls.

use std::net::TcpListener;

use anyhow::Context;
use blocking::{pool, sequential, threads};
use support::flags::{Flags, Mode, Server};

const SERVER: Server = Server {
    name: "blocking",
    about: "An echo server made of blocking calls.",
    modes: &[
        Mode {
            name: "sequential",
            about: "one client after another, on one thread (so --max-connections is 1)",
        },
        Mode { name: "threads", about: "a thread for each client" },
        Mode { name: "pool", about: "four threads, and a queue in front of them" },
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
    support::announce(listener.local_addr()?)?;
    let ended = match mode {
        "sequential" => sequential::serve(&listener),
        "threads" => threads::serve(&listener, max_connections),
        "pool" => pool::serve(&listener, max_connections),
        other => unreachable!("{other} is none of the modes above"),
    };
    let Err(error) = ended;
    Err(error).context("accepting")
}
