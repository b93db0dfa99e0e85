//! Text on a terminal or in a pipe: colours, lines that fit, and printing.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What did not.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What may be passed over.
pub const QUIET: Style = Style::new().dimmed();
/// What to see first.
pub const STRONG: Style = Style::new().bold();

/// A word or a sign in a style. The colours are taken out again where the output is no
/// terminal.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints on standard output. Whoever reads it may have left, as `head` does: that ends us, without a
/// complaint.
pub fn print(text: std::fmt::Arguments<'_>) {
    let mut out = anstream::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.flush()) {
        let left = error.kind() == std::io::ErrorKind::BrokenPipe;
        if !left {
            anstream::eprintln!("standard output cannot be written to: {error}");
        }
        std::process::exit(if left { 0 } else { 3 });
    }
}

/// Prints a line, as [`print()`] does.
#[macro_export]
macro_rules! say {
    ($($words:tt)*) => { $crate::terminal::print(format_args!("{}\n", format_args!($($words)*))) };
}
pub use say;

/// Prints text that brings its own line endings, as [`print()`] does.
macro_rules! say_as_it_is {
    ($($words:tt)*) => { $crate::terminal::print(format_args!($($words)*)) };
}
pub(crate) use say_as_it_is;

/// Text with its prose broken into lines, indented by two.
pub(crate) fn paragraph(text: &str) -> String {
    let line = |line: &str| format!("  {}\n", wrapped(line, width()).replace('\n', "\n  "));
    text.lines().map(line).collect()
}

/// How wide prose may be: 90 columns, or as many as the terminal has.
fn width() -> usize {
    let columns = terminal_size::terminal_size().map_or(usize::MAX, |(width, _)| width.0.into());
    columns.saturating_sub(3).clamp(20, 90)
}

/// Breaks a long line of prose. What is indented or drawn, as rustc's words are, stays as it is.
fn wrapped(line: &str, width: usize) -> String {
    if line.starts_with([' ', '|', '\u{1b}']) || line.chars().count() <= width {
        return line.to_owned();
    }
    let mut text = String::new();
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text += word;
        column += length;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_broken_between_words_and_code_is_not() {
        let long = "word ".repeat(40);
        assert!(wrapped(long.trim(), 90).lines().all(|line| line.chars().count() <= 90));
        let code = format!("   | {}", "x".repeat(200));
        assert_eq!(wrapped(&code, 90), code);
    }
}
