//! A recording: events in the Chrome trace event format, as a server or a demo writes them under
//! `--trace`.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a recording consists of, in the order in which it is written. Fields that we don't use are
/// dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Event {
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) args: Map<String, Value>,
    pub(super) name: String,
    pub(super) ph: Phase,
    #[serde(default)]
    pid: u64,
    /// Whom an instant is about: a thread, `t`. Perfetto draws it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<String>,
    pub(super) tid: u64,
    /// Microseconds since the recording began; in book/traces, a thousand for each event.
    #[serde(default)]
    ts: f64,
}

/// The format's letters for what an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    #[serde(rename = "B")]
    Begin,
    #[serde(rename = "E")]
    End,
    #[serde(rename = "i")]
    Instant,
    #[serde(rename = "M")]
    Metadata,
}

impl Event {
    pub(super) fn text(&self, argument: &str) -> Option<String> {
        match self.args.get(argument)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// Whether it is a step. The span of a task's turn is not: its events are on a lane of their own.
    pub(super) fn is_told(&self) -> bool {
        self.ph != Phase::Metadata && self.name != "runtime.spawn"
    }

    /// The client that this is about, for what those do who play the clients.
    pub(super) fn client(&self) -> Option<u64> {
        self.args.get("client")?.as_u64()
    }
}

/// Reads what `--trace` wrote: an array that need not be closed.
///
/// # Errors
/// The line that is no event.
pub(super) fn parse(text: &str) -> serde_json::Result<Vec<Event>> {
    let open = text.trim_end_matches(['\n', ']', ',']);
    serde_json::from_str(&format!("{open}]"))
}

/// One event a line, so that a difference shows what changed.
pub(super) fn write(events: &[Event]) -> String {
    let line = |event| serde_json::to_string(event).expect("an event is plain data");
    let lines: Vec<_> = events.iter().map(line).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// The same run as any machine would have written it: without times, process numbers and ports, and
/// in one order.
///
/// What different threads do at the same time comes in an order of chance. Who plays the clients
/// waits after each thing they do until every thread sleeps. So between two events with a `client`,
/// what one thread did stays in its order, and threads are taken one after the other, the older
/// first. Where nobody plays clients, each event is the cause of the next, so their order stays; only
/// when a thread ends is chance.
pub(super) fn normalised(events: &[Event]) -> Vec<Event> {
    let player = events.iter().find(|event| event.client().is_some()).map(|event| event.tid);
    // What the player's thread does besides is no part of the story.
    let is_told = |event: &&Event| {
        let chance = player.is_none() && event.name == "thread ended";
        let aside = player == Some(event.tid) && event.client().is_none();
        event.ph != Phase::Metadata && !chance && !aside
    };
    let mut round = 0;
    let mut rounds: Vec<(u32, Event)> = Vec::new();
    let mut appears = BTreeMap::new();
    for event in events.iter().filter(is_told) {
        if event.client().is_some() || player.is_none() {
            round += 1;
        }
        appears.entry(event.tid).or_insert(round);
        rounds.push((round, event.clone()));
    }
    let mut threads: Vec<_> = appears.keys().copied().collect();
    // In a round, the kernel gives later threads higher numbers, whoever of them was quicker.
    threads.sort_by_key(|tid| (player != Some(*tid), appears[tid]));
    for (_, event) in &mut rounds {
        let place = threads.iter().position(|thread| *thread == event.tid);
        event.tid = place.expect("all threads were collected") as u64 + 1;
    }
    // The player has the lowest number; the sort keeps the order within each thread.
    rounds.sort_by_key(|(round, event)| (*round, event.tid));

    let mut told = names(events, &threads, player.is_some());
    let mut addresses = HashMap::new();
    for (index, (_, mut event)) in (0_u32..).zip(rounds) {
        event.pid = 1;
        event.ts = f64::from(index) * 1000.0;
        for name in ["peer", "connection"] {
            let Some(address) = event.text(name) else { continue };
            // The first that appears is `client 1`.
            let next = addresses.len() + 1;
            let number = addresses.entry(address).or_insert(next);
            event.args[name] = format!("client {number}").into();
        }
        told.push(event);
    }
    told
}

/// The names of the threads. Those of a server are numbered in the order in which they appeared; in a
/// story that a program tells of itself each has the name that the program gave it.
fn names(events: &[Event], threads: &[u64], with_player: bool) -> Vec<Event> {
    let name = |(tid, thread): (u64, &u64)| {
        let own = events.iter().find(|event| event.ph == Phase::Metadata && event.tid == *thread);
        let name = match (tid, own.and_then(|event| event.text("name"))) {
            (1, _) if with_player => "clients".to_owned(),
            (_, Some(own)) if !with_player => own,
            _ => format!("thread {}", tid - u64::from(with_player)),
        };
        let args = Map::from_iter([("name".to_owned(), name.into())]);
        let name = "thread_name".to_owned();
        Event { args, name, ph: Phase::Metadata, pid: 1, s: None, tid, ts: 0.0 }
    };
    (1..).zip(threads).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(ph: &str, name: &str, tid: u64, args: &str) -> String {
        format!(
            r#"{{"name":"{name}","ph":"{ph}","pid":77,"tid":{tid},"ts":1.5,"args":{{{args}}}}}"#
        )
    }

    fn told(lines: &[&str]) -> Vec<Event> {
        normalised(&parse(&format!("[\n{},\n", lines.join(",\n"))).unwrap())
    }

    /// All that is told but the names of threads: who does what.
    fn order(lines: &[&str]) -> Vec<String> {
        let told = told(lines).into_iter().filter(|event| event.ph != Phase::Metadata);
        told.map(|event| format!("{} {}", event.tid, event.name)).collect()
    }

    #[test]
    fn a_story_without_clients_keeps_its_order_and_the_names_of_its_threads() {
        let lines = [
            event("M", "thread_name", 5, r#""name":"main""#),
            event("i", "parks", 5, ""),
            event("i", "wakes", 9, ""),
            event("i", "is unparked", 5, ""),
            event("i", "thread ended", 9, ""),
        ];
        let lines = lines.each_ref().map(String::as_str);
        assert_eq!(order(&lines), ["1 parks", "2 wakes", "1 is unparked"]);
        let names: Vec<_> = told(&lines).iter().filter_map(|event| event.text("name")).collect();
        assert_eq!(names, ["main", "thread 2"]);
    }

    #[test]
    fn what_threads_do_between_two_acts_of_clients_has_one_order() {
        let act = &*event("i", "connects", 5, r#""client":1"#);
        let (a, b) = (&*event("B", "a", 40, ""), &*event("B", "b", 30, ""));
        // Threads that begin at the same time are numbered by age.
        assert_eq!(order(&[act, a, b]), ["1 connects", "2 b", "3 a"]);
        assert_eq!(order(&[act, b, a]), ["1 connects", "2 b", "3 a"]);
        assert_eq!(order(&[a, act, b, a]), ["2 a", "1 connects", "2 a", "3 b"]);
        assert_eq!(order(&[a, b, act, a]), ["2 b", "3 a", "1 connects", "3 a"]);
    }

    #[test]
    fn times_processes_and_ports_are_taken_out() {
        let accepted = |port| event("i", "accepted", 9, &format!(r#""peer":"127.0.0.1:{port}""#));
        let events = told(&[&accepted(5001), &accepted(5002), &accepted(5001)]);
        assert_eq!(events[0].text("name").as_deref(), Some("thread 1"));
        let peers: Vec<_> = events.iter().filter_map(|event| event.text("peer")).collect();
        assert_eq!(peers, ["client 1", "client 2", "client 1"]);
        assert_eq!((events[3].pid, events[3].tid, events[3].ts), (1, 1, 2000.0));
        assert_eq!(parse(&write(&events)).unwrap(), events, "what is written reads as the same");
    }
}
