//! The book: checked, built, served on loopback, and rebuilt when a file is saved.
//!
//! No async runtime: the tool depends on no stage, so that it can still say what is broken in
//! one.

// What may stand in a page, and what must.
mod scan;

mod includes;

mod compiled;

mod form;

mod console;

mod summary;

// Where links lead.
mod markdown;

mod html;

mod ids;

mod targets;

mod links;

// What the book and the exercises say of each other.
mod prose;

mod exercises;

mod index;

mod misconceptions;

// Where figures come from.
mod measures;

mod facts;

mod typed_figures;

mod check;

// What our own directives put into a page.
mod escape;

mod title;

mod figures;

mod matrix;

mod plot;

mod exercise_links;

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

mod files;

mod answer;

mod progress;

mod slots;

mod serve;

// From a save to a rebuild.
mod snapshot;

mod watch;

// What of a page the compiler judges.
mod blocks;

#[cfg(test)]
mod fixture;

pub(crate) use build::build;
pub(crate) use check::did_you_mean;
pub(crate) use directives::as_command;
pub(crate) use progress::{Progress, Report};
pub(crate) use serve::{bind, serve};
pub(crate) use site::Site;
pub(crate) use test::test;
pub(crate) use timeline::{Then, record};
pub(crate) use title::title;
pub(crate) use watch::watch;
