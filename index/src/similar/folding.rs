//! Folding: hits of one group of near-duplicates become one, the first of them in the order of the hits.

use tantivy::{DocAddress, DocId};

use super::Groups;
use crate::{
    columns::Columns,
    order::{Place, Ranked},
};

/// Collects the hits that belong to groups.
pub(crate) struct Folding<'a> {
    groups: &'a Groups,
    members: Vec<Member>,
}

/// A hit of a group.
struct Member {
    group: u32,
    key: i64,
    segment: usize,
    doc: DocId,
}

/// Hits of one group, folded.
#[derive(Clone, Debug)]
pub(crate) struct FoldedHits {
    /// The hit that stands for them.
    pub(crate) first: Ranked,
    /// The others, in order.
    pub(crate) others: Vec<DocAddress>,
}

impl<'a> Folding<'a> {
    pub(crate) fn new(groups: &'a Groups) -> Self {
        Self {
            groups,
            members: Vec::new(),
        }
    }

    /// Takes the hits that belong to groups out of those of a segment, which ascend; `keys` are what they are ordered
    /// by. The rest is given back.
    pub(crate) fn take(&mut self, segment: usize, hits: Vec<(DocId, i64)>) -> Vec<(DocId, i64)> {
        let mut members = self.groups.of_segment(segment).iter().peekable();
        let mut rest = hits;
        rest.retain(|(doc, key)| {
            while members.next_if(|(member, _)| member < doc).is_some() {}
            match members.peek() {
                Some((member, group)) if member == doc => {
                    self.members.push(Member {
                        group: *group,
                        key: *key,
                        segment,
                        doc: *doc,
                    });
                    false
                }
                _ => true,
            }
        });
        rest
    }
}

/// Folds the hits that were taken, and gives the number of groups they belong to beside those that stand behind
/// `after`, at most `limit` and in order.
pub(crate) fn fold_hits(
    folding: Folding<'_>,
    columns: &[Columns],
    after: Option<&Place>,
    limit: usize,
) -> std::io::Result<(u64, Vec<FoldedHits>)> {
    let mut members = folding.members;
    members.sort_unstable_by_key(|member| (member.group, member.key));
    let ranked = |member: &Member| -> std::io::Result<Ranked> {
        let columns = &columns[member.segment];
        Ok(Ranked {
            key: member.key,
            id: columns.id(columns.id_rank(member.doc))?,
            segment: member.segment,
            doc: member.doc,
        })
    };
    let mut n_groups = 0;
    let mut firsts: Vec<(Ranked, &[Member])> = Vec::new();
    for group in members.chunk_by(|a, b| a.group == b.group) {
        n_groups += 1;
        // The id decides between hits with the same key.
        let best = group.iter().take_while(|member| member.key == group[0].key);
        let best: Result<Vec<_>, _> = best.map(ranked).collect();
        let is_left = |first: &Ranked| {
            after.is_none_or(|after| (first.key, first.id.as_str()) > (after.key, after.id.as_str()))
        };
        firsts.extend(
            best?
                .into_iter()
                .min()
                .filter(is_left)
                .map(|first| (first, group)),
        );
    }
    firsts.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    firsts.truncate(limit);
    let mut folded = Vec::with_capacity(firsts.len());
    for (first, group) in firsts {
        let others = group
            .iter()
            .filter(|member| (member.segment, member.doc) != (first.segment, first.doc));
        let mut others = others.map(ranked).collect::<Result<Vec<_>, _>>()?;
        others.sort_unstable();
        let others = others
            .iter()
            .map(|hit| DocAddress::new(hit.segment as u32, hit.doc));
        folded.push(FoldedHits {
            others: others.collect(),
            first,
        });
    }
    Ok((n_groups, folded))
}
