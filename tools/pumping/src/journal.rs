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

    /// Writes the events as CSV and returns the number of lines. Leaves out imports of numbers that
    /// don't occur again: they change nothing.
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

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashMap;

    use crate::run::{Run, World};
    use crate::scenario::{Scenario, all};

    /// The events of two days, a record each: time, number, channel, address, account, event.
    pub(crate) fn recorded(name: &str, logins_per_day: f64, is_guarded: bool) -> Vec<[String; 6]> {
        let (world, _) = World::for_tests();
        let scenario = all().into_iter().find(|scenario| scenario.name == name).unwrap();
        let scenario = Scenario { logins_per_day, imported: 2_000, ..scenario };
        let mut csv = Vec::new();
        let journal = Run::new(world, &scenario, 1, is_guarded).record(8.0..10.0).unwrap();
        let lines = journal.write(&mut csv).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let header: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(header.join(","), "time_ms,number,channel,ip,account,event");
        let records: Vec<[String; 6]> = reader.deserialize().map(Result::unwrap).collect();
        assert_eq!(records.len() + 1, lines);
        records
    }

    #[test]
    fn events_are_in_order_and_answers_follow_sends() {
        let events = recorded("rotating", 300.0, true);
        let mut sent: HashMap<&str, (u64, &str)> = HashMap::new();
        let mut counts: HashMap<&str, u32> = HashMap::new();
        let mut latest = 0;
        for [time, number, channel, ip, account, event] in &events {
            let time: u64 = time.parse().unwrap();
            assert!(time >= latest, "{number} {event} is earlier than the event before it");
            latest = time;
            assert_eq!((channel.as_str(), account.as_str()), ("sms", ""));
            *counts.entry(event).or_default() += 1;
            match event.as_str() {
                "import" => assert!(ip.is_empty()),
                "send" | "vouched" => {
                    sent.insert(number, (time, ip));
                }
                "verify" => {
                    let (at, from) = sent[number.as_str()];
                    assert!(time > at && time - at < 600_000, "{number} was answered too late");
                    assert_eq!(from, ip);
                }
                other => panic!("{other} is not an event"),
            }
        }
        assert!(counts["import"] > 100 && counts["send"] > 3_000, "{counts:?}");
        assert!(counts["verify"] > 400 && counts["verify"] < counts["send"] / 3, "{counts:?}");
    }

    #[test]
    fn a_seed_gives_the_same_events() {
        assert_eq!(recorded("hammer", 20.0, true), recorded("hammer", 20.0, true));
    }
}
