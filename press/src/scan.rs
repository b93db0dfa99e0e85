//! Finds in a page what the checks look at: `{{#name arguments}}`, fenced blocks, and the prose
//! between them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// One `{{#name arguments}}`. Escaped ones (`\{{#`) are text, and not found.
#[derive(Debug, PartialEq)]
pub(super) struct Directive<'a> {
    /// Bytes of the page from `{{` to `}}`.
    pub(super) span: Range<usize>,
    /// The line it starts on, counted from 1.
    pub(super) line: usize,
    /// `include` in `{{#include a.rs}}`.
    pub(super) name: &'a str,
    /// What stands after the name, trimmed. None when the line ends before `}}`.
    pub(super) arguments: Option<&'a str>,
}

/// A block between two ``` or ~~~ lines.
#[derive(Debug, PartialEq)]
pub(super) struct Fence<'a> {
    /// The line that opens it, counted from 1.
    pub(super) line: usize,
    /// The words after the opening fence: language and attributes.
    pub(super) words: Vec<&'a str>,
    pub(super) body: Vec<&'a str>,
    pub(super) closed: bool,
}

/// A page, split into code and prose.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    pub(super) fences: Vec<Fence<'a>>,
    /// Line numbers, counted from 1, and lines outside fences and HTML comments.
    pub(super) prose: Vec<(usize, &'a str)>,
}

/// A directive, or an escaped one, which reaches to the last `}}` of its line, as mdBook has it.
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\\\{\{[^\S\n]*#(?:.*\}\})?|\{\{[^\S\n]*#(?<name>[^\s}]*)(?:(?<arguments>.*?)\}\}|.*)",
    )
    .expect("a test compiles it")
});

/// All directives of a page in the order they stand. mdBook expands them in code blocks as
/// well.
pub(super) fn directives(page: &str) -> Vec<Directive<'_>> {
    let directive = |found: Captures<'_>| {
        let span = found.get(0)?.range();
        Some(Directive {
            line: page[..span.start].matches('\n').count() + 1,
            name: &page[found.name("name")?.range()],
            arguments: found.name("arguments").map(|arguments| page[arguments.range()].trim()),
            span,
        })
    };
    DIRECTIVE.captures_iter(page).filter_map(directive).collect()
}

/// Splits a page into fenced blocks and prose.
pub(super) fn outline(page: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let mut open: Option<(&str, Fence<'_>)> = None;
    let mut in_comment = false;
    for (number, line) in (1..).zip(page.lines()) {
        // Fences also stand in lists and quotes, behind spaces and `>`.
        let bare = line.trim_start_matches([' ', '\t', '>']);
        if let Some((marker, mut fence)) = open.take() {
            let closes =
                bare.starts_with(marker) && bare.trim_end().chars().all(|c| marker.starts_with(c));
            if closes {
                fence.closed = true;
                outline.fences.push(fence);
            } else {
                fence.body.push(bare);
                open = Some((marker, fence));
            }
        } else if in_comment {
            in_comment = !line.contains("-->");
        } else if let Some(marker) = fence_marker(bare) {
            let words = bare[marker.len()..]
                .split(|c: char| c == ',' || c.is_whitespace())
                .filter(|word| !word.is_empty())
                .collect();
            let fence = Fence { line: number, words, body: Vec::new(), closed: false };
            open = Some((marker, fence));
        } else {
            in_comment = line.rfind("<!--") > line.rfind("-->");
            outline.prose.push((number, line));
        }
    }
    outline.fences.extend(open.map(|(_, fence)| fence));
    outline
}

/// The run of three or more backticks or tildes that opens a fence.
fn fence_marker(line: &str) -> Option<&str> {
    let first = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(first).len();
    let inline_code = first == '`' && line[length..].contains('`');
    (length >= 3 && !inline_code).then(|| &line[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(page: &str) -> Vec<(&str, Option<&str>)> {
        directives(page).iter().map(|d| (d.name, d.arguments)).collect()
    }

    #[test]
    fn directives_are_found_in_sentences_and_tables() {
        let page = "Costs {{#result a.json x.y}} KiB.\n| {{ #result  b.json z }} |\n";
        let found = names(page);
        assert_eq!(found, [("result", Some("a.json x.y")), ("result", Some("b.json z"))]);
        assert_eq!(directives(page)[1].line, 2);
        assert_eq!(&page[directives(page)[0].span.clone()], "{{#result a.json x.y}}");
    }

    #[test]
    fn escaped_directives_are_text_to_the_last_brace_of_the_line() {
        assert_eq!(
            names("\\{{#include a}} {{#include b}}\n{{#include c}}"),
            [("include", Some("c"))]
        );
        assert_eq!(names("\\{{#include a\n{{#include c}}"), [("include", Some("c"))]);
    }

    #[test]
    fn a_directive_ends_on_its_line() {
        assert_eq!(names("{{#include a.rs\n}}"), [("include", None)]);
        assert_eq!(names("{{#matrix}}"), [("matrix", Some(""))]);
        assert_eq!(names("{{ name }} {{{#x y}}"), [("x", Some("y"))]);
    }

    #[test]
    fn fences_end_at_a_fence_as_long_as_the_first() {
        let page = "a\n````rust,ignore\n```\nx\n````\nb\n> ~~~text\n> y\n> ~~~\n";
        let outline = outline(page);
        assert_eq!(outline.fences[0].words, ["rust", "ignore"]);
        assert_eq!(outline.fences[0].body, ["```", "x"]);
        assert_eq!(outline.fences[1].body, ["y"]);
        assert_eq!(outline.prose, [(1, "a"), (6, "b")]);
    }

    #[test]
    fn inline_code_and_comments_open_no_fence() {
        let outline = outline("```code``` here\n<!--\n```\n# no\n-->\n<!-- x --> z\nb\n");
        assert!(outline.fences.is_empty());
        let lines: Vec<_> = outline.prose.iter().map(|(n, _)| *n).collect();
        assert_eq!(lines, [1, 2, 6, 7]);
    }
}
