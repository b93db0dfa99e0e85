//! `{{#result FILE KEY}}`: a figure from a committed results file, never typed into a page.

use serde_json::{Number, Value};
use std::path::Path;
use workshop::nearest::did_you_mean;

/// The text for `FILE KEY`, FILE relative to `root`: KEY is a dotted path, with numbers for
/// places in lists.
///
/// # Errors
/// A sentence that names the file and the key, and the nearest key there is.
pub(super) fn result(arguments: &str, root: &Path) -> Result<String, String> {
    let words: Vec<_> = arguments.split_whitespace().collect();
    let [file, key] = words[..] else {
        return Err(format!(
            "`{{{{#result {arguments}}}}}` needs a file and a key: `{{{{#result results/cost.json stack.kib}}}}`."
        ));
    };
    let json = read_json(root, file)?;
    match key.split('.').try_fold(&json, child) {
        Some(Value::Number(number)) => Ok(with_commas(number)),
        Some(Value::String(text)) => Ok(text.clone()),
        _ => {
            let mut keys = Vec::new();
            figures(&json, String::new(), &mut keys);
            let otherwise = format!(": choose one of {}.", keys.join(", "));
            let hint = did_you_mean(key, keys.iter().map(String::as_str), &otherwise);
            Err(format!("`{file}` has no `{key}`{hint}"))
        }
    }
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

fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Collects the keys of all numbers and strings.
fn figures(value: &Value, path: String, keys: &mut Vec<String>) {
    let below = |key: &str| {
        if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
    };
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| figures(value, below(key), keys))
        }
        Value::Array(items) => (0..)
            .zip(items)
            .for_each(|(i, value): (usize, _)| figures(value, below(&i.to_string()), keys)),
        Value::Number(_) | Value::String(_) => keys.push(path),
        Value::Null | Value::Bool(_) => {}
    }
}

/// `10,000` for 10000, `4096` for 4096.0: four digits are read at a glance, five are not.
pub(super) fn with_commas(number: &Number) -> String {
    let text = match number.as_f64() {
        // Display writes floats without an exponent, and `3` for 3.0.
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    };
    let (sign, digits) = text.strip_prefix('-').map_or(("", &text[..]), |digits| ("-", digits));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    if whole.len() < 5 {
        return text;
    }
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn numbers_have_commas_from_ten_thousand_up() {
        for (json, text) in [
            ("9999", "9999"),
            ("10240.0", "10,240"),
            ("1234567.25", "1,234,567.25"),
            ("-10000", "-10,000"),
            ("-1234.0", "-1234"),
            ("0.5", "0.5"),
            ("18446744073709551615", "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(with_commas(&serde_json::from_str(json).unwrap()), text);
        }
    }

    #[test]
    fn dotted_keys_reach_numbers_and_strings_and_others_are_a_sentence() {
        let book = Workspace::with_book();
        for (arguments, expected) in [
            ("results/cost.json stack.reserved_kib", "2048"),
            ("results/cost.json host", "x86_64"),
            ("results/cost.json runs.1.ms", "-10,000"),
            (
                "results/cost.json stack.reserved_kb",
                "`results/cost.json` has no `stack.reserved_kb`: did you mean `stack.reserved_kib`?",
            ),
            (
                "results/cost.json zzz",
                "`results/cost.json` has no `zzz`: choose one of host, runs.0.ms",
            ),
            ("results/cost.json stack", "`results/cost.json` has no `stack`"),
            ("results/none.json x", "`results/none.json` cannot be read"),
            ("src/start.md x", "`src/start.md` is not as expected"),
            ("results/cost.json", "`{{#result results/cost.json}}` needs a file and a key"),
        ] {
            let found = result(arguments, &book.path().join("book")).unwrap_or_else(|error| error);
            assert!(found.starts_with(expected), "{found}");
        }
    }
}
