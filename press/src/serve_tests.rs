//! The server as a browser meets it: over TCP.

use super::*;
use crate::fixture::Workspace;
use serde_json::{Value, json};
use std::io::Write;
use std::net::SocketAddr;

struct Browser {
    workspace: Workspace,
    site: Arc<Site>,
    progress: Arc<Progress>,
    addr: SocketAddr,
}

impl Browser {
    fn open(workspace: Workspace) -> Self {
        let site = Arc::new(Site::open(workspace.path(), 0));
        let listener = bind(0).unwrap();
        let addr = listener.local_addr().unwrap();
        let progress = Arc::new(Progress::new(false));
        serve(listener, site.clone(), progress.clone()).unwrap();
        Self { workspace, site, progress, addr }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        // Shorter than a long poll, so that one which misses its news fails.
        let limit = Some(NEWS_TIME - Duration::from_secs(5));
        stream.set_read_timeout(limit).unwrap();
        stream
    }

    /// Sends a request with our Host header, without waiting for the answer.
    fn ask(&self, method_and_path: &str) -> TcpStream {
        let mut stream = self.connect();
        write!(
            stream,
            "{method_and_path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n",
            self.addr.port()
        )
        .unwrap();
        stream
    }

    fn get(&self, path: &str) -> String {
        read_all(self.ask(&format!("GET {path}")))
    }

    /// What the page of progress gets that knows `version`.
    fn progress(&self, version: u64) -> Value {
        serde_json::from_str(body(&self.get(&format!("/__progress/{version}")))).unwrap()
    }

    fn generation(&self) -> u64 {
        self.site.state().generation
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
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"),
        "{answer}"
    );
    assert!(answer.contains("std::thread::park();"));
    let body = body(&answer);
    for line in [
        &*format!("\r\nContent-Length: {}\r\n", body.len()),
        "\r\nCache-Control: no-store\r\n",
        "\r\nX-Content-Type-Options: nosniff\r\n",
        "\r\nConnection: close\r\n",
    ] {
        assert!(answer.contains(line), "{answer}");
    }
    assert!(answer.contains(&format!("const generation = \"{}\"", browser.generation())));
    let script_first = answer.find("__reload") < answer.find("</body>");
    assert!(script_first);
}

#[test]
fn text_has_a_charset_and_no_script() {
    let browser = Browser::open(Workspace::with_book());
    let page = browser.get("/");
    let css = page.split('"').find(|word| word.starts_with("theme/workshop")).unwrap();
    let answer = browser.get(&format!("/{css}"));
    assert!(answer.contains("Content-Type: text/css; charset=utf-8\r\n"));
    assert!(!answer.contains("__reload"));
}

#[test]
fn head_is_get_without_the_body() {
    let browser = Browser::open(Workspace::with_book());
    let get = browser.get("/start.html");
    let head = read_all(browser.ask("HEAD /start.html"));
    assert_eq!(head, get.split_inclusive("\r\n\r\n").next().unwrap());
}

#[test]
fn a_missing_page_is_404_with_the_books_own_page() {
    let answer = Browser::open(Workspace::with_book()).get("/none.html");
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"));
    assert!(answer.contains("Document not found (404)"));
}

#[test]
fn foreign_hosts_and_escapes_are_refused() {
    let browser = Browser::open(Workspace::with_book());
    let mut stream = browser.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").unwrap();
    let answer = read_all(stream);
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    assert!(answer.contains(&format!("open http://localhost:{}/", browser.addr.port())));
    assert!(
        browser
            .get("/..%2f..%2f..%2f..%2fbook/book.toml")
            .starts_with("HTTP/1.1 403 Forbidden\r\n")
    );
}

#[test]
fn a_long_poll_answers_when_the_book_was_rebuilt() {
    let browser = Browser::open(Workspace::with_book());
    let known = browser.generation();
    let poll = browser.ask(&format!("GET /__reload/{known}"));
    browser.site.rebuild().unwrap();
    assert_eq!(body(&read_all(poll)), (known + 1).to_string());
}

#[test]
fn waiting_pages_take_no_connection_from_readers() {
    let browser = Browser::open(Workspace::with_book());
    let known = browser.generation();
    let polls: Vec<_> =
        (0..CONNECTIONS + 1).map(|_| browser.ask(&format!("GET /__reload/{known}"))).collect();
    assert!(browser.get("/").starts_with("HTTP/1.1 200 OK"));
    browser.site.rebuild().unwrap();
    for poll in polls {
        assert_eq!(body(&read_all(poll)), (known + 1).to_string());
    }
}

#[test]
fn the_page_of_progress_has_its_script_and_no_other_page_has() {
    let browser = Browser::open(Workspace::with_exercises());
    assert!(browser.get("/progress.html").contains("fetch(\"/__progress/\""));
    for page in ["/", "/waker/page.html", "/none.html"] {
        assert!(!browser.get(page).contains("__progress"), "{page}");
    }
    let on_disk = browser.site.state().pages.unwrap().join("progress.html");
    let on_disk = std::fs::read_to_string(on_disk).unwrap();
    assert!(!on_disk.contains("__progress") && !on_disk.contains("__reload"));
}

#[test]
fn progress_is_json_and_says_that_nobody_watches() {
    let browser = Browser::open(Workspace::with_exercises());
    let answer = browser.get("/__progress/0");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
    assert_eq!(browser.progress(0)["watching"], false);
    let head = read_all(browser.ask("HEAD /__progress/0"));
    assert_eq!(head, answer.split_inclusive("\r\n\r\n").next().unwrap());
}

#[test]
fn a_long_poll_answers_when_the_dashboard_reports() {
    let browser = Browser::open(Workspace::with_exercises());
    let known = browser.progress(0)["version"].as_u64().unwrap();
    let poll = browser.ask(&format!("GET /__progress/{known}"));
    browser.progress.report(json!({"judging": ["01-demo/demo"]}));
    let news: Value = serde_json::from_str(body(&read_all(poll))).unwrap();
    assert_eq!(news["judging"][0], "01-demo/demo");
    let poll = browser.ask(&format!("GET /__progress/{}", news["version"]));
    browser.progress.report(json!({"watching": true, "judging": []}));
    let news: Value = serde_json::from_str(body(&read_all(poll))).unwrap();
    assert_eq!((&news["watching"], news["judging"].as_array().unwrap().len()), (&true.into(), 0));
}

#[test]
fn pages_beyond_the_places_are_told_to_ask_later_and_one_that_left_frees_its_own() {
    let browser = Browser::open(Workspace::with_exercises());
    let known = browser.generation();
    let polls: Vec<_> =
        (0..WAITING_PAGES).map(|_| browser.ask(&format!("GET /__reload/{known}"))).collect();
    // Nothing is of generation 0: answered at once, if there is a place.
    let until = |status: &str| {
        let start = Instant::now();
        while !browser.get("/__reload/0").starts_with(status) {
            assert!(start.elapsed() < NEWS_TIME / 2, "never answered with {status}");
        }
    };
    until("HTTP/1.1 503");
    drop(polls);
    until("HTTP/1.1 200");
}

#[test]
fn a_silent_connection_is_closed() {
    let browser = Browser::open(Workspace::empty());
    assert_eq!(read_all(browser.connect()), "");
}

#[test]
fn half_a_request_blocks_nobody() {
    let browser = Browser::open(Workspace::with_book());
    let mut half = browser.connect();
    half.write_all(b"GET / HT").unwrap();
    assert!(browser.get("/").starts_with("HTTP/1.1 200 OK"));
    write!(half, "TP/1.1\r\nHost: localhost:{}\r\n\r\n", browser.addr.port()).unwrap();
    assert!(read_all(half).starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn bad_clients_do_not_end_the_server() {
    let browser = Browser::open(Workspace::with_book());
    drop(browser.connect());
    drop(browser.ask("GET /searchindex.js"));
    let mut tls = browser.connect();
    tls.write_all(b"\x16\x03\x01\x02\x00").unwrap();
    assert!(read_all(tls).starts_with("HTTP/1.1 400 "));
    let mut long = browser.connect();
    long.write_all(format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(100_000)).as_bytes())
        .unwrap();
    assert!(read_all(long).starts_with("HTTP/1.1 431 "));
    assert!(read_all(browser.ask("POST /")).contains("\r\nAllow: GET, HEAD\r\n"));
    assert!(browser.get("/").starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn a_first_build_that_fails_is_a_page_that_reloads_when_repaired() {
    let workspace = Workspace::with_book();
    workspace.write("book/src/start.md", "# <b>\n");
    let browser = Browser::open(workspace);
    let answer = browser.get("/waker/page.html");
    assert!(answer.starts_with("HTTP/1.1 500 "));
    assert!(answer.contains("<p>book/src/start.md:1: this heading has no id of its own: write `# &lt;b&gt; {#some-id}`.</p>"));
    let poll = browser.ask(&format!("GET /__reload/{}", browser.generation()));
    browser.workspace.write("book/src/start.md", "# Good {#good}\n");
    browser.site.rebuild().unwrap();
    assert_eq!(body(&read_all(poll)), browser.generation().to_string());
    assert!(browser.get("/start.html").contains("id=\"good\""));
}
