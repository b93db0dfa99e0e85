//! As much HTTP/1.1 as a browser on the same machine needs: one GET a connection.

use std::io::{BufRead, BufReader, Read};

/// Longest request line and headers, in bytes. Browsers send about 1 KiB.
const LONGEST_HEAD: u64 = 16 * 1024;

/// Any method is answered like GET.
pub(super) struct Request {
    /// As sent: `/page.html?search=x`.
    pub(super) target: String,
    /// The Host header; empty if there is none.
    pub(super) host: String,
}

/// Reads the head of a request; a body stays unread. None when there is nothing to answer: the client
/// left, was silent for too long, or speaks something else.
pub(super) fn read(stream: impl Read) -> Option<Request> {
    let mut lines = BufReader::new(stream.take(LONGEST_HEAD)).lines().map_while(Result::ok);
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let mut host = String::new();
    loop {
        let line = lines.next()?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("host") => {
                host = value.trim().to_owned();
            }
            None if line.is_empty() => return Some(Request { target, host }),
            _ => {}
        }
    }
}

/// Head and body of an answer. The whole of it is in memory: the book's largest file is its search index.
pub(super) fn response(status: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_too_long_or_no_http_is_not_answered() {
        let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(16 * 1024));
        for sent in ["GET / HTTP/1.1\r\nHost: localhost\r\nAcc", &long, "\x16\x03\x01\n\r\n"] {
            assert!(read(sent.as_bytes()).is_none(), "{sent}");
        }
    }
}
