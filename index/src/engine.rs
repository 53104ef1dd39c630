//! Opening the engine: one generation's directory, with our analyzers, our schema and our version.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use tantivy::{
    Index, IndexSettings, TantivyError,
    directory::{MmapDirectory, error::LockError},
};

use crate::{
    IndexError, analyzer,
    directory::ReadableDirectory,
    schema::{Fields, SCHEMA_VERSION, schema},
    texts::TextsPlugin,
    words::DICTIONARY_VERSION,
};

/// What is stored with every commit.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Payload {
    /// Place in the outbox up to which the work is done.
    pub(crate) watermark: u64,
    /// [`SCHEMA_VERSION`] of the writer.
    pub(crate) schema: u32,
    /// [`DICTIONARY_VERSION`] of the writer; 0 from writers that did not say.
    #[serde(default)]
    pub(crate) dictionary: u32,
}

impl Payload {
    pub(crate) fn new(watermark: u64) -> Self {
        Self {
            watermark,
            schema: SCHEMA_VERSION,
            dictionary: DICTIONARY_VERSION,
        }
    }

    pub(crate) fn to_text(self) -> String {
        let Self {
            watermark,
            schema,
            dictionary,
        } = self;
        format!(r#"{{"watermark":{watermark},"schema":{schema},"dictionary":{dictionary}}}"#)
    }
}

/// Makes an empty index in an empty directory.
pub(crate) fn create(path: &Path) -> Result<(Index, Fields), IndexError> {
    let (schema, fields) = schema();
    let open = || {
        let directory = MmapDirectory::open(path)?;
        let builder = Index::builder().schema(schema).settings(IndexSettings::default());
        builder
            .register_plugin(Arc::new(TextsPlugin))
            .open_or_create(directory)
    };
    let index = guard(path, open)?;
    analyzer::register(index.tokenizers());
    Ok((index, fields))
}

/// Opens an index that this version of the program wrote.
pub(crate) fn open(path: &Path) -> Result<(Index, Fields), IndexError> {
    let mut index = guard(path, || Index::open(ReadableDirectory::open(path)?))?;
    let Payload {
        schema: found,
        dictionary,
        ..
    } = payload(&index, path)?;
    let (schema, fields) = schema();
    if found != SCHEMA_VERSION || dictionary != DICTIONARY_VERSION || index.schema() != schema {
        return Err(IndexError::SchemaVersion {
            path: path.to_owned(),
            found: if found != SCHEMA_VERSION {
                found.to_string()
            } else if dictionary != DICTIONARY_VERSION {
                format!("{found} with the words of dictionary {dictionary} instead of {DICTIONARY_VERSION}")
            } else {
                format!("{found} with other fields")
            },
            expected: SCHEMA_VERSION,
        });
    }
    analyzer::register(index.tokenizers());
    index.register_plugin(Arc::new(TextsPlugin));
    Ok((index, fields))
}

/// What was stored with the last commit; nothing in an index that was never committed to.
pub(crate) fn payload(index: &Index, path: &Path) -> Result<Payload, IndexError> {
    let metas = guard(path, || index.load_metas())?;
    let Some(text) = metas.payload else {
        return Ok(Payload::new(0));
    };
    serde_json::from_str(&text).map_err(|error| IndexError::Damaged {
        path: path.to_owned(),
        detail: format!("commit payload: {error}"),
    })
}

/// Runs an operation of the engine. Damaged files make some of them panic; that too becomes an error.
pub(crate) fn guard<T>(path: &Path, work: impl FnOnce() -> tantivy::Result<T>) -> Result<T, IndexError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| engine_error(path, error)),
        Err(panic) => Err(IndexError::Damaged {
            path: path.to_owned(),
            detail: panic_text(&*panic),
        }),
    }
}

pub(crate) fn engine_error(path: &Path, error: TantivyError) -> IndexError {
    let path = path.to_owned();
    match error {
        TantivyError::DataCorruption(_)
        | TantivyError::OpenReadError(_)
        | TantivyError::IncompatibleIndex(_) => IndexError::Damaged {
            path,
            detail: error.to_string(),
        },
        TantivyError::LockFailure(LockError::LockBusy, _) => IndexError::Locked(path),
        other => IndexError::Engine {
            path,
            source: Box::new(other),
        },
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the engine gave up".into())
}
