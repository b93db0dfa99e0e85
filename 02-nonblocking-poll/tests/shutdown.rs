//! A server that is asked to end, and still has clients, says so. Unix only: it is asked by a signal.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use testkit::ServerProcess;

#[test]
fn poll_says_for_how_many_clients_it_waits() {
    one_client_is_waited_for("poll");
}

#[test]
fn spin_says_for_how_many_clients_it_waits() {
    one_client_is_waited_for("spin");
}

fn one_client_is_waited_for(mode: &str) {
    let _guard = testkit::watchdog("after SIGTERM, the server still listened");
    let mut command = Command::new(env!("CARGO_BIN_EXE_nonblocking-poll"));
    // One, so that those below, who only see whether it still listens, are not accepted.
    command.args([mode, "--max-connections", "1"]).env_remove("RUST_LOG").env("NO_COLOR", "1");
    let mut server = ServerProcess::start(command).expect("the server starts");
    let mut client = TcpStream::connect(server.addr()).expect("the backlog has room");
    client.write_all(b"hello").expect("the server takes it");
    client.read_exact(&mut [0; 5]).expect("the server answers");
    server.terminate().expect("it runs");
    while TcpStream::connect(server.addr()).is_ok() {
        std::thread::yield_now();
    }
    drop(client);
    server
        .wait(Duration::from_secs(60))
        .expect("it can be waited for")
        .expect("its client has left");
    let log = server.kill();
    assert!(log.contains("shutting down once these connections have ended"), "{log}");
    assert!(log.contains("open=1"), "{log}");
}
