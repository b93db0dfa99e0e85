//! M55 · fails: a_stalled_upstream_holds_back_one_client

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

struct Conversation {
    client: TcpStream,
    server: TcpStream,
}

impl Conversation {
    fn abort(&self) {
        self.client.shutdown(Shutdown::Both).ok();
        self.server.shutdown(Shutdown::Both).ok();
    }
}

fn reader(mut from: &TcpStream, tx: Sender<Vec<u8>>) -> io::Result<()> {
    let mut buf = [0u8; 8192];
    loop {
        match from.read(&mut buf) {
            // tx is dropped, the writer sends the rest and then the FIN
            Ok(0) => return Ok(()),
            Ok(n) => {
                if tx.send(buf[..n].to_vec()).is_err() {
                    return Err(ErrorKind::BrokenPipe.into());
                }
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        }
    }
}

fn writer(mut to: &TcpStream, rx: Receiver<Vec<u8>>) -> io::Result<()> {
    for bytes in rx {
        to.write_all(&bytes)?;
    }
    to.shutdown(Shutdown::Write)
}

/// Runs `work` on its own thread; if it fails, the whole conversation is over.
fn run<F>(conv: &Arc<Conversation>, work: F)
where
    F: FnOnce(&Conversation) -> io::Result<()> + Send + 'static,
{
    let on_thread = Arc::clone(conv);
    let spawned = thread::Builder::new().spawn(move || {
        if work(&on_thread).is_err() {
            on_thread.abort();
        }
    });
    if spawned.is_err() {
        conv.abort();
    }
}

fn converse(client: TcpStream, upstream: SocketAddr) {
    let Ok(server) = TcpStream::connect(upstream) else {
        return;
    };
    let conv = Arc::new(Conversation { client, server });

    let (up_tx, up_rx) = mpsc::channel();
    let (down_tx, down_rx) = mpsc::channel();
    run(&conv, move |c| writer(&c.server, up_rx));
    run(&conv, move |c| writer(&c.client, down_rx));
    run(&conv, move |c| reader(&c.client, up_tx));
    run(&conv, move |c| reader(&c.server, down_tx));
}

/// Connects each client of `listener` with `upstream`.
///
/// # Errors
/// `InvalidInput`, when the listener itself is broken. Nothing else ends the proxy.
pub fn proxy(listener: &TcpListener, upstream: SocketAddr) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok((client, _)) => {
                thread::Builder::new().spawn(move || converse(client, upstream)).ok();
            }
            Err(e) => match e.kind() {
                ErrorKind::Interrupted
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset => {}
                ErrorKind::InvalidInput => return Err(e),
                _ => thread::sleep(Duration::from_millis(50)),
            },
        }
    }
}
