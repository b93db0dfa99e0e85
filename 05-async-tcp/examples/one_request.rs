//! One request, from the socket to the task and back: the echo server and one client in one process,
//! for a recording. `cargo run -p async-tcp --example one_request -- --trace FILE`

use std::thread;

use anyhow::Context;
use async_tcp::connections::Connections;
use async_tcp::echo::echo;
use async_tcp::{Runtime, TcpListener, serve, spawn_named};
use support::flags::{Flags, Mode, Server};
use testkit::three_clients;
use waker::event::Event;

const SERVER: Server = Server {
    name: "async-tcp --example one_request",
    about: "One client against the server of this stage, in one process.",
    modes: &[Mode { name: "tasks", about: "a task for each client" }],
    numbers: &[],
};

fn main() -> anyhow::Result<()> {
    let Flags { addr, max_connections, trace, .. } = SERVER.flags();
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(addr).with_context(|| {
            format!("listening on {addr} (if the address is in use, choose another with --addr)")
        })?;
        // A server that cannot listen leaves no recording behind.
        support::logging::init(trace.as_deref())?;
        let addr = listener.local_addr()?;
        let connections = Connections::up_to(max_connections);
        let accepting = connections.clone();
        spawn_named("acceptor", async move {
            serve(listener, &accepting, "echo", |stream| echo(stream, None)).await
        });
        let played = Event::new();
        let end = played.clone();
        let client = thread::Builder::new().name("client".into()).spawn(move || {
            let result = three_clients::play_one(addr);
            end.set();
            result
        })?;
        played.wait().await;
        client.join().expect("the client does not panic").context("playing the client")
    })
}
