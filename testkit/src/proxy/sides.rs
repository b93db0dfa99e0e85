//! The two sides of a proxy, and what they expect of each other.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Deref;
use std::thread;
use std::time::{Duration, Instant};

use super::Start;
use super::patience::{TICK, patiently};
use crate::{client, pattern};

/// The far side of the proxy.
pub(super) struct Upstream {
    listener: TcpListener,
}

impl Upstream {
    pub(super) fn bind() -> io::Result<Self> {
        Self::new(TcpListener::bind(("127.0.0.1", 0))?)
    }

    pub(super) fn new(listener: TcpListener) -> io::Result<Self> {
        // accept(2) has no timeout of its own.
        listener.set_nonblocking(true)?;
        Ok(Self { listener })
    }

    pub(super) fn listener(&self) -> &TcpListener {
        &self.listener
    }

    pub(super) fn addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(super) fn accept(&self) -> io::Result<Side> {
        let accepted = patiently(|| self.accept_within(TICK));
        accepted.and_then(Side::new).during("the proxy connects to its upstream")
    }

    pub(super) fn accept_within(&self, patience: Duration) -> io::Result<TcpStream> {
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

/// A client of the proxy, or the upstream's end of a connection: reads and writes have patience.
pub(super) struct Side(pub(super) TcpStream);

impl Side {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(TICK))?;
        stream.set_write_timeout(Some(TICK))?;
        Ok(Self(stream))
    }

    /// A second handle, for another thread.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }
}

impl Deref for Side {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        &self.0
    }
}

impl Read for Side {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        patiently(|| self.0.read(buffer))
    }
}

impl Write for Side {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        patiently(|| self.0.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A client connects to the proxy.
pub(super) fn connect(proxy: SocketAddr) -> io::Result<Side> {
    patiently(|| client::connect(proxy, TICK)).and_then(Side::new)
}

/// A client, and the upstream's end of the connection that the proxy made for it.
pub(super) fn connected(start: Start<'_>) -> io::Result<(Side, Side)> {
    let upstream = Upstream::bind()?;
    let client = connect(start(upstream.addr()?)).during("the client connects")?;
    Ok((client, upstream.accept()?))
}

/// Both sides finish, and both see the other's end.
pub(super) fn both_end(mut client: Side, mut upstream: Side) -> io::Result<()> {
    client.shutdown(Shutdown::Write).during("the client finishes")?;
    pattern::expect_end(&mut upstream)
        .during("the client has finished, and the upstream reads on to see that end")?;
    upstream.shutdown(Shutdown::Write).during("the upstream finishes")?;
    pattern::expect_end(&mut client)
        .during("both have finished, and the client reads on to see the end")
}

pub(super) fn send_and_finish(stream: &Side, len: usize, seed: u8) -> io::Result<()> {
    let mut stream = stream.try_clone()?;
    pattern::send(&mut stream, len, seed)?;
    stream.shutdown(Shutdown::Write)
}

pub(super) fn receive_to_end(stream: &Side, len: usize, seed: u8) -> io::Result<()> {
    let mut stream = stream.try_clone()?;
    pattern::expect(&mut stream, len, seed)?;
    pattern::expect_end(&mut stream)
}

pub(super) fn next_client_is_served(upstream: &Upstream, proxy: SocketAddr) -> io::Result<()> {
    let mut client = connect(proxy).during("a client connects")?;
    let mut served = upstream.accept()?;
    pattern::send(&mut client, 100, 7)?;
    pattern::expect(&mut served, 100, 7)
}

/// A side that waits for more learns that nothing will come: from an end or a reset, not from
/// silence.
pub(super) fn learns_of_the_end(stream: &Side) -> io::Result<()> {
    match stream.try_clone()?.read(&mut [0; 64]) {
        Ok(0) => Ok(()),
        Ok(n) => {
            Err(io::Error::new(ErrorKind::InvalidData, format!("{n} bytes that were never sent")))
        }
        Err(error) if pattern::is_timeout(&error) => Err(error),
        Err(_reset) => Ok(()),
    }
}

/// What an error of ours says of how far it came; nothing of one of the system.
fn how_far(error: &io::Error) -> String {
    let ours = error.raw_os_error().is_none() && error.get_ref().is_some();
    if ours { format!(" ({error})") } else { String::new() }
}

pub(super) trait During<T> {
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
