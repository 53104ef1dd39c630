//! The component of the engine's segments that keeps texts: written with a segment, merged with segments, and removed,
//! checked and copied with them like all their files.

use std::any::Any;

use tantivy::{
    DocId, PluginMergeContext, PluginWriter, PluginWriterContext, Segment, SegmentPlugin, TantivyDocument,
    TantivyError,
    directory::{TerminatingWrite, WritePtr},
    index::SegmentComponent,
    indexer::doc_id_mapping::{DocIdMapping, MappingType},
    schema::{Field, FieldType, Schema, Value, document::ErasedDocument},
};

use super::{
    EXTENSION, Texts,
    build::{MAX_UNITS, TextsWriter},
};

/// Type of the field that holds a report's text on its way into the index.
pub(crate) const TYPE: &str = "text";

/// Keeps the texts of segments.
pub(crate) struct TextsPlugin;

impl SegmentPlugin for TextsPlugin {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, context: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        let schema = context.segment.schema();
        let field = schema
            .fields()
            .find_map(|(field, entry)| match entry.field_type() {
                FieldType::Custom(options) => (options.type_name() == TYPE).then_some(field),
                _ => None,
            });
        Ok(Box::new(Gathered {
            field: field.ok_or_else(|| TantivyError::SchemaError("there is no field of texts".into()))?,
            writer: TextsWriter::new(context.segment.open_write(component())?, MAX_UNITS),
            units: Vec::new(),
        }))
    }

    fn merge(&self, context: PluginMergeContext<'_>) -> tantivy::Result<()> {
        if context.doc_id_mapping.mapping_type() == MappingType::Shuffled {
            return Err(TantivyError::InternalError(
                "reports of a merge are not in order".into(),
            ));
        }
        let mut writer = TextsWriter::new(context.target_segment.open_write(component())?, MAX_UNITS);
        for reader in context.readers {
            writer.merge(&Texts::open(reader)?, |doc| !reader.is_deleted(doc))?;
        }
        writer.finish()?.terminate()?;
        Ok(())
    }
}

fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.to_owned())
}

/// The texts of a segment that is being filled. What makes a whole block is sorted and written at once, so that no
/// more than a block is in memory.
struct Gathered {
    field: Field,
    writer: TextsWriter<WritePtr>,
    units: Vec<u16>,
}

impl PluginWriter for Gathered {
    fn add_document(&mut self, _: DocId, document: &dyn ErasedDocument, _: &Schema) -> tantivy::Result<()> {
        let document = document.as_any().downcast_ref::<TantivyDocument>();
        let value = document.and_then(|document| document.get_first(self.field));
        let text = value.and_then(|value| std::str::from_utf8(value.as_custom()?).ok());
        self.units.clear();
        self.units.extend(text.unwrap_or_default().encode_utf16());
        self.writer.push(self.units.iter().copied())
    }

    fn serialize(self: Box<Self>, _: &Segment, order: Option<&DocIdMapping>) -> tantivy::Result<()> {
        if order.is_some() {
            return Err(TantivyError::InternalError(
                "reports of a segment are not in order".into(),
            ));
        }
        self.writer.finish()?.terminate()?;
        Ok(())
    }

    fn mem_usage(&self) -> usize {
        self.writer.mem_usage() + self.units.capacity() * 2
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
