//! The commands that sessions may use. An unknown one would be passed over, or do anything: it is
//! refused.

use std::ffi::OsStr;

use super::shell::{Word, commands};

/// A program, or a word of the shell itself.
struct Known {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Only looks: it may be run again until it sees what it should.
    Reads,
    /// Waits for what is typed, as long as the session lasts.
    Stays,
    Other,
}

const KNOWN: [Known; 14] = [
    Known { name: "cargo", kind: Kind::Other },
    Known { name: "cat", kind: Kind::Reads },
    Known { name: "curl", kind: Kind::Other },
    Known { name: "echo", kind: Kind::Reads },
    Known { name: "grep", kind: Kind::Reads },
    Known { name: "head", kind: Kind::Other },
    Known { name: "kill", kind: Kind::Other },
    Known { name: "nc", kind: Kind::Stays },
    Known { name: "pgrep", kind: Kind::Reads },
    Known { name: "printf", kind: Kind::Other },
    Known { name: "sleep", kind: Kind::Other },
    Known { name: "tail", kind: Kind::Other },
    Known { name: "ulimit", kind: Kind::Other },
    Known { name: "wc", kind: Kind::Other },
];

/// Words of every shell, which no PATH holds.
const BUILT_IN: [&str; 4] = ["echo", "kill", "printf", "ulimit"];

/// Programs of this workspace.
const OURS: &str = "target/debug/";

/// Checks that every command of a line is known.
///
/// # Errors
/// A sentence that names the command and the known ones, or says what the shell would not
/// understand.
pub(crate) fn check(line: &str) -> Result<(), String> {
    for words in commands(line).map_err(|error| format!("{error}: correct `{line}`."))? {
        let name = words[0].text;
        if kind(name).is_none() && !name.starts_with(OURS) {
            let names: Vec<_> = KNOWN.iter().map(|known| known.name).collect();
            return Err(format!(
                "`{name}` is none of the commands that sessions know ({}, {OURS}NAME): use one of them, or add it to press/src/sessions/known.rs.",
                names.join(", ")
            ));
        }
    }
    Ok(())
}

/// Whether all that a line does is look, so that it can be run again.
pub(super) fn only_reads(commands: &[Vec<Word<'_>>]) -> bool {
    let writes = |word: &Word<'_>| word.text.contains('>');
    let reads = |words: &Vec<Word<'_>>| kind(words[0].text) == Some(Kind::Reads);
    commands.iter().all(|words| reads(words) && !words.iter().any(writes))
}

/// Whether a line is one command that waits for what is typed.
pub(super) fn stays(commands: &[Vec<Word<'_>>]) -> bool {
    matches!(commands, [words] if kind(words[0].text) == Some(Kind::Stays))
}

/// The first command of a line that is in no folder of `path`.
pub(super) fn missing<'a>(commands: &[Vec<Word<'a>>], path: &OsStr) -> Option<&'a str> {
    let has = |name: &str| std::env::split_paths(path).any(|folder| folder.join(name).is_file());
    let names = commands.iter().map(|words| words[0].text);
    names.filter(|name| kind(name).is_some() && !BUILT_IN.contains(name)).find(|name| !has(name))
}

fn kind(name: &str) -> Option<Kind> {
    KNOWN.iter().find(|known| known.name == name).map(|known| known.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_named_with_the_known_ones() {
        assert_eq!(check("(ulimit -n 16; target/debug/blocking threads)"), Ok(()));
        let error = check("echo a | sed s/a/b/").unwrap_err();
        assert!(error.starts_with("`sed` is none of the commands"), "{error}");
        assert!(error.contains("nc, pgrep"), "{error}");
        assert!(check("echo 'a").unwrap_err().starts_with("a `'` does not end"));
    }

    #[test]
    fn a_line_only_reads_when_all_of_it_does() {
        let reads = |line| only_reads(&commands(line).unwrap());
        assert!(reads("P=$(pgrep -x a); grep State /proc/$P/status; cat /proc/$P/wchan"));
        assert!(!reads("cat x | nc 127.0.0.1 1"));
        assert!(!reads("echo x >> log; grep -c x log"));
    }

    #[test]
    fn a_netcat_that_is_given_its_input_does_not_stay() {
        let stays = |line| stays(&commands(line).unwrap());
        assert!(stays("nc 127.0.0.1 7878") && !stays("printf 'a\\n' | nc -N 127.0.0.1 7878"));
    }
}
