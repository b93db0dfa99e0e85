//! What a test says of its failure: in the words of an instrument, or of a panic.

/// What the test says of its failure: the words of the watchdog or of a background thread that
/// died, or the message of the panic on the test's own thread, or of the first panic anywhere.
pub(super) fn explanation(stderr: &str, test: &str) -> Option<String> {
    let instrument = |line: &str| {
        let words = line.strip_prefix("testkit: ")?;
        let (_, words) = words.split_once(": ")?;
        Some(in_a_learners_words(words))
    };
    if let Some(words) = stderr.lines().rev().find_map(instrument) {
        return Some(words);
    }
    let panics = sorted(stderr).0;
    let own = panics.iter().position(|(thread, ..)| *thread == test || *thread == "main");
    let (_, place, message) = panics.into_iter().nth(own.unwrap_or(0))?;
    Some(readable(place, message))
}

/// The thread that panicked, the place, and the message.
type Panic<'a> = (&'a str, &'a str, String);

/// The panics, and the lines that neither belong to one nor come from an instrument.
pub(super) fn sorted(stderr: &str) -> (Vec<Panic<'_>>, Vec<&str>) {
    let (mut panics, mut others) = (Vec::new(), Vec::new());
    let mut lines = stderr.lines().peekable();
    let is_note = |line: &str| line.starts_with("note: run with `RUST_BACKTRACE=");
    while let Some(line) = lines.next() {
        let Some((thread, place)) = panic_header(line) else {
            if !is_note(line) && !line.starts_with("testkit: ") {
                others.push(line);
            }
            continue;
        };
        let mut message = String::new();
        let ends = |line: &&str| is_note(line) || panic_header(line).is_some();
        while let Some(line) = lines.next_if(|line| !ends(line)) {
            message += line;
            message.push('\n');
        }
        panics.push((thread, place, message.trim_end().to_owned()));
    }
    (panics, others)
}

/// `thread 'NAME' (ID) panicked at PLACE:` gives the name and the place.
fn panic_header(line: &str) -> Option<(&str, &str)> {
    let (thread, rest) = line.strip_prefix("thread '")?.split_once('\'')?;
    let (_, place) = rest.split_once(" panicked at ")?;
    Some((thread, place.strip_suffix(':').unwrap_or(place)))
}

/// The message first, and where a panic of the answer itself stands.
fn readable(place: &str, message: String) -> String {
    let message = shortened(&in_a_learners_words(&message));
    match place.rsplit(['/', '\\']).next() {
        Some(file) if file.starts_with("exercise.rs") => format!("{message}\n(at {place})"),
        _ => message,
    }
}

/// The first 40 lines, and of each the first 2,000 characters: an answer may panic with a megabyte.
fn shortened(message: &str) -> String {
    const LINES: usize = 40;
    const CHARACTERS: usize = 2000;
    let cut = |line: &str| match line.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    };
    let mut lines: Vec<_> = message.lines().take(LINES).map(cut).collect();
    let more = message.lines().count().saturating_sub(LINES);
    if more > 0 {
        lines.push(format!("… and {more} more lines"));
    }
    lines.join("\n")
}

/// A message without the words that the standard library puts around it.
fn in_a_learners_words(message: &str) -> String {
    match message.strip_prefix("not yet implemented: ") {
        Some(task) => format!("Not written yet: {task}"),
        None => {
            let assertion = message.strip_prefix("assertion `left == right` failed: ");
            assertion.unwrap_or(message).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panic_on_the_tests_own_thread_explains() {
        let stderr = "\nthread 'worker' (12) panicked at x/exercise.rs:1:1:\nboom\nnote: run with `RUST_BACKTRACE=1`\n\
                      \nthread 'my_test' (11) panicked at x/tests.rs:9:5:\nM1: told\nin two lines\nnote: run with `RUST_BACKTRACE=1` …\n";
        assert_eq!(explanation(stderr, "my_test").unwrap(), "M1: told\nin two lines");
        assert_eq!(explanation(stderr, "other").unwrap(), "boom\n(at x/exercise.rs:1:1)");
    }

    #[test]
    fn the_watchdog_is_heard_before_any_panic() {
        let stderr = "thread 'my_test' panicked at tests.rs:1:1:\nboom\ntestkit: hang: M2: nobody wakes you\n";
        assert_eq!(explanation(stderr, "my_test").unwrap(), "M2: nobody wakes you");
    }

    #[test]
    fn a_task_and_an_assertion_lose_the_words_around_them() {
        let todo = "thread 't' panicked at a/exercise.rs:3:5:\nnot yet implemented: read a piece\n";
        assert_eq!(
            explanation(todo, "t").unwrap(),
            "Not written yet: read a piece\n(at a/exercise.rs:3:5)"
        );
        let assertion = "thread 't' panicked at a/tests.rs:3:5:\nassertion `left == right` failed: M3: so\n  left: 1\n right: 2\n";
        assert_eq!(explanation(assertion, "t").unwrap(), "M3: so\n  left: 1\n right: 2");
    }
}
