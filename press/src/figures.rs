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

    fn look_up(arguments: &str) -> Result<String, String> {
        result(arguments, &Workspace::with_book().path().join("book"))
    }

    #[test]
    fn numbers_have_commas_from_ten_thousand_up() {
        let print = |json: &str| with_commas(&serde_json::from_str(json).unwrap());
        assert_eq!(print("9999"), "9999");
        assert_eq!(print("10000"), "10,000");
        assert_eq!(print("10240.0"), "10,240");
        assert_eq!(print("1234567.25"), "1,234,567.25");
        assert_eq!(print("-10000"), "-10,000");
        assert_eq!(print("-1234.0"), "-1234");
        assert_eq!(print("0.5"), "0.5");
        assert_eq!(print("18446744073709551615"), "18,446,744,073,709,551,615");
    }

    #[test]
    fn dotted_keys_reach_numbers_and_strings() {
        assert_eq!(look_up("results/cost.json stack.reserved_kib").unwrap(), "2048");
        assert_eq!(look_up("results/cost.json host").unwrap(), "x86_64");
        assert_eq!(look_up("results/cost.json runs.1.ms").unwrap(), "-10,000");
    }

    #[test]
    fn a_missing_key_names_the_nearest() {
        let error = look_up("results/cost.json stack.reserved_kb").unwrap_err();
        assert_eq!(
            error,
            "`results/cost.json` has no `stack.reserved_kb`: did you mean `stack.reserved_kib`?"
        );
        let error = look_up("results/cost.json zzz").unwrap_err();
        assert!(error.contains("choose one of host, runs.0.ms"), "{error}");
    }

    #[test]
    fn an_object_is_no_figure() {
        assert!(look_up("results/cost.json stack").unwrap_err().contains("has no `stack`"));
    }

    #[test]
    fn a_missing_file_and_a_broken_file_are_named() {
        let error = look_up("results/none.json x").unwrap_err();
        assert!(error.contains("`results/none.json` cannot be read"), "{error}");
        let error = look_up("src/start.md x").unwrap_err();
        assert!(error.contains("`src/start.md` is not as expected"), "{error}");
        assert!(look_up("results/cost.json").unwrap_err().contains("needs a file and a key"));
    }
}
