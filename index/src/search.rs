//! A search, step by step: read the query, find what matches, check the conditions, count, order, explain.

mod again;

use std::{sync::Arc, time::Instant};

use report::Report;
use tantivy::{DocAddress, DocId};

use crate::{
    AsOf, Duplicates, Facet, Group, Hit, IndexError, Marks, MatchedBy, Mode, SearchError, SearchRequest,
    SearchResponse, Sort,
    columns::Columns,
    cursor::Cursors,
    deadline::Deadline,
    facets::Counts,
    filter::Conditions,
    highlight::Highlighter,
    loose::Synonyms,
    matching::{MAX_PLACED, Matcher, Segment, words},
    order::{self, Place, Ranked, score_of},
    query::{self, Node, Query},
    rank::{Ranking, Scored, Weights},
    response::{QueryEcho, Total},
    sections::SectionMatcher,
    similar::{Folded, Folding},
    state::State,
};

pub(crate) use again::rank_again;

/// Answers a request.
pub(crate) fn search(
    current: &Arc<State>,
    cursors: &Cursors,
    request: &SearchRequest,
    now: Instant,
) -> Result<SearchResponse, SearchError> {
    for (name, number, most) in [
        ("limit", request.limit, SearchRequest::MAX_LIMIT),
        ("passages", request.passages, SearchRequest::MAX_PASSAGES),
    ] {
        if !(1..=most).contains(&number) {
            let message = format!("{number} is not in 1 to {most}");
            return Err(SearchError::InvalidParameter { name, message });
        }
    }
    let plan = Plan::new(request)?;
    let resumed = request
        .cursor
        .as_ref()
        .map(|cursor| cursors.resume(cursor, request, current, now))
        .transpose()?;
    let state = resumed.as_ref().map_or(current, |resumed| &resumed.state);
    state.check_as_of(request.filters.as_of)?;

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
    let hits = plan.hits(state, &found, request)?;
    Ok(SearchResponse {
        query: plan.query.echo,
        total: Total::exactly(found.total),
        hits,
        facets: found.counts.finish(),
        next_cursor,
        state: state.corpus_state(request.filters.as_of).state,
        took_ms: u64::try_from(now.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Places of all reports that a request finds, in order, by id unless an order is asked for; and how the query was read.
pub(crate) fn find_all(
    state: &State,
    request: &SearchRequest,
) -> Result<(Vec<DocAddress>, QueryEcho), SearchError> {
    let mut plan = Plan::new(request)?;
    plan.sort = request.sort;
    state.check_as_of(request.filters.as_of)?;
    let found = plan.find(state, &[], None, usize::MAX);
    let found = found.map_err(|error| plan.explain(error))?;
    let places = found.ranked.iter().map(Ranked::address).collect();
    Ok((places, plan.query.echo))
}

/// Ids of the first reports that a request finds, in order, ranked with these weights.
pub(crate) fn find_first(
    state: &State,
    request: &SearchRequest,
    weights: Weights,
) -> Result<Vec<String>, SearchError> {
    let mut plan = Plan::new(request)?;
    plan.weights = weights;
    let found = plan.find(state, &[], None, request.limit);
    let found = found.map_err(|error| plan.explain(error))?;
    Ok(found.ranked.into_iter().map(|hit| hit.id).collect())
}

/// Ids of all reports that a request finds, each with the moment of its last change in milliseconds since 1970. Nothing
/// but columns is read.
pub(crate) fn find_changes(
    state: &State,
    request: &SearchRequest,
) -> Result<Vec<(String, i64)>, SearchError> {
    let columns: Vec<&Columns> = state.segments().map(|segment| segment.columns).collect();
    let (places, _) = find_all(state, request)?;
    let changes = places.into_iter().filter_map(|place| {
        let columns = columns.get(place.segment_ord as usize)?;
        let id = columns.id(columns.id_rank(place.doc_id));
        Some(id.map(|id| {
            (
                id,
                columns
                    .changed(place.doc_id, request.filters.as_of.map(AsOf::as_millisecond))
                    .unwrap_or_default(),
            )
        }))
    });
    let changes: Result<Vec<_>, _> = changes.collect();
    changes.map_err(|error| state.damaged(format!("an id cannot be read: {error}")).into())
}

/// The places of a report that a query matches.
pub(crate) fn marks(request: &SearchRequest, report: &Report) -> Result<Marks, SearchError> {
    let plan = Plan::new(request)?;
    let highlighter = Highlighter::new(plan.query.asked(), &[], 1);
    Ok(highlighter.marks(report))
}

/// A request that was read and checked.
pub(crate) struct Plan {
    pub(crate) query: Query,
    pub(crate) conditions: Conditions,
    /// `None`: by id.
    sort: Option<Sort>,
    weights: Weights,
    group: Group,
    pub(crate) deadline: Deadline,
}

/// What was found.
struct FoundHits {
    total: u64,
    ranked: Vec<Ranked>,
    counts: Counts,
    /// Near-duplicates folded into hits.
    folded: Option<Folded>,
}

impl Plan {
    pub(crate) fn new(request: &SearchRequest) -> Result<Self, SearchError> {
        let query = match &request.synonyms {
            Some(synonyms) => query::read(&request.q, request.mode, synonyms)?,
            None => query::read(&request.q, request.mode, &Synonyms::built_in())?,
        };
        let sort = request.sort.unwrap_or(match query.root {
            Node::All => Sort::PublishedDescending,
            _ => Sort::Relevance,
        });
        Ok(Self {
            query,
            conditions: Conditions::new(&request.filters)?,
            sort: Some(sort),
            weights: Weights::default(),
            group: request.group,
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
        let groups = (self.group == Group::Duplicates)
            .then(|| state.groups(self.conditions.as_of))
            .transpose()?;
        state.guard(|| {
            let mut folding = groups.map(Folding::new);
            let mut to_fold: Vec<(usize, Vec<(DocId, i64)>)> = Vec::new();
            let ranking = match self.sort {
                Some(Sort::Relevance) => Some(self.ranking(state)?),
                _ => None,
            };
            let mut found = FoundHits {
                total: 0,
                ranked: Vec::new(),
                counts: Counts::new(facets),
                folded: None,
            };
            let mut scored = Vec::new();
            for (nth, segment) in state.segments().enumerate() {
                let hits = self.docs_counted(segment, &mut found.counts)?;
                if hits.is_empty() {
                    continue;
                }
                let scores = ranking
                    .as_ref()
                    .map(|ranking| ranking.scores(nth, segment, &hits, &self.deadline))
                    .transpose()?;
                scored.push(Scored {
                    segment: nth,
                    docs: hits,
                    scores: scores.unwrap_or_default(),
                });
            }
            if let Some(ranking) = &ranking {
                ranking.raise(&mut scored, &state.texts, &self.deadline)?;
            }
            for Scored {
                segment,
                docs,
                scores,
            } in scored
            {
                let columns = &state.columns[segment];
                let key = |at: usize, doc: DocId| match self.sort {
                    Some(sort) => {
                        let score = scores.get(at).copied().unwrap_or(0.0);
                        order::key(sort, columns, doc, score, self.conditions.as_of)
                    }
                    None => 0,
                };
                let keyed = docs.iter().enumerate().map(|(at, doc)| (*doc, key(at, *doc)));
                if let Some(folding) = &mut folding {
                    let keyed: Vec<_> = keyed.collect();
                    folding.add(segment, &keyed);
                    to_fold.push((segment, keyed));
                } else {
                    found.total += docs.len() as u64;
                    found
                        .ranked
                        .extend(order::first(segment, columns, keyed, after, limit)?);
                }
            }
            if let Some(folded) = folding.map(Folding::fold) {
                for (nth, mut keyed) in to_fold {
                    folded.keep(nth, &mut keyed);
                    found.total += keyed.len() as u64;
                    let columns = &state.columns[nth];
                    found
                        .ranked
                        .extend(order::first(nth, columns, keyed.into_iter(), after, limit)?);
                }
                found.folded = Some(folded);
            }
            found.ranked.sort_unstable();
            found.ranked.truncate(limit);
            Ok(found)
        })
    }

    /// The reports of a segment that the request finds, ascending: what the query matches and the conditions let pass.
    pub(crate) fn docs(&self, segment: Segment<'_>) -> tantivy::Result<Vec<DocId>> {
        self.docs_counted(segment, &mut Counts::default())
    }

    /// The same, counted for facets on the way.
    fn docs_counted(&self, segment: Segment<'_>, counts: &mut Counts) -> tantivy::Result<Vec<DocId>> {
        let Segment { reader, columns, .. } = segment;
        if self.conditions.rules_out(columns) {
            return Ok(Vec::new());
        }
        let checks = self.conditions.on(columns)?;
        let asks_section = self.conditions.roles != 0;
        let in_sections = if asks_section || counts.asks(Facet::Section) {
            self.in_sections(segment)?
        } else {
            Vec::new()
        };
        for (doc, roles) in &in_sections {
            counts.add_roles(*roles, checks.failed(*doc, *roles));
        }
        let candidates = if asks_section {
            in_sections
        } else {
            let matcher = self.matcher(segment, false);
            let docs = matcher.docs(self.query.asked(), None)?.into_iter();
            docs.filter(|doc| !reader.is_deleted(*doc))
                .map(|doc| (doc, 0))
                .collect()
        };
        let mut hits = Vec::new();
        for (doc, roles) in candidates {
            let failed = checks.failed(doc, roles);
            counts.add(columns, doc, failed);
            if failed == 0 {
                hits.push(doc);
            }
        }
        Ok(hits)
    }

    /// Reports that the request finds, by segment, ascending; with `group=duplicates` the earliest of each group only.
    pub(crate) fn docs_by_segment(&self, state: &State) -> Result<Vec<Vec<DocId>>, IndexError> {
        let groups = (self.group == Group::Duplicates)
            .then(|| state.groups(self.conditions.as_of))
            .transpose()?;
        state.guard(|| {
            let docs = state.segments().map(|segment| self.docs(segment));
            let mut found = docs.collect::<tantivy::Result<Vec<_>>>()?;
            if let Some(groups) = groups {
                let keyed = |columns, docs: &[DocId]| -> Vec<(DocId, i64)> {
                    let as_of = self.conditions.as_of;
                    let key = |doc: &DocId| (*doc, order::key(Sort::Published, columns, *doc, 0.0, as_of));
                    docs.iter().map(key).collect()
                };
                let mut folding = Folding::new(groups);
                for ((nth, docs), columns) in found.iter().enumerate().zip(&state.columns) {
                    folding.add(nth, &keyed(columns, docs));
                }
                let folded = folding.fold();
                for ((nth, docs), columns) in found.iter_mut().enumerate().zip(&state.columns) {
                    let mut left = keyed(columns, docs);
                    folded.keep(nth, &mut left);
                    *docs = left.into_iter().map(|(doc, _)| doc).collect();
                }
            }
            Ok(found)
        })
    }

    fn ranking(&self, state: &State) -> tantivy::Result<Ranking> {
        let fields = &state.generation.fields;
        let shown = state.shown(self.conditions.as_of)?;
        let mut ranking = Ranking::new(
            &state.searcher,
            &shown,
            fields,
            &state.texts,
            &self.query.root,
            self.weights,
        )?;
        if let Some(loosened) = &self.query.loosened {
            let alternatives = loosened.alternatives();
            ranking.add_alternatives(&state.searcher, &shown, fields, &state.texts, alternatives)?;
        }
        Ok(ranking)
    }

    /// Reports of a segment in which the query matches inside a section, with the roles of these sections.
    fn in_sections(&self, segment: Segment<'_>) -> tantivy::Result<Vec<(DocId, u8)>> {
        let matcher = self.matcher(segment, true);
        let mut docs = matcher.docs(self.query.asked(), None)?;
        docs.retain(|doc| !segment.reader.is_deleted(*doc));
        let mut found = Vec::new();
        for docs in docs.chunks(MAX_PLACED) {
            self.deadline.check()?;
            let mut sections = SectionMatcher::open(&matcher, self.query.asked(), docs)?;
            for doc in docs {
                // A long report with many sections takes as long as very many others.
                self.deadline.check()?;
                let roles = sections.roles(*doc);
                if roles != 0 {
                    found.push((*doc, roles));
                }
            }
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
    pub(crate) fn explain(&self, error: IndexError) -> SearchError {
        if self.deadline.has_passed() {
            SearchError::Timeout
        } else {
            SearchError::Index(error)
        }
    }

    /// Reads the reports of a page and explains why they are there.
    fn hits(
        &self,
        state: &State,
        found: &FoundHits,
        request: &SearchRequest,
    ) -> Result<Vec<Hit>, SearchError> {
        let ranked = &found.ranked;
        let roles = &request.filters.section;
        let highlighter = Highlighter::new(self.query.asked(), roles, request.passages);
        let reasons = self.reasons(state, ranked).map_err(|error| self.explain(error))?;
        let mut hits = Vec::with_capacity(ranked.len());
        for (hit, matched_by) in ranked.iter().zip(reasons) {
            let report = state.report(hit.address())?;
            let folded = state.texts.get(hit.segment).map(|texts| texts.bytes(hit.doc));
            // A text ends with a line end at least.
            let folded = folded.filter(|folded| !folded.is_empty());
            let folded = folded.ok_or_else(|| state.damaged("the text of a report cannot be read"))?;
            let highlights = state.guard(|| highlighter.highlights(&report, folded, &self.deadline));
            hits.push(Hit {
                highlights: highlights.map_err(|error| self.explain(error))?,
                report,
                score: self.sort.map_or(0.0, |sort| score_of(sort, hit.key)),
                matched_by,
                duplicates: self.duplicates(state, hit, found)?,
            });
        }
        Ok(hits)
    }

    /// The near-duplicates folded into a hit.
    fn duplicates(
        &self,
        state: &State,
        hit: &Ranked,
        found: &FoundHits,
    ) -> Result<Option<Duplicates>, IndexError> {
        let Some(folded) = &found.folded else {
            return Ok(None);
        };
        let others = folded.others(hit.address());
        Ok(Some(Duplicates {
            count: others.len() as u64,
            ids: others
                .take(Duplicates::MAX_IDS)
                .map(|other| state.id(other))
                .collect::<Result<_, _>>()?,
        }))
    }

    /// Which parts of the query each of some hits matches.
    fn reasons(&self, state: &State, ranked: &[Ranked]) -> Result<Vec<Vec<MatchedBy>>, IndexError> {
        let mut parts: Vec<(MatchedBy, bool, &Node)> = Vec::new();
        self.query.root.for_each_positive(true, &mut |node, required| {
            let Some(reason) = self.reason(node) else { return };
            match self.query.loosened.as_ref().and_then(|query| query.run(node)) {
                Some(run) => {
                    parts.push((MatchedBy::Loose, required, &run.node));
                    parts.push((reason, false, node));
                }
                None => parts.push((reason, required, node)),
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
