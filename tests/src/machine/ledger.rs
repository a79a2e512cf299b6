//! Every code that was issued, and whether it is still valid: the properties of a success that hold
//! independently of the model.

use std::collections::HashSet;

use countersign::{Handle, Issued};

use super::cast::{ACCOUNTS, NOWHERE, account};
use super::op::{Entry, Shown};

#[derive(Default)]
pub struct Ledger {
    accounts: [Codes; ACCOUNTS],
    invalid: HashSet<([u8; 16], String)>,
}

/// The codes issued to an account.
#[derive(Default)]
struct Codes {
    /// Newest last.
    handles: Vec<Handle>,
    /// Newest last.
    codes: Vec<String>,
    /// Handle, code, expiry.
    live: Option<(Handle, String, u64)>,
}

impl Ledger {
    /// Records an issued code: for a new challenge, or for the one with this handle.
    pub fn issue(&mut self, account: usize, issued: &Issued, resent: Option<Handle>) {
        self.retire(account);
        let (handle, code) = (issued.handle(), issued.code().as_str().to_owned());
        let account = &mut self.accounts[account];
        match resent {
            Some(resent) => assert!(handle == resent, "a resend keeps the handle"),
            None => {
                assert!(!account.handles.contains(&handle), "a new start has a new handle");
                account.handles.push(handle);
            }
        }
        account.codes.push(code.clone());
        // By chance a code can be issued again, and is then valid again.
        self.invalid.remove(&(*handle.as_bytes(), code.clone()));
        account.live = Some((handle, code, issued.expires_at().unix_millis()));
    }

    /// Marks the live code as invalid.
    pub fn retire(&mut self, account: usize) {
        if let Some((handle, code, _)) = self.accounts[account].live.take() {
            self.invalid.insert((*handle.as_bytes(), code));
        }
    }

    /// Records a passed check: no sequence of operations accepts a retired, expired or used code.
    pub fn pass(&mut self, account: usize, shown: Option<Handle>, entry: &str, now: u64) {
        let Some((handle, code, expires_at)) = self.accounts[account].live.clone() else {
            panic!("a code passed although none is live");
        };
        let shown = shown.unwrap_or(handle);
        let entry = entry.to_ascii_uppercase();
        assert!(!self.invalid.contains(&(*shown.as_bytes(), entry.clone())), "an invalid code passed");
        assert!(shown == handle && entry == code, "a code passed that is not the newest");
        assert!(now < expires_at, "an expired code passed");
        self.retire(account);
    }

    pub fn handle(&self, who: usize, shown: Shown) -> Handle {
        let unknown = |number: u64| Handle::from_bytes((u128::from(number) << 64 | 1).to_le_bytes());
        let nth_last = |of: usize, n: usize| self.accounts[of].handles.iter().rev().nth(n).copied();
        let known = match shown {
            Shown::None | Shown::Random(_) => None,
            Shown::Last => nth_last(account(who), 0),
            Shown::Before => nth_last(account(who), 1),
            Shown::Foreign => nth_last((account(who) + 1) % NOWHERE, 0),
        };
        known.unwrap_or(unknown(if let Shown::Random(number) = shown { number } else { 0 }))
    }

    pub fn entry(&self, who: usize, entry: &Entry) -> String {
        let nth_last = |n: usize| self.accounts[account(who)].codes.iter().rev().nth(n).cloned();
        match entry {
            Entry::Newest => nth_last(0).unwrap_or("000000".into()),
            Entry::Older(n) => nth_last(1 + n).unwrap_or("000000".into()),
            Entry::Near(place) => near(nth_last(0).unwrap_or("000000".into()), *place),
            Entry::Text(text) => text.clone(),
        }
    }
}

/// Returns the same code with another character at one place.
fn near(code: String, place: usize) -> String {
    let at = place % code.len();
    let other = if code.as_bytes()[at] == b'2' { "3" } else { "2" };
    format!("{}{other}{}", &code[..at], &code[at + 1..])
}
