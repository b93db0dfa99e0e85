//! From a request to an answer: who may ask, and what they get.

use super::escape::escape;
use super::http::{Request, response};
use super::progress_page;
use super::site::{Site, State};
use mime_guess::mime::TEXT_HTML;
use percent_encoding::percent_decode_str;
use std::fs;
use std::path::{Component, Path, PathBuf};

const OK: &str = "200 OK";
const TEXT: &str = "text/plain; charset=utf-8";

/// A file of the book, or what the scripts of its pages ask for.
pub(super) fn answer(site: &Site, request: &Request) -> Vec<u8> {
    // A page from elsewhere whose name was made to resolve to 127.0.0.1 (DNS rebinding) could otherwise
    // read what we serve. Any port will do, since another one may be forwarded to ours.
    if !matches!(request.host.split(':').next(), Some("localhost" | "127.0.0.1")) {
        let sentence = "This server answers this machine only: write localhost in the address.\n";
        return response("403 Forbidden", TEXT, sentence.as_bytes());
    }
    let state = site.state();
    match (&*request.target, &state.pages) {
        ("/__reload", _) => response(OK, TEXT, state.generation.to_string().as_bytes()),
        ("/__progress", _) => response(OK, "application/json", state.progress.as_bytes()),
        (target, Some(folder)) => file(target, folder, &state),
        (_, None) => html("500 Internal Server Error", &error_page(&state), &state),
    }
}

/// A file of `folder`, or else its page for those that are missing.
fn file(target: &str, folder: &Path, state: &State) -> Vec<u8> {
    let found = find(folder, target).and_then(|file| Some((fs::read(&file).ok()?, file)));
    let Some((body, file)) = found else {
        let page = fs::read_to_string(folder.join("404.html")).unwrap_or_default();
        return html("404 Not Found", &page, state);
    };
    match mime_guess::from_path(file).first_or_octet_stream() {
        kind if kind == TEXT_HTML => html(OK, &String::from_utf8_lossy(&body), state),
        kind => response(OK, kind.as_ref(), &body),
    }
}

/// Where the file is that `target`, such as `/waker/page.html?search=x`, names: in `folder`, and never
/// outside it.
fn find(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    // Neither `..` nor a root or a drive.
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    let is_inside = Path::new(&*path).components().all(is_plain);
    let name = if path.is_empty() || path.ends_with('/') { "index.html" } else { "" };
    is_inside.then(|| folder.join(format!("{path}{name}")))
}

/// A page with the script that reloads it, and the page of progress with the one that keeps it up to
/// date. The book on disk has neither: there is nobody whom they could ask.
fn html(status: &str, page: &str, state: &State) -> Vec<u8> {
    let mut script = include_str!("reload.js").replace("GENERATION", &state.generation.to_string());
    if page.contains(progress_page::MARK) {
        script += include_str!("progress.js");
    }
    let (before, after) = page.split_at(page.rfind("</body>").unwrap_or(page.len()));
    let page = format!("{before}<script>\n{script}</script>\n{after}");
    response(status, "text/html; charset=utf-8", page.as_bytes())
}

/// Shown while there has been no good build.
fn error_page(state: &State) -> String {
    let error = state.error.as_deref().unwrap_or_default();
    let problems: String = error.lines().map(|line| format!("<p>{}</p>\n", escape(line))).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>The book was not built</title>\n\
         <style>\n:root {{ color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }}\n\
         body {{ max-width: 50rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere; }}\n</style>\n\
         <h1>The book was not built</h1>\n{problems}\
         <p>Save a correction, and this page becomes the book.</p>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    fn built(workspace: Workspace) -> (Site, Workspace) {
        let site = Site::new(workspace.path(), 0, false);
        site.rebuild();
        (site, workspace)
    }

    fn ask(site: &Site, host: &str, target: &str) -> String {
        let request = Request { target: target.to_owned(), host: host.to_owned() };
        String::from_utf8(answer(site, &request)).unwrap()
    }

    fn get(site: &Site, target: &str) -> String {
        ask(site, "localhost:3000", target)
    }

    #[test]
    fn only_this_machine_may_ask_by_any_port() {
        let (site, _book) = built(Workspace::with_book());
        for host in ["localhost", "localhost:8080", "127.0.0.1:3000"] {
            assert!(ask(&site, host, "/").starts_with("HTTP/1.1 200 OK\r\n"), "{host}");
        }
        for host in ["evil.example:3000", "localhost.evil.example", ""] {
            for target in ["/", "/__reload", "/__progress"] {
                assert!(ask(&site, host, target).starts_with("HTTP/1.1 403 "), "{host}{target}");
            }
        }
    }

    #[test]
    fn a_target_leads_to_a_file_and_never_out_of_the_folder() {
        let site = Path::new("site");
        for (target, file) in
            [("/", "index.html"), ("/a%20b/?x=/../", "a b/index.html"), ("/x.css#top", "x.css")]
        {
            assert_eq!(find(site, target), Some(site.join(file)));
        }
        for target in ["/../x", "/%2e%2e/x", "/..%2fx", "//etc/passwd", "/%ff", "x.css"] {
            assert_eq!(find(site, target), None, "{target}");
        }
    }

    #[test]
    fn a_page_has_the_script_that_reloads_it_and_other_files_have_not() {
        let (site, _book) = built(Workspace::with_book());
        let page = get(&site, "/waker/page.html");
        let (head, body) = page.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"));
        assert!(head.contains(&format!("\r\nContent-Length: {}\r\n", body.len())), "{head}");
        let generation = get(&site, "/__reload").split_once("\r\n\r\n").unwrap().1.to_owned();
        let script = body.find(&format!("!== \"{generation}\"")).unwrap();
        assert!(script < body.find("</body>").unwrap() && !body.contains("__progress"), "{body}");
        let css = body.split('"').find_map(|word| word.strip_prefix("../css/general")).unwrap();
        let css = get(&site, &format!("/css/general{css}"));
        assert!(css.contains("Content-Type: text/css\r\n") && !css.contains("__reload"), "{css}");
    }

    #[test]
    fn a_missing_page_is_404_with_the_books_own_page() {
        let (site, _book) = built(Workspace::with_book());
        for target in ["/none.html", "/waker", "/x%00", "/..%2fbook.toml"] {
            let answer = get(&site, target);
            assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{target}: {answer}");
            assert!(answer.contains("Document not found (404)") && answer.contains("__reload"));
        }
    }

    #[test]
    fn the_page_of_progress_asks_for_what_the_dashboard_said_last() {
        let (site, _book) = built(Workspace::with_book());
        assert!(get(&site, "/progress.html").contains("fetch(\"/__progress\")"));
        assert!(get(&site, "/__progress").contains("\"watching\":false"));
        site.report("{\"watching\":true}".into());
        assert!(get(&site, "/__progress").ends_with("\r\n\r\n{\"watching\":true}"));
    }

    #[test]
    fn a_first_build_that_fails_is_a_page_that_reloads_when_repaired() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/start.md", "# <b>\n");
        let (site, workspace) = built(workspace);
        let answer = get(&site, "/waker/page.html");
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        let error = "<p>book/src/start.md:1: this heading has no id of its own: write `# &lt;b&gt; {#some-id}`.</p>";
        assert!(answer.contains(error), "{answer}");
        let failed = site.state().generation;
        assert!(answer.contains(&format!("!== \"{failed}\"")), "{answer}");
        // Another error is news as well.
        for (source, expected) in
            [("# B\n", "`# B {#some-id}`"), ("# Good {#good}\n", "id=\"good\"")]
        {
            let before = site.state().generation;
            workspace.write("book/src/start.md", source);
            site.rebuild();
            assert_ne!(site.state().generation, before, "{source}");
            assert!(get(&site, "/start.html").contains(expected), "{source}");
        }
    }
}
