//! A guard over a full table, and people to ask it about.

use core::error::Error;
use core::time::Duration;

use countersign::guard::{Bases, Charge, Guard, Ruling, Subject, TallySecret};
use countersign::store::MemoryTallies;
use countersign::{Channel, PhoneNumber, Timestamp};

/// The memory, four blocks, region and purse.
pub(crate) const ENTRIES_OF_A_STRANGER: usize = 7;

const BEGIN: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const DAY: Duration = Duration::from_secs(86_400);

/// Prefixes, and how many digits follow: room for far more numbers than there are.
const PLANS: [(u64, u32); 4] = [(447, 9), (4915, 9), (8613, 9), (5511, 9)];

/// So wide that nobody is refused: each decision asks every tally, and each send is charged.
const WIDE: f64 = 1e9;

pub(crate) struct World {
    guard: Guard,
    secret: TallySecret,
    tallies: MemoryTallies,
    /// Known people, then as many strangers.
    people: Vec<PhoneNumber>,
    /// How many sends were charged.
    charged: u32,
}

impl World {
    /// Fills tables with about this many entries: people who were sent to or imported.
    pub(crate) fn new(size: usize) -> Result<Self, Box<dyn Error>> {
        let mut bases = Bases::DEFAULT;
        for base in
            [&mut bases.block_100, &mut bases.block_1000, &mut bases.block_10000, &mut bases.block_1000000]
        {
            *base = WIDE;
        }
        let mut world = Self {
            guard: Guard::default().with_bases(bases)?.with_stake(WIDE)?,
            secret: TallySecret::new([7; 16]),
            tallies: MemoryTallies::with_capacity(size, size / 2),
            people: numbers(size * 2 / 7)?,
            charged: 0,
        };
        // Blocks come from everybody, and the memories of the known are those of an import.
        for _ in 0..world.people.len() {
            world.charge(world.people[world.charged as usize], BEGIN);
            world.charged += 1;
        }
        for number in world.known() {
            let import = world.guard.import(&world.secret, &subject(number), BEGIN);
            world.tallies.add(&[import], BEGIN)?;
        }
        world.charged = 0;
        Ok(world)
    }

    pub(crate) fn numbers(&self) -> usize {
        self.people.len()
    }

    /// Counts the memories and the blocks that have an entry.
    pub(crate) fn entries(&self) -> usize {
        let different = |hidden: u32| {
            let prefixes = self.people.iter().map(|number| number.digits() / 10_u64.pow(hidden));
            let mut prefixes: Vec<_> = prefixes.collect();
            prefixes.sort_unstable();
            prefixes.dedup();
            prefixes.len()
        };
        [0, 2, 3, 4, 6].map(different).iter().sum()
    }

    pub(crate) fn known(&self) -> impl Iterator<Item = PhoneNumber> + Clone {
        self.people[..self.people.len() / 2].iter().copied()
    }

    pub(crate) fn strangers(&self) -> impl Iterator<Item = PhoneNumber> + Clone {
        self.people[self.people.len() / 2..].iter().copied()
    }

    /// The known are known, and strangers draw on the purse.
    pub(crate) fn assert_answers(&mut self) {
        let known = self.known().filter(|number| self.decide_known(*number) == Some(Charge::Known)).count();
        assert!(known * 100 >= self.numbers() / 2 * 99, "{known} of {} are known", self.numbers() / 2);
        let is_stranger = |number: &PhoneNumber| {
            self.decide_known(*number).is_none() && self.decide(*number).charge() == Some(Charge::Purse)
        };
        assert_eq!(self.strangers().take(1_000).filter(is_stranger).count(), 1_000);
        assert!((0..1_000).all(|_| self.charge_next()));
    }

    /// A known recipient, by one entry.
    pub(crate) fn decide_known(&self, number: PhoneNumber) -> Option<Charge> {
        let question = self.guard.memory_question(&self.secret, &subject(number));
        let read = self.tallies.read(question.keys(), BEGIN).unwrap();
        question.decide_known(&self.guard, &read.as_slice()[0], BEGIN)?.charge()
    }

    /// A stranger, by all entries.
    pub(crate) fn decide(&self, number: PhoneNumber) -> Ruling {
        let question = self.guard.question(&self.secret, &subject(number));
        let read = self.tallies.read(question.keys(), BEGIN + DAY).unwrap();
        question.decide(&self.guard, &read, BEGIN + DAY).unwrap()
    }

    /// A stranger's send, decided and charged. Everybody's turn comes once a day, so that nobody
    /// reaches the caps of a number.
    pub(crate) fn charge_next(&mut self) -> bool {
        let count = self.people.len() / 2;
        let (day, place) = (self.charged / count as u32, self.charged as usize % count);
        self.charged += 1;
        self.charge(self.people[self.people.len() - 1 - place], BEGIN + (1 + day) * DAY)
    }

    fn charge(&self, number: PhoneNumber, now: Timestamp) -> bool {
        let question = self.guard.question(&self.secret, &subject(number));
        let read = self.tallies.read(question.keys(), now).unwrap();
        let ruling = question.decide(&self.guard, &read, now).unwrap();
        self.tallies.add(question.sent(&ruling).as_slice(), now).unwrap();
        ruling.is_allowed()
    }
}

fn subject(number: PhoneNumber) -> Subject {
    Subject::new(number, Channel::Sms)
}

/// Different numbers, in no order.
fn numbers(count: usize) -> Result<Vec<PhoneNumber>, countersign::number::ParseError> {
    let mut state = 7_u64;
    let number = |place: usize| {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut random = state;
        random = (random ^ random >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        random = (random ^ random >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        random ^= random >> 31;
        let (prefix, digits) = PLANS[place % PLANS.len()];
        format!("+{}", prefix * 10_u64.pow(digits) + random % 10_u64.pow(digits)).parse()
    };
    (0..count).map(number).collect()
}
