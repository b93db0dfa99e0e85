//! The flags that every server takes: a mode, an address, how many connections it keeps open, and
//! where to record what it does.

use std::ffi::OsString;
use std::fmt::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use lexopt::prelude::*;

/// Where a server listens when nothing is said: loopback, so that no other machine can connect.
pub const DEFAULT_ADDR: &str = "127.0.0.1:7878";

/// How many connections a server keeps open at once when nothing is said, at most.
const MAX_CONNECTIONS: usize = 1024;

/// Descriptors that are no connections: the standard streams, the listener, the poller, a recording.
const OTHER_DESCRIPTORS: usize = 16;

/// How many connections a server keeps open at once when nothing is said: 1024, or as many as the
/// process may have descriptors for (`ulimit -n`), but for the few that it needs itself.
pub fn default_max_connections() -> usize {
    #[cfg(unix)]
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    let limit = None;
    within(limit)
}

fn within(descriptors: Option<u64>) -> usize {
    let descriptors = descriptors.and_then(|limit| usize::try_from(limit).ok());
    let room = descriptors.map_or(usize::MAX, |limit| limit.saturating_sub(OTHER_DESCRIPTORS));
    room.clamp(1, MAX_CONNECTIONS)
}

/// A server's `--help`, and the flags that it takes.
pub struct Server {
    /// The package name, as in `cargo run -p NAME`.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// The kinds of server it can be. The first is the default.
    pub modes: &'static [Mode],
    /// Flags of its own: each takes a number of at least 1.
    pub numbers: &'static [Number],
}

/// A flag that takes a number.
pub struct Number {
    /// The word on the command line, without the dashes.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
}

/// One kind of server in a binary that holds several.
pub struct Mode {
    /// The word on the command line.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
}

/// The flags, parsed.
#[derive(Debug, PartialEq, Eq)]
pub struct Flags {
    /// One of the [`Server::modes`], by name.
    pub mode: &'static str,
    /// Where to listen. Port 0 asks the system for a free one.
    pub addr: SocketAddr,
    /// How many connections may be open at once, at least 1. More wait in the backlog of the
    /// listener.
    pub max_connections: usize,
    /// The file for a [recording](crate::recording), if there is to be one.
    pub trace: Option<PathBuf>,
    /// Those of [`Server::numbers`] that were given.
    pub numbers: Vec<(&'static str, usize)>,
}

impl Flags {
    /// One of the [`Server::numbers`], if it was given. The last one counts.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.numbers.iter().rev().find(|(given, _)| *given == name).map(|(_, number)| *number)
    }
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// Run with these flags.
    Run(Flags),
    /// Print this text and leave.
    Help(String),
}

impl Server {
    /// The flags of this process. Prints the help and exits with 0 when it is asked for; says
    /// what is wrong and exits with 2 when the command line cannot be understood.
    pub fn flags(&self) -> Flags {
        match self.parse(std::env::args_os()) {
            Ok(Request::Run(flags)) => flags,
            Ok(Request::Help(text)) => {
                print!("{text}");
                std::process::exit(0)
            }
            Err(error) => {
                eprintln!("{}: {error:#}\n\n{}", self.name, self.help());
                std::process::exit(2)
            }
        }
    }

    /// Parses a command line whose first word is the program.
    ///
    /// # Errors
    /// An unknown mode or flag, a flag without its value, a value that is no address or no
    /// positive number.
    pub fn parse(&self, args: impl IntoIterator<Item = OsString>) -> anyhow::Result<Request> {
        let mut mode = None;
        let mut addr = DEFAULT_ADDR.to_owned();
        let mut max_connections = default_max_connections();
        let mut trace = None;
        let mut numbers = Vec::new();
        let mut parser = lexopt::Parser::from_iter(args);
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(Request::Help(self.help())),
                Long("addr") => addr = parser.value()?.string()?,
                Long("trace") => trace = Some(parser.value()?.into()),
                Long("max-connections") => {
                    max_connections = positive("max-connections", &mut parser)?;
                }
                Long(flag) if let Some(known) = self.number(flag) => {
                    numbers.push((known, positive(known, &mut parser)?));
                }
                Value(word) if mode.is_none() => mode = Some(self.mode(&word.string()?)?),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(Request::Run(Flags {
            mode: mode.unwrap_or(self.modes[0].name),
            addr: resolve(&addr).with_context(|| format!("--addr {addr}"))?,
            max_connections,
            trace,
            numbers,
        }))
    }

    fn number(&self, flag: &str) -> Option<&'static str> {
        self.numbers.iter().map(|number| number.name).find(|name| *name == flag)
    }

    fn mode(&self, word: &str) -> anyhow::Result<&'static str> {
        let known = self.modes.iter().map(|mode| mode.name);
        known.clone().find(|name| *name == word).ok_or_else(|| {
            let known: Vec<_> = known.collect();
            anyhow!("no mode is called {word}: say one of {}", known.join(", "))
        })
    }

    /// The text of `--help`.
    pub fn help(&self) -> String {
        let words: Vec<_> = self.modes.iter().map(|mode| mode.name).collect();
        let mut text = format!(
            "{}\n\nUsage: cargo run -p {} -- [{}] [--addr ADDR] [--max-connections N] [--trace FILE]{}\n\n",
            self.about,
            self.name,
            words.join("|"),
            self.numbers.iter().map(|n| format!(" [--{} N]", n.name)).collect::<String>()
        );
        for (index, Mode { name, about }) in self.modes.iter().enumerate() {
            let default = if index == 0 { " (the default)" } else { "" };
            let _ = writeln!(text, "  {name:<20} {about}{default}");
        }
        let _ = write!(
            text,
            "  --addr ADDR          where to listen; port 0 picks a free one (default {DEFAULT_ADDR})\n  \
               --max-connections N  how many connections are open at once (default {}: {MAX_CONNECTIONS},\n  \
               {:20} or what the limit on descriptors leaves, `ulimit -n`)\n  \
               --trace FILE         record what each thread does into a new file; the Perfetto UI opens it\n",
            default_max_connections(),
            ""
        );
        for Number { name, about } in self.numbers {
            let _ = writeln!(text, "  {:<20} {about}", format!("--{name} N"));
        }
        text += "\nRUST_LOG=debug shows each connection's life on standard error.\n";
        text
    }
}

/// The number after a flag.
fn positive(flag: &str, parser: &mut lexopt::Parser) -> anyhow::Result<usize> {
    let value = parser.value()?.string()?;
    match value.parse() {
        Ok(0) => bail!("--{flag} 0: say 1 or more"),
        Ok(number) => Ok(number),
        Err(_) => bail!("--{flag} {value}: not a number: say 1 or more"),
    }
}

fn resolve(addr: &str) -> anyhow::Result<SocketAddr> {
    addr.to_socket_addrs()
        .context("not an address: say HOST:PORT, like 127.0.0.1:7878")?
        .next()
        .context("this name has no address")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: Server = Server {
        name: "demo",
        about: "A server for these tests.",
        modes: &[
            Mode { name: "slow", about: "takes its time" },
            Mode { name: "fast", about: "does not" },
        ],
        numbers: &[Number { name: "legs", about: "what it runs on" }],
    };

    fn parse(line: &str) -> Result<Request, String> {
        parse_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    fn parse_words(words: &[&str]) -> Result<Request, String> {
        let args = ["demo"].iter().chain(words).map(OsString::from);
        SERVER.parse(args).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn nothing_said_is_the_first_mode_on_loopback() {
        let Ok(Request::Run(flags)) = parse("") else { panic!("an empty command line is valid") };
        assert_eq!(
            (flags.mode, flags.max_connections, flags.trace),
            ("slow", default_max_connections(), None)
        );
        assert!(flags.addr.ip().is_loopback());
    }

    #[test]
    fn the_default_leaves_descriptors_for_other_things() {
        let defaults = [None, Some(1 << 20), Some(256), Some(10)].map(within);
        assert_eq!(defaults, [1024, 1024, 240, 1]);
    }

    #[test]
    fn flags_stand_before_or_after_the_mode() {
        let expected = Request::Run(Flags {
            mode: "fast",
            addr: "127.0.0.1:9".parse().unwrap(),
            max_connections: 3,
            trace: Some("a file.json".into()),
            numbers: Vec::new(),
        });
        let after = ["fast", "--addr", "127.0.0.1:9", "--max-connections=3", "--trace=a file.json"];
        assert_eq!(parse_words(&after).as_ref(), Ok(&expected));
        let before =
            ["--addr=127.0.0.1:9", "--max-connections", "3", "--trace", "a file.json", "fast"];
        assert_eq!(parse_words(&before).as_ref(), Ok(&expected));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_say_instead() {
        assert_eq!(parse("fats").unwrap_err(), "no mode is called fats: say one of slow, fast");
        assert!(parse("--max-connections 0").unwrap_err().contains("say 1 or more"));
        assert!(parse("--max-connections many").unwrap_err().contains("not a number"));
        assert!(parse("--addr nowhere").unwrap_err().contains("say HOST:PORT"));
        assert!(parse("--adr x").unwrap_err().contains("--adr"));
        assert!(parse("fast slow").unwrap_err().contains("slow"));
    }

    #[test]
    fn a_number_of_a_servers_own_is_the_last_that_was_given() {
        let Ok(Request::Run(flags)) = parse("--legs 2 --legs=4") else { panic!("it is known") };
        assert_eq!((flags.number("legs"), flags.number("arms")), (Some(4), None));
        assert!(parse("--legs 0").unwrap_err().contains("--legs 0: say 1 or more"));
    }

    #[test]
    fn help_names_each_mode_and_flag() {
        let Ok(Request::Help(text)) = parse("fast --help") else { panic!("--help asks for help") };
        for word in
            ["slow", "fast", "--legs N", "--addr", "--max-connections", "--trace", "RUST_LOG"]
        {
            assert!(text.contains(word), "{word} is missing from:\n{text}");
        }
    }
}
