//! Which files an import reads, and the address each gets.

use std::{
    ffi::OsStr,
    fs,
    path::{Component, Path, PathBuf},
};

use walkdir::WalkDir;

/// A file to be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Input {
    /// Where it is, links resolved.
    pub(super) path: PathBuf,
    /// Its path as the caller named it, for messages.
    pub(super) name: PathBuf,
    /// Its address, `import:…`.
    pub(super) url: String,
    /// How it is read.
    pub(super) kind: Kind,
    /// Its length.
    pub(super) bytes: u64,
}

/// How a file is read, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One page.
    Page { media_type: &'static str },
    /// JSON Lines, packed or not.
    Lines,
    /// A WARC file, packed or not.
    Warc,
}

/// What lies at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Input(Input),
    Skipped(PathBuf, String),
    Failed(PathBuf, String),
}

/// The files at or below `path`, by name. A folder is never left through a link.
///
/// Nothing in `data_dir` is read: an archive that is imported into itself grows while it is read.
pub(super) fn list(path: &Path, data_dir: &Path) -> Vec<Found> {
    let failed = |reason: String| vec![Found::Failed(path.to_owned(), reason)];
    let (target, metadata) =
        match fs::canonicalize(path).and_then(|target| Ok((fs::metadata(&target)?, target))) {
            Ok((metadata, target)) => (target, metadata),
            Err(error) => return failed(format!("cannot be read: {error}")),
        };
    let data_dir = fs::canonicalize(data_dir).ok();
    if data_dir
        .as_ref()
        .is_some_and(|data_dir| target.starts_with(data_dir))
    {
        return failed("is part of the data directory itself".to_owned());
    }
    if metadata.is_dir() {
        return list_folder(path, &target, data_dir.as_deref());
    }
    if !metadata.is_file() {
        return failed("is neither a file nor a folder".to_owned());
    }
    let Some(kind) = path.file_name().and_then(kind) else {
        return failed(format!("cannot be imported: {KNOWN}"));
    };
    let name = path.file_name().map(escaped).unwrap_or_default();
    vec![Found::Input(Input {
        path: target,
        name: path.to_owned(),
        url: format!("import:{name}"),
        kind,
        bytes: metadata.len(),
    })]
}

/// The endings of names that can be imported, for messages.
const KNOWN: &str = "only .html, .htm, .txt, .pdf, .doc, .docx, .wps, .xls, .xlsx, .ofd, .zip, .warc, .warc.gz, .jsonl \
                     and .jsonl.gz can";

/// Lists `root`, which the caller named `folder`.
fn list_folder(folder: &Path, root: &Path, data_dir: Option<&Path>) -> Vec<Found> {
    // `.` and `..` have a name only once they are resolved.
    let folder_name = root.file_name().map(escaped).unwrap_or_default();
    let mut found = Vec::new();
    let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                found.push(Found::Failed(path, format!("cannot be read: {error}")));
                continue;
            }
        };
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let shown = if below.as_os_str().is_empty() {
            folder.to_owned()
        } else {
            folder.join(below)
        };
        if entry.file_type().is_dir() {
            if data_dir == Some(entry.path()) {
                found.push(Found::Skipped(shown, "is the data directory itself".to_owned()));
                entries.skip_current_dir();
            }
            continue;
        }
        let url = format!("import:{folder_name}/{}", address(below));
        found.push(classify(entry.path(), shown, url, root, data_dir));
    }
    found
}

/// What an entry of a folder is; `shown` is its path as the caller named the folder.
fn classify(path: &Path, shown: PathBuf, url: String, root: &Path, data_dir: Option<&Path>) -> Found {
    let Some(kind) = path.file_name().and_then(kind) else {
        return Found::Skipped(shown, format!("is not imported: {KNOWN}"));
    };
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) => return Found::Failed(shown, format!("cannot be read: {error}")),
    };
    let is_ours = data_dir.is_some_and(|data_dir| target.starts_with(data_dir));
    if is_ours || !target.starts_with(root) {
        return Found::Skipped(shown, "is a link that leads out of the folder".to_owned());
    }
    match fs::metadata(&target) {
        Ok(metadata) if metadata.is_file() => Found::Input(Input {
            path: target,
            name: shown,
            url,
            kind,
            bytes: metadata.len(),
        }),
        Ok(_) => Found::Skipped(shown, "is not a plain file".to_owned()),
        Err(error) => Found::Failed(shown, format!("cannot be read: {error}")),
    }
}

fn kind(name: &OsStr) -> Option<Kind> {
    let name = name.to_string_lossy().to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".html", ".htm"]) {
        Some(Kind::Page {
            media_type: "text/html",
        })
    } else if ends(&[".txt"]) {
        Some(Kind::Page {
            media_type: "text/plain",
        })
    } else if ends(&[".jsonl", ".jsonl.gz"]) {
        Some(Kind::Lines)
    } else if ends(&[".warc", ".warc.gz"]) {
        Some(Kind::Warc)
    } else {
        let ending = name.rsplit_once('.')?.1;
        let known = DOCUMENTS.iter().find(|(known, _)| *known == ending);
        known.map(|(_, media_type)| Kind::Page { media_type })
    }
}

/// Endings of files that hold documents, and what they say the file is. What it really is, its bytes tell.
const DOCUMENTS: [(&str, &str); 8] = [
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("wps", "application/vnd.ms-works"),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("ofd", "application/ofd"),
    ("zip", "application/zip"),
];

/// A path below a folder with `/` between its parts.
fn address(below: &Path) -> String {
    let parts = below.components().filter_map(|part| match part {
        Component::Normal(name) => Some(escaped(name)),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A file name as part of an address: as it is, save that bytes which are no text, and characters that would break a
/// line, become percent-escapes.
fn escaped(name: &OsStr) -> String {
    let mut out = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                c.encode_utf8(&mut [0; 4])
                    .bytes()
                    .for_each(|byte| out.push_str(&format!("%{byte:02X}")));
            } else {
                out.push(c);
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|byte| out.push_str(&format!("%{byte:02X}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(found: &[Found]) -> Vec<&str> {
        let input = |found| match found {
            &Found::Input(Input { ref url, .. }) => Some(url.as_str()),
            _ => None,
        };
        found.iter().filter_map(input).collect()
    }

    #[test]
    fn folders_give_addresses_by_name_and_path() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("常宁");
        for name in [
            "b.HTML",
            "a/二.txt",
            "a/x.warc.gz",
            "a/.jsonl",
            "a/photo.jpg",
            "c.jsonl.gz",
            "data/catalog.db",
        ] {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        fs::write(folder.join("data/inside.html"), "x").unwrap();
        let found = list(&folder, &folder.join("data"));
        assert_eq!(
            urls(&found),
            [
                "import:常宁/a/.jsonl",
                "import:常宁/a/x.warc.gz",
                "import:常宁/a/二.txt",
                "import:常宁/b.HTML",
                "import:常宁/c.jsonl.gz"
            ]
        );
        let skipped = |found: &&Found| matches!(found, Found::Skipped(..));
        assert_eq!(
            found.iter().filter(skipped).count(),
            2,
            "the photo and the data directory: {found:?}"
        );

        let data = folder.join("data");
        assert_eq!(urls(&list(&folder.join("b.HTML"), &data)), ["import:b.HTML"]);
        for inside in [data.clone(), data.join("inside.html")] {
            assert!(
                matches!(&list(&inside, &data)[..], [Found::Failed(_, reason)] if reason.contains("data directory"))
            );
        }
        assert!(
            matches!(&list(&folder.join("a/photo.jpg"), &data)[..], [Found::Failed(_, reason)] if reason.contains(".jsonl"))
        );
        assert!(matches!(
            &list(&folder.join("none.html"), &data)[..],
            [Found::Failed(..)]
        ));
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out_of_the_folder() {
        use std::os::unix::{ffi::OsStrExt, fs::symlink};
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("in");
        fs::create_dir_all(&folder).unwrap();
        fs::write(dir.path().join("secret.html"), "x").unwrap();
        fs::write(folder.join("real.html"), "x").unwrap();
        symlink(dir.path().join("secret.html"), folder.join("out.html")).unwrap();
        symlink(folder.join("real.html"), folder.join("alias.html")).unwrap();
        symlink(dir.path(), folder.join("up.html")).unwrap();
        fs::write(folder.join(OsStr::from_bytes(b"\xff\n.txt")), "x").unwrap();
        let found = list(&folder, &dir.path().join("data"));
        assert_eq!(
            urls(&found),
            [
                "import:in/alias.html",
                "import:in/real.html",
                "import:in/%FF%0A.txt"
            ]
        );
        assert_eq!(
            found
                .iter()
                .filter(|found| matches!(found, Found::Skipped(..)))
                .count(),
            2
        );
    }
}
