//! What a thread costs while it waits for a socket.
//!
//! `cargo run --release -p blocking --example thread_cost`
//!
//! Linux only: it reads /proc (proc(5)). The argument is the number of threads, 1,000 when it is
//! left out. With `--json FILE` the figures are written into a file too: the one that the book quotes.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

/// How many messages go back and forth between two threads.
const ROUND_TRIPS: u32 = 10_000;

/// Repetitions; the median counts.
const RUNS: usize = 9;

fn main() -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") {
        bail!("this example reads Linux's /proc, and there is none here");
    }
    let mut arguments = std::env::args().skip(1);
    let (mut count, mut file) = (1000, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => file = Some(arguments.next().context("--json FILE")?),
            "0" => bail!("no threads have no cost: give 1 or more"),
            number => count = number.parse().context("the argument is a number of threads")?,
        }
    }
    let memory = memory(count)?;
    let server = server(400, memory["kernel_kib"].as_f64().unwrap_or_default())?;
    let parts = [("memory", memory), ("server", server), ("round_trips", round_trips()?)];
    for (part, figures) in &parts {
        for (name, value) in figures.as_object().into_iter().flatten() {
            println!("{:<32} {value}", format!("{part}.{name}"));
        }
    }
    if let Some(file) = file {
        let mut figures = json!({
            "command": format!("cargo run --release -p blocking --example thread_cost -- {count}"),
            "machine": machine()?,
        });
        for (part, part_figures) in parts {
            figures[part] = part_figures;
        }
        let text = serde_json::to_string_pretty(&figures)? + "\n";
        std::fs::write(&file, text).with_context(|| format!("writing {file}"))?;
    }
    Ok(())
}

/// What each of `count` threads costs that all wait for a client.
fn memory(count: usize) -> anyhow::Result<Value> {
    let (grown, elapsed) = start_threads(count)?;
    let kernel = grown.page_tables + grown.kernel_stacks + grown.kernel_records;
    Ok(json!({
        "threads": count,
        "reserved_kib": each(grown.reserved, count),
        "resident_kib": each(grown.resident, count),
        "page_tables_kib": each(grown.page_tables, count),
        "kernel_stack_kib": each(grown.kernel_stacks, count),
        "kernel_records_kib": each(grown.kernel_records, count),
        "kernel_kib": each(kernel, count),
        "real_kib": each(grown.resident + kernel, count),
        "process_mib_together": two_digits(grown.resident as f64 / 1024.0),
        "kernel_mib_together": two_digits(kernel as f64 / 1024.0),
        "start_us": one_digit(elapsed.as_secs_f64() * 1e6 / count as f64),
    }))
}

// ANCHOR: memory
/// Starts `count` threads that all wait for a client. Returns what the process grew by, and how
/// long it took.
fn start_threads(count: usize) -> anyhow::Result<(Memory, Duration)> {
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
    Ok((before.growth()?, elapsed))
}
// ANCHOR_END: memory

/// The same for a server of this stage with silent clients: its threads have called a few functions.
/// `kernel_kib` is what the kernel needs for one thread.
fn server(clients: usize, kernel_kib: f64) -> anyhow::Result<Value> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let addr = listener.local_addr()?;
    let threads = field("/proc/self/status", "Threads:")?;
    let before = Memory::now()?;
    thread::spawn(move || blocking::threads::serve(&listener, clients));
    let connected: io::Result<Vec<_>> = (0..clients).map(|_| TcpStream::connect(addr)).collect();
    let _silent = connected.context("more clients than descriptors? ulimit -n")?;
    let start = Instant::now();
    while field("/proc/self/status", "Threads:")? < threads + 1 + clients as u64 {
        ensure!(start.elapsed() < Duration::from_secs(10), "the server did not get its threads");
        thread::yield_now();
    }
    // The last one is still on its way to its read.
    thread::sleep(Duration::from_millis(100));
    let resident = before.growth()?.resident as f64 / clients as f64;
    let thread = resident + kernel_kib;
    Ok(json!({
        "clients": clients,
        "resident_kib": two_digits(resident),
        "thread_kib": two_digits(thread),
        "ten_thousand_threads_mib": two_digits(thread * 10_000.0 / 1024.0),
    }))
}

fn each(kib: u64, count: usize) -> f64 {
    two_digits(kib as f64 / count as f64)
}

/// A counted figure, to two digits: a run on another day differs in the third.
fn two_digits(figure: f64) -> f64 {
    format!("{figure:.1e}").parse().expect("a number that was just written")
}

/// A time, to one digit: runs differ in the second.
fn one_digit(figure: f64) -> f64 {
    format!("{figure:.0e}").parse().expect("a number that was just written")
}

/// KiB, from /proc/self/status and /proc/meminfo.
struct Memory {
    /// Address space: what the threads could use.
    reserved: u64,
    /// Address space with memory behind it.
    resident: u64,
    /// Where the kernel keeps which memory is behind which address.
    page_tables: u64,
    /// The kernel's own stack for each thread. Counted for the whole machine.
    kernel_stacks: u64,
    /// The kernel's other records, of threads above all. Counted for the whole machine.
    kernel_records: u64,
}

impl Memory {
    fn now() -> anyhow::Result<Self> {
        Ok(Self {
            reserved: field("/proc/self/status", "VmSize:")?,
            resident: field("/proc/self/status", "VmRSS:")?,
            page_tables: field("/proc/self/status", "VmPTE:")?,
            kernel_stacks: field("/proc/meminfo", "KernelStack:")?,
            kernel_records: field("/proc/meminfo", "SUnreclaim:")?,
        })
    }

    fn growth(&self) -> anyhow::Result<Self> {
        let now = Self::now()?;
        Ok(Self {
            reserved: now.reserved.saturating_sub(self.reserved),
            resident: now.resident.saturating_sub(self.resident),
            page_tables: now.page_tables.saturating_sub(self.page_tables),
            kernel_stacks: now.kernel_stacks.saturating_sub(self.kernel_stacks),
            kernel_records: now.kernel_records.saturating_sub(self.kernel_records),
        })
    }
}

/// A byte there and back, with one thread that plays both ends, and with two. The runs take turns,
/// so that both meet the same load of the machine.
fn round_trips() -> anyhow::Result<Value> {
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    let mut sleeps = Vec::new();
    for _ in 0..RUNS {
        alone.push(one_thread()?);
        let (elapsed, slept) = two_threads()?;
        together.push(elapsed);
        sleeps.push(slept);
    }
    alone.sort();
    together.sort();
    sleeps.sort_by(f64::total_cmp);
    Ok(json!({
        "count": ROUND_TRIPS,
        "runs": RUNS,
        "one_thread_us": one_digit(microseconds(alone[RUNS / 2])),
        "two_threads_us": one_digit(microseconds(together[RUNS / 2])),
        "two_threads_fastest_us": one_digit(microseconds(together[0])),
        "two_threads_slowest_us": one_digit(microseconds(together[RUNS - 1])),
        "sleeps_per_message_fewest": (sleeps[0] * 100.0).round() / 100.0,
        "sleeps_per_message_most": (sleeps[RUNS - 1] * 100.0).round() / 100.0,
        "sleeps_per_message": (sleeps[RUNS / 2] * 100.0).round() / 100.0,
    }))
}

// ANCHOR: two_threads
/// Each thread waits for the other's byte. Returns how long a round trip took, and how often the
/// echoing thread went to sleep for each byte.
fn two_threads() -> anyhow::Result<(Duration, f64)> {
    let (mut client, mut server) = connected()?;
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
    let sleeps = echo.join().expect("the echo thread does not panic")?;
    Ok((elapsed, sleeps as f64 / f64::from(ROUND_TRIPS)))
}
// ANCHOR_END: two_threads

/// The same bytes through sockets of the same kind, and no thread has to be woken.
fn one_thread() -> anyhow::Result<Duration> {
    let (mut client, mut server) = connected()?;
    let start = Instant::now();
    for _ in 0..ROUND_TRIPS {
        client.write_all(&[1])?;
        server.read_exact(&mut [0])?;
        server.write_all(&[1])?;
        client.read_exact(&mut [0])?;
    }
    Ok(start.elapsed() / ROUND_TRIPS)
}

fn connected() -> anyhow::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let (server, _) = listener.accept()?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    Ok((client, server))
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
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
    let is_virtual = std::fs::read_to_string("/proc/cpuinfo")?.contains("hypervisor");
    let of = if is_virtual { " of a virtual machine" } else { "" };
    Ok(format!("{cores} cores{of}, Linux {}", kernel.trim().split('-').next().unwrap_or_default()))
}
