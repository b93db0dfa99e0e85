//! Serves the site on loopback: a thread a connection, one request each.

use super::answer::answer;
use super::http;
use super::site::Site;
use anyhow::{Context, anyhow};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// For each piece that a client sends or takes. A browser opens connections before it needs them, and
/// minds no closed one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes `port` of 127.0.0.1, or a free port for 0.
///
/// # Errors
/// A port that is taken, or that needs rights the user lacks.
pub(crate) fn bind(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow!("port {port} is taken: stop the other program or choose another with --port")
        }
        _ => anyhow!(
            "port {port} of 127.0.0.1 cannot be opened ({error}): choose another with --port"
        ),
    })
}

/// Serves `site` until the process ends.
///
/// # Errors
/// No thread for it.
pub(crate) fn serve(listener: TcpListener, site: Arc<Site>) -> anyhow::Result<()> {
    let port = listener.local_addr().context("asking for the address of the listener")?.port();
    let accept = move || loop {
        let Ok((stream, _)) = listener.accept() else {
            // Too many open files, perhaps: it fails again until one closes.
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let site = site.clone();
        // A client that left before its answer is nobody's error.
        let answered = move || drop(connection(&stream, &site, port));
        // Without a thread for it, the connection is closed, and the server goes on.
        let _ = thread::Builder::new().name("book reader".into()).spawn(answered);
    };
    thread::Builder::new()
        .name("book server".into())
        .spawn(accept)
        .context("starting the book's server")?;
    Ok(())
}

/// Answers one request. Whatever goes wrong is between us and this client.
fn connection(stream: &TcpStream, site: &Site, port: u16) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    match http::read(stream) {
        Some(request) => answer(site, &request, port).write(stream, request.head_only),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
