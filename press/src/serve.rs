//! Serves the site: a thread a connection, one request each.

use super::answer::answer;
use super::http;
use super::site::Site;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Serves `site` until the process ends. `patience` is for each piece that a client sends or takes.
pub(crate) fn serve(listener: &TcpListener, site: &Arc<Site>, patience: Duration) -> ! {
    loop {
        let Ok((stream, _)) = listener.accept() else {
            // Too many open files, perhaps: it fails again until one closes.
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let site = site.clone();
        // A client that left before its answer is nobody's error.
        let answered = move || drop(connection(&stream, &site, patience));
        // Without a thread for it, the connection is closed, and the server goes on.
        let _ = thread::Builder::new().spawn(answered);
    }
}

/// Answers one request. Whatever goes wrong is between us and this client.
fn connection(mut stream: &TcpStream, site: &Site, patience: Duration) -> io::Result<()> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    if let Some(request) = http::read(stream) {
        stream.write_all(&answer(site, &request))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;
    use std::io::Read;

    fn rest(mut stream: TcpStream) -> String {
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        rest
    }

    /// A server with this patience, and what makes a client that sends this.
    fn served(patience: Duration) -> impl Fn(&str) -> TcpStream {
        let site = Arc::new(Site::new(Workspace::empty().path(), 0, false));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || serve(&listener, &site, patience));
        move |sends| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(sends.as_bytes()).unwrap();
            stream
        }
    }

    #[test]
    fn bad_clients_hold_up_nobody() {
        let client = served(Duration::from_secs(300));
        let _silent = client("");
        let mut half = client("GET /__progress HT");
        drop(client(""));
        let _tls = client("\x16\x03\x01\x02");
        let request = "GET /__progress HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert!(rest(client(request)).starts_with("HTTP/1.1 200 OK"));
        half.write_all(b"TP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        assert!(rest(half).starts_with("HTTP/1.1 200 OK"));
    }

    #[test]
    fn a_silent_client_is_left() {
        assert_eq!(rest(served(Duration::from_millis(1))("")), "");
    }
}
