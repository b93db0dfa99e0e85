//! Many clients on one thread, each of which waits for its echo before it sends again.
//!
//! Raw epoll, an event for each echo, one `read` and one `write`: the least that a client can do. It is
//! about what a server does, so the load takes a processor of its own, and the results say how much of
//! it was used.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use hdrhistogram::Histogram;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::message::{self, LEN, message};

/// How long an echo may take before we give up.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many events one call may bring.
const EVENTS: usize = 1024;

/// Some connections to one server. Between two windows nothing is on its way.
pub struct Load {
    poller: OwnedFd,
    connections: Vec<Connection>,
    events: Vec<Event>,
}

struct Connection {
    stream: TcpStream,
    number: u32,
    /// Which message is on its way, or is sent next.
    round: u32,
    /// How much of its echo has come.
    received: usize,
    sent: Instant,
}

/// What happened in a window.
pub struct Window {
    /// Messages that came back, each with every byte right.
    pub echoes: u64,
    /// From the first message to the last echo.
    pub elapsed: Duration,
    /// How long this thread was on the processor.
    pub cpu: Duration,
    /// Nanoseconds from the write of a message to the last byte of its echo.
    pub latencies: Histogram<u64>,
}

impl Load {
    /// Connects `count` clients. Each gets an echo before the next one connects, so all of them are
    /// served, and none waits in the backlog.
    ///
    /// # Errors
    /// One of them cannot connect, or its echo is wrong or does not come within ten seconds.
    pub fn connect(addr: SocketAddr, count: u32) -> anyhow::Result<Self> {
        let poller = epoll::create(CreateFlags::CLOEXEC)?;
        let mut connections = Vec::with_capacity(count as usize);
        for number in 0..count {
            let connect = || {
                let stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                let sent = Instant::now();
                let mut connection = Connection { stream, number, round: 0, received: 0, sent };
                connection.send(sent)?;
                while !connection.receive()? {}
                connection.stream.set_nonblocking(true)?;
                let flags = EventFlags::IN | EventFlags::ET;
                let data = EventData::new_u64(number.into());
                epoll::add(&poller, &connection.stream, data, flags)?;
                anyhow::Ok(connection)
            };
            connections.push(connect().with_context(|| format!("connection {}", number + 1))?);
        }
        Ok(Self { poller, connections, events: Vec::with_capacity(EVENTS) })
    }

    /// Has all of them talk for this long, and then waits until the last echo has come.
    ///
    /// # Errors
    /// An echo is wrong, or none comes for ten seconds.
    pub fn run(&mut self, duration: Duration) -> anyhow::Result<Window> {
        let mut latencies = Histogram::new_with_bounds(1, 60_000_000_000, 3)
            .expect("a minute in nanoseconds, three digits");
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        let start = Instant::now();
        let end = start + duration;
        for connection in &mut self.connections {
            connection.send(Instant::now())?;
        }
        let mut on_their_way = self.connections.len();
        let mut last = start;
        while on_their_way > 0 {
            self.wait()?;
            for event in &self.events {
                let number = event.data.u64() as usize;
                let connection = &mut self.connections[number];
                let context = || format!("connection {}", number + 1);
                if !connection.receive().with_context(context)? {
                    continue;
                }
                last = Instant::now();
                latencies.saturating_record((last - connection.sent).as_nanos() as u64);
                if last < end {
                    connection.send(last).with_context(context)?;
                } else {
                    on_their_way -= 1;
                }
            }
        }
        Ok(Window {
            echoes: latencies.len(),
            elapsed: last - start,
            cpu: duration_of(clock_gettime(ClockId::ThreadCPUTime)) - duration_of(cpu),
            latencies,
        })
    }

    fn wait(&mut self) -> anyhow::Result<()> {
        self.events.clear();
        let patience = Timespec::try_from(PATIENCE).expect("ten seconds are a time");
        let buffer = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.poller, buffer, Some(&patience)) {
            Ok(0) => bail!("no echo came for {PATIENCE:?}: the server hangs, or has lost bytes"),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error).context("waiting for echoes"),
        }
    }
}

impl Connection {
    fn send(&mut self, now: Instant) -> anyhow::Result<()> {
        self.sent = now;
        let n = self.stream.write(&message(self.number, self.round)).context("sending")?;
        // There is room: nothing else is on its way.
        ensure!(n == LEN, "the socket took {n} bytes of {LEN}, although it was empty");
        Ok(())
    }

    /// Reads what is here. Returns whether the whole echo has come.
    fn receive(&mut self) -> anyhow::Result<bool> {
        // Room for a byte too many, which would be seen.
        let mut buffer = [0; LEN + 1];
        let n = match self.stream.read(&mut buffer) {
            Ok(0) => bail!("the server has closed it after {} messages", self.round),
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            // An event for what was read with the event before it. When we connect, it is a timeout.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                ensure!(
                    self.round > 0,
                    "no echo came for {PATIENCE:?}: the server does not serve it"
                );
                0
            }
            Err(error) => return Err(error).context("reading"),
        };
        let sent = message(self.number, self.round);
        if let Err(sentence) = message::check(&buffer[..n], self.received, &sent) {
            bail!("message {}: {sentence}", self.round + 1);
        }
        self.received += n;
        if self.received < LEN {
            return Ok(false);
        }
        self.received = 0;
        self.round = self.round.wrapping_add(1);
        Ok(true)
    }
}

/// Allows this process, and the servers that it starts, as many descriptors as the system lets it.
///
/// # Errors
/// That is too few for `connections`.
pub fn allow_descriptors(connections: u32) -> anyhow::Result<()> {
    // Those that are open beside connections: a handful.
    let needed = u64::from(connections) + 100;
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Some(allowed) = maximum.filter(|maximum| *maximum < needed) {
        bail!(
            "{connections} connections take {needed} descriptors, and this system allows a process \
             {allowed}: raise the hard limit, `ulimit -Hn {needed}`, as root"
        );
    }
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
        .context("raising the limit on our descriptors")
}

fn duration_of(time: Timespec) -> Duration {
    Duration::try_from(time).expect("a clock of the processor counts up from zero")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Serves one client: whatever comes goes through `change`, which knows how many bytes came before.
    fn serve(change: impl Fn(&mut Vec<u8>, usize) + Send + 'static) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut buffer, mut before) = ([0; 1024], 0);
            while let Ok(n @ 1..) = stream.read(&mut buffer) {
                let mut bytes = buffer[..n].to_vec();
                change(&mut bytes, before);
                before += n;
                if bytes.is_empty() || stream.write_all(&bytes).is_err() {
                    return;
                }
            }
        });
        addr
    }

    /// What the load says of a server that errs in the third message.
    fn complaint(change: impl Fn(&mut Vec<u8>) + Send + 'static) -> String {
        let addr = serve(move |bytes, before| {
            if before == 2 * LEN {
                change(bytes);
            }
        });
        let mut load = Load::connect(addr, 1).unwrap();
        format!("{:#}", load.run(Duration::from_secs(5)).err().unwrap())
    }

    #[test]
    fn each_echo_is_counted_and_timed_once() {
        let mut load = Load::connect(serve(|_, _| {}), 1).unwrap();
        for _ in 0..2 {
            let before = load.connections[0].round;
            let window = load.run(Duration::from_millis(20)).unwrap();
            assert_eq!(window.echoes, u64::from(load.connections[0].round - before));
            assert_eq!(window.echoes, window.latencies.len());
            assert!(window.echoes > 0 && window.elapsed >= Duration::from_millis(20));
        }
    }

    #[test]
    fn a_wrong_byte_ends_the_window() {
        let said = complaint(|bytes| bytes[7] ^= 0x80);
        assert!(said.starts_with("connection 1: message 3: byte 8 of 64 came back as"), "{said}");
    }

    #[test]
    fn an_echo_of_an_older_message_ends_the_window() {
        let said = complaint(|bytes| *bytes = message(0, 0).to_vec());
        assert!(said.starts_with("connection 1: message 3: byte 1 of 64"), "{said}");
    }

    #[test]
    fn a_byte_too_many_ends_the_window() {
        let said = complaint(|bytes| bytes.push(0));
        assert_eq!(said, "connection 1: message 3: 65 bytes came back, and 64 were sent");
    }

    #[test]
    fn a_server_that_leaves_is_named_as_the_cause() {
        let said = complaint(Vec::clear);
        assert_eq!(said, "connection 1: the server has closed it after 2 messages");
    }
}
