//! Upstreams that do not answer a connect at once.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use super::Start;
use super::sides::{During, Upstream};
use crate::client::{PATIENCE, connect};
use crate::pattern;

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
    let mut early = connect(proxy, PATIENCE).during("a client connects")?;
    let mut served = upstream.accept()?;
    let queue = fill(addr)?;

    let mut silent = connect(proxy, PATIENCE).during("a client connects")?;
    silent.shutdown(Shutdown::Write).during("it finishes without a word")?;
    let mut waiting = connect(proxy, PATIENCE).during("a client connects")?;
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
