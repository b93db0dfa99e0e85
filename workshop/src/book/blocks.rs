//! Compiles the Rust that is written in the pages: all of it at once, as programs of one
//! generated package.

use super::check::{self, Problem};
use super::{form, scan};
use crate::cargo::{Build, Built};
use crate::package::write;
use anyhow::{Context, ensure};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A block of Rust in a page.
struct Block {
    /// Below book/src.
    page: PathBuf,
    /// The line of its fence, counted from 1.
    line: usize,
    /// Like `2021`, if it is not the book's.
    edition: Option<String>,
    /// The code with which rustc must refuse it.
    fails_with: Option<String>,
    /// A program. Each line of the block is on the line that it has in the page.
    program: String,
}

/// The blocks that do not compile, or that should not and do. Nothing is generated, and cargo
/// is not started, when there are none.
///
/// # Errors
/// A page cannot be read, the package not be written, or cargo not work.
pub(super) fn problems(workspace: &Path) -> anyhow::Result<Vec<Problem>> {
    let mut blocks = Vec::new();
    for page in check::pages(workspace)? {
        let file = workspace.join("book/src").join(&page);
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        blocks.extend(in_page(&page, &text));
    }
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    let folder = workspace.join("target/workshop/blocks/package");
    generate(&folder, &blocks, &edition(workspace))?;
    // As cargo names it in its messages.
    let folder = folder.canonicalize().context("the generated package has just been written")?;
    let target = Some(std::path::absolute(workspace.join("target/workshop/blocks/target"))?);
    let arguments = vec!["--bins".to_owned()];
    let check = Build { folder: &folder, command: "check", arguments, target, colour: false };
    let mut built = check.run(|| ())?;
    let judged = blocks.iter().map(|block| {
        let message = block.judge(&built.take(&folder.join(block.file())))?;
        let file = Path::new("book/src").join(&block.page);
        Some(Problem { file, line: block.line, message })
    });
    let problems = judged.flatten().collect();
    let others = built.other_errors();
    ensure!(others.is_empty(), "rustc complains of programs that are no blocks:\n{others}");
    Ok(problems)
}

fn in_page(page: &Path, text: &str) -> Vec<Block> {
    let fences = scan::outline(text).fences;
    let written = fences.iter().filter(|fence| fence.closed && form::is_written_rust(fence));
    let block = |fence: &scan::Fence<'_>| Block {
        page: page.to_owned(),
        line: fence.line,
        edition: fence
            .words
            .iter()
            .find_map(|word| word.strip_prefix("edition"))
            .map(str::to_owned),
        fails_with: form::expected_error(fence).map(str::to_owned),
        program: program(fence),
    };
    written.map(block).collect()
}

/// The block as a program, with the lines that mdBook hides from the reader.
fn program(fence: &scan::Fence<'_>) -> String {
    let lines: Vec<_> = fence.body.iter().map(|line| shown_to_rustc(line)).collect();
    let has_main = lines.iter().any(|line| line.contains("fn main("));
    let (open, close) = if has_main { ("", "") } else { ("fn main() {", "}\n") };
    format!("{}{open}\n{}\n{close}", "\n".repeat(fence.line - 1), lines.join("\n"))
}

/// A line without the `# ` that hides it; `##` is how a line begins with `#`.
fn shown_to_rustc(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some("") => "",
        Some(rest) if rest.starts_with('#') => rest,
        Some(rest) => rest.strip_prefix(' ').unwrap_or(line),
        None => line,
    }
}

impl Block {
    /// Where its program is, in the generated package: rustc's words then name page and line.
    fn file(&self) -> PathBuf {
        format!("{}.{}.rs", self.page.display(), self.line).into()
    }

    /// What to do about it, if anything.
    fn judge(&self, built: &Built) -> Option<String> {
        let codes: Vec<_> = built.errors.iter().filter_map(|error| error.code.as_deref()).collect();
        let words: String = built.errors.iter().map(|error| error.rendered.as_str()).collect();
        match &self.fails_with {
            None if built.errors.is_empty() => None,
            None => Some(format!(
                "this block does not compile: correct it, or, if it needs more than the standard library, put it into a stage and `{{{{#include}}}}` it. rustc says:\n{words}"
            )),
            Some(code) if built.errors.is_empty() => Some(format!(
                "rustc accepts this block, which is marked `compile_fail,{code}`: take the mark off, or let it fail again."
            )),
            Some(code) if codes.contains(&code.as_str()) => None,
            Some(code) => {
                let found = if codes.is_empty() { "no code".to_owned() } else { codes.join(", ") };
                Some(format!(
                    "this block should fail with {code}, and fails with {found}: correct the block, or the code. rustc says:\n{words}"
                ))
            }
        }
    }
}

/// Writes a package with a program for each block. What has not changed stays, so that cargo checks
/// only what is new.
fn generate(folder: &Path, blocks: &[Block], edition: &str) -> anyhow::Result<()> {
    let mut manifest = format!(
        "[package]\nname = \"blocks\"\nedition = \"{edition}\"\nautobins = false\n\n\
         # A workspace of its own, although it lies inside another.\n[workspace]\n"
    );
    for (number, block) in blocks.iter().enumerate() {
        write(&folder.join(block.file()), &block.program)?;
        let path = toml::Value::from(block.file().to_string_lossy().into_owned());
        writeln!(manifest, "\n[[bin]]\nname = \"block_{number}\"\npath = {path}")?;
        if let Some(edition) = &block.edition {
            writeln!(manifest, "edition = \"{edition}\"")?;
        }
    }
    write(&folder.join("Cargo.toml"), &manifest)
}

/// The edition of the book's Rust.
fn edition(workspace: &Path) -> String {
    let text = std::fs::read_to_string(workspace.join("book/book.toml")).unwrap_or_default();
    let book: toml::Table = toml::from_str(&text).unwrap_or_default();
    let edition = book.get("rust").and_then(|rust| rust.get("edition"));
    edition.and_then(toml::Value::as_str).unwrap_or("2024").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::fixture::Workspace;

    fn found(page: &str) -> Vec<(usize, String)> {
        let workspace = Workspace::with_book();
        workspace.write("book/src/waker/page.md", page);
        // Not every caller's path is as short as it could be.
        let problems = problems(&workspace.path().join("book/..")).unwrap();
        problems.into_iter().map(|problem| (problem.line, problem.message)).collect()
    }

    #[test]
    fn each_block_is_judged_by_rustc() {
        let page = "# W {#w}

```rust
let hidden = 1;
# assert_eq!(hidden, 1);
```

```rust,edition2015
fn main() { let async = 1; drop(async); }
```

```rust
let text: &str = 1;
```

```rust,compile_fail,E0382
let a = String::new(); drop(a); drop(a);
```

```rust,compile_fail,E0382
let a = 1; drop(a); drop(a);
```

```rust,compile_fail,E0499
let a = String::new();
drop(a);
drop(a);
```

```text
let x = ;
```
";
        let found = found(page);
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [12, 20, 24]);
        let [(_, wrong), (_, accepted), (_, other)] = &found[..] else { panic!("three") };
        assert!(wrong.starts_with("this block does not compile: "), "{wrong}");
        assert!(
            wrong.contains("error[E0308]") && wrong.contains("waker/page.md.12.rs:13:"),
            "{wrong}"
        );
        assert!(accepted.starts_with("rustc accepts this block"), "{accepted}");
        assert!(other.starts_with("this block should fail with E0499, and fails with E0382: "));
    }

    #[test]
    fn without_blocks_nothing_is_generated() {
        let workspace = Workspace::with_book();
        assert_eq!(problems(workspace.path()).unwrap(), []);
        assert!(!workspace.path().join("target").exists());
    }

    #[test]
    fn lines_that_mdbook_hides_are_compiled() {
        let lines = ["# let a = 1;", "#", "##[allow(unused)]", "#[allow(unused)]", "let b = 2;"];
        let shown = ["let a = 1;", "", "#[allow(unused)]", "#[allow(unused)]", "let b = 2;"];
        assert_eq!(lines.map(shown_to_rustc), shown);
    }
}
