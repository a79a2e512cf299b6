//! Writes numbers in all formats, or what a text field shows while they are typed. The scripts in
//! `agreement/` compare the answers with libphonenumber's.
//!
//! ```sh
//! printf '+442079460958\n' | cargo run --features format --example format
//! printf 'GB,02079460958\n,+442079' | cargo run --features format --example format -- --type
//! ```
//!
//! Each line of standard input is a number (`+` and digits), or a region and what is typed there,
//! separated by a comma; without a region, the text field is international. Each line of the
//! output has the texts, separated by tabs: international, national and RFC 3966, or the text after
//! each character. What is not a number or a region has an empty line.

use std::io::{self, BufRead, BufWriter, Write};

use countersign::format::Input;
use countersign::{PhoneNumber, Region};

fn main() -> io::Result<()> {
    let typed = std::env::args().nth(1).is_some_and(|argument| argument == "--type");
    let mut output = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        if typed {
            typing(&line, &mut output)?
        } else {
            formats(&line, &mut output)?
        }
        writeln!(output)?;
    }
    output.flush()
}

/// Writes the three formats of a number.
fn formats(line: &str, output: &mut impl Write) -> io::Result<()> {
    let Ok(number) = line.parse::<PhoneNumber>() else { return Ok(()) };
    write!(output, "{}\t{}\t{}", number.international(), number.national(), number.rfc3966())
}

/// Writes the text after each character of a line such as `GB,020`.
fn typing(line: &str, output: &mut impl Write) -> io::Result<()> {
    let Some((region, text)) = line.split_once(',') else { return Ok(()) };
    let mut input = match region.parse::<Region>() {
        Ok(region) => Input::new(region),
        Err(_) if region.is_empty() => Input::international(),
        Err(_) => return Ok(()),
    };
    for (place, c) in text.chars().enumerate() {
        let tab = if place == 0 { "" } else { "\t" };
        write!(output, "{tab}{}", input.push(c))?;
    }
    Ok(())
}
