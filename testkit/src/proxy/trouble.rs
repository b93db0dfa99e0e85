//! One client or its upstream, when something does: the others are served.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::Start;
use super::sides::{During, Upstream, both_end, learns_of_the_end, next_client_is_served};
use crate::client::{self, PATIENCE, connect};
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
    let refused = connect(proxy, PATIENCE).during("the client connects")?;
    learns_of_the_end(&refused)
        .during("nobody listens upstream, and the client waits to be told")?;

    socket.listen(16)?;
    let upstream = Upstream::new(socket.into())?;
    next_client_is_served(&upstream, proxy)
        .during("after an upstream that refused, the next client")
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
    let mut flooding = connect(proxy, PATIENCE).during("a client connects")?;
    let mut stalled = upstream.accept()?;
    let sent = client::send_until_full(&mut flooding, FLOOD, 1)
        .during("a client sends to an upstream that reads nothing")?;
    if sent == FLOOD {
        return Err(io::Error::other(format!(
            "the proxy took {FLOOD} bytes for an upstream that reads nothing: it keeps them in \
             memory instead of holding the client back"
        )));
    }

    let mut other = connect(proxy, PATIENCE).during("a client connects")?;
    let mut served = upstream.accept().during("beside a stalled client, another one connects")?;
    pattern::send(&mut other, 1000, 2).during("another client sends")?;
    pattern::expect(&mut served, 1000, 2)
        .during("beside a stalled client, the upstream reads what another client sends")?;
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
    let mut client = connect(proxy, PATIENCE).during("a client connects")?;
    let mut rude = upstream.accept()?;
    pattern::send(&mut client, 1000, 1).during("the client sends")?;
    pattern::expect(&mut rude, 1000, 1).during("the upstream reads before it resets")?;
    client::reset(rude)?;
    learns_of_the_end(&client)
        .during("the upstream has reset, and the client, silent, waits to be told")?;
    next_client_is_served(&upstream, proxy).during("after an upstream's reset, the next client")
}

/// A client resets in the middle. The upstream learns of it, and the next client is served.
///
/// # Errors
/// Names the step that failed.
pub fn a_client_that_resets_costs_nobody_else(start: Start<'_>) -> io::Result<()> {
    let upstream = Upstream::bind()?;
    let proxy = start(upstream.addr()?);
    let mut rude = connect(proxy, PATIENCE).during("a client connects")?;
    let mut left = upstream.accept()?;
    pattern::send(&mut rude, 1000, 1).during("the client sends")?;
    pattern::expect(&mut left, 1000, 1).during("the upstream reads before the client resets")?;
    client::reset(rude)?;
    learns_of_the_end(&left)
        .during("the client has reset, and the upstream, silent, waits to be told")?;
    next_client_is_served(&upstream, proxy).during("after a client's reset, the next client")
}

/// As many clients, one after the other, that reset after a few bytes. Their upstreams see the
/// end, say nothing, and stay open: they are returned, so that the proxy's side of them can be
/// looked at.
///
/// # Errors
/// Names the step that failed.
pub fn clients_that_reset(start: Start<'_>, count: usize) -> io::Result<Vec<TcpStream>> {
    let upstream = Upstream::bind()?;
    let proxy = start(upstream.addr()?);
    let rude = |_| {
        let mut client = connect(proxy, PATIENCE).during("a client connects")?;
        let mut left = upstream.accept()?;
        pattern::send(&mut client, 1000, 1).during("the client sends")?;
        pattern::expect(&mut left, 1000, 1)
            .during("the upstream reads before the client resets")?;
        client::reset(client)?;
        learns_of_the_end(&left)
            .during("the client has reset, and the upstream, silent, waits to be told")?;
        Ok(left)
    };
    (0..count).map(rude).collect()
}

/// A proxy in a process of its own that runs out of descriptors. `proxy` is that process, in
/// front of `upstream`. A client that cannot be connected learns of it. Clients that come meanwhile
/// may be lost, but not all of them: once others have left, one of them is served, and so is the
/// next one. Who is being served does not notice: their words arrive within 20 ms, on average.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a process's limit cannot be set from
/// outside.
pub fn descriptor_exhaustion_is_survived(
    proxy: &ServerProcess,
    upstream: TcpListener,
) -> io::Result<()> {
    /// How many words each of those says who are being served.
    const WORDS: u8 = 5;
    let upstream = Upstream::new(upstream)?;
    let mut held = Vec::new();
    for _ in 0..3 {
        let client = connect(proxy.addr(), PATIENCE).during("a client connects")?;
        held.push((client, upstream.accept()?));
    }
    proxy.limit_descriptors(1)?;
    let lost = connect(proxy.addr(), PATIENCE).during("a client connects")?;
    learns_of_the_end(&lost).during(
        "one descriptor is left, so a client can be accepted and not be connected, and waits to be told",
    )?;
    drop(lost);

    proxy.limit_descriptors(0)?;
    let late: io::Result<Vec<_>> = (0..8).map(|_| connect(proxy.addr(), PATIENCE)).collect();
    let late = late.during("no descriptor is left, and clients connect")?;
    proxy
        .expect_idle(Duration::from_millis(500))
        .during("no descriptor is left, and the proxy waits")?;
    let start = Instant::now();
    for (client, served) in &mut held {
        for seed in 0..WORDS {
            pattern::send(client, 100, seed).during("no descriptor is left, and others send")?;
            pattern::expect(served, 100, seed)
                .during("no descriptor is left, and their upstreams read")?;
        }
    }
    let took = start.elapsed() / (3 * u32::from(WORDS));
    if took > Duration::from_millis(20) {
        return Err(io::Error::other(format!(
            "no descriptor is left, and what others say takes {took:?} to arrive: they wait with the one \
             that accepts"
        )));
    }
    drop(held);
    upstream.accept().during(
        "others have left and given their descriptors back, and a client that came before that \
         waits for its upstream",
    )?;
    drop(late);

    // Those that came meanwhile are still in the backlogs, and a client may be lost among them: the next one tries again.
    const ATTEMPT: Duration = Duration::from_millis(300);
    let served = || -> io::Result<()> {
        let mut client = connect(proxy.addr(), ATTEMPT)?;
        pattern::send(&mut client, 100, 7)?;
        loop {
            let mut served = upstream.accept_within(ATTEMPT)?;
            if pattern::expect(&mut served, 100, 7).is_ok() {
                return Ok(());
            }
        }
    };
    let start = Instant::now();
    loop {
        if let Some(status) = proxy.exited()? {
            return Err(io::Error::other(format!("the proxy has ended: {status}")));
        }
        match served() {
            Err(_) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(1)),
            last => {
                last.during(
                    "others have left and given their descriptors back, and the next client is served",
                )?;
                break;
            }
        }
    }
    proxy
        .expect_idle(Duration::from_millis(500))
        .during("there are descriptors again, nobody is connected, and the proxy waits")
}
