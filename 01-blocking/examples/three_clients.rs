//! Three clients against one server, in one process, one thing at a time.
//!
//! `cargo run -p blocking --example three_clients -- threads`
//!
//! The first client connects and says nothing; the other two say hello; then they leave, in the
//! order in which they came. After each thing that a client does, the program waits until every
//! thread sleeps: so the same things happen in the same order each time, and with `--trace FILE`
//! they can be recorded and looked at. Linux only: /proc tells which threads sleep.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use blocking::{pool, sequential, threads};
use support::flags::{Flags, Mode, Server};
use tracing::info;

const SERVER: Server = Server {
    name: "blocking --example three_clients",
    about: "Three clients against one of the servers of this stage, in one process.",
    modes: &[
        Mode { name: "sequential", about: "the server with one thread" },
        Mode { name: "threads", about: "the server with a thread for each client" },
        Mode { name: "pool", about: "the server with four threads and a queue" },
    ],
};

fn main() -> anyhow::Result<()> {
    let Flags { mode, addr, max_connections, trace } = SERVER.flags();
    support::logging::init(trace.as_deref())?;
    let listener = TcpListener::bind(addr).with_context(|| {
        format!("listening on {addr} (if the address is in use, choose another with --addr)")
    })?;
    let addr = listener.local_addr()?;
    let server = thread::spawn(move || match mode {
        "sequential" => sequential::serve(&listener),
        "threads" => threads::serve(&listener, max_connections),
        "pool" => pool::serve(&listener, max_connections),
        other => unreachable!("{other} is none of the modes above"),
    });
    wait_until_all_sleep()?;
    play(Clients { addr, streams: BTreeMap::new() })?;
    ensure!(!server.is_finished(), "the server has ended");
    Ok(())
}

// ANCHOR: clients
fn play(mut clients: Clients) -> anyhow::Result<()> {
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

/// Those who are connected, by number. One thread plays them all, and never waits for an answer.
struct Clients {
    addr: SocketAddr,
    streams: BTreeMap<u32, TcpStream>,
}

impl Clients {
    fn connect(&mut self, client: u32) -> anyhow::Result<()> {
        info!(client, "connects");
        let stream = TcpStream::connect(self.addr).context("connecting to the server")?;
        stream.set_nonblocking(true)?;
        self.streams.insert(client, stream);
        self.look_for_answers()
    }

    fn say_hello(&mut self, client: u32) -> anyhow::Result<()> {
        info!(client, "says hello");
        let stream = self.streams.get_mut(&client).context("who is not there says nothing")?;
        stream.write_all(b"hello\n").context("saying hello")?;
        self.look_for_answers()
    }

    fn leave(&mut self, client: u32) -> anyhow::Result<()> {
        info!(client, "leaves");
        self.streams.remove(&client).context("who is not there cannot leave")?;
        self.look_for_answers()
    }

    /// Lets the server do what it can, and tells whom it has answered.
    fn look_for_answers(&mut self) -> anyhow::Result<()> {
        wait_until_all_sleep()?;
        for (client, stream) in &mut self.streams {
            match stream.read(&mut [0; 6]) {
                Ok(6) => info!(client, "has its answer"),
                Ok(n) => bail!("client {client} got {n} bytes in place of 6"),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error).context("reading an answer"),
            }
        }
        Ok(())
    }
}
// ANCHOR_END: clients

/// Waits until every other thread of this process was asleep in many looks on end. A packet may still
/// be on its way inside the kernel when all sleep, so one look is not enough.
fn wait_until_all_sleep() -> anyhow::Result<()> {
    const LOOKS: u32 = 25;
    const PAUSE: Duration = Duration::from_millis(2);
    const PATIENCE: Duration = Duration::from_secs(30);
    let start = Instant::now();
    let mut quiet = 0;
    while quiet < LOOKS {
        ensure!(
            start.elapsed() < PATIENCE,
            "a thread of the server has not slept for {PATIENCE:?}"
        );
        thread::sleep(PAUSE);
        quiet = if another_thread_runs()? { 0 } else { quiet + 1 };
    }
    Ok(())
}

fn another_thread_runs() -> anyhow::Result<bool> {
    let me = std::fs::read_link("/proc/thread-self").context("this example needs /proc (Linux)")?;
    for task in std::fs::read_dir("/proc/self/task").context("listing our threads")? {
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
