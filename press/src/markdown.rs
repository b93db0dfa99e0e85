//! How mdBook reads Markdown, for checks that must see what it sees.

use pulldown_cmark::{Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// mdBook's, but for typographic quotes: the checks compare what the author typed.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
}

/// The events of a page, each with its bytes.
pub(super) fn events(
    page: &str,
) -> impl Iterator<Item = (pulldown_cmark::Event<'_>, Range<usize>)> {
    Parser::new_ext(page, options()).into_offset_iter()
}

/// The line that holds this byte, counted from 1.
pub(super) fn line(page: &str, byte: usize) -> usize {
    page[..byte].matches('\n').count() + 1
}

/// Whether a tag stands inside a sentence, and does not end it.
pub(super) fn is_inline(tag: &Tag<'_>) -> bool {
    ends_inline(&tag.to_end())
}

/// Whether what ends here stood inside a sentence.
pub(super) fn ends_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
    )
}
