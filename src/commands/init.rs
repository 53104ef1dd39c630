//! `init`: a commented configuration, an example of a portal file, and the synonyms to begin an own file with.

use std::{fs::OpenOptions, io::Write, path::Path, process::ExitCode};

use anyhow::Context;

use crate::{cli::InitArgs, failure::wrong_call};

const CONFIG: &str = include_str!("init/gongbao.toml");
const PORTAL: &str = include_str!("init/example.toml");

pub(super) fn run(args: &InitArgs) -> anyhow::Result<ExitCode> {
    let portals = args.dir.join("portals");
    let files = [
        (args.dir.join("gongbao.toml"), CONFIG),
        (portals.join("example.toml"), PORTAL),
        (args.dir.join("synonyms.txt"), index::Synonyms::built_in_text()),
    ];
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(wrong_call(format!(
            "{} is already there; nothing was written",
            there.display()
        )));
    }
    std::fs::create_dir_all(&portals).with_context(|| format!("cannot create {}", portals.display()))?;
    for (path, text) in &files {
        write_new(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
    }
    eprintln!(
        "next: put a real portal into {}, then run gongbao crawl",
        portals.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)?
        .write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_written_files_are_right() {
        let folder = tempfile::tempdir().unwrap();
        let args = InitArgs {
            dir: folder.path().to_owned(),
        };
        run(&args).unwrap();
        let config = Config::load(Some(&folder.path().join("gongbao.toml")), std::iter::empty()).unwrap();
        assert_eq!(config.crawl.delay, Config::default().crawl.delay);
        assert_eq!(config.crawl.portals, folder.path().join("portals"));
        crawler::Portal::parse("example", PORTAL).unwrap();
        crate::synonyms::read(&folder.path().join("synonyms.txt")).unwrap();
        assert!(run(&args).unwrap_err().to_string().contains("already there"));
    }

    #[test]
    fn the_example_has_every_key_of_a_portal_file() {
        // Keys that are left out by default stand behind a # without a space.
        let in_full = PORTAL.lines().map(|line| line.trim_start_matches('#'));
        let in_full: String = in_full
            .filter(|line| !line.starts_with(' '))
            .map(|line| format!("{line}\n"))
            .collect();
        let portal = crawler::Portal::parse("example", &in_full).unwrap();
        assert!(portal.region.is_some() && portal.schedule.is_some() && portal.extract.content.is_some());
        let table: toml::Table = toml::from_str(&in_full).unwrap();
        for key in crawler::Portal::keys() {
            let is_there = match key.split_once('.') {
                Some((outer, inner)) => table[outer].get(inner).is_some(),
                None => table.contains_key(&key),
            };
            assert!(is_there, "{key} is missing");
        }
    }
}
