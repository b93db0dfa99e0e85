//! `cargo run -p async-tcp`: an echo server, in which each client is a task.

use std::process;
use std::time::Duration;

use anyhow::Context;
use async_tcp::connections::Connections;
use async_tcp::echo::echo;
use async_tcp::signal::Signals;
use async_tcp::{Runtime, TcpListener, serve, spawn};
use support::flags::{Flags, Mode, Number, Server};
use tracing::info;
use waker::select::race;

const SERVER: Server = Server {
    name: "async-tcp",
    about: "An echo server in which each client is a task, on one thread or on several.",
    modes: &[Mode { name: "tasks", about: "a task for each client" }],
    numbers: &[
        Number { name: "threads", about: "how many threads run the tasks (default 1)" },
        Number { name: "idle-timeout", about: "seconds after which a silent client is given up" },
    ],
};

fn main() -> anyhow::Result<()> {
    let flags = SERVER.flags();
    let runtime = Runtime::builder().threads(flags.number("threads").unwrap_or(1)).build()?;
    runtime.block_on(run(&flags))
}

async fn run(flags: &Flags) -> anyhow::Result<()> {
    let Flags { addr, max_connections, trace, .. } = flags;
    let listener = TcpListener::bind(*addr).with_context(|| {
        format!("listening on {addr} (if the address is in use, choose another with --addr)")
    })?;
    // A server that cannot listen leaves no recording behind.
    support::logging::init(trace.as_deref())?;
    let mut signals = Signals::listen().context("listening to signals")?;
    support::announce(listener.local_addr()?)?;

    let idle = flags.number("idle-timeout").map(|seconds| Duration::from_secs(seconds as u64));
    // ANCHOR: serving
    let connections = Connections::up_to(*max_connections);
    let serving =
        async { Some(serve(listener, &connections, "echo", |stream| echo(stream, idle)).await) };
    let stopped = async {
        signals.recv().await;
        None
    };
    // `race` drops the one that is not ready. With `serve`, the listener is closed.
    if let Some(result) = race(serving, stopped).await {
        return result.context("serving");
    }
    // ANCHOR_END: serving
    // ANCHOR: drain
    info!(open = connections.open(), "shutting down once these connections have ended");
    // The second signal ends the process, with the status that shells give to Ctrl-C: it comes from
    // a user who does not want to wait for the last client.
    spawn(async move {
        signals.recv().await;
        process::exit(130);
    });
    connections.ended().await;
    Ok(())
    // ANCHOR_END: drain
}
