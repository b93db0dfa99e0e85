//! `press`: the book checked, built, served on loopback, and rebuilt when a file is saved; its
//! terminals replayed, its figures recorded. `cargo workshop` runs it.
//!
//! No async runtime: it depends on no stage, so that it can still say what is broken in one.

mod book;

// What may stand in a page, and what must.
mod scan;

mod includes;

mod form;

mod console;

// What the book and the exercises say of each other.
mod exercises;

mod misconceptions;

mod check;

// What our own directives put into a page.
mod escape;

mod figures;

mod matrix;

mod plot;

mod wrong_answers;

mod progress_page;

mod listings;

mod timeline;

mod directives;

// What the book shows, tried.
mod sessions;

mod test;

// From pages to HTML.
mod build;

mod site;

// From HTML to a browser.
mod http;

mod answer;

mod serve;

// What cargo workshop asks for.
mod cli;

#[cfg(test)]
mod fixture;

fn main() -> std::process::ExitCode {
    cli::run()
}
