//! Upstreams that do not answer a connect at once.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use super::Start;
use super::patience::Patience;
use super::sides::{During, Side, Upstream, connect, learns_of_the_end};
use super::waiting::{conversation, given_back};
use crate::client;
use crate::{ServerProcess, pattern};

/// The upstream leaves connects unanswered for a while. Who is connected already is served
/// meanwhile; those who wait are served when the answer has come, also if they have said all they
/// have to say before it.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a full backlog refuses instead of keeping
/// silent.
pub fn an_upstream_slow_to_accept_holds_up_nobody(start: Start<'_>) -> io::Result<()> {
    let (upstream, addr) = upstream_with_a_short_backlog()?;
    let proxy = start(addr);
    let mut early = connect(proxy).during("a client connects")?;
    let mut served = upstream.accept()?;
    let queue = fill(addr)?;

    let mut silent = connect(proxy).during("a client connects")?;
    silent.shutdown(Shutdown::Write).during("it finishes without a word")?;
    let mut waiting = connect(proxy).during("a client connects")?;
    pattern::send(&mut waiting, 1000, 1).during("the client sends")?;
    waiting.shutdown(Shutdown::Write).during("the client finishes")?;

    pattern::send(&mut early, 1000, 2).during("another client sends")?;
    pattern::expect(&mut served, 1000, 2).during(
        "while the upstream answers no connect, it reads what an earlier client sends through its \
         connection",
    )?;

    SockRef::from(upstream.listener()).listen(16)?;
    for _ in &queue {
        upstream.accept()?;
    }
    drop(queue);
    for _ in 0..2 {
        serve_one_of_both(&upstream)?;
    }
    pattern::expect(&mut silent, 50, 3).during(
        "the client that has finished without a word, before the upstream answered the connect, \
         reads",
    )?;
    pattern::expect(&mut waiting, 1000, 1).during(
        "the client that has spoken before the upstream answered the connect reads the answer",
    )
}

/// The upstream does not answer: at most 10 ms on a processor in half a second.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a full backlog refuses instead of keeping
/// silent, or where it cannot be measured.
pub fn waiting_for_a_connect_costs_nothing(
    proxy: &ServerProcess,
    upstream: TcpListener,
) -> io::Result<()> {
    let _waiting = Unanswered::new(proxy, upstream)?;
    proxy
        .expect_idle(Duration::from_millis(500))
        .during("the upstream of 10 clients has not answered the connect yet, and the proxy waits")
}

/// Clients that reset before the upstream has answered are given up, and their descriptors given
/// back.
///
/// # Errors
/// As `waiting_for_a_connect_costs_nothing`.
pub fn who_resets_during_the_connect_is_given_up(
    proxy: &ServerProcess,
    upstream: TcpListener,
) -> io::Result<()> {
    let waiting = Unanswered::new(proxy, upstream)?;
    for client in waiting.clients {
        client::reset(client.0)?;
    }
    given_back(proxy, waiting.descriptors)
        .during("10 clients have reset, and their upstream has not answered the connect yet")
}

/// A hundred clients have connected before the proxy accepts the first of them: all reach the upstream,
/// although one event has told of them all. Rounds are counted: each brings a word through the proxy,
/// and every connect that was made before it has arrived.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a process cannot be seen to stop.
pub fn all_who_wait_are_accepted(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<()> {
    const CLIENTS: usize = 100;
    const ROUNDS: usize = 100;
    let upstream = Upstream::new(upstream)?;
    let (mut client, mut other) = conversation(proxy, &upstream)?;
    let (mut clients, mut arrived) = (Vec::new(), Vec::new());
    proxy.stop()?;
    for _ in 0..CLIENTS {
        clients.push(connect(proxy.addr()).during("the listener has room for clients")?);
    }
    proxy.resume()?;
    for round in 0..ROUNDS {
        pattern::send(&mut client, 100, round as u8).during("one that is served sends")?;
        pattern::expect(&mut other, 100, round as u8).during(
            "100 clients wait to be accepted, and the upstream of one that is served reads",
        )?;
        while let Ok(stream) = upstream.listener().accept() {
            arrived.push(stream);
        }
        if arrived.len() == CLIENTS {
            return Ok(());
        }
    }
    let arrived = arrived.len();
    Err(io::Error::other(format!(
        "{CLIENTS} clients waited to be accepted, {ROUNDS} words of another one have come through the \
         proxy since then, and it has connected {arrived} of them with the upstream"
    )))
}

/// Twenty clients have connected before the proxy accepts the first of them, and to connect to its
/// upstream fails at once. All of them are told, and the thread does not wait after each.
///
/// # Errors
/// Names the step that failed; of kind `Other`, that the thread has waited. `Unsupported` where that
/// cannot be seen.
pub fn one_that_cannot_be_connected_holds_up_nobody(proxy: &ServerProcess) -> io::Result<()> {
    const CLIENTS: usize = 20;
    proxy.stop()?;
    let clients: io::Result<Vec<_>> = (0..CLIENTS).map(|_| connect(proxy.addr())).collect();
    let clients = clients.during("the listener has room for clients")?;
    let before = proxy.waited()?;
    proxy.resume()?;
    for client in &clients {
        learns_of_the_end(client).during(
            "20 clients waited to be accepted, to connect to their upstream fails at once, and one of \
             them waits to be told",
        )?;
    }
    let _next = connect(proxy.addr()).during(
        "to connect to the upstream of 20 clients has failed at once, and the next one comes",
    )?;
    let waited = proxy.waited()?.saturating_sub(before);
    if waited > CLIENTS as u64 / 2 {
        let message = format!(
            "{CLIENTS} clients waited to be accepted, to connect to their upstream fails at once, and \
             between them the thread has waited {waited} times"
        );
        return Err(io::Error::other(message));
    }
    Ok(())
}

/// Clients of a proxy whose upstream does not answer.
struct Unanswered {
    clients: Vec<Side>,
    /// How many the proxy had open before the clients came.
    descriptors: usize,
    /// A conversation of before, and those that keep the backlog full.
    _others: ((Side, Side), Upstream, Vec<TcpStream>),
}

impl Unanswered {
    fn new(proxy: &ServerProcess, upstream: TcpListener) -> io::Result<Self> {
        let addr = upstream.local_addr()?;
        let upstream = Upstream::new(upstream)?;
        // A proxy that has served somebody has all that it needs for itself.
        let first = conversation(proxy, &upstream)?;
        SockRef::from(upstream.listener()).listen(0)?;
        let queue = fill(addr)?;
        let descriptors = proxy.descriptors()?;
        let clients: io::Result<Vec<_>> = (0..10).map(|_| connect(proxy.addr())).collect();
        let clients = clients.during("clients connect")?;
        let mut patience = Patience::new();
        while proxy.descriptors()? < descriptors + 2 * clients.len() {
            if !patience.lasts() {
                return Err(io::Error::other(
                    "10 clients have connected, and the proxy has not begun to connect for all of them",
                ));
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(Self { clients, descriptors, _others: (first, upstream, queue) })
    }
}

/// Accepts one of the clients that have waited, and answers it. Which of them is first is not said.
fn serve_one_of_both(upstream: &Upstream) -> io::Result<()> {
    let mut stream = upstream
        .accept()
        .during("the upstream answers connects at last, and waits for those who waited for it")?;
    let mut question = Vec::new();
    io::Read::read_to_end(&mut stream, &mut question)
        .during("a client has finished before the upstream answered the connect, and the upstream waits to see that end")?;
    match question.len() {
        0 => pattern::send(&mut stream, 50, 3),
        _ => io::Write::write_all(&mut stream, &question),
    }
    .during("the upstream answers who has finished before it answered the connect")
}

/// An upstream that lets one connection wait, and leaves further ones unanswered.
fn upstream_with_a_short_backlog() -> io::Result<(Upstream, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    socket.listen(0)?;
    let listener = TcpListener::from(socket);
    let addr = listener.local_addr()?;
    Ok((Upstream::new(listener)?, addr))
}

/// Connects until no answer comes.
fn fill(addr: SocketAddr) -> io::Result<Vec<TcpStream>> {
    const ENOUGH: usize = 64;
    let mut queue = Vec::new();
    while queue.len() < ENOUGH {
        match TcpStream::connect_timeout(&addr, Duration::from_millis(100)) {
            Ok(stream) => queue.push(stream),
            Err(error) if pattern::is_timeout(&error) => return Ok(queue),
            Err(_refused) => break,
        }
    }
    Err(ErrorKind::Unsupported.into())
}
