//! What many short connections leave behind: memory and descriptors of a server, after ten thousand of
//! them, a hundred thousand, a million.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};

use anyhow::{Context, ensure};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use serde_json::{Value, json};

use crate::contestant;
use crate::cores;
use crate::process;
use crate::results::{self, Flags};

/// After how many connections the server is looked at.
const LOOKS: [u32; 3] = [10_000, 100_000, 1_000_000];

/// How many connections have the same source: the system keeps the port of each for a minute.
const EACH: u32 = 10_000;

/// How much memory may come after the first look, in KiB: an allocator is not exact.
const ALLOWED_KIB: u64 = 512;

const COMMAND: &str = "cargo arena churn";

/// Connects, says a word, hears it, ends; a million times, or ten thousand times with `--quick`.
/// Prints what the server has then, and writes it.
///
/// # Errors
/// The server cannot be built or started, does not echo, or has more than at the first look.
pub fn run(flags: &Flags) -> anyhow::Result<()> {
    let committed = || contestant::workspace().join("book/results/churn.json");
    let file = flags.out.clone().or_else(|| (!flags.quick).then(committed));
    if let Some(file) = &file {
        results::expect_replaceable(file, COMMAND)?;
    }
    let machine = process::machine()?;
    let contestants = contestant::build()?;
    let tasks = contestants.iter().find(|contestant| contestant.key == "tasks");
    let server = tasks.context("`tasks` takes part")?.start(&cores::divide())?;
    let looks = &LOOKS[..if flags.quick { 1 } else { LOOKS.len() }];
    let mut seen: Vec<(u32, usize, u64)> = Vec::new();
    let mut made = 0;
    for &look in looks {
        while made < look {
            once(made, server.addr()).with_context(|| format!("connection {made}"))?;
            made += 1;
        }
        // The server has read the end of the last one when it has closed its side: `once` waits for that.
        let descriptors = server.descriptors()?;
        seen.push((made, descriptors, process::resident_kib(server.id())?));
        eprintln!("{seen:?}");
    }
    let (_, descriptors, kib) = seen[0];
    for &(connections, descriptors_now, kib_now) in &seen {
        ensure!(
            descriptors_now <= descriptors && kib_now <= kib + ALLOWED_KIB,
            "after {connections} connections the server has {descriptors_now} descriptors and {kib_now} KiB, \
             and after the first {} it had {descriptors} and {kib}",
            looks[0]
        );
    }
    let rows: Vec<Value> = seen
        .iter()
        .map(|(connections, descriptors, kib)| {
            json!({ "connections": connections, "descriptors": descriptors, "resident_kib": kib })
        })
        .collect();
    let report = json!({ "command": COMMAND, "machine": machine, "after": rows });
    let text = serde_json::to_string_pretty(&report)? + "\n";
    print!("{text}");
    if let Some(file) = file {
        std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

/// One short connection, from a source of its own among a million.
fn once(number: u32, server: SocketAddr) -> anyhow::Result<()> {
    let source = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number / EACH);
    let client = socket(AddressFamily::INET, SocketType::STREAM, None)?;
    bind(&client, &SocketAddrV4::new(source, 0))?;
    connect(&client, &server)?;
    let mut client = TcpStream::from(client);
    client.write_all(b"hello")?;
    client.read_exact(&mut [0; 5])?;
    client.shutdown(std::net::Shutdown::Write)?;
    ensure!(client.read(&mut [0])? == 0, "the server has more to say");
    Ok(())
}
