//! Finds figures that were typed into the prose: they say what was true on the day when somebody
//! typed them.

use super::facts::{self, Fact};
use super::problem::Problem;
use super::{measures, prose};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use workshop::nearest::did_you_mean;

const ADVICE: &str = "this figure is typed by hand: measure it with a command that writes a file of book/results and quote it by `{{#result}}`, or, if it is documented elsewhere, add it to book/facts.toml with its source.";

/// Figures in pages that have no entry in book/facts.toml, and what is wrong with entries.
pub(super) fn problems(workspace: &Path, pages: &BTreeMap<PathBuf, String>) -> Vec<Problem> {
    let (facts, mut problems) = match facts::read(workspace) {
        Ok(read) => read,
        Err(problem) => return vec![problem],
    };
    let mut used = vec![false; facts.len()];
    for (page, text) in pages {
        let file = Path::new("book/src").join(page);
        for passage in prose::passages(text) {
            let mut covered = Vec::new();
            for (fact, used) in facts.iter().zip(&mut used).filter(|(fact, _)| fact.page == *page) {
                for (start, text) in passage.text.match_indices(&fact.text) {
                    covered.push(start..start + text.len());
                    *used = true;
                }
            }
            for figure in measures::figures(&passage.text) {
                let is_covered =
                    covered.iter().any(|fact| fact.start <= figure.start && figure.end <= fact.end);
                if !is_covered {
                    let message = format!("`{}`: {ADVICE}", &passage.text[figure.clone()]);
                    let line = passage.line(figure.start);
                    problems.push(Problem { file: file.clone(), line, message });
                }
            }
        }
    }
    let unused = facts.iter().zip(used).filter(|(_, used)| !used);
    problems.extend(unused.map(|(fact, _)| facts::problem(fact.line, stale(fact, pages))));
    problems
}

/// What to do about an entry that covers nothing.
fn stale(fact: &Fact, pages: &BTreeMap<PathBuf, String>) -> String {
    let page = fact.page.to_string_lossy();
    if pages.contains_key(&fact.page) {
        return format!(
            "`{}` no longer stands on the page `{page}`: remove this entry, or correct its text.",
            fact.text
        );
    }
    let all: Vec<_> = pages.keys().map(|page| page.to_string_lossy()).collect();
    let near = did_you_mean(&page, all.iter().map(AsRef::as_ref), ": remove this entry.");
    format!("this book has no page `{page}`{near}")
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    const ENTRY: &str =
        "[[fact]]\npage = \"start.md\"\ntext = \"sleeps for 10 ms\"\nsource = \"sleep(3)\"\n";

    /// What is printed for a page with these words, and these entries.
    fn printed(words: &str, facts: &str) -> Vec<String> {
        let workspace = Workspace::with_book();
        workspace.write("book/src/start.md", &format!("# S {{#s}}\n\n{words}\n"));
        workspace.write("book/facts.toml", facts);
        let problems = crate::check::problems(workspace.path()).unwrap();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_figure_that_is_typed_is_reported() {
        let printed = printed("It\ntook *10* ms, `5 ms`.", "");
        assert_eq!(printed.len(), 1, "{printed:?}");
        let expected = "book/src/start.md:4: `10 ms`: this figure is typed by hand: measure it";
        assert!(printed[0].starts_with(expected), "{printed:?}");
    }

    #[test]
    fn a_figure_that_is_quoted_or_has_a_source_is_no_problem() {
        assert_eq!(printed("It sleeps for 10 ms.", ENTRY), [""; 0]);
        let quoted = "It took {{#result results/cost.json stack.page}} ms.";
        assert_eq!(printed(quoted, ""), [""; 0]);
    }

    #[test]
    fn a_fact_covers_its_own_words_on_its_own_page() {
        let printed = printed("It took 10 ms, sleeps for 10 ms, sleeps for 110 ms.", ENTRY);
        let figures: Vec<_> = printed.iter().map(|p| p.split('`').nth(1).unwrap()).collect();
        assert_eq!(figures, ["10 ms", "110 ms"]);
    }

    #[test]
    fn a_fact_that_is_gone_is_reported() {
        let printed_of = |facts: &str| printed("It sleeps.", facts).remove(0);
        let expected = "book/facts.toml:3: `sleeps for 10 ms` no longer stands on the page `start.md`: remove this entry, or correct its text.";
        assert_eq!(printed_of(ENTRY), expected);
        let elsewhere = ENTRY.replace("start.md", "strat.md");
        let expected =
            "book/facts.toml:3: this book has no page `strat.md`: did you mean `start.md`?";
        assert_eq!(printed_of(&elsewhere), expected);
    }
}
