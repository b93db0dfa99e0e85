//! Text on a terminal or in a pipe: colours, lines that fit, and printing.

use std::io::{IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What did not.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What a reader may skip.
pub const QUIET: Style = Style::new().dimmed();
/// What to see first.
pub const STRONG: Style = Style::new().bold();

const RESET: &str = "\u{1b}[0m";

/// A word or a sign in a style. The colours are taken out again where the output is no
/// terminal.
pub fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
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
    let line = |line: &str| match is_drawn(line) {
        true => format!("  {line}\n"),
        false => fold(line, width).iter().map(|row| format!("  {row}\n")).collect(),
    };
    text.lines().map(line).collect()
}

/// Whether a line is code or a drawing, as most of what rustc says is.
fn is_drawn(line: &str) -> bool {
    line.starts_with([' ', '|', '\u{1b}'])
}

/// A line broken into rows that fit a width: between words, or where there is no space.
pub(crate) fn fold(line: &str, width: usize) -> Vec<String> {
    let line = line.replace('\t', "    ");
    let mut rows = Vec::new();
    let mut row = String::new();
    // Of this row: how wide it is, and the last space after a word.
    let (mut used, mut space) = (0, None);
    for piece in pieces(&line) {
        let wide = if is_colour(piece) { 0 } else { piece.width() };
        if used + wide > width.max(2) {
            let end = if piece == " " { row.len() } else { space.unwrap_or(row.len()) };
            let rest = row.split_off(end).trim_start().to_owned();
            used = columns(&rest);
            rows.push(std::mem::replace(&mut row, rest));
            space = None;
            if piece == " " {
                continue;
            }
        }
        if piece == " " && !row.trim_start().is_empty() {
            space = Some(row.len());
        }
        row += piece;
        used += wide;
    }
    rows.push(row);
    continue_colours(&mut rows);
    rows
}

/// Has colours end with each row, and begin again in the next.
fn continue_colours(rows: &mut [String]) {
    let mut colours = String::new();
    for row in rows {
        let begin = colours.clone();
        for piece in pieces(row).filter(|piece| is_colour(piece)) {
            match piece {
                RESET => colours.clear(),
                _ => colours += piece,
            }
        }
        let end = if colours.is_empty() { "" } else { RESET };
        *row = format!("{begin}{row}{end}");
    }
}

/// A line cut to a width.
pub(crate) fn cut(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let mut kept = String::new();
    for piece in pieces(line) {
        if !is_colour(piece) && columns(&kept) + piece.width() >= width {
            return kept + "…" + RESET;
        }
        kept += piece;
    }
    kept
}

/// How many columns a line takes.
pub(crate) fn columns(line: &str) -> usize {
    pieces(line).filter(|piece| !is_colour(piece)).map(UnicodeWidthStr::width).sum()
}

/// Whether a piece of a line sets colours.
fn is_colour(piece: &str) -> bool {
    piece.starts_with('\u{1b}')
}

/// The characters of a line; what sets a colour (ECMA-48: SGR) is one piece.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let length = match rest.find('m') {
            Some(end) if rest.starts_with("\u{1b}[") => end + 1,
            _ => first.len_utf8(),
        };
        let piece;
        (piece, rest) = rest.split_at(length);
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_broken_between_words_and_code_is_not() {
        let long = "word ".repeat(40);
        let broken = indented(long.trim(), 88);
        assert!(broken.lines().all(|line| line.chars().count() <= 90));
        assert!(broken.lines().all(|line| line.ends_with("word")), "{broken}");
        let code = format!("   | {}", "x".repeat(200));
        assert_eq!(indented(&code, 88), format!("  {code}\n"));
    }

    #[test]
    fn folded_rows_fit_and_hold_every_word() {
        for line in
            ["a few words, and a-very-long-one-that-fits-in-no-row", "  | let x: 世界 = 1;\t"]
        {
            for width in 2..60 {
                let rows = fold(line, width);
                assert!(rows.iter().all(|row| columns(row) <= width), "{width}: {rows:?}");
                let all: String = rows.concat();
                let solid = |text: &str| text.replace(char::is_whitespace, "");
                assert_eq!(solid(&all), solid(line), "{width}");
            }
        }
    }

    #[test]
    fn a_colour_goes_on_in_the_next_row() {
        let rows = fold(&styled(BAD, "red and red"), 7);
        assert_eq!(rows, [styled(BAD, "red and"), styled(BAD, "red")]);
        assert_eq!(cut(&styled(BAD, "red and red"), 7), styled(BAD, "red an…"));
    }
}
