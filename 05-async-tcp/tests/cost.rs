//! What an echoed message allocates: nothing. Client and server are two tasks on one thread, whose
//! allocations are counted.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::net::SocketAddr;

use allocation_counter::measure;
use async_tcp::echo::echo;
use async_tcp::{Runtime, TcpListener, TcpStream, spawn};
use futures::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn an_echoed_message_allocates_nothing() {
    let _guard = testkit::patient_watchdog("an echo did not come back");
    let runtime = Runtime::new().unwrap();
    let (mut client, server) = runtime.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        (client, spawn(echo(server, None)))
    });
    let mut rounds = |rounds| {
        runtime.block_on(async {
            let mut message = [7; 64];
            for _ in 0..rounds {
                client.write_all(&message).await.unwrap();
                client.read_exact(&mut message).await.unwrap();
            }
        });
    };
    // The first ones allocate: a buffer, room in the queues.
    rounds(10);
    let of_few = measure(|| rounds(10));
    let of_many = measure(|| rounds(1010));
    assert_eq!(of_many.count_total, of_few.count_total, "allocations of 1,010 messages, and of 10");
    drop((client, server));
}
