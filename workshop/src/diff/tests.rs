//! Two stages in a folder of the test.

use super::*;
use crate::fixture::Workspace;

fn two_stages() -> Workspace {
    let root = Workspace::empty();
    let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
    for (file, text) in [
        ("01-old/src/lib.rs", old.as_str()),
        (
            "01-old/src/echo.rs",
            "// ANCHOR: echo\npub fn echo() {\n    read();\n}\n// ANCHOR_END: echo\n\n#[cfg(test)]\nmod tests {}\n",
        ),
        ("01-old/src/limit.rs", "pub struct Limit;\n"),
        ("02-new/src/lib.rs", &old.replace("\n4\n", "\n").replace("\n17\n", "\n")),
        (
            "02-new/src/connection.rs",
            "impl Connection {\n    pub fn echo() {\n        read();\n        wait();\n    }\n}\n",
        ),
        ("02-new/src/slab/mod.rs", "pub struct Slab;\n"),
        (
            "02-new/diff.toml",
            "[[pair]]\nfrom = \"01\"\nold = \"src/echo.rs\"\nnew = \"src/connection.rs\"\nsays = \"It waits.\"\n",
        ),
    ] {
        root.write(file, text);
    }
    root
}

fn plain(root: &Workspace, one: &str, other: &str, file: Option<&str>) -> String {
    let shown = diff(root.path(), one, other, file);
    anstream::adapter::strip_str(&shown.unwrap_or_else(|error| error.to_string())).to_string()
}

#[test]
fn every_file_of_both_stages_has_a_line() {
    let root = two_stages();
    let rows = [
        "01-old        02-new             stay    go  come",
        "src/echo.rs   src/connection.rs     3     0     3",
        "  It waits.",
        "src/lib.rs    src/lib.rs           18     2     0",
        "src/limit.rs  (gone)                0     1     0",
        "(new)         src/slab/mod.rs       0     0     1",
    ];
    for (one, other) in [("01", "02"), ("2", "old"), ("01-old", "02-new")] {
        let table = plain(&root, one, other, None);
        assert!(table.starts_with(&rows.join("\n")), "{table}");
        assert!(table.ends_with("One file's difference: cargo workshop diff 01 02 echo\n"));
    }
}

#[test]
fn a_file_is_called_by_its_name_on_either_side() {
    let root = two_stages();
    let says = "  It waits.\n--- 01-old/src/echo.rs\n+++ 02-new/src/connection.rs\n";
    for spoken in ["echo", "echo.rs", "src/echo", "01-old/src/echo.rs", "connection"] {
        assert!(plain(&root, "01", "02", Some(spoken)).starts_with(says), "{spoken}");
    }
    let gone = plain(&root, "01", "02", Some("limit"));
    assert_eq!(gone, "--- 01-old/src/limit.rs\n+++ 02-new/(gone)\n-pub struct Limit;\n");
}

#[test]
fn three_lines_that_stay_are_shown_around_each_that_does_not() {
    let shown = plain(&two_stages(), "01", "02", Some("lib"));
    let (_, lines) = shown.split_once("+++ 02-new/src/lib.rs\n").unwrap();
    let expected = " 1\n 2\n 3\n-4\n 5\n 6\n 7\n⋮\n 14\n 15\n 16\n-17\n 18\n 19\n 20\n";
    assert_eq!(lines, expected);
}

#[test]
fn a_name_that_does_not_exist_is_a_sentence() {
    let root = two_stages();
    let says = |one, other, file, sentence| assert_eq!(plain(&root, one, other, file), sentence);
    says("09", "1", None, "there is no stage 09: those with code are 01-old, 02-new");
    says("1", "old", None, "both are 01-old, and no stage differs from itself: name two");
    let none = "neither 01-old nor 02-new has a file x. Those there are: cargo workshop diff 01 02";
    says("01", "02", Some("x"), none);
}
