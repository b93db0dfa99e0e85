//! A recording: events in the Chrome trace event format, as a server or a demo writes them under
//! `--trace`.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a recording consists of. Fields that we don't use are dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) ph: Phase,
    /// Microseconds since the recording began; in book/traces, a thousand for each event.
    #[serde(default)]
    pub(super) ts: f64,
    #[serde(default)]
    pub(super) pid: u64,
    pub(super) tid: u64,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) args: Map<String, Value>,
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

    /// The client that this is about, for what those do who play the clients.
    pub(super) fn client(&self) -> Option<u64> {
        self.args.get("client")?.as_u64()
    }
}

/// Reads what `--trace` wrote: an array that need not be closed, and whose last line may be cut, where
/// the process was killed.
///
/// # Errors
/// A sentence that names the line.
pub(super) fn parse(text: &str) -> Result<Vec<Event>, String> {
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let text = &text[..whole];
    let lines = (1..).zip(text.lines().map(|line| line.trim().trim_end_matches(',')));
    let events = lines.filter(|(_, line)| !matches!(*line, "" | "[" | "]"));
    let event = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| format!("line {number} is no event: {error}"))
    };
    events.map(event).collect()
}

/// One event a line, so that a difference shows what changed.
pub(super) fn write(events: &[Event]) -> String {
    let lines: Vec<_> = events
        .iter()
        .map(|event| {
            let mut event = serde_json::to_value(event).expect("an event is plain data");
            if event["ph"] == "i" {
                event["s"] = "t".into();
            }
            event.to_string()
        })
        .collect();
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
    let mut rounds: Vec<Vec<Event>> = vec![Vec::new()];
    for event in events.iter().filter(is_told) {
        if event.client().is_some() || player.is_none() {
            rounds.push(Vec::new());
        }
        rounds.last_mut().expect("there is a first round").push(event.clone());
    }
    let mut threads: Vec<_> = player.into_iter().collect();
    for round in &rounds {
        // The kernel gives later threads higher numbers, whoever of them was quicker.
        let of_round: BTreeSet<_> = round.iter().map(|event| event.tid).collect();
        let new: Vec<_> = of_round.into_iter().filter(|tid| !threads.contains(tid)).collect();
        threads.extend(new);
    }
    let number = |event: &Event| {
        let place = threads.iter().position(|thread| *thread == event.tid);
        place.expect("all threads were collected") as u64 + 1
    };
    for round in &mut rounds {
        // The player has the lowest number; the sort keeps the order within each thread.
        round.sort_by_key(number);
    }
    let mut ports = Ports::default();
    let mut told = names(events, &threads, player.is_some());
    for (index, mut event) in (0_u32..).zip(rounds.into_iter().flatten()) {
        event.tid = number(&event);
        event.pid = 1;
        event.ts = f64::from(index) * 1000.0;
        for name in ["peer", "connection"] {
            event.args.get_mut(name).into_iter().for_each(|value| ports.replace(value));
        }
        told.push(event);
    }
    told
}

/// The names of the threads. Those of a server are numbered in the order in which they appeared; in a
/// story that a program tells of itself each has the name that the program gave it.
fn names(events: &[Event], threads: &[u64], with_player: bool) -> Vec<Event> {
    let own = |thread: u64| {
        let of_thread = |event: &&Event| event.ph == Phase::Metadata && event.tid == thread;
        events.iter().find(of_thread).and_then(|event| event.text("name"))
    };
    let name = |(tid, thread): (usize, &u64)| {
        let text = match (tid, with_player) {
            (1, true) => "clients".to_owned(),
            (_, true) => format!("thread {}", tid - 1),
            (_, false) => own(*thread).unwrap_or_else(|| format!("thread {tid}")),
        };
        let args = Map::from_iter([("name".to_owned(), text.into())]);
        let name = "thread_name".to_owned();
        Event { name, ph: Phase::Metadata, ts: 0.0, pid: 1, tid: tid as u64, args }
    };
    (1..).zip(threads).map(name).collect()
}

/// Addresses of loopback, in the order in which they appear: the first is `client 1`.
#[derive(Default)]
struct Ports {
    seen: HashMap<String, usize>,
}

impl Ports {
    fn replace(&mut self, value: &mut Value) {
        let Some(text) = value.as_str().filter(|text| text.starts_with("127.0.0.1:")) else {
            return;
        };
        let next = self.seen.len() + 1;
        let number = *self.seen.entry(text.to_owned()).or_insert(next);
        *value = format!("client {number}").into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(ph: &str, name: &str, tid: u64, args: &str) -> String {
        format!(
            r#"{{"name":"{name}","ph":"{ph}","pid":77,"tid":{tid},"ts":1.5,"args":{{{args}}}}},"#
        )
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
        let told = normalised(&parse(&format!("[\n{}\n", lines.join("\n"))).unwrap());
        let order: Vec<_> = told.iter().map(|event| (event.tid, event.name.as_str())).collect();
        let names = [(1, "thread_name"), (2, "thread_name")];
        assert_eq!(order[..2], names);
        assert_eq!(order[2..], [(1, "parks"), (2, "wakes"), (1, "is unparked")]);
        let names: Vec<_> = told[..2].iter().filter_map(|event| event.text("name")).collect();
        assert_eq!(names, ["main", "thread 2"]);
    }

    fn order(lines: &[String]) -> Vec<String> {
        let events = normalised(&parse(&format!("[\n{}\n", lines.join("\n"))).unwrap());
        let told = events.iter().filter(|event| event.ph != Phase::Metadata);
        told.map(|event| format!("{} {}", event.tid, event.name)).collect()
    }

    #[test]
    fn an_array_that_was_never_closed_is_read() {
        let text = format!("[\n{}\n{}\n", event("B", "read", 9, ""), event("E", "read", 9, ""));
        assert_eq!(parse(&text).unwrap().len(), 2);
        assert!(parse("[\n{\"name\": 3},\n").unwrap_err().starts_with("line 2 is no event"));
    }

    #[test]
    fn what_threads_do_at_the_same_time_has_one_order() {
        let connects = event("i", "connects", 5, r#""client":1"#);
        let (a, b) = (event("B", "a", 40, ""), event("B", "b", 30, ""));
        let expected = ["2 first", "1 connects", "2 a", "3 b"];
        let first = event("B", "first", 40, "");
        assert_eq!(order(&[first.clone(), connects.clone(), a.clone(), b.clone()]), expected);
        assert_eq!(order(&[first, connects, b, a]), expected);
    }

    #[test]
    fn threads_that_begin_at_the_same_time_are_numbered_by_age() {
        let connects = event("i", "connects", 5, r#""client":1"#);
        let (a, b) = (event("B", "a", 40, ""), event("B", "b", 30, ""));
        let expected = ["1 connects", "2 b", "3 a"];
        assert_eq!(order(&[connects.clone(), a.clone(), b.clone()]), expected);
        assert_eq!(order(&[connects, b, a]), expected);
    }

    #[test]
    fn a_last_line_that_was_cut_is_left_out() {
        let text = format!("[\n{}\n{{\"name\":\"re", event("B", "read", 9, ""));
        assert_eq!(parse(&text).unwrap().len(), 1);
    }

    #[test]
    fn nothing_moves_across_what_a_client_does() {
        let acts = |name| event("i", name, 5, r#""client":1"#);
        let lines =
            [event("B", "x", 8, ""), event("B", "y", 7, ""), acts("a"), event("E", "x", 8, "")];
        assert_eq!(order(&lines), ["2 y", "3 x", "1 a", "3 x"]);
    }

    #[test]
    fn times_processes_and_ports_are_taken_out() {
        let accepted = |port| event("i", "accepted", 9, &format!(r#""peer":"127.0.0.1:{port}""#));
        let text = [accepted(5001), accepted(5002), accepted(5001)].join("\n") + "\n";
        let events = normalised(&parse(&text).unwrap());
        assert_eq!(events[0].text("name").as_deref(), Some("thread 1"));
        let peers: Vec<_> = events.iter().filter_map(|event| event.text("peer")).collect();
        assert_eq!(peers, ["client 1", "client 2", "client 1"]);
        assert_eq!((events[3].pid, events[3].tid, events[3].ts), (1, 1, 2000.0));
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        let events = normalised(&parse(&(event("i", "x", 3, r#""client":2"#) + "\n")).unwrap());
        assert_eq!(parse(&write(&events)).unwrap(), events);
    }
}
