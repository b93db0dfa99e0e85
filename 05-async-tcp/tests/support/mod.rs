//! What many tests need: a connection whose other end the test has, and waiting without a clock.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::net::{self, SocketAddr};

use async_tcp::{TcpStream, yield_now};
use socket2::{Domain, Socket, Type};

/// A connection of the runtime that this thread works for, and its other end.
pub fn pair() -> (TcpStream, net::TcpStream) {
    let (ours, peer) = std_pair();
    (TcpStream::from_std(ours).unwrap(), peer)
}

pub fn std_pair() -> (net::TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (listener.accept().unwrap().0, peer)
}

/// A port that nobody listens at, and none can while it is kept.
pub fn deserted() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, addr)
}

/// A listener that accepts nobody and whose queue is full: who connects gets no answer.
pub fn unanswering() -> (Socket, net::TcpStream, SocketAddr) {
    let (listener, addr) = deserted();
    listener.listen(0).unwrap();
    (listener, net::TcpStream::connect(addr).unwrap(), addr)
}

/// Lets others have turns until it is true. A watchdog has to see to it that it becomes true.
pub async fn until(mut is_true: impl FnMut() -> bool) {
    while !is_true() {
        yield_now().await;
    }
}

/// How many descriptors this process has open. None where the system does not list them.
pub fn descriptors() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}
