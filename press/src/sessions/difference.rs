//! What differs between a page and a run, in the fewest lines that show it.

/// The lines that differ: `-` those of the book, `+` those of the run.
pub(super) fn difference(shown: &[String], found: &[String]) -> String {
    let same = |(a, b): &(&String, &String)| a == b;
    let start = shown.iter().zip(found).take_while(same).count();
    let (shown, found) = (&shown[start..], &found[start..]);
    let end = shown.iter().rev().zip(found.iter().rev()).take_while(same).count();
    let (shown, found) = (&shown[..shown.len() - end], &found[..found.len() - end]);
    let mut lines = Vec::new();
    if shown.len() == found.len() {
        for (shown, found) in shown.iter().zip(found).filter(|pair| !same(pair)) {
            lines.extend([marked('-', shown), marked('+', found)]);
        }
    } else {
        lines.extend(shown.iter().map(|line| marked('-', line)));
        lines.extend(found.iter().map(|line| marked('+', line)));
    }
    shortened(lines)
}

fn marked(mark: char, line: &str) -> String {
    format!("  {mark} {line}")
}

/// The first forty lines: a server may have logged thousands.
fn shortened(mut lines: Vec<String>) -> String {
    const LINES: usize = 40;
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        lines.truncate(LINES);
        lines.push(format!("  … and {more} lines more"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {

    fn difference(shown: &str, found: &str) -> String {
        let lines = |text: &str| text.split_terminator(' ').map(str::to_owned).collect::<Vec<_>>();
        super::difference(&lines(shown), &lines(found))
    }

    #[test]
    fn only_lines_that_differ_are_told() {
        assert_eq!(difference("a b c d e", "a x c y e"), "  - b\n  + x\n  - d\n  + y");
        assert_eq!(difference("a b c", "a c"), "  - b");
        assert_eq!(difference("a", "a a"), "  + a");
        assert_eq!(difference("a b", "x a y"), "  - a\n  - b\n  + x\n  + a\n  + y");
    }

    #[test]
    fn thousands_of_lines_are_not_told() {
        let told = difference("", &"x ".repeat(3000));
        assert_eq!(told.lines().count(), 41);
        assert!(told.ends_with("… and 2960 lines more"), "{told}");
    }
}
