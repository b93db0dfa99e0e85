//! From the path of a URL to a file of the served folder, and never to one outside it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::path::{Component, Path, PathBuf};

/// What a URL's path leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    File(PathBuf),
    /// A folder named without its last slash: relative links of its index page would start one
    /// folder too high.
    Redirect(String),
    Missing,
    /// The sentence says why.
    Refused(&'static str),
}

/// What stays as it is in the path of a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Finds `target`, such as `/waker/page.html?search=x`, in `folder`.
pub(super) fn find(folder: &Path, target: &str) -> Found {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') {
        return Found::Refused("The path must start with a slash.");
    }
    let Ok(path) = percent_decode_str(path).decode_utf8() else {
        return Found::Refused("The path must be UTF-8.");
    };
    // Decoded before it is split, so that an encoded slash or dot is seen for what it is.
    let names: Vec<_> = path.split('/').filter(|name| !name.is_empty()).collect();
    let mut file = folder.to_owned();
    for name in &names {
        if !is_plain_name(name) {
            return Found::Refused("The path must consist of plain names.");
        }
        file.push(name);
    }
    if file.is_dir() {
        if !path.ends_with('/') {
            let names: Vec<_> =
                names.iter().map(|name| utf8_percent_encode(name, PLAIN).to_string()).collect();
            return Found::Redirect(format!("/{}/", names.join("/")));
        }
        file.push("index.html");
    }
    if !file.is_file() {
        return Found::Missing;
    }
    // A link may lead anywhere: judge the place, not the name.
    match (file.canonicalize(), folder.canonicalize()) {
        (Ok(file), Ok(folder)) if file.starts_with(&folder) => Found::File(file),
        (Ok(_), Ok(_)) => Found::Refused("The path leads out of the book."),
        _ => Found::Missing,
    }
}

/// Not `..`, `.`, a drive, a root, or anything else that a path means more by.
fn is_plain_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    let is_normal =
        matches!(components.next(), Some(Component::Normal(_))) && components.next().is_none();
    is_normal && name != "." && !name.contains(['\\', '\0', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    /// A served folder with a secret beside it.
    fn folder() -> (Workspace, PathBuf) {
        let workspace = Workspace::empty();
        for file in ["site/index.html", "site/a b/index.html", "site/x.css", "secret.txt"] {
            workspace.write(file, file);
        }
        let site = workspace.path().join("site").canonicalize().unwrap();
        (workspace, site)
    }

    #[test]
    fn folders_lead_to_their_index_by_a_path_with_a_slash() {
        let (_workspace, site) = folder();
        for (target, found) in [
            ("/", Found::File(site.join("index.html"))),
            ("/a%20b/?x=/../", Found::File(site.join("a b/index.html"))),
            ("//x.css#top", Found::File(site.join("x.css"))),
            ("//a%20b", Found::Redirect("/a%20b/".into())),
            ("/none.html", Found::Missing),
            ("/x.css/y", Found::Missing),
        ] {
            assert_eq!(find(&site, target), found, "{target}");
        }
    }

    #[test]
    fn no_spelling_of_a_path_leads_out() {
        let (_workspace, site) = folder();
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/a%20b/../../secret.txt",
            "/..%5csecret.txt",
            "/..\\secret.txt",
            "/x.css%00",
            "/./x.css",
            "/C:/secret.txt",
            "/%ff",
            "secret.txt",
            "http://localhost/x.css",
        ] {
            assert!(matches!(find(&site, path), Found::Refused(_)), "{path}");
        }
        let absolute = site.join("../secret.txt").canonicalize().unwrap().display().to_string();
        for path in [format!("/{absolute}"), format!("/{}", absolute.replace('/', "%2f"))] {
            assert_eq!(find(&site, &path), Found::Missing, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_is_refused() {
        let (_workspace, site) = folder();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, site.join(name)).unwrap();
        link("../secret.txt", "link.txt");
        link("x.css", "inside.css");
        assert_eq!(find(&site, "/link.txt"), Found::Refused("The path leads out of the book."));
        assert_eq!(find(&site, "/inside.css"), Found::File(site.join("x.css")));
    }
}
