//! From the words of words.toml to a sentence about one event.

use super::recording::Event;

/// The words with those in braces replaced, and a capital at the beginning of each sentence: `{lane}`
/// is who does it, `{peer}` the client that this lane serves, and any other an argument of the event.
///
/// # Errors
/// The event has no such argument.
pub(super) fn fill(
    words: &str,
    lane: &str,
    peer: Option<&String>,
    event: &Event,
) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = words;
    while let Some((before, name, after)) = split_at_braces(rest) {
        text += before;
        text += &match (name, peer) {
            ("lane", _) => lane.to_owned(),
            ("peer", Some(peer)) => peer.clone(),
            (name, _) => event.text(name).ok_or_else(|| {
                format!(
                    "book/traces/words.toml says `{words}`, and the event `{}` has no `{name}`.",
                    event.name
                )
            })?,
        };
        rest = after;
    }
    text += rest;
    Ok(with_capitals(&text))
}

fn with_capitals(text: &str) -> String {
    let capital = |sentence: &str| {
        let mut letters = sentence.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    };
    text.split(". ").map(capital).collect::<Vec<_>>().join(". ")
}

/// What stands before the first `{name}`, the name, and what stands after it.
fn split_at_braces(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}
