//! A server that is asked to end: it serves the clients that it has, says so, and ends at once when it
//! is asked again. Unix only: it is asked by a signal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use testkit::{ServerProcess, patient_watchdog};

/// Longer than the watchdog waits.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that has one client and was asked to end: it no longer listens.
fn that_drains(threads: &str) -> (ServerProcess, TcpStream) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_async-tcp"));
    // One, so that those below, who only see whether it still listens, are not accepted.
    command.args(["--threads", threads, "--max-connections", "1"]);
    command.env_remove("RUST_LOG").env("NO_COLOR", "1");
    let server = ServerProcess::start(command).unwrap();
    let mut client = TcpStream::connect(server.addr()).unwrap();
    say_hello(&mut client);
    server.terminate().unwrap();
    while TcpStream::connect(server.addr()).is_ok() {
        thread::yield_now();
    }
    (server, client)
}

fn say_hello(client: &mut TcpStream) {
    client.write_all(b"hello").unwrap();
    client.read_exact(&mut [0; 5]).unwrap();
}

#[test]
fn it_serves_the_client_that_it_has_and_says_that_it_waits() {
    for threads in ["1", "2"] {
        let _guard = patient_watchdog("after SIGTERM, the server still listened, or did not end");
        let (mut server, mut client) = that_drains(threads);
        say_hello(&mut client);
        drop(client);
        let status = server.wait(LIMIT).unwrap().unwrap();
        let log = server.kill();
        assert!(status.success(), "{status}\n{log}");
        assert!(log.contains("shutting down once these connections have ended"), "{log}");
        assert!(log.contains("open=1"), "{log}");
    }
}

#[test]
fn the_second_signal_ends_it_at_once() {
    for threads in ["1", "2"] {
        let _guard = patient_watchdog("after the second SIGTERM, the server did not end");
        let (server, _client) = that_drains(threads);
        server.terminate().unwrap();
        let status = server.wait(LIMIT).unwrap().unwrap();
        assert_eq!(status.code(), Some(130));
    }
}

#[test]
fn without_clients_it_ends_at_the_first() {
    let _guard = patient_watchdog("after SIGTERM, the server did not end");
    let server = ServerProcess::start(Command::new(env!("CARGO_BIN_EXE_async-tcp"))).unwrap();
    server.terminate().unwrap();
    assert!(server.wait(LIMIT).unwrap().unwrap().success());
}
