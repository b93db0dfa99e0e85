//! A connection whose turn is over continues by itself: no event comes for what it has not read.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use nonblocking_poll::event_loop::EventLoop;
use socket2::{Domain, Socket, Type};

/// More than a turn can read: 16 pieces of 16 KiB.
const LEN: usize = 600 * 1024;

#[test]
fn what_is_left_after_a_turn_comes_back_without_another_event() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // Accepted sockets inherit it (tcp(7)): all is in the kernel before the server looks.
    listener.set_recv_buffer_size(4 * LEN).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(1).unwrap();
    let listener = std::net::TcpListener::from(listener);
    let server = EventLoop::new(listener.try_clone().unwrap(), 1).unwrap();

    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
    if client.write_all(&vec![b'x'; LEN]).is_err() {
        eprintln!("skipped: this system's receive buffers are too small");
        return;
    }
    let waker = server.shutdown_waker();
    let server = thread::spawn(move || server.run());
    client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut back = vec![0; LEN];
    client.read_exact(&mut back).expect("after its turn, a connection never had another one");
    assert!(back.iter().all(|byte| *byte == b'x'));
    drop(client);
    waker.wake().unwrap();
    server.join().unwrap().unwrap();
}

#[test]
fn a_wake_before_the_first_poll_is_not_lost() {
    let _guard = testkit::watchdog("the server was told to stop before it ran, and it continued");
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let server = EventLoop::new(listener, 1).unwrap();
    server.shutdown_waker().wake().unwrap();
    server.run().unwrap();
}
