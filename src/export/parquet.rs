//! Apache Parquet, row group by row group.
//!
//! A group is packed by a thread of its own while the rows of the next one come in; both take about as long. The thread lives
//! no longer than that.
//!
//! The footer, without which nothing can be read, comes last: a file that was cut off is none.

use std::{
    mem, panic,
    sync::Arc,
    thread::{self, JoinHandle},
};

use anyhow::Context;
use axum::body::Bytes;
use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical},
    column::writer::ColumnWriter,
    data_type::ByteArray,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
    schema::types::{ColumnPath, Type},
};

use super::{
    sink::Sink,
    table::{Cell, Column, Kind, Table},
};

/// Rows of a group at most. Readers take a group at a time.
const GROUP_ROWS: usize = 20_000;

/// Bytes that the cells of a group take in memory, at most; a row that is larger is a group of its own.
const GROUP_BYTES: usize = 4 << 20;

/// Bytes up to which different values of a column are kept in a dictionary.
const DICTIONARY_BYTES: usize = 256 << 10;

/// A column of which no two cells are alike and none is searched by its bounds: neither a dictionary nor the least and greatest
/// value are worth their time.
const LONG_COLUMN: &str = "text";

/// Writes Parquet.
pub(crate) struct Parquet {
    sink: Sink,
    file: File,
    /// The group under way, by column, and its rows and bytes.
    group: Vec<Cells>,
    rows: usize,
    bytes: usize,
}

/// Where the file is.
enum File {
    Here(Box<Packer>),
    /// With the thread that packs a group.
    Away(JoinHandle<anyhow::Result<Box<Packer>>>),
    /// It has ended, or could not go on.
    Gone,
}

/// Packs groups into a file.
struct Packer {
    writer: SerializedFileWriter<Sink>,
    /// The group to be packed; without cells when that is done.
    group: Vec<Cells>,
}

impl Packer {
    fn pack(&mut self) -> anyhow::Result<()> {
        let mut group = self.writer.next_row_group()?;
        for cells in &mut self.group {
            let mut written = group.next_column()?.context("a column is missing")?;
            let texts = cells.write(written.untyped())?;
            written.close()?;
            cells.clear(texts);
        }
        group.close()?;
        self.writer.flush()?;
        Ok(())
    }
}

impl Parquet {
    /// Begins a file that says `about` under the key `gongbao`.
    ///
    /// # Errors
    /// When the columns make no schema.
    pub(crate) fn new(columns: &[Column], about: &str) -> anyhow::Result<Self> {
        let fields = columns.iter().map(|column| {
            let (physical, logical) = match column.kind {
                Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
                Kind::Int => (Physical::INT64, None),
                Kind::Float => (Physical::DOUBLE, None),
                Kind::Bool => (Physical::BOOLEAN, None),
            };
            let field = Type::primitive_type_builder(&column.name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical);
            Ok(Arc::new(field.build()?))
        });
        let fields = fields.collect::<Result<_, parquet::errors::ParquetError>>()?;
        let schema = Type::group_type_builder("gongbao").with_fields(fields).build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_page_size_limit(DICTIONARY_BYTES)
            .set_column_dictionary_enabled(ColumnPath::from(LONG_COLUMN), false)
            .set_column_statistics_enabled(ColumnPath::from(LONG_COLUMN), EnabledStatistics::None)
            .set_created_by(concat!("gongbao version ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(vec![KeyValue::new("gongbao".to_owned(), about.to_owned())]))
            .build();
        let sink = Sink::default();
        let writer = SerializedFileWriter::new(sink.clone(), Arc::new(schema), Arc::new(properties))?;
        let empty = || columns.iter().map(|column| Cells::new(column.kind)).collect();
        Ok(Self {
            sink,
            file: File::Here(Box::new(Packer {
                writer,
                group: empty(),
            })),
            group: empty(),
            rows: 0,
            bytes: 0,
        })
    }

    /// Has the group under way packed while the next one is filled.
    fn send_group(&mut self) -> anyhow::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut packer = self.packer()?;
        mem::swap(&mut packer.group, &mut self.group);
        (self.rows, self.bytes) = (0, 0);
        let packing = thread::Builder::new().name("parquet".into());
        self.file = File::Away(packing.spawn(move || {
            packer.pack()?;
            Ok(packer)
        })?);
        Ok(())
    }

    /// The file, when the group that is being packed has been.
    fn packer(&mut self) -> anyhow::Result<Box<Packer>> {
        match mem::replace(&mut self.file, File::Gone) {
            File::Here(packer) => Ok(packer),
            File::Away(packing) => packing.join().unwrap_or_else(|fault| panic::resume_unwind(fault)),
            File::Gone => anyhow::bail!("the file has ended"),
        }
    }
}

impl Table for Parquet {
    fn row(&mut self, cells: &[Cell], out: &mut Vec<u8>) -> anyhow::Result<()> {
        for (cell, column) in cells.iter().zip(&mut self.group) {
            self.bytes += column.push(cell);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.send_group()?;
        }
        self.sink.drain_into(out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> anyhow::Result<()> {
        self.send_group()?;
        self.packer()?.writer.close()?;
        self.sink.drain_into(out);
        Ok(())
    }
}

/// The cells of a column in the group under way: few and large pieces of memory, so that what is given back can be used again.
#[derive(Debug, Default)]
struct Cells {
    /// For each cell, whether it has a value: 1 or 0.
    present: Vec<i16>,
    values: Values,
}

/// Values of one kind.
#[derive(Debug)]
enum Values {
    /// Texts behind each other, and where each ends.
    Texts(Vec<u8>, Vec<usize>),
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    Bools(Vec<bool>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Texts(Vec::new(), Vec::new())
    }
}

impl Cells {
    fn new(kind: Kind) -> Self {
        Self {
            present: Vec::new(),
            values: match kind {
                Kind::Text => Values::default(),
                Kind::Int => Values::Ints(Vec::new()),
                Kind::Float => Values::Floats(Vec::new()),
                Kind::Bool => Values::Bools(Vec::new()),
            },
        }
    }

    /// Takes a cell; gives the bytes that it takes.
    fn push(&mut self, cell: &Cell) -> usize {
        let bytes = match (&mut self.values, cell) {
            (Values::Texts(texts, ends), Cell::Text(text)) => {
                texts.extend_from_slice(text.as_bytes());
                ends.push(texts.len());
                text.len() + size_of::<usize>()
            }
            (Values::Ints(values), Cell::Int(value)) => {
                values.push(*value);
                size_of::<i64>()
            }
            (Values::Floats(values), Cell::Float(value)) => {
                values.push(*value);
                size_of::<f64>()
            }
            (Values::Bools(values), Cell::Bool(value)) => {
                values.push(*value);
                size_of::<bool>()
            }
            _ => 0,
        };
        self.present.push(i16::from(bytes > 0));
        bytes + size_of::<i16>()
    }

    /// Writes the cells; gives the texts, which the writer may hold on to until it is closed.
    fn write(&mut self, writer: &mut ColumnWriter<'_>) -> anyhow::Result<Bytes> {
        let present = Some(self.present.as_slice());
        let mut all = Bytes::new();
        match (writer, &mut self.values) {
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Texts(texts, ends)) => {
                all = Bytes::from(mem::take(texts));
                let mut start = 0;
                let values = ends.iter().map(|&end| {
                    let value = ByteArray::from(all.slice(start..end));
                    start = end;
                    value
                });
                writer.write_batch(&values.collect::<Vec<_>>(), present, None)?;
            }
            (ColumnWriter::Int64ColumnWriter(writer), Values::Ints(values)) => {
                writer.write_batch(values, present, None)?;
            }
            (ColumnWriter::DoubleColumnWriter(writer), Values::Floats(values)) => {
                writer.write_batch(values, present, None)?;
            }
            (ColumnWriter::BoolColumnWriter(writer), Values::Bools(values)) => {
                writer.write_batch(values, present, None)?;
            }
            _ => anyhow::bail!("a column has a type that no cell has"),
        }
        Ok(all)
    }

    /// Empties the column. The memory of `written`, its texts, is used for the next ones.
    fn clear(&mut self, written: Bytes) {
        self.present.clear();
        match &mut self.values {
            Values::Texts(texts, ends) => {
                if written.is_unique() {
                    *texts = written.into();
                }
                texts.clear();
                ends.clear();
            }
            Values::Ints(values) => values.clear(),
            Values::Floats(values) => values.clear(),
            Values::Bools(values) => values.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::RowAccessor,
    };

    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_half_a_file_is_none() {
        let columns = [
            Column::new("id", Kind::Text),
            Column::new("year", Kind::Int),
            Column::new("score", Kind::Float),
            Column::new("inferred", Kind::Bool),
        ];
        let n = GROUP_ROWS + 3;
        let mut table = Parquet::new(&columns, "{\"q\":\"甲\"}").unwrap();
        let mut out = Vec::new();
        for nth in 0..n {
            let year = match nth % 2 {
                0 => Cell::Null,
                _ => Cell::Int(2000 + nth as i64),
            };
            let row = [
                Cell::Text(format!("甲{nth}")),
                year,
                Cell::Float(0.5),
                Cell::Bool(nth % 3 == 0),
            ];
            table.row(&row, &mut out).unwrap();
        }
        assert!(SerializedFileReader::new(Bytes::from(out.clone())).is_err());
        table.end(&mut out).unwrap();
        let read = SerializedFileReader::new(Bytes::from(out)).unwrap();
        assert_eq!(read.num_row_groups(), 2);
        let about = read.metadata().file_metadata().key_value_metadata().unwrap();
        assert_eq!(about[0].value.as_deref(), Some("{\"q\":\"甲\"}"));
        let rows: Vec<_> = read.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), n);
        assert_eq!(
            rows[GROUP_ROWS + 1].get_string(0).unwrap(),
            &format!("甲{}", GROUP_ROWS + 1)
        );
        assert!(rows[0].get_long(1).is_err());
        assert_eq!(
            (rows[1].get_long(1).unwrap(), rows[3].get_bool(3).unwrap()),
            (2001, true)
        );
    }

    #[test]
    fn without_rows_it_is_a_file_with_columns() {
        let mut out = Vec::new();
        let mut table = Parquet::new(&[Column::new("id", Kind::Text)], "{}").unwrap();
        table.end(&mut out).unwrap();
        let read = SerializedFileReader::new(Bytes::from(out)).unwrap();
        let file = read.metadata().file_metadata();
        assert_eq!((file.num_rows(), file.schema_descr().num_columns()), (0, 1));
    }
}
