//! The file that the book quotes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde_json::{Map, Value, json};

use crate::message::LEN;
use crate::sample::Sample;
use crate::statistics::{Spread, rounded};
use crate::syscalls::Counted;

/// What was measured.
pub struct Report {
    /// What was typed.
    pub command: String,
    /// From [`process::machine`](crate::process::machine).
    pub machine: String,
    /// From [`process::load_average`](crate::process::load_average), before we began.
    pub load_average: f64,
    /// Who ran where.
    pub cores: String,
    /// How many rounds there were.
    pub rounds: usize,
    /// How long each window was.
    pub window_ms: u64,
    /// By contestant and number of connections.
    pub cells: BTreeMap<(&'static str, u32), Cell>,
    /// By contestant.
    pub syscalls: BTreeMap<&'static str, Counted>,
}

/// What the command line asks for.
pub struct Flags {
    /// Few and short rounds.
    pub quick: bool,
    /// Where the results go.
    pub out: Option<PathBuf>,
}

/// One contestant with one number of connections.
pub enum Cell {
    /// A sample for each round.
    Samples(Vec<Sample>),
    /// Why there are none.
    NotMeasured(String),
}

/// How the command begins that results name.
pub const COMMAND: &str = "cargo arena echo";

/// Whose requests per second are divided by whose.
const RATIOS: [(&str, &str); 7] = [
    ("poll", "raw"),
    ("poll", "threads"),
    ("tasks", "poll"),
    ("tasks", "tokio"),
    ("tasks", "smol"),
    ("tasks_2", "tokio_2"),
    ("tasks_2", "threads_2"),
];

impl Report {
    /// The results, with dotted keys like `poll.64.rps` to each figure. Figures are medians; `_min` and
    /// `_max` stand beside those that speeds are compared by.
    pub fn json(&self) -> Value {
        let mut root = json!({
            "command": self.command,
            "machine": self.machine,
            "load_average_before": rounded(self.load_average),
            "cores": self.cores,
            "rounds": self.rounds,
            "window_ms": self.window_ms,
            "message_bytes": LEN,
            "rps_note": "where load_cpu_percent is near 100 the load may be what limits a server; \
                         server_cpu_us_per_echo does not depend on it",
            "memory_note": "resident_kib is VmRSS: without what the kernel keeps for a process, such as \
                            a stack for each thread and the buffers of sockets",
            "syscalls_note": "counted under strace, where a server is slower and calls epoll_wait less \
                              often for each echo",
        });
        for ((contestant, connections), cell) in &self.cells {
            root[contestant][connections.to_string()] = match cell {
                Cell::Samples(samples) => figures(samples),
                Cell::NotMeasured(why) => json!({ "not_measured": why }),
            };
        }
        for (contestant, counted) in &self.syscalls {
            root[contestant]["syscalls"] = match counted {
                Counted::Counts(counts) => {
                    // A hundredth of a call is what strace misses when it attaches.
                    let hundredths = |calls: f64| rounded((calls * 100.0).round() / 100.0);
                    let all = [("all".to_owned(), hundredths(counts.values().sum()))];
                    let each =
                        counts.iter().map(|(name, calls)| (name.clone(), hundredths(*calls)));
                    Value::Object(each.chain(all).collect())
                }
                Counted::NotHere(why) => json!({ "not_measured": why }),
            };
        }
        for (ours, theirs) in RATIOS {
            for ((contestant, connections), cell) in &self.cells {
                let other = self.cells.get(&(theirs, *connections));
                if let (Cell::Samples(cell), Some(Cell::Samples(other))) = (cell, other)
                    && *contestant == ours
                {
                    let name = format!("{ours}_to_{theirs}");
                    root["ratios"][name][connections.to_string()] = ratios(cell, other);
                }
            }
        }
        root
    }
}

/// Whether results may go into this file: there is none yet, or it holds earlier ones.
///
/// # Errors
/// It holds something else, which cannot be brought back once it is replaced.
pub fn expect_replaceable(file: &Path, command: &str) -> anyhow::Result<()> {
    let earlier = || serde_json::from_slice::<Value>(&fs::read(file).ok()?).ok();
    let ours = |found: &Value| found["command"].as_str()?.strip_prefix(command).map(drop);
    if file.exists() && earlier().as_ref().and_then(ours).is_none() {
        bail!("{} exists and holds no results of `{command}`: name a new file", file.display());
    }
    Ok(())
}

/// The medians of the ratios within each round, and their spread.
fn ratios(ours: &[Sample], theirs: &[Sample]) -> Value {
    let mut figures = Map::new();
    for (name, of) in [
        ("rps", (|s| s.rps) as fn(&Sample) -> f64),
        ("server_cpu_us_per_echo", |s| s.server_cpu_us),
    ] {
        let values = |samples: &[Sample]| samples.iter().map(of).collect::<Vec<_>>();
        with_spread(&mut figures, name, Spread::of_ratios(&values(ours), &values(theirs)));
    }
    Value::Object(figures)
}

/// The medians of one cell, and the spread of what is compared.
fn figures(samples: &[Sample]) -> Value {
    let spread = |of: fn(&Sample) -> f64| Spread::of(samples.iter().map(of));
    let mut figures = Map::new();
    for (name, of) in [
        ("rps", (|s| s.rps) as fn(&Sample) -> f64),
        ("latency_p50_us", |s| s.latency_p50_us),
        ("latency_p99_us", |s| s.latency_p99_us),
        ("server_cpu_us_per_echo", |s| s.server_cpu_us),
    ] {
        with_spread(&mut figures, name, spread(of));
    }
    for (name, of) in [
        ("resident_kib", (|s| s.resident_kib) as fn(&Sample) -> f64),
        ("kib_per_connection", |s| s.kib_per_connection),
        ("switches_per_echo", |s| s.voluntary_switches + s.involuntary_switches),
        ("voluntary_switches_per_echo", |s| s.voluntary_switches),
        ("involuntary_switches_per_echo", |s| s.involuntary_switches),
        ("server_cpu_percent", |s| s.server_cpu),
        ("load_cpu_percent", |s| s.load_cpu),
    ] {
        figures.insert(name.to_owned(), rounded(spread(of).median));
    }
    Value::Object(figures)
}

fn with_spread(figures: &mut Map<String, Value>, name: &str, spread: Spread) {
    for (suffix, value) in [("", spread.median), ("_min", spread.min), ("_max", spread.max)] {
        figures.insert(format!("{name}{suffix}"), rounded(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(rps: &[f64]) -> Cell {
        let sample = |&rps| Sample { rps, voluntary_switches: 1.0, ..Sample::default() };
        Cell::Samples(rps.iter().map(sample).collect())
    }

    fn report() -> Report {
        let counts = [("read".to_owned(), 1.004_9), ("write".to_owned(), 0.998)];
        Report {
            command: "cargo arena echo".to_owned(),
            machine: "2 cores".to_owned(),
            load_average: 0.25,
            cores: "pinned".to_owned(),
            rounds: 3,
            window_ms: 1000,
            cells: BTreeMap::from([
                (("poll", 1), samples(&[10.0, 12.0, 90.0])),
                (("raw", 1), samples(&[20.0, 12.0, 100.0])),
                (("threads", 1), Cell::NotMeasured("no thread left".to_owned())),
            ]),
            syscalls: BTreeMap::from([("poll", Counted::Counts(counts.into()))]),
        }
    }

    #[test]
    fn each_figure_has_a_dotted_key() {
        let json = report().json();
        let figure = |key: &str| json.pointer(&format!("/{}", key.replace('.', "/"))).cloned();
        for (key, expected) in [
            ("poll.1.rps", json!(12)),
            ("poll.1.rps_min", json!(10)),
            ("poll.1.rps_max", json!(90)),
            ("poll.1.switches_per_echo", json!(1)),
            ("poll.syscalls.read", json!(1)),
            ("poll.syscalls.write", json!(1)),
            ("poll.syscalls.all", json!(2)),
            ("ratios.poll_to_raw.1.rps", json!(0.9)),
            ("ratios.poll_to_raw.1.rps_min", json!(0.5)),
            ("ratios.poll_to_raw.1.rps_max", json!(1)),
            ("threads.1.not_measured", json!("no thread left")),
            ("load_average_before", json!(0.25)),
        ] {
            assert_eq!(figure(key), Some(expected), "{key}");
        }
    }

    #[test]
    fn only_earlier_results_are_replaced() {
        let project = crate::contestant::workspace();
        for file in ["book/results/echo.json", "book/results/not-there-yet.json"] {
            expect_replaceable(&project.join(file), COMMAND).unwrap();
        }
        for other in ["Cargo.toml", "book/results/backpressure.json", "book"] {
            let error = expect_replaceable(&project.join(other), COMMAND).unwrap_err().to_string();
            assert!(error.contains("name a new file"), "{error}");
        }
    }

    #[test]
    fn what_was_not_measured_is_in_no_ratio() {
        assert_eq!(report().json()["ratios"].get("poll_to_threads"), None);
    }
}
