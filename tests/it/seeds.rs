//! Five real texts, imported by the command: every fact that is known of them. Names and words stand as digests, since
//! the texts belong to their publishers.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Data, get, gongbao, run, shared};

#[tokio::test]
async fn facts_of_the_five_seeds() {
    let Some(folder) = shared("seeds") else { return };
    let data = Data::empty();
    let imported = run(gongbao(&data.dir()).arg("import").arg(folder));
    assert_eq!(imported.code, Some(0), "{imported:?}");
    let answer = get(&data.router(), "/api/v1/search?limit=100&fields=text,outline,url,title,region_code,publisher_region_code,genre,year,published,signed,issuer,issuer_type,source,document_number,index_number,site_id,cites,quality,attachments").await;
    let value = answer.json();
    let mut hits: Vec<&Value> = value["hits"].as_array().unwrap().iter().collect();
    hits.sort_by_key(|hit| hit["url"].as_str().unwrap().to_owned());
    assert_eq!(hits.len(), 5);
    assert!(hits[0]["url"].as_str().unwrap().starts_with("import:seeds/000_"));

    let expected = [
        json!({"title": "2d2dbcced2ae", "region_code": "430482", "publisher_region_code": "430482",
               "genre": "rule-of-law-report", "year": 2020, "published": null, "signed": "2021-02-22",
               "issuer": "15f9916bcd9a", "issuer_type": "party", "document_number": null, "index_number": null,
               "site_id": "4304820003", "cites": ["abaf48e06eec"], "attachments": []}),
        json!({"title": "8f055847a7b9", "region_code": "640522",
               "genre": "notice", "year": null, "published": "2023-07-04", "signed": "2023-07-04",
               "issuer": "c8d18c8fa0a1", "issuer_type": "government", "source": null,
               "document_number": "5f61f84404be", "index_number": "640522001/2023-00346", "site_id": null}),
        json!({"title": "09d9ebf34b98", "region_code": "511304", "genre": "news",
               "year": null, "published": null, "signed": null, "issuer": null, "source": "c0c3f7a9c15b",
               "document_number": null, "index_number": null}),
        json!({"title": null, "region_code": "211300", "genre": "rule-of-law-report", "year": 2024, "published": null,
               "signed": null, "document_number": null}),
        json!({"title": "bf1ca0db80e8", "region_code": "511902",
               "genre": "rule-of-law-report", "year": 2023, "published": "2024-02-27", "signed": null,
               "issuer": "620bf5419998", "source": "8460f0a45ccc", "document_number": null}),
    ];
    let flags = [
        json!([]),
        json!(["char_loss"]),
        json!(["truncated"]),
        json!(["no_title"]),
        json!([]),
    ];
    let ends = [
        ((9, "79d2228a5c68"), (10, "c0ee4e335550")),
        ((11, "eb7f44983a09"), (8, "d7f1e90a7182")),
        ((3, "6009aef7ec6e"), (10, "eb1abc4b010e")),
        ((10, "6219d3bcba2f"), (7, "29a656af10d7")),
        ((11, "68b62aa3550d"), (9, "a689ec830384")),
    ];
    for (n, hit) in hits.iter().enumerate() {
        for (name, want) in expected[n].as_object().unwrap() {
            assert_eq!(&digested(name, &hit[name]), want, "S{n}: {name}");
        }
        assert_eq!(hit["quality"]["flags"], flags[n], "S{n}");
        let text = hit["text"].as_str().unwrap();
        let text: Vec<char> = text.trim_end().chars().collect();
        let ((first, opening), (last, end)) = ends[n];
        assert_eq!(
            digest(&String::from_iter(&text[..first])),
            opening,
            "S{n} begins otherwise"
        );
        assert_eq!(
            digest(&String::from_iter(&text[text.len() - last..])),
            end,
            "S{n} ends otherwise"
        );
    }
    let count = |n: usize, level: u64| {
        hits[n]["outline"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|s| s["level"] == level)
            .count()
    };
    assert_eq!([count(0, 1), count(0, 2), count(0, 3)], [3, 15, 44]);
    assert_eq!([count(1, 1), count(1, 2), count(1, 3)], [3, 12, 50]);
    assert_eq!([count(3, 1), count(3, 2)], [3, 13]);
    assert_eq!([count(4, 1), count(4, 2)], [4, 9]);
}

fn digest(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A field as it is expected: names and numbers of documents by their digests.
fn digested(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if matches!(name, "title" | "issuer" | "source" | "document_number") => {
            digest(text).into()
        }
        Value::Array(all) if name == "cites" => all
            .iter()
            .map(|number| digest(number.as_str().unwrap()))
            .collect(),
        other => other.clone(),
    }
}
