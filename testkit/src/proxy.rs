//! What a TCP proxy must do, whatever it is made of: asked from both of its sides.
//!
//! Each function is one fact. It is given `start`, which starts a proxy in front of an upstream
//! and returns the proxy's own address; it plays the client and the upstream, and returns an
//! error that names the step that failed. A step that would take for ever fails after five
//! seconds.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::client::{self, PATIENCE, connect};
use crate::{ServerProcess, pattern};

/// Starts a proxy in front of the upstream at the given address, and returns where the proxy
/// listens.
pub type Start<'a> = &'a dyn Fn(SocketAddr) -> SocketAddr;

/// A question, an answer, another question: each arrives before the next is sent.
///
/// # Errors
/// Names the step that failed; so do all functions here.
pub fn questions_and_answers(start: Start<'_>) -> io::Result<()> {
    let upstream = Upstream::bind()?;
    let mut client = connect(start(upstream.addr()?), PATIENCE).during("the client connects")?;
    // Whether the proxy connects before or after the first word is the next fact.
    pattern::send(&mut client, 1000, 0).during("the client sends a question")?;
    let mut upstream = upstream.accept()?;
    pattern::expect(&mut upstream, 1000, 0).during("the upstream reads the question")?;
    // Sizes at which buffers are exactly full, and sizes at which none is.
    for (seed, len) in (1..).zip([1, 1000, 512, 1024, 4096, 8192, 16_384, 32_768, 65_536, 10]) {
        let of = |what: &str| format!("{what} of {len} bytes");
        pattern::send(&mut client, len, seed).during(&of("the client sends a question"))?;
        pattern::expect(&mut upstream, len, seed).during(&of("the upstream reads the question"))?;
        pattern::send(&mut upstream, len, seed).during(&of("the upstream sends an answer"))?;
        pattern::expect(&mut client, len, seed).during(&of("the client reads the answer"))?;
    }
    Ok(())
}

/// Many protocols begin with a greeting from the server. The client says nothing until it has
/// come.
///
/// # Errors
/// Names the step that failed.
pub fn the_upstream_may_speak_first(start: Start<'_>) -> io::Result<()> {
    let (mut client, mut upstream) = connected(start)?;
    pattern::send(&mut upstream, 100, 1).during("the upstream greets")?;
    pattern::expect(&mut client, 100, 1).during("the client, still silent, reads the greeting")?;
    pattern::send(&mut client, 100, 2).during("the client answers")?;
    pattern::expect(&mut upstream, 100, 2).during("the upstream reads the client's answer")
}

/// The client sends its last byte, and waits for the answer to it.
///
/// # Errors
/// Names the step that failed.
pub fn the_client_may_finish_first(start: Start<'_>) -> io::Result<()> {
    let (mut client, mut upstream) = connected(start)?;
    pattern::send(&mut client, 5000, 1).during("the client sends its request")?;
    client.shutdown(Shutdown::Write).during("the client finishes")?;
    pattern::expect(&mut upstream, 5000, 1).during("the upstream reads the request")?;
    pattern::expect_end(&mut upstream)
        .during("the client has finished, and the upstream waits to see that end")?;
    pattern::send(&mut upstream, 50_000, 2)
        .during("the upstream answers a client that has finished, but still reads")?;
    pattern::expect(&mut client, 50_000, 2)
        .during("the client, which has finished, reads the answer")?;
    upstream.shutdown(Shutdown::Write).during("the upstream finishes")?;
    pattern::expect_end(&mut client)
        .during("the upstream has finished too, and the client waits to see that end")
}

/// The upstream sends its last byte, and goes on reading.
///
/// # Errors
/// Names the step that failed.
pub fn the_upstream_may_finish_first(start: Start<'_>) -> io::Result<()> {
    let (mut client, mut upstream) = connected(start)?;
    pattern::send(&mut upstream, 5000, 1).during("the upstream sends all it has to say")?;
    upstream.shutdown(Shutdown::Write).during("the upstream finishes")?;
    pattern::expect(&mut client, 5000, 1).during("the client reads it")?;
    pattern::expect_end(&mut client)
        .during("the upstream has finished, and the client waits to see that end")?;
    pattern::send(&mut client, 50_000, 2)
        .during("the client sends to an upstream that has finished, but still reads")?;
    client.shutdown(Shutdown::Write).during("the client finishes")?;
    pattern::expect(&mut upstream, 50_000, 2)
        .during("the upstream, which has finished, reads what the client sends")?;
    pattern::expect_end(&mut upstream)
        .during("the client has finished too, and the upstream waits to see that end")
}

/// 16 MiB each way at the same time. Who moves one direction and then the other lets both sides
/// wait for each other.
///
/// # Errors
/// Names the step that failed.
pub fn both_directions_at_once(start: Start<'_>) -> io::Result<()> {
    const LEN: usize = 16 << 20;
    let (client, upstream) = connected(start)?;
    thread::scope(|scope| {
        let upload = scope.spawn(|| send_and_finish(&client, LEN, 1));
        let download = scope.spawn(|| send_and_finish(&upstream, LEN, 2));
        let uploaded = scope.spawn(|| receive_to_end(&upstream, LEN, 1));
        let downloaded = receive_to_end(&client, LEN, 2);
        downloaded.during("both send at once, and the client reads")?;
        uploaded.join().expect("no panic").during("both send at once, and the upstream reads")?;
        upload.join().expect("no panic").during("both send at once, and the client sends")?;
        download.join().expect("no panic").during("both send at once, and the upstream sends")
    })
}

/// The upstream reads nothing for a while, but sends. What it sends arrives: a direction that
/// is full holds up only itself.
///
/// # Errors
/// Names the step that failed.
pub fn a_full_direction_holds_up_only_itself(start: Start<'_>) -> io::Result<()> {
    const FLOOD: usize = 64 << 20;
    const BACK: usize = 8 << 20;
    let (mut client, mut upstream) = connected(start)?;
    let sent = client::send_until_full(&mut client, FLOOD, 1)
        .during("the client sends to an upstream that reads nothing for now")?;
    thread::scope(|scope| {
        let sender = scope.spawn(|| pattern::send(&mut &upstream, BACK, 2));
        let received = pattern::expect(&mut client, BACK, 2)
            .during("the upstream reads nothing for now, and the client reads what it sends");
        if received.is_err() {
            // Or we would wait for the sender, too.
            let _ = upstream.shutdown(Shutdown::Both);
        }
        received?;
        let sent = sender.join().expect("no panic");
        sent.during("the upstream, which reads nothing for now, sends")
    })?;
    pattern::expect(&mut upstream, sent, 1).during("the upstream reads at last")
}

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
    pattern::expect(&mut stalled, sent, 1).during("the stalled upstream reads at last")
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
/// front of `upstream`. Clients that come meanwhile may be lost; once others have left, the
/// next one is served.
///
/// # Errors
/// Names the step that failed. `Unsupported` where a process's limit cannot be set from
/// outside.
pub fn descriptor_exhaustion_is_survived(
    proxy: &ServerProcess,
    upstream: TcpListener,
) -> io::Result<()> {
    let upstream = Upstream::new(upstream)?;
    // Room for some conversations, but not for 16.
    proxy.limit_descriptors(7)?;
    let clients: io::Result<Vec<_>> = (0..16).map(|_| connect(proxy.addr(), PATIENCE)).collect();
    let clients = clients?;
    let first = upstream.accept().during("the first of 16 clients is connected")?;
    proxy
        .expect_idle(Duration::from_millis(500))
        .during("16 clients came, no descriptor is left, and the proxy waits")?;
    drop((clients, first));

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
            last => return last.during("16 clients came and left, and the next one is served"),
        }
    }
}

/// The far side of the proxy.
struct Upstream {
    listener: TcpListener,
}

impl Upstream {
    fn bind() -> io::Result<Self> {
        Self::new(TcpListener::bind(("127.0.0.1", 0))?)
    }

    fn new(listener: TcpListener) -> io::Result<Self> {
        // accept(2) has no timeout of its own.
        listener.set_nonblocking(true)?;
        Ok(Self { listener })
    }

    fn addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    fn accept(&self) -> io::Result<TcpStream> {
        self.accept_within(PATIENCE).during("the proxy connects to its upstream")
    }

    fn accept_within(&self, patience: Duration) -> io::Result<TcpStream> {
        let start = Instant::now();
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    stream.set_read_timeout(Some(patience))?;
                    stream.set_write_timeout(Some(patience))?;
                    return Ok(stream);
                }
                Err(error) if pattern::is_timeout(&error) && start.elapsed() < patience => {
                    thread::sleep(Duration::from_millis(1));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// A client, and the upstream's end of the connection that the proxy made for it.
fn connected(start: Start<'_>) -> io::Result<(TcpStream, TcpStream)> {
    let upstream = Upstream::bind()?;
    let client = connect(start(upstream.addr()?), PATIENCE).during("the client connects")?;
    Ok((client, upstream.accept()?))
}

/// Both sides finish, and both see the other's end.
fn both_end(mut client: TcpStream, mut upstream: TcpStream) -> io::Result<()> {
    client.shutdown(Shutdown::Write).during("the client finishes")?;
    pattern::expect_end(&mut upstream)
        .during("the client has finished, and the upstream waits to see that end")?;
    upstream.shutdown(Shutdown::Write).during("the upstream finishes")?;
    pattern::expect_end(&mut client)
        .during("both have finished, and the client waits to see the end")
}

fn send_and_finish(mut stream: &TcpStream, len: usize, seed: u8) -> io::Result<()> {
    pattern::send(&mut stream, len, seed)?;
    stream.shutdown(Shutdown::Write)
}

fn receive_to_end(mut stream: &TcpStream, len: usize, seed: u8) -> io::Result<()> {
    pattern::expect(&mut stream, len, seed)?;
    pattern::expect_end(&mut stream)
}

fn next_client_is_served(upstream: &Upstream, proxy: SocketAddr) -> io::Result<()> {
    let mut client = connect(proxy, PATIENCE).during("a client connects")?;
    let mut served = upstream.accept()?;
    pattern::send(&mut client, 100, 7)?;
    pattern::expect(&mut served, 100, 7)
}

/// Whoever waits for more is told that nothing will come: by an end or by a reset, but not by
/// silence.
fn learns_of_the_end(mut stream: &TcpStream) -> io::Result<()> {
    match stream.read(&mut [0; 64]) {
        Ok(0) => Ok(()),
        Ok(n) => Err(io::Error::new(ErrorKind::InvalidData, format!("{n} bytes from nowhere"))),
        Err(error) if pattern::is_timeout(&error) => Err(error),
        Err(_reset) => Ok(()),
    }
}

/// What an error of ours says of how far it came; nothing of one of the system.
fn how_far(error: &io::Error) -> String {
    let ours = error.raw_os_error().is_none() && error.get_ref().is_some();
    if ours { format!(" ({error})") } else { String::new() }
}

trait During<T> {
    fn during(self, step: &str) -> io::Result<T>;
}

impl<T> During<T> for io::Result<T> {
    /// Says which step failed, and says "waits for ever" of one that ran out of patience.
    fn during(self, step: &str) -> io::Result<T> {
        self.map_err(|error| {
            let what = match pattern::is_timeout(&error) {
                true => format!("and waits for ever{}", how_far(&error)),
                false => format!("and fails: {error}"),
            };
            io::Error::new(error.kind(), format!("{step}, {what}"))
        })
    }
}
