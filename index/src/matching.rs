//! Which reports of a segment match a query: sets of reports, combined as the query says.
//!
//! Sets are ascending lists. What is expected to be rare is looked up first, and everything after it only among what
//! is left, so a common term beside a rare one costs no more than the rare one.

use tantivy::{
    DocId, DocSet, SegmentReader, TERMINATED, Term,
    schema::{Field as IndexField, IndexRecordOption},
};

use crate::{
    Mode,
    columns::Columns,
    deadline::Deadline,
    exact::{Exact, keep},
    filter::codes_of,
    near::NearPairs,
    phrase::Phrase,
    query::{BareTerm, Field, FieldName, FieldTest, Node, Text},
    schema::{Fields, day_number, genre_number, role_number},
    texts::Texts,
};

/// One segment, with all that is needed to search it.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub(crate) reader: &'a SegmentReader,
    pub(crate) columns: &'a Columns,
    pub(crate) texts: &'a Texts,
    pub(crate) fields: &'a Fields,
}

/// Finds the reports of one segment that match. Deleted ones are among them.
#[derive(Clone, Copy)]
pub(crate) struct Matcher<'a> {
    pub(crate) segment: Segment<'a>,
    pub(crate) mode: Mode,
    pub(crate) deadline: &'a Deadline,
    /// Finds every report in which some part of the text may match: `NOT` lets everything pass, and strings that
    /// have to be near each other may stand anywhere.
    pub(crate) loosely: bool,
}

/// Reports in which places are looked up at a time. Up to a hundred of a string in each are held in memory meanwhile.
pub(crate) const MAX_PLACED: usize = 16 * 1024;

/// What a set is taken from: some reports, ascending, or all.
type Within<'a> = Option<&'a [DocId]>;

impl Matcher<'_> {
    /// Reports that the node matches, ascending.
    pub(crate) fn docs(&self, node: &Node, within: Within<'_>) -> tantivy::Result<Vec<DocId>> {
        match node {
            Node::All => Ok(self.everything(within)),
            Node::Bare(terms) => self.bare(terms, within),
            Node::Exact(text) => self.string(&text.folded, within),
            Node::Near {
                left,
                right,
                distance,
            } => self.near(left, right, *distance, within),
            Node::Field(field) => self.field(field, within),
            Node::And(nodes) => self.and(nodes, within),
            Node::Or(nodes) => self.union(nodes.iter().map(|node| self.docs(node, within))),
            Node::Not(_) if self.loosely => Ok(self.everything(within)),
            Node::Not(node) => {
                let mut docs = self.everything(within);
                let without = self.docs(node, within)?;
                remove(&mut docs, &without);
                Ok(docs)
            }
        }
    }

    fn and(&self, nodes: &[Node], within: Within<'_>) -> tantivy::Result<Vec<DocId>> {
        let mut positive = Vec::new();
        for node in nodes.iter().filter(|node| !matches!(node, Node::Not(_))) {
            positive.push((self.estimate(node)?, node));
        }
        positive.sort_by_key(|(estimate, _)| *estimate);
        let mut left: Option<Vec<DocId>> = None;
        for (_, node) in positive {
            let docs = self.docs(node, left.as_deref().or(within))?;
            if docs.is_empty() {
                return Ok(docs);
            }
            left = Some(docs);
        }
        let mut docs = left.unwrap_or_else(|| self.everything(within));
        for node in nodes {
            if let (Node::Not(node), false) = (node, self.loosely) {
                let without = self.docs(node, Some(&docs))?;
                remove(&mut docs, &without);
            }
        }
        Ok(docs)
    }

    fn bare(&self, terms: &[BareTerm], within: Within<'_>) -> tantivy::Result<Vec<DocId>> {
        let words = words(terms);
        if words.is_empty() {
            return Ok(self.everything(within));
        }
        if self.mode == Mode::Any {
            return self.union(words.into_iter().map(|word| self.string(word, within)));
        }
        let mut ordered = Vec::with_capacity(words.len());
        for word in words {
            ordered.push(Exact::open(self.segment, word)?);
        }
        ordered.sort_by_key(Exact::estimate);
        let mut left: Option<Vec<DocId>> = None;
        for word in ordered {
            let docs = word.docs(left.as_deref().or(within), self.deadline)?;
            if docs.is_empty() {
                return Ok(docs);
            }
            left = Some(docs);
        }
        Ok(left.unwrap_or_default())
    }

    /// Reports whose title or text contains a folded string.
    fn string(&self, folded: &str, within: Within<'_>) -> tantivy::Result<Vec<DocId>> {
        Exact::open(self.segment, folded)?.docs(within, self.deadline)
    }

    fn near(
        &self,
        left: &Text,
        right: &Text,
        distance: u32,
        within: Within<'_>,
    ) -> tantivy::Result<Vec<DocId>> {
        let docs = self.string(&left.folded, within)?;
        let mut docs = self.string(&right.folded, Some(&docs))?;
        if !self.loosely {
            docs = self.keep_near((&left.folded, &right.folded), distance, &docs)?;
        }
        Ok(docs)
    }

    /// Keeps reports in which two strings stand near each other.
    fn keep_near(&self, sides: (&str, &str), distance: u32, docs: &[DocId]) -> tantivy::Result<Vec<DocId>> {
        let mut kept = Vec::new();
        for docs in docs.chunks(MAX_PLACED) {
            self.deadline.check()?;
            let mut pairs = NearPairs::open(self.segment, sides, distance, docs);
            for doc in docs {
                self.deadline.check()?;
                pairs.load(*doc);
                if pairs.any_within(&(0..u32::MAX)) {
                    kept.push(*doc);
                }
            }
        }
        Ok(kept)
    }

    fn field(&self, field: &Field, within: Within<'_>) -> tantivy::Result<Vec<DocId>> {
        let Segment { reader, columns, .. } = self.segment;
        match &field.test {
            FieldTest::Contains(folded) => {
                let Some(place) = self.place(field.name) else {
                    return Ok(Vec::new());
                };
                let phrase = Phrase::open(reader, place, folded)?;
                Ok(phrase.map(|phrase| phrase.docs(within)).unwrap_or_default())
            }
            FieldTest::Years(from, to) => {
                let (from, to) = (from.map(i64::from), to.map(i64::from));
                Ok(self.where_number(within, from, to, |doc| columns.year.first(doc)))
            }
            FieldTest::Days(from, to) => {
                let (from, to) = (from.map(day_number), to.map(day_number));
                Ok(self.where_number(within, from, to, |doc| columns.published.first(doc)))
            }
            FieldTest::Region(_) | FieldTest::Genres(_) | FieldTest::Roles(_) => {
                let (number_field, numbers) = self.numbers(&field.test);
                self.union(numbers.into_iter().map(|number| {
                    let term = Term::from_field_u64(number_field, number);
                    let inverted = reader.inverted_index(number_field)?;
                    let postings = inverted.read_postings(&term, IndexRecordOption::Basic)?;
                    let mut docs = Vec::new();
                    if let Some(mut postings) = postings {
                        while postings.doc() != TERMINATED {
                            docs.push(postings.doc());
                            postings.advance();
                        }
                    }
                    if let Some(within) = within {
                        keep(&mut docs, within);
                    }
                    Ok(docs)
                }))
            }
        }
    }

    /// Where the strings of a field are indexed; `None` for fields whose values are never read as strings.
    fn place(&self, name: FieldName) -> Option<IndexField> {
        let fields = self.segment.fields;
        Some(match name {
            FieldName::Title => fields.title,
            FieldName::Issuer => fields.issuer,
            FieldName::Docno => fields.docno,
            FieldName::Cites => fields.cites,
            FieldName::Site => fields.site,
            FieldName::Portal => fields.portal_text,
            FieldName::Region => fields.region_name,
            FieldName::Province => fields.province,
            FieldName::City => fields.city,
            FieldName::County => fields.county,
            FieldName::Genre | FieldName::Year | FieldName::Published | FieldName::Section => return None,
        })
    }

    /// The numbers of which a field has to have one.
    fn numbers(&self, test: &FieldTest) -> (IndexField, Vec<u64>) {
        let fields = self.segment.fields;
        match test {
            FieldTest::Region(code) => (fields.region, codes_of(&[*code])),
            FieldTest::Genres(genres) => (fields.genre, genres.iter().copied().map(genre_number).collect()),
            FieldTest::Roles(roles) => (fields.role, roles.iter().copied().map(role_number).collect()),
            FieldTest::Contains(_) | FieldTest::Years(..) | FieldTest::Days(..) => (fields.genre, Vec::new()),
        }
    }

    /// Reports whose number lies in a range, both ends included. A report without the number never does.
    fn where_number(
        &self,
        within: Within<'_>,
        from: Option<i64>,
        to: Option<i64>,
        number: impl Fn(DocId) -> Option<i64>,
    ) -> Vec<DocId> {
        let range = from.unwrap_or(i64::MIN)..=to.unwrap_or(i64::MAX);
        let mut docs = self.everything(within);
        docs.retain(|doc| number(*doc).is_some_and(|number| range.contains(&number)));
        docs
    }

    fn everything(&self, within: Within<'_>) -> Vec<DocId> {
        within.map_or_else(|| (0..self.segment.reader.max_doc()).collect(), <[DocId]>::to_vec)
    }

    fn union(&self, sets: impl Iterator<Item = tantivy::Result<Vec<DocId>>>) -> tantivy::Result<Vec<DocId>> {
        let mut bits: Vec<u64> = Vec::new();
        let mut first: Option<Vec<DocId>> = None;
        for docs in sets {
            let docs = docs?;
            if first.is_none() && bits.is_empty() {
                first = Some(docs);
                continue;
            }
            if bits.is_empty() {
                bits = vec![0; self.segment.reader.max_doc() as usize / 64 + 1];
            }
            for doc in first.take().into_iter().flatten().chain(docs) {
                bits[doc as usize / 64] |= 1 << (doc % 64);
            }
        }
        if let Some(only) = first {
            return Ok(only);
        }
        let mut docs = Vec::with_capacity(bits.iter().map(|word| word.count_ones() as usize).sum());
        for (nth, mut word) in bits.into_iter().enumerate() {
            while word != 0 {
                docs.push(nth as DocId * 64 + word.trailing_zeros());
                word &= word - 1;
            }
        }
        Ok(docs)
    }

    /// About how many reports a node matches; only used to begin with the rarest.
    fn estimate(&self, node: &Node) -> tantivy::Result<u64> {
        let all = u64::from(self.segment.reader.max_doc());
        let reader = self.segment.reader;
        Ok(match node {
            Node::All | Node::Not(_) => all,
            Node::Exact(text) => self.estimate_string(&text.folded)?,
            Node::Near { left, right, .. } => self
                .estimate_string(&left.folded)?
                .min(self.estimate_string(&right.folded)?),
            Node::Bare(terms) => {
                let mut estimates = Vec::new();
                for word in words(terms) {
                    estimates.push(self.estimate_string(word)?);
                }
                match self.mode {
                    Mode::Any => estimates.into_iter().sum(),
                    _ => estimates.into_iter().min().unwrap_or(all),
                }
            }
            Node::Field(field) => match &field.test {
                FieldTest::Contains(folded) => match self.place(field.name) {
                    Some(place) => Phrase::estimate(reader, place, folded)?,
                    None => 0,
                },
                FieldTest::Years(..) | FieldTest::Days(..) => all,
                test => {
                    let (number_field, numbers) = self.numbers(test);
                    let mut sum = 0;
                    for number in numbers {
                        let term = Term::from_field_u64(number_field, number);
                        sum += u64::from(reader.inverted_index(number_field)?.doc_freq(&term)?);
                    }
                    sum
                }
            },
            Node::And(nodes) => {
                let mut least = all;
                for node in nodes {
                    least = least.min(self.estimate(node)?);
                }
                least
            }
            Node::Or(nodes) => {
                let mut sum: u64 = 0;
                for node in nodes {
                    sum = sum.saturating_add(self.estimate(node)?);
                }
                sum
            }
        })
    }

    fn estimate_string(&self, folded: &str) -> tantivy::Result<u64> {
        Ok(Exact::open(self.segment, folded)?.estimate())
    }
}

/// The different words of bare terms, in order.
pub(crate) fn words(terms: &[BareTerm]) -> Vec<&str> {
    let mut words = Vec::new();
    for word in terms.iter().flat_map(BareTerm::words) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Removes what is in `others`; both lists ascend.
fn remove(docs: &mut Vec<DocId>, others: &[DocId]) {
    let mut others = others.iter().peekable();
    docs.retain(|doc| {
        while others.next_if(|other| *other < doc).is_some() {}
        others.peek() != Some(&doc)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_removed() {
        let mut docs = vec![1, 3, 5, 7];
        remove(&mut docs, &[0, 3, 4, 7, 9]);
        assert_eq!(docs, [1, 5]);
    }
}
