//! Serves the site on loopback: a thread a connection, one request each.

use super::answer::{self, Route};
use super::http::{self, Response, Unreadable};
use super::progress::Progress;
use super::site::Site;
use super::slots::{Slot, Slots};
use anyhow::Context;
use std::io::{self, Read};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Connections that are being read or answered. More of them wait in the listener's queue.
const CONNECTIONS: usize = 64;
/// Pages that wait for news. They are not counted above, or 64 open pages would close the book.
const WAITING_PAGES: usize = 256;
/// How long a page waits before it asks again: shorter than what proxies and browsers give up
/// after.
const NEWS_TIME: Duration = Duration::from_secs(25);
/// How often to look whether a page that waits has left.
const LOOK: Duration = Duration::from_millis(100);

/// Takes `port` of 127.0.0.1, or a free port for 0.
///
/// # Errors
/// A port that is taken, or that needs rights the user lacks.
pub(crate) fn bind(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow::anyhow!(
                "port {port} is taken: stop the other program or choose another with --port"
            )
        }
        _ => anyhow::anyhow!(
            "port {port} of 127.0.0.1 cannot be opened ({error}): choose another with --port"
        ),
    })
}

/// Serves `site`, and `progress` to the page that shows it, until the process ends.
///
/// # Errors
/// No thread for it.
pub(crate) fn serve(
    listener: TcpListener,
    site: Arc<Site>,
    progress: Arc<Progress>,
) -> anyhow::Result<()> {
    let addr = listener.local_addr().context("asking for the address of the listener")?;
    let server = Server {
        site,
        progress,
        port: addr.port(),
        connections: Slots::new(CONNECTIONS),
        waiting_pages: Slots::new(WAITING_PAGES),
    };
    thread::Builder::new()
        .name("book server".into())
        .spawn(move || server.accept(&listener))
        .context("starting the book's server")?;
    Ok(())
}

#[derive(Clone)]
struct Server {
    site: Arc<Site>,
    progress: Arc<Progress>,
    port: u16,
    connections: Slots,
    waiting_pages: Slots,
}

impl Server {
    fn accept(&self, listener: &TcpListener) {
        loop {
            let slot = self.connections.take();
            let Ok((stream, _)) = listener.accept() else {
                // Too many open files, perhaps: it fails again until one closes.
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            let server = self.clone();
            // Without a thread for it, the connection is closed, and the server goes on.
            let _ = thread::Builder::new()
                .name("book reader".into())
                .spawn(move || server.connection(&stream, slot));
        }
    }

    /// Answers one request. Whatever goes wrong is between us and this client.
    fn connection(&self, stream: &TcpStream, slot: Slot) {
        let request = match http::read(stream) {
            Ok(request) => request,
            Err(Unreadable::Gone) => return,
            Err(Unreadable::Refused(response)) => {
                if response.write(stream, false).is_ok() {
                    hang_up_gently(stream);
                }
                return;
            }
        };
        let response = match answer::route(&request, self.port) {
            Err(refusal) => refusal,
            Ok(Route::Page) => answer::page(&self.site, &request.target),
            Ok(Route::News(known)) => self.wait(stream, slot, || {
                let generation = self.site.wait_for_news(known, LOOK);
                (generation != known, Response::new("200 OK", "text/plain", generation.to_string()))
            }),
            Ok(Route::Progress(known)) => self.wait(stream, slot, || {
                let (version, progress) = self.progress.wait_for_news(known, LOOK);
                (version != known, Response::new("200 OK", "application/json", progress))
            }),
        };
        // A client that left before its answer is nobody's error.
        let _ = response.write(stream, request.head_only);
    }

    /// Looks for `news` until there are some, it is late, or the page has left, in a slot of those that
    /// wait instead of `slot`.
    fn wait(
        &self,
        stream: &TcpStream,
        slot: Slot,
        news: impl Fn() -> (bool, Response),
    ) -> Response {
        drop(slot);
        let Some(_waiting) = self.waiting_pages.try_take() else {
            return Response::text(
                "503 Service Unavailable",
                "Too many pages wait for news: ask again later.",
            );
        };
        let end = Instant::now() + NEWS_TIME;
        loop {
            let (is_news, response) = news();
            if is_news || Instant::now() > end || http::has_left(stream) {
                return response;
            }
        }
    }
}

/// Reads what the client still sends, for a second at most: closing a socket with unread bytes
/// resets the connection, and the client may lose the answer.
fn hang_up_gently(mut stream: &TcpStream) {
    let end = Instant::now() + Duration::from_secs(1);
    let mut discarded = [0; 4096];
    let _ = stream.shutdown(Shutdown::Write);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return;
        }
        if !matches!(stream.read(&mut discarded), Ok(1..)) {
            return;
        }
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
