//! What is left behind: nothing. Each test counts the descriptors of the process, so it runs alone.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_tcp::connections::Connections;
use async_tcp::echo::echo;
use async_tcp::{JoinHandle, Runtime, TcpListener, TcpStream, serve, spawn, timeout, unblock};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use support::{descriptors, deserted, pair, unanswering};
use testkit::watchdog;

/// Runs `test`, and no other of this file meanwhile. What it opens must be closed when it returns.
fn leaves_no_descriptor(test: impl FnOnce()) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let before = descriptors();
    test();
    assert_eq!(descriptors(), before, "descriptors after the test, and before it");
}

/// Echoes `rounds` times over a connection.
async fn client(addr: SocketAddr, rounds: usize) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let (mut sent, mut back) = ([0; 64], [0; 64]);
    for round in 0..rounds {
        sent.fill(round as u8);
        stream.write_all(&sent).await.unwrap();
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(back, sent);
    }
    stream.close().await.unwrap();
    assert_eq!(stream.read(&mut back).await.unwrap(), 0);
}

#[test]
fn a_thousand_round_trips_of_many_tasks_on_two_threads() {
    let _guard = watchdog("a task was not woken, or an end was not noticed");
    leaves_no_descriptor(|| {
        let alive = Arc::new(());
        let runtime = Runtime::builder().threads(2).build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
            let addr = listener.local_addr().unwrap();
            let connections = Connections::up_to(30);
            let counted = connections.clone();
            // Fewer places than clients: some wait.
            let server = spawn(async move {
                serve(listener, &counted, "echo", |stream| echo(stream, None)).await
            });
            let start = |_| {
                let alive = alive.clone();
                spawn(async move {
                    client(addr, 20).await;
                    drop(alive);
                })
            };
            let clients: Vec<JoinHandle<()>> = (0..50).map(start).collect();
            for client in clients {
                client.await.unwrap();
            }
            server.abort();
            assert!(server.await.unwrap_err().is_aborted());
            connections.ended().await;
            assert_eq!(runtime.sockets(), 0);
        });
        assert_eq!(Arc::strong_count(&alive), 1, "tasks that have not ended");
        runtime.shutdown(Duration::MAX).unwrap();
    });
}

#[test]
fn a_runtime_that_ends_while_all_wait() {
    let _guard = watchdog("the runtime did not end");
    leaves_no_descriptor(|| {
        for threads in [1, 2] {
            let runtime = Runtime::builder().threads(threads).build().unwrap();
            let alive = Arc::new(());
            let mut outlives = None;
            runtime.block_on(async {
                for _ in 0..20 {
                    let ((mut stream, peer), alive) = (pair(), alive.clone());
                    spawn(async move {
                        let _kept = (peer, alive);
                        timeout(Duration::MAX, stream.read(&mut [0; 1])).await
                    });
                }
                let (stream, peer) = pair();
                let (mut reader, writer) = stream.into_split();
                spawn(async move { reader.read(&mut [0; 1]).await });
                unblock(|| {}).await;
                outlives = Some((writer, peer));
            });
            assert_eq!(runtime.sockets(), 21);
            drop(runtime);
            assert_eq!(Arc::strong_count(&alive), 1, "tasks whose futures were not dropped");
            drop(outlives);
        }
    });
}

#[test]
fn connections_that_fail_and_waits_that_are_dropped() {
    let _guard = watchdog("a refused connection was not reported");
    leaves_no_descriptor(|| {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
            assert!(timeout(Duration::ZERO, listener.accept()).await.is_err());
            let (_reserved, deserted) = deserted();
            let (_listener, _first, unanswering) = unanswering();
            for _ in 0..20 {
                assert!(TcpStream::connect(deserted).await.is_err());
                assert!(timeout(Duration::ZERO, TcpStream::connect(unanswering)).await.is_err());
            }
            assert_eq!(runtime.sockets(), 1, "the listener");
        });
    });
}
