//! The book, as files and as served.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::fixture::Fixture;
use crate::process::Process;

/// The folder of this repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// This repository's book, every page of it.
pub struct Book {
    /// Removed afterwards.
    folder: TempDir,
    /// For the one page that is none as a file: started when it is asked for.
    served: OnceCell<Served>,
}

/// A page, and where the browser finds it.
pub struct Page {
    /// Without `.html`.
    pub name: String,
    pub url: String,
}

impl Book {
    pub fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = tool().args(["book", "build"]).arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { folder, served: OnceCell::new() }
    }

    /// In order of their names.
    pub fn pages(&self) -> Vec<Page> {
        let mut names = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "html") {
                    let name = path.strip_prefix(self.folder.path()).unwrap().with_extension("");
                    names.push(name.to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        // What browsers without JavaScript show in the place of the sidebar.
        names.retain(|name| name != "toc");
        names.sort();
        assert!(names.len() > 10, "a book of {} pages: was it built?", names.len());
        names.into_iter().map(|name| self.page(&name)).collect()
    }

    pub fn page(&self, name: &str) -> Page {
        let url = match name {
            // It may stand in for any address, so it names its parts from the root of a server.
            "404" => self.served.get_or_init(Served::repository).url(name),
            _ => format!("file://{}/{name}.html", self.folder.path().display()),
        };
        Page { name: name.to_owned(), url }
    }

    /// The HTML of a page.
    pub fn html(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name).with_extension("html")).unwrap()
    }

    /// Whether a request stays on this machine.
    pub fn is_at_home(&self, url: &str) -> bool {
        let served =
            self.served.get().is_some_and(|book| url.starts_with(&format!("{}/", book.address)));
        served || ["file:", "data:", "blob:"].iter().any(|scheme| url.starts_with(scheme))
    }
}

/// A book that the tool serves until this is dropped.
pub struct Served {
    _tool: Process,
    /// `http://127.0.0.1:PORT`
    address: String,
    /// What the tool builds pages into, if nobody else removes it.
    leftovers: Option<PathBuf>,
}

impl Served {
    /// This repository's.
    pub fn repository() -> Self {
        let child = tool()
            .args(["book", "serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut served = Self::new(Process::new(child.unwrap()));
        let port = served.address.rsplit(':').next().unwrap();
        served.leftovers = Some(repository().join("target/workshop/book").join(port));
        served
    }

    /// That of a small workspace, with these arguments.
    pub fn of(fixture: &Fixture, arguments: &[&str]) -> Self {
        Self::new(Process::new(fixture.start(arguments)))
    }

    fn new(tool: Process) -> Self {
        let address = tool.says("The book is at ");
        Self { _tool: tool, address, leftovers: None }
    }

    pub fn url(&self, page: &str) -> String {
        format!("{}/{page}.html", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(folder) = &self.leftovers {
            // A folder that stays costs a few megabytes below target/.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn tool() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command.current_dir(repository());
    command
}
