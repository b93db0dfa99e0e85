//! Eight thousand connections at once, from addresses all over 127.0.0.0/8: from one there are not
//! ports enough. Linux only: other systems have one address there, and no /proc.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};
use testkit::ServerProcess;

const CONNECTIONS: usize = 8_000;

/// How many connections have the same source.
const EACH: usize = 1_000;

/// Raises this process's limit of descriptors as far as it may, and the server inherits it. Returns
/// whether that is enough.
fn has_descriptors() -> bool {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    setrlimit(Resource::Nofile, raised).is_ok()
        && limit.maximum.is_none_or(|maximum| maximum >= CONNECTIONS as u64 + 100)
}

fn connect(number: usize, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let source = Ipv4Addr::new(127, 1, 0, 1 + (number / EACH) as u8);
    socket.bind(&SocketAddr::from((source, 0)).into()).unwrap();
    socket.connect(&server.into()).unwrap();
    socket.into()
}

fn round_trip(mut client: &TcpStream, number: usize) {
    client.write_all(&number.to_le_bytes()).unwrap();
    let mut back = [0; size_of::<usize>()];
    client.read_exact(&mut back).unwrap();
    assert_eq!(usize::from_le_bytes(back), number);
}

#[test]
fn eight_thousand_connections_at_once_are_served_and_given_back() {
    if !has_descriptors() {
        eprintln!("skipped: the limit of descriptors is below {CONNECTIONS}");
        return;
    }
    for threads in ["1", "2"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_async-tcp"));
        command.args(["--threads", threads, "--max-connections", "10000"]);
        let server = ServerProcess::start(command).unwrap();
        let before = server.descriptors().unwrap();
        // Each is answered before the next one connects: the queue of those that wait to be accepted has
        // room for 128, and the kernel tries again only after a second.
        let start = |number| {
            let client = connect(number, server.addr());
            round_trip(&client, number);
            client
        };
        let clients: Vec<_> = (0..CONNECTIONS).map(start).collect();
        assert_eq!(server.descriptors().unwrap(), before + CONNECTIONS);
        clients.iter().enumerate().for_each(|(number, client)| round_trip(client, number));
        drop(clients);
        let _guard =
            testkit::patient_watchdog("the server keeps descriptors of connections that are over");
        while server.descriptors().unwrap() > before {
            thread::yield_now();
        }
    }
}
