//! A workspace in a temporary folder with a small book: two pages, a listing, results.

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
        workspace.write("book/book.toml", include_str!("../../../book/book.toml"));
        workspace
            .write("book/theme/workshop.css", include_str!("../../../book/theme/workshop.css"));
        workspace.write(
            "book/src/SUMMARY.md",
            "# Summary\n\n[Start](start.md)\n\n- [Waker](waker/page.md)\n",
        );
        workspace.write("book/src/start.md", START);
        workspace.write("book/src/waker/page.md", WAKER);
        workspace.write("Cargo.toml", "[workspace]\nmembers = [\"listing\"]\n");
        workspace.write("listing/src/lib.rs", LISTING);
        workspace.write("book/results/cost.json", COST);
        workspace.write("book/results/conformance/01.json", CONFORMANCE);
        workspace
    }

    /// The book has an exercise, with a wrong answer. It has no problems.
    pub(super) fn with_exercise() -> Self {
        let workspace = Self::with_book();
        let folder = "01-demo/exercises";
        workspace.write(&format!("{folder}/Cargo.toml"), EXERCISES);
        workspace.write(&format!("{folder}/01_echo/exercise.toml"), EXERCISE);
        workspace.write(&format!("{folder}/01_echo/tests.rs"), "// M7: bytes were lost.\n");
        workspace.write(&format!("{folder}/01_echo/hints.md"), "1. Think.\n");
        workspace.write(
            &format!("{folder}/01_echo/wrong/loses.rs"),
            "//! M7 · fails: nothing_is_lost\n",
        );
        workspace.write("book/src/waker/page.md", &format!("{WAKER}{LIST}"));
        workspace.write("book/src/misconceptions.md", MISCONCEPTIONS);
        workspace.write(
            "book/src/SUMMARY.md",
            "[Start](start.md)\n\n- [Waker](waker/page.md)\n- [Index](misconceptions.md)\n",
        );
        workspace
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        let file = self.path().join(file);
        let folder = file.parent().expect("a file has a folder");
        std::fs::create_dir_all(folder).expect("the temporary folder is writable");
        std::fs::write(file, text).expect("the temporary folder is writable");
    }
}

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

const LIST: &str = "
## Exercises {#exercises}

- {{#exercise 01/echo}}: once more.
";

const MISCONCEPTIONS: &str = "# Misconceptions {#misconceptions}

| | Mistake | Page | Caught by |
|---|---|---|---|
| M7 | Bytes lost. | [Waker](waker/page.md) | {{#exercise 01/echo}} |
";

const EXERCISES: &str = "[package]
name = \"demo-exercises\"

[[test]]
name = \"echo\"
path = \"01_echo/tests.rs\"
";

const EXERCISE: &str = "title = \"Echo\"
page = \"waker/page.md\"
minutes = 5
core = true
tests = [\"nothing_is_lost\"]
seal = \"\"
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
