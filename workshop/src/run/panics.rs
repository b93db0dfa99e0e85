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
    let message = shortened(&in_a_learners_words(&message));
    // Where it is, if it is in the answer.
    let file = place.rsplit(['/', '\\']).next()?;
    Some(if file.starts_with("exercise.rs") { format!("{message}\n(at {place})") } else { message })
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

/// The first lines: an answer may panic with a megabyte.
fn shortened(message: &str) -> String {
    const LINES: usize = 40;
    let mut lines: Vec<_> = message.lines().take(LINES).map(cut).collect();
    if message.lines().nth(LINES).is_some() {
        lines.push("… and more lines".to_owned());
    }
    lines.join("\n")
}

/// The beginning of a line, if it is very long.
pub(super) fn cut(line: &str) -> String {
    match line.char_indices().nth(1000) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}

/// A message without the words that the standard library puts around it.
fn in_a_learners_words(message: &str) -> String {
    if let Some(task) = message.strip_prefix("not yet implemented: ") {
        return format!("Not written yet: {task}");
    }
    message.strip_prefix("assertion `left == right` failed: ").unwrap_or(message).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_explains_or_the_panic_on_the_tests_own_thread_or_the_first() {
        let note = "note: run with `RUST_BACKTRACE=1` …\n";
        let worker = format!(
            "hang: said by the answer\nthread 'worker' (12) panicked at x/exercise.rs:1:1:\nboom\n{note}"
        );
        let own = format!(
            "{worker}\nthread 'my_test' (11) panicked at x/tests.rs:9:5:\n\
             assertion `left == right` failed: M1: told\n  left: 1\n right: 2\n{note}"
        );
        let watchdog = format!("{own}testkit: hang: M2: nobody wakes you\n");
        let todo =
            "thread 'my_test' (11) panicked at x/exercise.rs:3:5:\nnot yet implemented: read\n";
        for (stderr, expected) in [
            (&*worker, "boom\n(at x/exercise.rs:1:1)"),
            (&own, "M1: told\n  left: 1\n right: 2"),
            (&watchdog, "M2: nobody wakes you"),
            (todo, "Not written yet: read\n(at x/exercise.rs:3:5)"),
        ] {
            assert_eq!(explanation(stderr, "my_test").unwrap(), expected);
        }
    }
}
