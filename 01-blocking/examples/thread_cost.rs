//! What a thread costs that waits for a socket.
//!
//! `cargo run --release -p blocking --example thread_cost`
//!
//! Linux only: it reads /proc (proc(5)). The argument is the number of threads, 1,000 when
//! nothing is said. With `--json FILE` the figures go into a file too: the one that the book
//! quotes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

/// How many messages go back and forth between two threads.
const ROUND_TRIPS: u32 = 20_000;

/// Repetitions; the median counts.
const RUNS: usize = 5;

fn main() -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("this example reads Linux's /proc, and there is none here");
    }
    let mut arguments = std::env::args().skip(1);
    let (mut count, mut file) = (1000, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => file = Some(arguments.next().context("--json FILE")?),
            number => count = number.parse().context("the argument is a number of threads")?,
        }
    }
    let memory = memory(count)?;
    let switches = switches()?;
    for (name, value) in [&memory, &switches].into_iter().filter_map(Value::as_object).flatten() {
        println!("{name:<20} {value}");
    }
    if let Some(file) = file {
        let figures = json!({
            "command": format!("cargo run --release -p blocking --example thread_cost -- {count}"),
            "machine": machine()?,
            "memory": memory,
            "switches": switches,
        });
        let text = serde_json::to_string_pretty(&figures)? + "\n";
        std::fs::write(&file, text).with_context(|| format!("writing {file}"))?;
    }
    Ok(())
}

// ANCHOR: memory
/// Starts `count` threads that all wait for a client, and divides what the process grew by.
fn memory(count: usize) -> anyhow::Result<Value> {
    let listener = Arc::new(TcpListener::bind(("127.0.0.1", 0))?);
    let before = Memory::now()?;
    let start = Instant::now();
    let (waiting, ready) = mpsc::channel();
    for _ in 0..count {
        let (listener, waiting) = (listener.clone(), waiting.clone());
        let wait = move || {
            let _ = waiting.send(());
            listener.accept()
        };
        thread::Builder::new().spawn(wait).context("the system refuses another thread")?;
    }
    ready.iter().take(count).for_each(drop);
    let elapsed = start.elapsed();
    let after = Memory::now()?;
    let each = |kib: u64| (kib as f64 / count as f64 * 10.0).round() / 10.0;
    Ok(json!({
        "threads": count,
        "reserved_kib": each(after.reserved - before.reserved),
        "resident_kib": each(after.resident - before.resident),
        "kernel_stack_kib": each(after.kernel_stacks.saturating_sub(before.kernel_stacks)),
        "start_us": (elapsed.as_secs_f64() * 1e6 / count as f64).round(),
    }))
}
// ANCHOR_END: memory

/// KiB, from /proc/self/status and /proc/meminfo.
struct Memory {
    /// Address space: what the threads could use.
    reserved: u64,
    /// Memory that is really there.
    resident: u64,
    /// The kernel's own stack for each thread. Counted for the whole machine.
    kernel_stacks: u64,
}

impl Memory {
    fn now() -> anyhow::Result<Self> {
        Ok(Self {
            reserved: field("/proc/self/status", "VmSize:")?,
            resident: field("/proc/self/status", "VmRSS:")?,
            kernel_stacks: field("/proc/meminfo", "KernelStack:")?,
        })
    }
}

// ANCHOR: switches
/// Sends a byte back and forth between two threads. Each waits for the other, so each message
/// puts one thread to sleep and wakes one.
fn switches() -> anyhow::Result<Value> {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let mut client = TcpStream::connect(listener.local_addr()?)?;
        let (mut server, _) = listener.accept()?;
        for stream in [&client, &server] {
            stream.set_nodelay(true)?;
        }
        let echo = thread::spawn(move || -> anyhow::Result<u64> {
            let mut byte = [0];
            while server.read(&mut byte)? > 0 {
                server.write_all(&byte)?;
            }
            field("/proc/thread-self/status", "voluntary_ctxt_switches:")
        });
        let start = Instant::now();
        for _ in 0..ROUND_TRIPS {
            client.write_all(&[1])?;
            client.read_exact(&mut [0])?;
        }
        let elapsed = start.elapsed() / ROUND_TRIPS;
        drop(client);
        let switches = echo.join().expect("the echo thread does not panic")?;
        runs.push((elapsed, switches as f64 / f64::from(ROUND_TRIPS)));
    }
    runs.sort_by_key(|run| run.0);
    let (elapsed, switches) = runs[RUNS / 2];
    Ok(json!({
        "round_trips": ROUND_TRIPS,
        "runs": RUNS,
        "round_trip_us": microseconds(elapsed),
        "fastest_us": microseconds(runs[0].0),
        "slowest_us": microseconds(runs[RUNS - 1].0),
        "sleeps_per_message": (switches * 100.0).round() / 100.0,
    }))
}
// ANCHOR_END: switches

fn microseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e7).round() / 10.0
}

/// The number behind `name` in a file of /proc.
fn field(file: &str, name: &str) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line[name.len()..].split_whitespace().next()?.parse().ok());
    value.with_context(|| format!("{file} has no {name}"))
}

fn machine() -> anyhow::Result<String> {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let cores = thread::available_parallelism()?;
    Ok(format!("{cores} cores, Linux {}", kernel.trim().split('-').next().unwrap_or_default()))
}
