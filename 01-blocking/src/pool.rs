//! A fixed number of threads, and a queue of clients in front of them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::accept::accept;
use crate::echo::converse;
use crate::limit::{Limit, Permit};

/// How many clients are served at once. With this many silent ones the pool serves no others.
pub const WORKERS: usize = 4;

// ANCHOR: serve
/// Serves clients on [`WORKERS`] threads. Accepts up to `max_connections`; those beyond the
/// threads wait in the queue.
///
/// # Errors
/// Those of [`accept`], and a thread that the system refuses at the start.
pub fn serve(listener: &TcpListener, max_connections: usize) -> io::Result<Infallible> {
    let limit = Limit::new(max_connections);
    let queue = Arc::new(Queue::default());
    for _ in 0..WORKERS {
        let queue = queue.clone();
        thread::Builder::new().spawn(move || work(&queue))?;
    }
    loop {
        let permit = limit.acquire();
        let (stream, peer) = accept(listener)?;
        queue.push(Client { stream, peer, permit });
    }
}

/// The life of a worker: one client, to its end, then the next.
fn work(queue: &Queue) -> ! {
    loop {
        let Client { stream, peer, permit } = queue.pop();
        converse(stream, peer);
        drop(permit);
    }
}
// ANCHOR_END: serve

// ANCHOR: queue
/// An accepted client that no thread serves yet.
struct Client {
    stream: TcpStream,
    peer: SocketAddr,
    permit: Permit,
}

#[derive(Default)]
struct Queue {
    /// Clients in the order in which they were accepted.
    clients: Mutex<VecDeque<Client>>,
    /// Signalled once for each client pushed.
    pushed: Condvar,
}

impl Queue {
    fn push(&self, client: Client) {
        self.clients.lock().expect("queue lock: no panic while it is held").push_back(client);
        self.pushed.notify_one();
    }

    /// Takes the client that has waited longest. Blocks the thread until there is one.
    fn pop(&self) -> Client {
        let clients = self.clients.lock().expect("queue lock: no panic while it is held");
        let mut clients = (self.pushed)
            .wait_while(clients, |clients| clients.is_empty())
            .expect("queue lock: no panic while it is held");
        clients.pop_front().expect("wait_while returns once the queue is not empty")
    }
}
// ANCHOR_END: queue
