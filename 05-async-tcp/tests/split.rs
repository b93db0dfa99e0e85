//! The two directions of a connection, each with a waker of its own.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::io::{Read, Write};
use std::net;
use std::task::Waker;

use async_tcp::{Runtime, spawn, unblock};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use support::{pair, until};
use testkit::{CountingWaker, assert_pending, assert_woken_once, patient_watchdog, poll_once};

/// Both halves wait, and the peer makes both ready: each wakes the waker of its own.
async fn both_halves_wake(
    mut reader: impl AsyncRead + Unpin,
    mut writer: impl AsyncWrite + Unpin,
    mut peer: net::TcpStream,
) {
    let (reads, reader_waker) = CountingWaker::new();
    let (writes, writer_waker) = CountingWaker::new();
    let (mut buffer, bytes) = ([0; 1], [7; 64 * 1024]);
    let mut read = reader.read(&mut buffer);
    assert_pending!(poll_once(&mut read, &reader_waker));
    let mut written = 0;
    while let std::task::Poll::Ready(n) = poll_once(&mut writer.write(&bytes), &writer_waker) {
        written += n.unwrap();
    }
    // The registration itself may have reported that there was room, before there was none.
    let wakes = writes.wakes();
    peer.write_all(b"!").unwrap();
    until(|| reads.wakes() > 0).await;
    assert_woken_once!(reads);
    assert_eq!(writes.wakes(), wakes, "there is no room yet");
    let mut drained = vec![0; written];
    peer.read_exact(&mut drained).unwrap();
    until(|| writes.wakes() > wakes).await;
    assert_eq!(reads.wakes(), 1);
    assert!(poll_once(&mut read, &reader_waker).is_ready());
    assert!(poll_once(&mut writer.write(&bytes), Waker::noop()).is_ready());
}

#[test]
fn borrowed_halves_wake_both() {
    let _guard = patient_watchdog("a half was not woken: does it share a waker with the other?");
    Runtime::new().unwrap().block_on(async {
        let (mut stream, peer) = pair();
        let (reader, writer) = stream.split_mut();
        both_halves_wake(reader, writer, peer).await;
    });
}

#[test]
fn owned_halves_wake_both() {
    let _guard = patient_watchdog("a half was not woken: does it share a waker with the other?");
    Runtime::new().unwrap().block_on(async {
        let (stream, peer) = pair();
        let (reader, writer) = stream.into_split();
        both_halves_wake(reader, writer, peer).await;
    });
}

#[test]
fn the_write_half_sends_the_end_when_it_is_dropped() {
    let _guard = patient_watchdog("the end was not sent, or ended reading as well");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (stream, mut peer) = pair();
        let (mut reader, mut writer) = stream.into_split();
        writer.write_all(b"last words").await.unwrap();
        drop(writer);
        let mut received = String::new();
        peer.read_to_string(&mut received).unwrap();
        assert_eq!(received, "last words");
        peer.write_all(b"heard").unwrap();
        let mut heard = [0; 5];
        reader.read_exact(&mut heard).await.unwrap();
        assert_eq!(runtime.sockets(), 1);
        drop(reader);
        assert_eq!(runtime.sockets(), 0);
    });
}

#[test]
fn two_tasks_move_bytes_in_both_directions_at_once() {
    let _guard = patient_watchdog("a direction came to a stop");
    const LEN: usize = 4 << 20;
    let runtime = Runtime::builder().threads(2).build().unwrap();
    runtime.block_on(async {
        let (stream, peer) = pair();
        let (mut reader, mut writer) = stream.into_split();
        let writes = spawn(async move { writer.write_all(&vec![1; LEN]).await });
        let reads = spawn(async move {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).await.map(|_| bytes)
        });
        let from_peer = peer.try_clone().unwrap();
        let peer_writes = unblock(move || {
            (&from_peer).write_all(&vec![2; LEN]).unwrap();
            from_peer.shutdown(net::Shutdown::Write).unwrap();
        });
        let peer_reads = unblock(move || {
            let mut bytes = Vec::new();
            (&peer).read_to_end(&mut bytes).unwrap();
            bytes
        });
        let peer_writes = spawn(peer_writes);
        assert_eq!(peer_reads.await, vec![1; LEN]);
        peer_writes.await.unwrap();
        writes.await.unwrap().unwrap();
        assert_eq!(reads.await.unwrap().unwrap(), vec![2; LEN]);
    });
}
