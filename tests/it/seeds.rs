//! Five real texts, imported by the command: every fact that is known of them.

use serde_json::{Value, json};

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
        json!({"title": "常宁市2020年度法治政府建设工作情况报告", "region_code": "430482", "publisher_region_code": "430482",
               "genre": "rule-of-law-report", "year": 2020, "published": null, "signed": "2021-02-22",
               "issuer": "中共常宁市委全面依法治市委员会办公室", "issuer_type": "party", "document_number": null, "index_number": null,
               "site_id": "4304820003", "cites": ["中办发〔2016〕71号"], "attachments": []}),
        json!({"title": "海原县人民政府办公室关于印发海原县推进法治政府建设“八大提升行动”实施方案的通知", "region_code": "640522",
               "genre": "notice", "year": null, "published": "2023-07-04", "signed": "2023-07-04",
               "issuer": "海原县人民政府办公室", "issuer_type": "government", "source": null,
               "document_number": "海政办发〔2023〕34号", "index_number": "640522001/2023-00346", "site_id": null}),
        json!({"title": "南充市嘉陵区持续加强法治政府建设 提高行政机关依法行政水平", "region_code": "511304", "genre": "news",
               "year": null, "published": null, "signed": null, "issuer": null, "source": "四川法治报",
               "document_number": null, "index_number": null}),
        json!({"title": null, "region_code": "211300", "genre": "rule-of-law-report", "year": 2024, "published": null,
               "signed": null, "document_number": null}),
        json!({"title": "巴中市巴州区人民政府关于2023年度法治政府建设情况的报告", "region_code": "511902",
               "genre": "rule-of-law-report", "year": 2023, "published": "2024-02-27", "signed": null,
               "issuer": "巴中市巴州区人民政府", "source": "巴州区司法局", "document_number": null}),
    ];
    let flags = [
        json!([]),
        json!(["char_loss"]),
        json!(["truncated"]),
        json!(["no_title"]),
        json!([]),
    ];
    let ends = [
        ("近年来,在衡阳市委", "2021年2月22日"),
        ("海政办发〔202334", "针对性、有效性。"),
        ("许尔斌", "公共法律服务中心联合"),
        ("2024年,朝阳市委", "付出应有代价。"),
        ("2023年以来,巴州区", "服务态度差等问题。"),
    ];
    for (n, hit) in hits.iter().enumerate() {
        for (name, want) in expected[n].as_object().unwrap() {
            assert_eq!(&hit[name], want, "S{n}: {name}");
        }
        assert_eq!(hit["quality"]["flags"], flags[n], "S{n}");
        let text = hit["text"].as_str().unwrap();
        assert!(
            text.starts_with(ends[n].0),
            "S{n} begins {:?}",
            text.chars().take(20).collect::<String>()
        );
        assert!(text.trim_end().ends_with(ends[n].1), "S{n} ends otherwise");
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
