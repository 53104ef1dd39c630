//! What keys open is what the description says.

use serde_json::json;

use super::{Site, call, example_of, operations};

#[tokio::test]
async fn keys_open_what_the_description_says() {
    let site = Site::new();
    let document = site.document().await;
    for (path, method, operation) in operations(&document) {
        // Deleting what the next key asks for would tell nothing.
        let target = example_of(&path, &operation);
        let shown = format!("{method} {path}");
        let needs_key = operation["security"] == json!([{"key": []}]);
        let is_free = [
            "/api/v1/openapi.json",
            "/api/v1/limits",
            "/api/v1/alerts/{id}/feed.atom",
        ]
        .contains(&path.as_str());
        let needs_crawl = path.starts_with("/api/v1/jobs");
        assert!(!needs_crawl || needs_key, "{shown}");
        for (name, key) in [("none", None)]
            .into_iter()
            .chain(site.keys.iter().map(|(name, key)| (*name, Some(key.as_str()))))
        {
            for (router, is_open) in [(&site.open, true), (&site.closed, false)] {
                let answer = call(router, &method, &target, key, "{}").await;
                let status = answer.status.as_u16();
                let wanted = match name {
                    "expired" | "revoked" | "wrong" => Some(401),
                    "none" if is_free => None,
                    "none" if needs_key || !is_open => Some(401),
                    "read" | "export" if needs_crawl => Some(403),
                    "read" | "crawl" if !is_open && path == "/api/v1/export" => Some(403),
                    _ => None,
                };
                match wanted {
                    Some(wanted) => {
                        assert_eq!(status, wanted, "{shown} with {name}: {}", answer.body);
                        assert!(
                            answer.header("www-authenticate").starts_with("Bearer"),
                            "{shown} with {name}"
                        );
                    }
                    None => assert!(
                        !matches!(status, 401 | 403) && status < 500,
                        "{shown} with {name}: {}",
                        answer.body
                    ),
                }
            }
        }
    }
    // No key stands anywhere on the disk.
    let mut folders = vec![site.data.dir()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for (name, key) in &site.keys {
                let has = bytes.windows(key.len()).any(|window| window == key.as_bytes());
                assert!(!has, "the {name} key stands in {}", path.display());
            }
        }
    }
}
