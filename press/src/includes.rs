//! Resolves one `{{#include path:part}}`: mdBook would log a mistake and render an empty listing, and
//! show Rust that nothing compiles.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use workshop::nearest::did_you_mean;

/// Where in a package lies what is compiled, by cargo or by `verify`.
const FOLDERS: [&str; 5] = ["src", "examples", "tests", "benches", "exercises"];

/// What a page shows of a file.
#[derive(Debug)]
pub(super) struct Include {
    /// Relative to the workspace.
    pub(super) file: PathBuf,
    /// Counted from 1.
    pub(super) lines: RangeInclusive<usize>,
}

/// What `arguments`, written in a page of `folder`, name inside the workspace.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub(super) fn resolve(arguments: &str, folder: &Path, workspace: &Path) -> Result<Include, String> {
    let target = arguments.split_whitespace().next().unwrap_or_default();
    let (path, part) = target.split_once(':').unwrap_or((target, ""));
    if path.is_empty() {
        return Err("no file is named: write `{{#include path/from/this/page.rs:anchor}}`.".into());
    }
    let file = folder.join(path);
    if !file.is_file() {
        let entries = file.parent().and_then(|folder| folder.read_dir().ok());
        let entries = entries.into_iter().flatten().flatten().map(|entry| entry.file_name());
        let names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let otherwise = ": the path starts at the folder of this page.";
        let hint = did_you_mean(&name, names.iter().map(String::as_str), otherwise);
        return Err(format!("`{path}` does not exist{hint}"));
    }
    let whole = file.canonicalize().ok().zip(workspace.canonicalize().ok());
    let inside = whole.and_then(|(file, root)| Some(file.strip_prefix(root).ok()?.to_owned()));
    let Some(inside) = inside else {
        return Err(format!(
            "`{path}` is outside the workspace, where no test compiles it: move the file into the workspace."
        ));
    };
    let text = std::fs::read_to_string(&file).map_err(|error| {
        format!("`{path}` cannot be read ({error}): include a UTF-8 text file.")
    })?;
    let lines = shown(&text, path, part)?;
    let is_mark = |line: &&str| {
        ["ANCHOR:", "ANCHOR_END:"].iter().any(|mark| anchor_name(line, mark).is_some())
    };
    let selected = text.lines().skip(lines.start() - 1).take(lines.clone().count());
    let selected: Vec<_> = selected.filter(|line| part.is_empty() || !is_mark(line)).collect();
    if selected.iter().all(|line| line.trim().is_empty()) {
        return Err(format!(
            "`{target}` is blank, so the listing would be empty: include lines with text."
        ));
    }
    if selected.iter().any(|line| anchor_name(line, "ANCHOR:").is_some()) {
        return Err(format!(
            "`{target}` would show its ANCHOR comments to the reader: mdBook hides them only when an anchor is included."
        ));
    }
    if inside.extension().is_some_and(|extension| extension == "rs")
        && !is_compiled(&inside, workspace)
    {
        return Err(format!(
            "nothing compiles `{}`, so it may be wrong: move it into {} of a package that Cargo.toml names as a member.",
            inside.display(),
            FOLDERS.map(|folder| format!("{folder}/")).join(", ")
        ));
    }
    Ok(Include { file: inside, lines })
}

/// Whether a file, relative to the workspace, lies in such a folder of one of its packages, or of those
/// that are workspaces of their own beside it. A manifest that cannot be read is cargo's to explain.
fn is_compiled(file: &Path, workspace: &Path) -> bool {
    let text = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = toml::from_str(&text).unwrap_or_default();
    let table = manifest.get("workspace");
    let lists = ["members", "exclude"].iter().filter_map(|list| table?.get(list)?.as_array());
    let mut members = lists.flatten().filter_map(|member| member.as_str());
    members
        .any(|member| FOLDERS.iter().any(|folder| file.starts_with(Path::new(member).join(folder))))
}

/// The lines of a text between the marks of an anchor, counted from 1; without an anchor all of them.
fn shown(text: &str, path: &str, anchor: &str) -> Result<RangeInclusive<usize>, String> {
    if anchor.is_empty() {
        return Ok(1..=text.lines().count());
    }
    let marked = |mark: &str, after: usize| {
        let mut lines = (1..).zip(text.lines()).skip(after);
        lines.find(|(_, line)| anchor_name(line, mark) == Some(anchor)).map(|(number, _)| number)
    };
    let first = marked("ANCHOR:", 0).ok_or_else(|| {
        let names = text.lines().filter_map(|line| anchor_name(line, "ANCHOR:"));
        let hint = did_you_mean(anchor, names, ": add it, or name another anchor.");
        format!("`{path}` has no line `// ANCHOR: {anchor}`{hint}")
    })?;
    let last = marked("ANCHOR_END:", first).ok_or_else(|| {
        format!(
            "anchor `{anchor}` of `{path}` does not end: add `// ANCHOR_END: {anchor}` below its last line."
        )
    })?;
    Ok(first + 1..=last - 1)
}

/// `wake` in `// ANCHOR: wake`, for the marker `ANCHOR:`.
fn anchor_name<'a>(line: &'a str, marker: &str) -> Option<&'a str> {
    let name = line[line.find(marker)? + marker.len()..].trim_start();
    let end =
        name.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(name.len());
    (end > 0).then(|| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    /// What `resolve` says about `arguments` in a page beside the listing `code.rs`.
    fn error(code: &str, arguments: &str) -> String {
        let workspace = Workspace::empty();
        workspace.write("Cargo.toml", "[workspace]\nmembers = [\"book\"]\n");
        workspace.write("book/src/code.rs", code);
        let folder = workspace.path().join("book/src");
        resolve(arguments, &folder, workspace.path()).err().unwrap_or_default()
    }

    const CODE: &str =
        "use x;\n// ANCHOR: wake\nfn wake() {}\n// ANCHOR_END: wake\n// ANCHOR: open\nfn f() {}\n";

    #[test]
    fn anchors_and_whole_files_resolve() {
        assert_eq!(error(CODE, "code.rs:wake"), "");
        assert_eq!(error("fn main() {}", "code.rs"), "");
        let nested = "// ANCHOR: a\n// ANCHOR: b\n// ANCHOR_END: b\nfn f() {}\n// ANCHOR_END: a\n";
        assert_eq!(error(nested, "code.rs:a"), "");
        assert!(error(nested, "code.rs:b").contains("is blank"));
    }

    #[test]
    fn what_does_not_resolve_is_a_sentence() {
        for (arguments, sentence) in [
            ("cod.rs:wake", "`cod.rs` does not exist: did you mean `code.rs`?"),
            ("nowhere/code.rs", "`nowhere/code.rs` does not exist: the path starts at"),
            ("code.rs:wak", "no line `// ANCHOR: wak`: did you mean `wake`?"),
            ("code.rs:open", "add `// ANCHOR_END: open`"),
            ("code.rs:5:6", "no line `// ANCHOR: 5:6`"),
            ("code.rs", "would show its ANCHOR comments"),
            ("", "no file is named"),
            (":wake", "no file is named"),
        ] {
            let error = error(CODE, arguments);
            assert!(error.contains(sentence), "{arguments}: {error}");
        }
        for (code, part) in [("// ANCHOR: a\n\n// ANCHOR_END: a\n", "code.rs:a"), ("", "code.rs")] {
            assert!(error(code, part).contains("is blank"), "{code}");
        }
        let outside = Workspace::empty();
        outside.write("code.rs", "fn f() {}");
        let path = outside.path().join("code.rs");
        assert!(error(CODE, path.to_str().unwrap()).contains("is outside the workspace"));
    }

    #[test]
    fn rust_lies_where_cargo_compiles_it() {
        let workspace = Workspace::with_book();
        let said = |file: &str| {
            workspace.write(file, "fn main() {}\n");
            resolve(file, workspace.path(), workspace.path()).err().unwrap_or_default()
        };
        for file in ["listing/src/a/b.rs", "listing/examples/a.rs", "listing/exercises/1/a.rs"] {
            assert_eq!(said(file), "", "{file}");
        }
        for file in ["listing/a.rs", "listing/snippets/a.rs", "other/src/a.rs", "book/src/a.rs"] {
            let said = said(file);
            assert!(said.starts_with(&format!("nothing compiles `{file}`")), "{said}");
        }
        assert_eq!(said("book/sessions/a.txt"), "");
    }
}
