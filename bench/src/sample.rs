//! One server, one number of connections, one window.

use std::time::Duration;

use anyhow::Context;

use crate::contestant::Contestant;
use crate::cores::Cores;
use crate::load::Load;
use crate::process;

/// How long each part takes.
pub struct Times {
    /// Not counted: caches are filled, threads have touched their stacks.
    pub warm_up: Duration,
    /// Counted.
    pub window: Duration,
}

/// What a window has shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    /// Echoes in each second.
    pub rps: f64,
    /// Half of the echoes came within this many microseconds.
    pub latency_p50_us: f64,
    /// 99 of 100 did.
    pub latency_p99_us: f64,
    /// The memory of the server process.
    pub resident_kib: f64,
    /// How much that grew since it had no connection, divided by their number.
    pub kib_per_connection: f64,
    /// How often a thread of the server began to wait, for each echo.
    pub voluntary_switches: f64,
    /// How often the processor was taken from one, for each echo.
    pub involuntary_switches: f64,
    /// How many microseconds the server was on a processor, for each echo. Unlike `rps`, it does not
    /// depend on how fast the load is.
    pub server_cpu_us: f64,
    /// The server's part of a processor, in percent.
    pub server_cpu: f64,
    /// The load's.
    pub load_cpu: f64,
}

/// What came of a try.
pub enum Outcome {
    /// It was measured.
    Measured(Sample),
    /// The server did not serve so many connections. The sentence says what happened.
    NotServed(String),
}

/// Starts a server, connects, and measures. The server is a new one each time, so its memory is that of
/// these connections.
///
/// # Errors
/// The server does not start, or it does not echo what it is sent.
pub fn measure(
    contestant: &Contestant,
    connections: u32,
    times: &Times,
    cores: &Cores,
) -> anyhow::Result<Outcome> {
    let mut server = contestant.start(cores)?;
    let pid = server.id();
    let empty = process::resident_kib(pid)? as f64;
    let mut load = match Load::connect(server.addr(), connections) {
        Ok(load) => load,
        Err(error) => {
            let log = server.kill();
            let said = log.lines().next().map(|line| format!("; the server said: {line}"));
            return Ok(Outcome::NotServed(format!("{error:#}{}", said.unwrap_or_default())));
        }
    };
    let context = || format!("{} with {connections} connections", contestant.key);
    load.run(times.warm_up).with_context(context)?;
    let before = process::usage(pid)?;
    let window = load.run(times.window).with_context(context)?;
    let used = process::usage(pid)? - before;
    let full = process::resident_kib(pid)? as f64;

    let (echoes, seconds) = (window.echoes as f64, window.elapsed.as_secs_f64());
    let microseconds = |quantile| window.latencies.value_at_quantile(quantile) as f64 / 1e3;
    Ok(Outcome::Measured(Sample {
        rps: echoes / seconds,
        latency_p50_us: microseconds(0.5),
        latency_p99_us: microseconds(0.99),
        resident_kib: full,
        kib_per_connection: (full - empty) / f64::from(connections),
        voluntary_switches: used.voluntary as f64 / echoes,
        involuntary_switches: used.involuntary as f64 / echoes,
        server_cpu_us: 1e6 * used.cpu.as_secs_f64() / echoes,
        server_cpu: 100.0 * used.cpu.as_secs_f64() / seconds,
        load_cpu: 100.0 * window.cpu.as_secs_f64() / seconds,
    }))
}
