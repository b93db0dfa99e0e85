//! Checks the form of a page: headings have ids of their own, and Rust comes from compiled files.

use super::scan::{Fence, Heading, directives, outline};
use mdbook_markdown::pulldown_cmark::HeadingLevel;
use std::collections::HashSet;

/// What is wrong with the headings and code blocks of a page: line numbers, counted from 1, and
/// sentences.
pub(super) fn problems(page: &str) -> Vec<(usize, String)> {
    let outline = outline(page);
    let mut ids = HashSet::new();
    let mut problems = Vec::new();
    for Heading { line, level, text, id } in outline.headings {
        // Links to levels below the third are rare enough to do without.
        if !id.map_or(level > HeadingLevel::H3, |id| ids.insert(id)) {
            let message =
                format!("this heading has no id of its own: write `{text} {{#some-id}}`.");
            problems.push((line, message));
        }
    }
    for fence in &outline.fences {
        problems.extend(code_block(fence).map(|message| (fence.line, message.to_owned())));
    }
    problems
}

/// What is wrong with a code block, if anything.
fn code_block(fence: &Fence<'_>) -> Option<&'static str> {
    if !fence.closed {
        return Some(
            "this code block does not end, and takes the rest of the page with it: close its fence.",
        );
    }
    let is_fine = |line: &&str| line.is_empty() || line.starts_with("//") || is_include(line);
    let comes_from_a_file =
        fence.body.iter().any(|line| is_include(line)) && fence.body.iter().all(is_fine);
    (fence.words.contains(&"rust") && !comes_from_a_file).then_some(
        "no compiler sees this Rust: `{{#include}}` all of it from a compiled file, or make it `text`.",
    )
}

/// Whether a line is an include, and nothing else.
pub(super) fn is_include(line: &str) -> bool {
    matches!(&directives(line)[..], [one] if one.name == "include" && one.span == (0..line.trim_end().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_ids_of_their_own_and_rust_is_included() {
        for (page, line, part) in [
            ("# A {#a}\n\n### B {#b .x}\n\n#### C\n", 0, ""),
            ("text\n\n# A `b`\n", 3, "no id of its own: write `# A `b` {#some-id}`."),
            ("# A {#a}\n### B {#a}\n", 2, "no id of its own: write `### B {#some-id}`."),
            ("```rust\n{{#include a.rs:x}}\n\n// below\n{{#include b.rs:y}}\n```\n", 0, ""),
            ("- item\n\n  ```rust,noplayground\n  {{#include a.rs}}\n  ```\n", 0, ""),
            ("```text\nfn main() {}\n```\n", 0, ""),
            ("a\n```rust\nfn main() {}\n```\n", 2, "no compiler sees this Rust"),
            ("```rust\n{{#include a.rs}}\nfn f() {}\n```\n", 1, "no compiler sees this Rust"),
            ("```rust\n{{#include a.rs}} fn f() {}\n```\n", 1, "no compiler sees this Rust"),
            ("```console\n$ ls\n", 1, "this code block does not end"),
        ] {
            let found = problems(page);
            let (at, message) = found.first().cloned().unwrap_or_default();
            assert!(found.len() < 2 && at == line && message.contains(part), "{page}: {found:?}");
        }
    }
}
