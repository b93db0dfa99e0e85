//! Task runtimes against each other: spawning, yielding, waking across threads, timers.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::contestant;
use crate::process;
use crate::results;
use crate::runtimes::{LocalPool, Ours, Runtime, Smol, Spawn, Timers, Tokio};
use crate::statistics::{Spread, rounded};

/// How the command begins that the results name.
pub const COMMAND: &str = "cargo arena tasks";

/// Does so much, and returns nanoseconds for each.
type Measure = fn(u32) -> f64;

/// What is measured: a name, what its figure counts, and a sample of each runtime that can do it.
struct Row {
    name: &'static str,
    unit: &'static str,
    runtimes: Vec<(&'static str, Measure)>,
    /// How much there is to do: all of it, or less for a quick look.
    size: u32,
}

/// Rows of the runtimes that take part in them.
macro_rules! row {
    ($name:literal, $unit:literal, $size:expr, $measure:ident: $($runtime:ident),*) => {
        Row {
            name: $name,
            unit: $unit,
            runtimes: vec![$(($runtime::NAME, $measure::<$runtime> as Measure)),*],
            size: $size,
        }
    };
}

fn rows() -> Vec<Row> {
    let mut rows = vec![
        row!("spawn_join", "ns per task, 1,000 at once", 1000, spawn_join: Ours, Tokio, Smol, LocalPool),
        row!("yield", "ns per yield, 1,000 tasks", 1000, yields: Ours, Tokio, Smol, LocalPool),
        row!("spawn_join_2_threads", "ns per task, 1,000 at once", 1000, spawn_join_2: Ours, Tokio, Smol),
        row!("yield_2_threads", "ns per yield, 1,000 tasks", 1000, yields_2: Ours, Tokio, Smol),
        row!("ping_pong_2_threads", "ns there and back, two tasks", 20_000, ping_pong: Ours, Tokio, Smol),
        row!("sleeps", "ns of processor time per sleep, 100,000 at once", 100_000, sleeps: Ours, Tokio, Smol),
        row!("timeouts", "ns per timeout that is polled and dropped, 10,000 others wait", 100_000, timeouts: Ours, Tokio, Smol),
    ];
    for (name, size) in
        [("grow_1", 1), ("grow_100", 100), ("grow_10000", 10_000), ("grow_1000000", 1_000_000)]
    {
        rows.push(Row { name, size, ..row!("", "ns per task, spawned and joined", 0, spawn_join: Ours, Tokio, Smol, LocalPool) });
    }
    rows
}

/// Tasks that are ready at once: all spawned, then all joined.
fn spawn_join<R: Runtime>(tasks: u32) -> f64 {
    spawn_join_on::<R>(1, tasks)
}

fn spawn_join_2<R: Runtime>(tasks: u32) -> f64 {
    spawn_join_on::<R>(2, tasks)
}

fn spawn_join_on<R: Runtime>(threads: usize, tasks: u32) -> f64 {
    let mut runtime = R::new(threads);
    let spawner = runtime.spawner();
    // Few tasks are spawned again and again, so that the clock has something to tell.
    let rounds = (1_000_000 / tasks).max(1);
    runtime.block_on(async move {
        let mut handles = Vec::with_capacity(tasks as usize);
        let begin = Instant::now();
        for _ in 0..rounds {
            handles.extend((0..tasks).map(|n| spawner.spawn(async move { n })));
            for (expected, handle) in (0..).zip(handles.drain(..)) {
                assert_eq!(R::Spawner::join(handle).await, expected);
            }
        }
        per(begin.elapsed(), rounds * tasks)
    })
}

/// Tasks that give way to each other.
fn yields<R: Runtime>(tasks: u32) -> f64 {
    yields_on::<R>(1, tasks)
}

fn yields_2<R: Runtime>(tasks: u32) -> f64 {
    yields_on::<R>(2, tasks)
}

fn yields_on<R: Runtime>(threads: usize, tasks: u32) -> f64 {
    const YIELDS: u32 = 2000;
    let mut runtime = R::new(threads);
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        let begin = Instant::now();
        let task = || async {
            for _ in 0..YIELDS {
                R::Spawner::yield_now().await;
            }
        };
        let handles: Vec<_> = (0..tasks).map(|_| spawner.spawn(task())).collect();
        for handle in handles {
            R::Spawner::join(handle).await;
        }
        per(begin.elapsed(), tasks * YIELDS)
    })
}

/// A message goes to another task and comes back.
fn ping_pong<R: Runtime>(messages: u32) -> f64 {
    let mut runtime = R::new(2);
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        let (ping, pings) = async_channel::bounded(1);
        let (pong, pongs) = async_channel::bounded(1);
        let echo = spawner.spawn(async move {
            while let Ok(n) = pings.recv().await {
                pong.send(n).await.expect("the other task listens");
            }
        });
        let asks = spawner.spawn(async move {
            let begin = Instant::now();
            for n in 0..messages {
                ping.send(n).await.expect("the other task listens");
                assert_eq!(pongs.recv().await, Ok(n));
            }
            per(begin.elapsed(), messages)
        });
        let nanos = R::Spawner::join(asks).await;
        R::Spawner::join(echo).await;
        nanos
    })
}

/// Tasks that sleep until moments within 100 ms. The thread's own time: what it sleeps does not count.
fn sleeps<R: Timers>(tasks: u32) -> f64 {
    let mut runtime = R::new(1);
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        let (begin, used) = (Instant::now(), testkit::processor_time());
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut handles = Vec::with_capacity(tasks as usize);
        for _ in 0..tasks {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let deadline = begin + Duration::from_micros(random % 100_000);
            handles.push(spawner.spawn(async move { R::sleep_until(deadline).await }));
        }
        for handle in handles {
            R::Spawner::join(handle).await;
        }
        per(testkit::processor_time() - used, tasks)
    })
}

/// Timeouts around something that is ready at its second poll, while other timers wait.
fn timeouts<R: Timers>(count: u32) -> f64 {
    const HOUR: Duration = Duration::from_secs(3600);
    let mut runtime = R::new(1);
    let spawner = runtime.spawner();
    runtime.block_on(async move {
        let others: Vec<_> = (0..10_000)
            .map(|n| {
                let deadline = Instant::now() + HOUR + Duration::from_millis(n);
                spawner.spawn(async move { R::sleep_until(deadline).await })
            })
            .collect();
        R::Spawner::yield_now().await;
        let begin = Instant::now();
        for _ in 0..count {
            assert!(R::timeout(HOUR, R::Spawner::yield_now()).await.is_some());
        }
        let nanos = per(begin.elapsed(), count);
        drop(others);
        nanos
    })
}

fn per(time: Duration, count: u32) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(count)
}

/// Measures, prints the results, and writes them. The runtimes take turns: whatever the machine does
/// meanwhile, it does to all of them.
///
/// # Errors
/// The file exists and holds something else, or cannot be written.
pub fn run(flags: &results::Flags) -> anyhow::Result<()> {
    let committed = || contestant::workspace().join("book/results/tasks.json");
    let file = flags.out.clone().or_else(|| (!flags.quick).then(committed));
    if let Some(file) = &file {
        results::expect_replaceable(file, COMMAND)?;
    }
    let (load_average, machine) = (process::load_average()?, process::machine()?);
    let rounds = if flags.quick { 1 } else { 7 };
    let rows = rows();
    let mut samples: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for round in 1..=rounds {
        for row in &rows {
            // Each begins in turn: the first gets its memory from the system, the others from the one before.
            let count = row.runtimes.len();
            for place in 0..count {
                let (runtime, measure) = &row.runtimes[(round + place) % count];
                let size = if flags.quick { row.size.min(10_000) } else { row.size };
                let nanos = measure(size);
                eprintln!("round {round}/{rounds}  {:>20} {runtime:>14} {nanos:>9.0} ns", row.name);
                samples.entry((row.name, runtime)).or_default().push(nanos);
            }
        }
    }
    let quick = if flags.quick { " --quick" } else { "" };
    let mut report = json!({
        "command": format!("{COMMAND}{quick}"),
        "machine": machine,
        "load_average_before": rounded(load_average),
        "rounds": rounds,
        "note": "medians; to_ours: the median of their time divided by ours within each round, above 1 if \
                 ours is faster",
    });
    for row in &rows {
        let ours = &samples[&(row.name, Ours::NAME)];
        report[row.name]["unit"] = row.unit.into();
        for (runtime, _) in &row.runtimes {
            let theirs = &samples[&(row.name, *runtime)];
            let spread = Spread::of(theirs.iter().copied());
            report[row.name][runtime] = figures("ns", spread);
            if *runtime != Ours::NAME {
                let ratio = Spread::of_ratios(theirs, ours);
                report[row.name][runtime]["to_ours"] = figures("ratio", ratio);
            }
        }
    }
    let text = serde_json::to_string_pretty(&report)? + "\n";
    print!("{text}");
    if let Some(file) = file {
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        eprintln!("written to {}", file.display());
    }
    Ok(())
}

fn figures(name: &str, spread: Spread) -> Value {
    let (min, max) = (format!("{name}_min"), format!("{name}_max"));
    json!({ name: rounded(spread.median), min: rounded(spread.min), max: rounded(spread.max) })
}
