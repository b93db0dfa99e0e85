//! Ctrl-Z and `fg` make `epoll_wait` return EINTR (signal(7)), which is not a reason to end. Linux only:
//! /proc tells when the server sleeps.
#![cfg(target_os = "linux")]

use std::io::{self, Read, Write};
use std::net::TcpStream;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use nonblocking_poll::park::park;
use testkit::ServerProcess;

#[test]
fn a_parked_thread_sleeps_on_after_ctrl_z_and_fg() {
    if ServerProcess::is_server() {
        return serve_one().expect("nothing ends the wait but a client");
    }
    let _guard = testkit::watchdog("the server never slept, or never stopped");
    let name = "a_parked_thread_sleeps_on_after_ctrl_z_and_fg";
    let server = ServerProcess::start_test(name, &[]).expect("it listens");
    while !server.waits().expect("it runs, and /proc tells") {
        std::thread::yield_now();
    }
    server.stop().expect("it runs");
    server.resume().expect("it is stopped");
    let mut client = TcpStream::connect(server.addr()).expect("the backlog has room");
    client.read_exact(&mut [0]).expect("the signal has ended the server");
}

/// Waits for a client, and greets it.
fn serve_one() -> io::Result<()> {
    let mut poller = Poll::new()?;
    let mut listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    poller.registry().register(&mut listener, Token(0), Interest::READABLE)?;
    println!("listening on {}", listener.local_addr()?);
    park(&mut poller, &mut Events::with_capacity(1), None)?;
    listener.accept()?.0.write_all(b"x")
}
