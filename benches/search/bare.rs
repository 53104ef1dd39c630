//! The peer: tantivy with one field of words cut by tantivy-jieba, as its documentation shows it.

use std::{
    error::Error,
    path::Path,
    time::{Duration, Instant},
};

use tantivy::{
    Index, IndexReader, TantivyDocument, Term,
    collector::{Count, TopDocs},
    directory::MmapDirectory,
    query::TermQuery,
    schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};

use crate::cost::thread_time;

pub(crate) struct Bare {
    reader: IndexReader,
    text: Field,
}

/// Title and text of a report, as they are.
pub(crate) fn text_of(report: &report::Report) -> String {
    let title = report.content.title.as_deref().unwrap_or_default();
    format!("{title}\n{}", report.content.text)
}

impl Bare {
    /// Indexes texts into an empty folder, by two threads with 200 MiB as ours does.
    pub(crate) fn create(dir: &Path, texts: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
        std::fs::create_dir_all(dir)?;
        let (schema, text) = schema();
        let index = Index::create(
            MmapDirectory::open(dir)?,
            schema,
            tantivy::IndexSettings::default(),
        )?;
        index
            .tokenizers()
            .register("jieba", tantivy_jieba::JiebaTokenizer::new());
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(2, 200 << 20)?;
        for value in texts {
            let mut document = TantivyDocument::new();
            document.add_text(text, value);
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        Ok(())
    }

    pub(crate) fn open(dir: &Path) -> Result<Self, Box<dyn Error>> {
        let index = Index::open_in_dir(dir)?;
        let reader = index.reader()?;
        let (_, text) = schema();
        Ok(Self { reader, text })
    }

    pub(crate) fn bytes(&self) -> Result<u64, Box<dyn Error>> {
        Ok(self.reader.searcher().space_usage()?.total().get_bytes())
    }

    /// How long a term takes: the ten best by BM25, and how many there are.
    pub(crate) fn term(&self, word: &str) -> Result<((Duration, Duration), usize), Box<dyn Error>> {
        let query = TermQuery::new(
            Term::from_field_text(self.text, word),
            IndexRecordOption::WithFreqs,
        );
        let (begin, processor) = (Instant::now(), thread_time());
        let searcher = self.reader.searcher();
        let (_, total) = searcher.search(&query, &(TopDocs::with_limit(10).order_by_score(), Count))?;
        Ok(((begin.elapsed(), thread_time() - processor), total))
    }
}

fn schema() -> (Schema, Field) {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("jieba")
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = builder.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    (builder.build(), text)
}
