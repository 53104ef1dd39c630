//! Dictionaries as people write them, and what is said of those that are wrong.

use super::*;

fn read_named(name: &str, text: &str) -> Result<Dictionary, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let prefix = folder.path().display().to_string();
    read_file(&path).map_err(|error| error.to_string().replace(&format!("{prefix}/"), ""))
}

#[test]
fn the_three_formats_say_the_same() {
    let yaml = read_named(
        "a.yaml",
        "# x\n环保: [环境保护, \"环 保\"]\n生态:\n  terms:\n    - 生态\n  exclude: [营商生态]\n数字: 5G\n",
    );
    let json = read_named(
        "a.json",
        r#"{"环保": ["环境保护", "环 保"], "生态": {"terms": ["生态"], "exclude": ["营商生态"]}, "数字": "5G"}"#,
    );
    let csv = read_named(
        "a.csv",
        "\u{feff}concept,term,exclude\r\n环保,环境保护,\r\n环保,环 保,\r\n生态,生态,营商生态\r\n数字,5G,\r\n",
    );
    let yaml = yaml.unwrap();
    assert_eq!(yaml.concepts.len(), 3);
    assert_eq!(json.unwrap(), yaml);
    assert_eq!(csv.unwrap(), yaml);
    let hashed = hash(&yaml);
    let general = read_named("b.yml", "exclude: [营商生态]\nconcepts:\n  环保: [环保]\n").unwrap();
    assert_eq!((general.exclude.len(), general.concepts.len()), (1, 1));
    assert_ne!(hash(&general), hashed);
}

#[test]
fn what_is_not_in_quotes_is_a_term_as_it_is_written() {
    let yaml = read_named(
        "a.yaml",
        "热线: [12345, 007, 1e3, 2024-01-01, 5G, 3.10, nO, \"no\", 'true']\n12345: [是]\n",
    )
    .unwrap();
    assert_eq!(
        yaml.concepts[0].terms,
        [
            "12345",
            "007",
            "1e3",
            "2024-01-01",
            "5G",
            "3.10",
            "nO",
            "no",
            "true"
        ]
    );
    assert_eq!(yaml.concepts[1].name, "12345");
    // Cells that a spreadsheet leaves empty behind the last one.
    let csv = read_named("a.csv", "concept,term\n热线,12345,,\n热线,\"a,b\"\n").unwrap();
    assert_eq!(csv.concepts[0].terms, ["12345", "a,b"]);
}

#[test]
fn a_format_is_told_by_its_looks() {
    for (text, format) in [
        ("环保: [a, b]", Format::Yaml),
        ("# concept, term\n环保: [a]", Format::Yaml),
        ("\n {\"环保\": [\"a\"]}", Format::Json),
        ("concept,term\n环保,a\n", Format::Csv),
        ("\"term\",\"concept\"\r\n", Format::Csv),
        ("", Format::Yaml),
    ] {
        assert_eq!(Format::of_text(text), format, "{text:?}");
    }
}

#[test]
fn ready_dictionaries_can_be_read() {
    for (name, text) in EXAMPLES {
        let dictionary =
            read_named("a.yaml", example(name).unwrap()).unwrap_or_else(|error| panic!("{error}"));
        assert!(dictionary.notes().is_empty(), "{name}: {:?}", dictionary.notes());
        assert!(!text.is_empty());
    }
    assert!(example("colour").unwrap_err().to_string().contains("environment"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (name, text, told) in [
        ("a.yaml", "环保:\n  - 环保\n  - ' '\n", "a.yaml:3: term 2"),
        (
            "a.yaml",
            "环保: []\n",
            "a.yaml:1: the concept \"环保\" has no terms",
        ),
        (
            "a.yaml",
            "环保: [a]\n环保: [b]\n",
            "a.yaml:2: the concept \"环保\" stands twice",
        ),
        (
            "a.yaml",
            "环保:\n  term: [a]\n",
            "a.yaml:2: 环保: unknown key \"term\"; did you mean \"terms\"?",
        ),
        ("a.yaml", "环保: [a\n生态: [b]\n", "a.yaml:"),
        ("a.yaml", "- a\n", "a.yaml:1: this is a list"),
        ("a.yaml", "环保: [&x a, *x]\n", "a.yaml:1: "),
        ("a.yaml", "a: {terms: {b: [c]}}\n", "a.yaml:1: terms of \"a\""),
        ("a.yaml", "", "a.yaml: there is no concept"),
        ("a.yaml", "a: [b]\n---\nc: [d]\n", "a.yaml:2: "),
        ("a.json", "{\"环保\": [\"环保\",\n]}", "a.json:2: "),
        ("a.json", "{\"环保\": [\"环保\", 5]}", "write it in quotes"),
        ("a.json", "{\"环保\": [\"a\"], \"环保\": [\"b\"]}", "stands twice"),
        ("a.csv", "concept,word\na,b\n", "a.csv:1: unknown column \"word\""),
        (
            "a.yaml",
            "a:\n  - b\n  - no\n",
            "a.yaml:3: terms of \"a\": number 2, no, is true or false",
        ),
        (
            "a.yaml",
            "a: b\nTrue: [c]\n",
            "a.yaml:2: the name True is true or false",
        ),
        (
            "a.yaml",
            "a: {exclude: OFF, terms: b}\n",
            "exclude of \"a\": number 1, OFF",
        ),
        ("a.yaml", "a: [b, Null]\n", "number 2 is nothing"),
        (
            "a.yaml",
            "a:\n  terms: [b]\n  terms: [c]\n",
            "a.yaml:3: a: \"terms\" stands twice",
        ),
        (
            "a.yaml",
            "concepts:\n  a: b\nconcepts:\n  c: d\n",
            "a.yaml:3: \"concepts\" stands twice",
        ),
        ("a.yaml", "concepts: [a, b]\n", "a.yaml:1: concepts are a list"),
        (
            "a.yaml",
            "exclude: [营商生态]\n生态: [生态]\n",
            "a.yaml:1: \"exclude\" stands beside",
        ),
        (
            "a.json",
            "{\"concepts\": {\"a\": \"b\"}, \"by\": [\"year\"]}",
            "\"by\" is no part of a dictionary",
        ),
        (
            "a.json",
            "{\"concepts\": {\"a\": \"b\"}, \"exclud\": []}",
            "did you mean \"exclude\"?",
        ),
        (
            "a.csv",
            "环保,环境保护\n环保,污染\n",
            "the first line names the columns",
        ),
        ("a.csv", "concept,terms\na,b\n", "did you mean \"term\"?"),
        ("a.csv", "concept;term\na;b\n", "write commas"),
        (
            "a.csv",
            "concept,term\na,b\na,c,d\n",
            "a.csv:3: \"d\" stands in no column",
        ),
        (
            "a.csv",
            "concept,term\na,b\na,\"c\na,d\n",
            "a.csv:3: a cell goes on in the next line",
        ),
        ("a.csv", "concept,exclude\na,b\n", "a.csv:1: "),
        ("a.csv", "concept,term\n环保,环保\n环保,\n", "a.csv:3: "),
        (
            "a.csv",
            "concept,term\n环保,\"环保\u{3000}\n\"\n环保,\u{200b}\n",
            "a.csv:4: term 2",
        ),
        ("a.csv", "concept,term\n", "a.csv: there is no concept"),
        ("a.txt", "a", ".yaml"),
    ] {
        let error = read_named(name, text).unwrap_err();
        assert!(error.contains(told), "{text:?}: {error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, b"concept,term\n\xbb\xb7\xb1\xa3,a\n").unwrap();
    assert!(
        read_file(&path)
            .unwrap_err()
            .to_string()
            .contains(":2: this is not UTF-8")
    );
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("a: {}{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(read_named("a.yaml", &deep).is_err());
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(read_named("a.json", &deep).is_err());
}
