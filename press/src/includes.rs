//! Resolves one `{{#include path:part}}`: mdBook would log a mistake and render an empty
//! listing.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use workshop::nearest::did_you_mean;

/// Checks that `arguments`, written in a page of `folder`, name text inside the workspace, and
/// returns the file.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub(super) fn resolve(arguments: &str, folder: &Path, workspace: &Path) -> Result<PathBuf, String> {
    let target = arguments.split_whitespace().next().unwrap_or_default();
    let (path, part) = target.split_once(':').unwrap_or((target, ""));
    if path.is_empty() {
        return Err("no file is named: write `{{#include path/from/this/page.rs:anchor}}`.".into());
    }
    let file = folder.join(path);
    if !file.is_file() {
        return Err(missing_file(path, &file));
    }
    let inside =
        file.canonicalize().and_then(|file| Ok(file.starts_with(workspace.canonicalize()?)));
    if !inside.is_ok_and(|inside| inside) {
        return Err(format!(
            "`{path}` is outside the workspace, where no test compiles it: move the file into the workspace."
        ));
    }
    let text = std::fs::read_to_string(&file).map_err(|error| {
        format!("`{path}` cannot be read ({error}): include a UTF-8 text file.")
    })?;
    let shown = shown(&text, path, part)?;
    let is_mark = |line: &&str| {
        ["ANCHOR:", "ANCHOR_END:"].iter().any(|mark| anchor_name(line, mark).is_some())
    };
    let lines = text.lines().skip(shown.start() - 1).take(shown.end() + 1 - shown.start());
    let selected: Vec<_> = lines.filter(|line| part.is_empty() || !is_mark(line)).collect();
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
    Ok(file)
}

/// The file that `arguments` name, and the lines of it that are shown, counted from 1. None for what
/// does not resolve.
pub(super) fn lines_of(arguments: &str, folder: &Path) -> Option<(PathBuf, RangeInclusive<usize>)> {
    let target = arguments.split_whitespace().next()?;
    let (path, part) = target.split_once(':').unwrap_or((target, ""));
    let file = folder.join(path);
    let text = std::fs::read_to_string(&file).ok()?;
    let lines = shown(&text, path, part).ok()?;
    Some((file, lines))
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

/// Names the nearest file of the same folder, or the folder that is missing.
fn missing_file(path: &str, file: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(entries) = file.parent().and_then(|folder| folder.read_dir().ok()) else {
        return format!(
            "the folder of `{path}` does not exist: the path starts at the folder of this page."
        );
    };
    let names: Vec<_> = entries.flatten().filter_map(|entry| name(&entry.path())).collect();
    let wanted = name(file).unwrap_or_default();
    let otherwise = ": the path starts at the folder of this page.";
    format!(
        "`{path}` does not exist{}",
        did_you_mean(&wanted, names.iter().map(String::as_str), otherwise)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    /// What `resolve` says about `arguments` in a page beside the listing `code.rs`.
    fn error(code: &str, arguments: &str) -> String {
        let workspace = Workspace::empty();
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
            ("nowhere/code.rs", "the folder of `nowhere/code.rs` does not exist"),
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
}
