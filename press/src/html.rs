//! The little HTML that pages hold: attributes of its tags, and the text between them.

/// `name="value"` in a tag.
#[derive(Debug, PartialEq)]
pub(super) struct Attribute<'a> {
    /// The byte where its tag starts.
    pub(super) at: usize,
    /// `a` in `<a href="x">`.
    pub(super) tag: &'a str,
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// The attributes with a value, in the order they stand. Comments have none.
pub(super) fn attributes(html: &str) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    for (at, whole) in tags(html).into_iter().filter(|(_, tag)| !tag.starts_with("<!--")) {
        let tag = name(whole);
        let mut rest = whole;
        while let Some((before, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (value, after) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(
                    after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len()),
                ),
            };
            let name = before.split_whitespace().last().unwrap_or_default();
            found.push(Attribute { at, tag, name, value });
            rest = after;
        }
    }
    found
}

/// The pieces of text between tags, each with the byte where it starts. Code, pictures and
/// comments are left out.
pub(super) fn text(html: &str) -> Vec<(usize, &str)> {
    const SKIPPED: [&str; 5] = ["code", "pre", "svg", "script", "style"];
    let mut pieces = Vec::new();
    let mut done = 0;
    let mut skipping = None;
    for (at, tag) in tags(html).into_iter().chain([(html.len(), "")]) {
        if skipping.is_none() && at > done {
            pieces.push((done, &html[done..at]));
        }
        match (skipping, name(tag)) {
            (None, opened) if SKIPPED.contains(&opened) => skipping = Some(opened),
            (Some(skipped), closed) if closed.strip_prefix('/') == Some(skipped) => skipping = None,
            _ => {}
        }
        done = at + tag.len();
    }
    pieces
}

/// `a` of `<a href="x">`, `/a` of `</a>`.
pub(super) fn name(tag: &str) -> &str {
    let tag = tag.strip_prefix('<').unwrap_or(tag);
    let end = tag.char_indices().find(|&(i, c)| !(c.is_alphanumeric() || i == 0 && c == '/'));
    &tag[..end.map_or(tag.len(), |(i, _)| i)]
}

/// From each `<` to its `>`, with the byte where it starts. Comments are among them, and have no
/// name.
fn tags(html: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|i| at + i) {
        let rest = &html[start..];
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        let length = rest.find(end).map_or(rest.len(), |i| i + end.len());
        found.push((start, &rest[..length]));
        at = start + length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_quoted_or_bare() {
        let html =
            "a <a class=\"x y\" href='p.md?a=b'>b</a> <img src=i.svg> <!-- <a href=\"no\"> -->";
        let found: Vec<_> =
            attributes(html).iter().map(|a| (a.at, a.tag, a.name, a.value)).collect();
        let expected =
            [(2, "a", "class", "x y"), (2, "a", "href", "p.md?a=b"), (39, "img", "src", "i.svg")];
        assert_eq!(found, expected);
    }

    #[test]
    fn text_stands_between_tags_and_is_no_code() {
        let html = "<p>a <b>b</b><code>c <i>d</i></code><!-- e -->f";
        assert_eq!(text(html), [(3, "a "), (8, "b"), (46, "f")]);
        assert_eq!(text("<p>a < b"), [(3, "a ")]);
    }
}
