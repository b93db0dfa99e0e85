//! Resolves one `{{#include path:part}}`: mdBook would log a mistake and render an empty
//! listing.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use workshop::nearest::did_you_mean;

/// What of a file is included.
#[derive(Debug, PartialEq)]
enum Part<'a> {
    Whole,
    Anchor(&'a str),
    /// First and last line, counted from 1. No last line: to the end of the file.
    Lines(usize, Option<usize>),
}

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
    let part = parse_part(part)?;
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
    let selected = match part {
        Part::Whole => text.lines().collect(),
        Part::Anchor(name) => anchored(&text, path, name)?,
        Part::Lines(first, last) => lines(&text, path, first, last)?,
    };
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
    let marked = |marker: &str, name: &str| {
        (1..).zip(text.lines()).find(|(_, line)| anchor_name(line, marker) == Some(name))
    };
    let lines = match parse_part(part).ok()? {
        Part::Whole => 1..=text.lines().count(),
        Part::Lines(first, last) => first..=last.unwrap_or(text.lines().count()),
        Part::Anchor(name) => {
            let (first, last) = (marked("ANCHOR:", name)?.0, marked("ANCHOR_END:", name)?.0);
            first + 1..=last - 1
        }
    };
    Some((file, lines))
}

/// Reads `anchor`, `7`, `7:`, `:9` or `7:9`.
fn parse_part(part: &str) -> Result<Part<'_>, String> {
    let number = |text: &str| text.parse::<usize>().ok();
    let (start, end) = part.split_once(':').map_or((part, None), |(s, e)| (s, Some(e)));
    match (start, number(start), end) {
        ("", _, None | Some("")) => Ok(Part::Whole),
        (_, Some(first), None) => Ok(Part::Lines(first, Some(first))),
        (_, Some(first), Some("")) => Ok(Part::Lines(first, None)),
        ("", _, Some(end)) if number(end).is_some() => Ok(Part::Lines(1, number(end))),
        (_, Some(first), Some(end)) if number(end).is_some() => Ok(Part::Lines(first, number(end))),
        (name, None, None) => Ok(Part::Anchor(name)),
        _ => Err(format!(
            "`{part}` is neither an anchor nor lines: write `:anchor`, `:7`, `:7:` or `:7:9`."
        )),
    }
}

/// The lines between `ANCHOR: name` and `ANCHOR_END: name`, without the comments of other
/// anchors.
fn anchored<'a>(text: &'a str, path: &str, name: &str) -> Result<Vec<&'a str>, String> {
    let starts = || text.lines().filter_map(|line| anchor_name(line, "ANCHOR:"));
    let mut rest = text.lines().skip_while(|line| anchor_name(line, "ANCHOR:") != Some(name));
    if rest.next().is_none() {
        return Err(format!(
            "`{path}` has no line `// ANCHOR: {name}`{}",
            did_you_mean(name, starts(), ": add it, or name another anchor.")
        ));
    }
    let mut selected = Vec::new();
    for line in rest {
        match anchor_name(line, "ANCHOR_END:") {
            Some(end) if end == name => return Ok(selected),
            Some(_) => {}
            None if anchor_name(line, "ANCHOR:").is_some() => {}
            None => selected.push(line),
        }
    }
    Err(format!(
        "anchor `{name}` of `{path}` does not end: add `// ANCHOR_END: {name}` below its last line."
    ))
}

/// `wake` in `// ANCHOR: wake`, for the marker `ANCHOR:`.
fn anchor_name<'a>(line: &'a str, marker: &str) -> Option<&'a str> {
    let name = line[line.find(marker)? + marker.len()..].trim_start();
    let end =
        name.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(name.len());
    (end > 0).then(|| &name[..end])
}

fn lines<'a>(
    text: &'a str,
    path: &str,
    first: usize,
    last: Option<usize>,
) -> Result<Vec<&'a str>, String> {
    let all: Vec<_> = text.lines().collect();
    let last = last.unwrap_or(all.len());
    if first == 0 || first > last || last > all.len() {
        return Err(format!(
            "lines {first} to {last} are not in `{path}`, which has lines 1 to {}: correct the range, or use an anchor.",
            all.len()
        ));
    }
    Ok(all[first - 1..last].to_vec())
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
    fn anchors_lines_and_whole_files_resolve() {
        for part in ["code.rs:wake", "code.rs:3", "code.rs:3:3", "code.rs::1", "code.rs:6:"] {
            assert_eq!(error(CODE, part), "", "{part}");
        }
        assert_eq!(error("fn main() {}", "code.rs"), "");
    }

    #[test]
    fn a_missing_file_names_the_nearest() {
        let message = error(CODE, "cod.rs:wake");
        assert!(
            message.starts_with("`cod.rs` does not exist: did you mean `code.rs`?"),
            "{message}"
        );
        let message = error(CODE, "nowhere/code.rs");
        assert!(message.starts_with("the folder of `nowhere/code.rs` does not exist"), "{message}");
    }

    #[test]
    fn a_missing_anchor_names_the_nearest() {
        let message = error(CODE, "code.rs:wak");
        assert!(message.contains("no line `// ANCHOR: wak`: did you mean `wake`?"), "{message}");
    }

    #[test]
    fn an_anchor_without_its_end_is_reported() {
        assert!(error(CODE, "code.rs:open").contains("add `// ANCHOR_END: open`"));
    }

    #[test]
    fn the_end_of_another_anchor_ends_nothing() {
        let code = "// ANCHOR: a\n// ANCHOR: b\n// ANCHOR_END: b\nfn f() {}\n// ANCHOR_END: a\n";
        assert_eq!(error(code, "code.rs:a"), "");
        assert!(error(code, "code.rs:b").contains("is blank"));
    }

    #[test]
    fn blank_text_is_reported() {
        assert!(
            error("// ANCHOR: a\n\n// ANCHOR_END: a\n", "code.rs:a")
                .contains("`code.rs:a` is blank")
        );
        assert!(error("", "code.rs").contains("blank"));
    }

    #[test]
    fn lines_outside_the_file_are_reported() {
        assert!(
            error(CODE, "code.rs:5:90")
                .contains("lines 5 to 90 are not in `code.rs`, which has lines 1 to 6")
        );
        assert!(error(CODE, "code.rs:0").contains("lines 0 to 0"));
        assert!(error(CODE, "code.rs:3:2").contains("lines 3 to 2"));
        assert!(error(CODE, "code.rs:3:x").contains("neither an anchor nor lines"));
    }

    #[test]
    fn anchor_comments_are_not_shown() {
        assert!(error(CODE, "code.rs").contains("would show its ANCHOR comments"));
    }

    #[test]
    fn a_file_outside_the_workspace_is_reported() {
        let outside = Workspace::empty();
        outside.write("code.rs", "fn f() {}");
        let path = outside.path().join("code.rs");
        assert!(error(CODE, path.to_str().unwrap()).contains("is outside the workspace"));
    }

    #[test]
    fn no_file_is_reported() {
        assert!(error(CODE, "").contains("no file is named"));
        assert!(error(CODE, ":wake").contains("no file is named"));
    }
}
