//! Finds in a page what the checks look at: `{{#name arguments}}`, code blocks, and headings.

use std::ops::Range;
use std::sync::LazyLock;

use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use regex::Regex;

/// One `{{#name arguments}}`.
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
pub(super) struct Fence<'a> {
    /// The line that opens it, counted from 1.
    pub(super) line: usize,
    /// The byte of the page at which this line starts.
    pub(super) at: usize,
    /// The words after the opening fence: language and attributes.
    pub(super) words: Vec<&'a str>,
    pub(super) body: Vec<&'a str>,
    pub(super) closed: bool,
}

/// `## A title {#id}`.
pub(super) struct Heading<'a> {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) level: HeadingLevel,
    /// As it is written, without what stands in braces.
    pub(super) text: &'a str,
    pub(super) id: Option<String>,
}

/// What the checks look at of a page's Markdown.
#[derive(Default)]
pub(super) struct Outline<'a> {
    pub(super) fences: Vec<Fence<'a>>,
    pub(super) headings: Vec<Heading<'a>>,
}

/// As mdBook finds them. The first group is a backslash, which makes it text; the last one is empty when the
/// line ends before `}}`.
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\\?)\{\{[ \t]*#(\w*)([^}\n]*)(\}\}|)").expect("a test compiles it")
});

/// All directives of a page in the order they stand. mdBook expands them in code blocks as
/// well.
pub(super) fn directives(page: &str) -> Vec<Directive<'_>> {
    let all = DIRECTIVE.captures_iter(page).filter_map(|found| {
        let span = found.get_match().range();
        let line = line(page, span.start);
        let (_, [escape, name, arguments, end]) = found.extract();
        let arguments = (!end.is_empty()).then_some(arguments.trim());
        escape.is_empty().then_some(Directive { span, line, name, arguments })
    });
    all.collect()
}

/// Finds the code blocks and headings of a page, where mdBook finds them.
pub(super) fn outline(page: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let parser = new_cmark_parser(page, &MarkdownOptions::default());
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                outline.fences.push(fence(page, range));
            }
            Event::Start(Tag::Heading { level, id, .. }) => {
                let line = line(page, range.start);
                let text = page[range].split(" {#").next().unwrap_or_default().trim();
                let id = id.map(String::from);
                outline.headings.push(Heading { line, level, text, id });
            }
            _ => {}
        }
    }
    outline
}

fn fence(page: &str, range: Range<usize>) -> Fence<'_> {
    let at = page[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = line(page, range.start);
    // Those in lists and quotes stand behind spaces and `>`.
    let mut body: Vec<_> =
        page[range].lines().map(|line| line.trim_start_matches([' ', '\t', '>'])).collect();
    let first = body.remove(0);
    let words = first.trim_start_matches(['`', '~']);
    let marks = &first[..first.len() - words.len()];
    let words = words.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    let closed = body.pop_if(|last| last.trim_end().ends_with(marks)).is_some();
    Fence { line, at, words, body, closed }
}

/// The line of this byte, counted from 1.
fn line(page: &str, at: usize) -> usize {
    page[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_stands_on_one_line() {
        let page =
            "a {{#x y}}\n| {{{#matrix}} |\n{{ name }} {{#include a.rs\n}} \\{{#x}} {{ #x  y }}";
        let found = directives(page).into_iter();
        let found: Vec<_> = found.map(|d| (d.span, d.line, d.name, d.arguments)).collect();
        let expected = [
            (2..10, 1, "x", Some("y")),
            (14..25, 2, "matrix", Some("")),
            (39..54, 3, "include", None),
            (66..77, 4, "x", Some("y")),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_page_has_the_blocks_and_headings_that_mdbook_shows() {
        let page = "# A `b` {#a .x}\n````rust,ignore\n```\nx\n````\n> ~~~text\n> y\n> ~~~\n\
                    <!--\n```\n# no\n-->\n```code``` `#`\n#tag\n\n    # code\n\n### C\n```\nz\n";
        let Outline { fences, headings } = outline(page);
        let fences: Vec<_> =
            fences.iter().map(|f| (f.line, &*f.words, &*f.body, f.closed)).collect();
        assert_eq!(fences[0], (2, &["rust", "ignore"][..], &["```", "x"][..], true));
        assert_eq!(fences[1], (6, &["text"][..], &["y"][..], true));
        assert_eq!(fences[2], (19, &[][..], &["z"][..], false));
        let headings: Vec<_> = headings.iter().map(|h| (h.line, h.text, h.id.as_deref())).collect();
        assert_eq!(headings, [(1, "# A `b`", Some("a")), (18, "### C", None)]);
    }
}
