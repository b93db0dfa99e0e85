//! Splits a line of the shell into its simple commands, so that each can be known and rewritten.

use std::ops::Range;

/// One word of a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word<'a> {
    /// Its bytes in the line.
    pub(crate) span: Range<usize>,
    /// As it is written, with its quotes.
    pub(crate) text: &'a str,
}

/// The simple commands of a line, those inside others first. Each has at least one word: variables
/// that are set before it are left out.
///
/// # Errors
/// A quote or a parenthesis that does not end, or was never begun; a command in backticks.
pub(crate) fn commands(line: &str) -> Result<Vec<Vec<Word<'_>>>, String> {
    let mut found = Vec::new();
    let mut frames = vec![Frame::default()];
    let mut characters = line.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, character)) = characters.next() {
        let frame = frames.last_mut().expect("the first frame is never popped");
        match (frame.quote, character) {
            (Some('\''), '\'') => frame.quote = None,
            (Some('\''), _) => {}
            (_, '\\') => {
                frame.begin(at);
                characters.next();
            }
            (_, '`') => return Err("a command in backticks is hard to see: say `$(…)`".into()),
            (_, '$') if characters.next_if(|(_, next)| *next == '(').is_some() => {
                frame.begin(at);
                frames.push(Frame::default());
            }
            (Some(_), '"') => frame.quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => {
                frame.begin(at);
                frame.quote = Some(character);
            }
            (None, '(') => {
                frame.end_command(line, at, &mut found);
                frames.push(Frame::default());
            }
            (None, ')') => {
                frame.end_command(line, at, &mut found);
                frames.pop();
                if frames.is_empty() {
                    return Err("a `)` has no `(` before it".into());
                }
            }
            // `2>&1` is one word.
            (None, '&') if before == '>' => frame.begin(at),
            (None, ';' | '|' | '&' | '\n') => frame.end_command(line, at, &mut found),
            (None, _) if character.is_whitespace() => frame.end_word(line, at),
            (None, _) => frame.begin(at),
        }
        before = character;
    }
    let mut last = frames.pop().expect("the first frame is never popped");
    if !frames.is_empty() {
        return Err("a `(` has no `)` after it".into());
    }
    if let Some(quote) = last.quote {
        return Err(format!("a `{quote}` does not end"));
    }
    last.end_command(line, line.len(), &mut found);
    Ok(found.into_iter().map(without_assignments).filter(|words| !words.is_empty()).collect())
}

/// What is open at some place of the line: the line itself, or a parenthesis in it.
#[derive(Default)]
struct Frame<'a> {
    words: Vec<Word<'a>>,
    /// Where the word begins that has not ended.
    word: Option<usize>,
    quote: Option<char>,
}

impl<'a> Frame<'a> {
    fn begin(&mut self, at: usize) {
        self.word.get_or_insert(at);
    }

    fn end_word(&mut self, line: &'a str, at: usize) {
        if let Some(start) = self.word.take() {
            self.words.push(Word { span: start..at, text: &line[start..at] });
        }
    }

    fn end_command(&mut self, line: &'a str, at: usize, found: &mut Vec<Vec<Word<'a>>>) {
        self.end_word(line, at);
        found.push(std::mem::take(&mut self.words));
    }
}

fn without_assignments(words: Vec<Word<'_>>) -> Vec<Word<'_>> {
    let sets = |word: &Word<'_>| {
        let name = word.text.split_once('=').map_or("", |(name, _)| name);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(plain)
    };
    words.into_iter().skip_while(sets).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<Vec<&str>> {
        let texts =
            |words: Vec<Word<'_>>| words.iter().map(|word| &line[word.span.clone()]).collect();
        let mut commands: Vec<Vec<_>> = Vec::new();
        for words in super::commands(line).unwrap() {
            assert!(words.iter().all(|word| word.text == &line[word.span.clone()]));
            commands.push(texts(words));
        }
        commands
    }

    #[test]
    fn lines_are_split_at_what_the_shell_splits_them_at() {
        assert_eq!(
            split("a 1; b|c && d || e & f"),
            [vec!["a", "1"], vec!["b"], vec!["c"], vec!["d"], vec!["e"], vec!["f"]]
        );
        assert_eq!(split("(ulimit -n 16; a/b c)"), [vec!["ulimit", "-n", "16"], vec!["a/b", "c"]]);
        assert_eq!(split("a 2>&1 x"), [vec!["a", "2>&1", "x"]]);
    }

    #[test]
    fn what_is_substituted_is_a_command_of_its_own() {
        assert_eq!(
            split("P=$(pgrep -x a); cat /proc/$P/wchan"),
            [vec!["pgrep", "-x", "a"], vec!["cat", "/proc/$P/wchan"]]
        );
        assert_eq!(
            split("cat /proc/$(pgrep a)/wchan b"),
            [vec!["pgrep", "a"], vec!["cat", "/proc/$(pgrep a)/wchan", "b"]]
        );
        assert_eq!(
            split("echo \"a; $(b 'c)') d\""),
            [vec!["b", "'c)'"], vec!["echo", "\"a; $(b 'c)') d\""]]
        );
    }

    #[test]
    fn quotes_keep_words_and_commands_together() {
        assert_eq!(split(r"printf 'a; b\n' it\;s"), [vec!["printf", r"'a; b\n'", r"it\;s"]]);
    }

    #[test]
    fn variables_that_are_set_are_no_commands() {
        assert_eq!(split("A=1 B_2=x cmd C=3"), [vec!["cmd", "C=3"]]);
        assert_eq!(split("A=1"), [[""; 0]; 0]);
    }

    #[test]
    fn what_does_not_end_and_what_is_not_seen_is_an_error() {
        for line in ["(a", "a)", "echo 'a", "echo \"a", "echo `a`", "echo \"`a`\""] {
            assert!(commands(line).is_err(), "{line}");
        }
    }
}
