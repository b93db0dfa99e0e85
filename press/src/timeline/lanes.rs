//! Whose lane each event is on, and what the lanes are called.

use super::recording::{Event, Phase};

/// Who has a lane, from top to bottom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Client,
    /// The conversation with a client, where it is not a thread.
    Connection,
    Thread,
    Task,
}

#[derive(PartialEq)]
pub(super) struct Lane {
    pub(super) owner: Owner,
    pub(super) name: String,
}

impl Lane {
    /// The lane that one of these events is on.
    pub(super) fn of(event: &Event, events: &[Event]) -> Self {
        let (owner, name) = if let Some(task) = event.text("task") {
            (Owner::Task, task)
        } else if let Some(client) = event.client() {
            (Owner::Client, format!("client {client}"))
        } else if let Some(client) = event.text("connection") {
            (Owner::Connection, client.replace("client", "connection"))
        } else {
            let named = |other: &&Event| other.ph == Phase::Metadata && other.tid == event.tid;
            let name = events.iter().find(named).and_then(|event| event.text("name"));
            (Owner::Thread, name.unwrap_or_else(|| format!("thread {}", event.tid)))
        };
        Self { owner, name }
    }
}

/// All lanes that a recording has something on. Those of one kind are in the order in which they appear.
pub(super) fn lanes(events: &[Event]) -> Vec<Lane> {
    let mut lanes = Vec::new();
    for event in events.iter().filter(|event| event.is_told()) {
        let lane = Lane::of(event, events);
        if !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    lanes.sort_by_key(|lane| lane.owner);
    lanes
}
