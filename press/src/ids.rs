//! What a link into a page can lead to.

use super::{html, markdown};
use pulldown_cmark::{Event, Tag, TagEnd};
use std::collections::BTreeSet;

/// The ids of a page: those that its headings name, those that mdBook gives to the terms of a
/// definition list, and those of HTML. What mdBook makes of a heading's words is not among them:
/// it changes with the words.
pub(super) fn ids(page: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut given = BTreeSet::new();
    // The words of a heading without an id, or of a term.
    let mut words: Option<String> = None;
    for (event, range) in markdown::events(page) {
        match event {
            Event::Start(Tag::Heading { id: Some(id), .. }) => {
                ids.insert(id.to_string());
            }
            Event::Start(Tag::Heading { id: None, .. } | Tag::DefinitionListTitle) => {
                words = Some(String::new());
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(words) = &mut words {
                    *words += &text;
                }
            }
            Event::End(end @ (TagEnd::Heading(_) | TagEnd::DefinitionListTitle)) => {
                let id = words.take().map(|words| unique(&from_words(&words), &mut given));
                if end == TagEnd::DefinitionListTitle {
                    ids.extend(id);
                }
            }
            Event::InlineHtml(html) => ids.extend(of_html(&html)),
            Event::Start(Tag::HtmlBlock) => ids.extend(of_html(&page[range])),
            _ => {}
        }
    }
    ids
}

fn of_html(html: &str) -> Vec<String> {
    let attributes = html::attributes(html).into_iter();
    attributes.filter(|a| a.name == "id").map(|a| a.value.to_owned()).collect()
}

/// As mdBook's `id_from_content`.
fn from_words(words: &str) -> String {
    let kept = |c: char| match c {
        c if c.is_whitespace() => Some('-'),
        c => (c.is_alphanumeric() || c == '_' || c == '-').then_some(c),
    };
    words.trim().to_lowercase().chars().filter_map(kept).collect()
}

/// As mdBook's `unique_id`: the second `fin` of a page is `fin-1`.
fn unique(id: &str, given: &mut BTreeSet<String>) -> String {
    let numbered = (1..).map(|number| format!("{id}-{number}"));
    let mut free = std::iter::once(id.to_owned()).chain(numbered).filter(|id| !given.contains(id));
    let id = free.next().expect("there are more numbers than ids");
    given.insert(id.clone());
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    const PAGE: &str = "# A page {#page}

#### Deep down

End of *stream*
: A read says `Ok(0)`.

reset, `RST`
: The other end.

reset, RST
: Again.

<p id=\"block\">x</p>

Words with <a id=\"inline\">a mark</a>, `<a id=\"code\">`.
";

    #[test]
    fn headings_terms_and_html_have_ids() {
        let expected = ["block", "end-of-stream", "inline", "page", "reset-rst", "reset-rst-1"];
        assert_eq!(ids(PAGE).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn mdbook_gives_the_same_ids() {
        let workspace = Workspace::with_book();
        workspace.write("book/src/start.md", PAGE);
        let out = workspace.path().join("out");
        let html = crate::build::build(workspace.path(), &out).unwrap().join("start.html");
        let html = std::fs::read_to_string(html).unwrap();
        for id in ids(PAGE) {
            assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
}
