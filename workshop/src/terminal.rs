//! Text on a terminal or in a pipe: colours, lines that fit, and printing.

use std::borrow::Cow;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::ProgressBar;
use textwrap::{Options, WordSplitter};

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What did not.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What a reader may skip.
pub const QUIET: Style = Style::new().dimmed();
/// What to see first.
pub const STRONG: Style = Style::new().bold();

/// A word or a sign in a style. The colours are taken out again where the output is no
/// terminal.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A line of a difference, whose first signs say without colours what it is.
pub(crate) fn marked(line: &str) -> String {
    let style = match line.as_bytes() {
        [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] | [b'@', ..] => QUIET,
        [b'-', ..] => BAD,
        [b'+', ..] => GOOD,
        _ => Style::new(),
    };
    styled(style, line.trim_end())
}

/// Prints on standard output. Its reader may have left, as `head` does: then the process ends, without a
/// complaint.
pub fn print(text: std::fmt::Arguments<'_>) {
    let mut out = anstream::stdout().lock();
    if let Err(error) = out.write_fmt(text).and_then(|()| out.flush()) {
        let left = error.kind() == std::io::ErrorKind::BrokenPipe;
        if !left {
            complain(format_args!("standard output cannot be written to: {error}"));
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

/// Prints text that has its own line endings, as [`print()`] does.
macro_rules! say_as_it_is {
    ($($words:tt)*) => { $crate::terminal::print(format_args!($($words)*)) };
}
pub(crate) use say_as_it_is;

/// Prints a line on standard error. If that fails, there is nowhere left to say so.
pub fn complain(text: impl std::fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Shows on standard error what is going on; nothing where that is no terminal.
pub(crate) fn spinner(what: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Whether output goes to a terminal that shows colours.
pub(crate) fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Whether standard output is a terminal on which the cursor can be moved.
pub(crate) fn is_screen() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Begins at the top of an empty screen (ECMA-48: CUP, ED). Not through [`print()`], which takes out more
/// than colours under NO_COLOR.
pub(crate) fn clear() {
    // If it fails, so does what is printed next.
    let _ = std::io::stdout().write_all(b"\x1b[H\x1b[J");
}

/// Columns and rows of the terminal, if there is one.
pub(crate) fn size() -> Option<(usize, usize)> {
    terminal_size::terminal_size().map(|(columns, rows)| (columns.0.into(), rows.0.into()))
}

/// How wide prose may be: 90 columns, or as many as the terminal has.
pub(crate) fn width() -> usize {
    size().map_or(90, |(columns, _)| columns.clamp(24, 93) - 3)
}

/// Text with its prose broken into lines that fit the terminal, indented by two.
pub(crate) fn paragraph(text: &str) -> String {
    indented(text, width())
}

/// Text with its prose broken into lines of this width, indented by two.
pub(crate) fn indented(text: &str, width: usize) -> String {
    let line = |line: &str| match line.starts_with([' ', '|', '\u{1b}']) {
        // Code or a drawing, as most of what rustc says is.
        true => format!("  {line}\n"),
        false => fold(line, width).iter().map(|row| format!("  {row}\n")).collect(),
    };
    text.lines().map(line).collect()
}

/// A line broken into rows that fit a width: between words, or where there is no space.
pub(crate) fn fold(line: &str, width: usize) -> Vec<String> {
    let line = line.replace('\t', "    ");
    let whole_words = Options::new(width.max(2)).word_splitter(WordSplitter::NoHyphenation);
    let rows = textwrap::wrap(&line, whole_words).into_iter();
    // An indent gets a row of its own if the first word does not fit beside it.
    rows.filter(|row| !row.trim().is_empty() || line.trim().is_empty())
        .map(Cow::into_owned)
        .collect()
}

/// How wide a column of these names is.
pub(crate) fn widest<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(str::len).max().unwrap_or(0)
}

/// A line cut to a width.
pub(crate) fn cut(line: &str, width: usize) -> String {
    console::truncate_str(line, width, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_broken_between_words_and_code_is_not() {
        let prose = "a few words, and a-very-long-one-that-fits-in-no-row";
        let broken = indented(prose, 20);
        assert_eq!(broken, "  a few words, and\n  a-very-long-one-that\n  -fits-in-no-row\n");
        assert_eq!(fold("      a/path/with/twenty", 20), ["a/path/with/twenty"]);
        assert_eq!(fold("", 20), [""]);
        let code = format!("   | {}", "x".repeat(200));
        assert_eq!(indented(&code, 88), format!("  {code}\n"));
    }

    #[test]
    fn colours_take_no_columns() {
        let red = styled(BAD, "red and red");
        assert_eq!(fold(&red, 7).join("\n"), styled(BAD, "red and\nred"));
        assert_eq!(cut(&red, 7), styled(BAD, "red an…"));
    }
}
