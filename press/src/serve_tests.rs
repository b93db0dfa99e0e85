//! The server as a browser meets it: over TCP.

use super::*;
use crate::fixture::Workspace;
use std::io::{Read, Write};
use std::net::SocketAddr;

struct Browser {
    workspace: Workspace,
    site: Arc<Site>,
    addr: SocketAddr,
}

impl Browser {
    fn open(workspace: Workspace) -> Self {
        let site = Arc::new(Site::new(workspace.path(), 0, false));
        site.rebuild();
        let listener = bind(0).unwrap();
        let addr = listener.local_addr().unwrap();
        serve(listener, site.clone()).unwrap();
        Self { workspace, site, addr }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE * 4)).unwrap();
        stream
    }

    /// Sends a request and returns the answer.
    fn ask(&self, method_and_path: &str, host: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "{method_and_path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
        read_all(stream)
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path}"), &format!("localhost:{}", self.addr.port()))
    }

    fn generation(&self) -> String {
        self.site.state().generation.to_string()
    }
}

fn read_all(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn a_page_is_served_with_the_reload_script_of_its_generation() {
    let browser = Browser::open(Workspace::with_book());
    assert!(browser.addr.ip().is_loopback());
    let answer = browser.get("/waker/page.html");
    let body = body(&answer);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    assert!(answer.starts_with(&head), "{answer}");
    assert!(body.contains("std::thread::park();"));
    assert!(body.contains(&format!("!== \"{}\"", browser.generation())));
    assert!(body.find("__reload") < body.find("</body>"));
    assert_eq!(browser.ask("HEAD /waker/page.html", "localhost"), head);
}

#[test]
fn text_has_a_charset_and_no_script() {
    let browser = Browser::open(Workspace::with_book());
    let page = browser.get("/");
    let css = page.split('"').find(|word| word.starts_with("css/general")).unwrap();
    let answer = browser.get(&format!("/{css}"));
    assert!(answer.contains("Content-Type: text/css; charset=utf-8\r\n"));
    assert!(!answer.contains("__reload"));
}

#[test]
fn a_missing_page_is_404_with_the_books_own_page() {
    let browser = Browser::open(Workspace::with_book());
    for path in ["/none.html", "/..%2f..%2f..%2f..%2f..%2fbook/book.toml"] {
        let answer = browser.get(path);
        assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"));
        assert!(answer.contains("Document not found (404)"));
    }
}

#[test]
fn foreign_hosts_are_refused() {
    let browser = Browser::open(Workspace::with_book());
    for path in ["/", "/__reload", "/__progress"] {
        let answer = browser.ask(&format!("GET {path}"), "evil.example");
        assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"));
        assert!(answer.contains(&format!("open http://localhost:{}/", browser.addr.port())));
    }
}

#[test]
fn a_rebuild_is_another_generation() {
    let browser = Browser::open(Workspace::with_book());
    let before = browser.generation();
    assert_eq!(body(&browser.get("/__reload")), before);
    browser.site.rebuild();
    assert_ne!(browser.generation(), before);
    assert_eq!(body(&browser.get("/__reload")), browser.generation());
}

#[test]
fn the_page_of_progress_has_its_script_and_no_other_page_has() {
    let browser = Browser::open(Workspace::with_exercises());
    assert!(browser.get("/progress.html").contains("fetch(\"/__progress\")"));
    for page in ["/", "/waker/page.html", "/none.html"] {
        assert!(!browser.get(page).contains("__progress"), "{page}");
    }
    let on_disk = browser.site.state().pages.unwrap().join("progress.html");
    let on_disk = std::fs::read_to_string(on_disk).unwrap();
    assert!(!on_disk.contains("__progress") && !on_disk.contains("__reload"));
}

#[test]
fn progress_is_what_the_dashboard_said_last() {
    let browser = Browser::open(Workspace::with_exercises());
    let answer = browser.get("/__progress");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
    assert!(body(&answer).contains("\"watching\":false"), "{answer}");
    browser.site.report("{\"watching\":true}".into());
    assert_eq!(body(&browser.get("/__progress")), "{\"watching\":true}");
}

#[test]
fn bad_clients_hold_up_nobody() {
    let browser = Browser::open(Workspace::with_book());
    let silent = browser.connect();
    let mut half = browser.connect();
    half.write_all(b"GET / HT").unwrap();
    drop(browser.connect());
    let mut tls = browser.connect();
    tls.write_all(b"\x16\x03\x01\x02\x00").unwrap();
    assert!(browser.get("/").starts_with("HTTP/1.1 200 OK"));
    half.write_all(b"TP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(read_all(half).starts_with("HTTP/1.1 200 OK"));
    assert_eq!(read_all(silent), "");
}

#[test]
fn a_first_build_that_fails_is_a_page_that_reloads_when_repaired() {
    let workspace = Workspace::with_book();
    workspace.write("book/src/start.md", "# <b>\n");
    let browser = Browser::open(workspace);
    let answer = browser.get("/waker/page.html");
    assert!(answer.starts_with("HTTP/1.1 500 "));
    assert!(answer.contains("<p>book/src/start.md:1: this heading has no id of its own: write `# &lt;b&gt; {#some-id}`.</p>"));
    let failed = browser.generation();
    assert!(answer.contains(&format!("!== \"{failed}\"")));
    browser.workspace.write("book/src/start.md", "# Good {#good}\n");
    browser.site.rebuild();
    assert_ne!(browser.generation(), failed);
    assert!(browser.get("/start.html").contains("id=\"good\""));
}
