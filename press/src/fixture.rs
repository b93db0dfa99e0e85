//! A workspace in a temporary folder with a small book: two pages, a listing, results.

use super::book::Book;
use super::build::build;
use super::check::problems;
use std::path::Path;
use tempfile::TempDir;

/// Removed when dropped.
pub(super) struct Workspace(TempDir);

impl Workspace {
    pub(super) fn empty() -> Self {
        Self(tempfile::tempdir().expect("the system's folder for temporary files is writable"))
    }

    /// The book has no problems and builds.
    pub(super) fn with_book() -> Self {
        let workspace = Self::empty();
        workspace.write("book/book.toml", CONFIG);
        workspace.write(
            "book/src/SUMMARY.md",
            "# Summary\n\n[Start](start.md)\n\n- [Waker](waker/page.md)\n",
        );
        workspace.write("book/src/start.md", START);
        workspace.write("book/src/waker/page.md", WAKER);
        workspace.write("workshop/Cargo.toml", "");
        workspace.write("Cargo.toml", "[workspace]\nmembers = [\"listing\"]\n");
        workspace.write("listing/src/lib.rs", LISTING);
        workspace.write("book/results/cost.json", COST);
        workspace.write("book/results/conformance/01.json", CONFORMANCE);
        workspace
    }

    /// The book has an exercise with a wrong answer, the index that says so, and a page of progress. A
    /// second stage has an exercise of the same name, which is damaged. The book has no problems.
    pub(super) fn with_exercises() -> Self {
        let workspace = Self::with_book();
        for (stage, spec) in [("01-demo", SPEC), ("02-more", "title = ")] {
            workspace.write(&format!("{stage}/exercises/Cargo.toml"), EXERCISES);
            workspace.write(&format!("{stage}/exercises/01_echo/exercise.toml"), spec);
        }
        let folder = "01-demo/exercises/01_echo";
        workspace.write(&format!("{folder}/tests.rs"), "// M7: bytes were lost.\n");
        workspace.write(&format!("{folder}/hints.md"), "1. Is `a < b`?\n2. `b`\n");
        workspace.write(
            &format!("{folder}/solution.rs"),
            "/// Shouts.\nimpl Echo {\n    /// Echoes.\n    fn echo() {}\n}\n",
        );
        workspace.write(&format!("{folder}/wrong/loses.diff"), LOSES);
        workspace.write("book/src/waker/page.md", &format!("{WAKER}{LIST}"));
        workspace.write("book/src/misconceptions.md", MISCONCEPTIONS);
        workspace.write("book/src/progress.md", PROGRESS);
        workspace.write(
            "book/src/SUMMARY.md",
            "[Start](start.md)\n[Progress](progress.md)\n\n- [Waker](waker/page.md)\n\n---\n\n\
             [Index](misconceptions.md)\n",
        );
        workspace
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).expect("the file is there")
    }

    /// What is wrong with the book, as it is printed.
    pub(super) fn problems(&self) -> Vec<String> {
        let book = Book::read(self.path()).expect("the book can be read");
        let problems = problems(&book).expect("the book can be checked");
        problems.iter().map(ToString::to_string).collect()
    }

    /// Builds the book, and returns one of its HTML pages, or the error.
    pub(super) fn built(&self, page: &str) -> Result<String, String> {
        let built = build(self.path(), &self.path().join("out"));
        built.map(|_| self.read(&format!("out/{page}"))).map_err(|error| format!("{error:#}"))
    }

    /// Builds the book with this as the text of its first page, which is returned as HTML.
    pub(super) fn built_with(&self, text: &str) -> Result<String, String> {
        self.write("book/src/start.md", &format!("# S {{#s}}\n\n{text}\n"));
        self.built("start.html")
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        let file = self.path().join(file);
        let folder = file.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the temporary folder is writable");
        std::fs::write(file, text).expect("the temporary folder is writable");
    }
}

const CONFIG: &str = "[preprocessor.workshop]
before = [\"links\"]

[output.html.playground]
runnable = false
";

const START: &str = "# Start {#start}

A thread reserves {{#result results/cost.json stack.reserved_kib}} KiB.

{{#matrix results/conformance}}

Which server would you choose?
";

const WAKER: &str = "# Waker {#waker}

```rust
{{#include ../../../listing/src/lib.rs:sleep}}
```
";

const SPEC: &str = r#"title = "A <demo> & \"more\""
page = "waker/page.md"
minutes = 7
core = true
tests = ["nothing_is_lost"]
seal = ""
"#;

const PROGRESS: &str = "# Progress {#progress}

{{#progress}}

End.
";

const LOSES: &str = "M7 · fails: nothing_is_lost
What is sent is sent.

--- solution.rs
+++ solution.rs
@@ -3,3 +3,5 @@
     /// Echoes.
-    fn echo() {}
+    fn echo() {
+        lose();
+    }
 }
";

const LIST: &str = "
## Exercises {#exercises}

{{#exercises}}
";

const MISCONCEPTIONS: &str = "# Misconceptions {#misconceptions}

| | Mistake | Page | Caught by |
|---|---|---|---|
| M7 | Bytes lost. | [Waker](waker/page.md) |
";

const EXERCISES: &str = "[package]
name = \"demo-exercises\"

[[test]]
name = \"echo\"
path = \"01_echo/tests.rs\"
";

const LISTING: &str = "//! A listing.

// ANCHOR: sleep
/// Parks the thread.
pub fn sleep() {
    std::thread::park();
}
// ANCHOR_END: sleep
";

const COST: &str = r#"{"stack": {"reserved_kib": 2048, "touched_kib": 10240.0, "page": 12.5}, "host": "x86_64",
"runs": [{"ms": 1234567}, {"ms": -10000}]}"#;

const CONFORMANCE: &str = r#"{"command": "cargo test -p blocking --test conformance", "date": "ignored",
"cases": ["round_trip", "a_silent_client_blocks_nobody", "shutdown_drains"],
"servers": [
 {"server": "blocking sequential", "cases": [
  {"case": "round_trip", "outcome": "pass", "expected": "pass"},
  {"case": "a_silent_client_blocks_nobody", "outcome": "fail", "expected": "fail"},
  {"case": "shutdown_drains", "outcome": "fail", "expected": "fail"}]},
 {"server": "blocking <threads>", "cases": [
  {"case": "round_trip", "outcome": "fail", "expected": "pass"},
  {"case": "shutdown_drains", "outcome": "skipped", "expected": "fail"}]}]}"#;
