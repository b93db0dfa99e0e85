//! What the system does to a proxy: no descriptor is left, a signal comes, the listener breaks.

use std::io;
use std::net::{Shutdown, TcpListener};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::patience::Patience;
use super::sides::{During, Side, Upstream, connect, learns_of_the_end};
use super::waiting::conversation;
use crate::client::{self, PATIENCE};
use crate::{ServerProcess, pattern};

/// A proxy in a process of its own that runs out of descriptors. `proxy` is that process, in
/// front of `upstream`. A client that cannot be connected learns of it. Clients that come meanwhile
/// may be lost, but not all of them: once others have left, one of them is served, and so is the
/// next one. Who is being served does not notice.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a process's limit cannot be set from
/// outside.
pub fn descriptor_exhaustion_is_survived(
    proxy: &ServerProcess,
    upstream: TcpListener,
) -> io::Result<()> {
    let mut exhausted = Exhausted::new(proxy, upstream)?;
    proxy
        .expect_idle(Duration::from_millis(500))
        .during("no descriptor is left, and the proxy waits")?;
    for (client, served) in &mut exhausted.held {
        for seed in 0..5 {
            pattern::send(client, 100, seed).during("no descriptor is left, and others send")?;
            pattern::expect(served, 100, seed)
                .during("no descriptor is left, and their upstreams read")?;
        }
    }
    let Exhausted { upstream, held, late } = exhausted;
    drop(held);
    upstream.accept().during(
        "others have left and given their descriptors back, and a client that came before that \
         waits for its upstream",
    )?;
    drop(late);

    // Those that came meanwhile are still in the backlogs, and a client may be lost among them: the next one tries again.
    let served = |limit| -> io::Result<()> {
        let mut client = client::connect(proxy.addr(), limit)?;
        pattern::send(&mut client, 100, 7)?;
        loop {
            let mut served = upstream.accept_within(limit)?;
            if pattern::expect(&mut served, 100, 7).is_ok() {
                return Ok(());
            }
        }
    };
    let mut patience = Patience::new();
    let mut limit = Duration::from_millis(300);
    loop {
        if let Some(status) = proxy.exited()? {
            return Err(io::Error::other(format!("the proxy has ended: {status}")));
        }
        match served(limit) {
            // On a busy machine a client that is served may take longer: the next one has more time.
            Err(_) if patience.lasts() => {
                limit = PATIENCE.min(limit * 2);
                thread::sleep(Duration::from_millis(1));
            }
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

/// A proxy that cannot open a descriptor more, and those who know it.
struct Exhausted {
    upstream: Upstream,
    /// Clients that are being served, and their upstreams.
    held: Vec<(Side, Side)>,
    /// Clients that have come too late.
    late: Vec<Side>,
}

impl Exhausted {
    fn new(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<Self> {
        let upstream = Upstream::new(upstream)?;
        let mut held = Vec::new();
        for _ in 0..3 {
            let client = connect(proxy.addr()).during("a client connects")?;
            held.push((client, upstream.accept()?));
        }
        proxy.limit_descriptors(1)?;
        let lost = connect(proxy.addr()).during("a client connects")?;
        learns_of_the_end(&lost).during(
            "one descriptor is left, so a client can be accepted but not connected, it has to \
             learn of that",
        )?;
        drop(lost);
        proxy.limit_descriptors(0)?;
        let late: io::Result<Vec<_>> = (0..8).map(|_| connect(proxy.addr())).collect();
        let late = late.during("no descriptor is left, and clients connect")?;
        Ok(Self { upstream, held, late })
    }
}

/// A proxy on one thread has no descriptor left, and clients wait to be accepted: whatever it does about
/// that, its thread does not sleep. While it does, nobody else is served.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a process's limit cannot be set from outside, or
/// the kernel does not tell where a thread waits.
pub fn the_thread_never_sleeps(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<()> {
    const LOOKS: usize = 100;
    let _exhausted = Exhausted::new(proxy, upstream)?;
    for _ in 0..LOOKS {
        if proxy.sleeps()? {
            return Err(io::Error::other(
                "no descriptor is left, clients wait to be accepted, and the only thread is in a `sleep`",
            ));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Signals interrupt reads and writes that wait: a read brings nothing, a write has taken a part. Nothing
/// is lost, and nobody is told. `proxy` listens on what [`interruptible`] returned.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a process cannot be seen to stop.
pub fn a_signal_ends_nothing(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<()> {
    const SIGNALS: u8 = 10;
    const FLOOD: usize = 64 << 20;
    let upstream = Upstream::new(upstream)?;
    let (mut client, mut other) = conversation(proxy, &upstream)?;
    for seed in 0..SIGNALS {
        interrupt(proxy)?;
        pattern::send(&mut client, 100, seed).during("after a signal the client sends")?;
        pattern::expect(&mut other, 100, seed).during(
            "a signal has interrupted a read of the client's bytes, and the upstream reads",
        )?;
    }
    for seed in 0..5 {
        let (mut client, mut other) = conversation(proxy, &upstream)?;
        let sent = client::send_until_full(&mut other.0, FLOOD, seed)
            .during("an upstream sends to a client that reads nothing for now")?;
        interrupt(proxy)?;
        pattern::expect(&mut client, sent, seed)
            .during("a signal has interrupted a write to a client, and the client reads")?;
    }
    Ok(())
}

/// Sends signals that interrupt what waits.
fn interrupt(proxy: &ServerProcess) -> io::Result<()> {
    let mut patience = Patience::new();
    while !proxy.waits()? {
        if !patience.lasts() {
            return Err(io::Error::other(
                "neither side sends anything, and the proxy does not wait",
            ));
        }
        thread::yield_now();
    }
    proxy.stop()?;
    proxy.resume()
}

/// A listener on a free port whose connections' reads are interrupted by SIGCONT: those with a timeout
/// are (signal(7)), and they inherit this one's, which is too long to run out.
///
/// # Errors
/// Those of bind(2) and setsockopt(2).
pub fn interruptible() -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    SockRef::from(&listener).set_read_timeout(Some(Duration::from_secs(24 * 60 * 60)))?;
    Ok(listener)
}

/// A handle to a listener, by which it can be broken: accept reports `InvalidInput` from then on.
///
/// # Errors
/// Those of shutdown(2): `NotConnected` where a listener cannot be broken.
pub fn break_listener(listener: &TcpListener) -> io::Result<()> {
    SockRef::from(listener).shutdown(Shutdown::Both)
}
