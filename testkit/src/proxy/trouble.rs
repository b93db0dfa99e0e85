//! One client or its upstream, when something does: the others are served.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::Start;
use super::sides::{During, Upstream, both_end, connect, learns_of_the_end, next_client_is_served};
use super::waiting::conversation;
use crate::client;
use crate::{ServerProcess, pattern};

/// Nobody listens at the upstream. The client learns of it. Once somebody listens, the next
/// client is served.
///
/// # Errors
/// Names the step that failed.
pub fn an_upstream_that_refuses_costs_one_client(start: Start<'_>) -> io::Result<()> {
    // Bound, and not yet listening: connections are refused, and nobody else gets the port
    // meanwhile.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    let refusing = socket.local_addr()?.as_socket().ok_or(ErrorKind::AddrNotAvailable)?;
    let proxy = start(refusing);
    let refused = connect(proxy).during("the client connects")?;
    learns_of_the_end(&refused)
        .during("no server listens upstream, the client has to learn of it")?;

    socket.listen(16)?;
    let upstream = Upstream::new(socket.into())?;
    next_client_is_served(&upstream, proxy)
        .during("an upstream has refused, and the next client connects and sends")
}

/// The upstream of one client reads nothing. That client is held back, the others are served,
/// and nothing is lost.
///
/// # Errors
/// Names the step that failed.
pub fn a_stalled_upstream_holds_back_one_client(start: Start<'_>) -> io::Result<()> {
    const FLOOD: usize = 64 << 20;
    let upstream = Upstream::bind()?;
    let proxy = start(upstream.addr()?);
    let mut flooding = connect(proxy).during("a client connects")?;
    let mut stalled = upstream.accept()?;
    let sent = client::send_until_full(&mut flooding.0, FLOOD, 1)
        .during("a client sends to an upstream that reads nothing")?;
    if sent == FLOOD {
        return Err(io::Error::other(format!(
            "the proxy took {FLOOD} bytes for an upstream that reads nothing: it keeps them in \
             memory instead of holding the client back"
        )));
    }

    let mut other = connect(proxy).during("a client connects")?;
    let mut served =
        upstream.accept().during("while one client is held back, another one connects")?;
    pattern::send(&mut other, 1000, 2).during("another client sends")?;
    pattern::expect(&mut served, 1000, 2)
        .during("while one client is held back, the upstream reads what another one sends")?;
    both_end(other, served)?;

    flooding.shutdown(Shutdown::Write)?;
    pattern::expect(&mut stalled, sent, 1)
        .during("the upstream that has stalled reads all that was sent to it")
}

/// The upstream resets in the middle. The client learns of it, and the next one is served.
///
/// # Errors
/// Names the step that failed.
pub fn an_upstream_that_resets_costs_one_client(start: Start<'_>) -> io::Result<()> {
    let upstream = Upstream::bind()?;
    let proxy = start(upstream.addr()?);
    let mut client = connect(proxy).during("a client connects")?;
    let mut rude = upstream.accept()?;
    pattern::send(&mut client, 1000, 1).during("the client sends")?;
    pattern::expect(&mut rude, 1000, 1).during("the upstream reads before it resets")?;
    client::reset(rude.0)?;
    learns_of_the_end(&client)
        .during("the upstream has reset, the client, silent, has to learn of it")?;
    next_client_is_served(&upstream, proxy)
        .during("an upstream has reset, and the next client connects and sends")
}

/// A client resets in the middle. The upstream learns of it, and the next client is served.
///
/// # Errors
/// Names the step that failed.
pub fn a_client_that_resets_costs_nobody_else(start: Start<'_>) -> io::Result<()> {
    let upstream = Upstream::bind()?;
    let proxy = start(upstream.addr()?);
    let mut rude = connect(proxy).during("a client connects")?;
    let mut left = upstream.accept()?;
    pattern::send(&mut rude, 1000, 1).during("the client sends")?;
    pattern::expect(&mut left, 1000, 1).during("the upstream reads before the client resets")?;
    client::reset(rude.0)?;
    learns_of_the_end(&left)
        .during("the client has reset, the upstream, silent, has to learn of it")?;
    next_client_is_served(&upstream, proxy)
        .during("a client has reset, and the next one connects and sends")
}

/// Twenty clients, one after the other, that reset after a few bytes. Their upstreams see the end, say
/// nothing, and stay open. No thread of the proxy goes on waiting for them.
///
/// # Errors
/// Names the step that failed; of kind `Other`, that threads still wait. `Unsupported` where threads
/// cannot be seen.
pub fn a_reset_leaves_no_thread_behind(
    proxy: &ServerProcess,
    upstream: TcpListener,
) -> io::Result<()> {
    const CLIENTS: usize = 20;
    const LOOKS: usize = 20;
    let upstream = Upstream::new(upstream)?;
    let before = proxy.threads()?;
    let mut silent = Vec::new();
    for _ in 0..CLIENTS {
        let (client, left) = conversation(proxy, &upstream)?;
        client::reset(client.0)?;
        learns_of_the_end(&left)
            .during("the client has reset, the upstream, silent, has to learn of it")?;
        silent.push(left);
    }
    // A thread that is about to end runs, or waits for one that does.
    let mut looks = 0;
    while looks < LOOKS {
        if proxy.threads()? < before + CLIENTS / 2 {
            return Ok(());
        }
        looks = if proxy.waits()? { looks + 1 } else { 0 };
        thread::sleep(Duration::from_millis(1));
    }
    let more = proxy.threads()?.saturating_sub(before);
    Err(io::Error::other(format!(
        "{CLIENTS} clients have reset, their upstreams are silent, and {more} threads still wait for them"
    )))
}
