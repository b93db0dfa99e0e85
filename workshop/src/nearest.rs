//! What a name that does not exist may have been meant to be.

/// `: did you mean …?` if one of `candidates` is near, or else the end of the sentence.
pub(crate) fn did_you_mean<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let distance = |name: &str| strsim::normalized_damerau_levenshtein(wanted, name);
    let nearest = candidates.into_iter().max_by(|a, b| distance(a).total_cmp(&distance(b)));
    match nearest {
        Some(name) if distance(name) >= 0.5 => format!(": did you mean `{name}`?"),
        _ => ".".to_owned(),
    }
}
