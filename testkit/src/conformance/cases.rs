//! The cases. Each is a fact about one server, asked by clients of its own.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{Outcome, Server};
use crate::client::{self, InSmallPieces, PATIENCE, close, connect, round_trip};
use crate::{ServerProcess, pattern};

/// How long a client waits that may have to wait for ever.
const SILENCE: Duration = Duration::from_secs(2);

/// One thing that every server must do.
pub(super) struct Case {
    pub(super) name: &'static str,
    run: fn(&ServerProcess) -> io::Result<()>,
}

pub(super) const ALL: &[Case] = &[
    Case { name: "round_trip", run: one_round_trip },
    Case { name: "one_byte_at_a_time", run: one_byte_at_a_time },
    Case { name: "large_message_to_a_slow_reader", run: large_message_to_a_slow_reader },
    Case { name: "half_close", run: half_close },
    Case { name: "reset_in_the_middle_of_a_write", run: reset_in_the_middle_of_a_write },
    Case { name: "two_hundred_clients_at_once", run: two_hundred_clients_at_once },
    Case { name: "a_silent_client_blocks_nobody", run: |server| silent_clients(server, 1) },
    Case { name: "sixteen_silent_clients_block_nobody", run: |server| silent_clients(server, 16) },
    Case { name: "idle_costs_no_cpu", run: idle_costs_no_cpu },
    Case { name: "descriptor_exhaustion_is_survived", run: descriptor_exhaustion_is_survived },
    Case { name: "shutdown_drains", run: shutdown_drains },
];

impl Case {
    /// Runs the case against a fresh process. The text says what went wrong, or why it was
    /// skipped.
    pub(super) fn run(&self, server: &Server) -> (Outcome, String) {
        let mut process = ServerProcess::start((server.command)())
            .unwrap_or_else(|error| panic!("{}: {error}", server.name));
        let result = (self.run)(&process);
        // Whoever died of it needs a moment.
        let ended = match process.wait(Duration::from_millis(100)) {
            Ok(Some(status)) if result.is_err() => format!(" (the server has ended: {status})"),
            _ => String::new(),
        };
        let log = process.kill();
        match result {
            Ok(()) => (Outcome::Pass, String::new()),
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                (Outcome::Skipped, error.to_string())
            }
            Err(error) => (Outcome::Fail, format!("{error}{ended}\nits log:\n{log}")),
        }
    }
}

fn one_round_trip(server: &ServerProcess) -> io::Result<()> {
    let mut stream = connect(server.addr(), PATIENCE)?;
    round_trip(&mut stream, 5, 1)?;
    round_trip(&mut stream, 1000, 2)?;
    close(stream)
}

/// A server that waits for a full buffer, or for a line, never answers.
fn one_byte_at_a_time(server: &ServerProcess) -> io::Result<()> {
    let mut stream = connect(server.addr(), PATIENCE)?;
    for seed in 0..200 {
        round_trip(&mut stream, 1, seed)?;
    }
    close(stream)
}

/// 4 MiB towards a client that does not read until the server can write no more: it meets
/// partial writes.
fn large_message_to_a_slow_reader(server: &ServerProcess) -> io::Result<()> {
    const LEN: usize = 4 << 20;
    let mut stream = client::connect_with_small_buffer(server.addr())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let sent = client::send_until_full(&mut stream, LEN, 3)?;
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            pattern::send_from(&mut &stream, sent, LEN, 3)?;
            stream.shutdown(Shutdown::Write)
        });
        pattern::expect(&mut InSmallPieces(&stream), LEN, 3)?;
        pattern::expect_end(&mut &stream)?;
        writer.join().expect("the writer does not panic")
    })
}

/// FIN says "I send no more". It does not say "I read no more": what was sent before it still
/// comes back.
fn half_close(server: &ServerProcess) -> io::Result<()> {
    let mut stream = connect(server.addr(), PATIENCE)?;
    pattern::send(&mut stream, 20_000, 4)?;
    stream.shutdown(Shutdown::Write)?;
    pattern::expect(&mut stream, 20_000, 4)?;
    pattern::expect_end(&mut stream)
}

/// A client sends until the server is stuck in a write, and resets. The server must serve the
/// next one.
fn reset_in_the_middle_of_a_write(server: &ServerProcess) -> io::Result<()> {
    const FLOOD: usize = 64 << 20;
    one_round_trip(server)?;
    let descriptors = server.descriptors();
    for _ in 0..3 {
        let mut rude = client::connect_with_small_buffer(server.addr())?;
        if client::send_until_full(&mut rude, FLOOD, 5)? == FLOOD {
            let message = format!("it took {FLOOD} bytes for a client that reads nothing");
            return Err(io::Error::other(message));
        }
        client::reset(rude)?;
    }
    one_round_trip(server)?;
    // Where they can be counted, what belonged to those clients has been given back.
    let start = Instant::now();
    while let (Ok(before), Ok(now)) = (&descriptors, server.descriptors())
        && now > *before
    {
        if start.elapsed() > PATIENCE {
            let message = format!("{before} descriptors before three resets, {now} after them");
            return Err(io::Error::other(message));
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

fn two_hundred_clients_at_once(server: &ServerProcess) -> io::Result<()> {
    let addr = server.addr();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..200)
            .map(|seed| {
                scope.spawn(move || {
                    let mut stream = connect(addr, PATIENCE)?;
                    round_trip(&mut stream, 3000, seed)?;
                    close(stream)
                })
            })
            .collect();
        clients.into_iter().try_for_each(|client| client.join().expect("clients do not panic"))
    })
}

/// Clients that connect and say nothing, and after them one that does. It waits two seconds.
fn silent_clients(server: &ServerProcess, count: usize) -> io::Result<()> {
    let _silent = connect_many(server, count)?;
    let mut stream = connect(server.addr(), SILENCE)?;
    round_trip(&mut stream, 100, 6).map_err(|error| match pattern::is_timeout(&error) {
        true => io::Error::other(format!("no answer in {SILENCE:?} beside {count} silent")),
        false => error,
    })
}

/// 100 clients that say nothing: at most 10 ms on a processor in 5 s.
fn idle_costs_no_cpu(server: &ServerProcess) -> io::Result<()> {
    let _silent = connect_many(server, 100)?;
    // What accepting them cost is not what idling costs.
    thread::sleep(Duration::from_millis(500));
    server.expect_idle(Duration::from_secs(5))
}

/// Room for 8 more descriptors, and 32 clients. Those that have one are served; the rest cost
/// no processor while they wait (at most 10 ms in 1 s, and 1 ms for each pause), unless the server never
/// rests, which is another case's fact; once the first have left, a new one is served.
fn descriptor_exhaustion_is_survived(server: &ServerProcess) -> io::Result<()> {
    let rests = server.expect_idle(Duration::from_millis(200)).is_ok();
    server.limit_descriptors(8)?;
    let mut clients = connect_many(server, 32)?;
    thread::sleep(Duration::from_millis(200));
    if rests {
        server.expect_idle(Duration::from_secs(1))?;
    }
    round_trip(&mut clients[0], 100, 7)?;
    drop(clients);
    one_round_trip(server)
}

/// SIGTERM in the middle of a conversation: it goes on to its end, and then the server exits
/// with 0.
fn shutdown_drains(server: &ServerProcess) -> io::Result<()> {
    let mut stream = connect(server.addr(), PATIENCE)?;
    round_trip(&mut stream, 100, 8)?;
    server.terminate()?;
    round_trip(&mut stream, 100, 9)?;
    close(stream)?;
    match server.wait(PATIENCE)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(io::Error::other(format!("it ended with {status}"))),
        None => Err(io::Error::other(format!("it still runs {PATIENCE:?} after SIGTERM"))),
    }
}

fn connect_many(server: &ServerProcess, count: usize) -> io::Result<Vec<TcpStream>> {
    (0..count).map(|_| connect(server.addr(), PATIENCE)).collect()
}
