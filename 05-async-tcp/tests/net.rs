//! Connecting, and what a connection can do besides reading and writing.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::task::Waker;

use async_tcp::net::resolve;
use async_tcp::{Runtime, TcpListener, TcpStream, spawn, yield_now};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use support::{deserted, pair, std_pair, unanswering, until};
use testkit::{CountingWaker, assert_pending, patient_watchdog, poll_once};

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

#[test]
fn a_refused_connection_is_an_error_and_leaves_no_socket() {
    let _guard = patient_watchdog("the refusal was not read back");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (_reserved, addr) = deserted();
        let error = TcpStream::connect(addr).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(runtime.sockets(), 0);
    });
}

#[test]
fn a_connect_that_is_dropped_closes_its_socket() {
    let _guard = patient_watchdog("connect has blocked the thread, where it should have waited");
    let (_listener, _first, addr) = unanswering();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (counter, waker) = CountingWaker::new();
        let mut connect = Box::pin(TcpStream::connect(addr));
        assert_pending!(poll_once(&mut connect, &waker));
        assert_eq!((runtime.sockets(), counter.live()), (1, 2));
        drop(connect);
        assert_eq!((runtime.sockets(), counter.live()), (0, 1));
    });
}

#[test]
fn a_name_is_connected_by_whichever_of_its_addresses_accepts() {
    let _guard = patient_watchdog("a connection was not established");
    Runtime::new().unwrap().block_on(async {
        for addr in resolve("localhost:0").await.unwrap() {
            // A system without IPv6 may know the name all the same.
            let Ok(listener) = TcpListener::bind(addr) else { continue };
            let addr = listener.local_addr().unwrap();
            let stream = TcpStream::connect_to(&format!("localhost:{}", addr.port())).await;
            assert_eq!(stream.unwrap().peer_addr().unwrap(), addr);
        }
    });
}

#[test]
fn of_a_name_that_nobody_listens_at_the_last_error_is_returned() {
    let _guard = patient_watchdog("the refusal was not read back");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (_reserved, addr) = deserted();
        let error = TcpStream::connect_to(&addr.to_string()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let error = TcpStream::connect_to("no port").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(runtime.sockets(), 0);
    });
}

#[test]
fn peek_waits_and_takes_nothing() {
    let _guard = patient_watchdog("peek was not woken");
    Runtime::new().unwrap().block_on(async {
        let (mut stream, mut peer) = pair();
        let mut buffer = [0; 8];
        {
            let (counter, waker) = CountingWaker::new();
            let mut peek = Box::pin(stream.peek(&mut buffer));
            assert_pending!(poll_once(&mut peek, &waker));
            peer.write_all(b"bytes").unwrap();
            until(|| counter.wakes() > 0).await;
            assert_eq!(peek.await.unwrap(), 5);
        }
        assert_eq!(stream.peek(&mut buffer).await.unwrap(), 5);
        assert_eq!(stream.read(&mut buffer).await.unwrap(), 5);
        assert_eq!(&buffer[..5], b"bytes");
        drop(peer);
        assert_eq!(stream.peek(&mut buffer).await.unwrap(), 0, "the end");
    });
}

#[test]
fn nodelay_is_what_was_chosen() {
    Runtime::new().unwrap().block_on(async {
        let (stream, _peer) = pair();
        for nodelay in [true, false] {
            stream.set_nodelay(nodelay).unwrap();
            assert_eq!(stream.nodelay().unwrap(), nodelay);
        }
    });
}

#[test]
fn the_end_of_writing_leaves_reading_open() {
    let _guard = patient_watchdog("one direction was ended, and the other with it");
    Runtime::new().unwrap().block_on(async {
        let (mut stream, mut peer) = pair();
        stream.write_all(b"question").await.unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        stream.close().await.unwrap();
        let mut received = String::new();
        peer.read_to_string(&mut received).unwrap();
        assert_eq!(received, "question");
        peer.write_all(b"answer").unwrap();
        let mut answer = [0; 6];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
        assert_eq!(stream.write(b"!").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn the_end_of_reading_wakes_the_one_that_reads() {
    let _guard = patient_watchdog("the reader was not woken");
    Runtime::new().unwrap().block_on(async {
        let (stream, _peer) = pair();
        let (mut reader, writer) = stream.into_split();
        let task = spawn(async move { reader.read(&mut [0; 1]).await });
        yield_now().await;
        writer.shutdown(Shutdown::Read).unwrap();
        assert_eq!(task.await.unwrap().unwrap(), 0);
    });
}

#[test]
fn from_std_switches_to_non_blocking() {
    let _guard = patient_watchdog("a call has blocked the thread, where it should have waited");
    Runtime::new().unwrap().block_on(async {
        let (ours, _peer) = std_pair();
        ours.set_nonblocking(false).unwrap();
        let mut stream = TcpStream::from_std(ours).unwrap();
        assert_pending!(poll_once(&mut stream.read(&mut [0; 1]), Waker::noop()));
        let listener = net::TcpListener::bind(any_port()).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        assert_pending!(poll_once(&mut Box::pin(listener.accept()), Waker::noop()));
    });
}

#[test]
fn an_address_in_use_is_an_error() {
    let taken = net::TcpListener::bind(any_port()).unwrap();
    Runtime::new().unwrap().block_on(async {
        let error = TcpListener::bind(taken.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
    });
}
