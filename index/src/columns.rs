//! The columns of one segment: what filters, facets and orders read per report.

use std::borrow::Cow;

use report::ChinaMoment;
use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
};

use crate::{Known, schema::column};

/// The columns of one segment. A report without a value has none in its column.
pub(crate) struct Columns {
    ids: Option<StrColumn>,
    portals: Option<StrColumn>,
    pub(crate) regions: Column<u64>,
    pub(crate) year: Column<i64>,
    pub(crate) published: Column<i64>,
    pub(crate) genre: Column<u64>,
    pub(crate) issuer_type: Column<u64>,
    pub(crate) flagged: Column<u64>,
    pub(crate) sections: Column<u64>,
    pub(crate) han_chars: Column<u64>,
    /// Milliseconds since 1970.
    changed: Column<i64>,
    /// What the text is compared by, and what it says it is about; nothing for short texts.
    pub(crate) sketch: Column<u64>,
    pub(crate) subject: Column<u64>,
    /// Milliseconds since 1970.
    known_from: Column<i64>,
    /// `None`: of no report there is a version that is not the newest.
    known_until: Option<Column<i64>>,
}

impl Columns {
    pub(crate) fn open(reader: &SegmentReader) -> tantivy::Result<Self> {
        let columns = reader.fast_fields();
        // A column that no report of the segment has a value in is not there at all.
        let empty = reader.max_doc();
        let u64s = |name: &str| -> tantivy::Result<Column<u64>> {
            Ok(columns
                .column_opt(name)?
                .unwrap_or_else(|| Column::build_empty_column(empty)))
        };
        let i64s = |name: &str| -> tantivy::Result<Column<i64>> {
            Ok(columns
                .column_opt(name)?
                .unwrap_or_else(|| Column::build_empty_column(empty)))
        };
        Ok(Self {
            ids: columns.str(column::ID)?,
            portals: columns.str(column::PORTAL)?,
            regions: u64s(column::REGION)?,
            year: i64s(column::YEAR)?,
            published: i64s(column::PUBLISHED)?,
            genre: u64s(column::GENRE)?,
            issuer_type: u64s(column::ISSUER_TYPE)?,
            flagged: u64s(column::FLAGGED)?,
            sections: u64s(column::SECTIONS)?,
            han_chars: u64s(column::HAN_CHARS)?,
            changed: i64s(column::CHANGED)?,
            sketch: u64s(column::SKETCH)?,
            subject: u64s(column::SUBJECT)?,
            known_from: i64s(column::KNOWN_FROM)?,
            known_until: columns.column_opt(column::KNOWN_UNTIL)?,
        })
    }

    /// Whether a document is the newest version of its report; with `as_of`, in milliseconds since 1970, whether it was
    /// the newest that was known then. Every search, count and list asks this of every document.
    pub(crate) fn is_shown(&self, doc: DocId, as_of: Option<i64>) -> bool {
        let until = || self.known_until.as_ref()?.first(doc);
        match as_of {
            None => until().is_none(),
            Some(at) => {
                self.known_from.first(doc).is_some_and(|from| from <= at)
                    && until().is_none_or(|until| at < until)
            }
        }
    }

    /// The span in which a document was the newest version of its report.
    pub(crate) fn known(&self, doc: DocId) -> Option<Known> {
        let moment = |ms: i64| jiff::Timestamp::from_millisecond(ms).ok().map(ChinaMoment::from);
        let until = self.known_until.as_ref().and_then(|until| until.first(doc));
        Some(Known {
            from: moment(self.known_from.first(doc)?)?,
            until: until.and_then(moment),
        })
    }

    /// Whether [`Self::is_shown`] says yes to every document.
    pub(crate) fn shows_all(&self, as_of: Option<i64>) -> bool {
        self.known_until.is_none() && as_of.is_none_or(|at| self.known_from.max_value() <= at)
    }

    /// Whether it says no to every document.
    pub(crate) fn shows_none(&self, as_of: Option<i64>) -> bool {
        as_of.is_some_and(|at| at < self.known_from.min_value())
    }

    /// The first and the last moment at which a version was recorded; `None` in an empty segment.
    pub(crate) fn recorded(&self) -> Option<(i64, i64)> {
        (self.known_from.values.num_vals() > 0)
            .then(|| (self.known_from.min_value(), self.known_from.max_value()))
    }

    /// When a report had last changed as of a moment. That it was gone for good may have been found later.
    pub(crate) fn changed(&self, doc: DocId, as_of: Option<i64>) -> Option<i64> {
        let changed = self.changed.first(doc);
        match as_of {
            Some(at) if changed > Some(at) => self.known_from.first(doc),
            _ => changed,
        }
    }

    /// The last moment at which anything changed.
    pub(crate) fn last_change(&self) -> i64 {
        self.changed.max_value()
    }

    /// Place of a report's id among the ids of the segment in order.
    pub(crate) fn id_rank(&self, doc: DocId) -> u64 {
        self.ids
            .as_ref()
            .and_then(|ids| ids.ords().first(doc))
            .unwrap_or(u64::MAX)
    }

    /// The id at a place that [`Self::id_rank`] gave.
    pub(crate) fn id(&self, rank: u64) -> std::io::Result<String> {
        let mut id = String::new();
        if let Some(ids) = &self.ids {
            ids.ord_to_str(rank, &mut id)?;
        }
        Ok(id)
    }

    /// The ids at places that [`Self::id_rank`] gave, which ascend, each put where the number beside it says. Reading
    /// many so takes a fraction of what reading them one by one does.
    pub(crate) fn ids(&self, ranks: &[(u64, usize)], into: &mut [String]) -> std::io::Result<()> {
        let Some(ids) = &self.ids else { return Ok(()) };
        let mut places = ranks.iter().map(|(_, place)| *place);
        let ranks: Vec<u64> = ranks.iter().map(|(rank, _)| *rank).collect();
        ids.dictionary().sorted_ords_to_term_cb(&ranks, |id| {
            if let Some(slot) = places.next().and_then(|place| into.get_mut(place)) {
                *slot = String::from_utf8_lossy(id).into_owned();
            }
        })?;
        Ok(())
    }

    /// Number of ids of the segment up to and including `id`: the first place behind it.
    pub(crate) fn rank_behind(&self, id: &str) -> std::io::Result<u64> {
        use tantivy::columnar::Dictionary;
        let Some(ids) = &self.ids else { return Ok(0) };
        let dictionary: &Dictionary<_> = ids.dictionary();
        let n_ids = dictionary.num_terms() as u64;
        // The ids are few enough to be halved, and every step is one look-up.
        let (mut low, mut high) = (0, n_ids);
        let mut at = Cow::Borrowed("");
        while low < high {
            let middle = low + (high - low) / 2;
            ids.ord_to_str(middle, at.to_mut())?;
            if at.as_ref() <= id {
                low = middle + 1
            } else {
                high = middle
            }
        }
        Ok(low)
    }

    /// Places of portals among the portals of the segment.
    pub(crate) fn portal_ranks(&self, portals: &[String]) -> std::io::Result<Vec<u64>> {
        let Some(column) = &self.portals else {
            return Ok(Vec::new());
        };
        let mut ranks = Vec::new();
        for portal in portals {
            ranks.extend(column.dictionary().term_ord(portal)?);
        }
        Ok(ranks)
    }

    /// Place of a report's portal.
    pub(crate) fn portal_rank(&self, doc: DocId) -> Option<u64> {
        self.portals.as_ref()?.ords().first(doc)
    }
}
