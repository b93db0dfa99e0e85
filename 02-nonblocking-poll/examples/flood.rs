//! A client that sends and never reads, and how much of that the server keeps.
//!
//! `cargo run --release -p nonblocking-poll --example flood`
//!
//! Server and client are in one process, whose memory is measured. Linux only: it reads /proc
//! (proc(5)). With `--json FILE` the figures go into a file as well: the book quotes from it.

use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use nonblocking_poll::event_loop::EventLoop;
use nonblocking_poll::outbox::OUTBOX_LIMIT;
use serde_json::json;

/// What the client has to send.
const FLOOD: usize = 64 << 20;

/// When nothing was taken for so long, we say that nothing more will be.
const PATIENCE: Duration = Duration::from_millis(500);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let file = match &arguments[..] {
        [] => None,
        [flag, file] if flag == "--json" => Some(file),
        _ => anyhow::bail!("say nothing, or --json FILE"),
    };
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let addr = listener.local_addr()?;
    let server = EventLoop::new(listener, 1)?;
    thread::spawn(move || server.run());

    let mut client = TcpStream::connect(addr)?;
    client.write_all(b"x").context("waking the server's code and data")?;
    thread::sleep(PATIENCE);
    let before = resident_kib()?;
    let sent = send_until_nothing_is_taken(&mut client)?;
    let grew = resident_kib()?.saturating_sub(before);

    let figures = json!({
        "command": "cargo run --release -p nonblocking-poll --example flood",
        "client_sent_kib": sent / 1024,
        "server_grew_kib": grew,
        "outbox_limit_kib": OUTBOX_LIMIT / 1024,
    });
    println!("the client could send     {:>8} KiB", sent / 1024);
    println!("the server's memory grew  {grew:>8} KiB");
    if let Some(file) = file {
        let text = serde_json::to_string_pretty(&figures)? + "\n";
        std::fs::write(file, text).with_context(|| format!("writing {file}"))?;
    }
    ensure!(sent < FLOOD, "the server took everything from a client that reads nothing");
    Ok(())
}

// ANCHOR: send
/// Sends until the kernel has taken nothing for a while. Returns how much it took.
fn send_until_nothing_is_taken(client: &mut TcpStream) -> anyhow::Result<usize> {
    client.set_write_timeout(Some(PATIENCE))?;
    let piece = [0; 16 * 1024];
    let mut sent = 0;
    while sent < FLOOD {
        match client.write(&piece) {
            Ok(n) => sent += n,
            // A timeout on a socket makes `fg` after Ctrl-Z an error (signal(7)).
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                break;
            }
            Err(error) => return Err(error).context("sending"),
        }
    }
    Ok(sent)
}
// ANCHOR_END: send

/// The memory of this process.
fn resident_kib() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("reading /proc (Linux)")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let value = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    value.context("/proc/self/status has no VmRSS")
}
