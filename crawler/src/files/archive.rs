//! ZIP archives of files.
//!
//! The texts of the files in it come one after the other, each below a line with its name. Archives inside are opened one
//! level deep. Names are in UTF-8 or GBK.

use super::{
    Content, FileOutcome, MAX_TEXT_BYTES, caught, kind::Kind, name::guess, package::Package, read_nested,
    reason,
};

/// Most files of an archive, those of archives inside included.
const MAX_FILES: usize = 200;

/// Deepest nesting of archives.
const MAX_DEPTH: usize = 1;

/// Reads the files of an archive.
///
/// # Errors
/// When it is damaged, no file in it can be read, or it unpacks to too much.
pub(super) fn read(bytes: &[u8]) -> Result<Content, &'static str> {
    let mut left = MAX_FILES;
    read_below(bytes, 0, &mut left)
}

fn read_below(bytes: &[u8], depth: usize, left: &mut usize) -> Result<Content, &'static str> {
    if depth > MAX_DEPTH {
        return Err(reason::UNSUPPORTED);
    }
    let mut package = Package::open(bytes)?;
    let mut text = String::new();
    let mut has_pictures = false;
    // The first thing that went wrong, when nothing went right.
    let mut failure = None;
    for index in package.files() {
        let name = guess(package.name(index)).replace('\\', "/");
        let hidden =
            name.starts_with("__MACOSX/") || name.rsplit('/').next().is_none_or(|name| name.starts_with('.'));
        if hidden || *left == 0 || text.len() > MAX_TEXT_BYTES {
            continue;
        }
        *left -= 1;
        let file = match package.unpack(index) {
            Ok(file) => file,
            Err(reason::TOO_COMPLEX) => return Err(reason::TOO_COMPLEX),
            Err(reason) => {
                failure = failure.or(Some(reason));
                continue;
            }
        };
        // A file that a library cannot cope with costs itself, not those beside it.
        let outcome = caught(|| match Kind::of(&file, Some(&name)) {
            Kind::Zip => super::outcome(read_below(&file, depth + 1, left)),
            kind => read_nested(kind, &file),
        })
        .unwrap_or_else(|crashed| crashed);
        match outcome {
            FileOutcome::Text(read) => {
                text.push_str(name.rsplit('/').next().unwrap_or(&name));
                text.push('\n');
                text.push_str(&read);
            }
            FileOutcome::NeedsOcr => has_pictures = true,
            FileOutcome::Failed(reason) => failure = failure.or(Some(reason)),
        }
    }
    match (text.is_empty(), has_pictures, failure) {
        (false, ..) => Ok(Content::Text(text)),
        (true, true, _) => Ok(Content::Pictures),
        (true, false, failure) => Err(failure.unwrap_or(reason::EMPTY)),
    }
}
