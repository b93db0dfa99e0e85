//! Two stages for tests.

use crate::fixture::Workspace;

/// A workspace of two tiny stages.
pub(super) fn two_stages() -> Workspace {
    let root = Workspace::empty();
    for (file, text) in [
        ("01-old/src/lib.rs", "pub mod echo;\n"),
        (
            "01-old/src/echo.rs",
            "// ANCHOR: echo\npub fn echo() {\n    read();\n    write();\n}\n// ANCHOR_END: echo\n\n#[cfg(test)]\nmod tests {}\n",
        ),
        ("01-old/src/limit.rs", "pub struct Limit;\n"),
        ("02-new/src/lib.rs", "pub mod connection;\n"),
        (
            "02-new/src/connection.rs",
            "impl Connection {\n    pub fn echo() {\n        read();\n        wait();\n        write();\n    }\n}\n",
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
