//! Rung 2: a slab of wakers. Rung 1 polled its future at every event. Here an event wakes the task
//! whose waker is under its token, and no other. This is the loop of stage 02, with a waker in place
//! of each state machine: `cargo workshop diff 02 05 event_loop`.
//!
//! What it cannot do: keep two wakers for one socket, of a task that reads and one that writes.
//!
//! `cargo run -p async-tcp --example rung_2_slab_of_wakers`

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use std::{net, thread};

use async_tcp::slab::Slab;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Token};

/// How much one `read` takes at most. Each conversation has such a buffer.
const BUFFER: usize = 1024;

/// How many events one call of the poller may return. More come with the next call.
const EVENTS: usize = 256;

/// The slab gives no such keys: they would be the last generation of its last slots.
const LISTENER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

// ANCHOR: event_loop
/// An echo server on one thread.
struct EventLoop {
    poller: mio::Poll,
    /// What ends this server. It lives as long as the poller, so that no wake is lost.
    waker: Arc<mio::Waker>,
    /// None once the server is shutting down.
    listener: Option<TcpListener>,
    wakers: Wakers,
    tasks: Slab<Task>,
    run_queue: RunQueue,
}

/// Under the token of each socket, the waker of the task that waits for it. None: no task does.
type Wakers = Rc<RefCell<Slab<Option<Waker>>>>;

/// Keys of the tasks that could continue. Each is here at most once. Only from here does a task get
/// a turn.
type RunQueue = Arc<Mutex<VecDeque<usize>>>;
// ANCHOR_END: event_loop

impl EventLoop {
    fn new(listener: net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut listener = TcpListener::from_std(listener);
        let poller = mio::Poll::new()?;
        poller.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self {
            waker: Arc::new(mio::Waker::new(poller.registry(), WAKER)?),
            poller,
            listener: Some(listener),
            wakers: Wakers::default(),
            tasks: Slab::new(),
            run_queue: RunQueue::default(),
        })
    }

    /// What ends this server from any thread, or from a signal. After [`mio::Waker::wake`] it accepts
    /// no client, serves its connections to their end, and returns from [`run`](Self::run).
    fn shutdown_waker(&self) -> Arc<mio::Waker> {
        self.waker.clone()
    }

    // ANCHOR: run
    /// Serves until it is woken to stop and the last connection has ended.
    fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        while self.listener.is_some() || !self.tasks.is_empty() {
            self.park(&mut events)?;
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    WAKER => self.stop_accepting(),
                    Token(key) => self.wake(key),
                }
            }
            // One turn each: what is queued again meanwhile waits behind the next events.
            let queued = lock(&self.run_queue).len();
            for _ in 0..queued {
                let key = lock(&self.run_queue).pop_front().expect("only this loop takes keys out");
                self.turn(key);
            }
        }
        Ok(())
    }

    /// Parks the thread until something is ready.
    fn park(&mut self, events: &mut Events) -> io::Result<()> {
        let timeout = if lock(&self.run_queue).is_empty() { None } else { Some(Duration::ZERO) };
        match self.poller.poll(events, timeout) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            result => result,
        }
    }
    // ANCHOR_END: run

    // ANCHOR: wake
    /// Wakes the task that waits for a socket. What was reported need not be true any more: the
    /// connection may have ended, or there is nothing to read after all.
    fn wake(&mut self, key: usize) {
        let waker = self.wakers.borrow_mut().get_mut(key).and_then(Option::take);
        // The slab is not borrowed any more: a waker is code that is not ours.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
    // ANCHOR_END: wake

    // ANCHOR: turn
    /// Lets a task of the run queue continue as far as it can. No budget ends its turn: stage 04 has one.
    fn turn(&mut self, key: usize) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        // Before the poll: a wake during the poll must queue it again.
        task.waker.queued.swap(false, Ordering::AcqRel);
        let waker = Waker::from(task.waker.clone());
        match task.conversation.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => return,
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => println!("connection failed: {error}"),
        }
        self.tasks.remove(key);
    }
    // ANCHOR_END: turn

    // ANCHOR: accept
    /// Accepts until no client waits, without the pauses of stage 02. An event of the listener says
    /// that clients wait, not how many, and is not repeated.
    fn accept(&mut self) -> io::Result<()> {
        while let Some(listener) = &self.listener {
            match listener.accept() {
                Ok((stream, _)) => self.register(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
    // ANCHOR_END: accept

    // ANCHOR: register
    /// Asks for the events of this connection, once and for both directions, and gives it a task.
    fn register(&mut self, mut stream: TcpStream) {
        let token = self.wakers.borrow_mut().insert(None);
        let both = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poller.registry().register(&mut stream, Token(token), both);
        let socket = Socket { stream, token, wakers: self.wakers.clone() };
        if let Err(error) = registered {
            // It costs one client, not the server.
            return println!("this connection cannot be waited for: {error}");
        }
        let (key, queued) = (self.tasks.vacant_key(), AtomicBool::new(false));
        let waker = Arc::new(TaskWaker { key, queued, run_queue: self.run_queue.clone() });
        // Its first poll leaves a waker under the token.
        waker.clone().wake();
        self.tasks.insert(Task { conversation: Box::pin(echo(socket)), waker });
    }
    // ANCHOR_END: register

    // ANCHOR: stop_accepting
    /// Closes the listener. The system resets the clients that have connected and were not accepted.
    fn stop_accepting(&mut self) {
        self.listener = None;
    }
    // ANCHOR_END: stop_accepting
}

// ANCHOR: task
/// Where stage 02 has a state and an outbox, the compiler writes a future.
struct Task {
    conversation: Pin<Box<dyn Future<Output = io::Result<()>>>>,
    waker: Arc<TaskWaker>,
}

struct TaskWaker {
    key: usize,
    /// Whether it is in the run queue.
    queued: AtomicBool,
    run_queue: RunQueue,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            lock(&self.run_queue).push_back(self.key);
        }
    }
}

fn lock(run_queue: &RunQueue) -> MutexGuard<'_, VecDeque<usize>> {
    run_queue.lock().expect("run queue lock: nothing that panics runs while it is held")
}
// ANCHOR_END: task

// ANCHOR: socket
/// A registered socket. Dropped, it is closed, and its place in the slab is free.
struct Socket {
    stream: TcpStream,
    token: usize,
    wakers: Wakers,
}

impl Socket {
    /// Calls until the socket would not block. In between, the task waits for an event.
    async fn call<R>(&self, mut call: impl FnMut(&TcpStream) -> io::Result<R>) -> io::Result<R> {
        poll_fn(|cx| {
            loop {
                match call(&self.stream) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        // Only `park` looks for events: none comes between the call and this.
                        let waker = Some(cx.waker().clone());
                        let mut wakers = self.wakers.borrow_mut();
                        *wakers.get_mut(self.token).expect("it is ours until we drop") = waker;
                        return Poll::Pending;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    result => return Poll::Ready(result),
                }
            }
        })
        .await
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.wakers.borrow_mut().remove(self.token);
    }
}

async fn echo(socket: Socket) -> io::Result<()> {
    let mut buffer = [0; BUFFER];
    loop {
        let n = socket.call(|mut stream| stream.read(&mut buffer)).await?;
        if n == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..n];
        while !rest.is_empty() {
            rest = &rest[socket.call(|mut stream| stream.write(rest)).await?..];
        }
    }
}
// ANCHOR_END: socket

/// All connect before one says a word, and the last is answered first.
fn clients(addr: net::SocketAddr) -> io::Result<()> {
    let connect = |name| Ok((name, net::TcpStream::connect(addr)?));
    let clients: Vec<_> =
        ["one", "two", "six"].map(connect).into_iter().collect::<io::Result<_>>()?;
    for (name, mut stream) in clients.into_iter().rev() {
        let mut answer = [0; 3];
        stream.write_all(name.as_bytes())?;
        stream.read_exact(&mut answer)?;
        println!("client {name}: received {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let listener = net::TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    let server = EventLoop::new(listener)?;
    let (wakers, shutdown) = (server.wakers.clone(), server.shutdown_waker());
    let clients = thread::spawn(move || {
        let result = clients(addr);
        shutdown.wake().expect("waking the poller of our own process");
        result
    });
    server.run()?;
    println!("the server has ended, sockets in its slab: {}", wakers.borrow().len());
    clients.join().expect("the clients do not panic")
}
