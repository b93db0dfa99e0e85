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
        // Without what it says of single chapters, which mdBook then looks for.
        let config = include_str!("../../book/book.toml");
        let config = config.split("[output.html.search.chapter]").next().expect("there is a start");
        workspace.write("book/book.toml", config);
        // As book.toml names them.
        let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/theme");
        workspace.copy(&theme, Path::new("book/theme"));
        let summary = "# Summary\n\n[Start](start.md)\n\n- [Waker](waker/page.md)\n";
        workspace.write("book/src/SUMMARY.md", summary);
        workspace.write("book/src/start.md", START);
        workspace.write("book/src/waker/page.md", WAKER);
        workspace.write("Cargo.toml", "[workspace]\nmembers = [\"listing\"]\n");
        workspace.write("listing/src/lib.rs", LISTING);
        workspace.write("book/results/cost.json", COST);
        workspace.write("book/results/conformance/01.json", CONFORMANCE);
        workspace
    }

    /// The book has an exercise with a wrong answer, and the index that says so. It has no problems.
    pub(super) fn with_misconceptions() -> Self {
        let workspace = Self::with_book();
        workspace.write_exercise("01-demo", "echo", &spec("Echo", 5, "nothing_is_lost"));
        let folder = "01-demo/exercises/01_echo";
        workspace.write(&format!("{folder}/tests.rs"), "// M7: bytes were lost.\n");
        workspace.write(&format!("{folder}/hints.md"), "1. Think.\n");
        workspace.write(&format!("{folder}/solution.rs"), SOLUTION);
        workspace.write(&format!("{folder}/wrong/loses.diff"), LOSES);
        workspace.write("book/src/misconceptions.md", MISCONCEPTIONS);
        workspace.write_exercise_pages("\n---\n\n[Index](misconceptions.md)\n");
        workspace
    }

    /// The book has a page of progress as well, and the workspace two stages with an exercise each,
    /// of which one is damaged.
    pub(super) fn with_exercises() -> Self {
        let workspace = Self::with_book();
        let title = "A <demo> & \\\"more\\\"";
        workspace.write_exercise("01-demo", "demo", &spec(title, 7, "first_works"));
        workspace.write_exercise("02-more", "demo", "title = ");
        workspace.write_exercise_pages("");
        workspace
    }

    fn write_exercise(&self, stage: &str, name: &str, spec: &str) {
        let target = format!("[[test]]\nname = \"{name}\"\npath = \"01_{name}/tests.rs\"\n");
        let manifest = format!("[package]\nname = \"{stage}-exercises\"\n\n{target}");
        self.write(&format!("{stage}/exercises/Cargo.toml"), &manifest);
        self.write(&format!("{stage}/exercises/01_{name}/exercise.toml"), spec);
    }

    /// Has a page list exercises, and another show progress, in a table of contents with this end.
    fn write_exercise_pages(&self, end: &str) {
        self.write("workshop/Cargo.toml", "");
        self.write("book/src/progress.md", "# Progress {#progress}\n\n{{#progress}}\n\nEnd.\n");
        let listed = "\n## Exercises {#exercises}\n\n{{#exercises}}\n";
        self.write("book/src/waker/page.md", &format!("{WAKER}{listed}"));
        let pages = "[Start](start.md)\n[Progress](progress.md)\n\n- [Waker](waker/page.md)\n";
        self.write("book/src/SUMMARY.md", &format!("{pages}{end}"));
    }

    fn copy(&self, from: &Path, to: &Path) {
        for entry in from.read_dir().expect("the folder is there") {
            let entry = entry.expect("the folder can be listed");
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                self.copy(&entry.path(), &to);
            } else {
                let text = std::fs::read_to_string(entry.path()).expect("a theme is text");
                self.write(to.to_str().expect("our names are ASCII"), &text);
            }
        }
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

/// An exercise.toml.
fn spec(title: &str, minutes: u32, test: &str) -> String {
    format!(
        "title = \"{title}\"\npage = \"waker/page.md\"\nminutes = {minutes}\ncore = true\n\
         tests = [\"{test}\"]\nseal = \"\"\n"
    )
}

const SOLUTION: &str = "/// Shouts.
impl Echo {
    /// Echoes.
    fn echo() {}
}
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

const MISCONCEPTIONS: &str = "# Misconceptions {#misconceptions}

| | Mistake | Page | Caught by |
|---|---|---|---|
| M7 | Bytes lost. | [Waker](waker/page.md) |
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
