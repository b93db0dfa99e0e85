//! Checks the form of a page: headings have ids of their own, and Rust comes from compiled files.

use super::scan::{self, Fence};
use std::collections::HashMap;
use workshop::title::heading;

/// What is wrong with the headings and code blocks of a page: line numbers, counted from 1, and
/// sentences.
pub(super) fn problems(page: &str) -> Vec<(usize, String)> {
    let outline = scan::outline(page);
    let mut problems = headings(&outline.prose);
    problems
        .extend(outline.fences.iter().filter_map(|fence| Some((fence.line, code_block(fence)?))));
    problems
}

fn headings(prose: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut problems = Vec::new();
    let mut first_use: HashMap<&str, usize> = HashMap::new();
    for &(number, line) in prose {
        let Some((level, title)) = heading(line) else { continue };
        match explicit_id(title) {
            Some(id) => {
                let first = *first_use.entry(id).or_insert(number);
                if first != number {
                    let message = format!(
                        "the id `{id}` is taken by line {first}, so links to it end there: choose another."
                    );
                    problems.push((number, message));
                }
            }
            // Links to levels below the third are rare enough to do without.
            None if level > 3 => {}
            None => problems.push((
                number,
                format!(
                    "this heading has no id of its own: write `{} {} {{#some-id}}`.",
                    "#".repeat(level),
                    title.trim()
                ),
            )),
        }
    }
    problems
}

/// `id` in `Title {#id}`.
fn explicit_id(title: &str) -> Option<&str> {
    let (_, attributes) = title.trim_end().strip_suffix('}')?.rsplit_once("{#")?;
    attributes.split_whitespace().next()
}

/// What is wrong with a code block, if anything.
fn code_block(fence: &Fence<'_>) -> Option<String> {
    if !fence.closed {
        return Some("this code block does not end, and takes the rest of the page with it: close its fence.".into());
    }
    let is_included =
        |line: &&str| line.trim().is_empty() || line.starts_with("//") || is_include(line);
    let comes_from_a_file =
        fence.body.iter().any(|line| is_include(line)) && fence.body.iter().all(is_included);
    (fence.words.contains(&"rust") && !comes_from_a_file).then(|| {
        "no compiler sees this Rust: `{{#include}}` all of it from a compiled file, or make it `text`."
            .into()
    })
}

fn is_include(line: &str) -> bool {
    matches!(
        &scan::directives(line)[..],
        [one] if one.name == "include" && one.span == (0..line.trim_end().len())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The only problem of a page, or "".
    fn problem(page: &str) -> (usize, String) {
        let mut problems = problems(page);
        assert!(problems.len() < 2, "{problems:?}");
        problems.pop().unwrap_or_default()
    }

    #[test]
    fn headings_have_ids_of_their_own() {
        for (page, line, sentence) in [
            ("# A {#a}\n\n### B {#b .x}\n\n#### C\n\n#tag\n\n    # code\n", 0, ""),
            ("```console\n# ls\n```\n", 0, ""),
            (
                "text\n\n# Title\n",
                3,
                "this heading has no id of its own: write `# Title {#some-id}`",
            ),
            ("### Title\n", 1, "this heading has no id of its own: write `### Title {#some-id}`"),
            ("# A {#a}\n## B {#a}\n", 2, "the id `a` is taken by line 1"),
        ] {
            let (at, message) = problem(page);
            assert!(at == line && message.starts_with(sentence), "{page}: {at} {message}");
        }
    }

    #[test]
    fn rust_is_included() {
        for (page, line, sentence) in [
            ("```rust\n{{#include a.rs:x}}\n\n// below\n{{#include b.rs:y}}\n```\n", 0, ""),
            ("- item\n\n  ```rust,noplayground\n  {{#include a.rs}}\n  ```\n", 0, ""),
            ("```text\nfn main() {}\n```\n", 0, ""),
            ("a\n```rust\nfn main() {}\n```\n", 2, "no compiler sees this Rust"),
            ("```rust\n{{#include a.rs:x}}\nfn f() {}\n```\n", 1, "no compiler sees this Rust"),
            ("```console\n$ ls\n", 1, "this code block does not end"),
        ] {
            let (at, message) = problem(page);
            assert!(at == line && message.starts_with(sentence), "{page}: {at} {message}");
        }
    }
}
