//! A chat with rooms: what a member says, all members of the room hear.
//!
//! `cargo run -p async-tcp --example chat [-- ADDR]`, and then `nc 127.0.0.1 7878`, twice. The
//! first line is your name; `/join ROOM` takes you to another room.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use anyhow::Context;
use async_channel::{Receiver, Sender, TrySendError};
use async_tcp::connections::Connections;
use async_tcp::{Runtime, TcpListener, TcpStream, serve};
use futures::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use waker::select::{Either, select};

/// The longest line that a client may send.
const LONGEST_LINE: u64 = 4096;

/// How many lines may wait for a member. A member who is further behind is dropped: waiting would hold
/// up the room, and a queue without a limit would fill the memory.
const BEHIND: usize = 64;

// ANCHOR: rooms
/// The members of all rooms, by name of the room and number of the member.
#[derive(Default)]
struct Rooms {
    /// The number of the next member.
    arrivals: AtomicU64,
    members: Mutex<HashMap<(String, u64), Member>>,
}

#[derive(Clone)]
struct Member {
    name: String,
    inbox: Sender<Arc<str>>,
}

impl Rooms {
    /// Sends a line to all members of a room, and drops those who are too far behind.
    fn say(&self, room: &str, line: &str) {
        let line: Arc<str> = line.into();
        let of_room = |(key, member): (&(String, u64), &Member)| {
            (key.0 == room).then(|| (key.clone(), member.clone()))
        };
        // Sent after the lock is released, because that wakes tasks.
        let members: Vec<_> = self.lock().iter().filter_map(of_room).collect();
        let mut late = Vec::new();
        for (key, member) in members {
            if let Err(TrySendError::Full(_)) = member.inbox.try_send(line.clone())
                && let Some(member) = self.remove(&key)
            {
                late.push(member.name);
            }
        }
        for name in late {
            self.say(room, &format!("* {name} is too slow for this room\n"));
        }
    }

    fn remove(&self, key: &(String, u64)) -> Option<Member> {
        self.lock().remove(key)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, u64), Member>> {
        self.members.lock().expect("rooms lock: nothing that panics runs while it is held")
    }
}
// ANCHOR_END: rooms

// ANCHOR: converse
/// A client's stay, from its name to its end. It reads and writes at the same time.
async fn converse(mut client: TcpStream, rooms: Arc<Rooms>) -> io::Result<()> {
    let number = rooms.arrivals.fetch_add(1, Ordering::Relaxed);
    let (from, mut to) = client.split_mut();
    let mut lines = BufReader::new(from);
    to.write_all(b"name? ").await?;
    let Some(name) = line(&mut lines).await? else { return Ok(()) };
    let (inbox, outbox) = async_channel::bounded(BEHIND);
    let stay = Stay { rooms, name, number, room: "lobby".to_owned() };
    stay.enter(inbox);
    match select(pin!(listen(lines, stay)), pin!(tell(to, outbox))).await {
        // The client has left: what waits for it is not sent.
        Either::Left((left, _)) => left,
        // It was sent away. What it says until it leaves is read all the same: closing a socket with
        // unread bytes resets the connection, and our last lines might be lost with it.
        Either::Right((sent_away, listens)) => {
            sent_away?;
            listens.await
        }
    }
}

async fn listen(mut lines: impl AsyncBufReadExt + Unpin, mut stay: Stay) -> io::Result<()> {
    while let Some(line) = line(&mut lines).await? {
        match line.strip_prefix("/join ") {
            Some(room) => stay.change(room),
            None => stay.say(&line),
        }
    }
    Ok(())
}

async fn tell(mut to: impl AsyncWrite + Unpin, outbox: Receiver<Arc<str>>) -> io::Result<()> {
    while let Ok(line) = outbox.recv().await {
        to.write_all(line.as_bytes()).await?;
    }
    to.write_all(b"* you were too slow\n").await?;
    to.close().await
}
// ANCHOR_END: converse

/// A line without its line end. None: the client has ended.
async fn line(
    lines: &mut (impl AsyncBufReadExt + AsyncRead + Unpin),
) -> io::Result<Option<String>> {
    let mut line = String::new();
    lines.take(LONGEST_LINE).read_line(&mut line).await?;
    Ok(line.strip_suffix('\n').map(|line| line.trim_end_matches('\r').to_owned()))
}

/// A member's stay in a room. When it is dropped, the member leaves.
struct Stay {
    rooms: Arc<Rooms>,
    name: String,
    number: u64,
    room: String,
}

impl Stay {
    fn enter(&self, inbox: Sender<Arc<str>>) {
        let member = Member { name: self.name.clone(), inbox };
        self.rooms.lock().insert((self.room.clone(), self.number), member);
        self.rooms.say(&self.room, &format!("* {} is in {}\n", self.name, self.room));
    }

    /// A member who was dropped is no longer heard.
    fn say(&self, line: &str) {
        if self.rooms.lock().contains_key(&(self.room.clone(), self.number)) {
            self.rooms.say(&self.room, &format!("{}: {line}\n", self.name));
        }
    }

    fn leave(&self) -> Option<Sender<Arc<str>>> {
        let left = self.rooms.remove(&(self.room.clone(), self.number))?;
        self.rooms.say(&self.room, &format!("* {} has left {}\n", self.name, self.room));
        Some(left.inbox)
    }

    fn change(&mut self, room: &str) {
        // None: the member was dropped, and its connection is about to end.
        if let Some(inbox) = self.leave() {
            room.clone_into(&mut self.room);
            self.enter(inbox);
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Serves until the listener breaks.
pub async fn run(listener: TcpListener) -> io::Result<()> {
    let connections = Connections::up_to(support::flags::default_max_connections());
    let rooms = Arc::<Rooms>::default();
    serve(listener, &connections, "chat", |client| converse(client, rooms.clone())).await
}

const USAGE: &str = "cargo run -p async-tcp --example chat [-- ADDR], like 127.0.0.1:7878";

fn main() -> anyhow::Result<()> {
    let addr = std::env::args().nth(1).unwrap_or(support::flags::DEFAULT_ADDR.to_owned());
    let addr: SocketAddr = addr.parse().context(USAGE)?;
    support::logging::init(None)?;
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind(addr)
            .with_context(|| format!("listening on {addr} (another ADDR may be free)"))?;
        support::announce(listener.local_addr()?)?;
        run(listener).await.context("serving")
    })
}
