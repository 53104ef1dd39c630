//! From the tree of a query to a query of the engine that matches the same reports.

use report::{Genre, Role};
use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery},
    schema::IndexRecordOption,
};

use crate::{
    Mode, exact,
    filter::codes_of,
    near::Near,
    query::{BareTerm, Field, FieldName, FieldTest, Node},
    schema::{Fields, day_number, genre_number, role_number},
};

/// Compiles trees for one mode.
#[derive(Clone, Copy)]
pub(crate) struct Compiler<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) mode: Mode,
}

impl Compiler<'_> {
    /// Matches exactly the reports that the node matches.
    pub(crate) fn query(&self, node: &Node) -> Box<dyn Query> {
        self.compile(node, false)
    }

    /// Matches every report in which some part of the text may match the node: `NOT` lets everything pass, and
    /// strings that have to be near each other may stand anywhere.
    pub(crate) fn superset(&self, node: &Node) -> Box<dyn Query> {
        self.compile(node, true)
    }

    fn compile(&self, node: &Node, loosely: bool) -> Box<dyn Query> {
        match node {
            Node::All => Box::new(AllQuery),
            Node::Bare(terms) => self.bare(terms),
            Node::Exact(text) => exact::in_body(self.fields, &text.folded),
            Node::Near {
                left,
                right,
                distance,
            } => {
                let near = self.near(&left.folded, &right.folded, *distance);
                if loosely { near.both() } else { Box::new(near) }
            }
            Node::Field(field) => self.field(field),
            Node::And(nodes) => {
                let clauses = nodes.iter().filter_map(|node| match node {
                    Node::Not(_) if loosely => None,
                    Node::Not(inner) => Some((Occur::MustNot, self.compile(inner, false))),
                    Node::Bare(terms) if words(terms).is_empty() => None,
                    _ => Some((Occur::Must, self.compile(node, loosely))),
                });
                all_of(clauses.collect())
            }
            Node::Or(nodes) => any_of(nodes.iter().map(|node| self.compile(node, loosely)).collect()),
            Node::Not(_) if loosely => Box::new(AllQuery),
            Node::Not(inner) => all_of(vec![(Occur::MustNot, self.compile(inner, false))]),
        }
    }

    pub(crate) fn near(&self, left: &str, right: &str, distance: u32) -> Near {
        Near {
            fields: *self.fields,
            left: left.to_owned(),
            right: right.to_owned(),
            distance,
        }
    }

    fn bare(&self, terms: &[BareTerm]) -> Box<dyn Query> {
        let words = words(terms);
        if words.is_empty() {
            return Box::new(AllQuery);
        }
        let clauses = words.into_iter().map(|word| exact::in_body(self.fields, word));
        match self.mode {
            Mode::Any => any_of(clauses.collect()),
            Mode::Words | Mode::Exact | Mode::Loose => {
                all_of(clauses.map(|clause| (Occur::Must, clause)).collect())
            }
        }
    }

    fn field(&self, field: &Field) -> Box<dyn Query> {
        let fields = self.fields;
        match &field.test {
            FieldTest::Contains(folded) => {
                let field = match field.name {
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
                    // Never read as strings.
                    FieldName::Genre | FieldName::Year | FieldName::Published | FieldName::Section => {
                        return Box::new(EmptyQuery);
                    }
                };
                exact::in_field(field, folded)
            }
            FieldTest::Region(code) => any_of(
                codes_of(&[*code])
                    .into_iter()
                    .map(|code| number(Term::from_field_u64(fields.region, code)))
                    .collect(),
            ),
            FieldTest::Genres(genres) => {
                let term = |genre: &Genre| number(Term::from_field_u64(fields.genre, genre_number(*genre)));
                any_of(genres.iter().map(term).collect())
            }
            FieldTest::Roles(roles) => {
                let term = |role: &Role| number(Term::from_field_u64(fields.role, role_number(*role)));
                any_of(roles.iter().map(term).collect())
            }
            FieldTest::Years(from, to) => range(fields.year, from.map(i64::from), to.map(i64::from)),
            FieldTest::Days(from, to) => range(fields.published, from.map(day_number), to.map(day_number)),
        }
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

fn number(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

/// Numbers from `from` to `to`, both included. A report without the number never matches.
fn range(field: tantivy::schema::Field, from: Option<i64>, to: Option<i64>) -> Box<dyn Query> {
    let end = |value: Option<i64>, open: i64| {
        std::ops::Bound::Included(Term::from_field_i64(field, value.unwrap_or(open)))
    };
    Box::new(RangeQuery::new(end(from, i64::MIN), end(to, i64::MAX)))
}

fn all_of(mut clauses: Vec<(Occur, Box<dyn Query>)>) -> Box<dyn Query> {
    if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        // The engine takes a list of exclusions for nothing; it is meant as everything else.
        clauses.push((Occur::Must, Box::new(AllQuery)));
    }
    match clauses.pop() {
        Some((Occur::Must, only)) if clauses.is_empty() => only,
        Some(last) => {
            clauses.push(last);
            Box::new(BooleanQuery::new(clauses))
        }
        None => Box::new(AllQuery),
    }
}

fn any_of(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        Some(last) => {
            queries.push(last);
            Box::new(BooleanQuery::union(queries))
        }
        None => Box::new(EmptyQuery),
    }
}
