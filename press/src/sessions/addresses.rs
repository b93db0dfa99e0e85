//! Servers listen on ports of the system's choice, and the book shows those that a reader sees.

use std::sync::LazyLock;

use regex::{Captures, Regex};

static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b127\.0\.0\.1([: ])\d+\b").expect("a test compiles it"));

/// Where the servers of a session listen: as the book shows it, and really.
#[derive(Default)]
pub(super) struct Addresses(Vec<(String, String)>);

/// What a server's first line begins with.
const LISTENING: &str = "listening on ";

/// Where a server listens that is told no other address.
pub(super) const DEFAULT: &str = "127.0.0.1:7878";

/// The address in the first line of a server.
pub(super) fn announced(line: &str) -> Option<&str> {
    line.strip_prefix(LISTENING)
}

impl Addresses {
    /// Learns of a server, by the first line that the book shows and the one that came.
    pub(super) fn learn(&mut self, shown: Option<&str>, real: &str) {
        let shown = shown.and_then(announced).unwrap_or(DEFAULT);
        self.0.push((shown.to_owned(), real.to_owned()));
    }

    /// The address of the server that was started last.
    pub(super) fn last(&self) -> Option<&str> {
        self.0.last().map(|(_, real)| real.as_str())
    }

    /// What the book shows for a real address.
    pub(super) fn shown(&self, address: &str) -> Option<&str> {
        self.0.iter().rev().find(|(_, real)| real == address).map(|(shown, _)| shown.as_str())
    }

    /// The first address in a command where no server listens.
    pub(super) fn unknown(&self, command: &str) -> Option<String> {
        let shown = ADDRESS.find_iter(command).map(|found| found.as_str().replace(' ', ":"));
        shown.into_iter().find(|shown| !self.0.iter().any(|(other, _)| other == shown))
    }

    /// A command with real addresses in place of those of the book, as `HOST:PORT` or `HOST PORT`.
    pub(super) fn put_into(&self, command: &str) -> String {
        let real = |found: &Captures<'_>| {
            let shown = found[0].replace(' ', ":");
            let server = self.0.iter().rev().find(|(other, _)| *other == shown);
            server.map_or(found[0].to_owned(), |(_, real)| real.replace(':', &found[1]))
        };
        ADDRESS.replace_all(command, real).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_meet_the_servers_where_they_really_are() {
        let mut addresses = Addresses::default();
        addresses.learn(Some("listening on 127.0.0.1:7878"), "127.0.0.1:7879");
        addresses.learn(Some("listening on 127.0.0.1:7879"), "127.0.0.1:4000");
        assert_eq!(addresses.put_into("nc 127.0.0.1 7878"), "nc 127.0.0.1 7879");
        assert_eq!(
            addresses.put_into("curl 127.0.0.1:7879/x 127.0.0.1:78780"),
            "curl 127.0.0.1:4000/x 127.0.0.1:78780"
        );
        assert_eq!(addresses.last(), Some("127.0.0.1:4000"));
        assert_eq!(addresses.unknown("nc 127.0.0.1 7878; curl 127.0.0.1:7879/x"), None);
        let elsewhere = addresses.unknown("nc 127.0.0.1 7878; nc 127.0.0.1 80");
        assert_eq!(elsewhere.as_deref(), Some("127.0.0.1:80"));
        assert_eq!(addresses.shown("127.0.0.1:7879"), Some("127.0.0.1:7878"));
    }

    #[test]
    fn a_server_nobody_has_shown_yet_has_the_usual_address() {
        let mut addresses = Addresses::default();
        addresses.learn(None, "127.0.0.1:5");
        assert_eq!(addresses.shown("127.0.0.1:5"), Some("127.0.0.1:7878"));
    }
}
