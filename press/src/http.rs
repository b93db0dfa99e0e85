//! As much HTTP/1.1 as a browser on the same machine needs: one request a connection, GET and
//! HEAD.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Longest request line and headers, in bytes. Browsers send about 1 KiB.
const LONGEST_HEAD: usize = 16 * 1024;
/// For the whole head, so that one byte at a time gains nothing.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// For its first bytes: browsers open connections to have one when they need it.
const SILENCE: Duration = Duration::from_secs(2);
/// For each piece of a response that the client does not take.
const WRITE_TIME: Duration = Duration::from_secs(10);

/// A GET or a HEAD.
#[derive(Debug, PartialEq)]
pub(super) struct Request {
    /// Whether headers are asked for without a body.
    pub(super) head_only: bool,
    /// As sent: `/page.html?search=x`.
    pub(super) target: String,
    /// The Host header.
    pub(super) host: Option<String>,
}

/// Why there is no request to answer.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// The client left: there is nobody to tell.
    Gone,
    /// What to tell the client.
    Refused(Response),
}

/// Status, headers and body, complete in memory: the book's largest file is its search index.
#[derive(Debug, PartialEq)]
pub(super) struct Response {
    /// Like `404 Not Found`.
    pub(super) status: &'static str,
    content_type: String,
    /// A header that only this kind of response has.
    extra: Option<(&'static str, String)>,
    body: Vec<u8>,
}

/// Reads the head of a request. A body, which no GET of ours has, stays unread.
pub(super) fn read(mut stream: &TcpStream) -> Result<Request, Unreadable> {
    let start = Instant::now();
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let (limit, late) = match head.is_empty() {
            true => (SILENCE, Unreadable::Gone),
            false => {
                let late =
                    Response::text("408 Request Timeout", "The request did not arrive in time.");
                (HEAD_TIME, Unreadable::Refused(late))
            }
        };
        let left = limit.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(late);
        }
        stream.set_read_timeout(Some(left)).map_err(|_| Unreadable::Gone)?;
        match stream.read(&mut piece) {
            Ok(0) => return Err(Unreadable::Gone),
            Ok(n) => head.extend_from_slice(&piece[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // Which of the two a timeout is depends on the platform.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) =>
            {
                return Err(late);
            }
            Err(_) => return Err(Unreadable::Gone),
        }
        if let Some(request) = parse(&head).map_err(Unreadable::Refused)? {
            return Ok(request);
        }
    }
}

/// Whether the client has closed the connection, which then nobody waits on.
pub(super) fn has_left(stream: &TcpStream) -> bool {
    let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
    let here = match peeked {
        Ok(n) => n > 0,
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    };
    stream.set_nonblocking(false).is_err() || !here
}

/// None: more bytes are needed.
fn parse(head: &[u8]) -> Result<Option<Request>, Response> {
    let too_long = || {
        Response::text(
            "431 Request Header Fields Too Large",
            "The head of the request is longer than 16 KiB or 64 headers.",
        )
    };
    let malformed = || Response::text("400 Bad Request", "This is not an HTTP/1.1 request.");
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let complete = match request.parse(&head[..head.len().min(LONGEST_HEAD)]) {
        Ok(httparse::Status::Complete(_)) => true,
        Ok(httparse::Status::Partial) => false,
        Err(httparse::Error::TooManyHeaders) => return Err(too_long()),
        Err(_) => return Err(malformed()),
    };
    if !complete {
        return if head.len() >= LONGEST_HEAD { Err(too_long()) } else { Ok(None) };
    }
    let head_only = match request.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => {
            return Err(Response::text(
                "405 Method Not Allowed",
                "The book is for reading: GET and HEAD.",
            )
            .with("Allow", "GET, HEAD".into()));
        }
    };
    let mut hosts =
        request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
    let host = hosts.next().map(|header| String::from_utf8_lossy(header.value).trim().to_owned());
    if hosts.next().is_some() {
        return Err(malformed());
    }
    let target = request.path.unwrap_or_default().to_owned();
    Ok(Some(Request { head_only, target, host }))
}

impl Response {
    pub(super) fn new(status: &'static str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: content_type.to_owned(), extra: None, body: body.into() }
    }

    /// A sentence for whoever made the request.
    pub(super) fn text(status: &'static str, sentence: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", format!("{sentence}\n"))
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.extra = Some((name, value));
        self
    }

    /// Writes all of it, or for HEAD all but the body.
    ///
    /// # Errors
    /// Those of the stream. A client that left is the usual one, and no reason to log.
    pub(super) fn write(&self, mut stream: &TcpStream, head_only: bool) -> io::Result<()> {
        stream.set_write_timeout(Some(WRITE_TIME))?;
        let mut bytes = self.head().into_bytes();
        if !head_only {
            bytes.extend_from_slice(&self.body);
        }
        stream.write_all(&bytes)
    }

    fn head(&self) -> String {
        let mut head = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n",
            self.status,
            self.content_type,
            self.body.len()
        );
        if let Some((name, value)) = &self.extra {
            head += &format!("{name}: {value}\r\n");
        }
        head + "\r\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(head: &[u8]) -> &'static str {
        &parse(head).unwrap_err().status[..3]
    }

    #[test]
    fn a_request_is_complete_at_the_blank_line() {
        let head = b"GET /a?b HTTP/1.1\r\nhost: localhost:1\r\n\r\n";
        assert_eq!(parse(&head[..head.len() - 1]), Ok(None));
        let request = parse(head).unwrap().unwrap();
        assert_eq!(
            request,
            Request { head_only: false, target: "/a?b".into(), host: Some("localhost:1".into()) }
        );
        assert!(parse(b"HEAD / HTTP/1.1\r\n\r\n").unwrap().unwrap().head_only);
    }

    #[test]
    fn malformed_heads_get_400() {
        assert_eq!(status(b"\x16\x03\x01 TLS"), "400");
        assert_eq!(status(b"GET / HTTP/9\r\n\r\n"), "400");
        assert_eq!(status(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "400");
    }

    #[test]
    fn long_heads_get_431() {
        let mut head = b"GET / HTTP/1.1\r\nX: ".to_vec();
        head.resize(LONGEST_HEAD - 1, b'x');
        assert_eq!(parse(&head), Ok(None));
        head.push(b'x');
        assert_eq!(status(&head), "431");
        head.extend_from_slice(b"\r\n\r\n");
        assert_eq!(status(&head), "431");
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65));
        assert_eq!(status(many.as_bytes()), "431");
    }
}
