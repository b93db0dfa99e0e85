//! Resolves one `{{#include path:part}}`: mdBook would log a mistake and render an empty listing, and
//! show Rust that nothing compiles.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// What mdBook takes for the ends of an anchor.
static MARK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(ANCHOR|ANCHOR_END):\s*([\w-]+)").expect("a test compiles it"));

/// Where in a package lies what is compiled, by cargo or by `verify`.
const FOLDERS: [&str; 5] = ["src", "examples", "tests", "benches", "exercises"];

/// What a page shows of a file.
pub(super) struct Include {
    /// Relative to the workspace.
    pub(super) file: PathBuf,
    /// Counted from 1.
    pub(super) lines: RangeInclusive<usize>,
}

/// What `arguments`, written in a page of the workspace at `root`, name.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub(super) fn resolve(arguments: &str, page: &Path, root: &Path) -> Result<Include, String> {
    let target = arguments.split_whitespace().next().unwrap_or_default();
    let (path, part) = target.split_once(':').unwrap_or((target, ""));
    let file = root.join("book/src").join(page).with_file_name(path);
    let text = std::fs::read_to_string(&file).map_err(|error| {
        format!("`{path}` cannot be read ({error}): write the path of a text file, from the folder of this page.")
    })?;
    let lines = shown(&text, path, part)?;
    let selected = text.lines().skip(lines.start() - 1).take(lines.clone().count());
    let mut selected = selected.filter(|line| part.is_empty() || !MARK.is_match(line));
    if selected.clone().all(|line| line.trim().is_empty()) {
        return Err(format!(
            "`{target}` is blank, so the listing would be empty: include lines with text."
        ));
    }
    if selected.any(|line| MARK.is_match(line)) {
        return Err(format!(
            "`{target}` would show its ANCHOR comments to the reader: mdBook hides them only when an anchor is included."
        ));
    }
    let paths = file.canonicalize().ok().zip(root.canonicalize().ok());
    let inside = paths.and_then(|(file, root)| Some(file.strip_prefix(root).ok()?.to_owned()));
    let file = inside.ok_or_else(|| {
        format!("`{path}` is outside the workspace, where no test sees it: move the file into it.")
    })?;
    if file.extension().is_some_and(|extension| extension == "rs") && !is_compiled(&file, root) {
        return Err(format!(
            "nothing compiles `{}`, so it may be wrong: move it into {} of a package that Cargo.toml names as a member.",
            file.display(),
            FOLDERS.map(|folder| format!("{folder}/")).join(", ")
        ));
    }
    Ok(Include { file, lines })
}

/// Whether a file, relative to the workspace, lies in such a folder of one of its packages, or of those
/// that are workspaces of their own beside it. A manifest that cannot be read is cargo's to explain.
fn is_compiled(file: &Path, workspace: &Path) -> bool {
    let text = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = toml::from_str(&text).unwrap_or_default();
    let table = manifest.get("workspace");
    let lists = ["members", "exclude"].iter().filter_map(|list| table?.get(list)?.as_array());
    let mut members = lists.flatten().filter_map(|member| member.as_str());
    members.any(|name| FOLDERS.iter().any(|folder| file.starts_with(Path::new(name).join(folder))))
}

/// The lines of a text between the marks of an anchor, counted from 1; without an anchor all of them.
fn shown(text: &str, path: &str, anchor: &str) -> Result<RangeInclusive<usize>, String> {
    if anchor.is_empty() {
        return Ok(1..=text.lines().count());
    }
    let find = |kind: &str, after: usize| {
        let is_wanted = |line: &str| {
            MARK.captures(line).is_some_and(|mark| mark[1] == *kind && mark[2] == *anchor)
        };
        let mut lines = (1..).zip(text.lines()).skip(after);
        lines.find(|(_, line)| is_wanted(line)).map(|(number, _)| number).ok_or_else(|| {
            format!("`{path}` has no line with `{kind}: {anchor}`: add it, or name another anchor.")
        })
    };
    let first = find("ANCHOR", 0)?;
    let last = find("ANCHOR_END", first)?;
    Ok(first + 1..=last - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn what_does_not_resolve_or_would_not_be_shown_is_a_sentence() {
        let workspace = Workspace::with_book();
        let code = "// ANCHOR: outer\n// ANCHOR: inner\n// ANCHOR_END: inner\nfn wake() {}\n\
                    // ANCHOR_END: outer\n// ANCHOR: open\nfn f() {}\n";
        workspace.write("listing/src/code.rs", code);
        workspace.write("listing/src/part.diff", " }\n // ANCHOR_END: wake\n");
        for (arguments, sentence) in [
            ("code.rs:outer", ""),
            ("cod.rs:outer", "`cod.rs` cannot be read"),
            ("code.rs:wak", "`code.rs` has no line with `ANCHOR: wak`"),
            ("code.rs:open", "`code.rs` has no line with `ANCHOR_END: open`"),
            ("code.rs:5:6", "`code.rs` has no line with `ANCHOR: 5:6`"),
            ("code.rs", "`code.rs` would show its ANCHOR comments"),
            ("part.diff", "`part.diff` would show its ANCHOR comments"),
            ("code.rs:inner", "`code.rs:inner` is blank"),
            ("", "`` cannot be read"),
        ] {
            let page = Path::new("../../listing/src/page.md");
            let error = resolve(arguments, page, workspace.path()).err().unwrap_or_default();
            assert!(error.starts_with(sentence), "{error}");
            assert_eq!(error.is_empty(), sentence.is_empty(), "{error}");
        }
        let outside = Workspace::empty();
        outside.write("a.txt", "text");
        let file = outside.path().join("a.txt").display().to_string();
        let error = resolve(&file, Path::new("start.md"), workspace.path()).err().unwrap();
        assert!(error.contains("is outside the workspace"), "{error}");
    }

    #[test]
    fn rust_lies_where_cargo_compiles_it() {
        let workspace = Workspace::with_book();
        let said = |file: &str| {
            workspace.write(file, "fn main() {}\n");
            let arguments = format!("../../{file}");
            resolve(&arguments, Path::new("start.md"), workspace.path()).err().unwrap_or_default()
        };
        for file in ["listing/src/a/b.rs", "listing/exercises/1/a.rs", "book/sessions/a.txt"] {
            assert_eq!(said(file), "", "{file}");
        }
        for file in ["listing/a.rs", "listing/snippets/a.rs", "other/src/a.rs", "book/src/a.rs"] {
            let said = said(file);
            assert!(said.starts_with(&format!("nothing compiles `{file}`")), "{said}");
        }
    }
}
