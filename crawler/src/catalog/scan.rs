//! Whether what the tables say can be read as what it stands for. Of what nothing else is derived from and no digest is
//! kept (pages to be asked for, what crawls brought), more than that cannot be told from the file alone.

use rusqlite::types::ValueRef;
use url::Url;

use super::{Catalog, CatalogError};
use crate::{fetch::host_port, portal::is_portal_id};

/// Most findings of a kind that are listed.
const MAX_LISTED: usize = 100;

impl Catalog {
    /// Texts of any table that are none, in words.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn unreadable_texts(&self) -> Result<Vec<String>, CatalogError> {
        let columns: Vec<(String, String)> = self
            .connection
            .prepare(
                "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.type = 'TEXT'",
            )?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let mut found = Vec::new();
        for of_table in columns.chunk_by(|(table, _), (other, _)| table == other) {
            let Some((table, _)) = of_table.first() else {
                continue;
            };
            let names: Vec<String> = of_table.iter().map(|(_, name)| quoted(name)).collect();
            let sql = format!("SELECT {} FROM {}", names.join(", "), quoted(table));
            let mut counts = vec![0_u64; names.len()];
            let mut statement = self.connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for (n, count) in counts.iter_mut().enumerate() {
                    if let ValueRef::Text(bytes) = row.get_ref(n)? {
                        *count += u64::from(std::str::from_utf8(bytes).is_err());
                    }
                }
            }
            for ((_, name), count) in of_table.iter().zip(counts).filter(|(_, count)| *count > 0) {
                found.push(format!("{count} of the texts `{name}` of table {table} are none"));
            }
        }
        Ok(found)
    }

    /// Rows of the crawl's tables that cannot be what was written, in words.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn altered_rows(&self) -> Result<Vec<String>, CatalogError> {
        let mut found = Vec::new();
        let mut statement = self.connection.prepare(
            "SELECT id, portal, url, host, kind IN (0, 1, 2) AND state IN (0, 1, 2, 3) AND hops >= 0 AND attempts >= 0
                 AND number >= 0 AND run > 0 AND seen_run >= 0
             FROM frontier",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()?
            && found.len() < MAX_LISTED
        {
            let text = |column| row.get_ref(column).ok()?.as_str().ok();
            let is_sound = text(1).is_some_and(is_portal_id)
                && text(2)
                    .and_then(|url| Url::parse(url).ok())
                    .is_some_and(|url| text(3) == Some(host_port(&url).as_str()))
                && row.get(4)?;
            if !is_sound {
                let id: i64 = row.get(0)?;
                found.push(format!("page {id} to be crawled is not what was written"));
            }
        }
        let mut statement = self.connection.prepare(
            "SELECT y.run, y.portal, EXISTS (SELECT 1 FROM crawl_runs r WHERE r.id = y.run AND r.portal = y.portal)
                 AND min(n_rows, n_lists, n_lists_lost, n_lists_short, n_new, n_changed, n_unchanged, n_removed, n_seen,
                         n_flagged, n_text_lost, n_failed) >= 0
                 AND robots_changed IN (0, 1) AND coalesce(length(robots), 32) = 32
                 AND coalesce(median_chars, 0) >= 0,
                 lost_list, short_list, text_lost
             FROM crawl_yields y",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()?
            && found.len() < MAX_LISTED
        {
            let is_address = |column| match row.get_ref(column) {
                Ok(ValueRef::Null) => true,
                Ok(value) => value.as_str().is_ok_and(|url| Url::parse(url).is_ok()),
                Err(_) => false,
            };
            if !row.get(2)? || !(3..6).all(is_address) {
                let run: i64 = row.get(0)?;
                found.push(format!("what crawl {run} brought is not what was written"));
            }
        }
        Ok(found)
    }
}
