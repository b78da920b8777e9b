//! Elements of SVG and HTML, which escape whatever is put into them.

use std::fmt;

/// An element that is being written: its attributes first, then its content.
pub(crate) struct Element {
    name: &'static str,
    attributes: String,
    content: Option<String>,
}

impl Element {
    pub(crate) fn new(name: &'static str) -> Self {
        Element { name, attributes: String::new(), content: None }
    }

    /// Adds an attribute.
    pub(crate) fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes += &format!(" {name}=\"{}\"", escape(&value.to_string()));
        self
    }

    /// Adds text to the content.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.content.get_or_insert_default().push_str(&escape(text));
        self
    }

    /// Adds elements to the content.
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        let content = self.content.get_or_insert_default();
        children.into_iter().for_each(|child| *content += &child.to_string());
        self
    }

    /// Adds lines of elements to the content.
    pub(crate) fn lines(mut self, lines: &str) -> Self {
        *self.content.get_or_insert_default() += lines;
        self
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Element { name, attributes, content } = self;
        match content {
            Some(content) => write!(f, "<{name}{attributes}>{content}</{name}>"),
            None => write!(f, "<{name}{attributes}/>"),
        }
    }
}

/// Appends a line with these elements.
pub(crate) fn line<const N: usize>(out: &mut String, elements: [Element; N]) {
    elements.iter().for_each(|element| *out += &element.to_string());
    out.push('\n');
}

/// Escapes text for content and attributes, in HTML and XML alike. Characters that XML can't
/// express become spaces.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
