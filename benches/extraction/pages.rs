//! The pages of a folder, in memory.

use std::{fs, path::Path};

use crawler::{ExtractError, Hints, Media, Source, extract};
use report::Content;

/// A saved page.
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Page {
    /// Reads it as `gongbao extract` does.
    pub(crate) fn extract(&self) -> Result<Content, ExtractError> {
        let url = format!("import:{}", self.name);
        extract(
            &Source {
                url: &url,
                media: Media::Html,
                bytes: &self.bytes,
                charset: None,
            },
            &Hints::default(),
        )
    }
}

/// All `.html` files right in a folder, by name.
pub(crate) fn read(folder: &Path) -> Vec<Page> {
    let mut pages: Vec<Page> = fs::read_dir(folder)
        .expect("the folder can be listed")
        .filter_map(|entry| {
            let path = entry.expect("the folder can be listed").path();
            let name = path.file_name()?.to_str()?.to_owned();
            name.ends_with(".html").then(|| Page {
                bytes: fs::read(&path).expect("the page can be read"),
                name,
            })
        })
        .collect();
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    pages
}
