//! Text that stands inside an HTML element.

/// Makes `text` mean itself. Line ends become spaces: a blank line would end a block of HTML in
/// a page.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(['\n', '\r'], " ")
}
