//! A TCP proxy: each client talks to the upstream through it.
//!
//! `cargo run -p async-tcp --example proxy -- UPSTREAM [ADDR]`. Start the echo server, then this with
//! `127.0.0.1:7878` as the upstream, and talk to both with `nc 127.0.0.1 7879`.

use std::io;
use std::net::SocketAddr;

use anyhow::Context;
use async_tcp::connections::Connections;
use async_tcp::{Runtime, TcpListener, TcpStream, serve};
use futures::future::try_join;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy};

// ANCHOR: proxy
/// Carries what each side sends to the other, until both have ended. An error ends both directions, as
/// soon as one of them reads or writes there: a reset wakes only a task that waits for that socket.
async fn proxy(mut client: TcpStream, upstream: SocketAddr) -> io::Result<()> {
    let mut upstream = TcpStream::connect(upstream).await?;
    let (from_client, to_client) = client.split_mut();
    let (from_upstream, to_upstream) = upstream.split_mut();
    try_join(carry(from_client, to_upstream), carry(from_upstream, to_client)).await?;
    Ok(())
}

async fn carry(from: impl AsyncRead, mut to: impl AsyncWrite + Unpin) -> io::Result<()> {
    copy(from, &mut to).await?;
    // The end of what one side sends is the end of what the other reads.
    to.close().await
}
// ANCHOR_END: proxy

/// Serves until the listener breaks.
pub async fn run(listener: TcpListener, upstream: SocketAddr) -> io::Result<()> {
    let connections = Connections::up_to(support::flags::default_max_connections() / 2);
    serve(listener, &connections, "proxy", |client| proxy(client, upstream)).await
}

const USAGE: &str =
    "cargo run -p async-tcp --example proxy -- UPSTREAM [ADDR], two addresses like 127.0.0.1:7878";

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let upstream: SocketAddr = words.next().context(USAGE)?.parse().context(USAGE)?;
    let addr = words.next().unwrap_or("127.0.0.1:7879".to_owned());
    let addr: SocketAddr = addr.parse().context(USAGE)?;
    support::logging::init(None)?;
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(addr)
            .with_context(|| format!("listening on {addr} (another ADDR may be free)"))?;
        support::announce(listener.local_addr()?)?;
        run(listener, upstream).await.context("serving")
    })
}
