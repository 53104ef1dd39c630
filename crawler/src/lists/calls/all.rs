//! Every request that the scripts of a page make, told by the function that makes it and not by its address.

use super::{Call, MAX_CALLS, MAX_PLACES, Scripts};

/// Functions whose first argument is the address, in lower case.
const PLAIN: &[&str] = &[".getjson(", ".get(", ".post(", "fetch("];

/// Functions that are given the address among their options.
const WITH_OPTIONS: &[&str] = &["ajax(", "ajax (", "axios(", "request("];

/// How far into the options the address is looked for, in bytes.
const MAX_OPTIONS: usize = 600;

impl Scripts<'_> {
    /// The requests of a page in the order in which they stand there.
    pub(in crate::lists) fn all_calls(&self) -> Vec<Call> {
        let mut places: Vec<usize> = Vec::new();
        for caller in PLAIN {
            let found = self.lower.match_indices(caller).take(MAX_PLACES);
            places.extend(found.map(|(at, _)| self.behind_blank(at + caller.len())));
        }
        for caller in WITH_OPTIONS {
            let found = self.lower.match_indices(caller).take(MAX_PLACES);
            places.extend(found.filter_map(|(at, _)| self.url_option(at + caller.len())));
        }
        places.sort_unstable();
        places.dedup();
        let mut calls: Vec<Call> = Vec::new();
        for at in places {
            if calls.len() >= MAX_CALLS {
                break;
            }
            let is_address = self.text[at..].starts_with(|c: char| "\"'`_$".contains(c) || c.is_alphabetic());
            let call = is_address.then(|| self.call(at).0);
            // `cache.get("name")` asks nobody.
            let call = call.filter(|call| call.address.contains('/') || call.address.contains(".do"));
            calls.extend(call.filter(|call| !calls.contains(call)));
        }
        calls
    }

    fn behind_blank(&self, at: usize) -> usize {
        self.text.len() - self.text[at..].trim_start().len()
    }

    /// Where the value of `url:` begins.
    fn url_option(&self, from: usize) -> Option<usize> {
        let end = self.text.floor_char_boundary(from + MAX_OPTIONS);
        self.lower[from..end].match_indices("url").find_map(|(at, name)| {
            let rest = self.text[from + at + name.len()..].trim_start_matches(['"', '\'']);
            let value = rest.trim_start().strip_prefix(':')?.trim_start();
            let is_whole = !self.text[..from + at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            is_whole.then(|| self.text.len() - value.len())
        })
    }
}
