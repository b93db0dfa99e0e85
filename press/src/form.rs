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
    let mut previous = (0, "");
    for &(number, line) in prose {
        let underlined = is_underline(line) && previous.0 + 1 == number && is_paragraph(previous.1);
        previous = (number, line);
        if underlined {
            let message = "a line of `=` or `-` under text makes a heading of it: write `## Title {#id}`, or a blank line between them.";
            problems.push((number, message.to_owned()));
        }
        let Some((level, title)) = heading(line) else {
            continue;
        };
        match explicit_id(title) {
            Some(id) => {
                if let Some(first) = first_use.get(id) {
                    let message = format!(
                        "the id `{id}` is taken by line {first}, so links to it end there: choose another."
                    );
                    problems.push((number, message));
                }
                first_use.entry(id).or_insert(number);
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
    let (_, attributes) = title.trim_end().strip_suffix('}')?.rsplit_once('{')?;
    attributes
        .split_whitespace()
        .find_map(|word| word.strip_prefix('#'))
        .filter(|id| !id.is_empty())
}

fn is_underline(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && (line.chars().all(|c| c == '=') || line.chars().all(|c| c == '-'))
}

/// Whether a line is text that an underline would turn into a heading. Tables, lists, quotes
/// and HTML are not.
fn is_paragraph(line: &str) -> bool {
    line.trim_start().starts_with(|c: char| c.is_alphanumeric() || "`[*_\"'({".contains(c))
        && !line.starts_with("* ")
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
        [one] if one.name.ends_with("include") && one.span == (0..line.trim_end().len())
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
    fn headings_of_three_levels_need_an_id() {
        assert_eq!(
            problem("# A {#a}\n\n### B {#b .x}\n\n#### C\n\n#tag\n\n    # code\n"),
            (0, String::new())
        );
        for level in ["# ", "## ", "### "] {
            let (line, message) = problem(&format!("text\n\n{level}Title\n"));
            assert_eq!(line, 3);
            assert!(message.contains(&format!("write `{level}Title {{#some-id}}`")), "{message}");
        }
    }

    #[test]
    fn ids_are_unique_in_a_page() {
        let (line, message) = problem("# A {#a}\n## B {#a}\n");
        assert_eq!(line, 2);
        assert!(message.starts_with("the id `a` is taken by line 1"), "{message}");
    }

    #[test]
    fn a_hash_in_a_code_block_is_no_heading() {
        assert_eq!(problem("```console\n# ls\n```\n"), (0, String::new()));
    }

    #[test]
    fn underlined_headings_are_reported() {
        assert_eq!(problem("Title\n---\n").0, 2);
        assert_eq!(problem("Title\n\n---\n\n| a |\n---\n- x\n---\n").0, 0);
    }

    #[test]
    fn rust_is_included() {
        for page in [
            "```rust\n{{#include a.rs:x}}\n\n// below\n{{#rustdoc_include b.rs:y}}\n```\n",
            "- item\n\n  ```rust,noplayground\n  {{#include a.rs}}\n  ```\n",
            "```text\nfn main() {}\n```\n",
        ] {
            assert_eq!(problem(page), (0, String::new()), "{page}");
        }
        for body in ["fn main() {}", "{{#include a.rs:x}}\nfn f() {}"] {
            let (line, message) = problem(&format!("a\n```rust\n{body}\n```\n"));
            assert_eq!(line, 2);
            assert!(message.starts_with("no compiler sees this Rust: `{{#include}}`"), "{message}");
        }
    }

    #[test]
    fn a_fence_that_never_ends_is_reported() {
        assert!(problem("```console\n$ ls\n").1.contains("does not end"));
    }
}
