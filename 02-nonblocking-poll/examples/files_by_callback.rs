//! Files beside sockets, in one loop: a thread that may block, a waker, and callbacks.
//!
//! `cargo run -p nonblocking-poll --example files_by_callback`
//!
//! The thread's first job is slow on purpose: it reads from a pipe, into which the loop writes only
//! when the echo has come back. The thread waits for that; the loop serves the echo meanwhile.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::{net, thread};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use nonblocking_poll::park::park;

const WAKER: Token = Token(0);
const LISTENER: Token = Token(1);
const SERVER: Token = Token(2);
const CLIENT: Token = Token(3);

// ANCHOR: main
fn main() -> anyhow::Result<()> {
    let mut poller = Poll::new()?;
    let worker = Worker::start(Waker::new(poller.registry(), WAKER)?);
    let (pipe, other_end) = io::pipe()?;
    let worker1 = worker.clone();
    worker.read_to_string(pipe, move |(_pipe, text)| {
        worker1.println(format!("the pipe: {}", text.unwrap_or_default()), |()| {});
    });
    for name in ["Cargo.toml", "src/lib.rs", "no-such-file"] {
        show(&worker, name);
    }

    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    let mut client = net::TcpStream::connect(listener.local_addr()?)?;
    client.write_all(b"hello")?;
    client.set_nonblocking(true)?;
    let mut client = TcpStream::from_std(client);
    poller.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    poller.registry().register(&mut client, CLIENT, Interest::READABLE)?;
    let (mut server, mut other_end) = (None, Some(other_end));

    let mut events = Events::with_capacity(16);
    while !worker.callbacks.borrow().is_empty() {
        park(&mut poller, &mut events, None)?;
        for event in &events {
            match (event.token(), &mut server) {
                (WAKER, _) => worker.call_back(),
                (LISTENER, None) => {
                    let stream = server.insert(listener.accept()?.0);
                    poller.registry().register(stream, SERVER, Interest::READABLE)?;
                }
                (SERVER, Some(stream)) => {
                    let Some(word) = read(stream)? else { continue };
                    stream.write_all(&word)?;
                }
                (CLIENT, _) => {
                    let Some(word) = read(&mut client)? else { continue };
                    println!("the echo: {}", String::from_utf8_lossy(&word));
                    if let Some(mut pipe) = other_end.take() {
                        pipe.write_all(b"written when the echo was back")?;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}
// ANCHOR_END: main

// ANCHOR: show
/// Prints the first line of a file. Each of the four steps may block, and each needs the result of the
/// one before. So its callback is inside the other's, and takes along a handle of the worker, a clone
/// for each. An error ends this file's steps, and nothing else.
fn show(worker: &Rc<Worker>, name: &'static str) {
    let worker1 = worker.clone();
    worker.open(name, move |opened| {
        let file = match opened {
            Ok(file) => file,
            Err(error) => return worker1.println(format!("{name}: {:?}", error.kind()), |()| {}),
        };
        let worker2 = worker1.clone();
        worker1.read_to_string(file, move |(file, text)| {
            let text = text.unwrap_or_else(|error| error.to_string());
            let line = text.lines().next().unwrap_or_default();
            let worker3 = worker2.clone();
            worker2.println(format!("{name}: {line}"), move |()| worker3.close(file, |()| {}));
        });
    });
}
// ANCHOR_END: show

// ANCHOR: worker
type Job = Box<dyn FnOnce() + Send>;

/// A thread that may block, as the loop sees it. It does one job after the other.
struct Worker {
    jobs: Sender<Job>,
    /// One message for each job that is done.
    done: Receiver<()>,
    /// What to call then, in the order of the jobs. They stay on the loop's thread.
    callbacks: RefCell<VecDeque<Box<dyn FnOnce()>>>,
}

impl Worker {
    fn start(waker: Waker) -> Rc<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (one_done, done) = mpsc::channel();
        thread::spawn(move || {
            for job in queue {
                job();
                // It fails when the loop has ended, and then nothing waits for it.
                let _ = one_done.send(());
                // Last: the loop that it wakes looks for what was done.
                let _ = waker.wake();
            }
        });
        Rc::new(Self { jobs, done, callbacks: RefCell::default() })
    }
    // ANCHOR_END: worker

    // ANCHOR: ask
    /// Gives the thread something to do. `callback` gets the result, later, on this thread.
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
        callback: impl FnOnce(T) + 'static,
    ) {
        let (answer, answered) = mpsc::channel();
        let job = Box::new(move || drop(answer.send(work())));
        self.jobs.send(job).expect("the thread runs as long as this sender exists");
        let callback = move || callback(answered.recv().expect("its job is done"));
        self.callbacks.borrow_mut().push_back(Box::new(callback));
    }

    /// Calls the callbacks of the jobs that are done. One wake may stand for several.
    fn call_back(&self) {
        for () in self.done.try_iter() {
            // Not borrowed while it runs: it will ask for more.
            let callback = self.callbacks.borrow_mut().pop_front();
            callback.expect("there is one for each job")();
        }
    }
    // ANCHOR_END: ask

    fn open(&self, name: &'static str, callback: impl FnOnce(io::Result<File>) + 'static) {
        self.ask(move || File::open(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))), callback);
    }

    fn read_to_string<R: Read + Send + 'static>(
        &self,
        mut from: R,
        callback: impl FnOnce((R, io::Result<String>)) + 'static,
    ) {
        let work = move || {
            let text = io::read_to_string(&mut from);
            (from, text)
        };
        self.ask(work, callback);
    }

    fn println(&self, line: String, callback: impl FnOnce(()) + 'static) {
        self.ask(move || println!("{line}"), callback);
    }

    fn close(&self, file: File, callback: impl FnOnce(()) + 'static) {
        self.ask(move || drop(file), callback);
    }
}

/// What is here, if anything.
fn read(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = [0; 64];
    match stream.read(&mut buffer) {
        Ok(n) => Ok(Some(buffer[..n].to_vec())),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
