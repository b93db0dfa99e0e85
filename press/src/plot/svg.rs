//! What the parts of the picture consist of.

use crate::escape::escape;

/// Each part of the picture is as wide as a phone's page. On a desk they stand side by side.
pub(super) const WIDTH: f64 = 350.0;

/// One part of the picture, and what it says to those who do not see it.
pub(super) fn drawing(height: u32, words: &str, content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{}\">\n{content}</svg>\n",
        escape(words),
    )
}

/// The heading of what is below it.
pub(super) fn title(y: f64, text: &str) -> String {
    format!("<text class=\"pic-t\" x=\"0\" y=\"{y}\">{text}</text>\n")
}

/// A small text that has its `anchor` (start, middle or end) at `x`.
pub(super) fn text(x: f64, y: f64, anchor: &str, text: &str) -> String {
    format!(
        "<text class=\"pic-s\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n"
    )
}

/// A straight line from one place to another.
pub(super) fn line(class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    format!(
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
    )
}

/// A rectangle in the colour of `key`, from its upper left corner.
pub(super) fn rect(key: &str, x: f64, y: f64, width: f64, height: f64) -> String {
    format!(
        "<rect class=\"plot-{key}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height}\"/>\n"
    )
}
