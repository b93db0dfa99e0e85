//! What a proxy on one thread costs while its clients say nothing, and after they have left.

use std::io;
use std::net::{Shutdown, TcpListener};
use std::thread;
use std::time::Duration;

use super::patience::Patience;
use super::sides::{During, Side, Upstream, both_end, connect, learns_of_the_end};
use crate::client;
use crate::{ServerProcess, pattern};

/// Six conversations, and no thread more than there was before them.
///
/// # Errors
/// Names the step that failed. `Unsupported` where threads cannot be counted.
pub fn one_thread_serves_all(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<()> {
    let upstream = Upstream::new(upstream)?;
    let before = proxy.threads()?;
    let mut held = Vec::new();
    for _ in 0..6 {
        held.push(conversation(proxy, &upstream)?);
        let now = proxy.threads()?;
        if now > before {
            let message = format!("{} clients, and {} threads more", held.len(), now - before);
            return Err(io::Error::other(message));
        }
    }
    Ok(())
}

/// Conversations in which nobody says anything for now, in every way there is: nobody has finished,
/// one side has, or one reads nothing and is full. At most 10 ms on a processor in half a second.
///
/// # Errors
/// Names the step that failed. `Unsupported` where it cannot be measured.
pub fn waiting_costs_nothing(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<()> {
    const FLOOD: usize = 64 << 20;
    let moment = Duration::from_millis(500);
    let upstream = Upstream::new(upstream)?;
    proxy.expect_idle(moment).during("nobody has connected yet, and the proxy waits")?;
    let _silent = conversation(proxy, &upstream)?;
    proxy.expect_idle(moment).during("one client is connected and silent, and the proxy waits")?;

    let (client, mut other) = conversation(proxy, &upstream)?;
    client.shutdown(Shutdown::Write).during("a client finishes")?;
    pattern::expect_end(&mut other).during("the upstream waits to see that end")?;
    proxy
        .expect_idle(moment)
        .during("a client has finished, its upstream is silent, and the proxy waits")?;

    let (mut client, other) = conversation(proxy, &upstream)?;
    other.shutdown(Shutdown::Write).during("an upstream finishes")?;
    pattern::expect_end(&mut client).during("the client waits to see that end")?;
    proxy
        .expect_idle(moment)
        .during("an upstream has finished, its client is silent, and the proxy waits")?;

    let (mut client, other) = conversation(proxy, &upstream)?;
    client::send_until_full(&mut client.0, FLOOD, 1)
        .during("a client sends to an upstream that reads nothing")?;
    proxy
        .expect_idle(moment)
        .during("an upstream reads nothing, its client is held back, and the proxy waits")?;
    drop((client, other));
    Ok(())
}

/// What conversations have taken is given back when they are over: after both have finished, after a
/// reset, after the reset of a side that had finished before, and after that of a side whose bytes nobody
/// takes.
///
/// # Errors
/// Names the step that failed. `Unsupported` where descriptors cannot be counted.
pub fn what_is_over_is_given_back(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<()> {
    const COUNT: usize = 4;
    const FLOOD: usize = 64 << 20;
    let upstream = Upstream::new(upstream)?;
    // A proxy that has served somebody has all that it needs for itself.
    let _first = conversation(proxy, &upstream)?;
    let before = proxy.descriptors()?;
    for _ in 0..COUNT {
        let (client, other) = conversation(proxy, &upstream)?;
        both_end(client, other)?;
    }
    given_back(proxy, before).during("4 clients and their upstreams have finished")?;

    let mut upstreams = Vec::new();
    for _ in 0..COUNT {
        let (client, other) = conversation(proxy, &upstream)?;
        client::reset(client.0)?;
        learns_of_the_end(&other)
            .during("the client has reset, and the upstream, silent, waits to be told")?;
        upstreams.push(other);
    }
    given_back(proxy, before).during("4 clients have reset, their upstreams are silent")?;

    for _ in 0..COUNT {
        let (client, mut other) = conversation(proxy, &upstream)?;
        client.shutdown(Shutdown::Write).during("a client finishes")?;
        pattern::expect_end(&mut other).during("the upstream waits to see that end")?;
        client::reset(client.0)?;
        upstreams.push(other);
    }
    given_back(proxy, before)
        .during("4 clients have finished, and later reset, their upstreams are silent")?;

    let mut clients = Vec::new();
    for _ in 0..COUNT {
        let (client, mut other) = conversation(proxy, &upstream)?;
        client::send_until_full(&mut other.0, FLOOD, 3)
            .during("an upstream sends to a client that reads nothing")?;
        client::reset(other.0)?;
        clients.push(client);
    }
    given_back(proxy, before).during("4 upstreams have reset, their clients read nothing")
}

/// A client and its upstream, who have said a word to each other.
pub(super) fn conversation(proxy: &ServerProcess, upstream: &Upstream) -> io::Result<(Side, Side)> {
    let mut client = connect(proxy.addr()).during("a client connects")?;
    let mut other = upstream.accept()?;
    pattern::send(&mut client, 100, 1).during("the client sends")?;
    pattern::expect(&mut other, 100, 1).during("the upstream reads what the client sends")?;
    pattern::send(&mut other, 100, 2).during("the upstream sends")?;
    pattern::expect(&mut client, 100, 2).during("the client reads what the upstream sends")?;
    Ok((client, other))
}

/// Waits until the proxy has no more descriptors open than before.
pub(super) fn given_back(proxy: &ServerProcess, before: usize) -> io::Result<()> {
    let mut patience = Patience::new();
    loop {
        let now = proxy.descriptors()?;
        if now <= before {
            return Ok(());
        }
        if !patience.lasts() {
            let message =
                format!("{} descriptors more than before them are still open", now - before);
            return Err(io::Error::other(message));
        }
        thread::sleep(Duration::from_millis(2));
    }
}
