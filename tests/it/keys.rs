//! Keys: made on the command line, asked for by a running service.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::{Data, Service, gongbao, run};

fn create(data: &Data, options: &[&str]) -> String {
    let made = run(gongbao(&data.dir()).args(["keys", "create"]).args(options));
    assert_eq!(made.code, Some(0), "{made:?}");
    made.stdout.trim_end().to_owned()
}

fn serve(data: &Data, anonymous: bool) -> Service {
    let mut command = gongbao(&data.dir());
    command.env("GONGBAO_SERVER__ANONYMOUS_READ", anonymous.to_string());
    Service::start(command.args(["serve", "--bind", "127.0.0.1:0"]))
}

#[test]
fn a_key_opens_what_its_scope_says_until_it_is_revoked_or_expires() {
    let data = Data::empty();
    let service = serve(&data, true);
    let made: Value = serde_json::from_str(&create(&data, &["--scope", "crawl", "--json"])).unwrap();
    let (id, crawl) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let read = create(&data, &["--scope", "read", "--name", "a reader"]);
    let admin = create(&data, &["--scope", "admin", "--expires", "90d"]);
    let expired = create(&data, &["--scope", "admin", "--expires", "1ms"]);
    let jobs = |key: Option<&str>| {
        let (status, head, body) = service.call("GET", "/api/v1/jobs", key, "");
        (
            status,
            head.contains("www-authenticate: bearer"),
            body["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let unauthorized = (401, true, "unauthorized".to_owned());
    assert_eq!(jobs(None), unauthorized);
    assert_eq!(jobs(Some("gb_wrong")), unauthorized);
    assert_eq!(jobs(Some(&expired)), unauthorized);
    assert_eq!(jobs(Some(&read)), (403, true, "forbidden".to_owned()));
    // Whoever sent a key learns that it is the key (RFC 6750, 3.1).
    let challenge = |key| service.call("GET", "/api/v1/jobs", key, "").1;
    assert!(!challenge(None).contains("error="));
    assert!(challenge(Some("gb_wrong")).contains("error=\"invalid_token\""));
    assert!(challenge(Some(&expired)).contains("error=\"invalid_token\""));
    for key in [crawl, &admin] {
        assert_eq!(jobs(Some(key)).0, 200);
    }

    // Everybody may search, and whoever says who they are has to be right about it.
    let search = |key| service.call("GET", "/api/v1/search", key, "").0;
    assert_eq!(
        (search(None), search(Some(&read)), search(Some(&expired))),
        (200, 200, 401)
    );

    let listed = run(gongbao(&data.dir()).args(["keys", "list"]));
    assert!(
        listed.stdout.contains("a reader") && listed.stdout.contains("expired"),
        "{listed:?}"
    );
    let as_json = run(gongbao(&data.dir()).args(["keys", "list", "--json"]));
    assert_eq!(as_json.json()["keys"].as_array().unwrap().len(), 4);
    for key in [crawl, &read, &admin, &expired] {
        assert!(!listed.stdout.contains(key) && !as_json.stdout.contains(key));
    }

    assert_eq!(
        run(gongbao(&data.dir()).args(["keys", "revoke", id])).code,
        Some(0)
    );
    assert_eq!(jobs(Some(crawl)), unauthorized);
    assert_eq!(
        run(gongbao(&data.dir()).args(["keys", "revoke", "none"])).code,
        Some(2)
    );
    for wrong in [
        ["--scope", "all", "--name", "x"],
        ["--scope", "read", "--expires", "soon"],
    ] {
        let refused = run(gongbao(&data.dir()).args(["keys", "create"]).args(wrong));
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (Some(2), ""),
            "{refused:?}"
        );
    }
}

#[test]
fn without_anonymous_readers_every_page_with_reports_needs_a_key() {
    let data = Data::empty();
    let key = create(&data, &["--scope", "export"]);
    let service = serve(&data, false);
    for target in [
        "/",
        "/api/v1/search",
        "/api/v1/regions",
        "/reports/none",
        "/api/v1/reports/none",
    ] {
        let (status, ..) = service.call("GET", target, None, "");
        assert_eq!(status, 401, "{target}");
        let (status, ..) = service.call("GET", target, Some(&key), "");
        assert!(matches!(status, 200 | 404), "{target}: {status}");
    }
    for target in ["/healthz", "/readyz", "/assets/style.css"] {
        assert_eq!(service.call("GET", target, None, "").0, 200, "{target}");
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files
}

#[test]
fn no_file_has_a_key_in_it() {
    let data = Data::empty();
    let key = create(&data, &["--scope", "crawl"]);
    let service = serve(&data, false);
    let (status, ..) = service.call("GET", "/api/v1/jobs", Some(&key), "");
    assert_eq!(status, 200);
    let (status, ..) = service.call("GET", "/api/v1/jobs", Some(&key[..key.len() - 1]), "");
    assert_eq!(status, 401);
    // While it runs, with what SQLite has not moved yet, and after its end.
    let with_key = || {
        let secret = &key.as_bytes()["gb_".len()..];
        let files = files(&data.dir());
        assert!(!files.is_empty());
        let has = |path: &PathBuf| {
            let bytes = fs::read(path).unwrap_or_default();
            bytes
                .windows(secret.len() - 1)
                .any(|part| secret.starts_with(part))
        };
        files.into_iter().find(has)
    };
    assert_eq!(with_key(), None);
    assert_eq!(service.terminate(), Some(0));
    assert_eq!(with_key(), None);
}
