//! As much HTTP/1.1 as a browser on the same machine needs: one request a connection, GET and HEAD.

use std::io::{self, BufRead, BufReader, Read, Write};

/// Longest request line and headers, in bytes. Browsers send about 1 KiB.
const LONGEST_HEAD: u64 = 16 * 1024;

/// A GET or a HEAD; any other method is answered like a GET.
#[derive(Debug, PartialEq)]
pub(super) struct Request {
    /// Whether headers are asked for without a body.
    pub(super) head_only: bool,
    /// As sent: `/page.html?search=x`.
    pub(super) target: String,
    /// The Host header.
    pub(super) host: Option<String>,
}

/// Status, headers and body, complete in memory: the book's largest file is its search index.
#[derive(Debug)]
pub(super) struct Response {
    /// Like `404 Not Found`.
    status: &'static str,
    content_type: String,
    body: Vec<u8>,
}

/// Reads the head of a request; a body stays unread. None when there is nothing to answer: the client
/// left, was silent for too long, or speaks something else.
pub(super) fn read(stream: impl Read) -> Option<Request> {
    let mut lines = BufReader::new(stream.take(LONGEST_HEAD)).lines();
    let line = lines.next()?.ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let mut host = None;
    loop {
        let line = lines.next()?.ok()?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("host") => {
                host = Some(value.trim().to_owned());
            }
            None if line.is_empty() => break,
            _ => {}
        }
    }
    Some(Request { head_only: method == "HEAD", target: target.to_owned(), host })
}

impl Response {
    pub(super) fn new(
        status: &'static str,
        content_type: impl Into<String>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Self { status, content_type: content_type.into(), body: body.into() }
    }

    /// Writes all of it, or for HEAD all but the body.
    ///
    /// # Errors
    /// Those of the stream. A client that left is the usual one, and no reason to log.
    pub(super) fn write(&self, mut stream: impl Write, head_only: bool) -> io::Result<()> {
        let Self { status, content_type, body } = self;
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(if head_only { &[] } else { body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_at_the_blank_line() {
        let head = b"GET /a?b HTTP/1.1\r\nhost: localhost:1\r\nAccept: */*\r\n\r\n";
        let (target, host) = ("/a?b".into(), Some("localhost:1".into()));
        assert_eq!(read(&head[..]), Some(Request { head_only: false, target, host }));
        assert_eq!(read(&head[..head.len() - 2]), None);
        assert!(read(&b"HEAD / HTTP/1.1\r\n\r\n"[..]).unwrap().head_only);
    }

    #[test]
    fn what_is_too_long_or_no_http_is_not_answered() {
        let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(16 * 1024));
        assert_eq!(read(long.as_bytes()), None);
        assert_eq!(read(&b"\x16\x03\x01\x02\n\r\n"[..]), None);
    }
}
