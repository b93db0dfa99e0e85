//! From the command that the book shows to the one that is run: programs by their paths, servers on
//! free ports, clients sent there.

use std::ops::Range;

use super::addresses::{Addresses, announced};
use super::format::Step;
use super::programs::{Programs, Wanted, wanted};
use super::shell::{Word, commands};

/// What a command of a session needs to know of those before it.
pub(super) struct Around<'a> {
    pub(super) programs: &'a Programs,
    pub(super) addresses: &'a Addresses,
    /// The process groups of what runs.
    pub(super) groups: &'a [u32],
}

/// The line for `sh -c`.
///
/// # Errors
/// A sentence: a program that is not there, or a command that cannot be replayed.
pub(super) fn rewrite(step: &Step, around: &Around<'_>) -> Result<String, String> {
    let line = &step.command;
    // What nobody has seen yet may be a server, which comes by its address as it likes.
    let is_client = step.body.first().is_some_and(|line| announced(line).is_none());
    if is_client && let Some(address) = around.addresses.unknown(line) {
        return Err(format!(
            "no server of this session listens on {address}: start it before, in another window, or correct the address."
        ));
    }
    let mut edits = Vec::new();
    for words in commands(line)? {
        if let Some((wanted, span)) = wanted(&words)? {
            let path = around.programs.find(&wanted)?;
            edits.push((span, quoted(&path.to_string_lossy())));
            let end = words[words.len() - 1].span.end;
            edits.extend(address(&wanted, &words, step, around).map(|words| (end..end, words)));
        } else if words[0].text == "pgrep" {
            let groups: Vec<_> = around.groups.iter().map(u32::to_string).collect();
            let end = words[0].span.end;
            // Others may run a server of the same name.
            edits.push((end..end, format!(" -g {}", groups.join(","))));
        }
    }
    Ok(apply(line, edits, around.addresses))
}

/// The address that a program of ours is told.
fn address(
    wanted: &Wanted<'_>,
    words: &[Word<'_>],
    step: &Step,
    around: &Around<'_>,
) -> Option<String> {
    // What nobody has seen yet may be a server: its first line says so, and comes to the book.
    let serves = step.body.first().is_none_or(|line| announced(line).is_some());
    let is_told = |word: &Word<'_>| {
        word.text == "--addr" || around.addresses.put_into(word.text) != word.text
    };
    match wanted {
        _ if words.iter().any(is_told) => None,
        Wanted::Workshop => None,
        Wanted::Package(_) => serves.then(|| " --addr 127.0.0.1:0".to_owned()),
        // A client is told of the server before it; a server, whose first line announces it, of none.
        Wanted::Example(..) => {
            let announces = step.body.first().is_some_and(|line| announced(line).is_some());
            let own = announces.then_some("127.0.0.1:0");
            around.addresses.last().or(own).map(|address| format!(" {address}"))
        }
    }
}

/// Makes the edits, and puts real addresses into what is left of the line.
fn apply(line: &str, mut edits: Vec<(Range<usize>, String)>, addresses: &Addresses) -> String {
    edits.sort_by_key(|(span, _)| span.start);
    let mut text = String::new();
    let mut done = 0;
    for (span, replacement) in edits {
        text += &addresses.put_into(&line[done..span.start]);
        text += &replacement;
        done = span.end;
    }
    text + &addresses.put_into(&line[done..])
}

/// A path as one word of the shell.
fn quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(command: &str, shown: &str, server: Option<&str>) -> Result<String, String> {
        let programs = Programs::of([("a", "/t/a"), ("a", "/t/examples/b")]);
        let mut addresses = Addresses::default();
        if let Some(server) = server {
            addresses.learn(None, server);
        }
        let body = shown.lines().map(str::to_owned).collect();
        let step = Step { line: 1, terminal: 1, command: command.into(), body };
        rewrite(&step, &Around { programs: &programs, addresses: &addresses, groups: &[7, 8] })
    }

    #[test]
    fn servers_get_a_port_of_the_systems_choice() {
        let listening = "listening on 127.0.0.1:7878";
        let run = |command| rewritten(command, listening, None).unwrap();
        assert_eq!(run("cargo run -q -p a"), "'/t/a' --addr 127.0.0.1:0");
        assert_eq!(run("cargo run -p a -- pool"), "'/t/a' pool --addr 127.0.0.1:0");
        assert_eq!(
            run("(ulimit -n 16; target/debug/a x)"),
            "(ulimit -n 16; '/t/a' x --addr 127.0.0.1:0)"
        );
        assert_eq!(run("target/debug/a --addr 127.0.0.1:9"), "'/t/a' --addr 127.0.0.1:9");
        assert_eq!(run("cargo run -q -p a --example b"), "'/t/examples/b' 127.0.0.1:0");
        assert_eq!(rewritten("cargo run -p a", "no server", None).unwrap(), "'/t/a'");
    }

    #[test]
    fn clients_are_sent_to_the_server() {
        let run = |command| rewritten(command, "", Some("127.0.0.1:4000")).unwrap();
        assert_eq!(run("target/debug/examples/b 30"), "'/t/examples/b' 30 127.0.0.1:4000");
        assert_eq!(
            run("cargo run -p a --example b -- 127.0.0.1:7878 x"),
            "'/t/examples/b' 127.0.0.1:4000 x"
        );
        assert_eq!(
            run("printf 'a\\n' | nc -N 127.0.0.1 7878"),
            "printf 'a\\n' | nc -N 127.0.0.1 4000"
        );
        assert_eq!(run("curl -s 127.0.0.1:7878/x"), "curl -s 127.0.0.1:4000/x");
    }

    #[test]
    fn a_client_goes_nowhere_but_to_a_server_of_its_session() {
        let error = rewritten("nc 127.0.0.1 7878", "> hello", None).unwrap_err();
        assert!(
            error.starts_with("no server of this session listens on 127.0.0.1:7878"),
            "{error}"
        );
        assert!(rewritten("nc 127.0.0.1 80", "> hello", Some("127.0.0.1:4000")).is_err());
    }

    #[test]
    fn pgrep_finds_the_processes_of_its_own_session() {
        let line = "P=$(pgrep -x a); cat /proc/$P/wchan";
        let expected = "P=$(pgrep -g 7,8 -x a); cat /proc/$P/wchan";
        assert_eq!(rewritten(line, "", None).unwrap(), expected);
    }

    #[test]
    fn a_program_that_is_missing_is_a_sentence() {
        let error = rewritten("cargo run -p a --example c", "", None).unwrap_err();
        assert!(error.starts_with("`a` has no example `c`"), "{error}");
    }
}
