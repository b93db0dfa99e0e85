//! From a request to a response: who may ask, and which page they get.

use super::escape::escape;
use super::files::{self, Found};
use super::http::{Request, Response};
use super::progress_page;
use super::site::Site;
use std::path::Path;

/// What a request asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Route {
    /// The reload script of a page of this generation waits for the next.
    News(u64),
    /// The page of progress, which shows this version, waits for the next.
    Progress(u64),
    Page,
}

/// Sorts a request.
///
/// # Errors
/// A refusal, unless the request names this machine: a page from elsewhere whose name was made to
/// resolve to 127.0.0.1 (DNS rebinding) could otherwise read what we serve. Any port will do, since
/// another one may be forwarded to `port`.
pub(super) fn route(request: &Request, port: u16) -> Result<Route, Response> {
    let host = request.host.as_deref().unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    if !["localhost", "127.0.0.1", "[::1]"].iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
        let sentence =
            format!("This server answers this machine only: open http://localhost:{port}/");
        return Err(Response::text("403 Forbidden", &sentence));
    }
    // Nothing is of generation or version 0, so a number we cannot read is answered at once.
    let known = |prefix| {
        let known = request.target.strip_prefix(prefix)?;
        Some(known.parse().unwrap_or(0))
    };
    Ok(match (known("/__reload/"), known("/__progress/")) {
        (Some(known), _) => Route::News(known),
        (_, Some(known)) => Route::Progress(known),
        _ => Route::Page,
    })
}

/// The file that `target` names, or the page that says why not.
pub(super) fn page(site: &Site, target: &str) -> Response {
    let state = site.state();
    let Some(folder) = state.pages else {
        return html(
            "500 Internal Server Error",
            &error_page(&state.error.unwrap_or_default()),
            state.generation,
        );
    };
    match files::find(&folder, target) {
        Found::File(file) => file_response("200 OK", &file, state.generation),
        Found::Redirect(location) => {
            Response::text("307 Temporary Redirect", &location).with("Location", location)
        }
        Found::Missing => {
            file_response("404 Not Found", &folder.join("404.html"), state.generation)
        }
        Found::Refused(sentence) => Response::text("403 Forbidden", sentence),
    }
}

fn file_response(status: &'static str, file: &Path, generation: u64) -> Response {
    let Ok(body) = std::fs::read(file) else {
        return Response::text("404 Not Found", "The book has no such page.");
    };
    let kind = mime_guess::from_path(file).first_or_octet_stream();
    match (kind.type_().as_str(), kind.subtype().as_str()) {
        ("text", "html") => html(status, &String::from_utf8_lossy(&body), generation),
        ("text", _) | (_, "javascript" | "json") => {
            Response::new(status, &format!("{kind}; charset=utf-8"), body)
        }
        _ => Response::new(status, kind.as_ref(), body),
    }
}

/// A page with the script that reloads it, and the page of progress with the one that keeps it up to
/// date. The book on disk has neither: there is nobody whom they could ask.
fn html(status: &'static str, page: &str, generation: u64) -> Response {
    let mut script = include_str!("reload.js").replace("GENERATION", &generation.to_string());
    if page.contains(progress_page::MARK) {
        script += include_str!("progress.js");
    }
    let end = page.rfind("</body>").unwrap_or(page.len());
    let body = format!("{}<script>\n{script}</script>\n{}", &page[..end], &page[end..]);
    Response::new(status, "text/html; charset=utf-8", body)
}

/// Shown while there has been no good build.
fn error_page(error: &str) -> String {
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

    fn ask(host: Option<&str>, target: &str) -> Result<Route, Response> {
        route(
            &Request { head_only: false, target: target.into(), host: host.map(str::to_owned) },
            3000,
        )
    }

    #[test]
    fn this_machine_may_ask_by_any_port() {
        for host in ["localhost:3000", "LOCALHOST", "localhost:8080", "127.0.0.1:3000", "[::1]"] {
            assert_eq!(ask(Some(host), "/"), Ok(Route::Page), "{host}");
        }
    }

    #[test]
    fn foreign_hosts_and_no_host_are_refused() {
        for host in [
            "evil.example:3000",
            "localhost:x",
            "localhost:3000:3000",
            "localhost.evil.example:3000",
            "",
            "::1:3000",
        ] {
            for target in ["/", "/__reload/1", "/__progress/1"] {
                assert_eq!(ask(Some(host), target).unwrap_err().status, "403 Forbidden", "{host}");
            }
        }
        assert_eq!(ask(None, "/").unwrap_err().status, "403 Forbidden");
    }

    #[test]
    fn the_reload_script_waits_for_news_of_its_generation() {
        assert_eq!(ask(Some("localhost:3000"), "/__reload/7"), Ok(Route::News(7)));
        assert_eq!(ask(Some("localhost:3000"), "/__reload/x"), Ok(Route::News(0)));
    }

    #[test]
    fn the_page_of_progress_waits_for_news_of_its_version() {
        assert_eq!(ask(Some("localhost:3000"), "/__progress/7"), Ok(Route::Progress(7)));
        assert_eq!(ask(Some("localhost:3000"), "/__progress/"), Ok(Route::Progress(0)));
    }

    #[test]
    fn the_error_page_shows_the_error_as_text() {
        let page = error_page("a.md:1: <script>alert(1)</script> & more\nb.md:2: x");
        assert!(page.contains("<p>a.md:1: &lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p>"));
        assert!(page.contains("<p>b.md:2: x</p>"));
    }
}
