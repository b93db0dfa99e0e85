//! What an answer printed while its test ran.

use super::panics;

const LINES: usize = 20;

/// The last lines, without those of libtest, of panics and of the instruments; `None`: nothing was
/// printed. Standard error comes after standard output: in which order they came is not known.
pub(super) fn last_lines(stdout: &str, stderr: &str, test: &str) -> Option<String> {
    let after = stdout.split_once("running 1 test\n").map_or("", |(_, rest)| rest);
    let end = after.rfind(&format!("test {test} ... ")).unwrap_or(after.len());
    let lines = after[..end].lines().chain(panics::sorted(stderr).1);
    let lines: Vec<_> = lines.filter(|line| !line.trim().is_empty()).collect();
    let before = lines.len().saturating_sub(LINES);
    let mut last: Vec<_> = lines[before..].iter().copied().map(panics::cut).collect();
    if before > 0 {
        last.insert(0, format!("… {before} earlier lines"));
    }
    (!last.is_empty()).then(|| last.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_answer_printed_is_left() {
        let stdout = "\nrunning 1 test\nhello\nno end of linetest t ... FAILED\n\nfailures:\n\nfailures:\n    t\n";
        let stderr = "[x.rs:1] a = 1\n\nthread 't' (1) panicked at x.rs:1:1:\nboom\nnote: run with `RUST_BACKTRACE=1`\ntestkit: hang: no\n";
        let printed = last_lines(stdout, stderr, "t");
        assert_eq!(printed.unwrap(), "hello\nno end of line\n[x.rs:1] a = 1");
        assert_eq!(last_lines("\nrunning 1 test\ntest t ... FAILED\n", "", "t"), None);
    }
}
