//! In sections of which roles occurrences lie.

use tantivy::DocId;

use super::Match;
use crate::{
    body::SectionRange,
    columns::Columns,
    schema::{role_number, unpack},
    texts::Texts,
};

/// Tells in sections of which roles the occurrences of a report lie.
#[derive(Default)]
pub(crate) struct Roles {
    /// By where they begin.
    sections: Vec<SectionRange>,
    second_halves: Vec<u32>,
    /// Sections that begin before or at the last place asked for.
    n_begun: usize,
    /// By role: the farthest end of a section that has begun.
    reach: [u32; report::Role::ALL.len()],
}

impl Roles {
    /// Goes on to a report.
    pub(crate) fn load(&mut self, columns: &Columns, texts: &Texts, doc: DocId) {
        self.sections.clear();
        self.sections
            .extend(columns.sections.values_for_doc(doc).filter_map(unpack));
        self.sections.sort_unstable_by_key(|section| section.start);
        texts.second_halves(doc, &mut self.second_halves);
        self.n_begun = 0;
        self.reach.fill(0);
    }

    /// Roles of the sections, one bit each, that an occurrence lies inside as a whole. Occurrences come by where they
    /// begin.
    pub(crate) fn of(&mut self, found: &Match) -> u8 {
        let (start, end) = (self.char(found.start), self.char(found.end));
        while let Some(section) = self
            .sections
            .get(self.n_begun)
            .filter(|section| section.start <= start)
        {
            let reach = &mut self.reach[role_number(section.role) as usize];
            *reach = section.end.max(*reach);
            self.n_begun += 1;
        }
        let roles = self.reach.iter().zip(0_u32..);
        roles.fold(0, |bits, (reach, role)| bits | u8::from(*reach >= end) << role)
    }

    /// The character at a unit.
    fn char(&self, unit: u32) -> u32 {
        unit - self.second_halves.partition_point(|half| *half < unit) as u32
    }
}
