//! The sentences of a page, without code, addresses and directives.

use super::{html, markdown, scan};
use pulldown_cmark::{Event, Tag, TagEnd};

/// What a reader reads in one go: a paragraph, a heading, a cell of a table.
#[derive(Debug, Default)]
pub(super) struct Passage {
    /// Code and directives are one character that stands in no word.
    pub(super) text: String,
    /// Where in `text` each piece of the page begins, and on which line it stands.
    pieces: Vec<(usize, usize)>,
}

impl Passage {
    /// The line that holds this byte of the text, counted from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        let begun = self.pieces.iter().take_while(|(start, _)| *start <= byte);
        begun.last().map_or(1, |(_, line)| *line)
    }

    fn push(&mut self, text: &str, line: usize) {
        self.pieces.push((self.text.len(), line));
        self.text += text;
    }
}

/// Stands for what is no prose.
const OTHER: &str = "\u{fffc}";

/// The passages of a page, in their order.
pub(super) fn passages(page: &str) -> Vec<Passage> {
    let page = without_directives(page);
    let mut passages = vec![Passage::default()];
    let mut in_code = false;
    for (event, range) in markdown::events(&page) {
        let line = markdown::line(&page, range.start);
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::HtmlBlock) => {
                let mut passage = Passage::default();
                let whole = &page[range];
                for (at, text) in html::text(whole) {
                    let line = line + whole[..at].matches('\n').count();
                    for (line, text) in (line..).zip(text.split_inclusive('\n')) {
                        passage.push(&text.replace('\n', " "), line);
                    }
                }
                passages.push(passage);
            }
            Event::Start(tag) if !markdown::is_inline(&tag) => passages.push(Passage::default()),
            Event::End(tag) if !markdown::ends_inline(&tag) => passages.push(Passage::default()),
            Event::InlineHtml(tag) => match html::name(&tag) {
                "code" => in_code = true,
                "/code" => in_code = false,
                _ => {}
            },
            event => {
                let passage = passages.last_mut().expect("there is one from the beginning");
                match event {
                    Event::Text(text) if !in_code => passage.push(&text, line),
                    Event::Text(_) | Event::Code(_) => passage.push(OTHER, line),
                    Event::SoftBreak | Event::HardBreak => passage.push(" ", line),
                    _ => {}
                }
            }
        }
    }
    passages.retain(|passage| !passage.text.trim().is_empty());
    passages
}

/// The page with each directive replaced by as many bytes that are neither words nor Markdown.
fn without_directives(page: &str) -> String {
    let mut text = page.to_owned();
    for directive in scan::directives(page) {
        let nothing = ".".repeat(directive.span.len());
        text.replace_range(directive.span, &nothing);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &str) -> Vec<String> {
        passages(page).into_iter().map(|passage| passage.text).collect()
    }

    #[test]
    fn a_sentence_goes_on_over_lines_and_emphasis() {
        assert_eq!(texts("one *two*\nthree\n\n[four](a5.md) six\n"), ["one two three", "four six"]);
    }

    #[test]
    fn headings_cells_items_and_terms_are_passages() {
        let page = "# A {#b}\n\n| c | d |\n|---|---|\n| e | f |\n\n- g\n- h\n\ni\n: j\n";
        assert_eq!(texts(page), ["A", "c", "d", "e", "f", "g", "h", "i", "j"]);
    }

    #[test]
    fn code_addresses_comments_and_directives_are_left_out() {
        let page = "a `b` <code>c</code> {{#result d 1}}\n\n```text\ne\n```\n\n<!-- f -->\n\n<https://g.h>\n";
        let joined = texts(page).concat();
        assert!(!joined.contains(['b', 'c', 'd', 'e', 'f', '1']), "{joined}");
        assert!(joined.starts_with("a \u{fffc}"), "{joined}");
    }

    #[test]
    fn html_has_text() {
        let page = "<details><summary><b>16</b> files,\n<code>x</code> y</summary>\n\nz <i>w</i>\n\n</details>\n";
        assert_eq!(texts(page), ["16 files,  y ", "z w"]);
    }

    #[test]
    fn each_byte_knows_its_line() {
        let page = "a\n\nb\n*c*\nd\n\n<p>e\nf</p>\n";
        let lines = passages(page).into_iter().flat_map(|passage| {
            let at = |c| passage.text.find(c).map(|at| passage.line(at));
            ["a", "b", "c", "d", "e", "f"].into_iter().filter_map(at).collect::<Vec<_>>()
        });
        assert_eq!(lines.collect::<Vec<_>>(), [1, 3, 4, 5, 7, 8]);
    }
}
