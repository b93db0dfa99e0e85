//! What differs between a page and a run, in the fewest lines that show it.

/// How many lines are told: a server may have logged thousands.
const LINES: usize = 40;

/// The lines that differ: `-` those of the book, `+` those of the run.
pub(super) fn difference(shown: &[String], found: &[String]) -> String {
    let same = |(a, b): &(&String, &String)| a == b;
    let start = shown.iter().zip(found).take_while(same).count();
    let (shown, found) = (&shown[start..], &found[start..]);
    let end = shown.iter().rev().zip(found.iter().rev()).take_while(same).count();
    let (shown, found) = (&shown[..shown.len() - end], &found[..found.len() - end]);
    let (removed, added) = (|line| format!("  - {line}"), |line| format!("  + {line}"));
    let mut lines: Vec<_> = if shown.len() == found.len() {
        let pairs = shown.iter().zip(found).filter(|pair| !same(pair));
        pairs.flat_map(|(shown, found)| [removed(shown), added(found)]).collect()
    } else {
        shown.iter().map(removed).chain(found.iter().map(added)).collect()
    };
    let more = lines.len().saturating_sub(LINES);
    if more > 0 {
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
