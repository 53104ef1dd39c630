//! The whole archive, capture by capture, in the order it was written.

use std::{collections::VecDeque, fs, io, ops::Range, path::PathBuf};

use super::{
    ArchiveError,
    capture::{Capture, Location, Position},
    files,
    group::{Group, Grouper},
    members::{Member, Members},
};

/// What a scan comes across.
#[derive(Debug)]
pub enum Found {
    /// A whole capture.
    Capture(Box<Capture>, Location),
    /// Bytes that are not whole records; scanning goes on at the next whole one.
    Damaged(Location),
    /// Records without the metadata record that would end their group: they were never acknowledged.
    Incomplete(Location),
}

/// Walks over the captures of an archive; see [`Archive::scan`](super::Archive::scan).
#[derive(Debug)]
pub struct Scan {
    folder: PathBuf,
    files: VecDeque<(u32, u64)>,
    file: u32,
    members: Option<Members>,
    grouper: Grouper,
    ready: VecDeque<Found>,
    done_bytes: u64,
    total_bytes: u64,
}

impl Scan {
    pub(super) fn new(folder: PathBuf, from: Position) -> Result<Self, ArchiveError> {
        let failed = |source| ArchiveError::Io {
            path: folder.clone(),
            source,
        };
        let mut files = VecDeque::new();
        let mut total_bytes = 0;
        for serial in files::serials(&folder)
            .map_err(failed)?
            .into_iter()
            .filter(|&serial| serial >= from.file)
        {
            let offset = if serial == from.file { from.offset } else { 0 };
            let length = fs::metadata(folder.join(files::name(serial)))
                .map_err(failed)?
                .len();
            total_bytes += length.saturating_sub(offset);
            files.push_back((serial, offset));
        }
        Ok(Self {
            folder,
            files,
            file: 0,
            members: None,
            grouper: Grouper::default(),
            ready: VecDeque::new(),
            done_bytes: 0,
            total_bytes,
        })
    }

    /// Bytes of the archive behind the scan, and in all, from where it began.
    pub fn progress(&self) -> (u64, u64) {
        (self.done_bytes, self.total_bytes)
    }

    /// Reads one member, or goes to the next file; `false` at the end of the last one.
    fn step(&mut self) -> io::Result<bool> {
        let Some(members) = &mut self.members else {
            let Some((serial, offset)) = self.files.pop_front() else {
                return Ok(false);
            };
            self.file = serial;
            self.members = Some(Members::open(&self.folder.join(files::name(serial)), offset)?);
            return Ok(true);
        };
        let before = members.position();
        let member = members.next()?;
        self.done_bytes += members.position() - before;
        match member {
            Some(Member::Whole(records, span)) => {
                for record in records {
                    if let Some(group) = self.grouper.push(record, span.clone()) {
                        self.emit(group);
                    }
                }
            }
            Some(Member::Damaged(span)) => {
                self.close_group();
                self.ready.push_back(Found::Damaged(self.location(&span)));
            }
            None => {
                self.close_group();
                self.members = None;
            }
        }
        Ok(true)
    }

    fn close_group(&mut self) {
        if let Some(group) = self.grouper.finish() {
            self.emit(group);
        }
    }

    fn emit(&mut self, (group, span): (Group, Range<u64>)) {
        let location = self.location(&span);
        self.ready.push_back(match group.into_capture() {
            Some(capture) => Found::Capture(Box::new(capture), location),
            None => Found::Incomplete(location),
        });
    }

    fn location(&self, span: &Range<u64>) -> Location {
        Location {
            file: self.file,
            offset: span.start,
            length: span.end - span.start,
        }
    }
}

impl Iterator for Scan {
    type Item = Result<Found, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.ready.pop_front() {
                return Some(Ok(found));
            }
            match self.step() {
                Ok(true) => (),
                Ok(false) => return None,
                Err(source) => {
                    let path = self.folder.join(files::name(self.file));
                    // What cannot be read now is not read again for ever.
                    self.members = None;
                    return Some(Err(ArchiveError::Io { path, source }));
                }
            }
        }
    }
}
