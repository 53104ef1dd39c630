//! Where a page leads on, and with what request.

use url::Url;

use super::notes::column_why;
use crate::{
    crawl::read::Fetched,
    frontier::{Job, Kind},
    lists::{ColumnSign, Found, Shape, column_score, shape},
    url::page_key,
};

/// A column that may be looked at.
pub(super) struct Way {
    pub(super) job: Job,
    pub(super) why: String,
    pub(super) score: u32,
    /// It is a column by its name, not a part of the list that leads to it.
    pub(super) is_named: bool,
}

impl Way {
    /// What tells the request from others.
    pub(super) fn key(&self) -> String {
        format!(
            "{} {}",
            self.job.key,
            self.job.form.as_deref().unwrap_or_default()
        )
    }
}

/// A visit to an address.
pub(super) fn job(url: Url, kind: Kind, via: Option<&Url>) -> Job {
    Job {
        id: 0,
        key: page_key(&url),
        url: url.to_string(),
        form: None,
        kind,
        via: via.map(Url::to_string),
        list_title: None,
        list_date: None,
        hops: 0,
        listing: None,
        number: 0,
        is_guess: false,
        attempts: 0,
        is_report: false,
        identity: None,
        etag: None,
        last_modified: None,
    }
}

/// Where a page leads on: to the requests that fill its list when it shows no rows, and to columns.
pub(super) fn ways_of(fetched: &Fetched, found: &Found) -> Vec<Way> {
    let is_empty = found.reports.is_empty();
    let lists = found.lists.iter().filter(|list| is_empty || !list.is_pager);
    lists
        .map(|list| {
            let mut job = job(list.url.clone(), Kind::List, Some(&fetched.url));
            job.form.clone_from(&list.form);
            let (why, score) = if list.is_pager {
                ("the request that fills the list".to_owned(), u32::MAX)
            } else {
                (column_why(list.sign, &list.name), column_score(list.sign))
            };
            let is_part = list.is_pager || matches!(list.sign, ColumnSign::Year | ColumnSign::Below);
            Way {
                job,
                why,
                score,
                is_named: !is_part,
            }
        })
        .collect()
}

/// The rows of a list, those first that are documents by their address, then those with a date.
pub(super) fn rows_of(fetched: &Fetched, found: &Found) -> Vec<Job> {
    let mut rows: Vec<_> = found.reports.iter().collect();
    rows.sort_by_key(|row| (shape(&row.url) != Shape::Document, row.date.is_none()));
    let rows = rows.into_iter().map(|row| {
        let mut job = job(row.url.clone(), Kind::Page, Some(&fetched.url));
        job.list_title.clone_from(&row.title);
        job.list_date = row.date;
        job
    });
    rows.collect()
}
