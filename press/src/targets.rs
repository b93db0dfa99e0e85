//! What a link may lead to: a page of this book, a file beside it, or https.

use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use workshop::nearest::did_you_mean;

/// All that links can lead to.
pub(super) struct Targets {
    /// WORKSPACE/book/src.
    pub(super) source: PathBuf,
    /// The pages that SUMMARY.md names, relative to `source`, each with its ids.
    pub(super) pages: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Targets {
    /// Follows a link of `page`.
    ///
    /// # Errors
    /// A sentence that says why it leads nowhere, and what to do.
    pub(super) fn link(&self, page: &Path, target: &str) -> Result<(), String> {
        if target.starts_with("https://") {
            return Ok(());
        }
        if let Some(rest) = target.strip_prefix("http://") {
            return Err(format!(
                "`{target}` is not encrypted: write `https://{rest}`, or make it code if it is an address of the reader's own machine."
            ));
        }
        if has_scheme(target) {
            return Err(format!(
                "`{target}` is neither https nor a page of this book: link to one of them, or make it code."
            ));
        }
        let (path, id) = match target.split_once('#') {
            Some((path, id)) => (path, Some(id)),
            None => (target, None),
        };
        let file = match path {
            "" if id.is_none() => {
                return Err("this link leads nowhere: name a page between its parentheses.".into());
            }
            "" => page.to_owned(),
            path => below_source(page, path)?,
        };
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("md") => self.page(page, path, &file, id),
            Some("html") => Err(format!(
                "`{path}` is known only to the built book: link to the page as it is here, `{}`.",
                Path::new(path).with_extension("md").display()
            )),
            _ => self.file(path, &file),
        }
    }

    /// Follows an image of `page`.
    ///
    /// # Errors
    /// As for links.
    pub(super) fn image(&self, page: &Path, target: &str) -> Result<(), String> {
        if has_scheme(target) {
            return Err(format!(
                "`{target}` is missing when the reader is offline: put the picture below book/src."
            ));
        }
        self.file(target, &below_source(page, target)?)
    }

    fn page(&self, from: &Path, path: &str, file: &Path, id: Option<&str>) -> Result<(), String> {
        let Some(ids) = self.pages.get(file) else {
            let pages: Vec<_> = self.pages.keys().map(|page| seen_from(from, page)).collect();
            let near = did_you_mean(
                path,
                pages.iter().map(String::as_str),
                ": link to a page that SUMMARY.md names.",
            );
            return Err(format!("this book has no page `{path}`{near}"));
        };
        let Some(id) = id.map(decoded).filter(|id| !ids.contains(id)) else { return Ok(()) };
        let otherwise = ": name the id of a heading there, or give it one, `## Title {#some-id}`.";
        let near = did_you_mean(&id, ids.iter().map(String::as_str), otherwise);
        Err(format!("`{}` has no id `{id}`{near}", file.display()))
    }

    fn file(&self, path: &str, file: &Path) -> Result<(), String> {
        let file = self.source.join(file);
        if file.is_file() {
            return Ok(());
        }
        if file.is_dir() {
            return Err(format!("`{path}` is a folder: name a page of it."));
        }
        let siblings = file.parent().and_then(|folder| folder.read_dir().ok());
        let names: Vec<_> = siblings
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        let wanted = file.file_name().unwrap_or_default().to_string_lossy();
        let otherwise =
            ": put it there, or correct the path, which starts at the folder of this page.";
        let near = did_you_mean(&wanted, names.iter().map(String::as_str), otherwise);
        Err(format!("`{path}` does not exist{near}"))
    }
}

/// The file that `path` names in `page`, relative to book/src.
fn below_source(page: &Path, path: &str) -> Result<PathBuf, String> {
    if path.starts_with('/') {
        return Err(format!(
            "`{path}` starts at the root of wherever the book is served: start at the folder of this page."
        ));
    }
    let mut file = page.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(&decoded(path)).components() {
        let inside = match component {
            Component::ParentDir => file.pop(),
            Component::CurDir => true,
            other => {
                file.push(other);
                true
            }
        };
        if !inside {
            return Err(format!(
                "`{path}` is outside book/src, so the built book has no such file: name it as code instead of linking to it."
            ));
        }
    }
    Ok(file)
}

/// How a link from one page to another is written.
fn seen_from(from: &Path, page: &Path) -> String {
    let folder = from.parent().unwrap_or(Path::new(""));
    let common = folder.iter().zip(page.iter()).take_while(|(a, b)| a == b).count();
    let up = folder.iter().skip(common).map(|_| "..");
    let down = page.iter().skip(common).map(|part| part.to_str().unwrap_or_default());
    up.chain(down).collect::<Vec<_>>().join("/")
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a target begins with `mailto:` or the like, or with `//` and a host.
fn has_scheme(target: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    };
    target.starts_with("//") || target.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    /// What is said of a target in the page waker/page.md, or "".
    fn said(of: impl Fn(&Targets, &Path) -> Result<(), String>) -> String {
        let workspace = Workspace::with_book();
        workspace.write("book/src/waker/life.svg", "<svg/>");
        let pages = [("start.md", "start"), ("waker/page.md", "the-wake")];
        let pages = pages.map(|(page, id)| (page.into(), BTreeSet::from([id.to_owned()])));
        let source = workspace.path().join("book/src");
        of(&Targets { source, pages: pages.into() }, Path::new("waker/page.md"))
            .err()
            .unwrap_or_default()
    }

    fn link(target: &str) -> String {
        said(|targets, page| targets.link(page, target))
    }

    #[test]
    fn pages_ids_files_and_https_are_found() {
        for target in [
            "page.md",
            "./page.md#the-wake",
            "#the-wake",
            "../start.md#start",
            "../waker/page.md#the%2Dwake",
            "life.svg",
            "https://example.org/a#b",
        ] {
            assert_eq!(link(target), "", "{target}");
        }
    }

    #[test]
    fn a_page_that_is_none_names_the_nearest() {
        let message = link("../strat.md");
        assert_eq!(message, "this book has no page `../strat.md`: did you mean `../start.md`?");
        assert!(link("zzz.md").ends_with("link to a page that SUMMARY.md names."));
    }

    #[test]
    fn an_id_that_is_none_names_the_nearest() {
        let message = link("#the-wakes");
        assert_eq!(message, "`waker/page.md` has no id `the-wakes`: did you mean `the-wake`?");
        assert!(link("../start.md#zz").contains("`start.md` has no id `zz`: name the id"));
    }

    #[test]
    fn targets_that_only_some_readers_have_are_refused() {
        for (target, message) in [
            ("", "leads nowhere"),
            ("page.html#x", "link to the page as it is here, `page.md`"),
            ("/start.md", "starts at the root"),
            ("../../results/cost.json", "is outside book/src"),
            ("lief.svg", "`lief.svg` does not exist: did you mean `life.svg`?"),
            ("../waker", "is a folder"),
            ("http://example.org", "write `https://example.org`"),
            ("mailto:someone@example.org", "neither https nor a page"),
            ("//example.org/x", "neither https nor a page"),
        ] {
            let said = link(target);
            assert!(said.contains(message), "{target}: {said}");
        }
    }

    #[test]
    fn images_are_files_of_the_book() {
        let image = |target: &str| said(|targets, page| targets.image(page, target));
        assert_eq!(image("life.svg"), "");
        assert!(image("https://example.org/a.png").contains("missing when the reader is offline"));
        assert!(image("pictures/life.svg").contains("does not exist: put it there"));
    }
}
