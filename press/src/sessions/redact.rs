//! Takes out of a line what differs from run to run. `…` stands in its place, or the address that a
//! reader sees.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::addresses::Addresses;

/// What differs, and what is shown for it.
struct Pattern {
    regex: &'static str,
    shown: fn(&str, &Addresses) -> String,
}

/// The seconds at the beginning of a line of the log, with the spaces that align them.
const LOG_TIME: Pattern = Pattern { regex: r"^ *\d+\.\d+s ", shown: |_, _| "…s ".into() };

/// A port on this machine: a server's is the one that the book shows, any other was the system's
/// choice.
const LOOPBACK: Pattern = Pattern {
    regex: r"\b127\.0\.0\.1:\d+\b",
    shown: |found, addresses| addresses.shown(found).unwrap_or("127.0.0.1:…").to_owned(),
};

/// A time that was measured: it has a fraction. What was asked for is a whole number, as in
/// `after 2 seconds`, and stays.
const MEASURED: Pattern = Pattern {
    regex: r"\b\d+\.\d+ ?(ns|µs|us|ms|s)\b",
    shown: |found, _| {
        let number = |c: char| c.is_ascii_digit() || c == '.';
        format!("…{}", found.trim_start_matches(number))
    },
};

/// All patterns, in the order in which they are applied.
const PATTERNS: [Pattern; 3] = [LOG_TIME, LOOPBACK, MEASURED];

/// The line without what differs from run to run.
pub(super) fn redact(line: &str, addresses: &Addresses) -> String {
    static REGEXES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let compile = |pattern: &Pattern| Regex::new(pattern.regex).expect("a test compiles it");
        PATTERNS.iter().map(compile).collect()
    });
    let mut line = line.to_owned();
    for (pattern, regex) in PATTERNS.iter().zip(REGEXES.iter()) {
        let shown = |found: &Captures<'_>| (pattern.shown)(&found[0], addresses);
        line = regex.replace_all(&line, shown).into_owned();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(line: &str) -> String {
        let mut addresses = Addresses::default();
        addresses.learn(None, "127.0.0.1:41234");
        redact(line, &addresses)
    }

    #[test]
    fn times_of_the_log_and_ports_differ_from_run_to_run() {
        assert_eq!(
            redacted("   0.001234s  WARN a::b: failed peer=127.0.0.1:54321 error=x (os error 104)"),
            "…s  WARN a::b: failed peer=127.0.0.1:… error=x (os error 104)"
        );
        assert_eq!(redacted("listening on 127.0.0.1:41234"), "listening on 127.0.0.1:7878");
        assert_eq!(redacted("127.0.0.1:4123 127.0.0.1:412345"), "127.0.0.1:… 127.0.0.1:…");
    }

    #[test]
    fn measured_times_keep_their_unit() {
        assert_eq!(redacted("took 1.234ms, then 2.3 s"), "took …ms, then … s");
        assert_eq!(redacted("12.5µs"), "…µs");
    }

    #[test]
    fn what_was_asked_for_stays() {
        for line in
            ["after 2 seconds: no answer", "50 ms", "version 1.2.3", "0.5 servers", "1.5 KiB"]
        {
            assert_eq!(redacted(line), line);
        }
    }
}
