//! Whose lane each event is on, and what the lanes are called.

use super::recording::{Event, Phase};

/// Whose lane an event is on. Clients come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Client(u64),
    /// The conversation with a client, where it is not a thread.
    Connection(u64),
    Thread(u64),
    /// A task, by the order in which they appear.
    Task(usize),
}

impl Owner {
    fn of(event: &Event, tasks: &[String]) -> Self {
        if let Some(task) = event.text("task") {
            let task = tasks.iter().position(|known| *known == task);
            return Self::Task(task.expect("all tasks were collected"));
        }
        let number = |peer: String| peer.strip_prefix("client ")?.parse().ok();
        match (event.client(), event.text("connection").and_then(number)) {
            (Some(client), _) => Self::Client(client),
            (None, Some(connection)) => Self::Connection(connection),
            (None, None) => Self::Thread(event.tid),
        }
    }
}

/// The lanes from top to bottom, and what each is called.
pub(super) struct Lanes {
    pub(super) owners: Vec<Owner>,
    pub(super) names: Vec<String>,
    tasks: Vec<String>,
}

impl Lanes {
    /// All lanes that a recording has something on.
    pub(super) fn of(events: &[Event]) -> Self {
        let told = events
            .iter()
            .filter(|event| event.ph == Phase::Instant || event.name != "runtime.spawn");
        let told = told.filter(|event| event.ph != Phase::Metadata);
        let mut tasks: Vec<String> = Vec::new();
        for task in events.iter().filter_map(|event| event.text("task")) {
            if !tasks.contains(&task) {
                tasks.push(task);
            }
        }
        let mut owners: Vec<_> = told.map(|event| Owner::of(event, &tasks)).collect();
        owners.sort_unstable();
        owners.dedup();
        let name = |owner: &Owner| match owner {
            Owner::Client(number) => format!("client {number}"),
            Owner::Connection(number) => format!("connection {number}"),
            Owner::Task(number) => tasks[*number].clone(),
            Owner::Thread(tid) => {
                let names = events.iter().filter(|event| event.ph == Phase::Metadata);
                let own = names.filter(|event| event.tid == *tid).find_map(|e| e.text("name"));
                own.unwrap_or_else(|| format!("thread {tid}"))
            }
        };
        Self { names: owners.iter().map(name).collect(), owners, tasks }
    }

    /// Whether tasks take turns here.
    pub(super) fn has_tasks(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// The lane of one of these events.
    pub(super) fn find(&self, event: &Event) -> usize {
        let owner = Owner::of(event, &self.tasks);
        let lane = self.owners.iter().position(|known| *known == owner);
        lane.expect("all owners were collected")
    }
}
