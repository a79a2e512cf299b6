//! The events of a run, as input for `guard_replay`.

use core::net::Ipv4Addr;
use std::collections::HashSet;
use std::io::Write;

use countersign::{PhoneNumber, Timestamp};

/// Imports and events, each in order of time.
#[derive(Default)]
pub(crate) struct Journal {
    imports: Vec<(PhoneNumber, Timestamp)>,
    events: Vec<Line>,
}

struct Line {
    time: Timestamp,
    number: PhoneNumber,
    ip: u32,
    event: &'static str,
}

impl Journal {
    pub(crate) fn import(&mut self, number: PhoneNumber, time: Timestamp) {
        self.imports.push((number, time));
    }

    /// Notes that a send was asked for, whether or not it was allowed.
    pub(crate) fn send(&mut self, number: PhoneNumber, ip: u32, is_vouched: bool, time: Timestamp) {
        let event = if is_vouched { "vouched" } else { "send" };
        self.events.push(Line { time, number, ip, event });
    }

    pub(crate) fn verify(&mut self, number: PhoneNumber, ip: u32, time: Timestamp) {
        self.events.push(Line { time, number, ip, event: "verify" });
    }

    /// Writes the events as CSV and returns the number of lines. Imports of numbers that don't occur
    /// again change nothing and are left out.
    ///
    /// # Errors
    ///
    /// If the output can't be written.
    pub(crate) fn write(&self, to: impl Write) -> Result<usize, csv::Error> {
        let seen: HashSet<u64> = self.events.iter().map(|line| line.number.digits()).collect();
        let imports = self.imports.iter().filter(|(number, _)| seen.contains(&number.digits()));
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(["time_ms", "number", "channel", "ip", "account", "event"])?;
        let mut lines = 1;
        for (number, time) in imports {
            let (time, number) = (time.unix_millis().to_string(), format!("+{}", number.digits()));
            writer.write_record([&time, &number, "sms", "", "", "import"])?;
            lines += 1;
        }
        for Line { time, number, ip, event } in &self.events {
            let (time, number) = (time.unix_millis().to_string(), format!("+{}", number.digits()));
            let ip = Ipv4Addr::from_bits(*ip).to_string();
            writer.write_record([&time, &number, "sms", &ip, "", event])?;
            lines += 1;
        }
        writer.flush()?;
        Ok(lines)
    }
}
