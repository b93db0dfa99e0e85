//! The echo server against clients that misbehave, on one thread and on two.
#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use testkit::{ServerProcess, patient_watchdog};

const THREADS: [&str; 2] = ["1", "2"];

fn server(args: &[&str]) -> ServerProcess {
    let mut command = Command::new(env!("CARGO_BIN_EXE_async-tcp"));
    command.args(args).env_remove("RUST_LOG").env("NO_COLOR", "1");
    ServerProcess::start(command).unwrap()
}

fn say_hello(mut stream: &TcpStream) {
    stream.write_all(b"hello").unwrap();
    stream.read_exact(&mut [0; 5]).unwrap();
}

fn connect(server: &ServerProcess) -> TcpStream {
    let stream = TcpStream::connect(server.addr()).unwrap();
    say_hello(&stream);
    stream
}

/// Waits until the server has given back what its clients needed.
#[cfg(target_os = "linux")]
fn returns_to(descriptors: usize, server: &ServerProcess) {
    let _guard =
        patient_watchdog(format!("the server keeps more than its {descriptors} descriptors"));
    while server.descriptors().unwrap() > descriptors {
        thread::yield_now();
    }
}

/// Linux only: /proc.
#[cfg(target_os = "linux")]
#[test]
fn five_hundred_resets_cost_nobody_else_anything() {
    for threads in THREADS {
        let _guard = patient_watchdog("the server did not survive clients that reset");
        let server = server(&["--threads", threads]);
        let polite = connect(&server);
        let before = server.descriptors().unwrap();
        for round in 0..5 {
            let rude: Vec<_> = (0..100).map(|_| connect(&server)).collect();
            for (number, mut stream) in rude.into_iter().enumerate() {
                // Some with an answer on its way, some in silence.
                if number % 2 == 0 {
                    stream.write_all(&[round; 1000]).unwrap();
                }
                testkit::reset(stream).unwrap();
            }
            say_hello(&polite);
        }
        returns_to(before, &server);
        server.expect_idle(Duration::from_millis(300)).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn clients_that_have_finished_and_do_not_read_cost_no_processor() {
    for threads in THREADS {
        let _guard =
            patient_watchdog("the server did not serve a client that had sent its last byte");
        let server = server(&["--threads", threads]);
        // The server waits for room, and knows that they have finished.
        let full: [_; 3] = std::array::from_fn(|_| full(server.addr()));
        full.iter().for_each(|(stream, _)| stream.shutdown(Shutdown::Write).unwrap());
        server.expect_idle(Duration::from_millis(500)).unwrap();
        for (mut stream, sent) in full {
            let mut back = Vec::new();
            stream.read_to_end(&mut back).unwrap();
            assert_eq!(back.len(), sent, "all that was sent comes back before the end");
        }
    }
}

/// A client that reads nothing, and has sent what fits: the server cannot write any more.
fn full(addr: SocketAddr) -> (TcpStream, usize) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&addr.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    // A tenth of a second without progress counts as full.
    stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut sent = 0;
    while let Ok(n) = stream.write(&[7; 16 * 1024]) {
        sent += n;
    }
    (stream, sent)
}

#[test]
fn four_megabytes_come_back_to_a_slow_reader() {
    const LEN: usize = 4 << 20;
    for threads in THREADS {
        let _guard = patient_watchdog("the echo came to a stop");
        let server = server(&["--threads", threads]);
        let (mut stream, sent) = full(server.addr());
        stream.set_write_timeout(None).unwrap();
        let mut writer = stream.try_clone().unwrap();
        let writes = thread::spawn(move || {
            writer.write_all(&vec![7; LEN]).unwrap();
            writer.shutdown(Shutdown::Write).unwrap();
        });
        let (mut received, mut piece) = (0, [0; 1000]);
        loop {
            match stream.read(&mut piece).unwrap() {
                0 => break,
                n => received += n,
            }
        }
        writes.join().unwrap();
        assert_eq!(received, sent + LEN);
    }
}

#[test]
fn a_silent_client_is_given_up_after_its_time_and_no_other() {
    let _guard = patient_watchdog("the silent client was not given up");
    let server = server(&["--idle-timeout", "1"]);
    let mut silent = connect(&server);
    let talks = TcpStream::connect(server.addr()).unwrap();
    let ends = thread::spawn(move || silent.read(&mut [0; 1]).unwrap());
    while !ends.is_finished() {
        say_hello(&talks);
    }
    assert_eq!(ends.join().unwrap(), 0);
    say_hello(&talks);
}
