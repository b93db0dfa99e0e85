//! What the book says of each event: book/traces/words.toml.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::recording::Event;

/// The sentences, by the names of spans and events. In a sentence, `{lane}` is who does it, `{peer}`
/// the client that this thread serves, and any other word in braces an argument of the event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) call: HashMap<String, CallWords>,
    pub(super) event: HashMap<String, EventWords>,
    /// Of events on the lane of a task.
    #[serde(default)]
    pub(super) task: HashMap<String, EventWords>,
}

/// What is said of a call.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallWords {
    pub(super) calls: String,
    pub(super) sleeps: String,
    /// It returns after a sleep.
    pub(super) returns: String,
    /// It returns at once: nothing else happened in it.
    pub(super) at_once: String,
}

/// What is said of an event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventWords {
    pub(super) says: String,
    /// The state of its lane from here on. Without one it stays what it is.
    pub(super) state: Option<State>,
    /// The calls or events that brought it about: an arrow comes from who did the last of them for this
    /// client.
    #[serde(default)]
    pub(super) from: Vec<String>,
    /// Whether it is what the lane that acted last has woken: an arrow comes from there.
    #[serde(default)]
    pub(super) wakes: bool,
}

/// What a lane is doing, as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// On a processor, or it could be.
    Running,
    /// The kernel has taken it off the processor.
    Asleep,
    /// There, and waits for nobody.
    Idle,
    /// Next in some order.
    Queued,
    /// Somebody else has to do something first.
    Waiting,
    /// No longer there.
    Gone,
}

/// The words with those in braces replaced, and a capital at the beginning of each sentence.
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
    // What is in braces and what is not come by turns.
    for (index, part) in words.split(['{', '}']).enumerate() {
        text += &match (part, peer) {
            _ if index % 2 == 0 => part.to_owned(),
            ("lane", _) => lane.to_owned(),
            ("peer", Some(peer)) => peer.clone(),
            (argument, _) => event.text(argument).ok_or_else(|| {
                let name = &event.name;
                format!("book/traces/words.toml says `{words}`, and the event `{name}` has no `{argument}`.")
            })?,
        };
    }
    let with_capital = |sentence: &str| match sentence.chars().next() {
        Some(first) => first.to_uppercase().to_string() + &sentence[first.len_utf8()..],
        None => String::new(),
    };
    Ok(text.split(". ").map(with_capital).collect::<Vec<_>>().join(". "))
}
