//! Processor time and peak memory of `countersign audit` on a list of ten million numbers, in turn
//! with programs that only count its lines or copy as many bytes.
//!
//! `cargo bench -p countersign-cli --bench audit`; with `-- --test`, a short list once.

#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "a bench always has std")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use indicatif::ProgressBar;
use wait4::Wait4;

/// 10,000 numbers from all over the world; for their origin see `benches/corpus/README.md`.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/corpus/numbers.txt");

const AUDIT: &str = env!("CARGO_BIN_EXE_countersign");

/// The argument with which this program is the copy loop.
const COPY: &str = "copy";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |argument: &str| arguments.iter().any(|given| given == argument);
    if has(COPY) {
        return Ok(copy()?);
    }
    let (times, rounds) = if has("--test") { (1, 1) } else { (1_000, 7) };

    let folder = Folder::create()?;
    let [numbers, answers, copied] =
        ["numbers.txt", "answers.csv", "copy.csv"].map(|name| folder.0.join(name));
    let lines = write_numbers(&numbers, times)?;
    let this = std::env::current_exe()?.display().to_string();
    let nowhere = PathBuf::from("/dev/null");
    let mut programs = [
        Program::new("wc -l < numbers", ["wc", "-l"], &numbers, &nowhere),
        Program::new("copy loop < numbers > /dev/null", [&this, COPY], &numbers, &nowhere),
        Program::new("countersign audit < numbers > /dev/null", [AUDIT, "audit"], &numbers, &nowhere),
        Program::new("countersign audit < numbers > answers", [AUDIT, "audit"], &numbers, &answers),
        Program::new("copy loop < answers > copy", [&this, COPY], &answers, &copied),
    ];
    let progress = ProgressBar::new(rounds * programs.len() as u64);
    for _ in 0..rounds {
        for program in &mut programs {
            program.run()?;
            progress.inc(1);
        }
    }
    progress.finish_and_clear();

    let answered = BufReader::new(File::open(&answers)?).split(b'\n').count();
    assert_eq!(answered, lines + 1, "a header and a row for each number");
    println!("{lines} numbers, {} MB of answers", fs::metadata(&answers)?.len() / 1_000_000);
    println!("{:<42} {:>8} {:>8} {:>16} {:>8}", "", "least s", "median s", "lines a second", "peak MB");
    for program in &programs {
        program.print(lines);
    }
    Ok(())
}

/// A command with its input and output.
struct Program {
    name: &'static str,
    command: [String; 2],
    input: PathBuf,
    output: PathBuf,
    /// The processor time of each run.
    times: Vec<Duration>,
    /// The most resident memory of all runs, in bytes.
    memory: u64,
}

impl Program {
    fn new(name: &'static str, command: [&str; 2], input: &Path, output: &Path) -> Self {
        let (input, output) = (input.to_owned(), output.to_owned());
        Self { name, command: command.map(str::to_owned), input, output, times: Vec::new(), memory: 0 }
    }

    fn run(&mut self) -> Result<(), Box<dyn Error>> {
        let [program, argument] = &self.command;
        let mut child = Command::new(program)
            .arg(argument)
            .stdin(File::open(&self.input)?)
            .stdout(File::create(&self.output)?)
            .stderr(Stdio::inherit())
            .spawn()?;
        let used = child.wait4()?;
        if !used.status.success() {
            return Err(format!("{}: {}", self.name, used.status).into());
        }
        self.times.push(used.rusage.utime + used.rusage.stime);
        self.memory = self.memory.max(used.rusage.maxrss);
        Ok(())
    }

    fn print(&self, lines: usize) {
        let mut times = self.times.clone();
        times.sort_unstable();
        let (least, median) = (times[0].as_secs_f64(), times[times.len() / 2].as_secs_f64());
        let (rate, memory) = (lines as f64 / least, self.memory as f64 / 1e6);
        println!("{:<42} {least:>8.2} {median:>8.2} {rate:>16.0} {memory:>8.1}", self.name);
    }
}

/// Copies standard input to standard output.
fn copy() -> io::Result<()> {
    // Files, because `Stdout` looks for the ends of lines.
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(()),
            count => output.write_all(&buffer[..count])?,
        }
    }
}

/// Writes the corpus several times, and returns the number of lines.
fn write_numbers(file: &Path, times: usize) -> io::Result<usize> {
    let corpus = fs::read(CORPUS)?;
    let mut output = BufWriter::new(File::create(file)?);
    for _ in 0..times {
        output.write_all(&corpus)?;
    }
    output.flush()?;
    Ok(times * corpus.iter().filter(|byte| **byte == b'\n').count())
}

/// A folder that is removed when this goes out of scope.
struct Folder(PathBuf);

impl Folder {
    fn create() -> io::Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("audit-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the build folder, and the next `cargo clean` removes it.
        _ = fs::remove_dir_all(&self.0);
    }
}
