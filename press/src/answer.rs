//! From a request to a response: who may ask, and what they get.

use super::escape::escape;
use super::http::{Request, Response};
use super::progress_page;
use super::site::{Site, State};
use percent_encoding::percent_decode_str;
use std::path::{Component, Path, PathBuf};

const TEXT: &str = "text/plain; charset=utf-8";
const MISSING: &str = "404 Not Found";

/// A file of the book, or what the scripts of its pages ask for.
pub(super) fn answer(site: &Site, request: &Request, port: u16) -> Response {
    if !asks_this_machine(request) {
        let sentence =
            format!("This server answers this machine only: open http://localhost:{port}/\n");
        return Response::new("403 Forbidden", TEXT, sentence);
    }
    let state = site.state();
    match (&*request.target, &state.pages) {
        ("/__reload", _) => Response::new("200 OK", TEXT, state.generation.to_string()),
        ("/__progress", _) => Response::new("200 OK", "application/json", state.progress),
        (_, None) => html("500 Internal Server Error", &error_page(&state), &state),
        (target, Some(folder)) => match find(folder, target) {
            Some(file) => response("200 OK", &file, &state),
            None => response(MISSING, &folder.join("404.html"), &state),
        },
    }
}

/// A page from elsewhere whose name was made to resolve to 127.0.0.1 (DNS rebinding) could otherwise
/// read what we serve. Any port will do, since another one may be forwarded to ours.
fn asks_this_machine(request: &Request) -> bool {
    let host = request.host.as_deref().unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|ours| name.eq_ignore_ascii_case(ours))
}

/// The file that `target`, such as `/waker/page.html?search=x`, names in `folder`, and never one outside
/// it.
fn find(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    // Neither `..` nor a root or a drive.
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    let is_inside = Path::new(&*path).components().all(is_plain);
    let mut file = folder.join(&*path);
    if path.is_empty() || path.ends_with('/') {
        file.push("index.html");
    }
    (is_inside && file.is_file()).then_some(file)
}

fn response(status: &'static str, file: &Path, state: &State) -> Response {
    let Ok(body) = std::fs::read(file) else {
        return Response::new(MISSING, TEXT, "The book has no such page.\n");
    };
    let kind = mime_guess::from_path(file).first_or_octet_stream();
    match (kind.type_().as_str(), kind.subtype().as_str()) {
        ("text", "html") => html(status, &String::from_utf8_lossy(&body), state),
        ("text", _) => Response::new(status, format!("{kind}; charset=utf-8"), body),
        _ => Response::new(status, kind.as_ref(), body),
    }
}

/// A page with the script that reloads it, and the page of progress with the one that keeps it up to
/// date. The book on disk has neither: there is nobody whom they could ask.
fn html(status: &'static str, page: &str, state: &State) -> Response {
    let mut script = include_str!("reload.js").replace("GENERATION", &state.generation.to_string());
    if page.contains(progress_page::MARK) {
        script += include_str!("progress.js");
    }
    let end = page.rfind("</body>").unwrap_or(page.len());
    let body = format!("{}<script>\n{script}</script>\n{}", &page[..end], &page[end..]);
    Response::new(status, "text/html; charset=utf-8", body)
}

/// Shown while there has been no good build.
fn error_page(state: &State) -> String {
    let error = state.error.as_deref().unwrap_or_default();
    let problems: String = error.lines().map(|line| format!("<p>{}</p>\n", escape(line))).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>The book was not built</title>\n\
         <style>\n:root {{ color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }}\n\
         body {{ max-width: 50rem; margin: 3rem auto; padding: 0 1rem; }}\n\
         main p {{ font-family: monospace; overflow-wrap: anywhere; }}\n</style>\n</head>\n<body>\n\
         <h1>The book was not built</h1>\n<main>\n{problems}</main>\n\
         <p>Save a correction, and this page becomes the book.</p>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn this_machine_may_ask_by_any_port() {
        let may = |host: Option<&str>| {
            let host = host.map(str::to_owned);
            asks_this_machine(&Request { head_only: false, target: "/".into(), host })
        };
        for host in ["localhost:3000", "LOCALHOST", "localhost:8080", "127.0.0.1:3000", "[::1]"] {
            assert!(may(Some(host)), "{host}");
        }
        for host in ["evil.example:3000", "localhost:x", "localhost:1:1", "localhost.evil.example"]
        {
            assert!(!may(Some(host)), "{host}");
        }
        assert!(!may(None) && !may(Some("")) && !may(Some("::1:3000")));
    }

    #[test]
    fn a_target_leads_to_a_file_and_never_out_of_the_folder() {
        let workspace = Workspace::empty();
        for file in ["site/index.html", "site/a b/index.html", "site/x.css", "secret.txt"] {
            workspace.write(file, file);
        }
        let site = workspace.path().join("site");
        let absolute = workspace.path().join("secret.txt");
        for (target, file) in
            [("/", "index.html"), ("/a%20b/?x=/../", "a b/index.html"), ("/x.css#top", "x.css")]
        {
            assert_eq!(find(&site, target), Some(site.join(file)));
        }
        for target in [
            "/none.html",
            "/a%20b",
            "/x.css/y",
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/a%20b/../../secret.txt",
            "/x.css%00",
            "/%ff",
            "x.css",
            "http://localhost/x.css",
            &format!("/{}", absolute.display()),
        ] {
            assert_eq!(find(&site, target), None, "{target}");
        }
    }
}
