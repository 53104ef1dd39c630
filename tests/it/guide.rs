//! `docs/guide.md`, as a reader follows it: its blocks run in order, in one folder, and print what stands below them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A block of code of the guide, and the output that it shows for it.
struct Block {
    language: String,
    code: String,
    shown: Option<String>,
}

/// The blocks of a Markdown file; a block of `text` is the output of the one before.
fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let code: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let code = code.join("\n") + "\n";
        match blocks.last_mut().filter(|_| language == "text") {
            Some(block) => block.shown = Some(code),
            None => blocks.push(Block {
                language: language.to_owned(),
                code,
                shown: None,
            }),
        }
    }
    blocks
}

/// A program with the folder of `gongbao` before all others, blind to the variables of whoever runs the tests.
fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(name);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GONGBAO_") {
            command.env_remove(name);
        }
    }
    let own = PathBuf::from(env!("CARGO_BIN_EXE_gongbao"));
    let mut path = vec![own.parent().unwrap().to_owned()];
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    command
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("LC_ALL", "C.UTF-8")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// Whether a program can be called like this.
fn works(command: &mut Command) -> bool {
    let called = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    called.is_ok_and(|status| status.success())
}

#[test]
fn every_command_of_the_guide_does_what_it_says() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let python = std::env::var("GONGBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut n_run = 0;
    for block in blocks(include_str!("../../docs/guide.md")) {
        let mut command = match block.language.as_str() {
            "sh" => {
                let mut command = program("sh", folder);
                command.args(["-euc", &block.code]);
                command
            }
            "python" => {
                let imports = block.code.lines().filter(|line| line.starts_with("import "));
                let imports: Vec<&str> = imports.chain(["import pyarrow"]).collect();
                if !works(program(&python, folder).args(["-c", &imports.join("\n")])) {
                    eprintln!("skipped: {python} lacks a module of {imports:?}");
                    continue;
                }
                let mut command = program(&python, folder);
                command.args(["-X", "utf8", "-c", &block.code]);
                command
            }
            "r" => {
                if !works(program("Rscript", folder).arg("--version")) {
                    eprintln!("skipped: no Rscript");
                    continue;
                }
                fs::write(folder.join("guide.R"), &block.code).unwrap();
                let mut command = program("Rscript", folder);
                command.arg("guide.R");
                command
            }
            other => panic!("a block of {other}"),
        };
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{}\n{said}\n{told}", block.code);
        if let Some(shown) = &block.shown {
            assert_eq!(&said, shown, "{}", block.code);
        }
        n_run += 1;
    }
    assert!(n_run >= 9, "{n_run}");
    for name in [
        "trends.svg",
        "panel.parquet",
        "texts.csv",
        "references.bib",
        "sample.csv",
    ] {
        let sidecar = folder.join(format!("{name}.provenance.json"));
        assert!(folder.join(name).is_file() && sidecar.is_file(), "{name}");
    }
}
