//! `--max-connections` is a limit on conversations. A client beyond it waits, and is served when one of
//! the others has left, although no new event reports that a client waits.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use testkit::ServerProcess;

#[test]
fn poll_serves_no_more_than_it_may() {
    the_third_of_two_waits("poll");
}

#[test]
fn spin_serves_no_more_than_it_may() {
    the_third_of_two_waits("spin");
}

fn the_third_of_two_waits(mode: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nonblocking-poll"));
    command.args([mode, "--max-connections", "2"]);
    let server = ServerProcess::start(command).expect("the server starts");
    let connect = |patience| {
        let stream = TcpStream::connect(server.addr()).expect("the backlog has room");
        stream.set_read_timeout(Some(patience)).expect("a timeout");
        stream
    };
    let mut first = connect(Duration::from_secs(5));
    let mut second = connect(Duration::from_secs(5));
    say_hello(&mut first).expect("the first of two is served");
    say_hello(&mut second).expect("the second of two is served");

    // A server without the limit answers in microseconds. Seen from outside, a client that waits has
    // no answer for 200 ms.
    let mut third = connect(Duration::from_millis(200));
    let fourth = connect(Duration::from_millis(200));
    let mut fifth = connect(Duration::from_secs(5));
    let waits = say_hello(&mut third).expect_err("the third of two was served");
    assert!(matches!(waits.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waits}");

    // The fourth leaves while it waits: it had a place in the queue, and none in the server.
    drop(fourth);
    drop(first);
    third.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    third.read_exact(&mut [0; 5]).expect("one has left, so the third is served");
    drop(second);
    say_hello(&mut fifth).expect("two have left, so the fifth is served");
}

fn say_hello(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"hello")?;
    stream.read_exact(&mut [0; 5])
}
