//! An echo server that is wrong on purpose, in one way at a time: proof that the conformance suite
//! can fail. `broken-server MODE --addr ADDR`
//!
//! Everything else about it is right: a thread for each client, and a pause when the system is out
//! of descriptors.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
use std::{process, thread};

/// How to be wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Not at all, but for dying on SIGTERM.
    Right,
    /// Waits for a second byte before it answers the first.
    WaitsForMore,
    /// Writes once, and forgets what did not fit.
    LosesWhatDoesNotFit,
    /// Answers when the client pauses, and forgets the answer when the client finishes.
    ForgetsAtTheEnd,
    /// Takes all that a client sends, however little of the answer it reads.
    QueuesWithoutEnd,
    /// Never closes the connection of a client that failed.
    KeepsDescriptors,
    /// One client's error ends the process.
    DiesWithAClient,
    /// Closes every 150th connection.
    DropsSome,
    /// Asks for the next client without waiting.
    Spins,
    /// Asks again at once when there is no descriptor.
    SpinsWhenExhausted,
    /// Ends when there is no descriptor.
    EndsWhenExhausted,
}

const MODES: &[(&str, Mode)] = &[
    ("right", Mode::Right),
    ("waits-for-more", Mode::WaitsForMore),
    ("loses-what-does-not-fit", Mode::LosesWhatDoesNotFit),
    ("forgets-at-the-end", Mode::ForgetsAtTheEnd),
    ("queues-without-end", Mode::QueuesWithoutEnd),
    ("keeps-descriptors", Mode::KeepsDescriptors),
    ("dies-with-a-client", Mode::DiesWithAClient),
    ("drops-some", Mode::DropsSome),
    ("spins", Mode::Spins),
    ("spins-when-exhausted", Mode::SpinsWhenExhausted),
    ("ends-when-exhausted", Mode::EndsWhenExhausted),
];

fn main() -> io::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let known = |name: &String| MODES.iter().find(|(known, _)| known == name);
    let [name, _, addr] = &arguments[..] else { return Err(usage()) };
    let Some(&(_, mode)) = known(name) else { return Err(usage()) };
    let listener = TcpListener::bind(addr)?;
    println!("listening on {}", listener.local_addr()?);
    listener.set_nonblocking(mode == Mode::Spins)?;
    for number in 1.. {
        let (stream, _) = accept(&listener, mode)?;
        if mode == Mode::DropsSome && number % 150 == 0 {
            continue;
        }
        let _ = thread::Builder::new().spawn(move || {
            if serve(stream, mode).is_err() && mode == Mode::DiesWithAClient {
                process::exit(1);
            }
        });
    }
    Ok(())
}

fn usage() -> io::Error {
    let modes: Vec<_> = MODES.iter().map(|(name, _)| *name).collect();
    io::Error::other(format!("broken-server MODE --addr ADDR, where MODE is one of {modes:?}"))
}

fn accept(listener: &TcpListener, mode: Mode) -> io::Result<(TcpStream, std::net::SocketAddr)> {
    loop {
        match listener.accept() {
            Err(_) if matches!(mode, Mode::Spins | Mode::SpinsWhenExhausted) => {}
            Err(_) if mode != Mode::EndsWhenExhausted => thread::sleep(Duration::from_millis(50)),
            ended => return ended,
        }
    }
}

fn serve(stream: TcpStream, mode: Mode) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    let mut buffer = [0; 16 * 1024];
    match mode {
        Mode::ForgetsAtTheEnd => return answer_when_the_client_pauses(stream, &mut buffer),
        Mode::QueuesWithoutEnd => return queue_the_answers(stream, &mut buffer),
        Mode::LosesWhatDoesNotFit => {
            stream.set_write_timeout(Some(Duration::from_millis(1)))?;
        }
        _ => {}
    }
    let result = echo(&stream, mode, &mut buffer);
    if result.is_err() && mode == Mode::KeepsDescriptors {
        std::mem::forget(stream);
    }
    result
}

fn echo(mut stream: &TcpStream, mode: Mode, buffer: &mut [u8]) -> io::Result<()> {
    loop {
        let mut n = stream.read(buffer)?;
        if n == 1 && mode == Mode::WaitsForMore {
            n += stream.read(&mut buffer[1..])?;
        }
        if n == 0 {
            return Ok(());
        }
        match mode {
            Mode::LosesWhatDoesNotFit => drop(stream.write(&buffer[..n])),
            _ => stream.write_all(&buffer[..n])?,
        }
    }
}

fn queue_the_answers(mut stream: TcpStream, buffer: &mut [u8]) -> io::Result<()> {
    let (queue, queued) = std::sync::mpsc::channel::<Vec<u8>>();
    let mut answers = stream.try_clone()?;
    let writer =
        thread::spawn(move || queued.iter().try_for_each(|piece| answers.write_all(&piece)));
    loop {
        match stream.read(buffer) {
            Ok(n @ 1..) if queue.send(buffer[..n].to_vec()).is_ok() => {}
            _ => break,
        }
    }
    drop(queue);
    writer.join().unwrap_or(Ok(()))
}

fn answer_when_the_client_pauses(mut stream: TcpStream, buffer: &mut [u8]) -> io::Result<()> {
    // Longer than a busy machine keeps a client from its next call: one that finishes does not pause.
    const PAUSE: Duration = Duration::from_millis(500);
    let mut received = Vec::new();
    loop {
        let pause = if received.is_empty() { None } else { Some(PAUSE) };
        stream.set_read_timeout(pause)?;
        match stream.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => received.extend_from_slice(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                stream.write_all(&received)?;
                received.clear();
            }
            Err(error) => return Err(error),
        }
    }
}
