//! `{{#result FILE KEY}}`: a figure from a committed results file, never typed into a page.

use serde_json::Value;
use std::path::Path;

/// The text for `FILE KEY`, FILE relative to `root`: KEY is a dotted path, with numbers for
/// places in lists.
///
/// # Errors
/// A sentence that names the file and the key.
pub(super) fn result(arguments: &str, root: &Path) -> Result<String, String> {
    let (file, key) = arguments.split_once(' ').unwrap_or((arguments, ""));
    let json: Value = read_json(root, file)?;
    let found = json.pointer(&format!("/{}", key.replace('.', "/")));
    let number = found.and_then(Value::as_f64).map(with_commas);
    let text = found.and_then(Value::as_str).map(str::to_owned);
    number.or(text).ok_or_else(|| {
        format!("`{file}` has no number or text `{key}`: write `{{{{#result FILE KEY}}}}`, with a dotted path as KEY.")
    })
}

/// Reads a JSON file named in a page.
///
/// # Errors
/// A sentence that names the file and says what to do.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(
    root: &Path,
    file: &str,
) -> Result<T, String> {
    let text = std::fs::read_to_string(root.join(file)).map_err(|error| {
        format!("`{file}` cannot be read ({error}): the path starts at book/, and the command that measures it writes it.")
    })?;
    serde_json::from_str(&text)
        .map_err(|error| format!("`{file}` is not as expected ({error}): measure it again."))
}

/// `10,000` for 10000, `4,096` for 4096.0.
pub(super) fn with_commas(number: f64) -> String {
    // Without an exponent, and `3` for 3.0.
    let mut text = number.to_string();
    let start = usize::from(text.starts_with('-'));
    let mut end = text.find('.').unwrap_or(text.len());
    while end - start > 3 {
        end -= 3;
        text.insert(end, ',');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn numbers_have_commas_from_a_thousand_up() {
        for (number, text) in [
            (999.0, "999"),
            (1000.0, "1,000"),
            (10240.0, "10,240"),
            (1234567.25, "1,234,567.25"),
            (-10000.0, "-10,000"),
            (-123.0, "-123"),
            (0.5, "0.5"),
        ] {
            assert_eq!(with_commas(number), text);
        }
    }

    #[test]
    fn dotted_keys_reach_numbers_and_strings_and_others_are_a_sentence() {
        let book = Workspace::with_book();
        for (arguments, expected) in [
            ("results/cost.json stack.kib", "2,048"),
            ("results/cost.json host", "x86_64"),
            ("results/cost.json runs.1.ms", "-10,000"),
            ("results/cost.json stack", "`results/cost.json` has no number or text `stack`"),
            ("results/cost.json", "`results/cost.json` has no number or text ``"),
            ("results/none.json x", "`results/none.json` cannot be read"),
            ("src/start.md x", "`src/start.md` is not as expected"),
        ] {
            let found = result(arguments, &book.path().join("book")).unwrap_or_else(|error| error);
            assert!(found.starts_with(expected), "{found}");
        }
    }
}
