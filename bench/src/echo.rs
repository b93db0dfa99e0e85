//! All contestants, all numbers of connections, in rounds.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::Context;

use crate::contestant::{self, Contestant};
use crate::cores::{self, Cores};
use crate::load;
use crate::process;
use crate::results::{self, Cell, Report};
use crate::sample::{self, Outcome, Sample, Times};
use crate::syscalls;

/// The numbers of connections.
const CONNECTIONS: [u32; 4] = [1, 64, 1000, 8000];

/// A machine that has more to do than this gives figures that nobody should quote.
const BUSY: f64 = 0.5;

/// Measures, prints the results, and writes them.
///
/// # Errors
/// A server cannot be built or started, does not echo what it is sent; the file exists and holds
/// something else, or cannot be written.
pub fn run(flags: &results::Flags) -> anyhow::Result<()> {
    let committed = || contestant::workspace().join("book/results/echo.json");
    let file = flags.out.clone().or_else(|| (!flags.quick).then(committed));
    if let Some(file) = &file {
        results::expect_replaceable(file, results::COMMAND)?;
    }
    let load_average = process::load_average()?;
    // Before the cores are divided: then it would count ours.
    let machine = process::machine()?;
    let contestants = contestant::build()?;
    load::allow_descriptors(CONNECTIONS.into_iter().max().unwrap_or(0))?;
    let cores = cores::divide();
    eprintln!("{}", cores.note);
    if load_average > BUSY {
        eprintln!(
            "the machine is busy (load average {load_average}): for figures that are to be quoted, \
             wait until it is below {BUSY}"
        );
    }
    let (rounds, window, warm_up) = if flags.quick { (3, 100, 50) } else { (7, 1000, 250) };
    let times =
        Times { warm_up: Duration::from_millis(warm_up), window: Duration::from_millis(window) };
    let cells = in_rounds(&contestants, rounds, &times, &cores)?;
    let count =
        |contestant: &Contestant| Ok((contestant.key, syscalls::count(contestant, &cores)?));
    let report = Report {
        command: format!("{}{}", results::COMMAND, if flags.quick { " --quick" } else { "" }),
        machine,
        load_average,
        cores: cores.note.clone(),
        rounds,
        window_ms: window,
        cells,
        syscalls: contestants.iter().map(count).collect::<anyhow::Result<_>>()?,
    };
    let text = serde_json::to_string_pretty(&report.json())? + "\n";
    print!("{text}");
    if let Some(file) = file {
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        eprintln!("written to {}", file.display());
    }
    Ok(())
}

/// The contestants take turns: whatever the machine does meanwhile, it does to all of them.
fn in_rounds(
    contestants: &[Contestant],
    rounds: usize,
    times: &Times,
    cores: &Cores,
) -> anyhow::Result<BTreeMap<(&'static str, u32), Cell>> {
    let mut cells = BTreeMap::new();
    for round in 1..=rounds {
        for connections in CONNECTIONS {
            for contestant in contestants {
                let cell = cells.entry((contestant.key, connections));
                let cell = cell.or_insert_with(|| Cell::Samples(Vec::new()));
                let Cell::Samples(samples) = cell else { continue };
                let outcome = sample::measure(contestant, connections, times, cores)?;
                let told = match outcome {
                    Outcome::Measured(sample) => {
                        samples.push(sample);
                        line(&sample)
                    }
                    Outcome::NotServed(why) => {
                        let told = format!("not served: {why}");
                        *cell = Cell::NotMeasured(why);
                        told
                    }
                };
                eprintln!(
                    "round {round}/{rounds}  {:>9} × {connections:<5} {told}",
                    contestant.key
                );
            }
        }
    }
    Ok(cells)
}

fn line(sample: &Sample) -> String {
    format!(
        "{:>8.0} echoes/s, {:>7.0} µs, server {:>3.0} % and load {:>3.0} % of a core",
        sample.rps, sample.latency_p50_us, sample.server_cpu, sample.load_cpu
    )
}
