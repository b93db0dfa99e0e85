//! Finds measured figures in a sentence: digits, and a unit behind them.

use std::ops::Range;

/// Units of measurement. Words for what is counted (threads, clients) are not among them.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "ns", "µs", "μs", "us", "ms", "s", "nanosecond", "nanoseconds", "microsecond", "microseconds",
    "millisecond", "milliseconds", "sec", "second", "seconds", "min", "minute", "minutes", "hour",
    "hours", "B", "byte", "bytes", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "Hz",
    "kHz", "MHz", "GHz", "cycles", "%", "percent", "times", "x", "×",
];

/// What makes a rate of anything.
const RATES: [&str; 4] = [" per second", " a second", "/second", "/s"];

/// The figures of a text, each from its first digit to the end of its unit, and of `requests per
/// second`.
pub(super) fn figures(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|i| at + i) {
        let end = start + number(&text[start..]);
        at = end;
        // `x86`, `M29` and `v1.2` are names.
        if text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.') {
            continue;
        }
        if let Some(unit) = unit(&text[end..]) {
            at = end + unit;
            found.push(start..at);
        }
    }
    found
}

/// How many bytes of a text are its number: digits with `.` and `,` between them.
fn number(text: &str) -> usize {
    let mut end = 0;
    for (i, c) in text.char_indices() {
        match c {
            '0'..='9' => end = i + 1,
            '.' | ',' if end == i => {}
            _ => break,
        }
    }
    end
}

/// How many bytes behind a number are space and unit. None when it counts something.
fn unit(text: &str) -> Option<usize> {
    let bare = text.strip_prefix([' ', '\u{a0}', '\u{202f}', '-']).unwrap_or(text);
    let first = word(bare);
    let upto = text.len() - bare.len() + first.len();
    if let Some(rate) = rate(text) {
        return Some(rate);
    }
    // `1000 requests per second`, `5 MB/s`.
    let of_something = rate(&text[upto..]).filter(|_| !first.is_empty());
    match of_something {
        Some(rate) => Some(upto + rate),
        None => UNITS.contains(&first).then_some(upto),
    }
}

/// How many bytes at the beginning of a text make a rate of what stands before.
fn rate(text: &str) -> Option<usize> {
    let rate = RATES.iter().find(|rate| text.starts_with(**rate))?;
    word(&text[rate.len()..]).is_empty().then_some(rate.len())
}

/// The letters, or the sign, that a text begins with.
fn word(text: &str) -> &str {
    match text.chars().next() {
        Some(sign @ ('%' | '×')) => &text[..sign.len_utf8()],
        _ => &text[..text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        figures(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn digits_and_a_unit_are_a_figure() {
        for figure in [
            "79 µs",
            "11.5 ns",
            "50 ms",
            "10s",
            "5-second",
            "16 KiB",
            "2,162.9\u{a0}KiB",
            "100 %",
            "99.9%",
            "3 times",
            "4×",
            "12 minutes",
            "1 B",
            "3 GHz",
        ] {
            assert_eq!(found(&format!("It took {figure}, and more.")), [figure]);
        }
    }

    #[test]
    fn anything_a_second_is_a_figure() {
        for figure in ["10,000 requests per second", "30 clients a second", "5 MB/s", "7/s"] {
            assert_eq!(found(&format!("It served {figure}.")), [figure]);
        }
    }

    #[test]
    fn counts_names_and_words_are_no_figures() {
        for text in [
            "four threads, 4 threads, 16 open files, two seconds",
            "section 2.17 of RFC 2525, chapter 16. Some follow",
            "stage 02 begins, M29 says, x86 s, v1.2 s, Rust 2024",
            "30 sockets, 5 sequences, 8 bytesize, 127.0.0.1:7878",
            "page 7, second line",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn each_figure_of_a_sentence_is_found() {
        assert_eq!(found("from 5 to 7 ms, or 2 s"), ["7 ms", "2 s"]);
    }
}
