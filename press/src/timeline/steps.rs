//! From events to what a reader steps through: on each lane, one thing after another.

use std::collections::HashMap;

use serde::Serialize;

use super::lanes::{Lane, Owner, lanes};
use super::recording::{Event, Phase};
use super::words::{CallWords, State, Words, fill};

/// A recording as the player plays it.
#[derive(Debug, Serialize)]
pub(super) struct Timeline {
    /// The names of the lanes, from top to bottom.
    pub(super) lanes: Vec<String>,
    pub(super) steps: Vec<Step>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) lane: usize,
    /// The lane's state from here on.
    pub(super) state: State,
    /// The lane that brought it about, if another one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<usize>,
    #[serde(skip)]
    pub(super) sentence: String,
    /// File and line that the event comes from.
    #[serde(skip)]
    pub(super) source: Option<(String, u64)>,
}

/// Follows a normalised recording.
///
/// # Errors
/// An event that words.toml has no sentence for, or one without an argument that the sentence names.
pub(super) fn follow(events: &[Event], words: &Words) -> Result<Timeline, String> {
    let mut follower = Follower {
        words,
        lanes: lanes(events),
        steps: Vec::new(),
        peers: HashMap::new(),
        calls: HashMap::new(),
        acting: None,
        last: HashMap::new(),
    };
    for (index, event) in events.iter().enumerate().filter(|(_, event)| event.is_told()) {
        let lane = Lane::of(event, events);
        let lane = follower.lanes.iter().position(|known| *known == lane);
        follower.take(lane.expect("all lanes were collected"), event, events.get(index + 1))?;
    }
    let lanes = follower.lanes.into_iter().map(|lane| lane.name).collect();
    Ok(Timeline { lanes, steps: follower.steps })
}

struct Follower<'a> {
    words: &'a Words,
    lanes: Vec<Lane>,
    steps: Vec<Step>,
    /// The client that each lane's thread serves.
    peers: HashMap<usize, String>,
    /// The call that each lane is in, unless its return was told with it.
    calls: HashMap<usize, (&'a Event, &'a CallWords)>,
    /// The client that did something last: whoever wakes now is woken by it.
    acting: Option<usize>,
    /// For each call and each event, by its name and the client it was for: the step at which it
    /// returned or happened last, and the lane.
    last: HashMap<(&'a str, String), (usize, usize)>,
}

impl<'a> Follower<'a> {
    fn take(&mut self, lane: usize, event: &'a Event, next: Option<&Event>) -> Result<(), String> {
        if let Some(peer) = event.text("peer").or_else(|| event.text("connection")) {
            self.peers.insert(lane, peer);
        }
        match (event.ph, event.name.as_str()) {
            (Phase::Begin, "asleep") => {
                let (call, words) =
                    self.calls.get(&lane).ok_or("a thread sleeps in no call: record it again.")?;
                self.step(lane, State::Asleep, None, &words.sleeps, call)
            }
            // Its call returns in the next event.
            (Phase::End, "asleep") => Ok(()),
            (Phase::Begin, name) => {
                let words = self.words.call.get(name).ok_or_else(|| missing("call", name))?;
                if let Some((outer, _)) = self.calls.get(&lane) {
                    let outer = &outer.name;
                    return Err(format!("`{name}` in `{outer}`: figures have no words for that."));
                }
                let is_its_end = |next: &Event| {
                    (next.ph, &next.name, next.tid) == (Phase::End, &event.name, event.tid)
                };
                if next.is_some_and(is_its_end) {
                    return self.step(lane, State::Running, None, &words.at_once, event);
                }
                self.calls.insert(lane, (event, words));
                self.step(lane, State::Running, None, &words.calls, event)
            }
            (Phase::End, name) => {
                let peer = self.peers.get(&lane).cloned().unwrap_or_default();
                self.last.insert((name, peer), (self.steps.len(), lane));
                let Some((call, words)) = self.calls.remove(&lane) else { return Ok(()) };
                self.step(lane, State::Running, self.acting, &words.returns, call)
            }
            _ => self.happens(lane, event),
        }
    }

    fn happens(&mut self, lane: usize, event: &'a Event) -> Result<(), String> {
        let Lane { owner, ref name } = self.lanes[lane];
        let (words, kind) = match owner {
            Owner::Task => (&self.words.task, "task"),
            _ => (&self.words.event, "event"),
        };
        let words = words.get(&event.name).ok_or_else(|| missing(kind, &event.name))?;
        let client = match owner {
            Owner::Client => name.clone(),
            _ => self.peers.get(&lane).cloned().unwrap_or_default(),
        };
        let causes = words.from.iter().filter_map(|name| self.last.get(&(name, client.clone())));
        let caller = causes.max().map(|(_, lane)| *lane);
        self.last.insert((&event.name, client), (self.steps.len(), lane));
        let woken_by = self.acting.filter(|acting| words.wakes && *acting != lane);
        // A task that is woken does nothing yet.
        let has_tasks = self.lanes.iter().any(|lane| lane.owner == Owner::Task);
        if owner == Owner::Client || has_tasks && !words.wakes {
            self.acting = Some(lane);
        }
        let before = self.steps.iter().rev().find(|step| step.lane == lane);
        let state = words.state.or(before.map(|step| step.state)).unwrap_or(State::Running);
        self.step(lane, state, caller.or(woken_by), &words.says, event)
    }

    fn step(
        &mut self,
        lane: usize,
        state: State,
        from: Option<usize>,
        words: &str,
        event: &Event,
    ) -> Result<(), String> {
        let sentence = fill(words, &self.lanes[lane].name, self.peers.get(&lane), event)?;
        let line = event.args.get("line").and_then(|line| line.as_u64());
        let source = event.text("file").zip(line);
        self.steps.push(Step { lane, state, from, sentence, source });
        Ok(())
    }
}

fn missing(kind: &str, name: &str) -> String {
    format!(
        "book/traces/words.toml has no sentence for the {kind} `{name}`: add [{kind}.\"{name}\"]."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::recording::{normalised, parse};

    const WORDS: &str = r#"
[call.read]
calls = "{lane} calls read"
sleeps = "nothing from {peer}: {lane} sleeps"
returns = "read returns"
at_once = "{lane} reads {bytes} bytes at once"
[event.accepted]
says = "Accepted. {lane} serves {peer}"
from = ["starting a thread"]
[event."starting a thread"]
says = "a thread for {peer}"
[event.connects]
says = "client {client} connects"
state = "idle"
[event.answered]
says = "client {client} is answered"
from = ["read"]
"#;

    fn timeline(lines: &[&str]) -> Result<Timeline, String> {
        let events = parse(&format!("[{}]", lines.join(","))).unwrap();
        follow(&normalised(&events), &toml::from_str(WORDS).unwrap())
    }

    const CONNECTS: &str = r#"{"name":"connects","ph":"i","tid":1,"args":{"client":1}}"#;
    const ANSWERED: &str = r#"{"name":"answered","ph":"i","tid":1,"args":{"client":1}}"#;
    const STARTING: &str =
        r#"{"name":"starting a thread","ph":"i","tid":2,"args":{"peer":"127.0.0.1:9"}}"#;
    const ACCEPTED: &str = r#"{"name":"accepted","ph":"i","tid":3,"args":{"peer":"127.0.0.1:9"}}"#;
    const READ: &str =
        r#"{"name":"read","ph":"B","tid":3,"args":{"bytes":6,"file":"a.rs","line":7}}"#;
    const ASLEEP: &str = r#"{"name":"asleep","ph":"B","tid":3}"#;
    const AWAKE: &str = r#"{"name":"asleep","ph":"E","tid":3}"#;
    const RETURNS: &str = r#"{"name":"read","ph":"E","tid":3}"#;

    #[test]
    fn events_become_steps_with_states_and_with_arrows_from_who_brought_them_about() {
        let sleeps = [CONNECTS, STARTING, ACCEPTED, READ, ASLEEP, CONNECTS, AWAKE, RETURNS];
        let at_once = [READ, RETURNS, ANSWERED];
        let timeline = timeline(&[&sleeps[..], &at_once].concat()).unwrap();
        assert_eq!(timeline.lanes, ["client 1", "thread 1", "thread 2"]);
        let steps = timeline.steps.iter();
        let steps: Vec<_> = steps.map(|step| (&*step.sentence, step.state, step.from)).collect();
        let expected = [
            ("Client 1 connects", State::Idle, None),
            ("A thread for client 1", State::Running, None),
            ("Accepted. Thread 2 serves client 1", State::Running, Some(1)),
            // A call that sleeps has three steps, and is woken by who acted.
            ("Thread 2 calls read", State::Running, None),
            ("Nothing from client 1: thread 2 sleeps", State::Asleep, None),
            ("Client 1 connects", State::Idle, None),
            ("Read returns", State::Running, Some(0)),
            // One that returns at once has one.
            ("Thread 2 reads 6 bytes at once", State::Running, None),
            ("Client 1 is answered", State::Idle, Some(2)),
        ];
        assert_eq!(steps, expected);
        for step in [3, 4, 6] {
            assert_eq!(timeline.steps[step].source, Some(("a.rs".to_owned(), 7)));
        }
    }

    #[test]
    fn what_has_no_sentence_is_named_with_what_to_add() {
        for (lines, expected) in [
            (&[r#"{"name":"parks","ph":"B","tid":3}"#][..], "add [call.\"parks\"]."),
            (&[r#"{"name":"read","ph":"B","tid":3}"#, RETURNS], "has no `bytes`."),
            (&[READ, ASLEEP], "has no `peer`."),
        ] {
            let error = timeline(lines).unwrap_err();
            assert!(error.ends_with(expected), "{error}");
        }
    }
}
