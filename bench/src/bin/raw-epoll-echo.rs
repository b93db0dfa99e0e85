//! The yardstick: the smallest honest echo server on epoll, one thread, no library but the system calls.
//!
//! It loses no byte and stops reading while its peer does not take what came. That is all: no limit on
//! connections, no turns (whoever floods it holds up the others), no recovery from a failed accept,
//! and it ends by being killed.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::net::{SocketFlags, accept_with};

/// How much one `read` takes at most, as in the servers that are measured against it.
const BUFFER: usize = 16 * 1024;

/// How many events one call may bring, as there.
const EVENTS: usize = 256;

struct Connection {
    stream: TcpStream,
    /// What the peer has not taken yet. Nothing is read while there is something.
    pending: Vec<u8>,
    /// The peer's last byte is on its way or here: no event will say so again.
    end_is_here: bool,
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let poller = epoll::create(CreateFlags::CLOEXEC)?;
    let listening = listener.as_raw_fd() as u64;
    epoll::add(&poller, &listener, EventData::new_u64(listening), EventFlags::IN | EventFlags::ET)?;
    println!("listening on {}", listener.local_addr()?);

    // A descriptor is a small number, and it is free again only when its connection is closed.
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut events = Vec::with_capacity(EVENTS);
    let mut buffer = [0; BUFFER];
    loop {
        events.clear();
        match epoll::wait(&poller, rustix::buffer::spare_capacity(&mut events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            let descriptor = event.data.u64();
            if descriptor == listening {
                accept(&listener, &poller, &mut connections)?;
                continue;
            }
            // An event that was meant for a connection closed just now: its number may belong to a new
            // one, which then finds nothing to read.
            let place = &mut connections[descriptor as usize];
            let Some(connection) = place else { continue };
            let flags = event.flags;
            connection.end_is_here |= flags.intersects(EventFlags::RDHUP | EventFlags::HUP);
            // An error is the end of one conversation.
            if !matches!(connection.echo(&mut buffer), Ok(true)) {
                *place = None;
            }
        }
    }
}

/// Accepts until nobody waits: the event is not repeated.
fn accept(
    listener: &TcpListener,
    poller: &impl std::os::fd::AsFd,
    connections: &mut Vec<Option<Connection>>,
) -> io::Result<()> {
    loop {
        let stream = match accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok(stream) => TcpStream::from(stream),
            Err(rustix::io::Errno::AGAIN) => return Ok(()),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::CONNABORTED) => continue,
            Err(error) => return Err(error.into()),
        };
        let place = stream.as_raw_fd() as usize;
        let all = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(poller, &stream, EventData::new_u64(place as u64), all)?;
        if connections.len() <= place {
            connections.resize_with(place + 1, || None);
        }
        connections[place] = Some(Connection { stream, pending: Vec::new(), end_is_here: false });
    }
}

impl Connection {
    /// Goes on until the socket would block. Returns whether the conversation does, too.
    fn echo(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let pending = std::mem::take(&mut self.pending);
        self.write(&pending)?;
        while self.pending.is_empty() {
            let n = match self.stream.read(buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.write(&buffer[..n])?;
            // It was emptied, and what comes next is a new event: epoll(7), question 9.
            if n < buffer.len() && !self.end_is_here {
                break;
            }
        }
        Ok(true)
    }

    /// Writes what the socket takes, and keeps the rest.
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(n) => bytes = &bytes[n..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.pending.extend_from_slice(bytes);
        Ok(())
    }
}
