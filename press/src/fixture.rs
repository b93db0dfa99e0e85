//! A workspace in a temporary folder with a small book.

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

    /// The book has a listing, figures, an exercise with a wrong answer, the index that says so, and a
    /// page of progress. A second stage has an exercise of the same name, which is damaged. The book has
    /// no problems.
    pub(super) fn with_book() -> Self {
        let workspace = Self::empty();
        for part in BOOK.split("=== ").skip(1) {
            let (file, text) = part.split_once('\n').expect("a name ends its line");
            workspace.write(file, text);
        }
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

    /// Builds the book into the folder `out`.
    pub(super) fn built(&self) -> Result<(), String> {
        let built = build(self.path(), &self.path().join("out"));
        built.map(|_| ()).map_err(|error| format!("{error:#}"))
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        let file = self.path().join(file);
        let folder = file.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the temporary folder is writable");
        std::fs::write(file, text).expect("the temporary folder is writable");
    }
}

/// Its files, each below a line with its name.
const BOOK: &str = r#"
=== workshop/Cargo.toml
=== Cargo.toml
[workspace]
members = ["listing"]
=== listing/src/lib.rs
//! A listing.

// ANCHOR: sleep
/// Parks the thread.
pub fn sleep() {
    std::thread::park();
}
// ANCHOR_END: sleep
=== book/book.toml
[preprocessor.workshop]
before = ["links"]
=== book/src/start.md
# Start {#start}

A thread reserves {{#result results/cost.json stack.kib}} KiB.
=== book/results/cost.json
{"stack": {"kib": 2048}, "host": "x86_64", "ms": 1234567, "runs": [{}, {"ms": -10000}]}
=== book/results/conformance/01.json
{"command": "cargo test -p blocking --test conformance", "date": "ignored",
 "cases": ["round_trip", "a_silent_client_blocks_nobody", "shutdown_drains"],
 "servers": [{"server": "blocking <threads>", "cases": [
  {"case": "round_trip", "outcome": "pass"},
  {"case": "a_silent_client_blocks_nobody", "outcome": "fail"},
  {"case": "shutdown_drains", "outcome": "skipped"}]}]}
=== 01-demo/exercises/Cargo.toml
test = [{ name = "echo", path = "01_echo/tests.rs" }]
=== 01-demo/exercises/01_echo/exercise.toml
title = "A <demo> & \"more\""
page = "waker/page.md"
minutes = 7
core = true
tests = ["nothing_is_lost"]
seal = ""
=== 01-demo/exercises/01_echo/tests.rs
// M7: bytes were lost.
=== 01-demo/exercises/01_echo/hints.md
1. Is `a < b`?
2. `b`
=== 01-demo/exercises/01_echo/solution.rs
/// Shouts.
impl Echo {
    /// Echoes.
    fn echo() {}
}
=== 01-demo/exercises/01_echo/wrong/loses.diff
M7 · fails: nothing_is_lost
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
=== 02-more/exercises/Cargo.toml
test = [{ name = "echo", path = "01_echo/tests.rs" }]
=== 02-more/exercises/01_echo/exercise.toml
title =
=== book/src/SUMMARY.md
[Start](start.md)
[Progress](progress.md)
[Index](misconceptions.md)

- [Waker](waker/page.md)
=== book/src/waker/page.md
# Waker {#waker}

```rust
{{#include ../../../listing/src/lib.rs:sleep}}
```

```json
{{#include ../../../book/results/cost.json}}
```

{{#exercises}}

{{#wrong 01/echo loses:echo}}
=== book/src/misconceptions.md
# Misconceptions {#misconceptions}

| | Mistake | Page | Caught by |
|---|---|---|---|
| M7 | Bytes lost. | [Waker](waker/page.md) |
=== book/src/progress.md
# Progress {#progress}

{{#progress}}

End.
"#;
