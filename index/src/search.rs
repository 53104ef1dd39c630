//! A search, step by step: read the query, find what matches, check the conditions, count, order, explain.

use std::{sync::Arc, time::Instant};

use tantivy::{DocAddress, DocId};

use crate::{
    Facet, Filters, Group, Hit, IndexError, MatchedBy, Mode, SearchError, SearchRequest, SearchResponse,
    Sort,
    columns::Columns,
    cursor::Cursors,
    deadline::Deadline,
    facets::Counts,
    filter::Conditions,
    highlight::Highlighter,
    matching::{MAX_PLACED, Matcher, Segment, words},
    order::{self, Place, Ranked, score_of},
    query::{self, Node, Query},
    rank::Ranking,
    response::Total,
    sections::SectionMatcher,
    state::State,
};

/// Answers a request.
pub(crate) fn search(
    current: &Arc<State>,
    cursors: &Cursors,
    request: &SearchRequest,
    now: Instant,
) -> Result<SearchResponse, SearchError> {
    if !(1..=SearchRequest::MAX_LIMIT).contains(&request.limit) {
        return Err(SearchError::InvalidParameter {
            name: "limit",
            message: format!("{} is not in 1 to {}", request.limit, SearchRequest::MAX_LIMIT),
        });
    }
    let plan = Plan::new(request)?;
    let resumed = request
        .cursor
        .as_ref()
        .map(|cursor| cursors.resume(cursor, request, current, now))
        .transpose()?;
    let state = resumed.as_ref().map_or(current, |resumed| &resumed.state);

    let after = resumed.as_ref().map(|resumed| &resumed.after);
    // One more than asked for tells whether there is a next page.
    let found = plan.find(state, &request.facets, after, request.limit + 1);
    let mut found = found.map_err(|error| plan.explain(error))?;
    let has_more = found.ranked.len() > request.limit;
    found.ranked.truncate(request.limit);
    let next_cursor = found.ranked.last().filter(|_| has_more).map(|last| {
        let place = Place {
            key: last.key,
            id: last.id.clone(),
        };
        cursors.next(request, state, &place, resumed.as_ref(), now)
    });
    let hits = plan.hits(state, &found.ranked, &request.filters)?;
    Ok(SearchResponse {
        query: plan.query.echo,
        total: Total::exactly(found.total),
        hits,
        facets: found.counts.finish(),
        next_cursor,
        took_ms: u64::try_from(now.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Places of all reports that a request finds, in order; by id unless an order is asked for.
pub(crate) fn find_all(state: &State, request: &SearchRequest) -> Result<Vec<DocAddress>, SearchError> {
    let mut plan = Plan::new(request)?;
    plan.sort = request.sort;
    let found = plan.find(state, &[], None, usize::MAX);
    let found = found.map_err(|error| plan.explain(error))?;
    Ok(found
        .ranked
        .iter()
        .map(|hit| DocAddress::new(hit.segment as u32, hit.doc))
        .collect())
}

/// Ids of all reports that a request finds, each with the moment of its last change in milliseconds since 1970. Nothing
/// but columns is read.
pub(crate) fn find_changes(
    state: &State,
    request: &SearchRequest,
) -> Result<Vec<(String, i64)>, SearchError> {
    let columns: Vec<&Columns> = state.segments().map(|segment| segment.columns).collect();
    let places = find_all(state, request)?;
    let changes = places.into_iter().filter_map(|place| {
        let columns = columns.get(place.segment_ord as usize)?;
        let id = columns.id(columns.id_rank(place.doc_id));
        Some(id.map(|id| (id, columns.changed.first(place.doc_id).unwrap_or_default())))
    });
    let changes: Result<Vec<_>, _> = changes.collect();
    changes.map_err(|error| state.damaged(format!("an id cannot be read: {error}")).into())
}

/// A request that was read and checked.
struct Plan {
    query: Query,
    conditions: Conditions,
    /// `None`: by id.
    sort: Option<Sort>,
    deadline: Deadline,
}

/// What was found.
struct FoundHits {
    total: u64,
    ranked: Vec<Ranked>,
    counts: Counts,
}

impl Plan {
    fn new(request: &SearchRequest) -> Result<Self, SearchError> {
        let refuse = |name, message: &str| {
            Err(SearchError::InvalidParameter {
                name,
                message: message.into(),
            })
        };
        if request.mode == Mode::Loose {
            return refuse(
                "mode",
                "loose is not answered by this version; use words, any or exact",
            );
        }
        if request.group == Group::Duplicates {
            return refuse("group", "duplicates is not answered by this version; use none");
        }
        let query = query::read(&request.q, request.mode)?;
        let sort = request.sort.unwrap_or(match query.root {
            Node::All => Sort::PublishedDescending,
            _ => Sort::Relevance,
        });
        Ok(Self {
            query,
            conditions: Conditions::new(&request.filters)?,
            sort: Some(sort),
            deadline: Deadline::new(request.deadline),
        })
    }

    /// Finds all hits, counts them and takes the first `limit` behind `after`.
    fn find(
        &self,
        state: &State,
        facets: &[Facet],
        after: Option<&Place>,
        limit: usize,
    ) -> Result<FoundHits, IndexError> {
        let counts_sections = facets.contains(&Facet::Section);
        let asks_section = self.conditions.roles != 0;
        state.guard(|| {
            let ranking = match self.sort {
                Some(Sort::Relevance) => Some(Ranking::new(
                    &state.searcher,
                    &state.generation.fields,
                    &state.texts,
                    &self.query.root,
                )?),
                _ => None,
            };
            let mut found = FoundHits {
                total: 0,
                ranked: Vec::new(),
                counts: Counts::new(facets),
            };
            for (nth, segment) in state.segments().enumerate() {
                let Segment { reader, columns, .. } = segment;
                if self.conditions.rules_out(columns) {
                    continue;
                }
                let checks = self.conditions.on(columns)?;
                let in_sections = if counts_sections || asks_section {
                    self.in_sections(segment)?
                } else {
                    Vec::new()
                };
                for (doc, roles) in &in_sections {
                    found.counts.add_roles(*roles, checks.failed(*doc, *roles));
                }
                let candidates = if asks_section {
                    in_sections
                } else {
                    let matcher = self.matcher(segment, false);
                    let docs = matcher.docs(&self.query.root, None)?.into_iter();
                    docs.filter(|doc| !reader.is_deleted(*doc))
                        .map(|doc| (doc, 0))
                        .collect()
                };
                let mut hits = Vec::new();
                for (doc, roles) in candidates {
                    let failed = checks.failed(doc, roles);
                    found.counts.add(columns, doc, failed);
                    if failed == 0 {
                        hits.push(doc);
                    }
                }
                found.total += hits.len() as u64;
                let scores = ranking
                    .as_ref()
                    .map(|ranking| ranking.scores(nth, segment, &hits, &self.deadline))
                    .transpose()?;
                let key = |at: usize, doc: DocId| match self.sort {
                    Some(sort) => order::key(
                        sort,
                        columns,
                        doc,
                        scores.as_ref().map_or(0.0, |scores| scores[at]),
                    ),
                    None => 0,
                };
                let keyed = hits.iter().enumerate().map(|(at, doc)| (*doc, key(at, *doc)));
                found
                    .ranked
                    .extend(order::first(nth, columns, keyed, after, limit)?);
            }
            found.ranked.sort_unstable();
            found.ranked.truncate(limit);
            Ok(found)
        })
    }

    /// Reports of a segment in which the query matches inside a section, with the roles of these sections.
    fn in_sections(&self, segment: Segment<'_>) -> tantivy::Result<Vec<(DocId, u8)>> {
        let matcher = self.matcher(segment, true);
        let mut docs = matcher.docs(&self.query.root, None)?;
        docs.retain(|doc| !segment.reader.is_deleted(*doc));
        let mut found = Vec::new();
        for docs in docs.chunks(MAX_PLACED) {
            self.deadline.check()?;
            let mut sections = SectionMatcher::open(&matcher, &self.query.root, docs)?;
            let roles = docs.iter().map(|doc| (*doc, sections.roles(*doc)));
            found.extend(roles.filter(|(_, roles)| *roles != 0));
        }
        Ok(found)
    }

    fn matcher<'a>(&'a self, segment: Segment<'a>, loosely: bool) -> Matcher<'a> {
        Matcher {
            segment,
            mode: self.query.mode,
            deadline: &self.deadline,
            loosely,
        }
    }

    /// What an error of the engine means: that it failed, or that it was told to give up.
    fn explain(&self, error: IndexError) -> SearchError {
        if self.deadline.has_passed() {
            SearchError::Timeout
        } else {
            SearchError::Index(error)
        }
    }

    /// Reads the reports of a page and explains why they are there.
    fn hits(&self, state: &State, ranked: &[Ranked], filters: &Filters) -> Result<Vec<Hit>, SearchError> {
        let highlighter = Highlighter::new(&self.query.root, self.query.mode, &filters.section);
        let reasons = self.reasons(state, ranked).map_err(|error| self.explain(error))?;
        let mut hits = Vec::with_capacity(ranked.len());
        for (hit, matched_by) in ranked.iter().zip(reasons) {
            let report = state.report(DocAddress::new(hit.segment as u32, hit.doc))?;
            hits.push(Hit {
                highlights: highlighter.highlights(&report),
                report,
                score: self.sort.map_or(0.0, |sort| score_of(sort, hit.key)),
                matched_by,
                duplicates: None,
            });
        }
        Ok(hits)
    }

    /// Which parts of the query each of some hits matches.
    fn reasons(&self, state: &State, ranked: &[Ranked]) -> Result<Vec<Vec<MatchedBy>>, IndexError> {
        let mut parts: Vec<(MatchedBy, bool, &Node)> = Vec::new();
        self.query.root.for_each_positive(true, &mut |node, required| {
            if let Some(reason) = self.reason(node) {
                parts.push((reason, required, node));
            }
        });
        state.guard(|| {
            let mut reasons: Vec<Vec<MatchedBy>> = vec![Vec::new(); ranked.len()];
            for (nth, segment) in state.segments().enumerate() {
                let mut docs: Vec<_> = ranked
                    .iter()
                    .filter(|hit| hit.segment == nth)
                    .map(|hit| hit.doc)
                    .collect();
                docs.sort_unstable();
                let matcher = self.matcher(segment, false);
                for (reason, required, node) in &parts {
                    // What every hit matches need not be looked up.
                    let matching = if *required {
                        docs.clone()
                    } else {
                        matcher.docs(node, Some(&docs))?
                    };
                    for (hit, reasons) in ranked
                        .iter()
                        .zip(&mut reasons)
                        .filter(|(hit, _)| hit.segment == nth)
                    {
                        if matching.binary_search(&hit.doc).is_ok() && !reasons.contains(reason) {
                            reasons.push(*reason);
                        }
                    }
                }
            }
            reasons.iter_mut().for_each(|reasons| reasons.sort_unstable());
            Ok(reasons)
        })
    }

    fn reason(&self, node: &Node) -> Option<MatchedBy> {
        match node {
            Node::Bare(terms) if words(terms).is_empty() => None,
            Node::Bare(_) if self.query.mode == Mode::Any => Some(MatchedBy::Any),
            Node::Bare(_) => Some(MatchedBy::Words),
            Node::Exact(_) => Some(MatchedBy::Exact),
            Node::Near { .. } => Some(MatchedBy::Near),
            Node::Field(_) => Some(MatchedBy::Field),
            Node::All | Node::And(_) | Node::Or(_) | Node::Not(_) => None,
        }
    }
}
