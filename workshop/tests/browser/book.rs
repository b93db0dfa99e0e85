//! This repository's book.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use workshop::workspace::files;

use crate::fixture::Run;
use crate::fixture::served::Served;

/// Every page of it, as files: built once for all tests.
static BOOK: LazyLock<PathBuf> = LazyLock::new(|| {
    let run = Run::of(tool().args(["book", "build"]));
    assert_eq!(run.code, 0, "{run:?}");
    repository().join("target/book")
});

/// The folder of this repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The names of its pages, without `.html`.
pub fn pages() -> Vec<String> {
    let pages = files(&BOOK, "html").unwrap();
    let name = |page: PathBuf| page.with_extension("").to_str().unwrap().replace('\\', "/");
    // What browsers without JavaScript show in the place of the sidebar, and what names its parts from the
    // root of a server, since it may stand in for any address.
    let pages: Vec<_> =
        pages.into_iter().map(name).filter(|name| name != "toc" && name != "404").collect();
    assert!(pages.len() > 10, "a book of {} pages: was it built?", pages.len());
    pages
}

/// Where the browser finds a page.
pub fn url(page: &str) -> String {
    format!("file://{}/{page}.html", BOOK.display())
}

/// The book as it is served.
pub fn served() -> Served {
    let mut serve = tool();
    serve.args(["book", "serve", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    Served::by(serve.spawn().unwrap())
}

fn tool() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command.current_dir(repository());
    command
}
