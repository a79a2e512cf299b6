//! Parses memcheck's XML reports.

use std::path::PathBuf;

use roxmltree::{Document, Node, ParsingOptions};

/// A branch or an index that depends on a secret, or another error.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Memcheck's description.
    pub what: String,
    /// The stack, innermost call first, inlined calls included.
    pub frames: Vec<Frame>,
}

/// A call on the stack of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The function's name, empty if unknown.
    pub function: String,
    /// The source file, if known.
    pub file: Option<PathBuf>,
    /// The line in the file.
    pub line: usize,
}

/// Returns all errors that memcheck reported.
///
/// # Errors
///
/// If the input is not complete XML of memcheck: a program that ended early proves nothing.
pub fn findings(xml: &str) -> Result<Vec<Finding>, roxmltree::Error> {
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document = Document::parse_with_options(xml, options)?;
    let errors = document.root_element().children().filter(|node| node.has_tag_name("error"));
    Ok(errors.map(finding).collect())
}

fn finding(error: Node<'_, '_>) -> Finding {
    let what = match text(error, "what") {
        "" => child(error, "xwhat").map_or("", |node| text(node, "text")),
        what => what,
    };
    let stack = child(error, "stack");
    let frames =
        stack.into_iter().flat_map(|stack| stack.children()).filter(|node| node.has_tag_name("frame"));
    Finding { what: what.to_owned(), frames: frames.map(frame).collect() }
}

fn frame(node: Node<'_, '_>) -> Frame {
    let (dir, file) = (text(node, "dir"), text(node, "file"));
    Frame {
        function: text(node, "fn").to_owned(),
        file: (!file.is_empty()).then(|| PathBuf::from(dir).join(file)),
        line: text(node, "line").parse().unwrap_or(0),
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    child(node, name).and_then(|child| child.text()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = r#"<?xml version="1.0"?>
<valgrindoutput>
<tool>memcheck</tool>
<error>
  <kind>UninitCondition</kind>
  <what>Conditional jump or move depends on uninitialised value(s)</what>
  <stack>
    <frame><ip>0x1</ip><fn>judge</fn><dir>/home/ada/src/otp</dir><file>check.rs</file><line>66</line></frame>
    <frame><ip>0x2</ip><obj>/lib/libc.so.6</obj></frame>
  </stack>
</error>
<error><xwhat><text>8 bytes are lost</text></xwhat></error>
</valgrindoutput>"#;

    #[test]
    fn parses_errors_with_their_frames() {
        let found = findings(XML).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].what.starts_with("Conditional jump"));
        let judge = Frame {
            function: "judge".to_owned(),
            file: Some(PathBuf::from("/home/ada/src/otp/check.rs")),
            line: 66,
        };
        assert_eq!(found[0].frames, [judge, Frame::default()]);
        assert_eq!((found[1].what.as_str(), found[1].frames.len()), ("8 bytes are lost", 0));
    }

    #[test]
    fn rejects_truncated_reports() {
        assert!(findings(&XML[..XML.len() / 2]).is_err());
        assert!(findings("").is_err());
    }
}
