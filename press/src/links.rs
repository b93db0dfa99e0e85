//! Finds the links of a page, in Markdown and in HTML, and those that are none although they
//! look like it.

use super::targets::Targets;
use super::{html, markdown};
use pulldown_cmark::{BrokenLink, Event, LinkType, Parser, Tag};
use std::path::Path;

/// What is wrong with the links of a page, which is `path` below book/src: line numbers, counted
/// from 1, and sentences.
pub(super) fn problems(path: &Path, page: &str, targets: &Targets) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut broken = Vec::new();
    let callback = |link: BrokenLink<'_>| {
        broken.extend(no_link(page, &link).map(|message| (link.span.start, message)));
        None
    };
    let parser = Parser::new_with_broken_link_callback(page, markdown::options(), Some(callback));
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Link { link_type: LinkType::Email, dest_url, .. }) => {
                found.push((range.start, targets.link(path, &format!("mailto:{dest_url}"))));
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                found.push((range.start, targets.link(path, &dest_url)));
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                found.push((range.start, targets.image(path, &dest_url)));
            }
            // Its own text: in a quote, the page has a `>` at the beginning of each line.
            Event::InlineHtml(html) => found.extend(of_html(path, &html, range.start, targets)),
            Event::Start(Tag::HtmlBlock) => {
                found.extend(of_html(path, &page[range.clone()], range.start, targets));
            }
            _ => {}
        }
    }
    let wrong = found.into_iter().filter_map(|(byte, followed)| Some((byte, followed.err()?)));
    broken.extend(wrong);
    broken.into_iter().map(|(byte, message)| (markdown::line(page, byte), message)).collect()
}

/// Follows the links and images of some HTML, which stands at the byte `start`.
fn of_html(
    path: &Path,
    html: &str,
    start: usize,
    targets: &Targets,
) -> Vec<(usize, Result<(), String>)> {
    let attributes = html::attributes(html).into_iter();
    attributes
        .filter_map(|attribute| match (attribute.tag, attribute.name) {
            ("a", "href") => Some((start + attribute.at, targets.link(path, attribute.value))),
            ("img", "src") => Some((start + attribute.at, targets.image(path, attribute.value))),
            _ => None,
        })
        .collect()
}

/// What to do about a link that Markdown takes for text, if it was meant as one.
fn no_link(page: &str, link: &BrokenLink<'_>) -> Option<String> {
    let reference = &link.reference;
    match link.link_type {
        LinkType::ReferenceUnknown
        | LinkType::CollapsedUnknown
        | LinkType::Reference
        | LinkType::Collapsed => Some(format!(
            "nothing defines `[{reference}]`, so the reader sees the brackets: write `[text](page.md)`, or add a line `[{reference}]: page.md`."
        )),
        // `[text]` alone is often meant as text.
        _ if page[link.span.end..].starts_with('(') => Some(format!(
            "`[{reference}](` begins a link that does not end, so the reader sees the brackets: close it, and write spaces in it as `%20`."
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Lines and messages for a page `a.md` beside a page `b.md` with the id `b`.
    fn found(page: &str) -> Vec<(usize, String)> {
        let pages = ["a.md", "b.md"].map(|page| (page.into(), BTreeSet::from(["b".to_owned()])));
        let targets = Targets { source: "/nowhere".into(), pages: BTreeMap::from(pages) };
        problems(Path::new("a.md"), page, &targets)
    }

    fn lines(page: &str) -> Vec<usize> {
        found(page).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn links_that_lead_somewhere_are_no_problem() {
        let page = "[b](b.md#b), *[`c`][ref]*, <https://example.org>, <a href=\"#b\">x</a> and [^1]

[ref]: b.md 'title'
[^1]: A note, a[0], [not a link], - [ ]
";
        assert_eq!(found(page), []);
    }

    #[test]
    fn links_are_found_wherever_they_stand() {
        let page = "# [a](x.md) {#a}

| [b](x.md) |
|---|
| text ![c](x.svg) |

> - [d]
>   and <a
>   href=\"x.md\">e</a>

<details><summary>

term [f][d]
: <img src=\"x.svg\">

[d]: x.md
";
        assert_eq!(lines(page), [1, 3, 5, 7, 8, 13, 14]);
    }

    #[test]
    fn code_holds_no_links() {
        assert_eq!(found("`[a](x.md)` and\n\n```text\n[b][c] <a href=\"x.md\">\n```\n"), []);
    }

    #[test]
    fn references_without_a_definition_are_reported() {
        for page in ["\n[text][nowhere]\n", "\n[nowhere][]\n"] {
            let found = found(page);
            assert_eq!(found.len(), 1, "{page}: {found:?}");
            assert_eq!(found[0].0, 2);
            assert!(found[0].1.starts_with("nothing defines `[nowhere]`"), "{found:?}");
        }
    }

    #[test]
    fn a_link_that_does_not_end_is_reported() {
        let found = found("see [b](b page.md) and [c](b.md");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].1.contains("write spaces in it as `%20`"), "{found:?}");
    }

    #[test]
    fn an_address_of_mail_is_no_page() {
        assert!(found("<someone@example.org>")[0].1.starts_with("`mailto:someone@example.org`"));
    }
}
