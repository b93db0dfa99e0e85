//! Three clients against one server in the same process, one thing at a time.
//!
//! The first client connects and says nothing; the other two say hello; then they leave, in the
//! order in which they came. After each thing that a client does, [`play`] waits until every thread
//! sleeps, so the same things happen in the same order each time, and can be recorded. Each is a
//! `tracing` event with a `client`. Linux only: /proc tells which threads sleep.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tracing::info;

// ANCHOR: clients
/// Plays the clients of the server at `addr`.
///
/// # Errors
/// `NotFound` where there is no /proc; a client cannot connect, or is answered with something else
/// than what it said; a thread of this process never sleeps.
pub fn play(addr: SocketAddr) -> io::Result<()> {
    let mut clients = Clients { addr, streams: BTreeMap::new() };
    wait_until_all_sleep()?;
    clients.connect(1)?;
    clients.connect(2)?;
    clients.say_hello(2)?;
    clients.connect(3)?;
    clients.say_hello(3)?;
    for client in 1..=3 {
        clients.leave(client)?;
    }
    Ok(())
}
// ANCHOR_END: clients

/// Plays one client alone: it connects, says hello, and leaves.
/// # Errors
/// As for [`play`].
pub fn play_one(addr: SocketAddr) -> io::Result<()> {
    let mut clients = Clients { addr, streams: BTreeMap::new() };
    wait_until_all_sleep()?;
    clients.connect(1)?;
    clients.say_hello(1)?;
    clients.leave(1)
}

// ANCHOR: acts
/// The connected clients, by number. One thread plays them all, and never waits for an answer.
struct Clients {
    addr: SocketAddr,
    streams: BTreeMap<u32, TcpStream>,
}

impl Clients {
    fn connect(&mut self, client: u32) -> io::Result<()> {
        info!(client, "connects");
        let stream = TcpStream::connect(self.addr)?;
        stream.set_nonblocking(true)?;
        self.streams.insert(client, stream);
        self.look_for_answers()
    }

    fn say_hello(&mut self, client: u32) -> io::Result<()> {
        info!(client, "says hello");
        self.streams.get_mut(&client).ok_or(ErrorKind::NotConnected)?.write_all(b"hello\n")?;
        self.look_for_answers()
    }

    fn leave(&mut self, client: u32) -> io::Result<()> {
        info!(client, "leaves");
        self.streams.remove(&client).ok_or(ErrorKind::NotConnected)?;
        self.look_for_answers()
    }

    /// Lets the server do what it can, and reports which clients have been answered.
    fn look_for_answers(&mut self) -> io::Result<()> {
        wait_until_all_sleep()?;
        for (client, stream) in &mut self.streams {
            let mut answer = [0; 6];
            match stream.read(&mut answer) {
                Ok(6) if answer == *b"hello\n" => info!(client, "has its answer"),
                Ok(_) => return Err(io::Error::other(format!("client {client} got {answer:?}"))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
// ANCHOR_END: acts

/// Waits until every other thread of this process was asleep in many looks on end. A packet may still
/// be on its way inside the kernel when all sleep, so one look is not enough.
fn wait_until_all_sleep() -> io::Result<()> {
    const LOOKS: u32 = 25;
    const PAUSE: Duration = Duration::from_millis(2);
    const PATIENCE: Duration = Duration::from_secs(30);
    let start = Instant::now();
    let mut quiet = 0;
    while quiet < LOOKS {
        if start.elapsed() > PATIENCE {
            return Err(io::Error::other(format!("a thread has not slept for {PATIENCE:?}")));
        }
        thread::sleep(PAUSE);
        quiet = if another_thread_runs()? { 0 } else { quiet + 1 };
    }
    Ok(())
}

fn another_thread_runs() -> io::Result<bool> {
    let me = std::fs::read_link("/proc/thread-self")?;
    for task in std::fs::read_dir("/proc/self/task")? {
        let folder = task?.path();
        // A thread may end between the listing and the reading.
        let Ok(stat) = std::fs::read_to_string(folder.join("stat")) else { continue };
        let asleep = stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'));
        if !asleep && folder.file_name() != me.file_name() {
            return Ok(true);
        }
    }
    Ok(false)
}
