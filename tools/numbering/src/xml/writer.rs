//! Indented elements.

use core::fmt::Write;

use super::{pattern, without_space};

/// The attributes of an element; those without a value are left out.
pub(super) type Attributes<'a> = &'a [(&'a str, Option<String>)];

/// The longest line, unless a single attribute or class of digits is longer.
const WIDTH: usize = 100;

/// Writes elements, each on a line of its own.
pub(super) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    pub(super) fn new(head: &str) -> Self {
        Self { text: head.to_owned(), depth: 0 }
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    /// Writes an element that contains others.
    pub(super) fn element(&mut self, name: &str, attributes: Attributes<'_>, inside: impl FnOnce(&mut Self)) {
        self.tag(name, attributes, ">");
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line(&format!("</{name}>"));
    }

    /// Writes an element with attributes only.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.tag(name, attributes, "/>");
    }

    /// Writes an element that contains text.
    pub(super) fn leaf(&mut self, name: &str, text: &str) {
        self.line(&format!("<{name}>{}</{name}>", escaped(text)));
    }

    /// Writes an element that contains a pattern. A long one is split into lines.
    pub(super) fn pattern(&mut self, name: &str, text: &str) {
        let text = without_space(text);
        let tags = 2 * name.len() + "<></>".len();
        if 2 * self.depth + tags + text.len() <= WIDTH {
            return self.leaf(name, &text);
        }
        self.element(name, &[], |xml| {
            for (depth, line) in pattern::lines(&text, WIDTH.saturating_sub(2 * xml.depth)) {
                xml.depth += depth;
                xml.line(&escaped(&line));
                xml.depth -= depth;
            }
        });
    }

    /// Writes a start tag, in one line if it is short.
    fn tag(&mut self, name: &str, attributes: Attributes<'_>, end: &str) {
        let given = attributes.iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let mut words = vec![format!("<{name}")];
        words.extend(given.map(|(name, value)| format!("{name}=\"{}\"", escaped(value))));
        let line = words.join(" ") + end;
        if 2 * self.depth + line.len() <= WIDTH {
            return self.line(&line);
        }
        self.line(&(words.join(&format!("\n{:indent$}", "", indent = 2 * self.depth + 4)) + end));
    }

    fn line(&mut self, line: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = 2 * self.depth);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
