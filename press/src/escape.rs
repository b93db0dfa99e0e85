//! Text that stands inside an HTML element, or between the double quotes of an attribute.

/// Makes `text` mean itself. Line ends become spaces: a blank line would end a block of HTML in
/// a page.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace(['\n', '\r'], " ")
}
