//! Authenticator codes, `otpauth://` URIs and the policy for second factors, line by line.
//!
//! ```text
//! printf 'SHA1\t8\t30\tGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\t59\n' |
//!     cargo run -q --release --features totp --example totp -- code
//! ```
//!
//! Reads lines of tab-separated fields from standard input, and answers each with one line before
//! it reads the next. The fields of an answer are separated by tabs, too. What cannot be answered
//! is `error` and a name.

mod answers;
mod fields;
mod machine;
mod mfa;
mod uri;

use std::io::{self, BufRead, ErrorKind, Write};
use std::process::ExitCode;

use fields::Failure;
use machine::Machine;

const HELP: &str = "\
Usage: totp MODE, where a line of tab-separated fields is

  code   ALGORITHM DIGITS PERIOD SECRET TIME
  check  ALGORITHM DIGITS PERIOD WINDOW SECRET LAST TIME ENTRY
  uri    ISSUER ACCOUNT ALGORITHM DIGITS PERIOD SECRET
  read   URI
  mfa    POLICY METHODS BREAKGLASS ENROLLED DEFAULT REGISTERED OPENED_BY PROVEN
  machine  TIME ACCOUNT COMMAND, where a command is one of
           enrol [MINUTES [SECRET]], check ENTRY, codes, left, recover ENTRY, start NUMBER,
           pass NUMBER HANDLE ENTRY, remove, unlock, status

ALGORITHM is SHA1, SHA256 or SHA512; PERIOD is in seconds; WINDOW is in steps; SECRET is Base32;
TIME is in seconds of Unix time; LAST is the last accepted step, or -.";

type Answer = Box<dyn Fn(&[&str]) -> Result<String, Failure>>;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [mode] = arguments.as_slice() else { return refuse("error: expected one mode") };
    let answer: Answer = match mode.to_str() {
        Some("code") => Box::new(answers::code),
        Some("check") => Box::new(answers::check),
        Some("uri") => Box::new(uri::write),
        Some("read") => Box::new(uri::read),
        Some("mfa") => Box::new(mfa::decide),
        Some("machine") => match Machine::new() {
            Ok(machine) => Box::new(move |fields| machine.answer(fields)),
            Err(error) => return refuse(&format!("error: {error}")),
        },
        Some("-h" | "--help") => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => return refuse("error: unknown mode"),
    };
    match run(&*answer, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the answers needs no more of them.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn refuse(error: &str) -> ExitCode {
    eprintln!("{error}\n\n{HELP}");
    ExitCode::from(2)
}

fn run(
    answer: &dyn Fn(&[&str]) -> Result<String, Failure>,
    mut input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        writeln!(output, "{}", answer_line(answer, &line))?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}

/// Answers a line, which may end in LF or CRLF.
fn answer_line(answer: &dyn Fn(&[&str]) -> Result<String, Failure>, line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let answered = match str::from_utf8(line) {
        Ok(line) => answer(&line.split('\t').collect::<Vec<_>>()),
        Err(_) => Err(Failure("not_utf8")),
    };
    answered.unwrap_or_else(|Failure(name)| format!("error\t{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_each_line_before_the_next() {
        let mut output = Vec::new();
        let input = b"SHA1\t6\t30\tGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\t59\r\n\n\xff\nlast";
        run(&answers::code, input.as_slice(), &mut output).unwrap();
        let expected = "287082\nerror\tfield_count\nerror\tnot_utf8\nerror\tfield_count\n";
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }
}
