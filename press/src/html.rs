//! The little HTML that pages hold: the text between its tags.

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
    fn text_stands_between_tags_and_is_no_code() {
        let html = "<p>a <b>b</b><code>c <i>d</i></code><!-- e -->f";
        assert_eq!(text(html), [(3, "a "), (8, "b"), (46, "f")]);
        assert_eq!(text("<p>a < b"), [(3, "a ")]);
    }
}
